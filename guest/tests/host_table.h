/* SPDX-License-Identifier: MIT */
/*
 * host_table.h: what became of each row of the catalogue on this host's KVM, for the table in
 * docs/hosts-catalogue.md.
 */
#ifndef HOST_TABLE_H
#define HOST_TABLE_H

#include "catalogue.h"

enum row_end { ROW_FAILED, ROW_AS_EXPECTED, ROW_NOT_FOUND, ROW_SKIPPED };

struct row_result {
	enum row_end end; /* until a test says otherwise: failed */
	int status;       /* vmm's */
	char text[120];   /* the verdict's id, or why the row was skipped */
};

/* An array of results that tests write in processes of their own; NULL when memory is short. */
struct row_result *host_table_create(int rows);

/* "pvm", "svm", "vmx" or "kvm", by the module that is loaded; a literal. */
const char *host_table_kind(void);

/* Writes a line "name status end text" for each row, blank-separated, to path; text comes last and
 * may have blanks. False when it cannot. */
bool host_table_write(const char *path, const struct expectation *rows,
	const struct row_result *results, int count);

#endif
