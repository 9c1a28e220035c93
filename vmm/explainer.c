/* SPDX-License-Identifier: MIT */
/*
 * explainer.c: the child that explains and the parent that listens. The child sends records (a
 * kind, a length, bytes) through a pipe; what has not come by the deadline does not count.
 */
#define _GNU_SOURCE
#include "explainer.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RECORD_MAX (64u << 20) /* no report is as long as that */

/* The records, in the order in which they are sent; RECORD_END says that none is missing. */
enum record_kind {
	RECORD_FAILURE,
	RECORD_WRITER,
	RECORD_ID,
	RECORD_TEXT,
	RECORD_FILE,
	RECORD_END,
	RECORD_KINDS
};

struct record_head {
	uint32_t kind, length;
};

struct writer_range {
	uint64_t gpa, size;
};

/* The child. */

static bool send_bytes(int fd, const void *bytes, size_t n)
{
	while (n) {
		ssize_t sent = write(fd, bytes, n);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		bytes = (const char *)bytes + sent;
		n -= (size_t)sent;
	}
	return true;
}

static bool send_record(int fd, enum record_kind kind, const void *bytes, size_t n)
{
	struct record_head head = {.kind = kind, .length = (uint32_t)n};

	return n <= RECORD_MAX && send_bytes(fd, &head, sizeof(head)) && send_bytes(fd, bytes, n);
}

static void send_text(int fd, enum record_kind kind, const char *text)
{
	if (text)
		send_record(fd, kind, text, strlen(text));
}

static void send_explanation(int fd, const struct explainer *explainer,
	const struct autopsy_api *api, const struct autopsy *autopsy)
{
	struct writer_range range;

	if (api->wants_writer(autopsy, &range.gpa, &range.size))
		send_record(fd, RECORD_WRITER, &range, sizeof(range));
	send_text(fd, RECORD_ID, api->id(autopsy));
	send_text(fd, RECORD_TEXT, api->text(autopsy, explainer->colour));
	if (explainer->file == EXPLAINER_JSON)
		send_text(fd, RECORD_FILE, api->json(autopsy));
	else if (explainer->file == EXPLAINER_TEXT)
		send_text(fd, RECORD_FILE, api->text(autopsy, false));
	send_record(fd, RECORD_END, "", 0);
}

/* The monitor's handlers and masks are not the explainer's. */
static void reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void explain_in_child(
	int fd, const struct explainer *explainer, const struct evidence *evidence)
{
	const struct autopsy_api *api;
	struct autopsy *autopsy;
	char error[160] = "";

	reset_signals();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	api = explainer->load(error, sizeof(error));
	if (!api) {
		send_text(fd, RECORD_FAILURE, error);
		return;
	}
	autopsy = api->explain(evidence);
	if (autopsy)
		send_explanation(fd, explainer, api, autopsy);
	else
		send_text(fd, RECORD_FAILURE, "the explainer has no memory");
}

/* The parent. */

static int64_t now_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum receive { RECEIVE_OK, RECEIVE_END, RECEIVE_LATE };

static enum receive receive_bytes(int fd, void *bytes, size_t n, int64_t deadline)
{
	while (n) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		int64_t left = deadline - now_milliseconds();
		ssize_t got;

		if (left <= 0)
			return RECEIVE_LATE;
		if (poll(&poll_fd, 1, (int)left) <= 0)
			continue;
		got = read(fd, bytes, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return RECEIVE_END;
		bytes = (char *)bytes + got;
		n -= (size_t)got;
	}
	return RECEIVE_OK;
}

/* One record, its bytes allocated with a zero behind them. */
static enum receive receive_record(int fd, struct record_head *head, char **bytes, int64_t deadline)
{
	enum receive status = receive_bytes(fd, head, sizeof(*head), deadline);

	if (status != RECEIVE_OK)
		return status;
	if (head->kind >= RECORD_KINDS || head->length > RECORD_MAX)
		return RECEIVE_END;
	*bytes = calloc(1, (size_t)head->length + 1);
	if (!*bytes)
		return RECEIVE_END;
	status = receive_bytes(fd, *bytes, head->length, deadline);
	if (status != RECEIVE_OK)
		free(*bytes);
	return status;
}

/* Takes over bytes. */
static void keep_record(struct explanation *result, const struct record_head *head, char *bytes)
{
	struct writer_range range;
	char **slot = head->kind == RECORD_TEXT   ? &result->text
	              : head->kind == RECORD_FILE ? &result->file
	                                          : NULL;

	if (head->kind == RECORD_FAILURE)
		snprintf(result->failure, sizeof(result->failure), "%s", bytes);
	if (head->kind == RECORD_ID)
		snprintf(result->id, sizeof(result->id), "%s", bytes);
	if (head->kind == RECORD_WRITER && head->length == sizeof(range)) {
		memcpy(&range, bytes, sizeof(range));
		result->wants_writer = true;
		result->gpa = range.gpa;
		result->size = range.size;
	}
	if (!slot) {
		free(bytes);
		return;
	}
	free(*slot);
	*slot = bytes;
}

static enum receive listen_to(int fd, struct explanation *result, int64_t deadline)
{
	struct record_head head = {.kind = RECORD_FAILURE};
	enum receive status = RECEIVE_OK;
	char *bytes = NULL;

	while (head.kind != RECORD_END) {
		status = receive_record(fd, &head, &bytes, deadline);
		if (status != RECEIVE_OK)
			return status;
		keep_record(result, &head, bytes);
	}
	return RECEIVE_OK;
}

static void tell_failure(struct explanation *result, enum receive received, int status)
{
	if (result->failure[0])
		return;
	if (received == RECEIVE_LATE)
		snprintf(result->failure, sizeof(result->failure),
			"the explainer took too long and was stopped");
	else if (WIFSIGNALED(status))
		snprintf(result->failure, sizeof(result->failure),
			"the explainer crashed (%s): a bug in vmm", strsignal(WTERMSIG(status)));
	else
		snprintf(result->failure, sizeof(result->failure),
			"the explainer stopped before its end (status %d): a bug in vmm",
			WEXITSTATUS(status));
}

static void attend(
	const struct explainer *explainer, int fd, pid_t child, struct explanation *result)
{
	int64_t deadline = now_milliseconds() + explainer->milliseconds;
	enum receive received = listen_to(fd, result, deadline);
	int status = 0;

	if (received != RECEIVE_END)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	result->explained = received == RECEIVE_OK && result->text &&
	                    (explainer->file == EXPLAINER_NO_FILE || result->file);
	if (!result->explained)
		tell_failure(result, received, status);
}

void explainer_run(const struct explainer *explainer, const struct evidence *evidence,
	struct explanation *result)
{
	int ends[2];
	pid_t child;

	*result = (struct explanation){0};
	if (pipe2(ends, O_CLOEXEC) < 0) {
		snprintf(result->failure, sizeof(result->failure), "pipe: %s", strerror(errno));
		return;
	}
	child = fork();
	if (child == 0) {
		close(ends[0]);
		explain_in_child(ends[1], explainer, evidence);
		_exit(0);
	}
	close(ends[1]);
	if (child < 0)
		snprintf(result->failure, sizeof(result->failure), "fork: %s", strerror(errno));
	else
		attend(explainer, ends[0], child, result);
	close(ends[0]);
}

void explanation_drop(struct explanation *explanation)
{
	free(explanation->text);
	free(explanation->file);
	*explanation = (struct explanation){0};
}

/* The library. */

const struct autopsy_api *explainer_load(char *error, size_t n)
{
	static const char *const places[] = {
		"libautopsy.so", "../lib/libautopsy.so", "../lib/vmm/libautopsy.so"};
	char path[4096], *end;
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 64);
	void *library = NULL, *symbol;

	path[length > 0 ? length : 0] = '\0';
	end = strrchr(path, '/');
	for (size_t i = 0; end && !library && i < sizeof(places) / sizeof(places[0]); i++) {
		strcpy(end + 1, places[i]);
		if (access(path, F_OK) == 0) {
			library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
			break;
		}
	}
	symbol = library ? dlsym(library, AUTOPSY_API_SYMBOL) : NULL;
	if (!symbol) {
		const char *reason = dlerror();

		snprintf(error, n, "libautopsy.so cannot be loaded: %s",
			reason ? reason : "it is not beside vmm nor in ../lib");
	}
	return symbol;
}
