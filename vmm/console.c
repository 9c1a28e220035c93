/* SPDX-License-Identifier: MIT */
/*
 * console.c: gathers the guest's output into whole lines, writes them, and looks in them for what
 * --expect asks for.
 */
#define _GNU_SOURCE /* memrchr() */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define WAIT_MS 20 /* how often to see whether to go on waiting for the reader */

bool console_init(struct console *console, int fd, const char *expect, struct error *err)
{
	int problem;

	memset(console, 0, sizeof(*console));
	console->fd = console->out = fd;
	if (!expect)
		return true;
	problem = regcomp(&console->expect, expect, REG_EXTENDED | REG_NOSUB);
	if (problem) {
		char text[128];

		regerror(problem, &console->expect, text, sizeof(text));
		return error_set(err, STATUS_USAGE, "--expect %s: not a regular expression: %s",
			expect, text);
	}
	console->expecting = true;
	return true;
}

/* The descriptor is shared with the shell and others, who would not like it to be non-blocking. A
 * regular file never blocks; of a terminal that may not be opened it has to be hoped. */
void console_set_stop(struct console *console, bool (*stop)(void *ctx, double seconds), void *ctx)
{
	char path[32];
	struct stat info;
	int out = -1;

	console->stop = stop;
	console->ctx = ctx;
	if (console->fd < 0 || fstat(console->fd, &info))
		return;
	console->socket = S_ISSOCK(info.st_mode);
	if (!S_ISFIFO(info.st_mode) && !isatty(console->fd))
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", console->fd);
	out = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (out >= 0)
		console->out = out;
}

void console_tag(struct console *console, struct tagger *tagger, pthread_mutex_t *turn)
{
	console->tagger = tagger;
	console->turn = turn;
}

void console_deinit(struct console *console)
{
	console_flush(console);
	if (console->out != console->fd)
		close(console->out);
	console->out = console->fd;
	if (console->expecting)
		regfree(&console->expect);
	console->expecting = false;
}

static void match_line(struct console *console)
{
	regmatch_t span = {0, (regoff_t)console->line_used};

	if (span.rm_eo > 0 && console->line[span.rm_eo - 1] == '\r')
		span.rm_eo--;
	/* REG_STARTEND: a line may hold NUL bytes. */
	if (!regexec(&console->expect, console->line, 1, &span, REG_STARTEND))
		console->matched = true;
	console->line_used = 0;
}

static void add_to_line(struct console *console, const uint8_t *bytes, size_t n)
{
	size_t space = CONSOLE_LINE - console->line_used;

	if (n > space)
		n = space;
	memcpy(console->line + console->line_used, bytes, n);
	console->line_used += n;
}

static void match_output(struct console *console, const uint8_t *bytes, size_t n)
{
	while (n && !console->matched) {
		const uint8_t *end = memchr(bytes, '\n', n);
		size_t length = end ? (size_t)(end - bytes) : n;

		add_to_line(console, bytes, length);
		if (!end)
			return;
		match_line(console);
		bytes += length + 1;
		n -= length + 1;
	}
}

/* Until the reader takes something. False to give up. */
static bool wait_for_reader(struct console *console, double *waited)
{
	struct pollfd ready = {.fd = console->out, .events = POLLOUT};

	if (poll(&ready, 1, console->stop ? WAIT_MS : -1) == 0)
		*waited += WAIT_MS / 1000.0;
	return !console->stop || !console->stop(console->ctx, *waited);
}

/* After a write that moved nothing: true when it makes sense to try again. */
static bool write_may_go_on(struct console *console, double *waited)
{
	if (errno == EINTR)
		return true;
	if (errno == EAGAIN)
		return wait_for_reader(console, waited);
	console->error = errno;
	console->closed = errno == EPIPE;
	return false;
}

static ssize_t write_some(const struct console *console, struct iovec part[2])
{
	struct msghdr message = {.msg_iov = part, .msg_iovlen = 2};

	if (console->socket)
		return sendmsg(console->out, &message, MSG_DONTWAIT);
	return writev(console->out, part, 2);
}

static void advance(struct iovec part[2], size_t done)
{
	for (int i = 0; i < 2; i++) {
		size_t n = done < part[i].iov_len ? done : part[i].iov_len;

		part[i].iov_base = (uint8_t *)part[i].iov_base + n;
		part[i].iov_len -= n;
		done -= n;
	}
}

static void write_parts(struct console *console, struct iovec part[2])
{
	double waited = 0;

	while (console->fd >= 0 && !console->error && part[0].iov_len + part[1].iov_len) {
		ssize_t done = console->lost ? -1 : write_some(console, part);

		if (done > 0)
			waited = 0;
		if (done >= 0) {
			advance(part, (size_t)done);
		} else if (console->lost || !write_may_go_on(console, &waited)) {
			console->lost += console->error ? 0 : part[0].iov_len + part[1].iov_len;
			return;
		}
	}
}

static void write_lines(void *ctx, const char *lines, size_t n)
{
	struct console *console = ctx;
	struct iovec part[2] = {{(void *)lines, n}};

	pthread_mutex_lock(console->turn);
	write_parts(console, part);
	pthread_mutex_unlock(console->turn);
}

/* Writes what is buffered and n bytes after it. */
static void write_out(struct console *console, const void *bytes, size_t n)
{
	struct iovec part[2] = {{console->buffer, console->used}, {(void *)bytes, n}};

	console->used = 0;
	if (!console->tagger) {
		write_parts(console, part);
		return;
	}
	for (int i = 0; i < 2; i++)
		tagger_put(
			console->tagger, part[i].iov_base, part[i].iov_len, write_lines, console);
}

void console_write(struct console *console, const void *bytes, size_t n)
{
	const uint8_t *from = bytes, *end;
	size_t whole, held;

	if (!n)
		return;
	console->total += n;
	if (console->expecting)
		match_output(console, from, n);
	end = memrchr(from, '\n', n);
	whole = end ? (size_t)(end + 1 - from) : 0;
	held = whole ? 0 : console->used;
	if (held + (n - whole) > CONSOLE_BUFFER)
		whole = n; /* a line longer than the buffer cannot wait */
	if (whole)
		write_out(console, from, whole);
	memcpy(console->buffer + console->used, from + whole, n - whole);
	console->used += n - whole;
}

void console_flush(struct console *console)
{
	if (console->used)
		write_out(console, NULL, 0);
}

void console_finish(struct console *console)
{
	if (console->expecting && !console->matched && console->line_used)
		match_line(console);
	console_flush(console);
	if (console->tagger)
		tagger_end(console->tagger, write_lines, console);
}
