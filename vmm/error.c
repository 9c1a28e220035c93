/* SPDX-License-Identifier: MIT */
/*
 * error.c: fills in what went wrong.
 */
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void make_one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

bool error_set(struct error *err, enum status status, const char *format, ...)
{
	va_list args;

	err->status = status;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	make_one_line(err->text);
	return false;
}

bool error_errno(struct error *err, enum status status, const char *format, ...)
{
	int cause = errno; /* vsnprintf() may change it */
	va_list args;
	size_t n;

	err->status = status;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	make_one_line(err->text);
	n = strlen(err->text);
	snprintf(err->text + n, sizeof(err->text) - n, ": %s", strerror(cause));
	return false;
}
