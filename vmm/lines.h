/* SPDX-License-Identifier: MIT */
/*
 * lines.h: what vmm says: each line on stderr begins with "vmm: ".
 */
#ifndef VMM_LINES_H
#define VMM_LINES_H

#include <stdio.h>

/* Prints every line of text with the prefix; a last line without a newline gets one. */
void lines_print(FILE *to, const char *text);

#endif
