/* SPDX-License-Identifier: MIT */
/*
 * test_shell.c: shell scripts, run by busybox, bash and zsh on the host's Linux and on the guest
 * kernel: what they print must be the same, byte by byte.
 */
#include "unit.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MAX 262144
#define BUSYBOX    "/bin/busybox"
#define BASH       "/bin/bash-static"
#define ZSH        "/bin/zsh-static"
#define SHOWN      200

uintptr_t direct_map;

/* A script guest/tests/shell/NAME, its shell, and the static program that is this shell. */
static const struct script {
	const char *name, *shell, *program;
} scripts[] = {
	{"archive.sh", "sh", BUSYBOX},
	{"files.sh", "sh", BUSYBOX},
	{"jobs.sh", "sh", BUSYBOX},
	{"language.sh", "sh", BUSYBOX},
	{"text.sh", "sh", BUSYBOX},
	{"language.bash", "bash", BASH},
	{"jobs.bash", "bash", BASH},
	{"language.zsh", "zsh", ZSH},
};

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
		"for s in bash zsh; do [ ! -x /bin/$s-static ] || { ln -s /bin/$s-static "
		"%s/bin/$s; echo file 755 bin/$s /bin/$s-static; }; done; "
		"for s in guest/tests/shell/*; do echo file 644 shell/${s##*/} $s; done; } | "
		"'%s/tools/mkinitrd' %s/initrd.cpio",
		scratch, scratch, scratch, build, scratch);
	return system(command) == 0;
}

static size_t run_on_host(const struct script *script)
{
	const char *name = script->name;

	return run(host_output,
		"script=$PWD/guest/tests/shell/%s; mkdir %s/%s && cd %s/%s && cp $script script "
		"&& env -i HOME=/ TERM=linux PATH=%s/bin timeout 100 " BUSYBOX
		" sh -c '%s script 2>&1 | cat' </dev/null",
		name, scratch, name, scratch, name, scratch, script->shell);
}

static size_t run_in_guest(const struct script *script)
{
	return run(guest_output,
		"cd '%s' && timeout 100 ./vmm -i %s/initrd.cpio guest/kernel.bin -- checks=none "
		"\"init=/bin/sh -c 'mkdir /tmp/w; cd /tmp/w; cp /shell/%s script; %s script "
		"2>&1 | cat'\" </dev/null",
		build, scratch, script->name, script->shell);
}

static bool can_run(const struct script *script)
{
	const char *missing = NULL;

	if (access("/dev/kvm", R_OK | W_OK))
		missing = "/dev/kvm";
	else if (access(BUSYBOX, X_OK))
		missing = BUSYBOX;
	else if (access(script->program, X_OK))
		missing = script->program;
	if (missing)
		printf("skip: %s: %s cannot be used\n", script->name, missing);
	return !missing;
}

START_TEST(scripts_print_the_same)
{
	const struct script *script = &scripts[_i];
	size_t host, guest, same = 0, start;

	if (!can_run(script))
		return;
	host = run_on_host(script);
	guest = run_in_guest(script);
	ck_assert_uint_gt(host, 0);
	while (same < host && same < guest && host_output[same] == guest_output[same])
		same++;
	start = same > SHOWN ? same - SHOWN : 0;
	ck_assert_msg(host == guest && same == host,
		"%s: after %zu bytes of %zu and %zu:\nhost:  ...%.*s\nguest: ...%.*s", script->name,
		same, host, guest, 2 * SHOWN, host_output + start, 2 * SHOWN, guest_output + start);
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
	if (can_run(&scripts[0]) && !prepare())
		return EXIT_FAILURE;
	result = RUN_UNIT("shell scripts", tests);
	snprintf(remove, sizeof(remove), "rm -rf %s", scratch);
	return system(remove) ? EXIT_FAILURE : result;
}
