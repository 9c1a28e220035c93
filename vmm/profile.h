/* SPDX-License-Identifier: MIT */
/*
 * profile.h: where the first vCPU was at each tick: what a report about an endless loop shows.
 */
#ifndef VMM_PROFILE_H
#define VMM_PROFILE_H

#include "autopsy/evidence.h"

#define PROFILE_RECENT 512

/* The last ticks only: what came before the loop is no part of it. */
struct profile {
	uint64_t recent[PROFILE_RECENT]; /* RIPs, a ring */
	uint64_t total;
};

/* Notes one tick. */
void profile_add(struct profile *profile, uint64_t rip);

/* Counts equal addresses; out gets the most frequent ones first. Returns their number. */
unsigned profile_count(const struct profile *profile, struct sample out[SAMPLES_MAX]);

#endif
