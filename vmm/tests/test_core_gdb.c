/* SPDX-License-Identifier: MIT */
/*
 * test_core_gdb.c: a kernel that panics under vmm, seen with gdb's eyes, and the same report from
 * the core as from the machine. gdb is the judge of the core file here.
 */
#define _GNU_SOURCE /* asprintf() */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

static char folder[] = "/tmp/vmm-test-gdb-XXXXXX";

static const char *build(void)
{
	return getenv("BUILD") ? getenv("BUILD") : "build";
}

/* Runs a shell command; its status, and its standard output in out. */
static int run(const char *command, char *out, size_t size)
{
	FILE *pipe = popen(command, "r");
	size_t n = fread(out, 1, size - 1, pipe);
	int status;

	out[n] = '\0';
	while (fgetc(pipe) != EOF)
		;
	status = pclose(pipe);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool skip(const char *reason)
{
	printf("skip: core_gdb: %s\n", reason);
	return true;
}

static bool cannot_run(const char *image)
{
	char out[200], *path;
	bool missing;

	if (access("/dev/kvm", R_OK | W_OK))
		return skip("no access to /dev/kvm");
	if (run("gdb --version 2>/dev/null", out, sizeof(out)))
		return skip("no gdb");
	ck_assert_int_gt(asprintf(&path, "%s/guest/%s", build(), image), 0);
	missing = access(path, R_OK) != 0;
	free(path);
	return missing && skip("the guest image is not built");
}

/* Runs a command made of a format in which %1$s is the build folder, %2$s the test's. */
static int run_format(const char *format, const char *image, char *out, size_t size)
{
	char *command;
	int status;

	ck_assert_int_gt(asprintf(&command, format, build(), folder, image), 0);
	status = run(command, out, size);
	free(command);
	return status;
}

/* Lets a guest die and gives what gdb says about its core; the report from the core must be the one
 * of the machine, but for the last line, which is about the run. */
static void look_at(const char *image, const char *words, int status, char *out, size_t size)
{
	char *command, diff[4096];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_gt(asprintf(&command, "%s/vmm --core %s/core %s/guest/%s -- %s 2>%s/said",
				 build(), folder, build(), image, words, folder),
		0);
	ck_assert_int_eq(run(command, out, size), status);
	free(command);
	ck_assert_int_eq(run_format("gdb -nx -batch -ex bt -ex 'info threads' %1$s/guest/%3$s "
				    "%2$s/core 2>&1",
				 image, out, size),
		0);
	run_format("%1$s/vmm --autopsy %2$s/core 2>%2$s/again; head -n -1 %2$s/said | "
		   "cmp - %2$s/again; rm -r %2$s",
		image, diff, sizeof(diff));
	ck_assert_str_eq(diff, "");
}

static void expect(const char *out, const char *part)
{
	ck_assert_msg(strstr(out, part) != NULL, "missing: %s in:\n%.3000s", part, out);
}

START_TEST(gdb_sees_a_64_bit_kernel)
{
	static char out[65536];

	if (cannot_run("kernel.elf"))
		return;
	look_at("kernel.elf", "panic=pf", 81, out, sizeof(out));
	expect(out, "  power_panic (");
	expect(out, " page_fault_panic (");
	expect(out, " trap_handle (");
	expect(out, "* 1    LWP 1");
}
END_TEST

START_TEST(gdb_sees_a_32_bit_kernel)
{
	static char out[65536];

	if (cannot_run("tests/crash/case_sse_pm32.elf"))
		return;
	look_at("tests/crash/case_sse_pm32.elf", "", 82, out, sizeof(out));
	expect(out, "  kernel_main (");
	expect(out, " in _start (");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {gdb_sees_a_64_bit_kernel, gdb_sees_a_32_bit_kernel};

	return RUN_SUITE("core_gdb", tests);
}
