/* SPDX-License-Identifier: MIT */
/*
 * watch.h: every write to some ranges of guest memory, with its writer. The pages are read-only
 * slots, so each write exits as MMIO, is carried out here and noted: this works on every KVM, at
 * every privilege level, for every kind of store. (Debug registers do not: one KVM emulates CPL 0
 * and looks at no data breakpoint there.)
 */
#ifndef VMM_WATCH_H
#define VMM_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "autopsy/evidence.h"
#include "error.h"

struct machine;
struct vcpu;

#define WATCH_RANGES  4
#define WATCH_RECORDS 64

struct watch {
	struct {
		uint64_t gpa, size;
		uint64_t linear; /* 0: not known */
	} ranges[WATCH_RANGES];
	unsigned count;
	struct write_record records[WATCH_RECORDS]; /* a ring of the last writes to a range */
	uint64_t total;
	/* Called for each write to a range, after it was carried out; may be NULL. */
	void (*notify)(void *ctx, const struct write_record *record);
	void *ctx;
};

/* Adds a range of RAM and protects its pages. The machine must not be running. */
bool watch_add(struct watch *watch, struct machine *machine, uint64_t gpa, uint64_t size,
	uint64_t linear, struct error *err);

/* Carries out a write that exited because its page is watched. False: the address is in no watched
 * page. */
bool watch_write(
	struct watch *watch, struct vcpu *vcpu, uint64_t gpa, const void *data, unsigned size);

/* Whether a byte of [gpa, gpa + size) is in a watched range. */
bool watch_touches(const struct watch *watch, uint64_t gpa, uint64_t size);

/* Stores what the monitor writes on behalf of the vCPU's OUT, by aligned quadwords, and notes those
 * of a range as writes of that OUT. data is no part of the guest's memory. */
void watch_store(
	struct watch *watch, struct vcpu *vcpu, uint64_t gpa, const uint8_t *data, uint64_t size);

/* Adds the record of a write to one of the ranges; its linear address is filled in. */
void watch_note(struct watch *watch, struct write_record *record, unsigned range);

/*
 * For a vCPU that comes no further, and is not halted: a store that the CPU makes by itself, as
 * that of the accessed bit when it loads a segment, ends in no exit, and KVM repeats its
 * instruction for ever. Lifts the protection for one instruction, notes what it changed, and
 * protects again. The machine's lock is held; other vCPUs stand still meanwhile.
 */
void watch_lift(struct watch *watch, struct vcpu *vcpu);

/* Copies the records to out, oldest first; returns their number. */
unsigned watch_copy(const struct watch *watch, struct write_record out[WATCH_RECORDS]);

#endif
