/* SPDX-License-Identifier: MIT */
/*
 * slots.c: cutting the RAM into slots around the read-only pages.
 */
#include "slots.h"

#include <linux/kvm.h>
#include <string.h>

#include "kvm.h"
#include "layout.h"

static bool set_slot(int vm, uint32_t slot, uint32_t flags, uint64_t gpa, uint64_t size,
	const void *host, struct error *err)
{
	struct kvm_userspace_memory_region region = {.slot = slot,
		.flags = flags,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)host};

	return kvm_ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region, err) >= 0;
}

/* One of the two stretches of RAM, as slots from *slot on. */
static bool apply_run(struct slots *slots, int vm, const struct guest_mem *mem, uint64_t start,
	uint64_t size, unsigned *slot, struct error *err)
{
	uint64_t at = start, end = start + size;

	for (unsigned i = 0; i <= slots->read_only_count && at < end; i++) {
		bool last = i == slots->read_only_count;
		uint64_t gpa = last ? end : slots->read_only[i].gpa;

		if (gpa < at || gpa > end)
			continue;
		if (gpa > at && !set_slot(vm, (*slot)++, slots->flags, at, gpa - at,
					memory_at(mem, at, gpa - at), err))
			return false;
		at = gpa;
		if (last || gpa == end)
			continue;
		slots->read_only[i].slot = *slot;
		if (!set_slot(vm, (*slot)++, slots->flags | KVM_MEM_READONLY, gpa,
			    slots->read_only[i].size, memory_at(mem, gpa, slots->read_only[i].size),
			    err))
			return false;
		at += slots->read_only[i].size;
	}
	return true;
}

bool slots_apply(struct slots *slots, int vm, const struct guest_mem *mem, struct error *err)
{
	unsigned slot = 0;

	/* KVM changes neither the size nor the protection of a slot in place: take all away first.
	 */
	if (slots->used > 2 || slots->read_only_count)
		for (; slots->used; slots->used--)
			if (!set_slot(vm, slots->used - 1, 0, 0, 0, NULL, err))
				return false;
	if (!apply_run(slots, vm, mem, 0, mem->low, &slot, err) ||
		(mem->high && !apply_run(slots, vm, mem, LAYOUT_HIGH_RAM, mem->high, &slot, err)))
		return false;
	slots->used = slot;
	return true;
}

bool slots_protect(struct slots *slots, uint64_t gpa, uint64_t size)
{
	uint64_t first = gpa & ~(LAYOUT_PAGE - 1);
	uint64_t last = (gpa + size - 1) | (LAYOUT_PAGE - 1);
	unsigned i = 0, merged;

	while (i < slots->read_only_count &&
		slots->read_only[i].gpa + slots->read_only[i].size < first)
		i++;
	for (merged = i;
		merged < slots->read_only_count && slots->read_only[merged].gpa <= last + 1;
		merged++) {
		uint64_t end = slots->read_only[merged].gpa + slots->read_only[merged].size - 1;

		first = slots->read_only[merged].gpa < first ? slots->read_only[merged].gpa : first;
		last = end > last ? end : last;
	}
	if (merged == i && slots->read_only_count == SLOTS_READ_ONLY_MAX)
		return false;
	memmove(&slots->read_only[i + 1], &slots->read_only[merged],
		(slots->read_only_count - merged) * sizeof(slots->read_only[0]));
	slots->read_only_count += 1 - (merged - i);
	slots->read_only[i].gpa = first;
	slots->read_only[i].size = last - first + 1;
	return true;
}

bool slots_set_writable(const struct slots *slots, int vm, const struct guest_mem *mem,
	bool writable, struct error *err)
{
	uint32_t flags = slots->flags | (writable ? 0 : KVM_MEM_READONLY);

	for (unsigned i = 0; i < slots->read_only_count; i++) {
		uint64_t gpa = slots->read_only[i].gpa, size = slots->read_only[i].size;
		uint32_t slot = slots->read_only[i].slot;

		if (!set_slot(vm, slot, 0, 0, 0, NULL, err) ||
			!set_slot(vm, slot, flags, gpa, size, memory_at(mem, gpa, size), err))
			return false;
	}
	return true;
}
