/* SPDX-License-Identifier: MIT */
/*
 * wide.c: short stays at CPL 3. See wide.h for why, SDM vol. 1, chapter 13 "Managing State Using
 * the XSAVE Feature Set" for what is done there.
 */
#include "wide.h"

#include "arch.h"
#include "log.h"
#include "memory.h"
#include "panic.h"
#include "string.h"

/* Where a physical address lies in the space. */
#define VIEW 0x100000000000ull

#define HEADER_END 576 /* of an area: legacy region and header */

/* What IRETQ pops. */
struct entry {
	uint64_t rip, cs, rflags, rsp, ss;
};

struct wide_result {
	uint64_t rax, rdx;
};

/* wide_code.S */
extern const uint8_t wide_code[], wide_code_end[], wide_code_xcr0[], wide_code_component[],
	wide_code_save[], wide_code_load[], wide_code_switch[], wide_back[];
extern bool wide_away; /* at CPL 3 */
struct wide_result wide_visit(
	uint64_t rdi, uint64_t rsi, uint64_t features, const struct entry *entry, uint64_t root);

static struct {
	struct space space;
	uint64_t code; /* physical address of the page of code */
	struct entry save, load, exchange;
	uint64_t features;
	size_t size;
	struct wide_part parts[WIDE_END];
	bool failed; /* the last stay ended by another exception than it should */
} wide;

static struct entry entry_of(const uint8_t *code)
{
	return (struct entry){
		.rip = VIEW + wide.code + (uintptr_t)(code - wide_code),
		.cs = SELECTOR_USER_CODE,
		.rflags = RFLAGS_FIXED,
		.ss = SELECTOR_USER_DATA,
	};
}

bool wide_trap(struct trap_frame *frame)
{
	if (!wide_away)
		return false;
	wide.failed = true;
	frame->ip = (uintptr_t)wide_back;
	frame->cs = SELECTOR_CODE;
	frame->ss = SELECTOR_DATA;
	return true;
}

/* All components that fit into a page: more belongs to AMX, which programs have to be given. */
static void measure(uint64_t xcr0)
{
	const struct entry component = entry_of(wide_code_component);

	wide.features = xcr0 & (WIDE_X87 | WIDE_SSE);
	wide.size = HEADER_END;
	for (unsigned i = WIDE_FIRST; i < WIDE_END; i++) {
		struct wide_result found;
		uint64_t end;

		if (!(xcr0 >> i & 1))
			continue;
		found = wide_visit(i, 0, 0, &component, wide.space.root);
		end = (uint32_t)found.rax + found.rdx;
		if (end > PAGE_SIZE)
			continue;
		wide.features |= 1ull << i;
		wide.parts[i] = (struct wide_part){(uint16_t)found.rdx, (uint16_t)found.rax};
		if (end > wide.size)
			wide.size = end;
	}
}

/* A space with the code in it. */
static bool make_space(void)
{
	if (space_init(&wide.space, &kernel_frames, &kernel_space))
		return false;
	wide.code = frames_alloc_zero(&kernel_frames, 0, OWNER_KERNEL);
	if (wide.code == FRAME_NONE)
		return false;
	memcpy(phys_pointer(wide.code), wide_code, (size_t)(wide_code_end - wide_code));
	return !space_map(&wide.space, VIEW + wide.code, wide.code, PAGE_SIZE, MAP_USER | MAP_EXEC);
}

void wide_init(void)
{
	struct wide_result xcr0;
	struct entry entry;

	if (!make_space())
		panic("no memory to find out about vector registers");
	entry = entry_of(wide_code_xcr0);
	xcr0 = wide_visit(0, 0, 0, &entry, wide.space.root);
	if (!wide.failed) {
		measure(xcr0.rdx << 32 | (uint32_t)xcr0.rax);
		wide.save = entry_of(wide_code_save);
		wide.load = entry_of(wide_code_load);
		wide.exchange = entry_of(wide_code_switch);
		log_info("programs have registers by XCR0 0x%llx: %zu bytes are kept\n",
			(unsigned long long)wide.features, wide.size);
		return;
	}
	wide.failed = false;
	space_unmap(&wide.space, VIEW + wide.code, PAGE_SIZE);
	space_deinit(&wide.space);
	frames_free(&kernel_frames, wide.code);
}

size_t wide_size(void)
{
	return wide.size;
}

uint64_t wide_features(void)
{
	return wide.features;
}

struct wide_part wide_part(unsigned i)
{
	return wide.parts[i];
}

uint8_t *wide_create(void)
{
	uint64_t phys = frames_alloc(&kernel_frames, 0, OWNER_KERNEL);

	if (phys == FRAME_NONE)
		return NULL;
	if (space_map(&wide.space, VIEW + phys, phys, PAGE_SIZE, MAP_USER | MAP_WRITE)) {
		frames_free(&kernel_frames, phys);
		return NULL;
	}
	return phys_pointer(phys);
}

void wide_destroy(uint8_t *area)
{
	uint64_t phys = (uintptr_t)area - direct_map;

	space_unmap(&wide.space, VIEW + phys, PAGE_SIZE);
	frames_free(&kernel_frames, phys);
}

void wide_switch(uint8_t *from, const uint8_t *to)
{
	uint64_t view = VIEW - direct_map;

	wide_visit((uintptr_t)from + view, (uintptr_t)to + view, wide.features,
		!from ? &wide.load
		: to  ? &wide.exchange
		      : &wide.save,
		wide.space.root);
	if (wide.failed)
		panic("the vector registers could not be exchanged");
}
