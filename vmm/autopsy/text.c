/* SPDX-License-Identifier: MIT */
/*
 * text.c: the buffer behind the reports, with columns, paragraphs, colours and the escaping of
 * strings that the guest chose.
 */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRUNCATED "\n[the rest of this report did not fit into memory]\n"

void text_init(struct text *text, bool colour)
{
	*text = (struct text){.colour = colour};
}

void text_drop(struct text *text)
{
	free(text->bytes);
	text_init(text, text->colour);
}

/* Room for n more bytes and the end that text_take() appends. */
static bool text_reserve(struct text *text, size_t n)
{
	size_t wanted = text->length + n + sizeof(TRUNCATED);
	size_t capacity = text->capacity ? text->capacity : 4096;
	char *bytes;

	if (text->truncated || n > TEXT_MAX || wanted > TEXT_MAX)
		return false;
	if (wanted <= text->capacity)
		return true;
	while (capacity < wanted)
		capacity *= 2;
	bytes = realloc(text->bytes, capacity);
	if (!bytes)
		return false;
	text->bytes = bytes;
	text->capacity = capacity;
	return true;
}

static void add_bytes(struct text *text, const char *bytes, size_t n)
{
	if (!text_reserve(text, n)) {
		text->truncated = true;
		return;
	}
	memcpy(text->bytes + text->length, bytes, n);
	text->length += n;
}

/* The same for bytes that are seen: they move the column. */
static void add_visible(struct text *text, const char *bytes, size_t n)
{
	add_bytes(text, bytes, n);
	for (size_t i = 0; i < n; i++)
		text->column = bytes[i] == '\n' ? 0 : text->column + 1;
}

char *text_take(struct text *text)
{
	char *result;

	if (text->truncated && !text->bytes)
		return strdup(TRUNCATED);
	if (text->truncated) {
		memcpy(text->bytes + text->length, TRUNCATED, strlen(TRUNCATED));
		text->length += strlen(TRUNCATED);
	}
	result = realloc(text->bytes, text->length + 1);
	if (!result)
		result = text->bytes;
	if (result)
		result[text->length] = '\0';
	text_init(text, text->colour);
	return result;
}

void text_add(struct text *text, const char *format, ...)
{
	char small[512], *large = NULL;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	if (n >= (int)sizeof(small))
		large = malloc((size_t)n + 1);
	if (n < 0 || (n >= (int)sizeof(small) && !large)) {
		text->truncated = true;
		return;
	}
	if (large) {
		va_start(args, format);
		vsnprintf(large, (size_t)n + 1, format, args);
		va_end(args);
	}
	add_visible(text, large ? large : small, n);
	free(large);
}

void text_add_hostile(struct text *text, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = bytes[i];

		if (c == '\n')
			text_add(text, "\\n");
		else if (c < 0x20 || c >= 0x7f)
			text_add(text, "\\x%02x", c);
		else
			add_visible(text, &bytes[i], 1);
	}
}

void text_pad(struct text *text, size_t column)
{
	do
		add_visible(text, " ", 1);
	while (text->column < column && !text->truncated);
}

void text_wrap(struct text *text, size_t indent, const char *paragraph)
{
	bool first = true;

	while (*paragraph) {
		size_t word = strcspn(paragraph, " \n");

		if (word && !first && text->column + 1 + word > TEXT_COLUMNS) {
			text_add(text, "\n%*s", (int)indent, "");
			first = true;
		}
		if (word && !first)
			text_add(text, " ");
		text_add_hostile(text, paragraph, word);
		first = first && !word;
		paragraph += word + (paragraph[word] != '\0');
	}
	text_add(text, "\n");
}

void text_style(struct text *text, enum text_style style)
{
	static const char *const codes[] = {
		[TEXT_PLAIN] = "\033[0m",
		[TEXT_TITLE] = "\033[1m",
		[TEXT_BAD] = "\033[1;31m",
		[TEXT_GOOD] = "\033[32m",
		[TEXT_MARK] = "\033[1;33m",
		[TEXT_DIM] = "\033[2m",
	};

	if (text->colour)
		add_bytes(text, codes[style], strlen(codes[style]));
}
