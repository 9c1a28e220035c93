/* SPDX-License-Identifier: MIT */
/*
 * death.c: from a dead machine to a report.
 */
#include "death.h"

#include <stdio.h>
#include <stdlib.h>

#include "explain.h"
#include "rerun.h"
#include "snapshot.h"

/* After a shutdown some KVMs have put the vCPU into its INIT state. */
static bool state_is_lost(const struct evidence *evidence)
{
	return evidence->death == DEATH_SHUTDOWN &&
	       rerun_state_lost(&evidence->cpus[evidence->cpu]);
}

/* What a question of the autopsy needs: the machine to run again, and where the answer belongs. */
struct inquiry {
	const struct machine *machine;
	struct snapshot *snapshot;
	struct rerun_run *writer_run;
};

static bool find_writer(void *ctx, uint64_t gpa, uint64_t size)
{
	struct inquiry *inquiry = ctx;

	inquiry->writer_run = rerun_find_writer(inquiry->machine, inquiry->snapshot, gpa, size);
	return inquiry->writer_run != NULL;
}

static void write_core(struct death_files *files, const struct evidence *evidence)
{
	struct error err;

	if (files->core.wanted && !core_file_write(&files->core, evidence, &err))
		fprintf(files->words, "vmm: %s\n", err.text);
}

/* The core is written before anything can go wrong with the explanation, and again when that has
 * found out more. */
static void explain(
	struct machine *machine, struct snapshot *snapshot, int status, struct death_files *files)
{
	struct inquiry inquiry = {.machine = machine, .snapshot = snapshot};
	struct explain_writer writer = {.find = find_writer, .ctx = &inquiry};
	struct explain_output output = {.words = files->words,
		.quiet = machine->config->quiet,
		.status = status,
		.file = &files->report};
	struct rerun_run *rerun = NULL;

	explain_first(&snapshot->evidence, &output);
	if (state_is_lost(&snapshot->evidence)) {
		snapshot->evidence.origin = STATE_LOST;
		rerun = rerun_recover(machine, snapshot);
	}
	write_core(files, &snapshot->evidence);
	explain_death(&snapshot->evidence, &output, &writer, NULL);
	if (snapshot->evidence.write_count)
		write_core(files, &snapshot->evidence);
	rerun_drop(inquiry.writer_run);
	rerun_drop(rerun);
}

bool death_files_open(struct death_files *files, const struct config *config, struct error *err)
{
	files->words = stderr;
	if (!report_file_open(&files->report, config->report, err))
		return false;
	if (core_file_open(&files->core, config->core, err))
		return true;
	report_file_give_up(&files->report);
	return false;
}

void death_files_close(struct death_files *files)
{
	core_file_close(&files->core);
	report_file_close(&files->report);
}

void death_report(struct machine *machine, int status, struct death_files *files)
{
	struct snapshot *snapshot = malloc(sizeof(*snapshot));
	struct error err;

	if (snapshot && snapshot_take(snapshot, machine, &err)) {
		explain(machine, snapshot, status, files);
		snapshot_drop(snapshot);
	} else {
		fprintf(files->words, "vmm: nothing is known about this death: %s\n",
			snapshot ? err.text : "no memory");
	}
	free(snapshot);
}
