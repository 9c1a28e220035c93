/* SPDX-License-Identifier: MIT */
/*
 * test_terminal.c: stdin and its terminal, on a pseudo-terminal with job control as a shell does
 * it. A test forks a "shell" (session leader), which starts a "job" that reads stdin as vmm does;
 * the shell checks, the test reports.
 */
#define _GNU_SOURCE
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "stdin_reader.h"
#include "terminal.h"

/* What job and shell tell each other. */
struct shared {
	struct input input; /* what the job has read and nobody taken */
	unsigned notified, quit, status;
	bool started;
	char failure[200]; /* of the shell, for the test's message */
};

static const int deadly[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

static struct shared *shared;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void on_notify(void *ctx)
{
	__atomic_add_fetch(&shared->notified, 1, __ATOMIC_SEQ_CST);
}

static void on_quit(void *ctx)
{
	__atomic_add_fetch(&shared->quit, 1, __ATOMIC_SEQ_CST);
}

static void on_status(void *ctx)
{
	__atomic_add_fetch(&shared->status, 1, __ATOMIC_SEQ_CST);
}

static const struct stdin_hooks hooks = {on_notify, on_quit, on_status, NULL};

static void share(void)
{
	shared = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(shared, MAP_FAILED);
}

/* Everything below runs in the shell or the job, where Check's assertions do not reach. */
#define EXPECT(condition)                                                                 \
	do {                                                                              \
		if (!(condition)) {                                                       \
			snprintf(shared->failure, sizeof(shared->failure), "line %d: %s", \
				__LINE__, #condition);                                    \
			_exit(1);                                                         \
		}                                                                         \
	} while (0)

/* Waits until the condition holds; Check's own limit ends a test in which it never does. */
#define AWAIT(condition)     \
	while (!(condition)) \
	poll(NULL, 0, 1)

/* What vmm does with its stdin, until Ctrl-a x or SIGUSR1 ends it. */
static void job_body(void)
{
	struct stdin_reader reader;
	struct error err;

	EXPECT(stdin_reader_start(&reader, STDIN_FILENO, &shared->input, &lock, &hooks, &err));
	__atomic_store_n(&shared->started, true, __ATOMIC_SEQ_CST);
	AWAIT(__atomic_load_n(&shared->quit, __ATOMIC_SEQ_CST));
	stdin_reader_stop(&reader);
	_exit(42);
}

/* Reads until Ctrl-a c; sanitizers find nobody to talk to. */
static void job_that_will_crash(void)
{
	static struct stdin_reader reader;
	struct error err;

	EXPECT(dup2(open("/dev/null", O_WRONLY), STDERR_FILENO) == STDERR_FILENO);
	EXPECT(stdin_reader_start(&reader, STDIN_FILENO, &shared->input, &lock, &hooks, &err));
	AWAIT(__atomic_load_n(&shared->status, __ATOMIC_SEQ_CST));
}

static void crash_by_access(void)
{
	volatile char *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	job_that_will_crash();
	*page = 1;
}

static void crash_by_abort(void)
{
	job_that_will_crash();
	abort();
}

static int overflow(volatile char *from, unsigned depth)
{
	volatile char frame[4096];

	frame[0] = from[0];
	return depth ? overflow(frame, depth - 1) + frame[0] : 0;
}

static void crash_by_stack_overflow(void)
{
	char start = 0;

	job_that_will_crash();
	overflow(&start, 1000000);
}

/* A job in a process group of its own, in the foreground or not. */
static pid_t start_job(void (*body)(void), bool foreground)
{
	pid_t job = fork();

	if (job == 0) {
		struct rlimit none = {0, 0};

		prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing outlives a failed test */
		setrlimit(RLIMIT_CORE, &none);
		setpgid(0, 0);
		signal(SIGTTOU, SIG_IGN);
		if (foreground)
			tcsetpgrp(0, getpid());
		signal(SIGTTOU, SIG_DFL);
		body();
		_exit(43);
	}
	setpgid(job, job);
	return job;
}

static bool is_raw(void)
{
	struct termios now;

	EXPECT(tcgetattr(STDIN_FILENO, &now) == 0);
	return !(now.c_lflag & (ICANON | ECHO | ISIG | IEXTEN)) &&
	       !(now.c_iflag & (ICRNL | IXON)) && now.c_cc[VMIN] == 1 && now.c_cc[VTIME] == 0 &&
	       now.c_oflag & OPOST;
}

/* The settings that the shell had at first. */
static struct termios cooked;

static bool is_cooked(void)
{
	struct termios now;

	EXPECT(tcgetattr(STDIN_FILENO, &now) == 0);
	return now.c_lflag == cooked.c_lflag && now.c_iflag == cooked.c_iflag &&
	       now.c_oflag == cooked.c_oflag && !memcmp(now.c_cc, cooked.c_cc, sizeof(now.c_cc));
}

static void take_foreground(pid_t group)
{
	EXPECT(tcsetpgrp(STDIN_FILENO, group) == 0);
}

/* The shell's wait: status of the job once it ended or stopped; the shell has the terminal then. */
static int wait_for(pid_t job)
{
	int status;

	EXPECT(waitpid(job, &status, WUNTRACED) == job);
	take_foreground(getpgrp());
	return status;
}

static int master; /* the user's side of the terminal */

static void type(const char *bytes, size_t n)
{
	EXPECT(write(master, bytes, n) == (ssize_t)n);
}

#define TYPE(bytes) type(bytes, sizeof(bytes) - 1)

static void expect_input(const char *bytes, size_t n)
{
	AWAIT(__atomic_load_n(&shared->input.head, __ATOMIC_SEQ_CST) >= n);
	EXPECT(shared->input.head == n);
	EXPECT(!memcmp(shared->input.bytes, bytes, n));
}

/* Check and the sanitizers have handlers of their own. */
static void default_signals(void)
{
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		signal(deadly[i], SIG_DFL);
}

/* Runs `shell` as the leader of a session on a new terminal. */
static void run_shell(void (*shell)(void))
{
	int slave, status;
	pid_t child;

	share();
	ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		default_signals();
		signal(SIGTTOU, SIG_IGN);
		EXPECT(login_tty(slave) == 0);
		EXPECT(tcgetattr(STDIN_FILENO, &cooked) == 0);
		shell();
		_exit(0);
	}
	close(slave);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(status == 0, "status 0x%x, %s", status, shared->failure);
}

static void shell_normal_end(void)
{
	pid_t job = start_job(job_body, true);

	AWAIT(is_raw());
	TYPE("\001x");
	EXPECT(WEXITSTATUS(wait_for(job)) == 42);
	EXPECT(is_cooked());
}

START_TEST(raw_while_running_and_restored_at_the_end)
{
	run_shell(shell_normal_end);
}
END_TEST

static void shell_all_bytes(void)
{
	pid_t job = start_job(job_body, true);
	char bytes[255], *at = bytes;

	AWAIT(is_raw());
	for (int c = 0; c < 256; c++)
		if (c != 1)
			*at++ = (char)c;
	type(bytes, sizeof(bytes));
	expect_input(bytes, sizeof(bytes));
	EXPECT(shared->notified > 0);
	TYPE("\001x");
	wait_for(job);
}

START_TEST(every_byte_reaches_the_guest)
{
	run_shell(shell_all_bytes);
}
END_TEST

static void shell_commands(void)
{
	pid_t job = start_job(job_body, true);
	char output[1000] = "";
	size_t n = 0;

	AWAIT(is_raw());
	TYPE("a\001cb");
	AWAIT(shared->status == 1);
	expect_input("ab", 2);
	TYPE("\001"); /* the second byte comes alone */
	poll(NULL, 0, 20);
	TYPE("c");
	AWAIT(shared->status == 2);
	TYPE("\001\001c\001zd\001h");
	expect_input("ab\001cd", 5);
	while (!strstr(output, "Ctrl-a x")) {
		ssize_t got = read(master, output + n, sizeof(output) - 1 - n);

		EXPECT(got > 0);
		n += got;
	}
	EXPECT(shared->quit == 0);
	EXPECT(shared->status == 2);
	TYPE("\001x");
	wait_for(job);
}

START_TEST(commands_after_ctrl_a)
{
	run_shell(shell_commands);
}
END_TEST

static void shell_full_ring(void)
{
	pid_t job = start_job(job_body, true);

	AWAIT(is_raw());
	for (unsigned i = 0; i < 2 * INPUT_SIZE / 64; i++)
		TYPE("0123456789012345678901234567890123456789012345678901234567890123");
	TYPE("\001x");
	EXPECT(WEXITSTATUS(wait_for(job)) == 42);
	EXPECT(shared->input.head == INPUT_SIZE);
}

START_TEST(quit_works_though_the_guest_reads_nothing)
{
	run_shell(shell_full_ring);
}
END_TEST

static int signal_to_send;

static void shell_deadly(void)
{
	pid_t job = start_job(job_body, true);
	int status;

	AWAIT(is_raw());
	kill(job, signal_to_send);
	status = wait_for(job);
	EXPECT(WIFSIGNALED(status));
	EXPECT(WTERMSIG(status) == signal_to_send);
	EXPECT(is_cooked());
}

START_TEST(deadly_signals_restore)
{
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
		signal_to_send = deadly[i];
		run_shell(shell_deadly);
	}
}
END_TEST

static void (*crash)(void);
static int crash_signal;

static void shell_crash(void)
{
	pid_t job = start_job(crash, true);
	int status;

	AWAIT(is_raw());
	TYPE("\001c");
	status = wait_for(job);
	EXPECT(WIFSIGNALED(status));
	EXPECT(WTERMSIG(status) == crash_signal);
	EXPECT(is_cooked());
}

START_TEST(bugs_of_vmm_restore)
{
	crash = crash_by_access;
	crash_signal = SIGSEGV;
	run_shell(shell_crash);
	crash = crash_by_abort;
	crash_signal = SIGABRT;
	run_shell(shell_crash);
	crash = crash_by_stack_overflow;
	crash_signal = SIGSEGV;
	run_shell(shell_crash);
}
END_TEST

static void shell_stop(void)
{
	pid_t job = start_job(job_body, true);
	int status;

	for (unsigned round = 0; round < 3; round++) {
		AWAIT(is_raw());
		kill(job, signal_to_send);
		status = wait_for(job);
		EXPECT(WIFSTOPPED(status));
		EXPECT(WSTOPSIG(status) == signal_to_send);
		if (signal_to_send ==
			SIGSTOP) /* nobody can catch it: shells restore by themselves */
			EXPECT(tcsetattr(STDIN_FILENO, TCSANOW, &cooked) == 0);
		EXPECT(is_cooked());
		take_foreground(job);
		kill(job, SIGCONT);
	}
	AWAIT(is_raw());
	TYPE("k\001x");
	EXPECT(WEXITSTATUS(wait_for(job)) == 42);
	expect_input("k", 1);
	EXPECT(is_cooked());
}

START_TEST(suspend_restores_and_resume_is_raw_again)
{
	signal_to_send = SIGTSTP;
	run_shell(shell_stop);
	signal_to_send = SIGSTOP;
	run_shell(shell_stop);
}
END_TEST

static void shell_background(void)
{
	pid_t job = start_job(job_body, false);
	int status;

	AWAIT(__atomic_load_n(&shared->started, __ATOMIC_SEQ_CST));
	TYPE("typed for the shell\n");
	poll(NULL, 0, 300);
	EXPECT(waitpid(job, &status, WNOHANG | WUNTRACED) == 0); /* neither stopped nor dead */
	EXPECT(is_cooked());
	EXPECT(shared->input.head == 0);
	take_foreground(job); /* "fg", without SIGCONT as the job runs */
	AWAIT(is_raw());
	expect_input("typed for the shell\n", 20);
	TYPE("\001x");
	EXPECT(WEXITSTATUS(wait_for(job)) == 42);
	EXPECT(is_cooked());
}

START_TEST(background_leaves_the_terminal_alone)
{
	run_shell(shell_background);
}
END_TEST

static void shell_background_death(void)
{
	pid_t job = start_job(job_body, true);
	int status;

	AWAIT(is_raw());
	kill(job, SIGTSTP);
	EXPECT(WIFSTOPPED(wait_for(job)));
	cooked.c_lflag &= ~ECHO; /* the shell sets the terminal as it likes */
	EXPECT(tcsetattr(STDIN_FILENO, TCSANOW, &cooked) == 0);
	kill(job, SIGCONT); /* "bg" */
	poll(NULL, 0, 50);
	EXPECT(is_cooked());
	kill(job, SIGTERM);
	status = wait_for(job);
	EXPECT(WIFSIGNALED(status));
	EXPECT(WTERMSIG(status) == SIGTERM);
	EXPECT(is_cooked());
}

START_TEST(death_in_the_background_leaves_the_terminal_alone)
{
	run_shell(shell_background_death);
}
END_TEST

static void shell_ignored_hangup(void)
{
	pid_t job;

	signal(SIGHUP, SIG_IGN); /* nohup */
	job = start_job(job_body, true);
	AWAIT(is_raw());
	kill(job, SIGHUP);
	TYPE("\001x");
	EXPECT(WEXITSTATUS(wait_for(job)) == 42);
}

START_TEST(ignored_signal_stays_ignored)
{
	run_shell(shell_ignored_hangup);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		raw_while_running_and_restored_at_the_end,
		every_byte_reaches_the_guest,
		commands_after_ctrl_a,
		quit_works_though_the_guest_reads_nothing,
		deadly_signals_restore,
		bugs_of_vmm_restore,
		suspend_restores_and_resume_is_raw_again,
		background_leaves_the_terminal_alone,
		death_in_the_background_leaves_the_terminal_alone,
		ignored_signal_stays_ignored,
	};

	return RUN_SUITE("terminal", tests);
}
