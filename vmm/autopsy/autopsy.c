/* SPDX-License-Identifier: MIT */
/*
 * autopsy.c: the table that libautopsy.so exports: evidence in, verdict and report out.
 */
#include "autopsy.h"

#include <stdlib.h>

#include "report_json.h"
#include "report_text.h"
#include "symbols_default.h"
#include "verdict.h"
#include "write_text.h"

struct autopsy {
	struct symbols *symbols;
	struct findings findings;
	struct verdict verdict;
};

static void drop(struct autopsy *autopsy)
{
	if (!autopsy)
		return;
	symbols_destroy(autopsy->symbols);
	free(autopsy);
}

static struct autopsy *explain(const struct evidence *evidence)
{
	struct autopsy *autopsy = calloc(1, sizeof(*autopsy));

	if (!autopsy)
		return NULL;
	autopsy->symbols = symbols_create();
	if (!autopsy->symbols) {
		drop(autopsy);
		return NULL;
	}
	symbols_add_default(autopsy->symbols, evidence->image, evidence->symbols);
	findings_make(&autopsy->findings, evidence, autopsy->symbols);
	verdict_make(&autopsy->verdict, &autopsy->findings);
	return autopsy;
}

static bool wants_writer(const struct autopsy *autopsy, uint64_t *gpa, uint64_t *size)
{
	*gpa = autopsy->verdict.writer_gpa;
	*size = autopsy->verdict.writer_size;
	return autopsy->verdict.wants_writer;
}

static const char *id(const struct autopsy *autopsy)
{
	return autopsy->verdict.id;
}

static char *text(const struct autopsy *autopsy, bool colour)
{
	return report_text(&autopsy->findings, &autopsy->verdict, colour);
}

static char *json(const struct autopsy *autopsy)
{
	return report_json(&autopsy->findings, &autopsy->verdict);
}

const struct autopsy_api autopsy_api = {
	.explain = explain,
	.drop = drop,
	.wants_writer = wants_writer,
	.id = id,
	.text = text,
	.json = json,
	.names_open = write_names_open,
	.names_close = write_names_close,
	.names_find = write_names_find,
	.names_write = write_names_text,
};
