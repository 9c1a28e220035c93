/* SPDX-License-Identifier: MIT */
/*
 * results.c: writing the folder of results.
 */
#define _GNU_SOURCE /* asprintf() */
#include "results.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "status.h"

#define AUTOPSY_SECONDS 120.0 /* runs of the guest and the explanation together, at most */
#define AUTOPSY_TRIES   10    /* until the image that wavers has died in one */

static char *path_of(const char *folder, const char *name, const char *ending)
{
	char *path;

	return folder && asprintf(&path, "%s/%s%s", folder, name, ending) >= 0 ? path : NULL;
}

static char *choose_folder(const struct options *options)
{
	char *folder;

	if (options->output)
		return strdup(options->output);
	if (options->way == WAY_FLAGS || options->way == WAY_LAYOUT)
		return strdup("bisect-out");
	if (asprintf(&folder, "%s.bisect", options->bad) < 0)
		return NULL;
	/* BAD may be a folder, given with a slash at its end. */
	if (strstr(folder, "/.bisect"))
		strcpy(strstr(folder, "/.bisect"), ".bisect");
	return folder;
}

/* Two runs in one folder would try each other's images. */
static bool lock_folder(struct results *results, struct error *err)
{
	results->lock = open(results->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (results->lock < 0)
		return error_errno(err, STATUS_OUTPUT, "%s", results->folder);
	results->is_locked = true;
	if (!flock(results->lock, LOCK_EX | LOCK_NB))
		return true;
	return error_set(err, STATUS_OUTPUT,
		"%s: another bisect is at work there: give this one a folder of its own with "
		"--output",
		results->folder);
}

bool results_open(
	struct results *results, const struct options *options, bool elf, struct error *err)
{
	const char *ending = elf ? ".elf" : ".bin";

	*results = (struct results){.folder = choose_folder(options)};
	results->smallest = path_of(results->folder, "smallest-failing", ending);
	results->largest = path_of(results->folder, "largest-living", ending);
	results->show = path_of(results->folder, "show", "");
	results->text = path_of(results->folder, "autopsy", ".txt");
	results->json = path_of(results->folder, "autopsy", ".json");
	if (!results->json || !results->text || !results->show)
		return error_errno(err, STATUS_HOST, "memory for names of files");
	if (mkdir(results->folder, 0777) && errno != EEXIST)
		return error_errno(err, STATUS_OUTPUT, "%s", results->folder);
	results->absolute = realpath(results->folder, NULL);
	if (!results->absolute)
		return error_errno(err, STATUS_OUTPUT, "%s", results->folder);
	return lock_folder(results, err);
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

static void put_quoted(FILE *to, const char *option, const char *value)
{
	char *quoted = command_quote(value);

	fprintf(to, " %s %s", option, quoted ? quoted : "''");
	free(quoted);
}

/* Scripts run anywhere. */
static void put_path(FILE *to, const char *option, const char *path)
{
	char *real = realpath(path, NULL);

	put_quoted(to, option, real ? real : path);
	free(real);
}

static void put_address(FILE *to, const char *option, bool has, uint64_t value)
{
	if (has)
		fprintf(to, " %s 0x%" PRIx64, option, value);
}

static void put_guest_options(
	FILE *to, const struct config *config, const char *symbols, double timeout)
{
	static const char *const modes[] = {
		[VMM_MODE_REAL] = "real",
		[VMM_MODE_PM32] = "pm32",
		[VMM_MODE_PSE32] = "pse32",
		[VMM_MODE_LONG64] = "long64",
	};

	fprintf(to, " -m %" PRIu64 " -c %u", config->memory, config->cpus);
	if (config->initrd)
		put_path(to, "-i", config->initrd);
	if (config->mode)
		fprintf(to, " --mode %s", modes[config->mode]);
	put_address(to, "--load", config->has_load, config->load);
	put_address(to, "--entry", config->has_entry, config->entry);
	put_address(to, "--virt", config->has_virt, config->virt);
	if (symbols)
		put_path(to, "-s", symbols);
	if (config->expect)
		put_quoted(to, "--expect", config->expect);
	if (timeout > 0)
		fprintf(to, " -t %g", timeout);
}

static void put_command_line(FILE *to, const struct config *config)
{
	if (config->command_line[0])
		put_quoted(to, "--", config->command_line);
}

/* The vmm that was built or installed together with this program. */
static char *find_vmm(void)
{
	char self[PATH_MAX], *path;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return strdup("vmm");
	self[n] = '\0';
	if (asprintf(&path, "%s/vmm", dirname(self)) < 0)
		return NULL;
	return path;
}

static void put_run(FILE *to, const struct options *options, const char *vmm, const char *image,
	const char *symbols, double timeout)
{
	char *quoted = command_quote(vmm);

	fprintf(to, "%s", quoted ? quoted : "vmm");
	free(quoted);
	put_guest_options(to, &options->config, symbols, timeout);
	fprintf(to, " \"$here\"/%s", image);
	put_command_line(to, &options->config);
	fprintf(to, " </dev/null\necho \"status $?\"\n");
}

static void put_test(FILE *to, const struct options *options, const char *image)
{
	for (const char *at = options->test; *at; at++) {
		if (!strncmp(at, "{}", 2)) {
			fprintf(to, "\"$here\"/%s", image);
			at++;
		} else {
			fputc(*at, to);
		}
	}
	fprintf(to, "\necho \"status $?\"\n");
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void put_script(FILE *to, const struct results *results, const struct options *options,
	const char *vmm, const char *symbols, double timeout)
{
	const char *const images[2] = {base_of(results->smallest),
		results->has_largest ? base_of(results->largest) : NULL};
	static const char *const titles[2] = {
		"the smallest failing image", "the largest living image"};

	fprintf(to, "#!/bin/sh\n# Runs what bisect has found.\nhere=$(dirname \"$0\")\n");
	for (unsigned i = 0; i < 2; i++) {
		if (!images[i])
			continue;
		fprintf(to, "echo '== %s: %s'\n", titles[i], images[i]);
		if (options->test)
			put_test(to, options, images[i]);
		else
			put_run(to, options, vmm, images[i], symbols, timeout);
	}
}

static bool write_script(const struct results *results, const struct options *options,
	const char *vmm, const char *symbols, double timeout, struct error *err)
{
	struct content script = {0};
	char *text = NULL;
	FILE *to = open_memstream(&text, &script.size);
	bool ok;

	if (!to || !vmm)
		return error_errno(err, STATUS_HOST, "memory for a script");
	put_script(to, results, options, vmm, symbols, timeout);
	fclose(to);
	script.bytes = (uint8_t *)text;
	ok = content_write(&script, results->show, 0755, err);
	free(text);
	return ok && (!chmod(results->show, 0755) ||
			     error_errno(err, STATUS_OUTPUT, "%s", results->show));
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
static bool explain_once(const struct results *results, const struct options *options,
	const char *vmm, const char *report, const char *symbols, double timeout)
{
	struct command_result result;
	struct error ignored;
	char *line = NULL;
	size_t size;
	FILE *to = open_memstream(&line, &size);
	bool ok;

	if (!to)
		return false;
	put_quoted(to, "", vmm);
	put_guest_options(to, &options->config, symbols, timeout);
	put_quoted(to, "--report", report);
	put_quoted(to, "", results->smallest);
	put_command_line(to, &options->config);
	fclose(to);
	ok = command_run(line, NULL, 0, AUTOPSY_SECONDS, NULL, &result, &ignored) &&
	     !result.timeout;
	free(line);
	return ok && tells_death(report);
}

static bool explain_to(const struct results *results, const struct options *options,
	const char *vmm, const char *report, const char *symbols, double timeout)
{
	for (unsigned i = 0; i < AUTOPSY_TRIES; i++)
		if (explain_once(results, options, vmm, report, symbols, timeout))
			return true;
	return false;
}

bool results_write(struct results *results, const struct options *options,
	const struct content *smallest, const struct content *largest, const char *symbols,
	double timeout, struct error *err)
{
	char *vmm = find_vmm();
	bool ok = content_write(smallest, results->smallest, 0644, err);

	results->has_largest = ok && largest;
	if (ok && largest)
		ok = content_write(largest, results->largest, 0644, err);
	ok = ok && write_script(results, options, vmm, symbols, timeout, err);
	if (ok && !options->test)
		results->has_autopsy =
			explain_to(results, options, vmm, results->text, symbols, timeout) &&
			explain_to(results, options, vmm, results->json, symbols, timeout);
	free(vmm);
	return ok;
}
