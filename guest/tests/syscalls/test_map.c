/* SPDX-License-Identifier: MIT */
/*
 * test_map.c: files in memory.
 */
#include "suite.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* A file of three pages, page i filled with 'a' + i, and 100 bytes of 'd'. */
static int make_pages(void)
{
	char page[PAGE];
	int fd = open("pages", O_RDWR | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	for (int i = 0; i < 4; i++) {
		ssize_t size = i < 3 ? PAGE : 100;

		memset(page, 'a' + i, sizeof(page));
		ck_assert_int_eq(write(fd, page, (size_t)size), size);
	}
	return fd;
}

START_TEST(private_maps_show_the_file)
{
	int fd = make_pages();
	char *map = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0), *second;

	ck_assert_ptr_ne(map, MAP_FAILED);
	ck_assert_ok(close(fd));
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(map[i * PAGE + 99], 'a' + i);
	ck_assert_int_eq(map[3 * PAGE + 100], 0);
	fd = open("pages", O_RDONLY);
	second = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 2 * PAGE);
	ck_assert_int_eq(second[0], 'c');
	ck_assert_ok(unlink("pages"));
	ck_assert_int_eq(map[PAGE], 'b');
}
END_TEST

START_TEST(private_writes_stay_private)
{
	int fd = make_pages();
	char *map = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0), byte;
	pid_t pid;

	map[PAGE] = 'X';
	ck_assert_int_eq(map[PAGE + 1], 'b');
	ck_assert_int_eq(pread(fd, &byte, 1, PAGE), 1);
	ck_assert_int_eq(byte, 'b');
	pid = must_fork();
	if (pid == 0) {
		map[PAGE] = 'Y';
		map[0] = 'Z';
		_exit(map[PAGE + 1] != 'b');
	}
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 0);
	ck_assert_int_eq(map[PAGE], 'X');
	ck_assert_int_eq(map[0], 'a');
	/* What is given up comes back from the file. */
	ck_assert_ok(madvise(map, 2 * PAGE, MADV_DONTNEED));
	ck_assert_int_eq(map[PAGE], 'b');
}
END_TEST

START_TEST(a_read_only_file_can_be_written_privately)
{
	char *map;
	int fd;

	close(make_pages());
	fd = open("pages", O_RDONLY);
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ck_assert_ptr_ne(map, MAP_FAILED);
	map[0] = 'W';
	ck_assert_int_eq(map[0], 'W');
	ck_assert_fails(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), EACCES);
	close(fd);
	fd = open("pages", O_WRONLY);
	ck_assert_fails(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), EACCES);
	ck_assert_fails(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), EACCES);
	close(fd);
	fd = open(".", O_RDONLY);
	ck_assert_fails(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), ENODEV);
}
END_TEST

START_TEST(shared_maps_are_the_file)
{
	int fd = make_pages();
	char *map = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), byte = 0;
	pid_t pid;

	ck_assert_ptr_ne(map, MAP_FAILED);
	map[5] = 'S';
	ck_assert_int_eq(pread(fd, &byte, 1, 5), 1);
	ck_assert_int_eq(byte, 'S');
	ck_assert_int_eq(pwrite(fd, "P", 1, 6), 1);
	ck_assert_int_eq(map[6], 'P');
	pid = must_fork();
	if (pid == 0) {
		map[2 * PAGE] = 'C';
		_exit(0);
	}
	wait_status(pid);
	ck_assert_int_eq(map[2 * PAGE], 'C');
	ck_assert_ok(msync(map, 4 * PAGE, MS_SYNC));
	ck_assert_ok(munmap(map, 4 * PAGE));
	ck_assert_int_eq(pread(fd, &byte, 1, 2 * PAGE), 1);
	ck_assert_int_eq(byte, 'C');
}
END_TEST

START_TEST(read_only_files_stay_so)
{
	int fd = close(make_pages()) ? -1 : open("pages", O_RDONLY);
	char *shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	char *own = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	ck_assert_ptr_ne(shared, MAP_FAILED);
	ck_assert_fails(mprotect(shared, PAGE, PROT_READ | PROT_WRITE), EACCES);
	ck_assert_ok(mprotect(shared, PAGE, PROT_NONE));
	ck_assert_ok(mprotect(shared, PAGE, PROT_READ | PROT_EXEC));
	ck_assert_fails(mprotect(shared, PAGE, PROT_WRITE), EACCES);
	ck_assert_ok(mprotect(own, PAGE, PROT_READ | PROT_WRITE));
}
END_TEST

START_TEST(parts_of_maps)
{
	int fd = make_pages();
	char *map = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	ck_assert_ok(munmap(map + PAGE, PAGE));
	ck_assert_int_eq(map[2 * PAGE], 'c');
	ck_assert_ptr_eq(mmap(map + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 3 * PAGE),
		map + PAGE);
	ck_assert_int_eq(map[PAGE], 'd');
	ck_assert_int_eq(map[0], 'a');
	ck_assert_ok(mprotect(map + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE));
	map[2 * PAGE] = 'w';
	ck_assert_int_eq(map[2 * PAGE + 1], 'c');
	map = mremap(map + 2 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE);
	ck_assert_int_eq(map[0], 'w');
}
END_TEST

START_TEST(kernel_reads_maps)
{
	int fd = make_pages(), out = open("out", O_RDWR | O_CREAT, 0600);
	char *map = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0), bytes[8];

	ck_assert_int_eq(write(out, map + 2 * PAGE - 4, 8), 8);
	ck_assert_int_eq(pread(out, bytes, 8, 0), 8);
	ck_assert_mem_eq(bytes, "bbbbcccc", 8);
	map = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ck_assert_int_eq(pread(out, map + PAGE - 4, 8, 0), 8);
	ck_assert_mem_eq(map + PAGE - 5, "abbbbccccb", 10);
}
END_TEST

START_TEST(files_shrink_under_maps)
{
	int fd = make_pages(), ends[2];
	char *map = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);

	ck_assert_ok(pipe(ends));
	ck_assert_int_eq(map[3 * PAGE], 'd');
	ck_assert_ok(ftruncate(fd, PAGE + 10));
	ck_assert_int_eq(map[PAGE + 9], 'b');
	ck_assert_int_eq(map[PAGE + 10], 0);
	ck_assert_fails(write(ends[1], map + 3 * PAGE, 1), EFAULT);
}
END_TEST

TCase *map_tests(void)
{
	TCase *tests = tcase_create("maps");

	tcase_add_test(tests, private_maps_show_the_file);
	tcase_add_test(tests, private_writes_stay_private);
	tcase_add_test(tests, a_read_only_file_can_be_written_privately);
	tcase_add_test(tests, shared_maps_are_the_file);
	tcase_add_test(tests, read_only_files_stay_so);
	tcase_add_test(tests, parts_of_maps);
	tcase_add_test(tests, kernel_reads_maps);
	tcase_add_test(tests, files_shrink_under_maps);
	return tests;
}
