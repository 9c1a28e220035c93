/* SPDX-License-Identifier: MIT */
/*
 * watch_lift.c: one instruction without the protection of watched pages. Follows SDM vol.
 * 3, 3.4.5.1 "Code- and Data-Segment Descriptor Types" (the accessed bit) and 8.2.2 "TSS
 * Descriptor" (busy): the CPU sets both in the descriptor table, and KVM has no exit for it when
 * that is read-only.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exit.h"
#include "machine.h"
#include "run.h"
#include "watch.h"
#include "watchdog.h"
#include "watchlist.h"

#define STEP_SECONDS 0.02 /* for an instruction that KVM repeats for ever all the same */

/* What the ranges hold, one behind the other. NULL without memory. */
static uint8_t *copy_ranges(const struct watch *watch, const struct guest_mem *mem)
{
	uint64_t size = 0, at = 0;
	uint8_t *copy;

	for (unsigned i = 0; i < watch->count; i++)
		size += watch->ranges[i].size;
	copy = malloc(size);
	for (unsigned i = 0; copy && i < watch->count; i++) {
		size = watch->ranges[i].size;
		memcpy(copy + at, memory_at(mem, watch->ranges[i].gpa, size), size);
		at += size;
	}
	return copy;
}

/* Compares one range with its copy, by aligned quadwords: descriptors are such. */
static void note_range(struct watch *watch, unsigned range, const uint8_t *before,
	const struct guest_mem *mem, const struct cpu_state *cpu)
{
	uint64_t gpa = watch->ranges[range].gpa, size = watch->ranges[range].size, n;
	const uint8_t *now = memory_at(mem, gpa, size);

	for (uint64_t at = 0; at < size; at += n) {
		struct write_record record = {.gpa = gpa + at, .rip = cpu->rip, .cpu = *cpu};

		n = 8 - (gpa + at) % 8;
		n = n < size - at ? n : size - at;
		if (!memcmp(before + at, now + at, n))
			continue;
		record.size = (uint32_t)n;
		memcpy(&record.old_value, before + at, n);
		memcpy(&record.new_value, now + at, n);
		watch_note(watch, &record, range);
	}
}

static void note_changes(struct watch *watch, const uint8_t *before, const struct guest_mem *mem,
	const struct cpu_state *cpu)
{
	for (unsigned i = 0; i < watch->count; i++) {
		note_range(watch, i, before, mem, cpu);
		before += watch->ranges[i].size;
	}
}

static bool set_single_step(const struct vcpu *vcpu, bool on)
{
	struct kvm_guest_debug debug = {
		.control = on ? KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP : 0};

	return ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &debug) == 0;
}

/* True when nothing ran but the instruction: only then is it known who wrote. */
static bool step(struct vcpu *vcpu)
{
	struct error ignored;
	timer_t timer;
	int ret;

	if (!watchdog_create(&timer, &ignored))
		return false;
	run_take_signals(); /* of the tick, which comes again */
	watchdog_set(timer, STEP_SECONDS, 0);
	ret = set_single_step(vcpu, true) ? ioctl(vcpu->fd, KVM_RUN, 0) : -1;
	watchdog_stop(timer);
	set_single_step(vcpu, false);
	if (vcpu->machine->watchlist)
		watchlist_arm(vcpu->machine->watchlist);
	if (ret >= 0 && vcpu->run->exit_reason != KVM_EXIT_DEBUG)
		exit_handle(vcpu);
	return ret >= 0;
}

void watch_lift(struct watch *watch, struct vcpu *vcpu)
{
	struct machine *machine = vcpu->machine;
	uint8_t *before = copy_ranges(watch, &machine->mem);
	struct cpu_state cpu;
	struct error err;

	if (!before || !vcpu_get_state(vcpu, &cpu, &err)) {
		free(before);
		return;
	}
	machine_pause_others(machine, vcpu);
	/* Without its slots the machine cannot go on. */
	if (!slots_set_writable(&machine->slots, machine->fd, &machine->mem, true, &err)) {
		machine_fail(machine, vcpu, &err);
	} else {
		if (step(vcpu))
			note_changes(watch, before, &machine->mem, &cpu);
		if (!slots_set_writable(&machine->slots, machine->fd, &machine->mem, false, &err))
			machine_fail(machine, vcpu, &err);
	}
	machine_resume_others(machine);
	free(before);
}
