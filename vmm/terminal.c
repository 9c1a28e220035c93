/* SPDX-License-Identifier: MIT */
/*
 * terminal.c: raw mode. Follows POSIX, "General Terminal Interface". Signals from the keyboard go
 * to the guest as the bytes that they are; output processing stays on, so that vmm's own lines and
 * "\n" of a guest look right.
 */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* Signals that end vmm: from outside, and by a bug of its own. */
static const int deadly[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

#define WAIT_MILLISECONDS 100

#define DEADLY     (sizeof(deadly) / sizeof(deadly[0]))
#define STACK_SIZE 32768

/* At file scope because a signal handler has no other way to reach what it must restore. */
static struct {
	int fd; /* -1: no terminal was taken */
	int wake;
	bool setting; /* a thread is making the terminal raw */
	bool dying;   /* the settings were given back for good */
	struct termios cooked;
	struct sigaction deadly[DEADLY], stop, resume;
	stack_t stack;
	void *own_stack; /* for the handler of SIGSEGV: the other one may have overflowed */
} saved = {.fd = -1};

/* Changing the settings from the background would stop us, or spoil the foreground's. A terminal
 * that does not control our session has no foreground. */
static bool in_foreground(void)
{
	pid_t group = tcgetpgrp(saved.fd);

	return group == getpgrp() || (group < 0 && errno == ENOTTY);
}

static void restore(void)
{
	int error = errno;

	if (in_foreground())
		tcsetattr(saved.fd, TCSANOW, &saved.cooked);
	errno = error;
}

static void wake_reader(void)
{
	const uint64_t one = 1;
	int error = errno;
	ssize_t ignored = write(saved.wake, &one, sizeof(one));

	(void)ignored;
	errno = error;
}

/* Another thread that is just making the terminal raw would have the last word; the wait has an
 * end, since the signal may have interrupted that very thread. */
static void restore_for_good(void)
{
	static const struct timespec millisecond = {.tv_nsec = 1000000};

	__atomic_store_n(&saved.dying, true, __ATOMIC_SEQ_CST);
	for (int i = 0; i < WAIT_MILLISECONDS && __atomic_load_n(&saved.setting, __ATOMIC_SEQ_CST);
		i++)
		nanosleep(&millisecond, NULL);
	restore();
}

/* Restores, and lets the signal do what it would have done: a core file, the status of the shell.
 */
static void on_deadly(int signal)
{
	restore_for_good();
	for (size_t i = 0; i < DEADLY; i++)
		if (deadly[i] == signal)
			sigaction(signal, &saved.deadly[i], NULL);
	raise(signal); /* blocked until this handler returns */
}

static void on_stop(int signal)
{
	struct sigaction handler;
	sigset_t set;

	restore();
	sigaction(SIGTSTP, &saved.stop, &handler);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	raise(SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL); /* here it stops, and goes on after SIGCONT */
	sigaction(SIGTSTP, &handler, NULL);
	wake_reader();
}

static void on_resume(int signal)
{
	wake_reader();
}

/* A signal that our parent made us ignore (nohup) stays ignored. */
static void install(int signal, void (*handler)(int), int flags, struct sigaction *old)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	sigemptyset(&action.sa_mask);
	sigaction(signal, NULL, old);
	if (old->sa_handler != SIG_IGN)
		sigaction(signal, &action, NULL);
}

static void install_handlers(void)
{
	stack_t stack = {.ss_size = STACK_SIZE};

	stack.ss_sp = saved.own_stack = malloc(STACK_SIZE);
	if (!stack.ss_sp || sigaltstack(&stack, &saved.stack))
		saved.stack.ss_flags = SS_DISABLE;
	for (size_t i = 0; i < DEADLY; i++)
		install(deadly[i], on_deadly, SA_ONSTACK, &saved.deadly[i]);
	install(SIGTSTP, on_stop, SA_RESTART, &saved.stop);
	install(SIGCONT, on_resume, SA_RESTART, &saved.resume);
}

static void remove_handlers(void)
{
	for (size_t i = 0; i < DEADLY; i++)
		sigaction(deadly[i], &saved.deadly[i], NULL);
	sigaction(SIGTSTP, &saved.stop, NULL);
	sigaction(SIGCONT, &saved.resume, NULL);
	sigaltstack(&saved.stack, NULL);
	free(saved.own_stack);
}

bool terminal_enter(int fd, int wake)
{
	if (saved.fd >= 0 || tcgetattr(fd, &saved.cooked))
		return false;
	saved.fd = fd;
	saved.wake = wake;
	saved.dying = false;
	install_handlers();
	terminal_ready();
	return true;
}

static struct termios raw_settings(void)
{
	struct termios raw = saved.cooked;

	raw.c_iflag &= ~(BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	raw.c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	return raw;
}

static void make_raw(void)
{
	struct termios now, raw = raw_settings();

	if (tcgetattr(saved.fd, &now) || now.c_lflag != raw.c_lflag || now.c_iflag != raw.c_iflag)
		tcsetattr(saved.fd, TCSANOW, &raw);
}

bool terminal_ready(void)
{
	if (!in_foreground())
		return false;
	__atomic_store_n(&saved.setting, true, __ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&saved.dying, __ATOMIC_SEQ_CST))
		make_raw();
	__atomic_store_n(&saved.setting, false, __ATOMIC_SEQ_CST);
	return true;
}

void terminal_leave(void)
{
	if (saved.fd < 0)
		return;
	restore();
	remove_handlers();
	saved.fd = -1;
}

_Noreturn void terminal_die_of_pipe(void)
{
	sigset_t set;

	terminal_leave();
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	raise(SIGPIPE);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + SIGPIPE);
}

void terminal_fill_standard_files(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			open("/dev/null", fd ? O_WRONLY : O_RDONLY);
}
