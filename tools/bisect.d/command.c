/* SPDX-License-Identifier: MIT */
/*
 * command.c: filling in and running a line for the shell.
 */
#define _GNU_SOURCE /* memfd_create() */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine.h"
#include "status.h"

#define STEP_MILLISECONDS 100

extern char **environ;

char *command_quote(const char *text)
{
	char *quoted = malloc(strlen(text) * 4 + 3), *at = quoted;

	if (!quoted)
		return NULL;
	*at++ = '\'';
	for (; *text; text++) {
		if (*text == '\'')
			at = stpcpy(at, "'\\''");
		else
			*at++ = *text;
	}
	strcpy(at, "'");
	return quoted;
}

bool command_has(const char *command, const char *word)
{
	return strstr(command, word) != NULL;
}

static const struct command_place *place_at(
	const char *at, const struct command_place *places, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!strncmp(at, places[i].word, strlen(places[i].word)))
			return &places[i];
	return NULL;
}

/* Two rounds: the first only counts. */
static size_t fill(const char *command, const struct command_place *places, unsigned n, char *out)
{
	size_t used = 0;

	while (*command) {
		const struct command_place *place = place_at(command, places, n);
		const char *from = place ? place->text : command;
		size_t length = place ? strlen(place->text) : 1;

		if (out)
			memcpy(out + used, from, length);
		used += length;
		command += place ? strlen(place->word) : 1;
	}
	if (out)
		out[used] = '\0';
	return used + 1;
}

static pid_t spawn(char *line, int output)
{
	char *const args[] = {(char *)"sh", (char *)"-c", line, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	pid_t child;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, 1);
	posix_spawn_file_actions_adddup2(&actions, output, 2);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	errno = posix_spawn(&child, "/bin/sh", &actions, &attributes, args, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return errno ? -1 : child;
}

static bool has_ended(pid_t child)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid;
}

/* Waits for the end of the child, the time or the stop; what is left of it is killed. */
static void await(
	pid_t child, double seconds, const struct command_stop *stop, bool *timeout, bool *stopped)
{
	int fd = (int)syscall(SYS_pidfd_open, child, 0);
	struct pollfd ended = {.fd = fd, .events = POLLIN};
	double end = machine_now() + seconds;

	*timeout = *stopped = false;
	while (poll(&ended, 1, STEP_MILLISECONDS) <= 0 && !*timeout && !*stopped) {
		*timeout = seconds > 0 && machine_now() >= end;
		*stopped = stop && stop->asked(stop->ctx);
		/* Without pidfd_open() poll() only sleeps. */
		if (fd < 0 && has_ended(child))
			break;
	}
	if (*timeout || *stopped)
		kill(-child, SIGKILL);
	if (fd >= 0)
		close(fd);
}

/* The last line that is not empty, printable. */
static void read_last_line(int fd, char *line)
{
	char text[COMMAND_OUTPUT];
	off_t end = lseek(fd, 0, SEEK_END);
	off_t from = end > COMMAND_OUTPUT - 1 ? end - (COMMAND_OUTPUT - 1) : 0;
	ssize_t n = pread(fd, text, COMMAND_OUTPUT - 1, from);
	char *begin;

	line[0] = '\0';
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == ' '))
		n--;
	if (n <= 0)
		return;
	text[n] = '\0';
	begin = memrchr(text, '\n', (size_t)n);
	strcpy(line, begin ? begin + 1 : text);
	for (; *line; line++)
		if ((unsigned char)*line < ' ')
			*line = '?';
}

static bool run_line(char *line, double seconds, const struct command_stop *stop,
	struct command_result *result, struct error *err)
{
	int output = memfd_create("output", MFD_CLOEXEC), status = 0;
	pid_t child = output < 0 ? -1 : spawn(line, output);
	bool stopped;

	if (child < 0) {
		error_errno(err, STATUS_COMMAND, "/bin/sh");
		if (output >= 0)
			close(output);
		return false;
	}
	await(child, seconds, stop, &result->timeout, &stopped);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	result->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	read_last_line(output, result->last_line);
	close(output);
	if (stopped)
		return error_set(err, STATUS_INTERRUPTED, "interrupted");
	if (!result->timeout && (result->status == 126 || result->status == 127))
		return error_set(err, STATUS_COMMAND, "%.300s: cannot be run (status %d): %.300s",
			line, result->status, result->last_line);
	return true;
}

bool command_run(const char *command, const struct command_place *places, unsigned place_count,
	double seconds, const struct command_stop *stop, struct command_result *result,
	struct error *err)
{
	char *line = malloc(fill(command, places, place_count, NULL));
	bool ok;

	*result = (struct command_result){0};
	if (!line)
		return error_errno(err, STATUS_HOST, "memory for a command");
	fill(command, places, place_count, line);
	ok = run_line(line, seconds, stop, result, err);
	free(line);
	return ok;
}
