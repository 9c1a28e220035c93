/* SPDX-License-Identifier: MIT */
/*
 * build.c: running a command that makes an image.
 */
#define _GNU_SOURCE /* asprintf() */
#include "build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "results.h"
#include "status.h"

#define PLACES_MAX 3

/* A name that no other thread uses. */
static char *reserve_name(const struct build *build, struct error *err)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s/" RESULTS_TEMPORARY "image-XXXXXX", build->folder) < 0) {
		error_errno(err, STATUS_HOST, "memory for a name");
		return NULL;
	}
	fd = mkstemp(path);
	if (fd >= 0) {
		close(fd);
		return path;
	}
	error_errno(err, STATUS_OUTPUT, "%s", path);
	free(path);
	return NULL;
}

static bool run(const struct build *build, const struct command_place *places, unsigned n,
	const char *path, struct content *content, struct error *err)
{
	struct command_place all[PLACES_MAX + 1];
	struct command_result result;
	char *quoted = command_quote(path);
	bool ok;

	if (!quoted)
		return error_errno(err, STATUS_HOST, "memory for a command");
	memcpy(all, places, n * sizeof(all[0]));
	all[n] = (struct command_place){"{}", quoted};
	ok = command_run(build->command, all, n + 1, 0, &build->stop, &result, err);
	free(quoted);
	if (ok && result.status)
		return error_set(err, STATUS_IMAGE, "%s: the command ended with status %d: %s",
			build->option, result.status, result.last_line);
	return ok && content_read(content, path, err);
}

bool build_image(const struct build *build, const struct command_place *places, unsigned n,
	struct content *content, struct error *err)
{
	char *path = reserve_name(build, err);
	bool ok;

	if (!path)
		return false;
	ok = run(build, places, n, path, content, err);
	unlink(path);
	free(path);
	return ok;
}
