/* SPDX-License-Identifier: MIT */
/*
 * main.c: tests of system calls, on Linux and on what claims to be like it. One static program;
 * every test has a line of output of its own, which must be the same everywhere.
 *
 *	syscalls [CASE]
 */
#include "suite.h"

#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TEST_SECONDS 60

static char folder[PATH_MAX];

const char *suite_program(void)
{
	static char path[PATH_MAX];

	if (!path[0] && readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		ck_abort_msg("/proc/self/exe cannot be read");
	return path;
}

pid_t must_fork(void)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	return pid;
}

int wait_status(pid_t pid)
{
	int status = -1;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

int run_in_child(int (*body)(void))
{
	pid_t pid = must_fork();

	if (pid == 0)
		_exit(body());
	return wait_status(pid);
}

void sleep_ms(long ms)
{
	struct timespec left = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static void nothing(int signal)
{
}

void alarms_start(int flags)
{
	const struct itimerval often = {{0, 20000}, {0, 20000}};
	const struct sigaction action = {.sa_handler = nothing, .sa_flags = flags};

	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
}

void alarms_stop(void)
{
	const struct itimerval never = {{0, 0}, {0, 0}};

	ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
}

void make_file(const char *name, const char *text)
{
	FILE *to = fopen(name, "w");

	ck_assert_ptr_nonnull(to);
	ck_assert_int_ge(fputs(text, to), 0);
	ck_assert_int_eq(fclose(to), 0);
}

void *must_map(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(memory, MAP_FAILED);
	return memory;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
	return remove(path);
}

static void enter_folder(void)
{
	strcpy(folder, "/tmp/syscalls.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static void leave_folder(void)
{
	if (chdir("/") == 0)
		nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
	TCase *(*const parts[])(void) = {process_tests, exec_tests, signal_tests,
		signal_fault_tests, signal_wait_tests, memory_tests, map_tests, pipe_tests,
		file_tests, name_tests, time_tests, copy_tests, cpu_tests, pointer_tests,
		socket_tests, thread_tests, lock_tests, event_tests, race_tests};
	int part = exec_part(argc, argv), failed;
	Suite *suite = suite_create("system calls");
	SRunner *runner;

	if (part >= 0)
		return part;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		TCase *tests = parts[i]();

		tcase_add_checked_fixture(tests, enter_folder, leave_folder);
		tcase_set_timeout(tests, TEST_SECONDS);
		suite_add_tcase(suite, tests);
	}
	runner = srunner_create(suite);
	srunner_run(runner, NULL, argc > 1 ? argv[1] : NULL, CK_VERBOSE);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
