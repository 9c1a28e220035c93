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

static bool cannot_run(void)
{
	char out[200], *image;
	bool missing;

	if (access("/dev/kvm", R_OK | W_OK))
		return skip("no access to /dev/kvm");
	if (run("gdb --version 2>/dev/null", out, sizeof(out)))
		return skip("no gdb");
	ck_assert_int_gt(asprintf(&image, "%s/guest/kernel.elf", build()), 0);
	missing = access(image, R_OK) != 0;
	free(image);
	return missing && skip("no guest kernel is built");
}

START_TEST(gdb_sees_the_dead_kernel)
{
	static char out[65536];
	char *command;

	if (cannot_run())
		return;
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_gt(asprintf(&command,
				 "%s/vmm --core %s/core %s/guest/kernel.elf -- panic=pf 2>%s/said",
				 build(), folder, build(), folder),
		0);
	ck_assert_int_eq(run(command, out, sizeof(out)), 81);
	free(command);
	ck_assert_int_gt(asprintf(&command,
				 "gdb -nx -batch -ex bt -ex 'info threads' "
				 "%s/guest/kernel.elf %s/core 2>&1",
				 build(), folder),
		0);
	ck_assert_int_eq(run(command, out, sizeof(out)), 0);
	free(command);
	ck_assert_msg(strstr(out, "  power_panic (") != NULL, "%s", out);
	ck_assert_msg(strstr(out, " page_fault_panic (") != NULL, "%s", out);
	ck_assert_msg(strstr(out, " trap_handle (") != NULL, "%s", out);
	ck_assert_msg(strstr(out, "* 1    LWP 1") != NULL, "%s", out);
	/* The core says what the machine said, but for the last line, which is about the run. */
	ck_assert_int_gt(asprintf(&command,
				 "%s/vmm --autopsy %s/core 2>%s/again; head -n -1 %s/said | "
				 "cmp - %s/again; rm -r %s",
				 build(), folder, folder, folder, folder, folder),
		0);
	run(command, out, sizeof(out));
	free(command);
	ck_assert_str_eq(out, "");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {gdb_sees_the_dead_kernel};

	return RUN_SUITE("core_gdb", tests);
}
