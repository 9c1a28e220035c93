/* SPDX-License-Identifier: MIT */
/*
 * results.c: writing the folder of results.
 */
#define _GNU_SOURCE /* asprintf() */
#include "results.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results_show.h"
#include "status.h"

#define AUTOPSY_SECONDS 120.0 /* runs of the guest and the explanation together, at most */
#define AUTOPSY_TRIES   10    /* until the image that wavers has died in one */

static char *path_of(const char *folder, const char *name, const char *ending)
{
	char *path;

	return folder && asprintf(&path, "%s/%s%s", folder, name, ending) >= 0 ? path : NULL;
}

/* BAD may be a folder, given with slashes at its end. */
static char *choose_folder(const struct options *options)
{
	const char *bad = options->bad;
	size_t n = bad ? strlen(bad) : 0;
	char *folder;

	if (options->output)
		return strdup(options->output);
	while (n > 1 && bad[n - 1] == '/')
		n--;
	if (!n || bad[n - 1] == '/' || bad[n - 1] == '.' || options->way == WAY_FLAGS)
		return strdup("bisect-out");
	return asprintf(&folder, "%.*s.bisect", (int)n, bad) < 0 ? NULL : folder;
}

static bool refuse_folder(const struct results *results, struct error *err)
{
	return error_set(err, STATUS_OUTPUT, "%s: %s: give another folder with --output",
		results->folder, strerror(errno));
}

/* Two runs in one folder would try each other's images. */
static bool lock_folder(struct results *results, struct error *err)
{
	results->lock = open(results->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (results->lock < 0)
		return refuse_folder(results, err);
	results->is_locked = true;
	if (!flock(results->lock, LOCK_EX | LOCK_NB))
		return true;
	return error_set(err, STATUS_OUTPUT,
		"%s: another bisect is at work there: give this one a folder of its own with "
		"--output",
		results->folder);
}

/* What a run leaves, and what one that was killed may have left. The verdicts stay. */
static bool is_ours(const char *name)
{
	static const char *const kept[] = {"smallest-failing.elf", "smallest-failing.bin",
		"largest-living.elf", "largest-living.bin", "good.elf", "show", "autopsy.txt",
		"autopsy.json"};

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (!strcmp(name, kept[i]))
			return true;
	return !strncmp(name, RESULTS_TEMPORARY, strlen(RESULTS_TEMPORARY));
}

/* Whether it is one of the files that this run is to read. */
static bool is_input(const struct results *results, const char *name, const struct options *options)
{
	const char *const inputs[] = {options->good, options->bad, options->order,
		options->config.initrd, options->config.symbols};
	struct stat file, input;
	bool is = false;

	if (fstatat(results->lock, name, &file, 0))
		return false;
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++)
		is |= inputs[i] && !stat(inputs[i], &input) && input.st_dev == file.st_dev &&
		      input.st_ino == file.st_ino;
	return is;
}

/* An older answer beside a run that found none would be taken for its own. Without verdicts the
 * folder is not one of bisect's. */
static bool clear_folder(
	const struct results *results, const struct options *options, struct error *err)
{
	DIR *folder = opendir(results->folder);
	bool was_used = !faccessat(results->lock, "verdicts", F_OK, 0), ok = true;
	const struct dirent *entry;

	while (ok && folder && (entry = readdir(folder))) {
		if (!is_ours(entry->d_name))
			continue;
		if (is_input(results, entry->d_name, options))
			ok = error_set(err, STATUS_USAGE,
				"%s/%s is an input, and lies where a result would go: give another "
				"folder with --output",
				results->folder, entry->d_name);
		else if (was_used && unlinkat(results->lock, entry->d_name, 0) && errno != ENOENT)
			ok = refuse_folder(results, err);
	}
	if (folder)
		closedir(folder);
	return ok;
}

bool results_begin(struct results *results, const struct options *options, struct error *err)
{
	struct stat st;

	*results = (struct results){.folder = choose_folder(options)};
	if (!results->folder)
		return error_errno(err, STATUS_HOST, "memory for names of files");
	if (stat(results->folder, &st) && errno == ENOENT)
		return true;
	return lock_folder(results, err) && clear_folder(results, options, err);
}

bool results_open(struct results *results, bool elf, struct error *err)
{
	const char *ending = elf ? ".elf" : ".bin";

	results->smallest = path_of(results->folder, "smallest-failing", ending);
	results->largest = path_of(results->folder, "largest-living", ending);
	results->show = path_of(results->folder, "show", "");
	results->text = path_of(results->folder, "autopsy", ".txt");
	results->json = path_of(results->folder, "autopsy", ".json");
	if (!results->json || !results->text || !results->show)
		return error_errno(err, STATUS_HOST, "memory for names of files");
	if (!results->is_locked) {
		if (mkdir(results->folder, 0777) && errno != EEXIST)
			return refuse_folder(results, err);
		if (!lock_folder(results, err))
			return false;
	}
	results->absolute = realpath(results->folder, NULL);
	return results->absolute || refuse_folder(results, err);
}

void results_free(struct results *results)
{
	if (results->is_locked)
		close(results->lock);
	free(results->absolute);
	free(results->folder);
	free(results->smallest);
	free(results->largest);
	free(results->show);
	free(results->text);
	free(results->json);
	*results = (struct results){0};
}

/* An image that dies in some tries only may have lived in this one. */
static bool tells_death(const char *report)
{
	char *text = NULL;
	size_t size = 0;
	FILE *from = fopen(report, "r");
	bool tells = from && getdelim(&text, &size, '\0', from) > 0 &&
	             !strstr(text, "No guest died") && !strstr(text, "\"death\": \"none\"");

	free(text);
	if (from)
		fclose(from);
	return tells;
}

/* One run of vmm with a report; whatever goes wrong costs the autopsy only. */
static bool explain_once(const struct results *results, const struct show *show, const char *report,
	const struct command_stop *stop)
{
	struct command_result result;
	struct error ignored;
	char *line = show_report_line(show, results->smallest, report);
	bool ok = line && command_run(line, NULL, 0, AUTOPSY_SECONDS, stop, &result, &ignored) &&
	          !result.timeout;

	free(line);
	return ok && tells_death(report);
}

static bool explain_to(const struct results *results, const struct show *show, const char *report,
	const struct command_stop *stop)
{
	for (unsigned i = 0; i < AUTOPSY_TRIES && !stop->asked(stop->ctx); i++)
		if (explain_once(results, show, report, stop))
			return true;
	return false;
}

bool results_write(struct results *results, const struct options *options,
	const struct content *smallest, const struct content *largest, const char *symbols,
	double timeout, const struct command_stop *stop, struct error *err)
{
	struct show show = {.options = options,
		.folder = results->absolute,
		.smallest = results->smallest,
		.largest = largest ? results->largest : NULL,
		.symbols = symbols,
		.timeout = timeout};
	bool ok = content_write(smallest, results->smallest, 0644, err) &&
	          (!largest || content_write(largest, results->largest, 0644, err)) &&
	          show_write(&show, results->show, err);

	results->is_kept = ok;
	results->has_largest = ok && largest;
	results->has_autopsy = ok && !options->test &&
	                       explain_to(results, &show, results->text, stop) &&
	                       explain_to(results, &show, results->json, stop);
	return ok;
}
