/* SPDX-License-Identifier: MIT */
/*
 * tls.c: thread-local storage is a segment that a program describes by Linux's struct user_desc and
 * chooses by FS or GS.
 */
#include "arch.h"
#include "calls.h"
#include "errno.h"
#include "thread.h"
#include "user.h"

#define ENTRY_ANY   UINT32_MAX
#define ENTRY_FIRST (SELECTOR_TLS / 8)

#define DESC_WRITABLE 0x2ull

/* asm/ldt.h */
struct user_desc {
	uint32_t entry, base, limit;
	uint32_t seg_32bit : 1, contents : 2, read_exec_only : 1, limit_in_pages : 1,
		seg_not_present : 1, useable : 1;
};

/* Linux: a description of nothing empties the entry. */
static bool is_empty(const struct user_desc *desc)
{
	return !desc->base && !desc->limit && !desc->contents && !desc->seg_32bit &&
	       !desc->limit_in_pages && !desc->useable && desc->seg_not_present;
}

/* SDM vol. 3, 3.4.5 "Segment Descriptors"; DPL 3. */
static uint64_t descriptor_of(const struct user_desc *desc)
{
	uint64_t base = desc->base, limit = desc->limit & 0xfffff;
	uint64_t type = 0xf0 | (uint64_t)desc->contents << 2 | 1;

	if (is_empty(desc))
		return 0;
	if (!desc->read_exec_only)
		type |= DESC_WRITABLE;
	if (desc->seg_not_present)
		type &= ~0x80ull;
	return (limit & 0xffff) | (base & 0xffffff) << 16 | type << 40 | (limit >> 16) << 48 |
	       (uint64_t)desc->useable << 52 | (uint64_t)desc->seg_32bit << 54 |
	       (uint64_t)desc->limit_in_pages << 55 | (base >> 24) << 56;
}

/* Fills one of the descriptors, a free one where any will do; its number goes to desc->entry. */
static int set(struct cpu_tls *tls, struct user_desc *desc)
{
	if (desc->entry == ENTRY_ANY) {
		unsigned i = 0;

		while (i < TLS_DESCRIPTORS && tls->descriptor[i])
			i++;
		if (i == TLS_DESCRIPTORS)
			return -ESRCH;
		desc->entry = ENTRY_FIRST + i;
	}
	/* Code segments are of no use for it. */
	if (desc->entry - ENTRY_FIRST >= TLS_DESCRIPTORS || desc->contents > 1)
		return -EINVAL;
	tls->descriptor[desc->entry - ENTRY_FIRST] = descriptor_of(desc);
	return 0;
}

int cpu_read_tls(struct cpu_tls *tls, uintptr_t wanted)
{
	struct user_desc desc;

	if (user_read(&desc, wanted, sizeof(desc)))
		return -EFAULT;
	return desc.entry == ENTRY_ANY ? -EINVAL : set(tls, &desc);
}

int64_t sys_set_thread_area(struct syscall_args *args)
{
	struct cpu_tls *tls = &thread_current()->tls;
	struct user_desc desc;
	int error;

	if (user_read(&desc, args->arg[0], sizeof(desc)))
		return -EFAULT;
	error = set(tls, &desc);
	cpu_set_tls(tls);
	return error ? error : user_write(args->arg[0], &desc, sizeof(desc));
}
