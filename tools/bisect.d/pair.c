/* SPDX-License-Identifier: MIT */
/*
 * pair.c: decoding two versions, and the longest common subsequence of their instructions.
 */
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INSNS_MAX 2000 /* of a function; what follows is not shown */

struct decoded {
	struct pair_side *sides;
	unsigned count;
};

static bool name_address(void *ctx, uint64_t linear, char *buf, size_t size)
{
	return symbols_format(ctx, linear, buf, size);
}

/* The text without addresses that stand for a name, and without offsets in one: "call <f>". */
static void make_key(const char *text, char key[INSN_TEXT_MAX])
{
	size_t used = 0;

	while (*text) {
		const char *name = strstr(text, " <");
		size_t digits =
			strncmp(text, "0x", 2) ? 0 : 2 + strspn(text + 2, "0123456789abcdef");

		if (digits && name == text + digits) {
			size_t length = strcspn(name + 1, "+>");

			memcpy(key + used, name + 1, length);
			used += length;
			text = name + 1 + strcspn(name + 1, ">");
			continue;
		}
		key[used++] = *text++;
	}
	key[used] = '\0';
}

/* The instruction as text; its length, or 0 when there is none. */
static unsigned format(const struct cpu_state *cpu, struct symbols *symbols, uint64_t address,
	const uint8_t *bytes, size_t n, char text[INSN_TEXT_MAX])
{
	struct insn insn;

	if (insn_decode(cpu, address, bytes, n, &insn) != INSN_OK)
		return 0;
	insn_resolve(&insn, cpu);
	insn_format(&insn, cpu, INSN_ATT, name_address, symbols, text, INSN_TEXT_MAX);
	return insn.length;
}

/* At an offset of the code. A byte that begins no instruction stands alone. */
static void decode_one(struct pair_side *side, const struct cpu_state *cpu, struct symbols *symbols,
	const struct pair_code *code, uint64_t at)
{
	uint64_t left = code->size - at;
	size_t n = left < INSN_BYTES_MAX ? left : INSN_BYTES_MAX;
	char text[INSN_TEXT_MAX];

	side->there = true;
	side->address = code->own_address + at;
	side->length = format(cpu, symbols, code->address + at, code->bytes + at, n, text);
	if (!side->length) {
		side->length = 1;
		snprintf(text, sizeof(text), ".byte 0x%02x (no instruction)", code->bytes[at]);
	}
	make_key(text, side->key);
	memcpy(side->bytes, code->own + at, side->length);
	if (format(cpu, code->symbols, side->address, side->bytes, side->length, side->text) !=
		side->length)
		strcpy(side->text, text);
}

static bool decode(struct decoded *decoded, const struct cpu_state *cpu, struct symbols *symbols,
	const struct pair_code *code)
{
	uint64_t at = 0;

	decoded->count = 0;
	decoded->sides = calloc(INSNS_MAX, sizeof(decoded->sides[0]));
	if (!decoded->sides)
		return false;
	while (at < code->size && decoded->count < INSNS_MAX) {
		struct pair_side *side = &decoded->sides[decoded->count++];

		decode_one(side, cpu, symbols, code, at);
		at += side->length;
	}
	return true;
}

/* The same instruction, wherever it stands. */
static bool same(const struct pair_side *a, const struct pair_side *b)
{
	return !strcmp(a->key, b->key);
}

static void add_row(struct pair *pair, const struct pair_side *good, const struct pair_side *bad)
{
	struct pair_row *row = &pair->rows[pair->count++];

	if (good)
		row->good = *good;
	if (bad)
		row->bad = *bad;
	row->differs = !good || !bad || !same(good, bad);
}

/* length[i][j]: of the longest common subsequence of good[i..] and bad[j..]. */
static void align(struct pair *pair, const struct decoded *good, const struct decoded *bad,
	const uint16_t *length)
{
	unsigned i = 0, j = 0, width = bad->count + 1;

	while (i < good->count || j < bad->count) {
		const struct pair_side *left = i < good->count ? &good->sides[i] : NULL;
		const struct pair_side *right = j < bad->count ? &bad->sides[j] : NULL;
		bool both = left && right;
		unsigned skip_left = both ? length[(i + 1) * width + j] : 0;
		unsigned skip_right = both ? length[i * width + j + 1] : 0;

		/* Two that differ at the same place are a change, not one gone and one come. */
		if (both && (same(left, right) ||
				    (length[(i + 1) * width + j + 1] == length[i * width + j]))) {
			add_row(pair, left, right);
			i++;
			j++;
		} else if (left && (!right || skip_left >= skip_right)) {
			add_row(pair, left, NULL);
			i++;
		} else {
			add_row(pair, NULL, right);
			j++;
		}
	}
}

static void fill_lengths(const struct decoded *good, const struct decoded *bad, uint16_t *length)
{
	unsigned width = bad->count + 1;

	for (unsigned i = good->count; i-- > 0;)
		for (unsigned j = bad->count; j-- > 0;) {
			uint16_t down = length[(i + 1) * width + j];
			uint16_t right = length[i * width + j + 1];

			if (same(&good->sides[i], &bad->sides[j]))
				length[i * width + j] =
					(uint16_t)(length[(i + 1) * width + j + 1] + 1);
			else
				length[i * width + j] = down > right ? down : right;
		}
}

bool pair_make(struct pair *pair, const struct cpu_state *cpu, struct symbols *symbols,
	const struct pair_code *good, const struct pair_code *bad)
{
	struct decoded left = {0}, right = {0};
	uint16_t *length = NULL;
	bool ok = decode(&left, cpu, symbols, good) && decode(&right, cpu, symbols, bad);

	*pair = (struct pair){0};
	if (ok) {
		length = calloc((left.count + 1) * (right.count + 1), sizeof(length[0]));
		pair->rows = calloc(left.count + right.count + 1, sizeof(pair->rows[0]));
	}
	ok = length && pair->rows;
	if (ok) {
		fill_lengths(&left, &right, length);
		align(pair, &left, &right, length);
	}
	free(left.sides);
	free(right.sides);
	free(length);
	return ok;
}

void pair_free(struct pair *pair)
{
	free(pair->rows);
	*pair = (struct pair){0};
}

bool pair_near(const struct pair *pair, unsigned row, unsigned context)
{
	unsigned first = row > context ? row - context : 0;

	for (unsigned i = first; i < pair->count && i <= row + context; i++)
		if (pair->rows[i].differs)
			return true;
	return false;
}
