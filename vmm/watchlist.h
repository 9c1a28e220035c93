/* SPDX-License-Identifier: MIT */
/*
 * watchlist.h: --watch: from SYMBOL or ADDR to watched memory, and a message for each write.
 */
#ifndef VMM_WATCHLIST_H
#define VMM_WATCHLIST_H

#include "autopsy/autopsy.h"
#include "machine.h"
#include "watch.h"

struct watchlist {
	struct machine *machine;
	const struct autopsy_api *api;
	struct write_names *names;
	struct watch watch;
	/* Linear addresses that no page table maps yet. A debug register stands in where the CPU
	 * looks at it, and each exit and tick tries again. */
	struct watchlist_pending {
		uint64_t linear, size;
	} pending[WATCH_RANGES];
	unsigned pending_count;
};

/* Arms what the configuration asks for on a machine that has not run. api names symbols; it must
 * outlive the list. STATUS_USAGE when an expression names nothing. */
bool watchlist_create(struct watchlist *list, struct machine *machine,
	const struct autopsy_api *api, struct error *err);
void watchlist_destroy(struct watchlist *list);

/* Sets the debug registers of vCPU 0 for the addresses that wait. */
void watchlist_arm(const struct watchlist *list);

/* Looks whether addresses that wait are mapped now; hit: the debug register of one has fired. */
void watchlist_retry(struct watchlist *list, struct vcpu *vcpu, bool hit);

#endif
