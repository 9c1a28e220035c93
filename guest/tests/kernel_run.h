/* SPDX-License-Identifier: MIT */
/*
 * kernel_run.h: runs a guest kernel as users do, by a shell command in the build folder, and looks
 * at what the console said.
 */
#ifndef GUEST_TESTS_KERNEL_RUN_H
#define GUEST_TESTS_KERNEL_RUN_H

#include <stdbool.h>

/* Call first, in main(). False: the build folder cannot be found. */
bool kernel_find_build(void);

/* The status of a command with arguments as for printf; at most 110 s. Its output is kept for the
 * functions below, its errors are not shown. */
int kernel_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What the last command wrote. */
const char *kernel_output(void);

/* Whether it contains `text`; the second fails the test if not. */
bool kernel_said(const char *text);
void kernel_expect(const char *text);

/* Fails the test unless all start-up checks passed. */
void kernel_expect_checks(void);

/* A loop test's name with its number, for what says why it was skipped. */
const char *kernel_test_name(const char *function, int i);

/* False, after saying so, where test `test` cannot run. */
bool kernel_have_kvm(const char *test);
bool kernel_have_program(const char *test, const char *program);

#endif
