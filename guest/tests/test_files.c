/* SPDX-License-Identifier: MIT */
/*
 * test_files.c: the kernel's system calls on files beside those of the host's Linux: random calls
 * are made to both, and results, contents and what is known of the files must be the same.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/calls.h"
#include "fs_host.h"

#define CALLS          3000
#define PATH           128
#define SIZE_MAX_TRIED 20000

/* Where the host's files are: the working directory. */
static char scratch[] = "/tmp/test_files.XXXXXX";

static int64_t kernel(syscall_fn *call, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d)
{
	struct syscall_args args = {{a, b, c, d}};

	return call(&args);
}

#define KERNEL(call, a, b, c, d) \
	kernel(call, (uintptr_t)(a), (uintptr_t)(b), (uintptr_t)(c), (uintptr_t)(d))

/* What Linux's own call gives. */
static int64_t host(long result)
{
	return result < 0 ? -errno : result;
}

static const char *const names[] = {"a", "b", "c", "d", "longer name"};

/* A relative path of a few short names; ".." only follows a name, so that none leaves the root. */
static void make_path(char *path)
{
	unsigned parts = 1 + (unsigned)random_below(3);
	bool up = false;
	int n = 0;

	for (unsigned i = 0; i < parts; i++) {
		const char *name = names[random_below(5)];

		if (up && random_below(8) == 0) {
			name = "..";
			up = false;
		} else if (random_below(12) == 0) {
			name = ".";
		} else {
			up = true;
		}
		n += snprintf(path + n, PATH - (size_t)n, "%s%s", i ? "/" : "", name);
		if (strcmp(name, ".") == 0)
			up = false;
	}
	if (random_below(20) == 0)
		snprintf(path + n, PATH - (size_t)n, random_below(2) ? "/" : "//");
}

static void same(const char *what, const char *path, const char *other, int64_t got, int64_t wanted)
{
	ck_assert_msg(got == wanted, "%s(%s, %s): %lld, Linux gives %lld", what, path, other,
		(long long)got, (long long)wanted);
}

/* Of names only: what ".." behind a link means must not leave the root. */
static void make_target(char *path)
{
	snprintf(path, PATH, "%s%s%s", names[random_below(5)], random_below(2) ? "/" : "",
		names[random_below(5)]);
}

static void try_symlink(const char *path)
{
	char target[PATH];

	make_target(target);
	same("symlink", target, path, KERNEL(sys_symlink, target, path, 0, 0),
		host(symlink(target, path)));
}

static void try_names(const char *a, const char *b)
{
	switch (random_below(7)) {
	case 0:
	case 1:
		same("mkdir", a, "", KERNEL(sys_mkdir, a, 0777, 0, 0), host(mkdir(a, 0777)));
		break;
	case 2:
		same("rmdir", a, "", KERNEL(sys_rmdir, a, 0, 0, 0), host(rmdir(a)));
		break;
	case 3:
		same("unlink", a, "", KERNEL(sys_unlink, a, 0, 0, 0), host(unlink(a)));
		break;
	case 4:
		same("link", a, b, KERNEL(sys_link, a, b, 0, 0), host(link(a, b)));
		break;
	case 5:
		same("rename", a, b, KERNEL(sys_rename, a, b, 0, 0), host(rename(a, b)));
		break;
	case 6:
		try_symlink(b);
		break;
	}
}

static void try_stat(const char *path)
{
	struct stat theirs, ours;
	int64_t error = host(lstat(path, &theirs));

	same("lstat", path, "", KERNEL(sys_lstat, path, &ours, 0, 0), error);
	if (error)
		return;
	ck_assert_uint_eq(ours.st_mode & S_IFMT, theirs.st_mode & S_IFMT);
	if (S_ISDIR(theirs.st_mode))
		return;
	ck_assert_int_eq(ours.st_size, theirs.st_size);
	ck_assert_uint_eq(ours.st_nlink, theirs.st_nlink);
}

static void try_readlink(const char *path)
{
	char ours[PATH] = "", theirs[PATH] = "";
	size_t size = 1 + random_below(PATH - 1);

	same("readlink", path, "", KERNEL(sys_readlink, path, ours, size, 0),
		host(readlink(path, theirs, size)));
	ck_assert_str_eq(ours, theirs);
}

static void compare_contents(int fd, int64_t kernel_fd)
{
	static uint8_t ours[SIZE_MAX_TRIED], theirs[SIZE_MAX_TRIED];
	uint64_t offset = random_below(SIZE_MAX_TRIED), n = random_below(SIZE_MAX_TRIED);
	int64_t got = KERNEL(sys_pread64, kernel_fd, ours, n, offset);
	int64_t wanted = host(pread(fd, theirs, n, (off_t)offset));

	ck_assert_int_eq(got, wanted);
	if (got > 0)
		ck_assert_int_eq(memcmp(ours, theirs, (size_t)got), 0);
}

static void write_both(int fd, int64_t kernel_fd)
{
	static uint8_t bytes[SIZE_MAX_TRIED];
	uint64_t offset = random_below(SIZE_MAX_TRIED / 2), n = random_below(SIZE_MAX_TRIED / 2);
	int64_t wrote;

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)random_below(256);
	wrote = host(pwrite(fd, bytes, n, (off_t)offset));
	ck_assert_int_eq(KERNEL(sys_pwrite64, kernel_fd, bytes, n, offset), wrote);
	if (wrote < 0)
		return;
	ck_assert_int_eq(
		KERNEL(sys_lseek, kernel_fd, 0, SEEK_END, 0), host(lseek(fd, 0, SEEK_END)));
}

static void try_open(const char *path)
{
	static const int more[] = {O_CREAT, O_CREAT | O_EXCL, O_TRUNC, O_APPEND, O_DIRECTORY,
		O_NOFOLLOW, O_CREAT | O_TRUNC};
	int flags = (int)random_below(3), fd;
	int64_t ours;

	if (random_below(3))
		flags |= more[random_below(7)];
	if ((flags & O_TRUNC) && (flags & O_ACCMODE) == O_RDONLY) /* unspecified */
		flags |= O_RDWR;
	fd = open(path, flags, 0666);
	ours = KERNEL(sys_open, path, flags, 0666, 0);
	ck_assert_msg((ours < 0 ? ours : 0) == (fd < 0 ? -errno : 0),
		"open(%s, 0%o): %lld, Linux gives %d", path, (unsigned)flags, (long long)ours,
		fd < 0 ? -errno : fd);
	if (fd < 0)
		return;
	for (int i = 0; i < 3; i++) {
		if (random_below(2))
			write_both(fd, ours);
		compare_contents(fd, ours);
	}
	close(fd);
	ck_assert_int_eq(KERNEL(sys_close, ours, 0, 0, 0), 0);
}

static void try_truncate(const char *path)
{
	uint64_t size = random_below(SIZE_MAX_TRIED);

	same("truncate", path, "", KERNEL(sys_truncate, path, size, 0, 0),
		host(truncate(path, (off_t)size)));
}

START_TEST(random_calls_give_what_linux_gives)
{
	char a[PATH], b[PATH], remove[64];

	random_seed((unsigned)_i);
	umask(0);
	ck_assert_ptr_nonnull(mkdtemp(scratch));
	ck_assert_int_eq(chdir(scratch), 0);
	fs_host_start();
	KERNEL(sys_umask, 0, 0, 0, 0);
	for (int i = 0; i < CALLS; i++) {
		make_path(a);
		make_path(b);
		switch (random_below(8)) {
		default:
			try_names(a, b);
			break;
		case 4:
			try_stat(a);
			break;
		case 5:
			try_open(a);
			break;
		case 6:
			try_truncate(a);
			break;
		case 7:
			try_readlink(a);
			break;
		}
	}
	fs_host_end();
	snprintf(remove, sizeof(remove), "rm -rf %s", scratch);
	ck_assert_int_eq(system(remove), 0);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{random_calls_give_what_linux_gives, 20},
	};

	return RUN_UNIT("files", tests);
}
