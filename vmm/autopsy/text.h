/* SPDX-License-Identifier: MIT */
/*
 * text.h: a text that grows: what the reports are written into. Appending never fails: what does
 * not fit is left out, and the finished text says so.
 */
#ifndef AUTOPSY_TEXT_H
#define AUTOPSY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define TEXT_COLUMNS 95        /* what reports are laid out for: 100 with "vmm: " */
#define TEXT_MAX     (1 << 22) /* bytes; a report beyond that is of no use to anybody */

enum text_style { TEXT_PLAIN, TEXT_TITLE, TEXT_BAD, TEXT_GOOD, TEXT_MARK, TEXT_DIM };

struct text {
	char *bytes; /* not terminated */
	size_t length, capacity;
	size_t column; /* of the end of the text, escape sequences not counted */
	bool colour;
	bool truncated; /* something was left out */
};

/* An empty text; with colour, text_style() writes ANSI sequences. Nothing to free before the first
 * append. */
void text_init(struct text *text, bool colour);
void text_drop(struct text *text);

/* The finished text, NUL-terminated, with a last line about truncation if need be; free() it. NULL
 * when there is not even memory for that. The text is empty afterwards. */
char *text_take(struct text *text);

/* Appends as printf() does. The result must hold no control characters but newlines. */
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends n bytes that come from a guest or a file: what is not printable ASCII is written as \xNN,
 * a newline as \n. */
void text_add_hostile(struct text *text, const char *bytes, size_t n);

/* Appends blanks up to the column, at least one. */
void text_pad(struct text *text, size_t column);

/* Appends a paragraph (which may hold hostile bytes) in lines of at most TEXT_COLUMNS: the first
 * goes on where the text ends, the others begin with indent blanks. Ends with a newline. */
void text_wrap(struct text *text, size_t indent, const char *paragraph);

/* What follows looks so, until the next call. */
void text_style(struct text *text, enum text_style style);

#endif
