/* SPDX-License-Identifier: MIT */
/*
 * test_user.c: programs on the guest kernel: an initial RAM disk is made of ours and of busybox,
 * vmm runs it, and output and status must be what they are on Linux.
 */
#include "unit.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MAX 65536
#define BUSYBOX    "/bin/busybox"

uintptr_t direct_map;

static char build[PATH_MAX], initrd[] = "/tmp/test_user.XXXXXX";
static char output[OUTPUT_MAX];
static unsigned inode;

/* One entry of a cpio archive of the "new ASCII" format: cpio(5). */
static void cpio_add(FILE *to, const char *name, unsigned mode, const char *data, size_t size)
{
	fprintf(to, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", ++inode, mode, 0,
		0, 1, 0, (unsigned)size, 0, 0, 0, 0, (unsigned)strlen(name) + 1, 0);
	fwrite(name, 1, strlen(name) + 1, to);
	while (ftell(to) % 4)
		fputc(0, to);
	fwrite(data, 1, size, to);
	while (ftell(to) % 4)
		fputc(0, to);
}

static bool cpio_add_file(FILE *to, const char *name, const char *path)
{
	FILE *from = fopen(path, "rb");
	char *data = malloc(16 << 20);
	size_t size;

	if (!from || !data)
		return false;
	size = fread(data, 1, 16 << 20, from);
	fclose(from);
	cpio_add(to, name, 0100755, data, size);
	free(data);
	return true;
}

static bool make_initrd(void)
{
	static const char *const dirs[] = {"bin", "dev", "proc", "tmp"};
	static const char *const own[] = {"abi", "hello", "isolation"};
	static const char script[] = "#!/bin/busybox sh\necho script $0 $1\n";
	char path[PATH_MAX + 64], name[64];
	int fd = mkstemp(initrd);
	FILE *to = fd < 0 ? NULL : fdopen(fd, "wb");

	if (!to)
		return false;
	for (size_t i = 0; i < 4; i++)
		cpio_add(to, dirs[i], 0040755, "", 0);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		snprintf(path, sizeof(path), "%s/guest/user/%s", build, own[i]);
		snprintf(name, sizeof(name), "bin/%s", own[i]);
		if (!cpio_add_file(to, name, path))
			return false;
	}
	cpio_add(to, "bin/script", 0100755, script, strlen(script));
	if (access(BUSYBOX, R_OK) == 0 && !cpio_add_file(to, "bin/busybox", BUSYBOX))
		return false;
	cpio_add(to, "TRAILER!!!", 0, "", 0);
	return fclose(to) == 0;
}

static int run(const char *command_line)
{
	char command[4 * PATH_MAX];
	FILE *pipe;
	size_t n;
	int status;

	snprintf(command, sizeof(command),
		"cd '%s' && timeout 100 ./vmm guest/kernel.bin -i %s -- checks=none \"$LINE\" "
		"2>/dev/null </dev/null",
		build, initrd);
	setenv("LINE", command_line, 1);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	n = fread(output, 1, sizeof(output) - 1, pipe);
	output[n] = '\0';
	status = pclose(pipe);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool can_run(bool busybox)
{
	if (access("/dev/kvm", R_OK | W_OK)) {
		printf("skip: /dev/kvm cannot be used\n");
		return false;
	}
	if (busybox && access(BUSYBOX, R_OK)) {
		printf("skip: no " BUSYBOX "\n");
		return false;
	}
	return true;
}

static const struct {
	bool busybox;
	const char *command_line, *expected;
	int status;
} runs[] = {
	{false, "init=/bin/hello", "hello from user mode\n", 7},
	{false, "init=/bin/abi", "abi: 107 checks, 0 failed\n", 0},
	{false, "init=/bin/isolation", "isolation: 663 attempts, 0 allowed\n", 0},
	{true, "init=/bin/busybox echo a 'b  c'", "a b  c\n", 0},
	{true, "init=/bin/busybox false", "", 1},
	{true, "init=/bin/busybox echo panic=pf loglevel=debug", "panic=pf loglevel=debug\n", 0},
	{true, "init=/bin/busybox sh -c 'echo a; (echo b; exit 3); echo $?; exit 5'", "a\nb\n3\n",
		5},
	{true, "init=/bin/busybox sh -c '/bin/hello; echo $?; exec /bin/busybox echo end'",
		"hello from user mode\n7\nend\n", 0},
	{true, "init=/bin/busybox sh -c 'kill -9 $$'", "", 128 + 9},
	{true, "init=/bin/busybox sh -c 'trap \"echo caught\" USR1; kill -USR1 $$; echo on'",
		"caught\non\n", 0},
};

#define RUNS ((int)(sizeof(runs) / sizeof(runs[0])))

START_TEST(programs_run)
{
	int status;

	if (!can_run(runs[_i].busybox))
		return;
	status = run(runs[_i].command_line);
	ck_assert_str_eq(output, runs[_i].expected);
	ck_assert_int_eq(status, runs[_i].status);
}
END_TEST

START_TEST(missing_programs_are_told)
{
	if (!can_run(false))
		return;
	ck_assert_int_eq(run("init=/bin/none"), 127);
	ck_assert_str_eq(output, "init: /bin/none: error 2\n");
	ck_assert_int_eq(run("init=/tmp"), 126);
}
END_TEST

START_TEST(nothing_is_lost)
{
	if (!can_run(true))
		return;
	run("loglevel=info init=/bin/busybox sh -c '(/bin/hello); /bin/hello & exit 0'");
	ck_assert_msg(strstr(output, "memory: every frame came back\n"), "%s", output);
}
END_TEST

int main(int argc, char **argv)
{
	const struct unit_test tests[] = {
		{programs_run, RUNS},
		{missing_programs_are_told, 0},
		{nothing_is_lost, 0},
	};
	char self[PATH_MAX] = "";
	int result;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0 ||
		snprintf(build, sizeof(build), "%s", dirname(dirname(self))) >=
			(int)sizeof(build) ||
		!make_initrd())
		return EXIT_FAILURE;
	result = RUN_UNIT("programs", tests);
	unlink(initrd);
	return result;
}
