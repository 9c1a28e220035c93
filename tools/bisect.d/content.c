/* SPDX-License-Identifier: MIT */
/*
 * content.c: reading, writing and hashing the bytes of an image.
 */
#include "content.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "status.h"

bool content_alloc(struct content *content, size_t size, struct error *err)
{
	*content = (struct content){.bytes = calloc(1, size ? size : 1), .size = size};
	return content->bytes || error_errno(err, STATUS_HOST, "memory for an image");
}

static bool check_size(const char *path, uint64_t size, struct error *err)
{
	if (size > CONTENT_MAX)
		return error_set(err, STATUS_IMAGE,
			"%s: %llu MiB are too big: bisect takes files of up to %llu MiB", path,
			(unsigned long long)size >> 20, CONTENT_MAX >> 20);
	return true;
}

static bool read_open(
	struct content *content, int fd, const char *path, uint64_t size, struct error *err)
{
	if (!check_size(path, size, err) || !content_alloc(content, size, err))
		return false;
	if (file_read(fd, path, content->bytes, size, 0, err))
		return true;
	content_free(content);
	return false;
}

bool content_read(struct content *content, const char *path, struct error *err)
{
	uint64_t size;
	int fd = file_open(path, "a guest image", &size, err);
	bool ok;

	*content = (struct content){0};
	if (fd < 0)
		return false;
	ok = (size || error_set(err, STATUS_IMAGE, "%s: the file is empty", path)) &&
	     read_open(content, fd, path, size, err);
	close(fd);
	return ok;
}

char *content_read_text(const char *path, const char *what, struct error *err)
{
	struct content content = {0};
	uint64_t size;
	int fd = file_open(path, what, &size, err);
	char *text = NULL;

	if (fd < 0)
		return NULL;
	if (read_open(&content, fd, path, size, err)) {
		text = strndup((char *)content.bytes, content.size);
		if (!text)
			error_errno(err, STATUS_HOST, "memory for %s", what);
	}
	close(fd);
	content_free(&content);
	return text;
}

void content_free(struct content *content)
{
	free(content->bytes);
	*content = (struct content){0};
}

static bool write_all(int fd, const uint8_t *bytes, size_t n)
{
	while (n) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno != EINTR)
			return false;
		if (done > 0) {
			bytes += done;
			n -= (size_t)done;
		}
	}
	return true;
}

bool content_write(
	const struct content *content, const char *path, unsigned mode, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	bool ok;

	if (fd < 0)
		return error_errno(err, STATUS_OUTPUT, "%s", path);
	ok = write_all(fd, content->bytes, content->size);
	if (!close(fd) && ok)
		return true;
	error_errno(err, STATUS_OUTPUT, "%s", path);
	unlink(path);
	return false;
}

/* Two independent lanes of multiply and fold; not meant to withstand anybody. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static void add_word(struct content_hash *hash, uint64_t word)
{
	hash->word[0] = mix(hash->word[0] ^ word, 0x9e3779b97f4a7c15ull) + 0x632be59bd9b4e019ull;
	hash->word[1] = mix(hash->word[1] + word, 0xd6e8feb86659fd93ull) ^ 0xa0761d6478bd642full;
}

void content_hash_add(struct content_hash *hash, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;
	uint64_t word = 0;

	add_word(hash, n);
	for (; n >= 8; n -= 8, at += 8) {
		memcpy(&word, at, 8);
		add_word(hash, word);
	}
	word = 0;
	if (n)
		memcpy(&word, at, n);
	add_word(hash, word);
}

bool content_equal(const struct content *a, const struct content *b)
{
	return a->size == b->size && !memcmp(a->bytes, b->bytes, a->size);
}
