/* SPDX-License-Identifier: MIT */
/*
 * core_codec.c: reading checks every length against what is left, writing grows its buffer.
 */
#include "core_codec.h"

#include <stdlib.h>
#include <string.h>

#define STRING_MAX 4096

struct codec codec_writer(void)
{
	return (struct codec){.writing = true};
}

struct codec codec_reader(const void *bytes, size_t n)
{
	return (struct codec){.in = bytes, .length = n};
}

void codec_drop(struct codec *codec)
{
	free(codec->out);
	codec->out = NULL;
}

void codec_blocks_free(struct codec_block *blocks)
{
	while (blocks) {
		struct codec_block *next = blocks->next;

		free(blocks);
		blocks = next;
	}
}

void codec_fail(struct codec *codec, const char *why)
{
	if (!codec->failed)
		codec->failure = why;
	codec->failed = true;
}

static void write_bytes(struct codec *codec, const void *bytes, size_t n)
{
	if (n > codec->capacity - codec->length) {
		size_t capacity = 2 * (codec->length + n) + 4096;
		uint8_t *out = realloc(codec->out, capacity);

		if (!out) {
			codec_fail(codec, "there is no memory for it");
			return;
		}
		codec->out = out;
		codec->capacity = capacity;
	}
	memcpy(codec->out + codec->length, bytes, n);
	codec->length += n;
}

void codec_bytes(struct codec *codec, void *bytes, size_t n)
{
	if (codec->failed || n == 0)
		return;
	if (codec->writing) {
		write_bytes(codec, bytes, n);
	} else if (n > codec->length - codec->at) {
		codec_fail(codec, "it is cut short");
	} else {
		memcpy(bytes, codec->in + codec->at, n);
		codec->at += n;
	}
}

void codec_u64(struct codec *codec, uint64_t *value)
{
	uint8_t bytes[8];
	uint64_t read = 0;

	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(*value >> 8 * i);
	codec_bytes(codec, bytes, 8);
	for (unsigned i = 0; i < 8; i++)
		read |= (uint64_t)bytes[i] << 8 * i;
	if (!codec->writing)
		*value = codec->failed ? 0 : read;
}

/* The narrower ones take eight bytes too, unless they are many: a note is small. */
static uint64_t codec_below(struct codec *codec, uint64_t value, uint64_t max)
{
	codec_u64(codec, &value);
	if (value > max) {
		codec_fail(codec, "a number in it is out of range");
		return 0;
	}
	return value;
}

void codec_u8(struct codec *codec, uint8_t *value)
{
	*value = (uint8_t)codec_below(codec, *value, UINT8_MAX);
}

void codec_u16(struct codec *codec, uint16_t *value)
{
	*value = (uint16_t)codec_below(codec, *value, UINT16_MAX);
}

void codec_u32(struct codec *codec, uint32_t *value)
{
	*value = (uint32_t)codec_below(codec, *value, UINT32_MAX);
}

void codec_unsigned(struct codec *codec, unsigned *value)
{
	*value = (unsigned)codec_below(codec, *value, UINT32_MAX);
}

void codec_bool(struct codec *codec, bool *value)
{
	*value = codec_below(codec, *value, 1);
}

void codec_count(struct codec *codec, unsigned *value, unsigned max)
{
	*value = (unsigned)codec_below(codec, *value, max);
}

unsigned codec_enum(struct codec *codec, unsigned value, unsigned count)
{
	return (unsigned)codec_below(codec, value, count - 1);
}

void codec_double(struct codec *codec, double *value)
{
	uint64_t bits;

	memcpy(&bits, value, sizeof(bits));
	codec_u64(codec, &bits);
	memcpy(value, &bits, sizeof(bits));
}

void *codec_allocate(struct codec *codec, size_t n)
{
	struct codec_block *block = codec->failed ? NULL : calloc(1, sizeof(*block) + n);

	if (!block) {
		codec_fail(codec, "there is no memory for it");
		return NULL;
	}
	block->next = codec->blocks;
	codec->blocks = block;
	return block->bytes;
}

void codec_string(struct codec *codec, const char **text)
{
	bool there = *text != NULL;
	uint64_t n = there ? strnlen(*text, STRING_MAX) : 0;
	char *copy;

	codec_bool(codec, &there);
	n = there ? codec_below(codec, n, STRING_MAX) : 0;
	if (codec->writing) {
		codec_bytes(codec, (char *)*text, n);
		return;
	}
	copy = there ? codec_allocate(codec, n + 1) : NULL;
	if (copy)
		codec_bytes(codec, copy, n);
	*text = copy;
}
