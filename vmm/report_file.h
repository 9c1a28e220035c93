/* SPDX-License-Identifier: MIT */
/*
 * report_file.h: the file of --report: opened before the guest runs, so that a bad name costs
 * nothing, and never empty after it.
 */
#ifndef VMM_REPORT_FILE_H
#define VMM_REPORT_FILE_H

#include <stdbool.h>

#include "error.h"

struct report_file {
	int fd; /* -1: none is wanted */
	const char *path;
	bool json;
	bool regular; /* what was written can be replaced */
	bool created; /* was not there before */
};

/* Opens or creates the file; what is in it stays until the first write. path NULL: no report is
 * wanted, fd is -1. False with STATUS_INPUT when it cannot be written. The path must outlive the
 * file. */
bool report_file_open(struct report_file *file, const char *path, struct error *err);
void report_file_close(struct report_file *file);

/* Closes the file as if it had not been opened: nothing has been written to it. */
void report_file_give_up(struct report_file *file);

/* Replaces what is in the file. False when not all of it could be written. */
bool report_file_write(const struct report_file *file, const char *text);

/* Writes the raw dump, as it is or wrapped in JSON, with the reason why there is no explanation.
 * dump may be NULL. */
bool report_file_write_dump(
	const struct report_file *file, const char *dump, const char *reason, int status);

/* Writes that no guest died, and vmm's exit status. Nothing when no report is wanted. */
bool report_file_write_ending(const struct report_file *file, int status);

#endif
