/* SPDX-License-Identifier: MIT */
/*
 * answer_value.c: what a data object holds in GOOD and in BAD: as a number where its size says so,
 * as a string where its bytes do, else the bytes that differ.
 */
#include "answer_value.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#define STRING_SHOWN 60
#define BYTES_SHOWN  8
#define PARTS_SHOWN  8

void answer_values(
	const struct answer *answer, const struct change *change, struct object_values *values)
{
	const struct diff *diff = answer->diff;
	const struct diff_atom *atom = change->atom;
	struct object_value base = {.bytes = diff->base.bytes + change->offset,
		.size = change->size,
		.symbols = answer->symbols};
	struct object_value other = {.bytes = answer->whole->bytes + change->offset,
		.size = change->size,
		.symbols = answer->other_symbols};

	base.moved = base.bytes;
	other.moved = other.bytes;
	if (atom->code) {
		other.bytes = atom->own;
		other.moved = atom->code;
		other.size = atom->code_size;
	}
	values->good = diff->reversed ? other : base;
	values->bad = diff->reversed ? base : other;
}

static bool is_string(const struct object_value *value)
{
	if (value->size < 2 || value->bytes[value->size - 1] || !value->bytes[0])
		return false;
	/* Zeros may fill an array behind it. */
	for (uint64_t i = 0, ended = 0; i < value->size; i++) {
		unsigned char c = value->bytes[i];

		ended |= !c;
		if (ended ? c : !isprint(c) && !strchr("\t\n\r", c))
			return false;
	}
	return true;
}

static bool is_number(uint64_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static void print_string(const struct object_value *value, FILE *to)
{
	const char *text = (const char *)value->bytes;
	size_t n = strlen(text);

	fputc('"', to);
	for (size_t i = 0; i < n && i < STRING_SHOWN; i++)
		if (isprint((unsigned char)text[i]))
			fprintf(to, "%s%c", strchr("\"\\", text[i]) ? "\\" : "", text[i]);
		else
			fprintf(to, "\\x%02x", (unsigned char)text[i]);
	fprintf(to, "\"%s", n > STRING_SHOWN ? "..." : "");
}

static void print_number(const struct object_value *value, FILE *to)
{
	unsigned bits = (unsigned)value->size * 8;
	char name[SYMBOL_NAME_MAX + 24];
	uint64_t number = 0;
	int64_t as_signed;

	memcpy(&number, value->bytes, value->size);
	as_signed = (int64_t)(number << (64 - bits)) >> (64 - bits);
	fprintf(to, "0x%" PRIx64, number);
	if (number > 9)
		fprintf(to, " (%" PRIu64, number);
	if (as_signed < 0)
		fprintf(to, ", %" PRId64, as_signed);
	if (number > 9)
		fputc(')', to);
	if (value->size >= 4 && symbols_format(value->symbols, number, name, sizeof(name)))
		fprintf(to, " <%s>", name);
}

static void print_value(const struct object_value *value, FILE *to)
{
	if (is_string(value))
		print_string(value, to);
	else
		print_number(value, to);
}

static void print_some(const uint8_t *bytes, uint64_t n, FILE *to)
{
	for (uint64_t i = 0; i < n && i < BYTES_SHOWN; i++)
		fprintf(to, "%s%02x", i ? " " : "", bytes[i]);
	fprintf(to, "%s", n > BYTES_SHOWN ? " ..." : "");
}

/* By the moved bytes: an address that only names the same thing elsewhere is no difference. */
static void print_parts(const struct object_values *values, FILE *to)
{
	const struct object_value *good = &values->good, *bad = &values->bad;
	uint64_t size = good->size < bad->size ? good->size : bad->size, at = 0;
	unsigned parts = 0;

	while (at < size) {
		uint64_t end = at;

		while (end < size && good->moved[end] != bad->moved[end])
			end++;
		if (end > at && ++parts > PARTS_SHOWN) {
			fprintf(to, "    ...\n");
			return;
		}
		if (end > at) {
			fprintf(to, "    +0x%" PRIx64 ": ", at);
			print_some(good->bytes + at, end - at, to);
			fprintf(to, " -> ");
			print_some(bad->bytes + at, end - at, to);
			fputc('\n', to);
		}
		at = end + 1;
	}
}

void answer_print_values(const struct answer *answer, const struct change *change, FILE *to)
{
	struct object_values values;

	answer_values(answer, change, &values);
	if (values.good.size != values.bad.size)
		fprintf(to, "    %" PRIu64 " -> %" PRIu64 " bytes\n", values.good.size,
			values.bad.size);
	if ((is_string(&values.good) && is_string(&values.bad)) ||
		(values.good.size == values.bad.size && is_number(values.good.size))) {
		fprintf(to, "    ");
		print_value(&values.good, to);
		fprintf(to, " -> ");
		print_value(&values.bad, to);
		fputc('\n', to);
	} else {
		print_parts(&values, to);
	}
}
