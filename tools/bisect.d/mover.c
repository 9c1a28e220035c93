/* SPDX-License-Identifier: MIT */
/*
 * mover.c: counterparts of addresses.
 */
#define _GNU_SOURCE /* memmem() */
#include "mover.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "elf_headers.h"

#define STRING_MAX 4096
#define DEPTH_MAX  16
#define ALIGN      16

static bool in_image(const struct image *image, uint64_t address)
{
	for (unsigned i = 0; i < image->segment_count; i++)
		if (address - image->segments[i].linear <= image->segments[i].size)
			return true;
	return false;
}

static bool is_address(void *ctx, uint64_t value)
{
	const struct mover *mover = ctx;

	return in_image(&mover->diff->bad, value);
}

static bool is_constant(const struct image_segment *segment)
{
	return !(segment->flags & (IMAGE_WRITABLE | PF_X));
}

static const struct image_segment *segment_of(const struct image *image, uint64_t address)
{
	for (unsigned i = 0; i < image->segment_count; i++)
		if (address - image->segments[i].linear < image->segments[i].file_size)
			return &image->segments[i];
	return NULL;
}

/* The constant string at an address of BAD, or NULL; *length with its zero. */
static const char *string_at(const struct mover *mover, uint64_t address, size_t *length)
{
	const struct image_segment *segment = segment_of(&mover->diff->bad, address);
	const char *text;
	uint64_t left;
	size_t n;

	if (!segment || !is_constant(segment))
		return NULL;
	left = segment->file_size - (address - segment->linear);
	text = (const char *)mover->bad->bytes + segment->offset + (address - segment->linear);
	n = strnlen(text, left < STRING_MAX ? left : STRING_MAX);
	if (n == left || n == STRING_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < ' ' && !strchr("\t\n\r\033", text[i]))
			return NULL;
	*length = n + 1;
	return text;
}

static bool find_string(
	const struct mover *mover, const char *text, size_t length, uint64_t *address)
{
	const struct image *image = &mover->diff->good;

	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct image_segment *segment = &image->segments[i];
		const uint8_t *begin = mover->diff->base.bytes + segment->offset, *found;

		if (!is_constant(segment))
			continue;
		found = memmem(begin, segment->file_size, text, length);
		if (found) {
			*address = segment->linear + (uint64_t)(found - begin);
			return true;
		}
	}
	return false;
}

/* Bytes in the room. NULL when it is full. */
static uint8_t *take_room(struct mover *mover, uint64_t size, uint64_t *address)
{
	uint64_t at = (mover->room_used + ALIGN - 1) & ~(uint64_t)(ALIGN - 1);

	if (!mover->room || at > mover->room_size || size > mover->room_size - at)
		return NULL;
	mover->room_used = at + size;
	*address = mover->room->linear + mover->room->file_size - mover->room_size + at;
	return mover->diff->base.bytes + mover->room->offset + mover->room->file_size -
	       mover->room_size + at;
}

static bool map_string(struct mover *mover, uint64_t old, uint64_t *now)
{
	size_t length;
	const char *text = string_at(mover, old, &length);
	uint8_t *to;

	if (!text)
		return false;
	if (find_string(mover, text, length, now))
		return true;
	to = take_room(mover, length, now);
	if (!to)
		return false;
	memcpy(to, text, length);
	mover_note(mover, old, *now);
	return true;
}

/* Into the middle of code only when that is as long as its counterpart. */
static bool map_symbol(
	const struct mover *mover, const struct elf_sym *sym, uint64_t old, uint64_t *now)
{
	const struct elf_sym *mate = &mover->good_syms.at[sym->mate];
	uint64_t offset = old - sym->address;

	if (offset && (sym->size != mate->size) && (sym->code || offset > mate->size))
		return false;
	*now = mate->address + offset;
	return true;
}

static bool map_pair(const struct mover *mover, uint64_t old, uint64_t *now)
{
	for (unsigned i = 0; i < mover->pair_count; i++)
		if (mover->pairs[i].bad == old) {
			*now = mover->pairs[i].good;
			return true;
		}
	return false;
}

static bool map(void *ctx, uint64_t old, uint64_t *now)
{
	struct mover *mover = ctx;
	const struct elf_sym *sym = elf_syms_find(&mover->bad_syms, old);

	if (sym && sym->mate != NO_MATE && map_symbol(mover, sym, old, now))
		return true;
	if (map_pair(mover, old, now))
		return true;
	if (mover->learning)
		return false;
	if (sym && sym->mate == NO_MATE && sym->sized && old == sym->address)
		return mover_place(mover, sym, now);
	if (sym)
		return false;
	if (map_string(mover, old, now))
		return true;
	sym = elf_syms_find_end(&mover->bad_syms, old);
	return sym && sym->mate != NO_MATE && map_symbol(mover, sym, old, now);
}

void mover_note(struct mover *mover, uint64_t bad, uint64_t good)
{
	uint64_t known;

	if (map_pair(mover, bad, &known))
		return;
	if (mover->pair_count == mover->pair_room) {
		unsigned room = mover->pair_room ? mover->pair_room * 2 : 256;
		struct mover_pair *pairs = realloc(mover->pairs, room * sizeof(pairs[0]));

		if (!pairs)
			return;
		mover->pairs = pairs;
		mover->pair_room = room;
	}
	mover->pairs[mover->pair_count++] = (struct mover_pair){bad, good};
}

const uint8_t *mover_bad_bytes(const struct mover *mover, const struct elf_sym *sym)
{
	const struct image_segment *segment = segment_of(&mover->diff->bad, sym->address);

	if (!segment || sym->size > segment->file_size - (sym->address - segment->linear))
		return NULL;
	return mover->bad->bytes + segment->offset + (sym->address - segment->linear);
}

bool mover_move(struct mover *mover, const struct elf_sym *sym, uint64_t now, uint8_t *to,
	struct relocate_open *open)
{
	struct relocation relocation = {.from = mover_bad_bytes(mover, sym),
		.size = sym->size,
		.old = sym->address,
		.now = now,
		.cpu = &mover->cpu,
		.is_address = is_address,
		.map = map,
		.ctx = mover};

	if (!relocation.from)
		return false;
	return sym->code ? relocate_code(&relocation, to, open)
	                 : relocate_data(&relocation, mover->cpu.efer ? 8 : 4, to, open);
}

void mover_jump(uint8_t *to, uint64_t from, uint64_t target)
{
	int32_t distance = (int32_t)(target - (from + JUMP_SIZE));

	to[0] = 0xe9;
	memcpy(to + 1, &distance, sizeof(distance));
}

bool mover_leads_to(struct mover *mover, const struct elf_sym *sym, uint64_t address)
{
	uint64_t target;

	return map(mover, sym->address + sym->slot, &target) && target == address;
}

bool mover_jump_on(struct mover *mover, const struct elf_sym *sym, uint8_t *to, uint64_t from)
{
	uint64_t target;

	if (!map(mover, sym->address + sym->slot, &target))
		return false;
	mover_jump(to, from, target);
	return true;
}

bool mover_place(struct mover *mover, const struct elf_sym *sym, uint64_t *address)
{
	const struct image_segment *segment = segment_of(&mover->diff->bad, sym->address);
	struct relocate_open open;
	uint8_t *to;
	bool ok;

	/* The room is in code: what is written to must not go there. */
	if (!segment || segment->flags & IMAGE_WRITABLE || mover->depth == DEPTH_MAX)
		return false;
	to = take_room(mover, sym->size + (sym->falls ? JUMP_SIZE : 0), address);
	if (!to)
		return false;
	/* Known before it is moved: it may refer to itself. */
	mover_note(mover, sym->address, *address);
	mover->depth++;
	ok = mover_move(mover, sym, *address, to, &open) && !open.count &&
	     (!sym->falls || mover_jump_on(mover, sym, to + sym->size, *address + sym->size));
	mover->depth--;
	return ok;
}

/* Bytes behind the end of a segment up to the end of its page that nothing else uses, in the file
 * and in memory. */
static uint64_t room_behind(const struct diff *diff, const struct image_segment *segment)
{
	uint64_t room = -(segment->linear + segment->size) & 0xfff;
	uint64_t end = segment->offset + segment->file_size;

	if (segment->file_size != segment->size || !(segment->flags & PF_X))
		return 0;
	for (unsigned i = 0; i < diff->good.segment_count; i++) {
		const struct image_segment *other = &diff->good.segments[i];

		if (other != segment &&
			ranges_overlap(other->gpa, other->size, segment->gpa + segment->size, room))
			return 0;
	}
	for (uint64_t i = 0; i < room; i++)
		if (end + i >= diff->base.size || diff->base.bytes[end + i])
			return i;
	return room;
}

/* Writes the longer size into the program header. */
static void lengthen(struct diff *diff, const struct image_segment *segment, uint64_t size)
{
	struct elf_headers headers;
	struct elf_header header;

	elf_headers_find(&diff->base, &headers);
	for (unsigned i = 0; elf_header_read(&diff->base, &headers, i, &header); i++)
		if (header.type == PT_LOAD && header.offset == segment->offset &&
			header.paddr == segment->gpa)
			elf_header_resize(&diff->base, &headers, i, size);
}

void mover_open_room(struct mover *mover)
{
	struct diff *diff = mover->diff;

	for (unsigned i = 0; i < diff->good.segment_count; i++) {
		uint64_t room = room_behind(diff, &diff->good.segments[i]);

		if (room > mover->room_size) {
			mover->room = &diff->good.segments[i];
			mover->room_size = room;
		}
	}
	if (!mover->room)
		return;
	mover->room->size += mover->room_size;
	mover->room->file_size = mover->room->size;
	lengthen(diff, mover->room, mover->room->size);
}

bool mover_init(struct mover *mover, struct diff *diff, const struct content *good,
	const struct content *bad, struct error *err)
{
	struct boot boot = {.mode = diff->good.mode};

	*mover = (struct mover){.diff = diff, .bad = bad};
	boot_cpu_state(&boot, &diff->good, &mover->cpu);
	if (!elf_syms_read(&mover->good_syms, diff->good.path, good, err) ||
		!elf_syms_read(&mover->bad_syms, diff->bad.path, bad, err) ||
		!elf_syms_match(&mover->good_syms, &mover->bad_syms, err))
		return false;
	return true;
}

void mover_deinit(struct mover *mover)
{
	elf_syms_free(&mover->good_syms);
	elf_syms_free(&mover->bad_syms);
	free(mover->pairs);
	mover->pairs = NULL;
}
