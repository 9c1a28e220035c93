/* SPDX-License-Identifier: MIT */
/*
 * test_core_file.c: core files that cannot be written or read, and what becomes of an earlier one.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core_file.h"
#include "sample_evidence.h"
#include "suite.h"

START_TEST(files_that_cannot_be)
{
	char path[] = "/tmp/vmm-test-core-XXXXXX";
	struct core_file file;
	struct core_input input;
	struct error err;

	ck_assert(!core_file_open(&file, "/nowhere/at/all", &err));
	ck_assert_int_eq(err.status, 66);
	ck_assert_str_eq(err.text, "--core /nowhere/at/all: No such file or directory");
	ck_assert(core_file_open(&file, NULL, &err));
	core_file_close(&file);
	close(mkstemp(path));
	ck_assert_ptr_null(core_input_open(&input, path, &err));
	ck_assert_int_eq(err.status, 65);
	ck_assert_ptr_nonnull(strstr(err.text, ": it is no ELF file"));
	unlink(path);
	ck_assert(core_file_open(&file, path, &err));
	core_file_close(&file); /* nobody died */
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert_ptr_null(core_input_open(&input, path, &err));
	ck_assert_int_eq(err.status, 66);
	ck_assert(!core_file_open(&file, "/dev/null", &err));
	ck_assert_str_eq(err.text, "--core /dev/null: is not a regular file");
}
END_TEST

/* How many files there are in a folder. */
static unsigned files_in(const char *folder)
{
	unsigned n = 0;
	DIR *dir = opendir(folder);

	ck_assert_ptr_nonnull(dir);
	for (struct dirent *entry; (entry = readdir(dir));)
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* An earlier core stays until a whole one takes its place; a symbolic link to it stays a link. */
START_TEST(an_earlier_core_is_not_lost)
{
	char folder[] = "/tmp/vmm-test-core-XXXXXX", path[64], link[64];
	struct sample_death death;
	struct core_file file;
	struct core_input input;
	struct rlimit small = {4096, RLIM_INFINITY};
	struct error err;
	struct stat info;

	sample_init(&death);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/old", folder);
	snprintf(link, sizeof(link), "%s/link", folder);
	close(open(path, O_WRONLY | O_CREAT, 0600));
	ck_assert_int_eq(truncate(path, 77), 0);
	ck_assert_int_eq(symlink("old", link), 0);

	ck_assert(core_file_open(&file, link, &err));
	ck_assert(!stat(path, &info) && info.st_size == 77);
	core_file_close(&file); /* nobody died */
	ck_assert(!stat(path, &info) && info.st_size == 77);

	ck_assert(core_file_open(&file, link, &err));
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	ck_assert(!core_file_write(&file, &death.evidence, &err));
	ck_assert_int_eq(err.status, 66);
	ck_assert(!stat(path, &info) && info.st_size == 77);
	ck_assert_uint_eq(files_in(folder), 2);
	small.rlim_cur = RLIM_INFINITY;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	ck_assert_msg(core_file_write(&file, &death.evidence, &err), "%s", err.text);
	core_file_close(&file);
	ck_assert_uint_eq(files_in(folder), 2);
	ck_assert(!lstat(link, &info) && S_ISLNK(info.st_mode));
	ck_assert_ptr_nonnull(core_input_open(&input, path, &err));
	core_input_close(&input);
	unlink(path);
	unlink(link);
	rmdir(folder);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {files_that_cannot_be, an_earlier_core_is_not_lost};

	return RUN_SUITE("core_file", tests);
}
