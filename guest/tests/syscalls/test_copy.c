/* SPDX-License-Identifier: MIT */
/*
 * test_copy.c: much at once between the kernel and a program: every byte arrives, nothing beside
 * them changes, and pages are brought, copied and refused as for single stores.
 */
#include "suite.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SPACE (16 * PAGE)

/* Lengths around what may be treated in different ways. */
static const size_t lengths[] = {1, 255, 256, 511, 512, 513, 1000, PAGE - 1, PAGE, PAGE + 1,
	2 * PAGE, 3 * PAGE + 700, 8 * PAGE + 8, 14 * PAGE - 5};

#define LENGTHS ((int)(sizeof(lengths) / sizeof(lengths[0])))

static uint8_t byte_at(size_t i)
{
	return (uint8_t)(i * 31 + (i >> 8) * 7 + (i >> 12));
}

static uint8_t *pattern(void)
{
	uint8_t *bytes = must_map(SPACE);

	for (size_t i = 0; i < SPACE; i++)
		bytes[i] = byte_at(i);
	return bytes;
}

/* Without Check's own call for each byte. */
static bool all_are(const uint8_t *bytes, size_t n, uint8_t value)
{
	while (n && *bytes == value) {
		bytes++;
		n--;
	}
	return n == 0;
}

/* [at, at + n) has the pattern from `from` on, all else is 0xee. */
static void expect_only(const uint8_t *space, size_t at, size_t n, size_t from)
{
	for (size_t i = 0; i < SPACE; i++) {
		uint8_t wanted = i >= at && i < at + n ? byte_at(from + i - at) : 0xee;

		if (space[i] != wanted)
			ck_abort_msg("byte %zu of %zu at %zu", i, n, at);
	}
}

START_TEST(files_give_and_take_every_byte)
{
	static const size_t places[] = {0, 1, PAGE - 1, PAGE + 4};
	int file = open("file", O_RDWR | O_CREAT, 0600);
	uint8_t *space = must_map(SPACE), *bytes = pattern();
	size_t n = lengths[_i];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		size_t at = places[i], from = places[3 - i];

		memset(space, 0xee, SPACE);
		ck_assert_ok(ftruncate(file, 0));
		ck_assert_int_eq(pwrite(file, bytes + from, n, (off_t)at), n);
		ck_assert_int_eq(pread(file, space + PAGE - at, n + at, 0), n + at);
		ck_assert(all_are(space + PAGE - at, at, 0));
		memset(space + PAGE - at, 0xee, at);
		expect_only(space, PAGE, n, from);
	}
}
END_TEST

START_TEST(pipes_carry_every_byte)
{
	uint8_t *space = must_map(SPACE), *bytes = pattern();
	size_t n = lengths[_i], done = 0;
	ssize_t got;
	int ends[2];

	ck_assert_ok(pipe(ends));
	memset(space, 0xee, SPACE);
	/* The ring has turned before. */
	ck_assert_int_eq(write(ends[1], bytes, 5001), 5001);
	ck_assert_int_eq(read(ends[0], space, 5001), 5001);
	memset(space, 0xee, SPACE);
	ck_assert_int_eq(write(ends[1], bytes + 3, n), n);
	for (; done < n; done += (size_t)got) {
		got = read(ends[0], space + 77 + done, n - done);
		ck_assert_int_gt(got, 0);
	}
	expect_only(space, 77, n, 3);
}
END_TEST

/* Pages that were never touched, on either side. */
START_TEST(fresh_pages)
{
	int file = open("file", O_RDWR | O_CREAT, 0600), zero = open("/dev/zero", O_RDONLY);
	uint8_t *fresh = must_map(SPACE), *bytes = pattern();

	ck_assert_int_eq(write(file, fresh + 100, 5 * PAGE), 5 * PAGE);
	ck_assert_int_eq(pread(file, bytes, 5 * PAGE, 0), 5 * PAGE);
	ck_assert(all_are(bytes, 5 * PAGE, 0));
	bytes = pattern();
	ck_assert_int_eq(read(zero, bytes + 5, 3 * PAGE), 3 * PAGE);
	ck_assert_int_eq(bytes[4], byte_at(4));
	ck_assert_int_eq(bytes[5 + 3 * PAGE], byte_at(5 + 3 * PAGE));
	ck_assert(all_are(bytes + 5, 3 * PAGE, 0));
	bytes = pattern();
	ck_assert_int_eq(pwrite(file, bytes, 4 * PAGE, 0), 4 * PAGE);
	fresh = must_map(SPACE);
	ck_assert_int_eq(pread(file, fresh + 100, 4 * PAGE, 0), 4 * PAGE);
	ck_assert_mem_eq(fresh + 100, bytes, 4 * PAGE);
	ck_assert_int_eq(fresh[99] + fresh[100 + 4 * PAGE], 0);
}
END_TEST

START_TEST(rights_are_heeded)
{
	int file = open("file", O_RDWR | O_CREAT, 0600);
	uint8_t *space = must_map(SPACE), *bytes = pattern();
	void *volatile nowhere = NULL;
	int ends[2];

	ck_assert_ok(pipe(ends));
	ck_assert_int_eq(write(file, bytes, 4 * PAGE), 4 * PAGE);
	memset(space, 0xee, SPACE);
	ck_assert_ok(mprotect(space, 4 * PAGE, PROT_READ));
	ck_assert_fails(pread(file, space, 4 * PAGE, 0), EFAULT);
	ck_assert_int_eq(pwrite(file, space, PAGE, 0), PAGE);
	ck_assert_ok(mprotect(space, 4 * PAGE, PROT_NONE));
	ck_assert_fails(pread(file, space, 4 * PAGE, 0), EFAULT);
	ck_assert_fails(write(ends[1], space, PAGE), EFAULT);
	ck_assert_fails(pread(file, nowhere, 4 * PAGE, 0), EFAULT);
	ck_assert_fails(write(ends[1], nowhere, PAGE), EFAULT);
	ck_assert_fails(write(ends[1], (void *)0xffff800000200000, PAGE), EFAULT);
	ck_assert_fails(pread(file, (void *)0xffff800000200000, PAGE, 0), EFAULT);
	ck_assert_ok(mprotect(space, 4 * PAGE, PROT_READ | PROT_WRITE));
	ck_assert(all_are(space, SPACE, 0xee));
}
END_TEST

/* A child's reads change its own pages only, and a parent's its own. */
START_TEST(shared_pages_are_copied_first)
{
	int file = open("file", O_RDWR | O_CREAT, 0600);
	uint8_t *space = must_map(SPACE), *bytes = pattern();
	pid_t child;

	ck_assert_int_eq(write(file, bytes, SPACE), SPACE);
	memset(space, 0xee, SPACE);
	child = must_fork();
	if (child == 0) {
		ssize_t n = pread(file, space + 9, 3 * PAGE, 0);

		_exit(n != 3 * PAGE || memcmp(space + 9, bytes, 3 * PAGE) || space[8] != 0xee ||
			space[9 + 3 * PAGE] != 0xee);
	}
	ck_assert_int_eq(wait_status(child), 0);
	expect_only(space, 0, 0, 0);
	child = must_fork();
	if (child == 0) {
		sleep_ms(20);
		_exit(space[9] != 0xee || space[2 * PAGE] != 0xee);
	}
	ck_assert_int_eq(pread(file, space + 9, 3 * PAGE, 0), 3 * PAGE);
	expect_only(space, 9, 3 * PAGE, 0);
	ck_assert_int_eq(wait_status(child), 0);
}
END_TEST

/* A page of a file, shared, and behind it the same page, private: that one is copied when the
 * first has been written. */
START_TEST(pages_come_in_their_order)
{
	int file = open("file", O_RDWR | O_CREAT, 0600);
	uint8_t *space = must_map(SPACE), *bytes = pattern();
	int ends[2];

	ck_assert_ok(pipe(ends));
	memset(space, 0xee, PAGE);
	ck_assert_int_eq(write(file, space, PAGE), PAGE);
	ck_assert_ptr_eq(
		mmap(space, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0), space);
	ck_assert_ptr_eq(
		mmap(space + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file, 0),
		space + PAGE);
	ck_assert_int_eq(space[0] + space[PAGE], 0xee + 0xee);
	space[0] = 0xee;
	ck_assert_int_eq(write(ends[1], bytes, PAGE + 700), PAGE + 700);
	ck_assert_int_eq(read(ends[0], space, PAGE + 700), PAGE + 700);
	ck_assert_mem_eq(space, bytes, PAGE + 700);
	ck_assert_mem_eq(space + PAGE + 700, bytes + 700, PAGE - 700);
}
END_TEST

TCase *copy_tests(void)
{
	TCase *tests = tcase_create("copies");

	tcase_add_loop_test(tests, files_give_and_take_every_byte, 0, LENGTHS);
	tcase_add_loop_test(tests, pipes_carry_every_byte, 0, LENGTHS);
	tcase_add_test(tests, fresh_pages);
	tcase_add_test(tests, rights_are_heeded);
	tcase_add_test(tests, shared_pages_are_copied_first);
	tcase_add_test(tests, pages_come_in_their_order);
	return tests;
}
