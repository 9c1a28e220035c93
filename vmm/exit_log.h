/* SPDX-License-Identifier: MIT */
/*
 * exit_log.h: the last exits from KVM_RUN, for the report; repeats of one exit take one line.
 */
#ifndef VMM_EXIT_LOG_H
#define VMM_EXIT_LOG_H

#include "autopsy/evidence.h"

struct exit_log {
	struct exit_record records[EXIT_RING];
	uint64_t used;  /* records ever begun */
	uint64_t total; /* exits */
};

/* Notes an exit of record->count items; an exact repeat of the last one only raises its count. */
void exit_log_add(struct exit_log *log, const struct exit_record *record);

/* Copies the records to out, oldest first; returns their number. */
unsigned exit_log_copy(const struct exit_log *log, struct exit_record out[EXIT_RING]);

#endif
