/* SPDX-License-Identifier: MIT */
/*
 * format.c: printf's job without a buffer. Needs little stack: exception handlers print with it.
 */
#include "format.h"

#include <stdbool.h>
#include <stdint.h>

#include "string.h"

#define NUMBER_DIGITS 20 /* of 2^64 in decimal */

struct spec {
	bool zero, left;
	int width, precision; /* precision -1: none */
	int longs;            /* 0: int, 1: long or size_t, 2: long long */
	char conversion;
};

struct out {
	format_emit *emit;
	void *ctx;
};

static void pad(const struct out *out, int n)
{
	static const char spaces[] = "                ";

	for (; n > 0; n -= (int)sizeof(spaces) - 1)
		out->emit(out->ctx, spaces,
			n < (int)sizeof(spaces) - 1 ? n : (int)sizeof(spaces) - 1);
}

static void put_field(const struct out *out, const struct spec *spec, const char *text, int n)
{
	if (!spec->left)
		pad(out, spec->width - n);
	out->emit(out->ctx, text, n);
	if (spec->left)
		pad(out, spec->width - n);
}

/* prefix: "", "-" or "0x"; zeros go between it and the digits. */
static void put_number(const struct out *out, const struct spec *spec, uint64_t value,
	unsigned base, const char *prefix)
{
	char digits[NUMBER_DIGITS + 2 + sizeof(uint64_t) * 2];
	char *end = digits + sizeof(digits), *start = end;
	int prefix_length = (int)strlen(prefix),
	    zeros = spec->zero && !spec->left ? spec->width : 1;

	do {
		*--start = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (end - start + prefix_length < zeros && start - prefix_length > digits)
		*--start = '0';
	for (int i = prefix_length; i > 0; i--)
		*--start = prefix[i - 1];
	put_field(out, spec, start, (int)(end - start));
}

static int take_number(const char **format, va_list *args)
{
	int value = 0;

	if (**format == '*') {
		(*format)++;
		return va_arg(*args, int);
	}
	while (**format >= '0' && **format <= '9')
		value = value * 10 + *(*format)++ - '0';
	return value;
}

static const char *parse_spec(struct spec *spec, const char *format, va_list *args)
{
	*spec = (struct spec){.precision = -1};
	for (; *format == '0' || *format == '-'; format++) {
		if (*format == '0')
			spec->zero = true;
		else
			spec->left = true;
	}
	spec->width = take_number(&format, args);
	if (*format == '.') {
		format++;
		spec->precision = take_number(&format, args);
	}
	for (; *format == 'l' || *format == 'z'; format++)
		spec->longs++;
	spec->conversion = *format;
	return *format ? format + 1 : format;
}

static uint64_t take_unsigned(const struct spec *spec, va_list *args)
{
	if (spec->longs == 0)
		return va_arg(*args, unsigned);
	return spec->longs == 1 ? va_arg(*args, unsigned long) : va_arg(*args, unsigned long long);
}

static int64_t take_signed(const struct spec *spec, va_list *args)
{
	if (spec->longs == 0)
		return va_arg(*args, int);
	return spec->longs == 1 ? va_arg(*args, long) : va_arg(*args, long long);
}

static void put_signed(const struct out *out, const struct spec *spec, int64_t value)
{
	put_number(out, spec, value < 0 ? -(uint64_t)value : (uint64_t)value, 10,
		value < 0 ? "-" : "");
}

static void put_string(const struct out *out, const struct spec *spec, const char *text)
{
	if (!text)
		text = "(null)";
	put_field(out, spec, text,
		(int)(spec->precision >= 0 ? strnlen(text, spec->precision) : strlen(text)));
}

static void put_pointer(const struct out *out, const void *pointer)
{
	const struct spec spec = {.zero = true, .width = 2 + 2 * sizeof(pointer)};

	put_number(out, &spec, (uintptr_t)pointer, 16, "0x");
}

/* False: no such conversion. */
static bool put_conversion(const struct out *out, const struct spec *spec, va_list *args)
{
	char c;

	switch (spec->conversion) {
	case 'd':
	case 'i':
		put_signed(out, spec, take_signed(spec, args));
		return true;
	case 'u':
		put_number(out, spec, take_unsigned(spec, args), 10, "");
		return true;
	case 'x':
		put_number(out, spec, take_unsigned(spec, args), 16, "");
		return true;
	case 'p':
		put_pointer(out, va_arg(*args, const void *));
		return true;
	case 's':
		put_string(out, spec, va_arg(*args, const char *));
		return true;
	case 'c':
		c = (char)va_arg(*args, int);
		put_field(out, spec, &c, 1);
		return true;
	case '%':
		out->emit(out->ctx, "%", 1);
		return true;
	}
	return false;
}

void format_text(format_emit *emit, void *ctx, const char *format, va_list args)
{
	const struct out out = {emit, ctx};
	const char *end = format + strlen(format);
	va_list rest;

	va_copy(rest, args);
	while (format < end) {
		const char *start = format;
		struct spec spec;

		format = memchr(start, '%', end - start);
		if (!format)
			format = end;
		if (format != start)
			emit(ctx, start, format - start);
		if (format == end)
			break;
		start = format;
		format = parse_spec(&spec, format + 1, &rest);
		if (!put_conversion(&out, &spec, &rest))
			emit(ctx, start, format - start);
	}
	va_end(rest);
}

struct buffer {
	char *text;
	size_t size, length;
};

static void emit_to_buffer(void *ctx, const char *text, size_t n)
{
	struct buffer *buffer = ctx;

	for (size_t i = 0; i < n; i++, buffer->length++) {
		if (buffer->length + 1 < buffer->size)
			buffer->text[buffer->length] = text[i];
	}
}

size_t format_buffer(char *buffer, size_t size, const char *format, ...)
{
	struct buffer out = {buffer, size, 0};
	va_list args;

	va_start(args, format);
	format_text(emit_to_buffer, &out, format, args);
	va_end(args);
	if (size)
		buffer[out.length < size ? out.length : size - 1] = '\0';
	return out.length;
}
