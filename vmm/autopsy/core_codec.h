/* SPDX-License-Identifier: MIT */
/*
 * core_codec.h: values as little-endian bytes, in both directions: one description of a structure
 * serves to write and to read it, so the two cannot disagree.
 */
#ifndef AUTOPSY_CORE_CODEC_H
#define AUTOPSY_CORE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An allocation that reading made. */
struct codec_block {
	struct codec_block *next;
	max_align_t bytes[];
};

struct codec {
	bool writing;
	bool failed; /* no memory, or what is read makes no sense: what; nothing more happens */
	const char *failure; /* static */
	uint8_t *out;        /* writing: what was written, free() it */
	size_t capacity;
	const uint8_t *in; /* reading */
	size_t length;     /* bytes of out or in */
	size_t at;         /* reading: next byte */
	struct codec_block *blocks;
};

/* A codec that writes to memory of its own; one that reads n bytes, which must stay. */
struct codec codec_writer(void);
struct codec codec_reader(const void *bytes, size_t n);
/* Frees out. */
void codec_drop(struct codec *codec);
/* Frees what reading allocated. */
void codec_blocks_free(struct codec_block *blocks);

/* Marks the codec as failed. */
void codec_fail(struct codec *codec, const char *why);

/* Writes *value, or reads it; on failure it is set to zero. */
void codec_u8(struct codec *codec, uint8_t *value);
void codec_u16(struct codec *codec, uint16_t *value);
void codec_u32(struct codec *codec, uint32_t *value);
void codec_u64(struct codec *codec, uint64_t *value);
void codec_double(struct codec *codec, double *value);
void codec_unsigned(struct codec *codec, unsigned *value);
void codec_bytes(struct codec *codec, void *bytes, size_t n);

/* Fails when reading anything but 0 and 1. */
void codec_bool(struct codec *codec, bool *value);

/* A number below or equal to max; fails when more is read. */
void codec_count(struct codec *codec, unsigned *value, unsigned max);

/* An enumeration's value below count, as a number: value = codec_enum(codec, value, count). */
unsigned codec_enum(struct codec *codec, unsigned value, unsigned count);

/* A string of at most 4096 bytes, or NULL. What is read is allocated. */
void codec_string(struct codec *codec, const char **text);

/* n bytes for what will be read, zeroed; NULL after a failure. Belongs to codec->blocks. */
void *codec_allocate(struct codec *codec, size_t n);

#endif
