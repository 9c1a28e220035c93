/* SPDX-License-Identifier: MIT */
/*
 * slots.h: the guest's RAM as KVM's memory slots, some pages of it read-only. Follows
 * Documentation/virt/kvm/api.rst, 4.35 "KVM_SET_USER_MEMORY_REGION".
 */
#ifndef VMM_SLOTS_H
#define VMM_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "memory.h"

/* Slots 0 and 1 are low and high RAM as long as no page is read-only. */
#define SLOTS_READ_ONLY_MAX 8

struct slots {
	unsigned used;  /* slots that KVM has */
	uint32_t flags; /* KVM_MEM_LOG_DIRTY_PAGES or 0 */
	/* Read-only stretches, page-aligned, sorted, apart from each other; writes there exit as
	 * MMIO. */
	struct {
		uint64_t gpa, size;
		uint32_t slot; /* KVM's number for it, once applied */
	} read_only[SLOTS_READ_ONLY_MAX];
	unsigned read_only_count;
};

/* Gives KVM the RAM anew as slots says; vm is the machine's descriptor. No vCPU may be running. */
bool slots_apply(struct slots *slots, int vm, const struct guest_mem *mem, struct error *err);

/* Adds the pages of [gpa, gpa + size) to the read-only ones; they must lie in low or in high RAM.
 * False when there are too many stretches. slots_apply() makes it so. */
bool slots_protect(struct slots *slots, uint64_t gpa, uint64_t size);

/* Makes the read-only stretches ordinary memory, or read-only again. No vCPU may be running. */
bool slots_set_writable(const struct slots *slots, int vm, const struct guest_mem *mem,
	bool writable, struct error *err);

#endif
