/* SPDX-License-Identifier: MIT */
/*
 * watch.c: writes to watched pages, carried out and noted.
 */
#include "watch.h"

#include <inttypes.h>
#include <string.h>

#include "autopsy/linear.h"
#include "image.h"
#include "machine.h"

#define OUT_EAX_DX 0xef /* SDM vol. 2, OUT */

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

/* Carries out the write that the record is about. */
static void store(struct write_record *record, const struct machine *machine, const void *data)
{
	uint8_t *to = memory_at(&machine->mem, record->gpa, record->size);

	record->old_value = 0;
	record->new_value = 0;
	memcpy(&record->old_value, to, record->size);
	memcpy(&record->new_value, data, record->size);
	memcpy(to, data, record->size);
}

/* Where it is in a range. */
static void note(struct watch *watch, struct write_record *record)
{
	for (unsigned i = 0; i < watch->count; i++)
		if (ranges_overlap(record->gpa, record->size, watch->ranges[i].gpa,
			    watch->ranges[i].size)) {
			watch_note(watch, record, i);
			break;
		}
}

bool watch_write(
	struct watch *watch, struct vcpu *vcpu, uint64_t gpa, const void *data, unsigned size)
{
	struct machine *machine = vcpu->machine;
	struct write_record record = {.gpa = gpa, .size = size, .rip_after = true};
	struct error ignored;

	if (!memory_at(&machine->mem, gpa, size) || size > 8 || !in_protected_page(machine, gpa))
		return false;
	store(&record, machine, data);
	if (!watch_touches(watch, gpa, size))
		return true;
	vcpu_get_state(vcpu, &record.cpu, &ignored);
	record.rip = record.cpu.rip;
	note(watch, &record);
	return true;
}

bool watch_touches(const struct watch *watch, uint64_t gpa, uint64_t size)
{
	for (unsigned i = 0; i < watch->count; i++)
		if (ranges_overlap(gpa, size, watch->ranges[i].gpa, watch->ranges[i].size))
			return true;
	return false;
}

/* At the exit RIP is at the `out %eax, %dx` where a CPU ran it, and behind it where KVM emulated
 * it. In 16-bit code it has a prefix. */
static void find_out(struct write_record *record, const struct machine *machine)
{
	const struct cpu_segment *cs = &record->cpu.seg[SEG_CS];
	struct phys_mem mem = memory_view(&machine->mem);
	uint64_t linear = cpu_code_address(&record->cpu);
	unsigned length = cs->l || cs->db ? 1 : 2;
	uint8_t code[4];
	bool behind;

	record->rip = record->cpu.rip;
	if (linear_read(&mem, &record->cpu, linear - length, code, 2 * length, linear_system_read)
			.status != LINEAR_OK)
		return;
	behind = code[length - 1] == OUT_EAX_DX;
	if (code[2 * length - 1] == OUT_EAX_DX && (!behind || machine->kvm->hardware))
		behind = false;
	else if (!behind)
		return;
	record->rip -= behind ? length : 0;
	record->rip_after = false;
}

void watch_store(
	struct watch *watch, struct vcpu *vcpu, uint64_t gpa, const uint8_t *data, uint64_t size)
{
	struct machine *machine = vcpu->machine;
	struct write_record record = {.rip_after = true};
	struct error ignored;

	vcpu_get_state(vcpu, &record.cpu, &ignored);
	find_out(&record, machine);
	for (uint64_t at = 0; at < size; at += record.size) {
		uint64_t n = 8 - (gpa + at) % 8;

		record.size = (uint32_t)(n < size - at ? n : size - at);
		record.gpa = gpa + at;
		store(&record, machine, data + at);
		note(watch, &record);
	}
}

unsigned watch_copy(const struct watch *watch, struct write_record out[WATCH_RECORDS])
{
	unsigned n = watch->total < WATCH_RECORDS ? (unsigned)watch->total : WATCH_RECORDS;

	for (unsigned i = 0; i < n; i++)
		out[i] = watch->records[(watch->total - n + i) % WATCH_RECORDS];
	return n;
}
