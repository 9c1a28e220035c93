/* SPDX-License-Identifier: MIT */
/*
 * symbol_diff.h: functions and data objects as atoms of a diff.
 */
#ifndef BISECT_SYMBOL_DIFF_H
#define BISECT_SYMBOL_DIFF_H

#include "diff.h"
#include "prove.h"

#define FIXED_NAMES 200

struct symbol_report {
	bool moved;              /* the two programs are laid out differently */
	unsigned fixed;          /* symbols that differ and could not be exchanged */
	char names[FIXED_NAMES]; /* some of them */
};

/*
 * Makes a diff of two ELF files whose atoms are symbols. Laid out alike, what differs within a
 * symbol is one atom, and so is what differs between symbols. Otherwise functions and objects of
 * BAD are moved to where GOOD has them, or the other way round (diff->reversed), whichever leaves
 * less out. STATUS_IMAGE without symbols, STATUS_IDENTICAL or STATUS_ELSEWHERE when nothing can be
 * exchanged. The contents must outlive the diff; diff_deinit() in any case.
 */
bool diff_make_symbols(struct diff *diff, const struct config *config, const struct claim *good,
	const struct claim *bad, struct symbol_report *report, struct error *err);

/* Whether both have symbols and those lie at different addresses: then a mixture of bytes is no
 * program. */
bool diff_is_shifted(struct diff *diff, const struct content *good, const struct content *bad);

#endif
