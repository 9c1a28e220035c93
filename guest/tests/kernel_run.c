/* SPDX-License-Identifier: MIT */
/*
 * kernel_run.c: runs a guest kernel by a shell command.
 */
#include "kernel_run.h"

#include <check.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MAX 65536

static char build[PATH_MAX];
static char output[OUTPUT_MAX];

/* The folder above the one that this program lies in. */
bool kernel_find_build(void)
{
	char self[PATH_MAX] = "";

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return false;
	return snprintf(build, sizeof(build), "%s", dirname(dirname(self))) < (int)sizeof(build);
}

int kernel_run(const char *format, ...)
{
	char command[3 * PATH_MAX], arguments[PATH_MAX];
	va_list args;
	FILE *pipe;
	size_t n;
	int status;

	va_start(args, format);
	vsnprintf(arguments, sizeof(arguments), format, args);
	va_end(args);
	snprintf(command, sizeof(command), "cd '%s' && timeout 110 %s 2>/dev/null </dev/null",
		build, arguments);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	n = fread(output, 1, sizeof(output) - 1, pipe);
	output[n] = '\0';
	status = pclose(pipe);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

const char *kernel_output(void)
{
	return output;
}

bool kernel_said(const char *text)
{
	return strstr(output, text) != NULL;
}

void kernel_expect(const char *text)
{
	ck_assert_msg(kernel_said(text), "the console lacks '%s':\n%s", text, output);
}

void kernel_expect_checks(void)
{
	static const char *const names[] = {"frames", "paging", "heap", "layout", "fault", "timer"};
	char line[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(line, sizeof(line), "\ncheck: %s ok\n", names[i]);
		kernel_expect(line);
	}
	ck_assert(!kernel_said("FAILED"));
}

const char *kernel_test_name(const char *function, int i)
{
	static char name[128];
	size_t n = strlen(function);

	/* Check's macro appends this to the test's name. */
	if (n > 3 && strcmp(function + n - 3, "_fn") == 0)
		n -= 3;
	snprintf(name, sizeof(name), "%.*s %d", (int)n, function, i);
	return name;
}

bool kernel_have_kvm(const char *test)
{
	if (access("/dev/kvm", R_OK | W_OK) == 0)
		return true;
	printf("skip: %s: /dev/kvm cannot be used\n", test);
	return false;
}

bool kernel_have_program(const char *test, const char *program)
{
	if (kernel_run("%s --version", program) == 0)
		return true;
	printf("skip: %s: no %s\n", test, program);
	return false;
}
