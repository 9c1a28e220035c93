/* SPDX-License-Identifier: MIT */
/*
 * test_initrd.c: archives become files, and nothing outside of an archive is touched: sound ones,
 * with every kind of entry, and damaged ones, under ASan in memory of exactly their size.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>

#include "fs/calls.h"
#include "fs/cpio.h"
#include "fs/initrd.h"
#include "fs/mount.h"
#include "fs_host.h"

#define ARCHIVE_MAX 8192
#define DAMAGES     2000

struct archive {
	size_t size;
	char bytes[ARCHIVE_MAX];
};

static void put(struct archive *archive, const void *bytes, size_t n)
{
	memcpy(archive->bytes + archive->size, bytes, n);
	archive->size += n;
	while (archive->size % 4)
		archive->bytes[archive->size++] = 0;
}

/* cpio(5), "New ASCII Format". */
static void add(struct archive *archive, unsigned inode, unsigned mode, unsigned links,
	const char *name, const char *data)
{
	char head[512];
	int n = snprintf(head, sizeof(head),
		"070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s", inode, mode, 5, 6,
		links, 7, (unsigned)strlen(data), 0, 0, 1, 3, (unsigned)strlen(name) + 1, 0, name);

	put(archive, head, (size_t)n + 1);
	put(archive, data, strlen(data));
}

static void make(struct archive *archive)
{
	archive->size = 0;
	add(archive, 1, 0040750, 2, "dir", "");
	add(archive, 2, 0100644, 1, "./dir/file", "contents");
	add(archive, 3, 0120777, 1, "/dir/link", "file");
	add(archive, 4, 0020600, 1, "dir/device", "");
	add(archive, 5, 0010600, 1, "dir/fifo", "");
	add(archive, 6, 0100600, 2, "made/in/passing", "");
	add(archive, 6, 0100600, 2, "made/again", "linked");
	add(archive, 7, 0100600, 1, "..", "no");
	add(archive, 7, 0100600, 1, "dir/file/below", "no");
	add(archive, 8, 0040711, 2, "made", "");
	add(archive, 0, 0, 1, "TRAILER!!!", "");
}

static int64_t read_file(const char *path, char *to, size_t size)
{
	struct syscall_args open = {{(uintptr_t)path, 0, 0}}, read, close;
	int64_t fd = sys_open(&open), n;

	if (fd < 0)
		return fd;
	read = (struct syscall_args){{(uintptr_t)fd, (uintptr_t)to, size}};
	n = sys_read(&read);
	close = (struct syscall_args){{(uintptr_t)fd}};
	sys_close(&close);
	return n;
}

static void expect_file(const char *path, const char *contents)
{
	char got[64] = "";

	ck_assert_int_eq(read_file(path, got, sizeof(got) - 1), (int64_t)strlen(contents));
	ck_assert_str_eq(got, contents);
}

static void expect_stat(const char *path, uint32_t mode, uint64_t links, uint64_t rdev)
{
	struct abi_stat stat;
	struct syscall_args args = {{(uintptr_t)path, (uintptr_t)&stat}};

	ck_assert_int_eq(sys_lstat(&args), 0);
	ck_assert_uint_eq(stat.mode, mode);
	ck_assert_uint_eq(stat.nlink, links);
	ck_assert_uint_eq(stat.rdev, rdev);
	ck_assert_uint_eq(stat.uid, 5);
	ck_assert_uint_eq(stat.gid, 6);
	ck_assert_int_eq(stat.mtime, 7);
}

START_TEST(every_kind_of_entry)
{
	struct archive archive;

	make(&archive);
	fs_host_start();
	ck_assert_int_eq(
		initrd_unpack(mount_first()->root, (uint8_t *)archive.bytes, archive.size), 10);
	expect_stat("/dir", 0040750, 2, 0);
	expect_stat("/dir/file", 0100644, 1, 0);
	expect_stat("/dir/link", 0120777, 1, 0);
	expect_stat("/dir/device", 0020600, 1, 0x103);
	expect_stat("/dir/fifo", 0010600, 1, 0);
	expect_stat("/made", 0040711, 3, 0);
	expect_stat("/made/in/passing", 0100600, 2, 0);
	expect_file("/dir/file", "contents");
	expect_file("/dir/link", "contents");
	expect_file("/made/in/passing", "linked");
	expect_file("/made/again", "linked");
	fs_host_end();
}
END_TEST

/* Unpacks `size` bytes that end where the memory ends; looks at what came of it. */
static int unpack_copy(const struct archive *archive, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	char got[64];
	int result;

	memcpy(copy, archive->bytes, size);
	fs_host_start();
	result = initrd_unpack(mount_first()->root, copy, size);
	read_file("/dir/file", got, sizeof(got));
	read_file("/dir/link", got, sizeof(got));
	fs_host_end();
	free(copy);
	return result;
}

START_TEST(a_cut_archive_is_damaged)
{
	struct archive archive;

	make(&archive);
	for (size_t size = 0; size < archive.size - 4; size++)
		ck_assert_int_eq(unpack_copy(&archive, size), -EINVAL);
	ck_assert_int_eq(unpack_copy(&archive, archive.size), 10);
}
END_TEST

/* Names of one file, of which three say that they can wait. */
static void make_run(struct archive *archive, unsigned bytes)
{
	size_t start;
	char text[9];

	archive->size = 0;
	add(archive, 1, 0040755, 2, "dir", "");
	add(archive, 2, 0100755, 5, "dir/file", "contents");
	add(archive, 2, 0100755, 2, "dir/link", "");
	start = archive->size;
	add(archive, 2, 0100755, 2, "dir/one", "");
	add(archive, 2, 0100755, 2, "dir/two", "");
	add(archive, 2, 0100755, 2, "dir/start-stop-daemon", "");
	add(archive, 3, 0100755, 1, "dir/own", "another");
	add(archive, 0, 0, 1, "TRAILER!!!", "");
	snprintf(text, sizeof(text), "%08X", bytes);
	memcpy(archive->bytes + start + 102, text, 8);
}

#define RUN_BYTES (120 + 120 + 132)

static void start_run(struct archive *archive, unsigned bytes)
{
	make_run(archive, bytes);
	fs_host_start();
	ck_assert_int_ge(
		initrd_unpack(mount_first()->root, (uint8_t *)archive->bytes, archive->size), 0);
}

static const struct dentry *first_in_dir(void)
{
	return dentry_find(mount_first()->root, "dir", 3)->children;
}

static unsigned names_in_dir(void)
{
	unsigned n = 0;

	for (const struct dentry *at = first_in_dir(); at; at = at->next)
		n++;
	return n;
}

/* Each way of looking brings them all. */
START_TEST(names_that_can_wait)
{
	struct syscall_args link = {{(uintptr_t) "/dir/link", 0, 0}};
	struct archive archive;
	struct abi_stat stat;
	struct syscall_args args = {{(uintptr_t) "/dir/file", (uintptr_t)&stat}};

	start_run(&archive, RUN_BYTES);
	ck_assert_uint_eq(names_in_dir(), 3);
	expect_file("/dir/link", "contents");
	expect_file("/dir/own", "another");
	ck_assert_uint_eq(names_in_dir(), 3);
	switch (_i) {
	case 0:
		expect_file("/dir/two", "contents");
		break;
	case 1:
		ck_assert_int_eq(read_file("/dir/none", NULL, 0), -ENOENT);
		break;
	case 2:
		break;
	case 3:
		ck_assert_int_eq(sys_unlink(&link), 0);
		ck_assert_uint_eq(names_in_dir(), 5);
		break;
	}
	ck_assert_int_eq(sys_stat(&args), 0);
	ck_assert_uint_eq(stat.nlink, _i == 3 ? 4 : 5);
	ck_assert_uint_eq(names_in_dir(), _i == 3 ? 5 : 6);
	expect_file("/dir/one", "contents");
	expect_file("/dir/start-stop-daemon", "contents");
	ck_assert_int_eq(read_file("/dir/none", NULL, 0), -ENOENT);
	fs_host_end();
}
END_TEST

/* Too long, too short, not to an entry: nobody waits then. */
START_TEST(wrong_lengths_of_runs)
{
	static const unsigned lengths[] = {1, 119, RUN_BYTES - 4, RUN_BYTES + 4, 0x7fffffff, ~0u};
	struct archive archive;

	start_run(&archive, lengths[_i]);
	ck_assert_uint_eq(names_in_dir(), 6);
	expect_file("/dir/two", "contents");
	fs_host_end();
}
END_TEST

START_TEST(nothing_outside_is_touched)
{
	static const char digits[] = "0123456789ABCDEFfgZ\0/";
	struct archive archive;

	random_seed((unsigned)_i);
	for (int i = 0; i < DAMAGES; i++) {
		if (i % 2)
			make(&archive);
		else
			make_run(&archive, RUN_BYTES);
		for (uint64_t n = 1 + random_below(6); n; n--)
			archive.bytes[random_below(archive.size)] =
				digits[random_below(sizeof(digits))];
		unpack_copy(&archive, archive.size);
	}
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{every_kind_of_entry, 0},
		{a_cut_archive_is_damaged, 0},
		{names_that_can_wait, 4},
		{wrong_lengths_of_runs, 6},
		{nothing_outside_is_touched, 10},
	};

	return RUN_UNIT("initial RAM disk", tests);
}
