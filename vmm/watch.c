/* SPDX-License-Identifier: MIT */
/*
 * watch.c: writes to watched pages, carried out and noted.
 */
#include "watch.h"

#include <inttypes.h>
#include <string.h>

#include "image.h"
#include "machine.h"

bool watch_add(struct watch *watch, struct machine *machine, uint64_t gpa, uint64_t size,
	uint64_t linear, struct error *err)
{
	if (!size || !memory_at(&machine->mem, gpa, size))
		return error_set(err, STATUS_USAGE,
			"cannot watch 0x%" PRIx64 "+0x%" PRIx64 ": not guest RAM", gpa, size);
	if (watch->count == WATCH_RANGES || !slots_protect(&machine->slots, gpa, size))
		return error_set(err, STATUS_USAGE, "too many ranges to watch, expected at most %d",
			WATCH_RANGES);
	watch->ranges[watch->count].gpa = gpa;
	watch->ranges[watch->count].size = size;
	watch->ranges[watch->count++].linear = linear;
	machine->watch = watch;
	return slots_apply(&machine->slots, machine->fd, &machine->mem, err);
}

static bool in_protected_page(const struct machine *machine, uint64_t gpa)
{
	const struct slots *slots = &machine->slots;

	for (unsigned i = 0; i < slots->read_only_count; i++)
		if (gpa - slots->read_only[i].gpa < slots->read_only[i].size)
			return true;
	return false;
}

void watch_note(struct watch *watch, struct write_record *record, unsigned range)
{
	uint64_t linear = watch->ranges[range].linear;
	struct write_record *slot = &watch->records[watch->total++ % WATCH_RECORDS];

	record->linear = linear ? linear + (record->gpa - watch->ranges[range].gpa) : 0;
	*slot = *record;
	if (watch->notify)
		watch->notify(watch->ctx, slot);
}

bool watch_write(
	struct watch *watch, struct vcpu *vcpu, uint64_t gpa, const void *data, unsigned size)
{
	struct machine *machine = vcpu->machine;
	struct write_record record = {.gpa = gpa, .size = size, .rip_after = true};
	uint8_t *to = memory_at(&machine->mem, gpa, size);
	struct error ignored;

	if (!to || size > 8 || !in_protected_page(machine, gpa))
		return false;
	memcpy(&record.old_value, to, size);
	memcpy(&record.new_value, data, size);
	memcpy(to, data, size);
	for (unsigned i = 0; i < watch->count; i++)
		if (ranges_overlap(gpa, size, watch->ranges[i].gpa, watch->ranges[i].size)) {
			vcpu_get_state(vcpu, &record.cpu, &ignored);
			record.rip = record.cpu.rip;
			watch_note(watch, &record, i);
			break;
		}
	return true;
}

unsigned watch_copy(const struct watch *watch, struct write_record out[WATCH_RECORDS])
{
	unsigned n = watch->total < WATCH_RECORDS ? (unsigned)watch->total : WATCH_RECORDS;

	for (unsigned i = 0; i < n; i++)
		out[i] = watch->records[(watch->total - n + i) % WATCH_RECORDS];
	return n;
}
