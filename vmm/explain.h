/* SPDX-License-Identifier: MIT */
/*
 * explain.h: what is said and written about a death.
 */
#ifndef VMM_EXPLAIN_H
#define VMM_EXPLAIN_H

#include "autopsy/evidence.h"
#include "config.h"
#include "explainer.h"
#include "report_file.h"

/* How the caller can find out who wrote to a piece of memory. */
struct explain_writer {
	/* Runs the guest a second time while [gpa, gpa + size) is watched. True when the evidence
	 * that is being explained has its writes now. NULL: not to be had. */
	bool (*find)(void *ctx, uint64_t gpa, uint64_t size);
	void *ctx;
};

/* Puts the raw dump into file before anything else is tried: it stays there if vmm itself does not
 * survive what follows. */
void explain_first(const struct evidence *evidence, int status, const struct report_file *file);

/*
 * Explains the evidence on stderr, every line after "vmm: ", and into file. The raw dump is made
 * first: it stands in the file until there is something better, and takes the place of a report
 * whenever the explainer crashes, hangs or is not there. status: what vmm will exit with.
 * explainer: NULL for the library beside this program. Returns whether the death was explained.
 */
bool explain_death(const struct evidence *evidence, const struct config *config, int status,
	const struct report_file *file, const struct explain_writer *writer,
	const struct explainer *explainer);

#endif
