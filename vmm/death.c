/* SPDX-License-Identifier: MIT */
/*
 * death.c: from a dead machine to a report.
 */
#include "death.h"

#include <stdio.h>
#include <stdlib.h>

#include "autopsy/dump_text.h"
#include "lines.h"
#include "rerun.h"
#include "snapshot.h"

static void print_dump(const struct evidence *evidence)
{
	char *text = dump_text(evidence);

	if (text)
		lines_print(stderr, text);
	free(text);
}

/* After a shutdown some KVMs have put the vCPU into its INIT state. */
static bool state_is_lost(const struct evidence *evidence)
{
	return evidence->death == DEATH_SHUTDOWN &&
	       rerun_state_lost(&evidence->cpus[evidence->cpu]);
}

void death_report(struct machine *machine)
{
	struct rerun_run *rerun = NULL;
	struct snapshot *snapshot = malloc(sizeof(*snapshot));
	struct error err;

	if (!snapshot || !snapshot_take(snapshot, machine, &err)) {
		fprintf(stderr, "vmm: nothing is known about this death: %s\n",
			snapshot ? err.text : "no memory");
		free(snapshot);
		return;
	}
	if (state_is_lost(&snapshot->evidence)) {
		snapshot->evidence.origin = STATE_LOST;
		rerun = rerun_recover(machine, snapshot);
	}
	print_dump(&snapshot->evidence);
	rerun_drop(rerun);
	snapshot_drop(snapshot);
	free(snapshot);
}
