/* SPDX-License-Identifier: MIT */
/*
 * copy.c: the monitor's port for copying, or the CPU's own instructions. The port takes physical
 * addresses, so a range of a process is looked up page by page, with the rights that the CPU would
 * ask for. The bits for "accessed" and "dirty" stay as they are: nothing in the kernel heeds them.
 */
#include "copy.h"

#include "arch.h"
#include "memory.h"
#include "mm.h"
#include "process.h"
#include "process/fault.h"
#include "string.h"

/* Bytes from which on the port is worth its exit. */
#define PORT_LEAST 256

/* The kernel is never preempted: one list is enough. */
static struct vmm_copy requests[VMM_COPY_LIST];

/* Carries out the first n requests, the last of which has no VMM_COPY_MORE. */
static bool ask(unsigned n)
{
	io_out32(VMM_PORT_COPY, (uint32_t)image_phys(requests));
	return requests[n - 1].status == VMM_COPY_DONE;
}

static bool port_pays(size_t n)
{
	return boot.host & VMM_HOST_COPY && n >= PORT_LEAST && n <= VMM_COPY_MAX;
}

static bool ask_one(uint64_t to, uint64_t from, size_t n, uint32_t flags)
{
	requests[0] =
		(struct vmm_copy){.to = to, .from = from, .length = (uint32_t)n, .flags = flags};
	return ask(1);
}

void phys_copy(uint64_t to, uint64_t from, size_t n)
{
	if (!port_pays(n) || !ask_one(to, from, n, 0))
		memcpy(phys_pointer(to), phys_pointer(from), n);
}

void phys_clear(uint64_t to, size_t n)
{
	if (!port_pays(n) || !ask_one(to, 0, n, VMM_COPY_FILL))
		memset(phys_pointer(to), 0, n);
}

#define STRETCH       (16 * PAGE_SIZE) /* copied at a time: in 33 requests at most */
#define STRETCH_PAGES (STRETCH / PAGE_SIZE + 1)

/* One side of a copy. */
struct side {
	bool contiguous; /* from pages[0] on, which then is the address itself */
	size_t offset;   /* in the first page */
	uint64_t pages[STRETCH_PAGES];
};

/* Finds n bytes at an address: how many from there on are to be had without a fault. */
static size_t find(struct side *side, uintptr_t address, size_t n, unsigned flags)
{
	const struct process *process = process_current();
	struct space *space = &kernel_space;
	unsigned pages;

	side->contiguous = address - DIRECT_MAP < DIRECT_MAP_END;
	if (side->contiguous) {
		side->pages[0] = address - DIRECT_MAP;
		return n;
	}
	if (address < USER_LIMIT) {
		if (!process || !process->mm)
			return 0;
		space = &process->mm->space;
		flags |= MAP_USER;
	}
	side->offset = address % PAGE_SIZE;
	pages = (unsigned)((side->offset + n + PAGE_SIZE - 1) / PAGE_SIZE);
	pages = space_list_pages(space, address - side->offset, pages, flags, side->pages);
	if (pages * PAGE_SIZE >= side->offset + n)
		return n;
	return pages ? pages * PAGE_SIZE - side->offset : 0;
}

/* Where byte `at` is; *n is cut to what follows it there. */
static inline uint64_t place(const struct side *side, size_t at, size_t *n)
{
	size_t where = side->offset + at, in_page = where % PAGE_SIZE;

	if (side->contiguous)
		return side->pages[0] + at;
	if (*n > PAGE_SIZE - in_page)
		*n = PAGE_SIZE - in_page;
	return side->pages[where / PAGE_SIZE] + in_page;
}

/* As much as there is of one stretch; 0: not even the first byte. */
static size_t copy_stretch(uintptr_t to, uintptr_t from, size_t n)
{
	struct vmm_copy *request = requests;
	struct side target, source;
	bool fill = from == COPY_ZEROS;
	size_t part;

	n = find(&target, to, n < STRETCH ? n : STRETCH, MAP_WRITE);
	if (n && !fill)
		n = find(&source, from, n, 0);
	if (!n)
		return 0;
	for (size_t at = 0; at < n; at += part, request++) {
		part = n - at;
		request->to = place(&target, at, &part);
		request->from = fill ? 0 : place(&source, at, &part);
		request->length = (uint32_t)part;
		request->flags = fill ? VMM_COPY_MORE | VMM_COPY_FILL : VMM_COPY_MORE;
		request->status = 0;
	}
	request[-1].flags &= ~VMM_COPY_MORE;
	return ask((unsigned)(request - requests)) ? n : 0;
}

/* As a fault would. */
static bool touch(uintptr_t address, bool write)
{
	return address >= USER_LIMIT || process_touch(address, write);
}

/* A page is touched when all before it is copied: it may be made of that. */
size_t copy_pages(uintptr_t to, uintptr_t from, size_t n)
{
	size_t done = 0, touched = n;

	while (done < n) {
		uintptr_t source = from == COPY_ZEROS ? from : from + done;
		size_t part = copy_stretch(to + done, source, n - done);

		done += part;
		if (part)
			continue;
		if (touched == done || !touch(source, false) || !touch(to + done, true))
			break;
		touched = done;
	}
	return done;
}

void copy_memory(void *to, const void *from, size_t n)
{
	size_t done = copy_pages_pay(n) ? copy_pages((uintptr_t)to, (uintptr_t)from, n) : 0;

	memcpy((uint8_t *)to + done, (const uint8_t *)from + done, n - done);
}
