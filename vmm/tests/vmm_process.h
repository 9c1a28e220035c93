/* SPDX-License-Identifier: MIT */
/*
 * vmm_process.h: runs the built vmm as its users do, and keeps what it said. Files go to a folder
 * that is removed at the end.
 */
#ifndef TESTS_VMM_PROCESS_H
#define TESTS_VMM_PROCESS_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN_ARGS 24

struct run {
	int status; /* exit status, 128 + N for signal N */
	char out[1 << 20], err[1 << 18];
	size_t out_size, err_size;
};

/* FILE beside the test's own folder: "vmm", "tests/kvm_shim.so". */
static inline const char *built_file(const char *file)
{
	static char path[4200];
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	ck_assert_int_gt(n, 0);
	self[n] = '\0';
	snprintf(path, sizeof(path), "%s/../%s", dirname(self), file);
	return path;
}

/* Reads both pipes until both are closed. */
static inline void read_both(int out, int err, struct run *run)
{
	struct pollfd fds[2] = {{.fd = out, .events = POLLIN}, {.fd = err, .events = POLLIN}};
	char *to[2] = {run->out, run->err};
	size_t *used[2] = {&run->out_size, &run->err_size};
	const size_t space[2] = {sizeof(run->out) - 1, sizeof(run->err) - 1};

	while ((fds[0].fd >= 0 || fds[1].fd >= 0) && poll(fds, 2, -1) >= 0)
		for (int i = 0; i < 2; i++) {
			char rest[4096];
			size_t left = space[i] - *used[i];
			ssize_t n;

			if (fds[i].fd < 0 || !fds[i].revents)
				continue;
			n = read(fds[i].fd, left ? to[i] + *used[i] : rest,
				left ? left : sizeof(rest));
			if (n <= 0)
				fds[i].fd = -1;
			else if (left)
				*used[i] += (size_t)n;
		}
	run->out[run->out_size] = '\0';
	run->err[run->err_size] = '\0';
}

static inline void run_child(
	const char *program, char *const *args, const int out[2], const int err[2])
{
	int null = open("/dev/null", O_RDONLY);

	dup2(null, 0);
	dup2(out[1], 1);
	dup2(err[1], 2);
	for (int fd = 3; fd < 16; fd++)
		close(fd);
	execv(built_file(program), args);
	_exit(127);
}

/* Runs a built program with the words up to NULL. */
static inline struct run *run_built(const char *program, const char *const *words)
{
	static struct run run;
	char *args[RUN_ARGS + 2] = {(char *)program};
	int out[2], err[2], status;
	pid_t child;

	for (unsigned i = 0; words[i]; i++) {
		ck_assert_uint_lt(i, RUN_ARGS);
		args[i + 1] = (char *)words[i];
	}
	run = (struct run){0};
	ck_assert(!pipe(out) && !pipe(err));
	child = fork();
	ck_assert_int_ge(child, 0);
	if (!child)
		run_child(program, args, out, err);
	close(out[1]);
	close(err[1]);
	read_both(out[0], err[0], &run);
	close(out[0]);
	close(err[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return &run;
}

static inline struct run *run_vmm(const char *const *words)
{
	return run_built("vmm", words);
}

#define VMM(...) run_vmm((const char *const[]){__VA_ARGS__, NULL})

/* Exactly one line on stderr, of vmm's, that has these words; nothing on stdout. */
static inline void expect_one_line(const struct run *run, int status, const char *words)
{
	const char *end = strchr(run->err, '\n');

	ck_assert_msg(run->status == status, "status %d: %s", run->status, run->err);
	ck_assert_msg(end && !end[1], "not one line: %s", run->err);
	ck_assert_msg(!strncmp(run->err, "vmm: ", 5), "%s", run->err);
	ck_assert_msg(strstr(run->err, words) != NULL, "'%s' is not in: %s", words, run->err);
	ck_assert_str_eq(run->out, "");
}

/* The folder; made at the first call, in the process that runs all tests. */
static inline const char *scratch(void)
{
	static char path[] = "/tmp/vmm-test-XXXXXX";
	static bool made;

	if (!made && !mkdtemp(path))
		abort();
	made = true;
	return path;
}

/* Path of a file in the folder; a static buffer of four. */
static inline const char *scratch_file(const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", scratch(), name);
	return path;
}

static inline const char *write_file(const char *name, const void *bytes, size_t n)
{
	const char *path = scratch_file(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n || close(fd))
		abort();
	return path;
}

static inline void remove_scratch(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", scratch());
	if (system(command))
		fprintf(stderr, "%s: not removed\n", scratch());
}

/* What hides a broken KVM is worse than a skip: a test says why it did not run. */
static inline bool kvm_is_here(const char *test)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		printf("skip: %s: /dev/kvm: %s\n", test, strerror(errno));
	else
		close(fd);
	fflush(stdout);
	return fd >= 0;
}

#endif
