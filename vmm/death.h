/* SPDX-License-Identifier: MIT */
/*
 * death.h: what happens when a guest has died: evidence, a second run where the first hid
 * something, the report.
 */
#ifndef VMM_DEATH_H
#define VMM_DEATH_H

#include <stdio.h>

#include "core_file.h"
#include "machine.h"
#include "report_file.h"

/* What a death is written to. */
struct death_files {
	FILE *words; /* what a person reads: stderr, unless several guests take turns there */
	struct report_file report;
	struct core_file core;
};

/* Opens what the configuration asks for, before the guest runs; words is stderr. False with
 * STATUS_INPUT and nothing to close. */
bool death_files_open(struct death_files *files, const struct config *config, struct error *err);
void death_files_close(struct death_files *files);

/* Explains the death in machine->outcome in files. status: what vmm will exit with.
 */
void death_report(struct machine *machine, int status, struct death_files *files);

#endif
