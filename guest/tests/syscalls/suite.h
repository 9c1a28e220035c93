/* SPDX-License-Identifier: MIT */
/*
 * suite.h: the parts of the suite of system calls, and what their tests share. Tests may assume
 * Linux and nothing about the user; each runs in a process and an empty folder of its own.
 */
#ifndef SYSCALLS_SUITE_H
#define SYSCALLS_SUITE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <check.h>
#include <errno.h>
#include <stdint.h>
#include <sys/types.h>

#define PAGE 4096

TCase *copy_tests(void);
TCase *cpu_tests(void);
TCase *event_tests(void);
TCase *exec_tests(void);
TCase *file_tests(void);
TCase *lock_tests(void);
TCase *map_tests(void);
TCase *memory_tests(void);
TCase *name_tests(void);
TCase *pipe_tests(void);
TCase *pointer_tests(void);
TCase *process_tests(void);
TCase *race_tests(void);
TCase *signal_tests(void);
TCase *signal_fault_tests(void);
TCase *signal_wait_tests(void);
TCase *socket_tests(void);
TCase *thread_tests(void);
TCase *time_tests(void);

/* What the program does instead of testing, when a test has executed it: "--part" is its first
 * argument. Returns its status; -1: there is no such part. */
int exec_part(int argc, char **argv);

/* This program's file. */
const char *suite_program(void);

/* fork(); fails the test if that fails. */
pid_t must_fork(void);

/* Waits for the child; its status as waitpid gives it. */
int wait_status(pid_t pid);

/* Runs `body` in a child that ends with what it returns; the status as waitpid gives it. */
int run_in_child(int (*body)(void));

/* Sleeps for so many milliseconds, whatever signals come. */
void sleep_ms(long ms);

/* SIGALRM comes, to a handler without SA_RESTART (flags: else), now and again until
 * alarms_stop(): a call that waits is interrupted whenever it begins to. */
void alarms_start(int flags);
void alarms_stop(void);

/* Writes the text into a new file. */
void make_file(const char *name, const char *text);

/* Readable and writable anonymous memory. */
void *must_map(size_t size);

/* The call must give -1 and that error. */
#define ck_assert_fails(call, error)                                                         \
	do {                                                                                 \
		long result_;                                                                \
		errno = 0;                                                                   \
		result_ = (long)(call);                                                      \
		ck_assert_msg(result_ == -1 && errno == (error), "%s: %ld, errno %d", #call, \
			result_, errno);                                                     \
	} while (0)

#define ck_assert_ok(call)                                                  \
	do {                                                                \
		long result_ = (long)(call);                                \
		ck_assert_msg(result_ != -1, "%s: errno %d", #call, errno); \
	} while (0)

#endif
