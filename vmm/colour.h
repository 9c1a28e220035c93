/* SPDX-License-Identifier: MIT */
/*
 * colour.h: whether to write in colour.
 */
#ifndef VMM_COLOUR_H
#define VMM_COLOUR_H

#include <stdbool.h>

/* True when fd is a terminal that knows colours and the user has not said NO_COLOR
 * (no-color.org). */
bool colour_wanted(int fd);

#endif
