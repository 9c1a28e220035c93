/* SPDX-License-Identifier: MIT */
/*
 * test_tty.c: the guest's shell as one meets it at a terminal: vmm runs in a pseudo-terminal,
 * keys are typed, and what appears is looked at. And without one: input from pipes and files.
 */
#include "unit.h"

#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel_run.h"

#define BUSYBOX    "/bin/busybox"
#define SEEN_MAX   65536
#define PATIENCE   60 /* seconds for one answer; a bound, not an expectation */
#define PROMPT     "/ # "
#define GUEST      "guest/kernel.bin -i guest/initrd.cpio -- checks=none "
#define SCREEN_END "\033[1;1H"

uintptr_t direct_map;

/* What has appeared and was not yet asked for. */
struct screen {
	pid_t pid;
	int fd;
	size_t used;
	char seen[SEEN_MAX];
};

static void start(struct screen *screen)
{
	char build[PATH_MAX] = "";

	ck_assert_int_gt(readlink("/proc/self/exe", build, sizeof(build) - 1), 0);
	screen->used = 0;
	screen->pid = forkpty(&screen->fd, NULL, NULL, NULL);
	ck_assert_int_ge(screen->pid, 0);
	if (screen->pid)
		return;
	if (chdir(dirname(dirname(build))) == 0)
		execl("./vmm", "vmm", "guest/kernel.bin", "-i", "guest/initrd.cpio", "--",
			"checks=none", "loglevel=error", (char *)NULL);
	_exit(127);
}

static bool read_more(struct screen *screen)
{
	struct pollfd poll_fd = {.fd = screen->fd, .events = POLLIN};
	ssize_t n;

	if (poll(&poll_fd, 1, PATIENCE * 1000) <= 0)
		return false;
	n = read(screen->fd, screen->seen + screen->used, SEEN_MAX - 1 - screen->used);
	if (n <= 0)
		return false;
	screen->used += (size_t)n;
	return true;
}

/* Waits until the text has appeared, and forgets everything up to it. */
static void expect(struct screen *screen, const char *text)
{
	const char *at;

	for (;;) {
		screen->seen[screen->used] = '\0';
		at = strstr(screen->seen, text);
		if (at)
			break;
		ck_assert_msg(read_more(screen), "'%s' did not appear; there was:\n%s", text,
			screen->seen + (screen->used > 1500 ? screen->used - 1500 : 0));
	}
	at += strlen(text);
	screen->used -= (size_t)(at - screen->seen);
	memmove(screen->seen, at, screen->used);
}

static void type(struct screen *screen, const char *keys)
{
	ck_assert_int_eq(write(screen->fd, keys, strlen(keys)), (ssize_t)strlen(keys));
}

/* A command, what it prints, and the next prompt. */
static void command(struct screen *screen, const char *line, const char *answer)
{
	type(screen, line);
	type(screen, "\r");
	expect(screen, "\n"); /* the echo of the line */
	expect(screen, answer);
	expect(screen, PROMPT);
}

/* vmm's status. */
static int end(struct screen *screen)
{
	int status;

	while (read_more(screen))
		screen->used = 0;
	close(screen->fd);
	ck_assert_int_eq(waitpid(screen->pid, &status, 0), screen->pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool can_run(const char *test)
{
	if (!kernel_have_kvm(test))
		return false;
	if (access(BUSYBOX, X_OK) == 0)
		return true;
	printf("skip: %s: no " BUSYBOX "\n", test);
	return false;
}

/* Says "ready" when the terminal is no longer the shell's. */
#define READY "sh -c 'echo rea''dy; "

START_TEST(lines_can_be_edited)
{
	struct screen *screen = malloc(sizeof(*screen));

	if (!can_run("lines_can_be_edited"))
		return;
	start(screen);
	expect(screen, PROMPT);
	type(screen, READY "cat'\r");
	expect(screen, "ready");
	type(screen, "abx\177c\r");
	expect(screen, "\nabc\r\n");
	type(screen, "one two\027three\r");
	expect(screen, "\none three\r\n");
	type(screen, "forgotten\025kept\r");
	expect(screen, "\nkept\r\n");
	type(screen, "no newline\004");
	expect(screen, "no newlineno newline");
	type(screen, "\004");
	expect(screen, PROMPT);
	type(screen, "\004");
	ck_assert_int_eq(end(screen), 0);
	free(screen);
}
END_TEST

START_TEST(keys_send_signals)
{
	struct screen *screen = malloc(sizeof(*screen));

	if (!can_run("keys_send_signals"))
		return;
	start(screen);
	expect(screen, PROMPT);
	type(screen, READY "exec sleep 1000'\r");
	expect(screen, "ready");
	type(screen, "\003");
	expect(screen, "^C");
	expect(screen, PROMPT);
	command(screen, "echo status $?", "status 130");
	type(screen, READY "exec sleep 1000'\r");
	expect(screen, "ready");
	type(screen, "\032");
	expect(screen, "Stopped");
	expect(screen, PROMPT);
	command(screen, "jobs", "Stopped");
	command(screen, "bg", "[1]");
	command(screen, "jobs", "Running");
	command(screen, "kill %1; wait; echo gone", "gone");
	command(screen, "cat & sleep 0.2; jobs", "Stopped (tty input)");
	command(screen, "kill -9 %1; wait; echo gone", "gone");
	type(screen, "sh -c 'trap \"echo quit\" QUIT; echo rea''dy; while :; do :; done'\r");
	expect(screen, "ready");
	type(screen, "\034");
	expect(screen, "quit");
	type(screen, "\003");
	expect(screen, PROMPT);
	type(screen, "exit 3\r");
	ck_assert_int_eq(end(screen), 3);
	free(screen);
}
END_TEST

START_TEST(programs_take_the_screen)
{
	struct screen *screen = malloc(sizeof(*screen));

	if (!can_run("programs_take_the_screen"))
		return;
	start(screen);
	expect(screen, PROMPT);
	command(screen, "stty size; tty", "24 80");
	command(screen, "echo abc\033[D\033[Dx", "axbc"); /* cursor keys of the shell's editor */
	/* A read that does not wait, or not long. */
	command(screen, "stty -icanon min 0 time 1; echo got$(dd bs=1 count=1 2>/dev/null | wc -c)",
		"got0");
	command(screen, "stty icanon; echo done", "done");
	type(screen, "vi /tmp/file\r");
	expect(screen, "- /tmp/file");
	expect(screen, SCREEN_END);
	type(screen, "i");
	expect(screen, "I /tmp/file");
	expect(screen, SCREEN_END);
	type(screen, "hello");
	expect(screen, "hello");
	type(screen, "\033");
	expect(screen, "[Modified]");
	type(screen, ":wq\r");
	expect(screen, PROMPT);
	command(screen, "cat /tmp/file", "hello");
	command(screen, "stty -a | grep -o ' icanon'; echo x >/dev/tty", "icanon\r\nx");
	type(screen, "exit\r");
	ck_assert_int_eq(end(screen), 0);
	free(screen);
}
END_TEST

START_TEST(input_need_not_be_a_terminal)
{
	if (!can_run("input_need_not_be_a_terminal"))
		return;
	ck_assert_int_eq(kernel_run("./vmm guest/kernel.bin -i guest/initrd.cpio"), 0);
	kernel_expect_checks();
	kernel_expect("\n" PROMPT);
	ck_assert_int_eq(kernel_run("sh -c 'echo \"echo hel\"lo\\; exit 5 | ./vmm " GUEST "'"), 5);
	kernel_expect("\nhello\n");
	/* More than all queues hold together. */
	setenv("INIT", "init=/bin/sh -c 'stty -echo; md5sum'", 1);
	ck_assert_int_eq(kernel_run("sh -c 'seq 1 5000 | ./vmm " GUEST "\"$INIT\"'"), 0);
	kernel_expect("a5a208cd26b07cadade3450fe14d1d93"); /* by coreutils' md5sum */
}
END_TEST

START_TEST(the_first_hour)
{
	static const char *const lines[] = {
		"\n1\n2\n3\nMemTotal: ", "\nSwapFree: ", "\nPID   USER     COMMAND\n    1 root "};

	if (!can_run("the_first_hour"))
		return;
	setenv("LINE",
		"ls -l / | sort -k5 -n | tail -3; for i in 1 2 3; do echo $i; done; "
		"cat /proc/meminfo; ps; sleep 1 & wait; exit 3",
		1);
	ck_assert_int_eq(kernel_run("sh -c 'echo \"$LINE\" | ./vmm " GUEST "'"), 3);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		kernel_expect(lines[i]);
}
END_TEST

/* A panic says for whom the kernel was at work. */
START_TEST(a_panic_names_the_process)
{
	if (!can_run("a_panic_names_the_process"))
		return;
	setenv("INIT", "init=/bin/sh -c '(echo c >/proc/sysrq-trigger); true'", 1);
	ck_assert_int_eq(kernel_run("sh -c './vmm " GUEST "\"$INIT\" 2>&1'"), 81);
	kernel_expect(" Its own words: panic:\nvmm:           crashed on request\n");
	kernel_expect("panic: crashed on request\nprocess 2 (sh), at ");
	kernel_expect(" sys_write+0x");
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{lines_can_be_edited, 0},
		{keys_send_signals, 0},
		{programs_take_the_screen, 0},
		{input_need_not_be_a_terminal, 0},
		{the_first_hour, 0},
		{a_panic_names_the_process, 0},
	};

	if (!kernel_find_build())
		return EXIT_FAILURE;
	return RUN_UNIT("tty", tests);
}
