/* SPDX-License-Identifier: MIT */
/*
 * explain.h: what is said and written about a death.
 */
#ifndef VMM_EXPLAIN_H
#define VMM_EXPLAIN_H

#include <stdio.h>

#include "autopsy/evidence.h"
#include "explainer.h"
#include "report_file.h"

/* How the caller can find out who wrote to a piece of memory. */
struct explain_writer {
	/* Runs the guest a second time while [gpa, gpa + size) is watched. True when the evidence
	 * that is being explained has its writes now. NULL: not to be had. */
	bool (*find)(void *ctx, uint64_t gpa, uint64_t size);
	void *ctx;
};

/* What is said about a death, and where. */
struct explain_output {
	FILE *words; /* for a person: every line after "vmm: " */
	bool quiet;  /* only cause and repair are said */
	int status;  /* what vmm will exit with */
	const struct report_file *file;
};

/* Puts the raw dump into the file before anything else is tried: it stays there if vmm itself does
 * not survive what follows. */
void explain_first(const struct evidence *evidence, const struct explain_output *output);

/*
 * Explains the evidence. The raw dump is made first: it stands in the file until there is something
 * better, and takes the place of a report whenever the explainer crashes, hangs or is not there.
 * writer may be NULL. explainer: NULL for the library beside this program. Returns whether the
 * death was explained.
 */
bool explain_death(const struct evidence *evidence, const struct explain_output *output,
	const struct explain_writer *writer, const struct explainer *explainer);

#endif
