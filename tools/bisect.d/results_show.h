/* SPDX-License-Identifier: MIT */
/*
 * results_show.h: how to run what was found again: command lines for vmm, and the script that runs
 * both images.
 */
#ifndef BISECT_RESULTS_SHOW_H
#define BISECT_RESULTS_SHOW_H

#include "options.h"

struct show {
	const struct options *options;
	const char *folder;             /* of the images, absolute */
	const char *smallest, *largest; /* paths; largest NULL: there is none */
	const char *symbols;            /* for --symbols, or NULL */
	double timeout;                 /* of a try, in seconds; 0: none */
};

/* Writes the script. STATUS_OUTPUT. */
bool show_write(const struct show *show, const char *path, struct error *err);

/* A line for the shell: the vmm beside this program runs the image and writes a report. The caller
 * frees it; NULL when memory is short. */
char *show_report_line(const struct show *show, const char *image, const char *report);

#endif
