/* SPDX-License-Identifier: MIT */
/*
 * test_name.c: names of files: folders, links, renaming, removing.
 */
#include "suite.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static nlink_t links_of(const char *name)
{
	struct stat status;

	ck_assert_ok(lstat(name, &status));
	return status.st_nlink;
}

START_TEST(folders)
{
	ck_assert_ok(mkdir("a", 0700));
	ck_assert_fails(mkdir("a", 0700), EEXIST);
	ck_assert_fails(mkdir("b/c", 0700), ENOENT);
	ck_assert_ok(mkdir("a/b", 0700));
	ck_assert_fails(rmdir("a"), ENOTEMPTY);
	ck_assert_fails(unlink("a"), EISDIR);
	make_file("file", "");
	ck_assert_fails(rmdir("file"), ENOTDIR);
	ck_assert_fails(mkdir("file/x", 0700), ENOTDIR);
	ck_assert_fails(rmdir("a/."), EINVAL);
	ck_assert_fails(rmdir("none"), ENOENT);
	ck_assert_ok(rmdir("a/b"));
	ck_assert_ok(rmdir("a/"));
	ck_assert_fails(chdir("a"), ENOENT);
	ck_assert_fails(chdir("file"), ENOTDIR);
}
END_TEST

START_TEST(where_one_is)
{
	char first[PATH_MAX], second[PATH_MAX], small[2];
	int fd;

	ck_assert_ptr_nonnull(getcwd(first, sizeof(first)));
	ck_assert_ok(mkdir("sub", 0700));
	fd = open(".", O_RDONLY);
	ck_assert_ok(chdir("sub"));
	ck_assert_ptr_nonnull(getcwd(second, sizeof(second)));
	strcat(first, "/sub");
	ck_assert_str_eq(first, second);
	ck_assert_fails(syscall(SYS_getcwd, small, sizeof(small)), ERANGE);
	make_file("inner", "");
	ck_assert_ok(fchdir(fd));
	ck_assert_ok(access("sub/inner", F_OK));
	ck_assert_ok(access("sub/../sub/./inner", F_OK));
	ck_assert_fails(access("inner", F_OK), ENOENT);
	ck_assert_ok(mkdirat(fd, "x", 0700));
	ck_assert_ok(unlinkat(fd, "x", AT_REMOVEDIR));
	ck_assert_fails(fchdir(99), EBADF);
}
END_TEST

START_TEST(hard_links)
{
	make_file("a", "text");
	ck_assert_ok(link("a", "b"));
	ck_assert_int_eq((int)links_of("a"), 2);
	ck_assert_fails(link("a", "b"), EEXIST);
	ck_assert_fails(link("none", "c"), ENOENT);
	ck_assert_fails(link(".", "c"), EPERM);
	ck_assert_ok(unlink("a"));
	ck_assert_int_eq((int)links_of("b"), 1);
	ck_assert_fails(unlink("a"), ENOENT);
}
END_TEST

START_TEST(symbolic_links)
{
	char out[16] = "";

	ck_assert_ok(symlink("target", "link"));
	ck_assert_int_eq(readlink("link", out, sizeof(out)), 6);
	ck_assert_str_eq(out, "target");
	ck_assert_int_eq(readlink("link", out, 3), 3);
	ck_assert_fails(readlink("link", out, 0), EINVAL);
	ck_assert_fails(open("link", O_RDONLY), ENOENT);
	ck_assert_fails(symlink("x", "link"), EEXIST);
	ck_assert_fails(symlink("", "empty"), ENOENT);
	make_file("link", "by the link");
	ck_assert_ok(access("target", F_OK));
	ck_assert_fails(readlink("target", out, sizeof(out)), EINVAL);
	ck_assert_ok(mkdir("d", 0700));
	ck_assert_ok(symlink("../target", "d/up"));
	ck_assert_ok(access("d/up", F_OK));
	ck_assert_ok(unlink("link"));
	ck_assert_ok(access("target", F_OK));
}
END_TEST

START_TEST(renaming)
{
	make_file("a", "a");
	make_file("b", "bb");
	ck_assert_ok(rename("a", "b"));
	ck_assert_fails(access("a", F_OK), ENOENT);
	ck_assert_fails(rename("a", "c"), ENOENT);
	ck_assert_ok(mkdir("d", 0700));
	ck_assert_ok(mkdir("d/e", 0700));
	ck_assert_fails(rename("d", "d/e/f"), EINVAL);
	ck_assert_fails(rename("b", "d"), EISDIR);
	ck_assert_fails(rename("d", "b"), ENOTDIR);
	ck_assert_ok(mkdir("full", 0700));
	make_file("full/x", "");
	ck_assert_fails(rename("d", "full"), ENOTEMPTY);
	ck_assert_ok(rename("b", "d/b"));
	ck_assert_ok(rename("d", "moved"));
	ck_assert_ok(access("moved/b", F_OK));
	ck_assert_ok(link("moved/b", "same"));
	/* Two names of one file: nothing happens. */
	ck_assert_ok(rename("same", "moved/b"));
	ck_assert_ok(access("same", F_OK));
	ck_assert_fails(renameat2(AT_FDCWD, "same", AT_FDCWD, "moved/b", RENAME_NOREPLACE), EEXIST);
}
END_TEST

START_TEST(open_files_outlive_names)
{
	char out[4] = "";
	struct stat status;
	int fd;

	make_file("file", "abc");
	fd = open("file", O_RDWR);
	ck_assert_ok(unlink("file"));
	ck_assert_fails(access("file", F_OK), ENOENT);
	ck_assert_int_eq(read(fd, out, 3), 3);
	ck_assert_str_eq(out, "abc");
	ck_assert_ok(fstat(fd, &status));
	ck_assert_int_eq((int)status.st_nlink, 0);
}
END_TEST

START_TEST(listing)
{
	enum { COUNT = 100 };
	char name[32];
	unsigned seen = 0, dots = 0;
	struct dirent *entry;
	DIR *dir;

	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "file-%d", i);
		make_file(name, "");
	}
	dir = opendir(".");
	ck_assert_ptr_nonnull(dir);
	for (int round = 0; round < 2; round++) {
		while ((entry = readdir(dir))) {
			dots += entry->d_name[0] == '.';
			seen += strncmp(entry->d_name, "file-", 5) == 0 && entry->d_type == DT_REG;
		}
		rewinddir(dir);
	}
	closedir(dir);
	ck_assert_uint_eq(seen, 2 * COUNT);
	ck_assert_uint_eq(dots, 4);
}
END_TEST

START_TEST(getdents_errors)
{
	char small[8];
	int fd = open(".", O_RDONLY), file;

	ck_assert_fails(syscall(SYS_getdents64, fd, small, sizeof(small)), EINVAL);
	make_file("file", "");
	file = open("file", O_RDONLY);
	ck_assert_fails(syscall(SYS_getdents64, file, small, sizeof(small)), ENOTDIR);
	ck_assert_fails(syscall(SYS_getdents64, 99, small, sizeof(small)), EBADF);
}
END_TEST

START_TEST(modes)
{
	struct stat status;
	mode_t old = umask(022);
	int fd = open("file", O_CREAT | O_WRONLY, 0666);

	ck_assert_ok(fstat(fd, &status));
	ck_assert_int_eq(status.st_mode & 0777, 0644);
	ck_assert_int_eq(umask(077), 022);
	ck_assert_ok(mkdir("d", 0777));
	ck_assert_ok(stat("d", &status));
	ck_assert_int_eq(status.st_mode & 0777, 0700);
	ck_assert_ok(fchmod(fd, 04711));
	ck_assert_ok(stat("file", &status));
	ck_assert_int_eq(status.st_mode & 07777, 04711);
	ck_assert_ok(chown("file", (uid_t)-1, (gid_t)-1));
	ck_assert_ok(access("file", X_OK));
	ck_assert_fails(access("file", 8), EINVAL);
	ck_assert_fails(chmod("none", 0), ENOENT);
	umask(old);
}
END_TEST

START_TEST(descriptors_have_names)
{
	char path[64], out[PATH_MAX] = "", here[PATH_MAX];
	int fd;

	make_file("file", "x");
	fd = open("file", O_RDONLY);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ck_assert_int_gt(readlink(path, out, sizeof(out) - 1), 0);
	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	strcat(here, "/file");
	ck_assert_str_eq(out, here);
	ck_assert_int_ge(open(path, O_RDONLY), 0);
}
END_TEST

TCase *name_tests(void)
{
	TCase *tests = tcase_create("names");

	tcase_add_test(tests, folders);
	tcase_add_test(tests, where_one_is);
	tcase_add_test(tests, hard_links);
	tcase_add_test(tests, symbolic_links);
	tcase_add_test(tests, renaming);
	tcase_add_test(tests, open_files_outlive_names);
	tcase_add_test(tests, listing);
	tcase_add_test(tests, getdents_errors);
	tcase_add_test(tests, modes);
	tcase_add_test(tests, descriptors_have_names);
	return tests;
}
