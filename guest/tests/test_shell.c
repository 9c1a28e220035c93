/* SPDX-License-Identifier: MIT */
/*
 * test_shell.c: shell scripts, run by busybox on the host's Linux and on the guest kernel: what
 * they print must be the same, byte by byte.
 */
#include "unit.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MAX 262144
#define BUSYBOX    "/bin/busybox"
#define SHOWN      200

uintptr_t direct_map;

static const char *const scripts[] = {"archive", "files", "jobs", "language", "text"};
static char build[PATH_MAX], scratch[] = "/tmp/test_shell.XXXXXX";
static char host_output[OUTPUT_MAX], guest_output[OUTPUT_MAX];

static bool find_build(void)
{
	char self[PATH_MAX] = "";

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return false;
	return snprintf(build, sizeof(build), "%s", dirname(dirname(self))) < (int)sizeof(build);
}

/* Runs a shell command; what it prints goes to `output`, its length is returned. */
static size_t run(char *output, const char *format, ...)
{
	char command[8 * PATH_MAX];
	va_list args;
	FILE *pipe;
	size_t n;
	int status;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	n = fread(output, 1, OUTPUT_MAX - 1, pipe);
	output[n] = '\0';
	status = pclose(pipe);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d of %s\n%s", status,
		command, output + (n > 2000 ? n - 2000 : 0));
	return n;
}

/* Below `scratch`: the commands of busybox by their names, as in the guest, and the guest's files.
 * The working directory is that of the sources. */
static bool prepare(void)
{
	char command[4 * PATH_MAX];

	snprintf(command, sizeof(command),
		"mkdir %s/bin && for a in $(" BUSYBOX " --list); do ln -s " BUSYBOX
		" %s/bin/$a; done; { tools/initrd-list " BUSYBOX "; echo dir 755 shell; "
		"for s in guest/tests/shell/*.sh; do echo file 644 shell/${s##*/} $s; done; } | "
		"'%s/tools/mkinitrd' %s/initrd.cpio",
		scratch, scratch, build, scratch);
	return system(command) == 0;
}

static size_t run_on_host(const char *script)
{
	return run(host_output,
		"script=$PWD/guest/tests/shell/%s.sh; mkdir %s/%s && cd %s/%s && cp $script script "
		"&& env -i HOME=/ TERM=linux PATH=%s/bin timeout 100 " BUSYBOX
		" sh -c 'sh script 2>&1 | cat' </dev/null",
		script, scratch, script, scratch, script, scratch);
}

static size_t run_in_guest(const char *script)
{
	return run(guest_output,
		"cd '%s' && timeout 100 ./vmm -i %s/initrd.cpio guest/kernel.bin -- checks=none "
		"\"init=/bin/sh -c 'mkdir /tmp/w; cd /tmp/w; cp /shell/%s.sh script; sh script "
		"2>&1 | cat'\" </dev/null",
		build, scratch, script);
}

static bool can_run(void)
{
	if (access("/dev/kvm", R_OK | W_OK)) {
		printf("skip: /dev/kvm cannot be used\n");
		return false;
	}
	if (access(BUSYBOX, X_OK)) {
		printf("skip: no " BUSYBOX "\n");
		return false;
	}
	return true;
}

START_TEST(scripts_print_the_same)
{
	const char *script = scripts[_i];
	size_t host, guest, same = 0, start;

	if (!can_run())
		return;
	host = run_on_host(script);
	guest = run_in_guest(script);
	ck_assert_uint_gt(host, 0);
	while (same < host && same < guest && host_output[same] == guest_output[same])
		same++;
	start = same > SHOWN ? same - SHOWN : 0;
	ck_assert_msg(host == guest && same == host,
		"%s: after %zu bytes of %zu and %zu:\nhost:  ...%.*s\nguest: ...%.*s", script, same,
		host, guest, 2 * SHOWN, host_output + start, 2 * SHOWN, guest_output + start);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{scripts_print_the_same, sizeof(scripts) / sizeof(scripts[0])},
	};
	char remove[64];
	int result;

	if (!find_build() || !mkdtemp(scratch))
		return EXIT_FAILURE;
	if (can_run() && !prepare())
		return EXIT_FAILURE;
	result = RUN_UNIT("shell scripts", tests);
	snprintf(remove, sizeof(remove), "rm -rf %s", scratch);
	return system(remove) ? EXIT_FAILURE : result;
}
