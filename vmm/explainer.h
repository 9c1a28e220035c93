/* SPDX-License-Identifier: MIT */
/*
 * explainer.h: one run of libautopsy over the evidence, in a process of its own, so that a bug in
 * the explaining, or hostile guest memory that finds one, costs the explanation and nothing else.
 */
#ifndef VMM_EXPLAINER_H
#define VMM_EXPLAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "autopsy/autopsy.h"

enum explainer_file { EXPLAINER_NO_FILE, EXPLAINER_TEXT, EXPLAINER_JSON };

struct explainer {
	bool colour;              /* of the text */
	enum explainer_file file; /* whether a second rendering is wanted, and which */
	unsigned milliseconds;    /* how long it may take */
	/* Called in the child: the library's table, or NULL with a reason in error. */
	const struct autopsy_api *(*load)(char *error, size_t n);
};

struct explanation {
	bool explained;
	char failure[200]; /* when not explained: one clause */
	char id[64];       /* of the verdict */
	char *text;        /* NUL-terminated */
	char *file;        /* plain text or JSON as asked for, or NULL */
	bool wants_writer; /* who wrote to [gpa, gpa + size) would sharpen the verdict */
	uint64_t gpa, size;
};

/* Explains the evidence. The result is filled in either way; explanation_drop() it. */
void explainer_run(const struct explainer *explainer, const struct evidence *evidence,
	struct explanation *result);
void explanation_drop(struct explanation *explanation);

/* Loads libautopsy.so from the folder of this program, or from ../lib or ../lib/vmm beside it. NULL
 * with a reason in error. What it gives stays loaded. */
const struct autopsy_api *explainer_load(char *error, size_t n);

#endif
