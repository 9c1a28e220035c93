/* SPDX-License-Identifier: MIT */
/*
 * fs_host.c: what the file systems need of the rest of the kernel, for programs of the host: memory
 * from malloc(), one process, whose memory is the program's own.
 */
#include "fs_host.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "copy.h"
#include "errno.h"
#include "fs/descriptors.h"
#include "fs/mount.h"
#include "fs/pipe.h"
#include "fs/proc.h"
#include "fs/watch.h"
#include "log.h"
#include "memory.h"
#include "mm.h"
#include "pages.h"
#include "pool.h"
#include "process.h"
#include "thread.h"
#include "time.h"
#include "user.h"

uintptr_t direct_map;
struct boot boot;

static struct process process;
static struct thread thread;
static int blocks, pages;

void *kmalloc(size_t size, const char *owner)
{
	void *pointer = malloc(size);

	blocks += pointer != NULL;
	return pointer;
}

void *kzalloc(size_t size, const char *owner)
{
	void *pointer = calloc(1, size);

	blocks += pointer != NULL;
	return pointer;
}

void *krealloc(void *pointer, size_t size, const char *owner)
{
	blocks += pointer == NULL;
	return realloc(pointer, size);
}

void kfree(void *pointer)
{
	blocks -= pointer != NULL;
	free(pointer);
}

uint64_t page_alloc(enum frame_owner owner)
{
	void *page = aligned_alloc(FRAME_SIZE, FRAME_SIZE);

	pages += page != NULL;
	return (uintptr_t)page;
}

uint64_t page_alloc_zero(enum frame_owner owner)
{
	uint64_t page = page_alloc(owner);

	return page ? (uintptr_t)memset((void *)(uintptr_t)page, 0, FRAME_SIZE) : 0;
}

void page_get(uint64_t phys)
{
	ck_abort_msg("nothing is mapped in these tests");
}

void page_put(uint64_t phys)
{
	pages--;
	free((void *)(uintptr_t)phys);
}

struct process *process_current(void)
{
	return &process;
}

struct thread *thread_current(void)
{
	return &thread;
}

/* Nobody maps files here. */
struct process *process_after(int32_t pid)
{
	return NULL;
}

void mm_forget(struct mm *mm, const struct inode *inode, uint64_t size)
{
}

bool process_is_root(void)
{
	return true;
}

uint64_t time_ns(void)
{
	return 1;
}

uint64_t time_boot_ns(void)
{
	return 0;
}

void wait_breathe(void)
{
}

void wait_wake(struct wait_queue *queue)
{
}

void wait_prepare(struct wait_queue *queue, struct wait_entry *entry)
{
}

void wait_finish(struct wait_entry *entry)
{
}

int wait_sleep(uint64_t until)
{
	return -ERESTARTSYS;
}

void copy_memory(void *to, const void *from, size_t n)
{
	memcpy(to, from, n);
}

int user_read(void *to, uintptr_t from, size_t n)
{
	memcpy(to, (const void *)from, n);
	return 0;
}

int user_write(uintptr_t to, const void *from, size_t n)
{
	memcpy((void *)to, from, n);
	return 0;
}

int user_zero(uintptr_t to, size_t n)
{
	memset((void *)to, 0, n);
	return 0;
}

int64_t user_string(char *to, uintptr_t from, size_t size)
{
	size_t n = strnlen((const char *)from, size);

	if (n == size)
		return -ENAMETOOLONG;
	memcpy(to, (const char *)from, n + 1);
	return (int64_t)n;
}

int pipe_create(struct file **ends, unsigned flags)
{
	return -ENOMEM;
}

void epoll_forget(struct file *file)
{
}

const struct file_ops *device_ops(uint32_t mode, uint64_t rdev)
{
	return NULL;
}

void device_nodes(struct dentry *dev)
{
}

struct inode *proc_root(void)
{
	return NULL;
}

struct fs_context *fs_context_create(void)
{
	struct fs_context *context = kzalloc(sizeof(*context), "fs context");

	context->users = 1;
	context->root = context->cwd = mount_first()->root;
	dentry_get(context->root);
	dentry_get(context->cwd);
	return context;
}

void fs_host_start(void)
{
	blocks = pages = 0;
	ck_assert_int_eq(mount_add(NULL, "ramfs", "test"), 0);
	process.limits[LIMIT_NOFILE] = (struct limit){UNLIMITED, UNLIMITED};
	process.files = files_create();
	process.fs = fs_context_create();
}

void log_text(enum log_level level, const char *format, ...)
{
}

void fs_host_end(void)
{
	files_drop(process.files);
	fs_context_drop(process.fs);
	mount_remove_all();
	pools_drain();
	ck_assert_int_eq(blocks, 0);
	ck_assert_int_eq(pages, 0);
}
