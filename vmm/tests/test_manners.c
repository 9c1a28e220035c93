/* SPDX-License-Identifier: MIT */
/*
 * test_manners.c: vmm's manners as a filter and at a terminal: the program itself with two tiny
 * guests, run from a shell. Needs KVM; skipped without.
 */
#define _GNU_SOURCE
#include "suite.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* Real mode: sends back over COM1 what it receives there, until 'q'; then ends with status 7. */
static const uint8_t echo_guest[] = {
	0xba, 0xfd, 0x03,          /* 0: mov $0x3fd,%dx */
	0xec,                      /*    in %dx,%al */
	0xa8, 0x01,                /*    test $1,%al */
	0x74, 0xf8,                /*    je 0 */
	0xba, 0xf8, 0x03,          /*    mov $0x3f8,%dx */
	0xec,                      /*    in %dx,%al */
	0x3c, 0x71,                /*    cmp $'q',%al */
	0x74, 0x06,                /*    je 1 */
	0xba, 0xf8, 0x03,          /*    mov $0x3f8,%dx */
	0xee,                      /*    out %al,%dx */
	0xeb, 0xea,                /*    jmp 0 */
	0xba, 0x02, 0x05,          /* 1: mov $0x502,%dx */
	0x66, 0xb8, 0x07, 0, 0, 0, /*    mov $7,%eax */
	0x66, 0xef,                /*    out %eax,%dx */
	0xf4,                      /*    hlt */
};

/* Real mode: prints "hello" and a new line on 0xe9, for ever or once. */
static const uint8_t hello_guest[] = {
	0xb0, 'h', 0xe6, 0xe9, 0xb0, 'e', 0xe6, 0xe9, 0xb0, 'l', 0xe6,
	0xe9, /* mov $,%al; out %al,$0xe9 */
	0xb0, 'l', 0xe6, 0xe9, 0xb0, 'o', 0xe6, 0xe9, 0xb0, '\n', 0xe6, 0xe9, 0xba, 0x04,
	0x06,             /* mov $0x604,%dx */
	0xb8, 0x00, 0x20, /* mov $0x2000,%ax */
	0xef,             /* out %ax,%dx */
};

static const uint8_t endless_guest[] = {
	0xb0, 'y', 0xe6, 0xe9, 0xb0, '\n', 0xe6, 0xe9, /* 0: "y\n" */
	0xeb, 0xf6,                                    /* jmp 0 */
};

static char directory[] = "/tmp/vmm-test-XXXXXX";

/* Outside of tests Check's assertions do not work. */
static void require(bool ok, const char *what)
{
	if (!ok)
		err(EXIT_FAILURE, "%s", what);
}

static void write_guest(const char *name, const uint8_t *bytes, size_t n)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	require(fd >= 0 && write(fd, bytes, n) == (ssize_t)n && !close(fd), name);
}

/* A folder with the guests; $vmm runs one in real mode. */
static void setup(void)
{
	const char *build = getenv("BUILD");
	char *path = realpath(build ? build : "build", NULL), *command;

	require(path && asprintf(&command, "%s/vmm --mode real", path) > 0, "build");
	require(!setenv("vmm", command, 1), "setenv");
	require(mkdtemp(directory) && !chdir(directory), directory);
	write_guest("echo", echo_guest, sizeof(echo_guest));
	write_guest("hello", hello_guest, sizeof(hello_guest));
	write_guest("endless", endless_guest, sizeof(endless_guest));
	free(command);
	free(path);
}

static void teardown(void)
{
	unlink("echo");
	unlink("hello");
	unlink("endless");
	rmdir(directory);
}

/* What the shell's command line prints, standard error included, and its status. */
static void expect(const char *command, const char *output, int status)
{
	char got[4096];
	FILE *shell = popen(command, "r");
	size_t n;
	int ended;

	ck_assert_ptr_nonnull(shell);
	n = fread(got, 1, sizeof(got) - 1, shell);
	got[n] = '\0';
	ended = pclose(shell);
	ck_assert_str_eq(got, output);
	ck_assert(WIFEXITED(ended));
	ck_assert_int_eq(WEXITSTATUS(ended), status);
}

START_TEST(end_of_a_pipe)
{
	expect("printf 'hello\\nq' | $vmm echo 2>&1", "hello\n", 7);
}
END_TEST

START_TEST(slow_pipe)
{
	expect("(printf a; sleep 0.1; printf b; sleep 0.1; printf q) | $vmm echo 2>&1", "ab", 7);
}
END_TEST

START_TEST(middle_of_a_pipe)
{
	expect("(seq 2000; printf q) | $vmm echo 2>&1 | (seq 2000 | cmp - /dev/fd/3) 3<&0", "", 0);
}
END_TEST

START_TEST(file_as_stdin)
{
	expect("printf 'from a file\\nq' >in; $vmm echo <in; s=$?; rm in; exit $s", "from a file\n",
		7);
}
END_TEST

START_TEST(loop_of_a_shell_keeps_its_input)
{
	expect("printf 'a\\nb\\n' | while read line; do $vmm hello 2>&1; echo $line; done",
		"hello\na\nhello\nb\n", 0);
}
END_TEST

START_TEST(reader_that_has_enough)
{
	expect("{ $vmm endless; echo status $? >&2; } 2>err | head -n 2; cat err; rm err",
		"y\ny\nstatus 141\n", 0);
}
END_TEST

START_TEST(reader_that_has_enough_while_the_signal_is_ignored)
{
	expect("trap '' PIPE; { $vmm endless; echo status $? >&2; } 2>err | head -n 1; cat err; rm "
	       "err",
		"y\nstatus 141\n", 0);
}
END_TEST

/* The reader takes nothing until vmm has ended; a pipe holds 65536 bytes. */
START_TEST(timeout_though_nobody_reads)
{
	expect("{ head -c 65536 /dev/zero; $vmm -q -t 0.2 endless 2>err; echo $? >status; } |"
	       "  { until test -s status; do sleep 0.05; done; }; cat status; tail -n 1 err;"
	       "  grep -c 'nobody read the last' err; rm err status",
		"124\nvmm: the guest was stopped at the timeout\n1\n", 0);
}
END_TEST

/* The same with a socket. */
START_TEST(timeout_though_nobody_reads_a_socket)
{
	int ends[2], status;
	pid_t child;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	child = fork();
	if (!child) {
		dup2(ends[1], STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", "$vmm -q -t 0.2 endless 2>/dev/null", NULL);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 124);
}
END_TEST

/* A reader that is late, but comes, gets everything, and nobody's stdout becomes non-blocking. */
START_TEST(late_reader_gets_everything)
{
	expect("$vmm -t 0.2 hello | { sleep 0.4; cat; }", "hello\n", 0);
	expect("{ $vmm endless --expect y; seq 100000; } | { sleep 0.2; tail -n 1; }", "100000\n",
		0);
}
END_TEST

START_TEST(full_disk)
{
	expect("$vmm hello 2>&1 >/dev/full", "vmm: stdout: No space left on device\n", 69);
}
END_TEST

START_TEST(closed_files)
{
	expect("$vmm hello <&-", "hello\n", 0);
	expect("$vmm hello 2>&-", "hello\n", 0);
	expect("$vmm hello <&- >&- 2>&-", "", 0);
	expect("$vmm -q -t 0.2 echo <&- 2>&-", "", 124);
}
END_TEST

START_TEST(expected_line)
{
	expect("$vmm --expect '^hel+o$' hello 2>&1", "hello\n", 0);
	expect("$vmm --expect '^y$' endless 2>&1 | head -n 1", "y\n", 0);
	expect("$vmm --expect nothing hello 2>/dev/null", "hello\n", 84);
}
END_TEST

START_TEST(background_job_of_a_script)
{
	expect("$vmm hello & wait", "hello\n", 0);
}
END_TEST

/* Reads from the terminal until what it shows contains text. */
static void read_until(int master, const char *text)
{
	char shown[4096] = "";
	size_t n = 0;

	while (!strstr(shown, text)) {
		ssize_t got = read(master, shown + n, sizeof(shown) - 1 - n);

		ck_assert_msg(got > 0, "'%s' lacks '%s'", shown, text);
		n += got;
	}
}

static void type(int master, const char *text)
{
	ck_assert_int_eq(write(master, text, strlen(text)), strlen(text));
}

static bool is_raw(int master)
{
	struct termios now;

	ck_assert_int_eq(tcgetattr(master, &now), 0);
	return !(now.c_lflag & (ICANON | ECHO | ISIG));
}

/* Starts the command on a terminal; returns the user's side of it once vmm has made it raw. */
static int start_on_terminal(const char *command, pid_t *child)
{
	int master;

	*child = forkpty(&master, NULL, NULL, NULL);
	if (*child == 0) {
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	while (!is_raw(master))
		poll(NULL, 0, 1);
	return master;
}

START_TEST(conversation_at_a_terminal)
{
	pid_t child;
	int master = start_on_terminal("$vmm echo; echo status $?; read end", &child);

	type(master, "ab\003c"); /* Ctrl-C is for the guest */
	read_until(master, "ab\003c");
	type(master, "\001c");
	read_until(master, "vmm: running for ");
	type(master, "\001h");
	read_until(master, "Ctrl-a x");
	type(master, "q");
	read_until(master, "status 7\r\n");
	ck_assert(!is_raw(master));
	kill(child, SIGKILL);
}
END_TEST

START_TEST(quitting_at_a_terminal)
{
	pid_t child;
	int master = start_on_terminal("$vmm echo; echo status $?; read end", &child);

	type(master, "\001x");
	read_until(master, "vmm: stopped by Ctrl-a x\r\n");
	read_until(master, "status 130\r\n");
	ck_assert(!is_raw(master));
	kill(child, SIGKILL);
}
END_TEST

/* vmm waits for a reader that takes nothing, and what was typed before the command is in its way.
 */
START_TEST(quitting_though_nobody_reads)
{
	pid_t child;
	int master = start_on_terminal(
		"{ head -c 65536 /dev/zero; $vmm endless; echo $? >status; } |"
		"  { until test -s status; do sleep 0.05; done; }; echo status $(cat status);"
		"  rm status; read end",
		&child);

	type(master, "abc");
	poll(NULL, 0, 200);
	type(master, "d\001x");
	read_until(master, "status 130\r\n");
	ck_assert(!is_raw(master));
	kill(child, SIGKILL);
}
END_TEST

START_TEST(several_guests_at_a_terminal)
{
	pid_t child;
	int master = start_on_terminal(
		"unset NO_COLOR; TERM=xterm $vmm echo hello echo; echo status $?; read end",
		&child);

	read_until(master, "\033[32m[hello]\033[0m hello\r\n");
	type(master, "typed\n");
	read_until(master, "\033[31m[echo]\033[0m typed\r\n");
	type(master, "\001c");
	read_until(master, "vmm: [echo#2] running for ");
	type(master, "\001x");
	read_until(master, "status 130\r\n");
	ck_assert(!is_raw(master));
	kill(child, SIGKILL);
}
END_TEST

START_TEST(killing_at_a_terminal)
{
	pid_t child;
	int master = start_on_terminal("trap : TERM; $vmm echo; echo status $?; read end", &child);

	kill(-tcgetpgrp(master), SIGTERM);
	read_until(master, "status 143\r\n");
	ck_assert(!is_raw(master));
	kill(child, SIGKILL);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		end_of_a_pipe,
		slow_pipe,
		middle_of_a_pipe,
		file_as_stdin,
		loop_of_a_shell_keeps_its_input,
		reader_that_has_enough,
		reader_that_has_enough_while_the_signal_is_ignored,
		timeout_though_nobody_reads,
		timeout_though_nobody_reads_a_socket,
		late_reader_gets_everything,
		full_disk,
		closed_files,
		expected_line,
		background_job_of_a_script,
		conversation_at_a_terminal,
		quitting_at_a_terminal,
		quitting_though_nobody_reads,
		several_guests_at_a_terminal,
		killing_at_a_terminal,
	};
	int kvm = open("/dev/kvm", O_RDWR), status;

	if (kvm < 0) {
		printf("skip: test_manners: /dev/kvm: %s\n", strerror(errno));
		return 77;
	}
	close(kvm);
	setup();
	status = RUN_SUITE("manners", tests);
	teardown();
	return status;
}
