/* SPDX-License-Identifier: MIT */
/*
 * outputs.h: what vmm writes must be none of what it reads, and each output a file of its own: told
 * by device and inode, so that symbolic and hard links do not hide it.
 */
#ifndef VMM_OUTPUTS_H
#define VMM_OUTPUTS_H

#include <stdbool.h>

#include "config.h"
#include "error.h"

/* Compares the files of --report, --core and --trace, and the standard streams, with each other and
 * with the inputs of the configuration. image and symbols are what a core says of itself, or NULL.
 * Nothing is opened. False with STATUS_USAGE when two are one file. */
bool outputs_check(
	const struct config *config, const char *image, const char *symbols, struct error *err);

#endif
