/* SPDX-License-Identifier: MIT */
/*
 * symbol_diff.c: what differs, symbol by symbol.
 */
#include "symbol_diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autopsy/symbol_file.h"
#include "mover.h"
#include "status.h"

#define NOP 0x90

/* Where no size is known, no-ops may fill code up to the next symbol. */
static bool same_place(const struct elf_sym *good, const struct elf_sym *bad)
{
	if (good->address != bad->address)
		return false;
	if (good->guessed && bad->guessed)
		return good->slot == bad->slot;
	return good->size == bad->size;
}

static bool alike(const struct elf_syms *good, const struct elf_syms *bad)
{
	for (uint32_t i = 0; i < good->count; i++) {
		const struct elf_sym *sym = &good->at[i];

		if (sym->mate != NO_MATE && !same_place(sym, &bad->at[sym->mate]))
			return false;
	}
	return true;
}

static const char *keep_name(struct diff *diff, const struct elf_sym *sym)
{
	struct error ignored;
	char *name = malloc(SYMBOL_NAME_MAX);

	/* It may hold anything, and goes to a terminal. */
	if (name)
		escape_name(name, SYMBOL_NAME_MAX, sym->name);
	return name && diff_own(diff, name, &ignored) ? name : NULL;
}

/* Laid out alike: bytes become atoms of their symbols. */
static void join_atoms(struct diff *diff, const struct elf_syms *syms)
{
	const struct elf_sym *last = NULL;
	unsigned used = 0, cluster = 0;

	for (unsigned i = 0; i < diff->atom_count; i++) {
		struct diff_atom atom = diff->atoms[i];
		const struct elf_sym *sym = NULL;
		uint64_t address;

		if (diff_address(diff, diff->pieces[atom.first].offset, &address))
			sym = elf_syms_find_near(syms, address);
		if (used && sym == last && (sym || atom.group[0] == cluster)) {
			diff->atoms[used - 1].count++;
			continue;
		}
		last = sym;
		cluster = atom.group[0];
		diff->atoms[used] = (struct diff_atom){.first = atom.first, .count = 1};
		if (sym && diff_offset(&diff->good, sym->address, &diff->atoms[used].offset)) {
			diff->atoms[used].name = keep_name(diff, sym);
			diff->atoms[used].guessed = sym->guessed || !sym->sized;
			diff->atoms[used].size = diff->atoms[used].guessed ? sym->slot : sym->size;
		}
		used++;
	}
	diff->atom_count = diff->space.atoms = used;
}

/* Everything of a symbol that is to be compared and moved. */
struct candidate {
	const struct elf_sym *good, *bad;
	uint64_t offset; /* in GOOD's file */
	uint8_t *moved;  /* BAD's, as it would be at GOOD's address; room for GOOD's slot */
	uint64_t fill;   /* bytes of moved behind its end that go with it */
	struct relocate_open open;
};

/* Equal but for the fields that have no counterpart. */
static bool equal_but_open(const struct diff *diff, const struct candidate *candidate)
{
	const uint8_t *good = diff->base.bytes + candidate->offset;
	uint64_t at = 0;

	if (candidate->good->size != candidate->bad->size)
		return false;
	for (unsigned i = 0; i < candidate->open.count; i++) {
		uint64_t next = candidate->open.field[i].offset;

		if (next > at && memcmp(good + at, candidate->moved + at, next - at) != 0)
			return false;
		at = next + candidate->open.field[i].size;
	}
	return !memcmp(good + at, candidate->moved + at, candidate->good->size - at);
}

/* What equal code refers to is the same thing. */
static void note_pairs(struct mover *mover, const struct candidate *candidate)
{
	const uint8_t *good = mover->diff->base.bytes + candidate->offset;

	for (unsigned i = 0; i < candidate->open.count; i++) {
		uint64_t value = 0;

		memcpy(&value, good + candidate->open.field[i].offset,
			candidate->open.field[i].size);
		if (candidate->open.field[i].size == 4 &&
			(candidate->open.field[i].relative || candidate->open.field[i].value >> 32))
			value = (uint64_t)(int32_t)value;
		else if (candidate->open.field[i].size == 1)
			value = (uint64_t)(int8_t)value;
		if (candidate->open.field[i].relative)
			value += candidate->good->address + candidate->open.field[i].end;
		mover_note(mover, candidate->open.field[i].value, value);
	}
}

/* Where so many bytes of GOOD lie in its file, all of them in one segment. */
static bool find_bytes(const struct diff *diff, uint64_t address, uint64_t size, uint64_t *offset)
{
	uint64_t last;

	return size && diff_offset(&diff->good, address, offset) &&
	       diff_offset(&diff->good, address + size - 1, &last) && last - *offset == size - 1 &&
	       last < diff->base.size;
}

/* False: not to be compared. What is in neither file (.bss) has no content. */
static bool make_candidate(struct mover *mover, uint32_t index, struct candidate *candidate)
{
	const struct elf_sym *sym = &mover->good_syms.at[index];

	*candidate = (struct candidate){.good = sym};
	if (!sym->sized || sym->mate == NO_MATE)
		return false;
	candidate->bad = &mover->bad_syms.at[sym->mate];
	if (!candidate->bad->sized || candidate->bad->code != sym->code ||
		!mover_bad_bytes(mover, candidate->bad) ||
		!find_bytes(mover->diff, sym->address, sym->size, &candidate->offset))
		return false;
	candidate->moved =
		malloc(sym->slot > candidate->bad->size ? sym->slot : candidate->bad->size);
	return candidate->moved != NULL;
}

/* What may go on behind its end has to arrive where it did in BAD: by no-ops, or a jump. */
static bool fit_guessed(struct mover *mover, struct candidate *candidate)
{
	const struct elf_sym *good = candidate->good, *bad = candidate->bad;
	uint64_t end = good->address + good->slot, left, offset;

	if (bad->size > good->slot || !find_bytes(mover->diff, good->address, good->slot, &offset))
		return false;
	left = good->slot - bad->size;
	memset(candidate->moved + bad->size, NOP, left);
	candidate->fill = left;
	if (!bad->falls || mover_leads_to(mover, bad, end))
		return true;
	return left >= JUMP_SIZE &&
	       mover_jump_on(mover, bad, candidate->moved + bad->size, end - left);
}

/* Whether BAD's version may take the place of GOOD's. */
static bool fits_in_place(struct mover *mover, struct candidate *candidate)
{
	uint64_t offset;

	if (!candidate->bad->code)
		return candidate->bad->size == candidate->good->size;
	if (candidate->good->guessed)
		return fit_guessed(mover, candidate);
	return candidate->bad->size <= candidate->good->slot &&
	       find_bytes(mover->diff, candidate->good->address, candidate->bad->size, &offset);
}

static void learn_pairs(struct mover *mover)
{
	mover->learning = true;
	for (uint32_t i = 0; i < mover->good_syms.count; i++) {
		struct candidate candidate;

		if (make_candidate(mover, i, &candidate) &&
			mover_move(mover, candidate.bad, candidate.good->address, candidate.moved,
				&candidate.open) &&
			equal_but_open(mover->diff, &candidate))
			note_pairs(mover, &candidate);
		free(candidate.moved);
	}
	mover->learning = false;
}

/* An atom of one piece. The candidate's moved bytes were taken over by the diff. */
static void add_atom(const struct mover *mover, const struct candidate *candidate, size_t size,
	const uint8_t *bytes)
{
	struct diff *diff = mover->diff;

	diff->pieces[diff->piece_count] = (struct piece){candidate->offset, size, bytes};
	diff->atoms[diff->atom_count++] = (struct diff_atom){.first = diff->piece_count++,
		.count = 1,
		.name = keep_name(diff, candidate->good),
		.offset = candidate->offset,
		.size = candidate->good->size,
		.guessed = candidate->good->guessed,
		.code = candidate->moved,
		.code_size = candidate->bad->size,
		.own = mover_bad_bytes(mover, candidate->bad),
		.own_address = candidate->bad->address};
}

/* A jump to where there was room for it. */
static bool add_jump(
	struct mover *mover, const struct candidate *candidate, bool *fits, struct error *err)
{
	uint8_t *jump = malloc(JUMP_SIZE);
	uint64_t address;

	*fits = jump && candidate->bad->code && candidate->good->size >= JUMP_SIZE &&
	        mover_place(mover, candidate->bad, &address);
	if (!*fits) {
		free(jump);
		return true;
	}
	mover_jump(jump, candidate->good->address, address);
	if (!diff_own(mover->diff, jump, err))
		return false;
	add_atom(mover, candidate, JUMP_SIZE, jump);
	return true;
}

static void report_fixed(struct symbol_report *report, const struct elf_sym *sym)
{
	size_t used = strlen(report->names);
	char name[SYMBOL_NAME_MAX];

	escape_name(name, sizeof(name), sym->name);
	if (used + strlen(name) + 3 < sizeof(report->names))
		snprintf(report->names + used, sizeof(report->names) - used, "%s%s",
			used ? ", " : "", name);
	report->fixed++;
}

/* Takes over candidate->moved. */
static bool add_candidate(struct mover *mover, struct candidate *candidate,
	struct symbol_report *report, struct error *err)
{
	bool whole = mover_move(mover, candidate->bad, candidate->good->address, candidate->moved,
		&candidate->open);
	bool fits = fits_in_place(mover, candidate);

	if (!diff_own(mover->diff, candidate->moved, err))
		return false;
	if (whole && equal_but_open(mover->diff, candidate))
		return true;
	whole = whole && !candidate->open.count;
	if (whole && fits)
		add_atom(
			mover, candidate, candidate->bad->size + candidate->fill, candidate->moved);
	else if (whole && !add_jump(mover, candidate, &fits, err))
		return false;
	if (!whole || !fits)
		report_fixed(report, candidate->good);
	return true;
}

static bool add_moved(struct mover *mover, struct symbol_report *report, struct error *err)
{
	struct diff *diff = mover->diff;
	uint64_t end = 0;

	diff->pieces = calloc(mover->good_syms.count + 1, sizeof(diff->pieces[0]));
	diff->atoms = calloc(mover->good_syms.count + 1, sizeof(diff->atoms[0]));
	if (!diff->pieces || !diff->atoms)
		return error_errno(err, STATUS_HOST, "memory for the differences");
	mover_open_room(mover);
	learn_pairs(mover);
	for (uint32_t i = 0; i < mover->good_syms.count; i++) {
		struct candidate candidate;

		/* Other names of what has been looked at. */
		if (mover->good_syms.at[i].address < end || !make_candidate(mover, i, &candidate))
			continue;
		end = candidate.good->address + candidate.good->size;
		if (!add_candidate(mover, &candidate, report, err))
			return false;
	}
	diff->space.atoms = diff->atom_count;
	return true;
}

static bool add_by_symbol(struct mover *mover, const struct content *bad,
	struct symbol_report *report, struct error *err)
{
	struct diff *diff = mover->diff;

	report->moved = !alike(&mover->good_syms, &mover->bad_syms);
	if (report->moved) {
		if (!add_moved(mover, report, err))
			return false;
	} else {
		if (!diff_add_bytes(diff, bad, err))
			return false;
		join_atoms(diff, &mover->good_syms);
	}
	diff->space.what = "symbol";
	diff->space.levels = 1;
	diff->space.fragile = report->moved;
	return diff->atom_count ||
	       error_set(err, STATUS_ELSEWHERE,
		       "%s and %s: no symbol differs that could be exchanged%s%s: take --by object",
		       diff->good.path, diff->bad.path,
		       report->fixed ? ", though these differ: " : "", report->names);
}

static bool make_one_way(struct diff *diff, const struct config *config, const struct claim *base,
	const struct claim *other, struct symbol_report *report, struct error *err)
{
	struct mover mover = {0};
	bool ok;

	*report = (struct symbol_report){0};
	if (!diff_init(diff, config, base->name, other->name, base->content, other->content, err))
		return false;
	if (!diff->elf)
		return error_set(err, STATUS_USAGE,
			"--by symbol: %s is no ELF file: take --by bytes", base->name);
	ok = mover_init(&mover, diff, base->content, other->content, err) &&
	     add_by_symbol(&mover, other->content, report, err);
	mover_deinit(&mover);
	return ok;
}

static void take_over(struct diff *diff, struct diff *other)
{
	diff_deinit(diff);
	*diff = *other;
	diff->space.ctx = diff;
}

bool diff_make_symbols(struct diff *diff, const struct config *config, const struct claim *good,
	const struct claim *bad, struct symbol_report *report, struct error *err)
{
	struct symbol_report second;
	struct error ignored;
	struct diff other;
	bool ok = make_one_way(diff, config, good, bad, report, err);

	/* A function that has grown has no room where its shorter version was, but the other way
	 * round it has. */
	if (!report->moved || (ok && !report->fixed))
		return ok;
	if (make_one_way(&other, config, bad, good, &second, &ignored) &&
		(!ok || second.fixed < report->fixed)) {
		take_over(diff, &other);
		diff->reversed = true;
		*report = second;
		return true;
	}
	diff_deinit(&other);
	return ok;
}

bool diff_is_shifted(struct diff *diff, const struct content *good, const struct content *bad)
{
	struct mover mover = {0};
	struct error ignored;
	bool shifted;

	if (!diff->elf)
		return false;
	shifted = mover_init(&mover, diff, good, bad, &ignored) &&
	          !alike(&mover.good_syms, &mover.bad_syms);
	mover_deinit(&mover);
	return shifted;
}
