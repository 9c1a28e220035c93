/* SPDX-License-Identifier: MIT */
/*
 * outcome.h: the end of a run in words and as an exit status.
 */
#ifndef VMM_OUTCOME_H
#define VMM_OUTCOME_H

#include "death.h"

/* Says in files->words how the machine's run ended, where that is worth a word, and returns vmm's
 * exit status. */
int outcome_report(struct machine *machine, struct death_files *files);

#endif
