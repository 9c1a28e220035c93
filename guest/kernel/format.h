/* SPDX-License-Identifier: MIT */
/*
 * format.h: printf's job without a buffer: pieces of text go to a function as they come.
 */
#ifndef KERNEL_FORMAT_H
#define KERNEL_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* Takes n bytes of text; text is not NUL-terminated and lives only during the call. */
typedef void format_emit(void *ctx, const char *text, size_t n);

/* Conversions: %c %s %d %i %u %x %p %%, lengths l, ll and z, flags 0 and -, width and precision (of
 * strings), also as *. %p is 0x and 16 digits (8 on a 32-bit machine). An unknown conversion is put
 * out as it stands. */
void format_text(format_emit *emit, void *ctx, const char *format, va_list args);

/* Writes at most size bytes, NUL included, to buffer; returns the length that the whole text has.
 */
size_t format_buffer(char *buffer, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
