/* SPDX-License-Identifier: MIT */
/*
 * exit_log.c: a ring of exit records.
 */
#include "exit_log.h"

#include <linux/kvm.h>

#include "guest_abi.h"

/* The next character of a text: it counts as a repeat, since the text is on the screen, and the
 * exits before it are what the log is for. */
static bool is_text(const struct exit_record *record)
{
	return record->reason == KVM_EXIT_IO && record->write && record->size == 1 &&
	       record->where == VMM_PORT_DEBUGCON;
}

static bool same_exit(const struct exit_record *a, const struct exit_record *b)
{
	return a->reason == b->reason && a->vcpu == b->vcpu && a->where == b->where &&
	       (a->value == b->value || is_text(a)) && a->size == b->size && a->write == b->write;
}

void exit_log_add(struct exit_log *log, const struct exit_record *record)
{
	struct exit_record *last = &log->records[(log->used - 1) % EXIT_RING];

	log->total += record->count;
	if (log->used && same_exit(last, record)) {
		last->value = record->value;
		if (__builtin_add_overflow(last->count, record->count, &last->count))
			last->count = UINT32_MAX;
		return;
	}
	log->records[log->used++ % EXIT_RING] = *record;
}

unsigned exit_log_copy(const struct exit_log *log, struct exit_record out[EXIT_RING])
{
	unsigned n = log->used < EXIT_RING ? (unsigned)log->used : EXIT_RING;

	for (unsigned i = 0; i < n; i++)
		out[i] = log->records[(log->used - n + i) % EXIT_RING];
	return n;
}
