/* SPDX-License-Identifier: MIT */
/*
 * answer.c: gathers names and disassemblies for the answer.
 */
#include "answer.h"

#include <string.h>

#include "boot.h"

static void mode_of(const struct diff *diff, const struct changed_code *code, struct cpu_state *cpu)
{
	struct boot boot = {.mode = diff->good.mode};

	boot_cpu_state(&boot, &diff->good, cpu);
	if (diff->good.mode == VMM_MODE_REAL)
		cpu->seg[SEG_CS].base = code->address & ~0xffffull;
}

static bool overlaps(const struct pair_side *side, const struct changes *changes)
{
	for (unsigned i = 0; side->there && i < changes->count; i++) {
		const struct change *change = &changes->at[i];

		if (change->loaded &&
			ranges_overlap(side->address, side->length, change->address, change->size))
			return true;
	}
	return false;
}

/* Of a whole symbol every row would be marked. */
static bool answer_is_symbol(const struct changes *changes)
{
	return changes->count && changes->at[0].atom;
}

/* A call that goes elsewhere may read the same. */
static bool same_bytes(const struct pair_row *row)
{
	return row->good.there && row->bad.there && row->good.length == row->bad.length &&
	       !memcmp(row->good.bytes, row->bad.bytes, row->good.length);
}

static void mark(struct pair *pair, const struct changes *changes)
{
	if (answer_is_symbol(changes))
		return;
	for (unsigned i = 0; i < pair->count; i++) {
		struct pair_row *row = &pair->rows[i];

		row->decisive = !same_bytes(row) &&
		                (overlaps(&row->good, changes) || overlaps(&row->bad, changes));
		row->differs |= row->decisive;
	}
}

static bool make_pair(struct answer *answer, const struct changed_code *code, struct error *err)
{
	struct symbols *symbols = answer->symbols;
	struct pair *pair = &answer->pairs[answer->pair_count];
	const struct content *base = &answer->diff->base;
	struct pair_code here = {.bytes = base->bytes + code->offset,
		.address = code->address,
		.own_address = code->address,
		.size = code->size,
		.symbols = symbols};
	struct pair_code there = here;
	bool reversed = answer->diff->reversed;
	struct cpu_state cpu;

	here.own = here.bytes;
	there.bytes = there.own = answer->whole->bytes + code->offset;
	there.symbols = answer->other_symbols;
	if (code->atom && code->atom->code) {
		there.bytes = code->atom->code;
		there.size = code->atom->code_size;
		there.own = code->atom->own;
		there.own_address = code->atom->own_address;
	} else if (code->offset + code->size > answer->whole->size) {
		return true;
	}
	mode_of(answer->diff, code, &cpu);
	if (!pair_make(pair, &cpu, symbols, reversed ? &there : &here, reversed ? &here : &there))
		return error_errno(err, STATUS_HOST, "memory for the answer");
	mark(pair, &answer->changes);
	answer->pair_count++;
	return true;
}

bool answer_name(struct answer *answer, struct error *err)
{
	struct set shown;
	unsigned last;

	if (!answer->diff)
		return true;
	shown = answer->inner->minimal;
	last = 1 + answer->inner->boundary_skips;
	/* Of a prefix only its end says something. */
	if (answer->way == WAY_PREFIX && shown.count > last)
		shown = (struct set){shown.at + shown.count - last, last};
	if (!changes_make(&answer->changes, answer->diff, &shown, answer->symbols, err))
		return false;
	if (answer->inner->has_removal && answer->way != WAY_PREFIX &&
		!changes_make(&answer->removal, answer->diff, &answer->inner->removal,
			answer->symbols, err))
		return false;
	for (unsigned i = 0; i < answer->changes.code_count && i < ANSWER_CODE_MAX; i++)
		if (!make_pair(answer, &answer->changes.code[i], err))
			return false;
	return true;
}

void answer_free(struct answer *answer)
{
	for (unsigned i = 0; i < answer->pair_count; i++)
		pair_free(&answer->pairs[i]);
	changes_free(&answer->changes);
	changes_free(&answer->removal);
}
