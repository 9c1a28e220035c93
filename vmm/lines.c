/* SPDX-License-Identifier: MIT */
/*
 * lines.c: prefixing the lines of a text.
 */
#include "lines.h"

#include <string.h>

void lines_print(FILE *to, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		fprintf(to, "vmm: %.*s\n", (int)length, text);
		text += length + (text[length] == '\n');
	}
}
