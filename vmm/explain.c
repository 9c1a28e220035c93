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
#include "colour.h"

#define EXPLAIN_MILLISECONDS 10000

/* With --quiet only what comes before the first empty line: the cause and the repair. */
static void print_lines(FILE *to, const char *text, bool quiet)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		if (quiet && n == 0)
			return;
		fprintf(to, n ? "vmm: %.*s\n" : "vmm:\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static struct explainer make_explainer(
	const struct explainer *given, const struct report_file *file)
{
	struct explainer explainer = {.colour = colour_wanted(STDERR_FILENO),
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

void explain_first(const struct evidence *evidence, const struct explain_output *output)
{
	char *dump;

	if (output->file->fd < 0 || !output->file->regular)
		return;
	dump = dump_text(evidence);
	report_file_write_dump(
		output->file, dump, "vmm did not come to explain this.", output->status);
	free(dump);
}

static void write_file(const struct explain_output *output, const struct explanation *explanation,
	const char *dump)
{
	const struct report_file *file = output->file;

	if (file->fd < 0)
		return;
	if (explanation->explained
			? !report_file_write(file, explanation->file)
			: !report_file_write_dump(file, dump, explanation->failure, output->status))
		fprintf(output->words, "vmm: --report %s: it could not be written\n", file->path);
}

bool explain_death(const struct evidence *evidence, const struct explain_output *output,
	const struct explain_writer *writer, const struct explainer *given)
{
	struct explainer explainer = make_explainer(given, output->file);
	struct explanation explanation;
	char *dump = dump_text(evidence);
	bool explained;

	explain_first(evidence, output);
	explainer_run(&explainer, evidence, &explanation);
	sharpen(&explainer, evidence, writer, &explanation);
	explained = explanation.explained;
	/* The file first: whoever reads the words may have had enough of them. */
	write_file(output, &explanation, dump);
	if (explained) {
		print_lines(output->words, explanation.text, output->quiet);
	} else {
		fprintf(output->words, "vmm: no explanation: %s; what was seen:\n",
			explanation.failure);
		print_lines(
			output->words, dump ? dump : "(no memory for the dump)\n", output->quiet);
	}
	explanation_drop(&explanation);
	free(dump);
	return explained;
}
