/* SPDX-License-Identifier: MIT */
/*
 * test_memory.c: memory without files: brk, anonymous mappings, protection, copies after fork, the
 * stack.
 */
#include "suite.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (1ul << 20)

static bool all_are(const uint8_t *bytes, uint8_t value, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] != value)
			return false;
	}
	return true;
}

START_TEST(break_moves)
{
	uint8_t *start = sbrk(0), *now;

	ck_assert_ptr_eq(sbrk(5 * PAGE + 7), start);
	now = sbrk(0);
	ck_assert_ptr_eq(now, start + 5 * PAGE + 7);
	ck_assert(all_are(start, 0, 5 * PAGE + 7));
	memset(start, 0xaa, 5 * PAGE + 7);
	/* What is given back comes back as zeros. */
	ck_assert_ok(brk(start));
	ck_assert_ok(brk(now));
	ck_assert(all_are(start + PAGE, 0, 4 * PAGE));
	ck_assert_ptr_eq((void *)syscall(SYS_brk, 0), now);
	ck_assert_ptr_eq((void *)syscall(SYS_brk, 1), now);
	ck_assert_fails(brk((void *)0x7fffffff0000), ENOMEM);
	ck_assert_ptr_eq(sbrk(0), now);
}
END_TEST

START_TEST(fresh_memory_is_zero)
{
	size_t size = MIB;
	uint8_t *memory = must_map(size);

	for (size_t i = 0; i < size; i += PAGE / 2)
		ck_assert_uint_eq(memory[i], 0);
	memset(memory, 0xff, size);
	ck_assert_ok(munmap(memory, size));
	memory = must_map(size);
	ck_assert(all_are(memory, 0, size));
}
END_TEST

START_TEST(memory_is_brought_when_touched)
{
	/* More than the machine has; only what is touched counts. */
	size_t size = 64ul << 30;
	uint8_t *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	ck_assert_ptr_ne(memory, MAP_FAILED);
	for (size_t at = 0; at < size; at += 4ul << 30)
		memory[at] = 1;
	ck_assert_ok(munmap(memory, size));
}
END_TEST

START_TEST(map_errors)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;

	ck_assert_fails(mmap(NULL, 0, PROT_READ, flags, -1, 0), EINVAL);
	ck_assert_fails(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0), EINVAL);
	ck_assert_fails(mmap((void *)1, PAGE, PROT_READ, flags | MAP_FIXED, -1, 0), EINVAL);
	ck_assert_fails(
		mmap((void *)0x7ffffffff000, PAGE, PROT_READ, flags | MAP_FIXED, -1, 0), ENOMEM);
	ck_assert_fails(mmap(NULL, SIZE_MAX - PAGE, PROT_READ, flags, -1, 0), ENOMEM);
	ck_assert_fails(mmap(NULL, 1ul << 48, PROT_READ, flags, -1, 0), ENOMEM);
	ck_assert_fails(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, -1, 0), EBADF);
	ck_assert_fails(syscall(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, 0, 1), EINVAL);
	ck_assert_fails(munmap((void *)1, PAGE), EINVAL);
	ck_assert_fails(munmap((void *)PAGE, 0), EINVAL);
	ck_assert_fails(munmap((void *)0xffff800000000000, PAGE), EINVAL);
	ck_assert_ok(munmap((void *)0x700000000000, PAGE));
}
END_TEST

START_TEST(fixed_mappings_replace)
{
	uint8_t *memory = must_map(5 * PAGE), *middle = memory + 2 * PAGE;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;

	memset(memory, 0x11, 5 * PAGE);
	ck_assert_ptr_eq(
		mmap(middle, PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED, -1, 0), middle);
	ck_assert(all_are(memory, 0x11, 2 * PAGE));
	ck_assert(all_are(middle, 0, PAGE));
	ck_assert(all_are(middle + PAGE, 0x11, 2 * PAGE));
	ck_assert_fails(mmap(middle, PAGE, PROT_READ, flags | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	ck_assert_ok(munmap(middle, PAGE));
	ck_assert_ptr_eq(mmap(middle, PAGE, PROT_READ, flags | MAP_FIXED_NOREPLACE, -1, 0), middle);
	/* A hint is taken where there is room, and not where there is none. */
	ck_assert_ok(munmap(middle, PAGE));
	ck_assert_ptr_eq(mmap(middle, PAGE, PROT_READ, flags, -1, 0), middle);
	ck_assert_ptr_ne(mmap(memory, PAGE, PROT_READ, flags, -1, 0), memory);
}
END_TEST

START_TEST(holes_end_accesses)
{
	uint8_t *memory = must_map(3 * PAGE);
	int ends[2];

	ck_assert_ok(pipe(ends));
	ck_assert_ok(munmap(memory + PAGE, PAGE));
	ck_assert_fails(write(ends[1], memory + PAGE, 1), EFAULT);
	ck_assert_int_eq(write(ends[1], memory, 1), 1);
	ck_assert_int_eq(write(ends[1], memory + 2 * PAGE, 1), 1);
	ck_assert_fails(mprotect(memory, 3 * PAGE, PROT_READ), ENOMEM);
	ck_assert_fails(madvise(memory + 1, PAGE, MADV_DONTNEED), EINVAL);
	ck_assert_fails(mprotect(memory + 1, PAGE, PROT_READ), EINVAL);
	ck_assert_fails(mprotect(memory, PAGE, 0x7fff0), EINVAL);
	ck_assert_fails(msync(memory + PAGE, PAGE, MS_SYNC), ENOMEM);
}
END_TEST

START_TEST(protection_is_kept)
{
	uint8_t *memory = must_map(4 * PAGE);
	int ends[2];

	ck_assert_ok(pipe(ends));
	memset(memory, 0x22, 4 * PAGE);
	ck_assert_ok(mprotect(memory + PAGE, PAGE, PROT_READ));
	ck_assert_ok(mprotect(memory + 2 * PAGE, PAGE, PROT_NONE));
	ck_assert_int_eq(write(ends[1], memory + PAGE, 1), 1);
	ck_assert_fails(read(ends[0], memory + PAGE, 1), EFAULT);
	ck_assert_fails(write(ends[1], memory + 2 * PAGE, 1), EFAULT);
	ck_assert_ok(mprotect(memory, 4 * PAGE, PROT_READ | PROT_WRITE));
	ck_assert(all_are(memory, 0x22, 4 * PAGE));
	memory[2 * PAGE] = 1;
}
END_TEST

START_TEST(memory_is_given_up)
{
	uint8_t *memory = must_map(3 * PAGE);

	memset(memory, 0x33, 3 * PAGE);
	ck_assert_ok(madvise(memory + PAGE, PAGE, MADV_DONTNEED));
	ck_assert(all_are(memory, 0x33, PAGE));
	ck_assert(all_are(memory + PAGE, 0, PAGE));
	ck_assert(all_are(memory + 2 * PAGE, 0x33, PAGE));
}
END_TEST

START_TEST(mappings_grow_and_move)
{
	uint8_t *memory = must_map(4 * PAGE), *moved;

	memset(memory, 0x44, 4 * PAGE);
	ck_assert_ptr_eq(mremap(memory, 4 * PAGE, 2 * PAGE, 0), memory);
	must_map(2 * PAGE); /* may take the place behind */
	moved = mremap(memory, 2 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	ck_assert_ptr_ne(moved, MAP_FAILED);
	ck_assert(all_are(moved, 0x44, 2 * PAGE));
	ck_assert(all_are(moved + 2 * PAGE, 0, 62 * PAGE));
	memory = must_map(8 * PAGE);
	ck_assert_ptr_eq(
		mremap(moved, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, memory), memory);
	ck_assert(all_are(memory, 0x44, 2 * PAGE));
	ck_assert(all_are(memory + 2 * PAGE, 0, 6 * PAGE));
	ck_assert_ok(munmap(memory + 2 * PAGE, PAGE));
	ck_assert_fails(mremap(memory + 1, PAGE, PAGE, 0), EINVAL);
	ck_assert_fails(mremap(memory, PAGE, 0, 0), EINVAL);
	ck_assert_fails(mremap(memory + 2 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
	ck_assert_fails(mremap(memory + PAGE, PAGE, PAGE, 0x40), EINVAL);
}
END_TEST

START_TEST(what_is_resident)
{
	uint8_t *memory = must_map(3 * PAGE), resident[3] = {9, 9, 9};

	memory[PAGE] = 1;
	ck_assert_ok(mincore(memory, 3 * PAGE, resident));
	ck_assert_uint_eq(resident[0] & 1, 0);
	ck_assert_uint_eq(resident[1] & 1, 1);
	ck_assert_uint_eq(resident[2] & 1, 0);
	ck_assert_fails(mincore(memory + 1, PAGE, resident), EINVAL);
	ck_assert_ok(munmap(memory, PAGE));
	ck_assert_fails(mincore(memory, PAGE, resident), ENOMEM);
}
END_TEST

/* Each process sees its own writes, whoever writes first, and a grandchild its parent's. */
START_TEST(fork_copies_on_write)
{
	size_t size = 64 * PAGE;
	uint8_t *memory = must_map(size);
	pid_t pid;
	int ends[2];
	char byte;

	ck_assert_ok(pipe(ends));
	memset(memory, 1, size);
	pid = must_fork();
	if (pid == 0) {
		if (read(ends[0], &byte, 1) != 1 || !all_are(memory, 1, size))
			_exit(1);
		memset(memory, 3, size / 2);
		pid = fork();
		if (pid == 0)
			_exit(!all_are(memory, 3, size / 2) ||
				!all_are(memory + size / 2, 1, size / 2));
		_exit(WEXITSTATUS(wait_status(pid)));
	}
	memset(memory, 2, size);
	ck_assert_int_eq(write(ends[1], "x", 1), 1);
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 0);
	ck_assert(all_are(memory, 2, size));
	pid = must_fork();
	if (pid == 0) {
		memset(memory, 9, size);
		_exit(0);
	}
	wait_status(pid);
	ck_assert(all_are(memory, 2, size));
}
END_TEST

/* The kernel's writes are writes, too. */
START_TEST(kernel_copies_on_write)
{
	uint8_t *memory = must_map(PAGE);
	int ends[2];
	pid_t pid;

	ck_assert_ok(pipe(ends));
	memset(memory, 1, PAGE);
	pid = must_fork();
	if (pid == 0) {
		if (write(ends[1], "abcd", 4) != 4 || read(ends[0], memory, 4) != 4)
			_exit(1);
		_exit(memory[0] != 'a');
	}
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 0);
	ck_assert(all_are(memory, 1, PAGE));
}
END_TEST

START_TEST(shared_memory_is_shared)
{
	uint8_t *memory =
		mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	ck_assert_ptr_ne(memory, MAP_FAILED);
	memory[0] = 1;
	pid = must_fork();
	if (pid == 0) {
		memory[0]++;
		memory[2 * PAGE] = 7;
		_exit(0);
	}
	wait_status(pid);
	ck_assert_uint_eq(memory[0], 2);
	ck_assert_uint_eq(memory[2 * PAGE], 7);
}
END_TEST

/* Protection changed in one process only, and a mapping removed there. */
START_TEST(maps_are_separate)
{
	uint8_t *memory = must_map(2 * PAGE);
	pid_t pid;

	memset(memory, 5, 2 * PAGE);
	pid = must_fork();
	if (pid == 0) {
		munmap(memory, PAGE);
		mprotect(memory + PAGE, PAGE, PROT_NONE);
		_exit(0);
	}
	wait_status(pid);
	memory[0] = 6;
	memory[PAGE] = 6;
	pid = must_fork();
	if (pid == 0)
		_exit(memory[0] != 6);
	mprotect(memory, 2 * PAGE, PROT_NONE);
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 0);
}
END_TEST

static int grow(int depth)
{
	volatile char room[PAGE];

	room[0] = (char)depth;
	return depth ? grow(depth - 1) + (room[0] == (char)depth) : 0;
}

START_TEST(stack_grows)
{
	/* 2 of its 8 MiB */
	ck_assert_int_eq(grow(500), 500);
}
END_TEST

START_TEST(big_frames_reach_down)
{
	volatile char *far = (volatile char *)alloca(4 * MIB);

	far[0] = 1;
	ck_assert_int_eq(far[2 * MIB], 0);
}
END_TEST

TCase *memory_tests(void)
{
	TCase *tests = tcase_create("memory");

	tcase_add_test(tests, break_moves);
	tcase_add_test(tests, fresh_memory_is_zero);
	tcase_add_test(tests, memory_is_brought_when_touched);
	tcase_add_test(tests, map_errors);
	tcase_add_test(tests, fixed_mappings_replace);
	tcase_add_test(tests, holes_end_accesses);
	tcase_add_test(tests, protection_is_kept);
	tcase_add_test(tests, memory_is_given_up);
	tcase_add_test(tests, mappings_grow_and_move);
	tcase_add_test(tests, what_is_resident);
	tcase_add_test(tests, fork_copies_on_write);
	tcase_add_test(tests, kernel_copies_on_write);
	tcase_add_test(tests, shared_memory_is_shared);
	tcase_add_test(tests, maps_are_separate);
	tcase_add_test(tests, stack_grows);
	tcase_add_test(tests, big_frames_reach_down);
	return tests;
}
