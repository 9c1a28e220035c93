/* SPDX-License-Identifier: MIT */
/*
 * stdin_reader.c: the thread that waits for stdin, and the commands that a user types after Ctrl-a.
 */
#define _GNU_SOURCE /* pthread_timedjoin_np() */
#include "stdin_reader.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "terminal.h"

#define ESCAPE        0x01 /* Ctrl-a */
#define READ_SIZE     1024
#define LOCK_MS       20  /* how long to wait for the lock before looking for commands */
#define BACKGROUND_MS 200 /* how often to see whether the terminal has become ours */

static void print_help(void)
{
	fputs("\nvmm: Ctrl-a x       quit\n"
	      "vmm: Ctrl-a c       status line\n"
	      "vmm: Ctrl-a h       this help\n"
	      "vmm: Ctrl-a Ctrl-a  send Ctrl-a to the guest\n",
		stderr);
}

/* One byte from a terminal. True when the guest gets it. */
static bool filter_byte(struct stdin_reader *reader, uint8_t byte)
{
	if (!reader->escaped) {
		reader->escaped = byte == ESCAPE;
		return !reader->escaped;
	}
	reader->escaped = false;
	switch (byte) {
	case ESCAPE:
		return true;
	case 'x':
		reader->hooks.quit(reader->hooks.ctx);
		return false;
	case 'c':
		reader->hooks.status(reader->hooks.ctx);
		return false;
	case 'h':
		print_help();
		return false;
	default:
		return false;
	}
}

/* Obeys the commands among the bytes; returns how many are left for the guest. */
static size_t filter(struct stdin_reader *reader, uint8_t *bytes, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (filter_byte(reader, bytes[i]))
			bytes[kept++] = bytes[i];
	return kept;
}

/* Reads once, at most n bytes. False at the end of the input. The lock is not needed. */
static bool read_some(const struct stdin_reader *reader, uint8_t *bytes, size_t n, size_t *got)
{
	ssize_t ret = read(reader->fd, bytes, n);

	*got = ret > 0 ? (size_t)ret : 0;
	if (ret >= 0)
		return ret > 0;
	if (errno == EINTR || errno == EAGAIN)
		return true;
	/* A read from the background gives EIO as SIGTTIN is blocked here: it may yet come to the
	 * foreground. */
	return errno == EIO && reader->terminal && !terminal_ready();
}

/* How many bytes to ask for now, 0: none. */
static size_t may_read(struct stdin_reader *reader)
{
	size_t space;

	if (reader->terminal)
		return terminal_ready() ? READ_SIZE : 0;
	pthread_mutex_lock(reader->lock);
	space = input_space(reader->input);
	pthread_mutex_unlock(reader->lock);
	return space < READ_SIZE ? space : READ_SIZE;
}

static bool stopped(const struct stdin_reader *reader)
{
	return __atomic_load_n(&reader->stop, __ATOMIC_ACQUIRE);
}

/* Waits for input or a wake-up. True when there is something to read. */
static bool wait_for_input(const struct stdin_reader *reader, bool wanted)
{
	struct pollfd files[] = {
		{.fd = reader->wake, .events = POLLIN},
		{.fd = wanted ? reader->fd : -1, .events = POLLIN},
	};
	uint64_t count;

	if (poll(files, 2, reader->terminal && !wanted ? BACKGROUND_MS : -1) <= 0)
		return false;
	if (files[0].revents && read(reader->wake, &count, sizeof(count)) < 0)
		return false;
	return files[1].revents;
}

static bool try_lock(struct stdin_reader *reader)
{
	struct timespec limit;

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_nsec += LOCK_MS * 1000000;
	limit.tv_sec += limit.tv_nsec / 1000000000;
	limit.tv_nsec %= 1000000000;
	return !pthread_mutex_timedlock(reader->lock, &limit);
}

/* What is typed while the lock cannot be had: commands are obeyed, what does not fit is lost. */
static size_t read_meanwhile(struct stdin_reader *reader, uint8_t *bytes, size_t n)
{
	struct pollfd file = {.fd = reader->fd, .events = POLLIN};
	uint8_t more[READ_SIZE];
	size_t got, left;

	if (!terminal_ready() || poll(&file, 1, 0) <= 0 ||
		!read_some(reader, more, sizeof(more), &got))
		return n;
	got = filter(reader, more, got);
	left = READ_SIZE - n < got ? READ_SIZE - n : got;
	memcpy(bytes + n, more, left);
	return n + left;
}

/* bytes has room for READ_SIZE. Whoever holds the lock may wait for a reader of stdout that does
 * not come back: then only a command from the terminal helps. */
static void deliver(struct stdin_reader *reader, uint8_t *bytes, size_t n, bool more)
{
	if (reader->terminal) {
		n = filter(reader, bytes, n);
		if (!n && more)
			return;
		while (!try_lock(reader))
			n = read_meanwhile(reader, bytes, n);
	} else {
		pthread_mutex_lock(reader->lock);
	}
	if (!stopped(reader)) {
		/* What does not fit is lost: a terminal is read without regard to the space left,
		 * so that Ctrl-a x works whatever the guest does. */
		if (n)
			input_put(reader->input, bytes, n);
		if (!more)
			reader->input->closed = true;
		reader->hooks.notify(reader->hooks.ctx);
	}
	pthread_mutex_unlock(reader->lock);
}

static void *reader_main(void *arg)
{
	struct stdin_reader *reader = arg;
	uint8_t bytes[READ_SIZE];
	bool more = true;

	while (more && !stopped(reader)) {
		size_t n;

		if (!wait_for_input(reader, may_read(reader) > 0))
			continue;
		n = may_read(
			reader); /* asked anew: the job may have gone to the background meanwhile */
		if (!n || stopped(reader))
			continue;
		more = read_some(reader, bytes, n, &n);
		if ((n || !more) && !stopped(reader))
			deliver(reader, bytes, n, more);
	}
	return NULL;
}

/* Signals are the business of other threads, except those that a bug in this one raises. */
static void block_signals(sigset_t *before)
{
	sigset_t set;

	sigfillset(&set);
	sigdelset(&set, SIGSEGV);
	sigdelset(&set, SIGBUS);
	sigdelset(&set, SIGABRT);
	sigdelset(&set, SIGFPE);
	sigdelset(&set, SIGILL);
	pthread_sigmask(SIG_SETMASK, &set, before);
}

static bool start_thread(struct stdin_reader *reader)
{
	sigset_t before;

	block_signals(&before);
	reader->running = !pthread_create(&reader->thread, NULL, reader_main, reader);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return reader->running;
}

/* The guest looks for the first time, and finds what is there already. The lock is held. */
static void on_wanted(void *ctx)
{
	struct stdin_reader *reader = ctx;
	struct pollfd file = {.fd = reader->fd, .events = POLLIN};
	uint8_t bytes[READ_SIZE];
	bool more = true;
	size_t n = 0;

	if (reader->terminal)
		return;
	if (poll(&file, 1, 0) > 0) {
		more = read_some(reader, bytes, sizeof(bytes), &n);
		if (n)
			input_put(reader->input, bytes, n);
	}
	reader->wake = more ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
	reader->input->closed = reader->wake < 0 || !start_thread(reader);
}

static void wake(const struct stdin_reader *reader)
{
	if (reader->wake >= 0)
		eventfd_write(reader->wake, 1);
}

/* There is room again. The lock is held. */
static void on_drained(void *ctx)
{
	wake(ctx);
}

static bool start_terminal(struct stdin_reader *reader, struct error *err)
{
	reader->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (reader->wake < 0)
		return error_errno(err, STATUS_HOST, "eventfd");
	reader->terminal = terminal_enter(reader->fd, reader->wake);
	if (reader->terminal && start_thread(reader))
		return true;
	error_errno(err, STATUS_HOST, "stdin");
	stdin_reader_stop(reader);
	return false;
}

bool stdin_reader_start(struct stdin_reader *reader, int fd, struct input *input,
	pthread_mutex_t *lock, const struct stdin_hooks *hooks, struct error *err)
{
	*reader = (struct stdin_reader){
		.fd = fd, .wake = -1, .input = input, .lock = lock, .hooks = *hooks};
	if (isatty(fd))
		return start_terminal(reader, err);
	pthread_mutex_lock(lock);
	input->ctx = reader;
	input->wanted = on_wanted;
	input->drained = on_drained;
	pthread_mutex_unlock(lock);
	return true;
}

/* Another process that reads the same pipe may have taken what poll() had promised; then the thread
 * sits in read() until there is more. As vmm is about to end, it is left there. */
static void end_thread(struct stdin_reader *reader)
{
	struct timespec limit;

	if (!reader->running)
		return;
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec++;
	if (pthread_timedjoin_np(reader->thread, NULL, &limit))
		pthread_detach(reader->thread);
	reader->running = false;
}

void stdin_reader_stop(struct stdin_reader *reader)
{
	pthread_mutex_lock(reader->lock);
	reader->input->wanted = NULL;
	reader->input->drained = NULL;
	__atomic_store_n(&reader->stop, true, __ATOMIC_RELEASE);
	pthread_mutex_unlock(reader->lock);
	wake(reader);
	end_thread(reader);
	if (reader->terminal)
		terminal_leave();
	if (reader->wake >= 0)
		close(reader->wake);
	reader->wake = -1;
}
