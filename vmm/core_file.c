/* SPDX-License-Identifier: MIT */
/*
 * core_file.c: core files: the system calls around autopsy/core_format.h and autopsy/core_read.h.
 */
#define _GNU_SOURCE /* asprintf(), mkostemp() */
#include "core_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "autopsy/core_format.h"
#include "autopsy/core_read.h"
#include "file.h"
#include "memory.h"

#define PAGE  4096 /* what is zero for so long becomes a hole */
#define BLOCK ((uint64_t)MEMORY_TOUCHED_PAGES * PAGE)

static bool fail(const struct core_file *file, struct error *err)
{
	return error_errno(err, STATUS_INPUT, "--core %.200s", file->path);
}

/* A new file beside the one that is wanted, so that a rename can put it there. Its name is to be
 * freed; NULL when there is no file. */
static char *create_beside(const struct core_file *file, int *fd)
{
	char *name;

	if (asprintf(&name, "%s.XXXXXX", file->target) < 0)
		return NULL;
	*fd = mkostemp(name, O_CLOEXEC);
	if (*fd >= 0)
		return name;
	free(name);
	return NULL;
}

static bool try_beside(const struct core_file *file)
{
	int fd;
	char *name = create_beside(file, &fd);

	if (!name)
		return false;
	unlink(name);
	free(name);
	close(fd);
	return true;
}

/* Whether a core may take the place of what is there. A link stays one: what it leads to is
 * replaced. */
static bool find_target(struct core_file *file, struct error *err)
{
	struct stat info;
	bool exists = stat(file->path, &info) == 0;

	if (exists && !S_ISREG(info.st_mode))
		return error_set(
			err, STATUS_INPUT, "--core %.200s: is not a regular file", file->path);
	if (exists && access(file->path, W_OK))
		return fail(file, err);
	file->target = exists ? realpath(file->path, NULL) : strdup(file->path);
	return (file->target && try_beside(file)) || fail(file, err);
}

bool core_file_open(struct core_file *file, const char *path, struct error *err)
{
	*file = (struct core_file){.wanted = path != NULL, .path = path};
	if (!path || find_target(file, err))
		return true;
	core_file_close(file);
	return false;
}

void core_file_close(struct core_file *file)
{
	free(file->target);
	*file = (struct core_file){0};
}

static bool write_at(int fd, const void *bytes, size_t n, uint64_t offset)
{
	while (n) {
		ssize_t written = pwrite(fd, bytes, n, (off_t)offset);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		bytes = (const uint8_t *)bytes + written;
		offset += (uint64_t)written;
		n -= (size_t)written;
	}
	return true;
}

/* Where pages come from and go to. */
struct copier {
	int fd, pagemap;
	const struct phys_mem *mem;
};

static bool copy_page(const struct copier *copier, uint64_t gpa, size_t n, uint64_t offset)
{
	static const uint8_t zeros[PAGE];
	uint8_t bytes[PAGE];

	if (!phys_read(copier->mem, gpa, bytes, n) || !memcmp(bytes, zeros, n))
		return true;
	return write_at(copier->fd, bytes, n, offset);
}

/* At most BLOCK bytes. */
static bool copy_block(const struct copier *copier, uint64_t gpa, uint64_t size, uint64_t offset)
{
	bool touched[MEMORY_TOUCHED_PAGES];
	unsigned pages = (unsigned)((size + PAGE - 1) / PAGE);

	memory_touched(copier->mem, copier->pagemap, gpa, pages, touched);
	for (unsigned i = 0; i < pages; i++) {
		uint64_t at = (uint64_t)i * PAGE;
		size_t n = size - at < PAGE ? size - at : PAGE;

		if (touched[i] && !copy_page(copier, gpa + at, n, offset + at))
			return false;
	}
	return true;
}

/* Copies [gpa, gpa + size) to the file, leaving holes for zeros. */
static bool copy_ram(const struct copier *copier, uint64_t gpa, uint64_t size, uint64_t offset)
{
	for (uint64_t at = 0; at < size; at += BLOCK)
		if (!copy_block(
			    copier, gpa + at, size - at < BLOCK ? size - at : BLOCK, offset + at))
			return false;
	return true;
}

static bool copy_memory(int fd, const struct phys_mem *mem, const struct core_head *head)
{
	const struct copier copier = {
		.fd = fd, .pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), .mem = mem};
	bool ok = copy_ram(&copier, 0, head->low, head->size) &&
	          copy_ram(&copier, CORE_RAM_HIGH, head->high, head->size + head->low);

	if (copier.pagemap >= 0)
		close(copier.pagemap);
	return ok;
}

static bool write_all(int fd, const struct evidence *evidence, const struct core_head *head)
{
	return ftruncate(fd, (off_t)(head->size + head->low + head->high)) == 0 &&
	       write_at(fd, head->bytes, head->size, 0) && copy_memory(fd, &evidence->mem, head);
}

/* A whole core that cannot be given its name, say because that is a mount point, is kept. */
static bool put_in_place(const struct core_file *file, const char *beside, struct error *err)
{
	if (rename(beside, file->target) == 0)
		return true;
	return error_errno(err, STATUS_INPUT, "--core %.200s: the core is in %.200s instead",
		file->path, beside);
}

static bool write_beside(const struct core_file *file, const struct evidence *evidence,
	const struct core_head *head, struct error *err)
{
	int fd;
	char *name = create_beside(file, &fd);
	bool ok;

	if (!name)
		return fail(file, err);
	ok = write_all(fd, evidence, head) || fail(file, err);
	if (close(fd) && ok)
		ok = fail(file, err);
	if (ok)
		ok = put_in_place(file, name, err);
	else
		unlink(name);
	free(name);
	return ok;
}

bool core_file_write(
	const struct core_file *file, const struct evidence *evidence, struct error *err)
{
	struct core_head head;
	bool ok;

	if (!core_head_make(evidence, &head))
		return error_set(err, STATUS_HOST, "--core %.200s: no memory", file->path);
	ok = write_beside(file, evidence, &head, err);
	free(head.bytes);
	return ok;
}

static bool read_input(const void *ctx, uint64_t offset, void *buf, size_t n)
{
	const struct core_input *input = ctx;
	struct error ignored;

	return offset <= INT64_MAX - n &&
	       file_read(input->fd, input->path, buf, n, offset, &ignored);
}

struct evidence *core_input_open(struct core_input *input, const char *path, struct error *err)
{
	struct phys_mem file = {.read = read_input, .ctx = input};
	char reason[160];
	uint64_t size;

	*input = (struct core_input){.path = path};
	input->fd = file_open(path, "a core file", &size, err);
	if (input->fd < 0)
		return NULL;
	input->core = core_open(&file, size, reason, sizeof(reason));
	if (input->core)
		return &input->core->evidence;
	error_set(err, STATUS_IMAGE, "--autopsy %.200s: %s", path, reason);
	core_input_close(input);
	return NULL;
}

void core_input_close(struct core_input *input)
{
	core_close(input->core);
	if (input->fd >= 0)
		close(input->fd);
	*input = (struct core_input){.fd = -1};
}
