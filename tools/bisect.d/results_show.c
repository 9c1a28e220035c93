/* SPDX-License-Identifier: MIT */
/*
 * results_show.c: options as they were given, with paths that are good from any folder.
 */
#define _GNU_SOURCE /* asprintf() */
#include "results_show.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "content.h"
#include "status.h"

static void put_quoted(FILE *to, const char *text)
{
	char *quoted = command_quote(text);

	fputs(quoted ? quoted : "''", to);
	free(quoted);
}

static void put_option(FILE *to, const char *option, const char *value)
{
	fprintf(to, " %s ", option);
	put_quoted(to, value);
}

static void put_path(FILE *to, const char *option, const char *path)
{
	char *real = realpath(path, NULL);

	put_option(to, option, real ? real : path);
	free(real);
}

/* The vmm that was built or installed together with this program. */
static void put_vmm(FILE *to)
{
	char self[PATH_MAX], path[PATH_MAX + 8] = "vmm";
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n > 0) {
		self[n] = '\0';
		snprintf(path, sizeof(path), "%s/vmm", dirname(self));
	}
	put_quoted(to, path);
}

static void put_guest_options(FILE *to, const struct show *show)
{
	const struct options *options = show->options;

	for (unsigned i = 0; i < options->guest_count; i += 2) {
		const char *option = options->guest[i], *value = options->guest[i + 1];

		if (!strcmp(option, "--initrd"))
			put_path(to, option, value);
		else if (strcmp(option, "--symbols") != 0 && strcmp(option, "--timeout") != 0)
			put_option(to, option, value);
	}
	if (show->symbols)
		put_path(to, "--symbols", show->symbols);
	if (show->timeout > 0)
		fprintf(to, " --timeout %g", show->timeout);
}

static void put_command_line(FILE *to, const struct show *show)
{
	if (show->options->config.command_line[0])
		put_option(to, "--", show->options->config.command_line);
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void put_run(FILE *to, const struct show *show, const char *image)
{
	put_vmm(to);
	put_guest_options(to, show);
	fprintf(to, " \"$here\"/%s", base_of(image));
	put_command_line(to, show);
	fprintf(to, " </dev/null\n");
}

/* The user's command may name files of the folder that bisect was started in, and gets the image as
 * it got those of the tries. */
static void put_test(FILE *to, const struct show *show, const char *image)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", show->folder, base_of(image)) < 0)
		return;
	for (const char *at = show->options->test; *at; at++) {
		if (strncmp(at, "{}", 2) != 0) {
			fputc(*at, to);
			continue;
		}
		put_quoted(to, path);
		at++;
	}
	fputc('\n', to);
	free(path);
}

static void put_image(FILE *to, const struct show *show, const char *title, const char *image)
{
	fprintf(to, "echo '== the %s image: %s'\n", title, base_of(image));
	if (show->options->test)
		put_test(to, show, image);
	else
		put_run(to, show, image);
	fprintf(to, "echo \"status $?\"\n");
}

static void put_script(FILE *to, const struct show *show)
{
	char here[PATH_MAX];

	fprintf(to, "#!/bin/sh\n# Runs what bisect has found.\n");
	if (!show->options->test) {
		fprintf(to, "here=$(dirname -- \"$0\")\n");
	} else if (getcwd(here, sizeof(here))) {
		fprintf(to, "cd ");
		put_quoted(to, here);
		fprintf(to, " || exit\n");
	}
	put_image(to, show, "smallest failing", show->smallest);
	if (show->largest)
		put_image(to, show, "largest living", show->largest);
}

bool show_write(const struct show *show, const char *path, struct error *err)
{
	struct content script = {0};
	char *text = NULL;
	FILE *to = open_memstream(&text, &script.size);
	bool ok;

	if (!to)
		return error_errno(err, STATUS_HOST, "memory for a script");
	put_script(to, show);
	fclose(to);
	script.bytes = (uint8_t *)text;
	ok = content_write(&script, path, 0755, err);
	free(text);
	return ok && (!chmod(path, 0755) || error_errno(err, STATUS_OUTPUT, "%s", path));
}

char *show_report_line(const struct show *show, const char *image, const char *report)
{
	char *line = NULL;
	size_t size;
	FILE *to = open_memstream(&line, &size);

	if (!to)
		return NULL;
	put_vmm(to);
	put_guest_options(to, show);
	put_option(to, "--report", report);
	put_option(to, "", image);
	put_command_line(to, show);
	fclose(to);
	return line;
}
