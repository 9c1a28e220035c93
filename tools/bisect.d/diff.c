/* SPDX-License-Identifier: MIT */
/*
 * diff.c: two images side by side.
 */
#include "diff.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "elf_headers.h"
#include "status.h"

/* Bytes that are equal between two differing ones, and still they are neighbours. */
#define CLUSTER_GAP 16

static bool is_elf(const struct content *content)
{
	return content->size >= EI_NIDENT && !memcmp(content->bytes, ELFMAG, SELFMAG);
}

static bool parse_image(
	struct image *image, const struct config *config, const char *path, struct error *err)
{
	struct config own = *config;

	own.image = path;
	if (!image_open(image, &own, err))
		return false;
	image_close(image);
	image->path = path;
	return true;
}

static const char *kind_name(bool elf, uint32_t mode)
{
	if (!elf)
		return "a flat image";
	return mode == VMM_MODE_LONG64 ? "an ELF64 file" : "an ELF32 file";
}

static bool check_kinds(const struct diff *diff, bool bad_elf, struct error *err)
{
	const char *good = kind_name(diff->elf, diff->good.mode);
	const char *bad = kind_name(bad_elf, diff->bad.mode);

	if (diff->elf == bad_elf && diff->good.mode == diff->bad.mode)
		return true;
	if (good == bad)
		return error_set(err, STATUS_IMAGE,
			"%s and %s are flat images for different modes of the CPU", diff->good.path,
			diff->bad.path);
	return error_set(err, STATUS_IMAGE, "%s is %s and %s is %s: they cannot be mixed",
		diff->good.path, good, diff->bad.path, bad);
}

static void put_atom(const struct diff *diff, unsigned number, struct content *content)
{
	const struct diff_atom *atom = &diff->atoms[number];

	for (unsigned i = 0; i < atom->count; i++) {
		const struct piece *piece = &diff->pieces[atom->first + i];

		memcpy(content->bytes + piece->offset, piece->bytes, piece->size);
	}
}

static bool compose(const struct space *space, const struct set *set, struct content *content,
	struct error *err)
{
	const struct diff *diff = space->ctx;

	if (!content_alloc(content, diff->base.size, err))
		return false;
	memcpy(content->bytes, diff->base.bytes, diff->base.size);
	if (diff->reversed) {
		for (unsigned i = 0; i < diff->atom_count; i++)
			if (!set_holds(set, i))
				put_atom(diff, i, content);
		return true;
	}
	for (unsigned i = 0; i < set->count; i++)
		put_atom(diff, set->at[i], content);
	return true;
}

static unsigned group(const struct space *space, unsigned level, unsigned atom)
{
	const struct diff *diff = space->ctx;

	return diff->atoms[atom].group[level];
}

/* The image was read twice: it may have been built anew in between. */
static bool check_segments(
	const struct image *image, const struct content *content, struct error *err)
{
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct image_segment *segment = &image->segments[i];

		if (segment->offset > content->size ||
			segment->file_size > content->size - segment->offset)
			return error_set(err, STATUS_INPUT, "%s: it has changed while it was read",
				image->path);
	}
	return true;
}

bool diff_init(struct diff *diff, const struct config *config, const char *good_path,
	const char *bad_path, const struct content *good, const struct content *bad,
	struct error *err)
{
	size_t size = good->size > bad->size ? good->size : bad->size;

	*diff = (struct diff){.elf = is_elf(good)};
	if (!parse_image(&diff->good, config, good_path, err) ||
		!parse_image(&diff->bad, config, bad_path, err) ||
		!check_segments(&diff->good, good, err) || !check_segments(&diff->bad, bad, err) ||
		!check_kinds(diff, is_elf(bad), err) || !content_alloc(&diff->base, size, err))
		return false;
	memcpy(diff->base.bytes, good->bytes, good->size);
	diff->space = (struct space){
		.what = "byte", .levels = 3, .compose = compose, .group = group, .ctx = diff};
	return true;
}

void diff_deinit(struct diff *diff)
{
	content_free(&diff->base);
	for (unsigned i = 0; i < diff->owned_count; i++)
		free(diff->owned[i]);
	free(diff->owned);
	diff->owned = NULL;
	diff->owned_count = 0;
	free(diff->pieces);
	free(diff->atoms);
	diff->pieces = NULL;
	diff->atoms = NULL;
}

/* Of an ELF file's header only the entry point reaches the guest, and the program headers. */
static unsigned add_headers(const struct content *content, struct extent *extents)
{
	struct elf_headers headers;

	if (!elf_headers_find(content, &headers))
		return 0;
	/* With e_phoff, which follows the entry. */
	extents[0] = headers.is64 ? (struct extent){offsetof(Elf64_Ehdr, e_entry), 16}
	                          : (struct extent){offsetof(Elf32_Ehdr, e_entry), 8};
	extents[1] = (struct extent){headers.offset, (uint64_t)headers.count * headers.size};
	return 2;
}

static unsigned add_segments(const struct image *image, struct extent *extents)
{
	for (unsigned i = 0; i < image->segment_count; i++)
		extents[i] =
			(struct extent){image->segments[i].offset, image->segments[i].file_size};
	return image->segment_count;
}

static int compare_extents(const void *a, const void *b)
{
	const struct extent *left = a, *right = b;

	return left->offset < right->offset ? -1 : left->offset > right->offset;
}

/* Joins those that touch or overlap. */
static unsigned merge_extents(struct extent *extents, unsigned n)
{
	unsigned used = 0;

	qsort(extents, n, sizeof(extents[0]), compare_extents);
	for (unsigned i = 0; i < n; i++) {
		struct extent *last = used ? &extents[used - 1] : NULL;
		uint64_t end = extents[i].offset + extents[i].size;

		if (last && extents[i].offset <= last->offset + last->size) {
			if (end > last->offset + last->size)
				last->size = end - last->offset;
			continue;
		}
		extents[used++] = extents[i];
	}
	return used;
}

unsigned diff_extents(const struct diff *diff, const struct content *bad, struct extent *extents)
{
	unsigned n = 0;

	if (!diff->elf) {
		extents[0] = (struct extent){0, diff->base.size};
		return 1;
	}
	n += add_headers(&diff->base, extents);
	n += add_headers(bad, extents + n);
	n += add_segments(&diff->good, extents + n);
	n += add_segments(&diff->bad, extents + n);
	return merge_extents(extents, n);
}

/* Beyond the end of BAD there are zeros. */
static const uint8_t *byte_of(const struct content *bad, uint64_t offset)
{
	static const uint8_t zero;

	return offset < bad->size ? &bad->bytes[offset] : &zero;
}

static uint64_t extent_end(const struct diff *diff, const struct extent *extent)
{
	uint64_t end = extent->offset + extent->size;

	return end < diff->base.size ? end : diff->base.size;
}

/* Calls itself a count when diff->atoms is NULL. */
static void visit_bytes(
	struct diff *diff, const struct content *bad, const struct extent *extents, unsigned n)
{
	uint64_t last = 0;
	unsigned run = 0, cluster = 0;

	diff->atom_count = 0;
	for (unsigned i = 0; i < n; i++)
		for (uint64_t at = extents[i].offset; at < extent_end(diff, &extents[i]); at++) {
			const uint8_t *byte = byte_of(bad, at);

			if (*byte == diff->base.bytes[at] || diff->atom_count == DIFF_MAX)
				continue;
			run += at != last + 1;
			cluster += at > last + CLUSTER_GAP;
			last = at;
			if (diff->atoms) {
				diff->pieces[diff->atom_count] = (struct piece){at, 1, byte};
				diff->atoms[diff->atom_count] =
					(struct diff_atom){.first = diff->atom_count,
						.count = 1,
						.group = {cluster, run}};
			}
			diff->atom_count++;
		}
}

bool diff_add_bytes(struct diff *diff, const struct content *bad, struct error *err)
{
	struct extent extents[2 * IMAGE_SEGMENTS + 4];
	unsigned n = diff_extents(diff, bad, extents);

	visit_bytes(diff, bad, extents, n);
	if (!diff->atom_count)
		return error_set(err, STATUS_IDENTICAL,
			"%s and %s do not differ in anything that reaches the guest",
			diff->good.path, diff->bad.path);
	if (diff->atom_count == DIFF_MAX)
		return error_set(err, STATUS_IMAGE,
			"%s and %s differ in more than %u bytes: too many for this way",
			diff->good.path, diff->bad.path, DIFF_MAX - 1);
	diff->pieces = calloc(diff->atom_count, sizeof(diff->pieces[0]));
	diff->atoms = calloc(diff->atom_count, sizeof(diff->atoms[0]));
	if (!diff->pieces || !diff->atoms)
		return error_errno(err, STATUS_HOST, "memory for the differences");
	visit_bytes(diff, bad, extents, n);
	diff->piece_count = diff->space.atoms = diff->atom_count;
	return true;
}

bool diff_own(struct diff *diff, void *bytes, struct error *err)
{
	void **owned = realloc(diff->owned, (diff->owned_count + 1) * sizeof(owned[0]));

	if (!owned) {
		free(bytes);
		return error_errno(err, STATUS_HOST, "memory for the differences");
	}
	diff->owned = owned;
	diff->owned[diff->owned_count++] = bytes;
	return true;
}

bool diff_address(const struct diff *diff, uint64_t offset, uint64_t *linear)
{
	for (unsigned i = 0; i < diff->good.segment_count; i++) {
		const struct image_segment *segment = &diff->good.segments[i];

		if (offset - segment->offset < segment->file_size) {
			*linear = segment->linear + (offset - segment->offset);
			return true;
		}
	}
	return false;
}

bool diff_offset(const struct image *image, uint64_t linear, uint64_t *offset)
{
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct image_segment *segment = &image->segments[i];

		if (linear - segment->linear < segment->file_size) {
			*offset = segment->offset + (linear - segment->linear);
			return true;
		}
	}
	return false;
}
