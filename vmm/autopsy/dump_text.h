/* SPDX-License-Identifier: MIT */
/*
 * dump_text.h: the raw dump: everything in the evidence, in words, without any explanation. Needs
 * no library beyond the C library, so that it is there whatever else fails.
 */
#ifndef AUTOPSY_DUMP_TEXT_H
#define AUTOPSY_DUMP_TEXT_H

#include "evidence.h"

/* The dump as plain text in whole lines, NUL-terminated; free() it. NULL when there is no memory
 * at all. */
char *dump_text(const struct evidence *evidence);

#endif
