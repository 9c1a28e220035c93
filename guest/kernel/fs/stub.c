/* SPDX-License-Identifier: MIT */
/*
 * stub.c: stands in for the file systems: programs come from the initial RAM disk, writing goes to
 * the console.
 */
#include "boot.h"
#include "console.h"
#include "errno.h"
#include "fs/calls.h"
#include "fs/files.h"
#include "memory.h"
#include "pages.h"
#include "string.h"
#include "user.h"

#define CPIO_HEADER 110

struct file {
	unsigned users;
	const uint8_t *data;
	uint64_t size;
};

static uint32_t hex(const uint8_t *text)
{
	uint32_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 4 | (text[i] <= '9' ? text[i] - '0' : (text[i] | 32) - 'a' + 10);
	return value;
}

static bool find(const char *path, struct file *out)
{
	const uint8_t *at = phys_pointer(boot.initrd), *end = at + boot.initrd_size;

	while (*path == '/')
		path++;
	while (at + CPIO_HEADER < end && memcmp(at, "070701", 6) == 0) {
		uint64_t size = hex(at + 54), name_size = hex(at + 94);
		const char *name = (const char *)at + CPIO_HEADER;
		const uint8_t *data = at + ((CPIO_HEADER + name_size + 3) & ~3ull);

		if (strcmp(name, path) == 0) {
			out->data = data;
			out->size = size;
			return true;
		}
		at = data + ((size + 3) & ~3ull);
	}
	return false;
}

void fs_init(void)
{
}

void fs_deinit(void)
{
}

struct files *files_create(void)
{
	return kmalloc(1, "files");
}

struct fs_context *fs_context_create(void)
{
	return kmalloc(1, "fs");
}

struct files *files_clone(struct files *files)
{
	return files_create();
}

struct files *files_share(struct files *files)
{
	return files_create();
}

struct fs_context *fs_context_clone(struct fs_context *fs)
{
	return fs_context_create();
}

struct fs_context *fs_context_share(struct fs_context *fs)
{
	return fs_context_create();
}

void files_close_on_exec(struct files *files)
{
}

void files_drop(struct files *files)
{
	kfree(files);
}

void fs_context_drop(struct fs_context *fs)
{
	kfree(fs);
}

int file_open_exec(const char *path, struct file **out)
{
	struct file file = {1, NULL, 0};

	if (!find(path, &file))
		return -ENOENT;
	*out = kmalloc(sizeof(file), "file");
	**out = file;
	return 0;
}

int file_for_mmap(int fd, unsigned prot, unsigned flags, struct file **out)
{
	return -EBADF;
}

void terminal_leave(struct process *process)
{
}

struct file *file_acquire(struct file *file)
{
	file->users++;
	return file;
}

void file_release(struct file *file)
{
	if (--file->users == 0)
		kfree(file);
}

int64_t file_read_at(struct file *file, void *to, size_t n, uint64_t offset)
{
	if (offset >= file->size)
		return 0;
	if (n > file->size - offset)
		n = file->size - offset;
	memcpy(to, file->data + offset, n);
	return (int64_t)n;
}

uint64_t file_page(struct file *file, uint64_t index)
{
	uint64_t phys;

	if (index * PAGE_SIZE >= file->size)
		return FRAME_NONE;
	phys = page_alloc_zero(OWNER_FILE);
	if (phys)
		file_read_at(file, phys_pointer(phys), PAGE_SIZE, index * PAGE_SIZE);
	return phys;
}

int64_t sys_write(struct syscall_args *args)
{
	static char piece[256];
	size_t done = 0;

	while (done < args->arg[2]) {
		size_t n =
			args->arg[2] - done < sizeof(piece) ? args->arg[2] - done : sizeof(piece);

		if (user_read(piece, args->arg[1] + done, n))
			return -EFAULT;
		console_write(piece, n);
		done += n;
	}
	return (int64_t)done;
}

int64_t sys_writev(struct syscall_args *args)
{
	struct {
		uint64_t base, size;
	} vec;
	int64_t sum = 0;

	for (uint64_t i = 0; i < args->arg[2]; i++) {
		struct syscall_args one = {{args->arg[0]}};

		if (user_read(&vec, args->arg[1] + i * sizeof(vec), sizeof(vec)))
			return -EFAULT;
		one.arg[1] = vec.base;
		one.arg[2] = vec.size;
		sum += sys_write(&one);
	}
	return sum;
}
