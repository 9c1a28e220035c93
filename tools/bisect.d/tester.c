/* SPDX-License-Identifier: MIT */
/*
 * tester.c: the two ways to try an image.
 */
#define _GNU_SOURCE /* asprintf() */
#include "tester.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "machine.h"
#include "results.h"
#include "status.h"

#define STATUS_SKIP  125
#define STATUS_ABORT 128

bool tester_create(struct tester *tester, const struct kvm *kvm, const struct config *config,
	const char *command, const char *folder, unsigned number, const struct command_stop *stop,
	struct error *err)
{
	*tester = (struct tester){.command = command, .stop = *stop};
	if (!command)
		tester->vm = vm_create(kvm, config);
	else if (asprintf(&tester->path, "%s/" RESULTS_TEMPORARY "try-%u", folder, number) < 0)
		tester->path = NULL;
	return tester->vm || tester->path || error_errno(err, STATUS_HOST, "memory for tries");
}

void tester_destroy(struct tester *tester)
{
	vm_destroy(tester->vm);
	if (tester->path)
		unlink(tester->path);
	free(tester->path);
	*tester = (struct tester){0};
}

void tester_stop(struct tester *tester)
{
	if (tester->vm)
		vm_stop(tester->vm);
}

static bool judge_status(const struct tester *tester, const struct command_result *result,
	struct trial *trial, struct error *err)
{
	trial->status = result->status;
	trial->death = DEATH_NONE;
	if (result->timeout) {
		trial->verdict = VERDICT_BAD;
		trial->death = DEATH_TIMEOUT;
		snprintf(trial->why, sizeof(trial->why), "the test was stopped at the timeout");
		return true;
	}
	if (result->status >= STATUS_ABORT)
		return error_set(err, STATUS_COMMAND,
			"--test: %.200s: ended with status %d, which means neither good (0), bad "
			"(1 to 124) nor skip (125): %.200s",
			tester->command, result->status, result->last_line);
	trial->verdict = result->status == 0             ? VERDICT_GOOD
	                 : result->status == STATUS_SKIP ? VERDICT_SKIP
	                                                 : VERDICT_BAD;
	snprintf(trial->why, sizeof(trial->why), "the test's status is %d", result->status);
	return true;
}

static bool try_by_command(const struct tester *tester, const struct content *content,
	double timeout, struct trial *trial, struct error *err)
{
	char *quoted = command_quote(tester->path);
	struct command_place place = {"{}", quoted};
	struct command_result result;
	bool ok;

	if (!quoted)
		return error_errno(err, STATUS_HOST, "memory for a command");
	ok = content_write(content, tester->path, 0700, err) &&
	     command_run(tester->command, &place, 1, timeout, &tester->stop, &result, err) &&
	     judge_status(tester, &result, trial, err);
	free(quoted);
	return ok;
}

bool tester_try(struct tester *tester, const struct content *content, double timeout,
	struct trial *trial, struct error *err)
{
	double start = machine_now();
	bool ok;

	if (tester->vm)
		return vm_try(tester->vm, content, timeout, trial, err);
	*trial = (struct trial){.verdict = VERDICT_SKIP};
	ok = try_by_command(tester, content, timeout, trial, err);
	trial->seconds = machine_now() - start;
	return ok;
}
