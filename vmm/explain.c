/* SPDX-License-Identifier: MIT */
/*
 * explain.c: the order of things after a death: raw dump, explanation, second run, report.
 */
#include "explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "autopsy/dump_text.h"

#define EXPLAIN_MILLISECONDS 10000

static bool stderr_has_colour(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && !getenv("NO_COLOR") && term && strcmp(term, "dumb");
}

/* With --quiet only what comes before the first empty line: the cause and the repair. */
static void print_lines(const char *text, bool quiet)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		if (quiet && n == 0)
			return;
		fprintf(stderr, n ? "vmm: %.*s\n" : "vmm:\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static struct explainer make_explainer(
	const struct explainer *given, const struct report_file *file)
{
	struct explainer explainer = {.colour = stderr_has_colour(),
		.milliseconds = EXPLAIN_MILLISECONDS,
		.load = explainer_load};

	if (given)
		explainer = *given;
	explainer.file = file->fd < 0 ? EXPLAINER_NO_FILE
	                 : file->json ? EXPLAINER_JSON
	                              : EXPLAINER_TEXT;
	return explainer;
}

/* The second explanation counts only when it comes about: the first is not bad either. */
static void sharpen(const struct explainer *explainer, const struct evidence *evidence,
	const struct explain_writer *writer, struct explanation *explanation)
{
	struct explanation second;

	if (!explanation->explained || !explanation->wants_writer || !writer || !writer->find ||
		!writer->find(writer->ctx, explanation->gpa, explanation->size))
		return;
	explainer_run(explainer, evidence, &second);
	if (!second.explained) {
		explanation_drop(&second);
		return;
	}
	explanation_drop(explanation);
	*explanation = second;
}

static void warn_unwritten(const struct config *config, bool written)
{
	if (!written)
		fprintf(stderr, "vmm: --report %s: it could not be written\n",
			config->report ? config->report : "");
}

void explain_first(const struct evidence *evidence, int status, const struct report_file *file)
{
	char *dump;

	if (file->fd < 0 || !file->regular)
		return;
	dump = dump_text(evidence);
	report_file_write_dump(file, dump, "vmm did not come to explain this.", status);
	free(dump);
}

bool explain_death(const struct evidence *evidence, const struct config *config, int status,
	const struct report_file *file, const struct explain_writer *writer,
	const struct explainer *given)
{
	struct explainer explainer = make_explainer(given, file);
	struct explanation explanation;
	char *dump = dump_text(evidence);
	bool written = true, explained;

	explain_first(evidence, status, file);
	explainer_run(&explainer, evidence, &explanation);
	sharpen(&explainer, evidence, writer, &explanation);
	explained = explanation.explained;
	/* The file first: whoever reads stderr may have had enough of it. */
	if (file->fd >= 0)
		written = explained
		                  ? report_file_write(file, explanation.file)
		                  : report_file_write_dump(file, dump, explanation.failure, status);
	warn_unwritten(config, written);
	if (explained) {
		print_lines(explanation.text, config->quiet);
	} else {
		fprintf(stderr, "vmm: no explanation: %s; what was seen:\n", explanation.failure);
		print_lines(dump ? dump : "(no memory for the dump)\n", config->quiet);
	}
	explanation_drop(&explanation);
	free(dump);
	return explained;
}
