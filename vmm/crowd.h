/* SPDX-License-Identifier: MIT */
/*
 * crowd.h: several guests side by side, each in a machine and a thread of its own.
 */
#ifndef VMM_CROWD_H
#define VMM_CROWD_H

#include "config.h"

#define CROWD_NAME 32

/*
 * Runs all configured images until the last guest has ended. Their output comes in whole lines
 * behind their names, what is said about the end of each in one piece. stdin goes to the first.
 * True with the highest of their exit statuses in *status; false with err when not all of them
 * could be started: then none was.
 */
bool crowd_run(const struct config *config, int *status, struct error *err);

/* The names by which count images are told apart: the file's name without folder, .bin and .elf,
 * printable, cut, and with a number behind it when an earlier one is the same. */
void crowd_names(const char *const *images, unsigned count, char (*names)[CROWD_NAME]);

#endif
