/* SPDX-License-Identifier: MIT */
/*
 * change.c: from pieces of a file to names.
 */
#include "change.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_BEFORE \
	0 /* without a symbol decoding begins at the change: bytes before may be data */
#define WINDOW_SIZE 48

struct stretch {
	uint64_t offset, size;
	const struct diff_atom *atom; /* of a symbol, else NULL */
};

static int compare_stretches(const void *a, const void *b)
{
	const struct stretch *left = a, *right = b;

	return left->offset < right->offset ? -1 : left->offset > right->offset;
}

/* The bytes of all pieces that really differ, in order, neighbours joined. */
static unsigned gather(const struct diff *diff, const struct set *set, struct stretch *out)
{
	unsigned n = 0, used = 0;

	for (unsigned i = 0; i < set->count; i++) {
		const struct diff_atom *atom = &diff->atoms[set->at[i]];

		if (atom->size)
			out[n++] = (struct stretch){atom->offset, atom->size, atom};
		for (unsigned j = 0; j < atom->count && !atom->size; j++)
			out[n++] = (struct stretch){diff->pieces[atom->first + j].offset,
				diff->pieces[atom->first + j].size, NULL};
	}
	qsort(out, n, sizeof(out[0]), compare_stretches);
	for (unsigned i = 0; i < n; i++) {
		if (used && !out[i].atom && !out[used - 1].atom &&
			out[used - 1].offset + out[used - 1].size == out[i].offset)
			out[used - 1].size += out[i].size;
		else
			out[used++] = out[i];
	}
	return used;
}

static unsigned count_pieces(const struct diff *diff, const struct set *set)
{
	unsigned n = 0;

	for (unsigned i = 0; i < set->count; i++)
		n += diff->atoms[set->at[i]].count + 1;
	return n;
}

static const struct image_segment *segment_at(const struct image *image, uint64_t offset)
{
	for (unsigned i = 0; i < image->segment_count; i++)
		if (offset - image->segments[i].offset < image->segments[i].file_size)
			return &image->segments[i];
	return NULL;
}

static void name_change(struct change *change, const struct diff *diff, struct symbols *symbols)
{
	struct symbol_segment segment;

	change->loaded = diff_address(diff, change->offset, &change->address);
	if (!change->loaded) {
		change->beyond = segment_at(&diff->bad, change->offset) != NULL;
		return;
	}
	change->code = true;
	if (symbols_find_segment(symbols, change->address, &segment)) {
		change->code = segment.executable;
		memcpy(change->section, segment.section, sizeof(change->section));
		if (strncmp(segment.section, ".rodata", 7) == 0)
			change->code = false;
	}
	change->has_symbol = symbols_find_address(symbols, change->address, &change->symbol);
	if (change->has_symbol && change->symbol.kind == SYMBOL_OBJECT)
		change->code = false;
	change->has_line =
		change->code && symbols_find_line(symbols, change->address, &change->line);
}

/* The function around the change; without a size, or a symbol, some bytes. */
static void add_code(struct changes *changes, const struct diff *diff, const struct change *change)
{
	const struct image_segment *segment = segment_at(&diff->good, change->offset);
	struct changed_code *code = &changes->code[changes->code_count];
	uint64_t back = change->has_symbol ? change->symbol.offset : WINDOW_BEFORE;
	uint64_t room;

	if (change->atom || back > change->offset - segment->offset)
		back = 0;
	*code = (struct changed_code){.atom = change->atom,
		.address = change->address - back,
		.offset = change->offset - back,
		.size = change->atom ? change->size
	                : change->has_symbol && change->symbol.size
	                        ? change->symbol.size
	                        : back + change->size + WINDOW_SIZE,
		.has_line = change->has_line,
		.line = change->line};
	room = segment->offset + segment->file_size - code->offset;
	if (code->size > room)
		code->size = room;
	if (change->has_symbol)
		memcpy(code->name, change->symbol.name, sizeof(code->name));
	if (changes->code_count && code[-1].address + code[-1].size > change->address)
		return;
	changes->code_count++;
}

bool changes_make(struct changes *changes, const struct diff *diff, const struct set *set,
	struct symbols *symbols, struct error *err)
{
	unsigned pieces = count_pieces(diff, set);
	struct stretch *stretches = calloc(pieces + 1, sizeof(stretches[0]));

	*changes = (struct changes){0};
	changes->count = stretches ? gather(diff, set, stretches) : 0;
	changes->at = calloc(changes->count + 1, sizeof(changes->at[0]));
	changes->code = calloc(changes->count + 1, sizeof(changes->code[0]));
	if (!stretches || !changes->at || !changes->code) {
		free(stretches);
		changes_free(changes);
		return error_errno(err, STATUS_HOST, "memory for the answer");
	}
	for (unsigned i = 0; i < changes->count; i++) {
		struct change *change = &changes->at[i];

		change->offset = stretches[i].offset;
		change->size = stretches[i].size;
		change->atom = stretches[i].atom;
		name_change(change, diff, symbols);
		if (change->loaded && change->code)
			add_code(changes, diff, change);
	}
	free(stretches);
	return true;
}

void changes_free(struct changes *changes)
{
	free(changes->at);
	free(changes->code);
	*changes = (struct changes){0};
}

void changes_group(struct diff *diff, struct symbols *symbols)
{
	uint64_t start = 0, size = 0, address;
	unsigned group = 0, cluster = 0;

	for (unsigned i = 0; i < diff->atom_count; i++) {
		struct diff_atom *atom = &diff->atoms[i];
		bool known = diff_address(diff, diff->pieces[atom->first].offset, &address);
		struct symbol symbol;

		if (known && size && address - start < size) {
			atom->group[0] = group;
			continue;
		}
		size = 0;
		if (known && symbols_find_address(symbols, address, &symbol) && symbol.size) {
			start = symbol.address;
			size = symbol.size;
			group++;
		} else if (!i || atom->group[0] != cluster) {
			group++;
		}
		cluster = atom->group[0];
		atom->group[0] = group;
	}
}
