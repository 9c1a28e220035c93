/* SPDX-License-Identifier: MIT */
/*
 * calls.c: the system calls that change a process's memory map.
 */
#include "mm/calls.h"

#include "errno.h"
#include "fs/files.h"
#include "memory.h"
#include "mm.h"
#include "process.h"
#include "user.h"

#define MAP_SHARED_         0x01
#define MAP_PRIVATE_        0x02
#define MAP_TYPE            0x0f
#define MAP_FIXED           0x10
#define MAP_ANONYMOUS       0x20
#define MAP_GROWSDOWN       0x100
#define MAP_POPULATE        0x8000
#define MAP_FIXED_NOREPLACE 0x100000

#define MREMAP_MAYMOVE 1
#define MREMAP_FIXED   2

#define MADV_DONTNEED 4
#define MADV_FREE     8

static uint64_t round_up(uint64_t size)
{
	return (size + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
}

/* Whether [start, start + size) lies where programs may have memory; size is not 0. */
static bool in_user_half(uint64_t start, uint64_t size)
{
	return size <= MM_STACK_TOP && start >= MM_LOWEST && start <= MM_STACK_TOP - size;
}

/* Shared anonymous memory exists from the start, so that a child finds the same pages. */
static int populate(struct mm *mm, uint64_t start, uint64_t size)
{
	for (uint64_t at = start; at < start + size; at += PAGE_SIZE) {
		if (mm_touch(mm, at, AREA_WRITE) == MM_NO_MEMORY)
			return -ENOMEM;
	}
	return 0;
}

static bool within_limit(const struct mm *mm, uint64_t more)
{
	uint64_t limit = process_current()->limits[LIMIT_AS].soft;

	return limit == UNLIMITED || mm->areas.pages * PAGE_SIZE + more <= limit;
}

/* Where a new area of `size` bytes goes, or a negated errno. */
static int64_t place(struct mm *mm, uint64_t hint, uint64_t size, uint64_t flags)
{
	uint64_t start = hint & ~(uint64_t)(PAGE_SIZE - 1);
	const struct area *next;
	int error;

	if (!within_limit(mm, size))
		return -ENOMEM;
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		if (hint % PAGE_SIZE)
			return -EINVAL;
		if (!in_user_half(start, size))
			return start < MM_LOWEST ? -EPERM : -ENOMEM;
		next = area_after(&mm->areas, start);
		if (flags & MAP_FIXED_NOREPLACE)
			return next && next->start < start + size ? -EEXIST : (int64_t)start;
		error = mm_remove(mm, start, size);
		return error ? error : (int64_t)start;
	}
	if (start && in_user_half(start, size)) {
		next = area_after(&mm->areas, start);
		if (!next || next->start >= start + size)
			return (int64_t)start;
	}
	start = area_gap(&mm->areas, size, MM_LOWEST, MM_MAP_TOP);
	return start ? (int64_t)start : -ENOMEM;
}

static int64_t map_area(struct mm *mm, uint64_t hint, uint64_t size, unsigned area_flags,
	uint64_t flags, struct file *file, uint64_t offset)
{
	int64_t start = place(mm, hint, size, flags);
	int error;

	if (start < 0)
		return start;
	error = mm_add(mm, (uint64_t)start, size, area_flags, file, offset);
	if (!error && !file && (area_flags & AREA_SHARED) && (area_flags & AREA_WRITE))
		error = populate(mm, (uint64_t)start, size);
	return error ? error : start;
}

int64_t sys_mmap(struct syscall_args *args)
{
	uint64_t size = round_up(args->arg[1]), flags = args->arg[3], offset = args->arg[5];
	unsigned rights = args->arg[2] & AREA_RIGHTS;
	unsigned type = flags & MAP_TYPE;
	struct file *file = NULL;
	int64_t result;
	int error;

	if (!args->arg[1] || offset % PAGE_SIZE || type == 0 || type > 3)
		return -EINVAL;
	if (!size || size > USER_LIMIT)
		return -ENOMEM;
	if (type != MAP_PRIVATE_)
		rights |= AREA_SHARED;
	if (!(flags & MAP_ANONYMOUS)) {
		error = file_for_mmap((int)args->arg[4], rights & AREA_RIGHTS, type, &file);
		if (error)
			return error;
	} else if (flags & MAP_GROWSDOWN) {
		rights |= AREA_STACK;
	}
	result = map_area(process_current()->mm, args->arg[0], size, rights, flags, file, offset);
	if (file)
		file_release(file);
	return result;
}

int64_t sys_munmap(struct syscall_args *args)
{
	uint64_t start = args->arg[0], size = round_up(args->arg[1]);

	if (start % PAGE_SIZE || !size || size > USER_LIMIT || start > USER_LIMIT - size)
		return -EINVAL;
	return mm_remove(process_current()->mm, start, size);
}

/* Whether nothing of the range is a file's own pages, opened for reading only. */
static bool may_write(const struct mm *mm, uint64_t start, uint64_t end)
{
	const struct area *area = area_after(&mm->areas, start);

	for (; area && area->start < end; area = area->next) {
		if (area->flags & AREA_SHARED && area->file && !file_is_writable(area->file))
			return false;
	}
	return true;
}

int64_t sys_mprotect(struct syscall_args *args)
{
	uint64_t start = args->arg[0], size = round_up(args->arg[1]);
	unsigned rights = args->arg[2] & AREA_RIGHTS;
	struct mm *mm = process_current()->mm;

	if (start % PAGE_SIZE || args->arg[2] & ~(uint64_t)(AREA_RIGHTS | 0x03000000))
		return -EINVAL;
	if (!size)
		return 0;
	if (size > USER_LIMIT || start > USER_LIMIT - size)
		return -ENOMEM;
	if (rights & AREA_WRITE && !may_write(mm, start, start + size))
		return -EACCES;
	if (area_set_rights(&mm->areas, start, start + size, rights))
		return -ENOMEM;
	if (rights)
		space_restrict_pages(
			&mm->space, start, start + size, rights & AREA_EXEC ? MAP_EXEC : 0);
	else
		space_hide_pages(&mm->space, start, start + size);
	return 0;
}

/* Linux's answer to what cannot be is the old break. */
int64_t sys_brk(struct syscall_args *args)
{
	struct mm *mm = process_current()->mm;
	uint64_t wanted = args->arg[0], end = round_up(wanted), old = round_up(mm->brk);
	const struct area *next;

	if (wanted < mm->brk_start || end > MM_MAP_TOP || end < wanted)
		return (int64_t)mm->brk;
	if (end > old) {
		next = area_after(&mm->areas, old);
		if (next && next->start < end + PAGE_SIZE)
			return (int64_t)mm->brk;
		if (!within_limit(mm, end - old) ||
			end - old > (uint64_t)kernel_frames.total * PAGE_SIZE ||
			mm_add(mm, old, end - old, AREA_READ | AREA_WRITE | AREA_HEAP, NULL, 0))
			return (int64_t)mm->brk;
	} else if (end < old && mm_remove(mm, end, old - end)) {
		return (int64_t)mm->brk;
	}
	mm->brk = wanted;
	return (int64_t)wanted;
}

/* Somewhere else, with all its pages. */
static int64_t move_area(struct mm *mm, const struct area *area, uint64_t start, uint64_t old_size,
	uint64_t size, int64_t target)
{
	struct file *file = area->file ? file_acquire(area->file) : NULL;
	uint64_t offset = area->offset + (start - area->start);
	uint64_t kept = old_size < size ? old_size : size;
	int error = mm_add(mm, (uint64_t)target, size, area->flags, file, offset);

	if (!error)
		error = space_move_pages(&mm->space, start, (uint64_t)target, kept);
	if (!error)
		error = mm_remove(mm, start, old_size);
	if (file)
		file_release(file);
	return error ? error : target;
}

static int64_t move_fixed(
	struct mm *mm, uint64_t start, uint64_t old_size, uint64_t size, uint64_t target)
{
	const struct area *area;

	if (target % PAGE_SIZE || !in_user_half(target, size) ||
		(target < start + old_size && start < target + size))
		return -EINVAL;
	if (mm_remove(mm, target, size))
		return -ENOMEM;
	area = area_at(&mm->areas, start);
	return move_area(mm, area, start, old_size, size, (int64_t)target);
}

int64_t sys_mremap(struct syscall_args *args)
{
	struct mm *mm = process_current()->mm;
	uint64_t start = args->arg[0], old_size = round_up(args->arg[1]);
	uint64_t size = round_up(args->arg[2]), flags = args->arg[3];
	const struct area *area, *next;
	int64_t target;

	if (start % PAGE_SIZE || !size || size > USER_LIMIT || flags & ~3ull ||
		(flags & MREMAP_FIXED && !(flags & MREMAP_MAYMOVE)))
		return -EINVAL;
	area = area_at(&mm->areas, start);
	if (!area || !old_size || old_size > area->end - start)
		return -EFAULT;
	if (flags & MREMAP_FIXED)
		return move_fixed(mm, start, old_size, size, args->arg[4]);
	if (size <= old_size) {
		if (size < old_size && mm_remove(mm, start + size, old_size - size))
			return -ENOMEM;
		return (int64_t)start;
	}
	next = area->next;
	if (area->end == start + old_size && in_user_half(start, size) &&
		(!next || next->start >= start + size)) {
		uint64_t offset = area->offset + (area->end - area->start);

		return mm_add(mm, area->end, size - old_size, area->flags, area->file, offset)
		               ? -ENOMEM
		               : (int64_t)start;
	}
	if (!(flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	target = place(mm, 0, size, 0);
	return target < 0 ? target : move_area(mm, area, start, old_size, size, target);
}

/* What is given up comes back as zeros, or from the file. */
int64_t sys_madvise(struct syscall_args *args)
{
	uint64_t start = args->arg[0], size = round_up(args->arg[1]);
	struct mm *mm = process_current()->mm;
	const struct area *area;

	if (start % PAGE_SIZE || size > USER_LIMIT || start > USER_LIMIT - size)
		return -EINVAL;
	if (args->arg[2] != MADV_DONTNEED)
		return args->arg[2] > 25 ? -EINVAL : 0;
	for (area = area_after(&mm->areas, start); area && area->start < start + size;
		area = area->next) {
		uint64_t from = area->start > start ? area->start : start;
		uint64_t to = area->end < start + size ? area->end : start + size;

		if (!(area->flags & AREA_SHARED) || area->file)
			mm->resident -= space_drop_pages(&mm->space, from, to);
	}
	return 0;
}

/* Mapped files are their pages: there is nothing to do. */
int64_t sys_msync(struct syscall_args *args)
{
	uint64_t start = args->arg[0], size = round_up(args->arg[1]);

	if (start % PAGE_SIZE || args->arg[2] & ~7ull || (args->arg[2] & 5) == 5)
		return -EINVAL;
	if (size > USER_LIMIT || start > USER_LIMIT - size)
		return -ENOMEM;
	return size && !area_covers(&process_current()->mm->areas, start, start + size) ? -ENOMEM
	                                                                                : 0;
}

int64_t sys_mincore(struct syscall_args *args)
{
	uint64_t start = args->arg[0], size = round_up(args->arg[1]);
	struct mm *mm = process_current()->mm;

	if (start % PAGE_SIZE)
		return -EINVAL;
	if (size > USER_LIMIT || start > USER_LIMIT - size)
		return -ENOMEM;
	for (uint64_t at = start; at < start + size; at += PAGE_SIZE) {
		struct translation page;
		uint8_t resident;

		if (!area_at(&mm->areas, at))
			return -ENOMEM;
		resident = space_translate(&mm->space, at, &page);
		if (user_write(args->arg[2] + (at - start) / PAGE_SIZE, &resident, 1))
			return -EFAULT;
		wait_breathe();
	}
	return 0;
}
