/* SPDX-License-Identifier: MIT */
/*
 * symbol_diff.h: functions and data objects as atoms of a diff.
 */
#ifndef BISECT_SYMBOL_DIFF_H
#define BISECT_SYMBOL_DIFF_H

#include "diff.h"

#define FIXED_NAMES 200

struct symbol_report {
	bool moved;              /* the two programs are laid out differently */
	unsigned fixed;          /* symbols that differ and could not be exchanged */
	char names[FIXED_NAMES]; /* some of them */
};

/*
 * Adds atoms to a diff of two ELF files that has none. Laid out alike, what differs within a symbol
 * is one atom, and so is what differs between symbols. Otherwise functions and objects of BAD are
 * moved to where GOOD has them. STATUS_IMAGE without symbols, STATUS_IDENTICAL when nothing can be
 * exchanged. The contents must outlive the diff.
 */
bool diff_add_symbols(struct diff *diff, const struct content *good, const struct content *bad,
	struct symbol_report *report, struct error *err);

/* Whether both have symbols and those lie at different addresses: then a mixture of bytes is no
 * program. */
bool diff_is_shifted(struct diff *diff, const struct content *good, const struct content *bad);

#endif
