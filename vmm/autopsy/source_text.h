/* SPDX-License-Identifier: MIT */
/*
 * source_text.h: the text of a source line, where the source file is at hand. The path comes from
 * the debugging information of a file that may be hostile.
 */
#ifndef AUTOPSY_SOURCE_TEXT_H
#define AUTOPSY_SOURCE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Copies the line (counted from 1) without its blanks at both ends to buf, cut to n bytes with the
 * terminating zero. False when there is no such line, when the source was changed after the file
 * built was (NULL: not known), or when the path is not that of a regular file with the ending of a
 * source file: nothing else is ever opened. The bytes are hostile. */
bool source_text_read(const char *path, unsigned line, const char *built, char *buf, size_t n);

#endif
