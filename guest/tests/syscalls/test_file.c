/* SPDX-License-Identifier: MIT */
/*
 * test_file.c: the contents of files: reading, writing, offsets, sizes, times.
 */
#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

START_TEST(open_errors)
{
	ck_assert_fails(open("none", O_RDONLY), ENOENT);
	ck_assert_fails(open("", O_RDONLY), ENOENT);
	ck_assert_fails(open("none/file", O_WRONLY | O_CREAT, 0600), ENOENT);
	make_file("file", "text");
	ck_assert_fails(open("file", O_WRONLY | O_CREAT | O_EXCL, 0600), EEXIST);
	ck_assert_fails(open("file/more", O_RDONLY), ENOTDIR);
	ck_assert_fails(open("file", O_RDONLY | O_DIRECTORY), ENOTDIR);
	ck_assert_fails(open(".", O_WRONLY), EISDIR);
	ck_assert_fails(open("file/", O_RDONLY), ENOTDIR);
	ck_assert_ok(symlink("file", "link"));
	ck_assert_fails(open("link", O_RDONLY | O_NOFOLLOW), ELOOP);
	ck_assert_ok(symlink("loop", "loop"));
	ck_assert_fails(open("loop", O_RDONLY), ELOOP);
	ck_assert_fails(openat(99, "file", O_RDONLY), EBADF);
}
END_TEST

START_TEST(long_names)
{
	char name[5000];

	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	make_file(name, "");
	ck_assert_ok(unlink(name));
	name[255] = 'n';
	name[256] = '\0';
	ck_assert_fails(open(name, O_RDONLY), ENAMETOOLONG);
	name[256] = 'n';
	name[4999] = '\0';
	ck_assert_fails(open(name, O_RDONLY), ENAMETOOLONG);
}
END_TEST

START_TEST(access_modes)
{
	char byte;
	int fd;

	make_file("file", "abc");
	fd = open("file", O_WRONLY);
	ck_assert_fails(read(fd, &byte, 1), EBADF);
	close(fd);
	fd = open("file", O_RDONLY);
	ck_assert_fails(write(fd, "x", 1), EBADF);
	ck_assert_fails(ftruncate(fd, 0), EINVAL);
	close(fd);
	ck_assert_fails(read(fd, &byte, 1), EBADF);
	ck_assert_fails(write(-1, &byte, 1), EBADF);
	fd = open(".", O_RDONLY);
	ck_assert_fails(read(fd, &byte, 1), EISDIR);
}
END_TEST

START_TEST(offsets)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	struct stat status;
	char out[8];

	ck_assert_int_eq(write(fd, "0123456789", 10), 10);
	ck_assert_int_eq(lseek(fd, 2, SEEK_SET), 2);
	ck_assert_int_eq(read(fd, out, 3), 3);
	ck_assert_mem_eq(out, "234", 3);
	ck_assert_int_eq(lseek(fd, -1, SEEK_CUR), 4);
	ck_assert_int_eq(lseek(fd, -1, SEEK_END), 9);
	ck_assert_int_eq(read(fd, out, 8), 1);
	ck_assert_int_eq(read(fd, out, 8), 0);
	ck_assert_fails(lseek(fd, -1, SEEK_SET), EINVAL);
	ck_assert_fails(lseek(fd, 0, 77), EINVAL);
	ck_assert_int_eq(pread(fd, out, 2, 5), 2);
	ck_assert_mem_eq(out, "56", 2);
	ck_assert_int_eq(pwrite(fd, "xy", 2, 0), 2);
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 10);
	ck_assert_fails(pread(fd, out, 1, -1), EINVAL);
	/* Beyond the end lies a hole of zeros. */
	ck_assert_int_eq(lseek(fd, 10000, SEEK_SET), 10000);
	ck_assert_int_eq(write(fd, "z", 1), 1);
	ck_assert_ok(fstat(fd, &status));
	ck_assert_int_eq(status.st_size, 10001);
	ck_assert_int_eq(pread(fd, out, 2, 9998), 2);
	ck_assert_mem_eq(out, "\0\0", 2);
}
END_TEST

START_TEST(appending)
{
	int fd = open("file", O_RDWR | O_CREAT | O_APPEND, 0600);
	char out[8] = "";

	ck_assert_int_eq(write(fd, "abc", 3), 3);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(write(fd, "def", 3), 3);
	ck_assert_int_eq(pread(fd, out, 8, 0), 6);
	ck_assert_str_eq(out, "abcdef");
	ck_assert_int_eq(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND), O_RDWR | O_APPEND);
	ck_assert_ok(fcntl(fd, F_SETFL, 0));
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_APPEND, 0);
}
END_TEST

START_TEST(sizes)
{
	struct stat status;
	char out[4] = "x";
	int fd;

	make_file("file", "0123456789");
	ck_assert_ok(truncate("file", 4));
	fd = open("file", O_RDWR);
	ck_assert_ok(ftruncate(fd, 8));
	ck_assert_ok(fstat(fd, &status));
	ck_assert_int_eq(status.st_size, 8);
	ck_assert_int_eq(pread(fd, out, 4, 3), 4);
	ck_assert_mem_eq(out, "3\0\0\0", 4);
	ck_assert_fails(truncate("file", -1), EINVAL);
	ck_assert_fails(truncate("none", 0), ENOENT);
	ck_assert_fails(truncate(".", 0), EISDIR);
	close(fd);
	fd = open("file", O_WRONLY | O_TRUNC);
	ck_assert_ok(fstat(fd, &status));
	ck_assert_int_eq(status.st_size, 0);
}
END_TEST

START_TEST(much_data)
{
	enum { SIZE = 300000 };
	static uint8_t in[SIZE], out[SIZE];
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	for (int i = 0; i < SIZE; i++)
		in[i] = (uint8_t)(i * 31 >> 4);
	ck_assert_int_eq(write(fd, in, SIZE), SIZE);
	ck_assert_int_eq(pread(fd, out, SIZE, 0), SIZE);
	ck_assert_mem_eq(in, out, SIZE);
	ck_assert_int_eq(pwrite(fd, in, 5000, 4090), 5000);
	ck_assert_int_eq(pread(fd, out, 5000, 4090), 5000);
	ck_assert_mem_eq(in, out, 5000);
}
END_TEST

START_TEST(what_stat_tells)
{
	struct stat a, b;
	struct statfs system;

	make_file("file", "12345");
	ck_assert_ok(chmod("file", 0640));
	ck_assert_ok(link("file", "other"));
	ck_assert_ok(symlink("file", "link"));
	ck_assert_ok(stat("file", &a));
	ck_assert(S_ISREG(a.st_mode));
	ck_assert_int_eq(a.st_mode & 07777, 0640);
	ck_assert_int_eq((int)a.st_nlink, 2);
	ck_assert_int_eq(a.st_size, 5);
	ck_assert_int_eq((int)a.st_uid, (int)geteuid());
	ck_assert_ok(stat("link", &b));
	ck_assert_uint_eq(a.st_ino, b.st_ino);
	ck_assert_uint_eq(a.st_dev, b.st_dev);
	ck_assert_ok(lstat("link", &b));
	ck_assert(S_ISLNK(b.st_mode));
	ck_assert_int_eq(b.st_size, 4);
	ck_assert_ok(stat("/dev/null", &b));
	ck_assert(S_ISCHR(b.st_mode));
	ck_assert_uint_eq(b.st_rdev, 0x103);
	ck_assert_fails(stat("none", &b), ENOENT);
	ck_assert_fails(fstat(99, &b), EBADF);
	ck_assert_ok(fstatat(AT_FDCWD, "link", &b, AT_SYMLINK_NOFOLLOW));
	ck_assert(S_ISLNK(b.st_mode));
	ck_assert_ok(fstatat(1, "", &b, AT_EMPTY_PATH));
	ck_assert_ok(statfs(".", &system));
	ck_assert_int_gt(system.f_bsize, 0);
	ck_assert_int_eq(system.f_namelen, 255);
}
END_TEST

START_TEST(times)
{
	struct timespec when[2] = {{1000, 5}, {2000, 6}}, one[2] = {{0, UTIME_OMIT}, {3000, 7}};
	struct stat status;

	make_file("file", "");
	ck_assert_ok(utimensat(AT_FDCWD, "file", when, 0));
	ck_assert_ok(stat("file", &status));
	ck_assert_int_eq(status.st_atime, 1000);
	ck_assert_int_eq(status.st_mtime, 2000);
	ck_assert_int_eq(status.st_mtim.tv_nsec, 6);
	ck_assert_ok(utimensat(AT_FDCWD, "file", one, 0));
	ck_assert_ok(stat("file", &status));
	ck_assert_int_eq(status.st_atime, 1000);
	ck_assert_int_eq(status.st_mtime, 3000);
	ck_assert_fails(utimensat(AT_FDCWD, "none", NULL, 0), ENOENT);
}
END_TEST

START_TEST(copies_inside_the_kernel)
{
	int from, to = open("to", O_RDWR | O_CREAT, 0600), ends[2];
	off_t offset = 2;
	char out[16];

	make_file("from", "0123456789");
	from = open("from", O_RDONLY);
	ck_assert_int_eq(sendfile(to, from, &offset, 3), 3);
	ck_assert_int_eq(offset, 5);
	ck_assert_int_eq(lseek(from, 0, SEEK_CUR), 0);
	ck_assert_int_eq(sendfile(to, from, NULL, 100), 10);
	ck_assert_int_eq(pread(to, out, 16, 0), 13);
	ck_assert_mem_eq(out, "2340123456789", 13);
	ck_assert_ok(pipe(ends));
	offset = 0;
	ck_assert_int_eq(sendfile(ends[1], from, &offset, 4), 4);
	ck_assert_int_eq(read(ends[0], out, 16), 4);
	ck_assert_fails(sendfile(99, from, NULL, 1), EBADF);
	offset = -1;
	ck_assert_fails(sendfile(to, from, &offset, 1), EINVAL);
	offset = 0;
	ck_assert_fails(sendfile(to, from, &offset, (size_t)-1), EINVAL);
	ck_assert_fails(sendfile(to, ends[0], &offset, 1), ESPIPE);
	ck_assert_fails(sendfile(open("to", O_WRONLY | O_APPEND), from, NULL, 1), EINVAL);
}
END_TEST

START_TEST(ranges_are_copied)
{
	int from, to = open("to", O_RDWR | O_CREAT, 0600), ends[2], folder = open(".", O_RDONLY);
	off_t in = 2, out = 1;
	char text[16];

	make_file("from", "0123456789");
	from = open("from", O_RDWR);
	ck_assert_ok(pipe(ends));
	ck_assert_int_eq(copy_file_range(from, &in, to, &out, 3, 0), 3);
	ck_assert_int_eq(in, 5);
	ck_assert_int_eq(out, 4);
	ck_assert_int_eq(copy_file_range(from, NULL, to, &out, 100, 0), 10);
	ck_assert_int_eq(copy_file_range(from, NULL, to, &out, 100, 0), 0);
	ck_assert_int_eq(lseek(from, 0, SEEK_CUR), 10);
	ck_assert_int_eq(lseek(to, 0, SEEK_CUR), 0);
	ck_assert_int_eq(read(to, text, 16), 14);
	ck_assert_mem_eq(text,
		"\0"
		"2340123456789",
		14);
	ck_assert_fails(copy_file_range(99, NULL, to, NULL, 1, 0), EBADF);
	ck_assert_fails(copy_file_range(from, NULL, 99, NULL, 1, 0), EBADF);
	ck_assert_fails(copy_file_range(from, NULL, to, NULL, 1, 1), EINVAL);
	ck_assert_fails(copy_file_range(ends[0], NULL, to, NULL, 1, 0), EINVAL);
	ck_assert_fails(copy_file_range(from, NULL, folder, NULL, 1, 0), EISDIR);
	ck_assert_fails(copy_file_range(open("from", O_WRONLY), NULL, to, NULL, 1, 0), EBADF);
	ck_assert_fails(copy_file_range(from, NULL, open("to", O_RDONLY), NULL, 1, 0), EBADF);
	ck_assert_fails(
		copy_file_range(from, NULL, open("to", O_RDWR | O_APPEND), NULL, 1, 0), EBADF);
	/* Not onto itself, and not beyond all numbers. */
	in = 0;
	out = 2;
	ck_assert_fails(copy_file_range(from, &in, from, &out, 5, 0), EINVAL);
	ck_assert_int_eq(copy_file_range(from, &in, from, &out, 2, 0), 2);
	ck_assert_fails(copy_file_range(from, &in, to, NULL, SIZE_MAX, 0), EOVERFLOW);
	ck_assert_fails(copy_file_range(from, (off_t *)8, to, NULL, 5, 0), EFAULT);
}
END_TEST

START_TEST(files_without_names)
{
	int fd = memfd_create("some name", MFD_CLOEXEC),
	    plain = open("plain", O_RDWR | O_CREAT, 0600);
	char name[260], link[64] = "";
	struct stat status;
	char *map;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_ok(fstat(fd, &status));
	ck_assert_int_eq(status.st_mode, S_IFREG | 0777);
	ck_assert_int_eq(status.st_size, 0);
	ck_assert_int_eq(write(fd, "text", 4), 4);
	ck_assert_int_eq(pread(fd, link, 8, 0), 4);
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ck_assert_ptr_ne(map, MAP_FAILED);
	map[0] = 'n';
	ck_assert_int_eq(pread(fd, link, 8, 0), 4);
	ck_assert_mem_eq(link, "next", 4);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	ck_assert_int_eq(readlink(name, link, sizeof(link)), 26);
	ck_assert_mem_eq(link, "/memfd:some name (deleted)", 26);
	ck_assert_int_eq(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL);
	ck_assert_fails(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), EPERM);
	ck_assert_fails(fcntl(plain, F_GET_SEALS), EINVAL);
	ck_assert_fails(memfd_create("x", 0x1000), EINVAL);
	ck_assert_fails(memfd_create((char *)8, 0), EFAULT);
	memset(name, 'n', 250);
	name[250] = 0;
	ck_assert_fails(memfd_create(name, 0), EINVAL);
	name[249] = 0;
	ck_assert_ok(memfd_create(name, 0));
}
END_TEST

START_TEST(seals_hold)
{
	int fd = memfd_create("sealed", MFD_ALLOW_SEALING);
	char *map, name[32];

	ck_assert_int_eq(fcntl(fd, F_GET_SEALS), 0);
	ck_assert_ok(ftruncate(fd, PAGE));
	ck_assert_fails(fcntl(fd, F_ADD_SEALS, 0x1000), EINVAL);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	ck_assert_fails(fcntl(open(name, O_RDONLY), F_ADD_SEALS, F_SEAL_GROW), EPERM);
	ck_assert_ok(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	ck_assert_fails(ftruncate(fd, 1), EPERM);
	ck_assert_ok(ftruncate(fd, 2 * PAGE));
	ck_assert_ok(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	ck_assert_fails(ftruncate(fd, 3 * PAGE), EPERM);
	ck_assert_fails(pwrite(fd, "x", 1, 3 * PAGE), EPERM);
	ck_assert_int_eq(pwrite(fd, "x", 1, PAGE), 1);
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ck_assert_fails(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	ck_assert_ok(munmap(map, PAGE));
	ck_assert_ok(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	ck_assert_fails(write(fd, "x", 1), EPERM);
	ck_assert_ptr_eq(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_ptr_ne(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0), MAP_FAILED);
	ck_assert_int_eq(fcntl(fd, F_GET_SEALS), F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}
END_TEST

START_TEST(scattered)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	struct iovec out[2] = {{"abc", 3}, {"def", 3}};
	char a[2], b[2];
	struct iovec in[2] = {{a, 2}, {b, 2}};

	ck_assert_int_eq(pwritev(fd, out, 2, 10), 6);
	ck_assert_int_eq(preadv(fd, in, 2, 11), 4);
	ck_assert_mem_eq(a, "bc", 2);
	ck_assert_mem_eq(b, "de", 2);
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 0);
}
END_TEST

START_TEST(devices)
{
	char bytes[64], zeros[64] = {0};
	int fd = open("/dev/zero", O_RDWR);

	memset(bytes, 1, sizeof(bytes));
	ck_assert_int_eq(read(fd, bytes, sizeof(bytes)), sizeof(bytes));
	ck_assert_mem_eq(bytes, zeros, sizeof(bytes));
	fd = open("/dev/null", O_RDWR);
	ck_assert_int_eq(read(fd, bytes, 1), 0);
	ck_assert_int_eq(write(fd, bytes, 64), 64);
	fd = open("/dev/full", O_RDWR);
	ck_assert_fails(write(fd, bytes, 1), ENOSPC);
	fd = open("/dev/urandom", O_RDONLY);
	ck_assert_int_eq(read(fd, bytes, sizeof(bytes)), sizeof(bytes));
	ck_assert_mem_ne(bytes, zeros, sizeof(bytes));
}
END_TEST

TCase *file_tests(void)
{
	TCase *tests = tcase_create("files");

	tcase_add_test(tests, open_errors);
	tcase_add_test(tests, long_names);
	tcase_add_test(tests, access_modes);
	tcase_add_test(tests, offsets);
	tcase_add_test(tests, appending);
	tcase_add_test(tests, sizes);
	tcase_add_test(tests, much_data);
	tcase_add_test(tests, what_stat_tells);
	tcase_add_test(tests, times);
	tcase_add_test(tests, copies_inside_the_kernel);
	tcase_add_test(tests, ranges_are_copied);
	tcase_add_test(tests, files_without_names);
	tcase_add_test(tests, seals_hold);
	tcase_add_test(tests, scattered);
	tcase_add_test(tests, devices);
	return tests;
}
