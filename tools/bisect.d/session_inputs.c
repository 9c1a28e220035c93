/* SPDX-License-Identifier: MIT */
/*
 * session_inputs.c: the two images, and what can be exchanged between them.
 */
#define _GNU_SOURCE /* asprintf() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "autopsy/symbols_default.h"
#include "session_parts.h"
#include "status.h"
#include "symbol_diff.h"

static bool read_images(struct session *session, struct error *err)
{
	const struct options *options = session->options;

	if (!content_read(&session->good_image, options->good, err) ||
		!content_read(&session->bad_image, options->bad, err))
		return false;
	if (content_equal(&session->good_image, &session->bad_image))
		return error_set(err, STATUS_IDENTICAL, "%s and %s are identical", options->good,
			options->bad);
	session->good = (struct claim){options->good, &session->good_image};
	session->bad = (struct claim){options->bad, &session->bad_image};
	return true;
}

/* Flat images have their symbols in an ELF file beside them. */
static char *find_symbols(const struct options *options, const char *image, bool elf)
{
	size_t n = strlen(image);
	char *path;

	if (options->config.symbols)
		return strdup(options->config.symbols);
	if (elf || n < 4 || strcmp(image + n - 4, ".bin") != 0)
		return NULL;
	path = strdup(image);
	if (!path)
		return NULL;
	strcpy(path + n - 4, ".elf");
	if (!access(path, R_OK))
		return path;
	free(path);
	return NULL;
}

/* Of the two programs of the diff, whichever way round it goes. */
static bool open_symbols(
	struct session *session, const char *good, const char *bad, struct error *err)
{
	const struct diff *diff = &session->diff;
	const char *base = diff->reversed ? bad : good, *other = diff->reversed ? good : bad;
	char *other_path = find_symbols(session->options, other, diff->elf);

	session->symbols_path = find_symbols(session->options, base, diff->elf);
	session->symbols = symbols_create();
	session->other_symbols = symbols_create();
	if (session->symbols && session->other_symbols) {
		symbols_add_default(session->symbols, base, session->symbols_path);
		symbols_add_default(session->other_symbols, other, other_path);
	}
	free(other_path);
	return (session->symbols && session->other_symbols) ||
	       error_errno(err, STATUS_HOST, "memory for symbols");
}

static bool start_diff(struct session *session, struct error *err)
{
	const struct options *options = session->options;

	session->has_diff = true;
	session->space = &session->diff.space;
	return diff_init(&session->diff, &options->config, options->good, options->bad,
		&session->good_image, &session->bad_image, err);
}

static void note_symbols(struct session *session, const struct symbol_report *report)
{
	if (report->fixed)
		snprintf(session->note, sizeof(session->note),
			"The two are laid out differently; %u symbol%s could not be exchanged: "
			"%s%s.",
			report->fixed, report->fixed == 1 ? "" : "s", report->names,
			report->fixed > 1 ? " (and perhaps others)" : "");
}

static bool make_symbol_diff(struct session *session, struct error *err)
{
	struct symbol_report report;

	diff_deinit(&session->diff);
	if (!diff_make_symbols(&session->diff, &session->options->config, &session->good,
		    &session->bad, &report, err))
		return false;
	note_symbols(session, &report);
	return true;
}

/* By symbol where that is possible, and nobody asked for something else. */
static bool make_best_diff(struct session *session, struct error *err)
{
	session->way = WAY_SYMBOL;
	if (session->diff.elf && make_symbol_diff(session, err))
		return true;
	if (session->diff.elf && err->status == STATUS_IDENTICAL)
		return false;
	session->way = WAY_BYTES;
	diff_deinit(&session->diff);
	return start_diff(session, err) && diff_add_bytes(&session->diff, &session->bad_image, err);
}

static bool make_diff(struct session *session, struct error *err)
{
	bool ok = start_diff(session, err);

	if (ok && session->way == WAY_BEST)
		ok = make_best_diff(session, err);
	else if (ok && session->way == WAY_SYMBOL)
		ok = make_symbol_diff(session, err);
	else if (ok)
		ok = diff_add_bytes(&session->diff, &session->bad_image, err);
	if (!ok || !open_symbols(session, session->options->good, session->options->bad, err))
		return false;
	if (session->way == WAY_SYMBOL)
		return true;
	changes_group(&session->diff, session->symbols);
	session->diff.space.fragile =
		diff_is_shifted(&session->diff, &session->good_image, &session->bad_image);
	if (session->diff.space.fragile)
		snprintf(session->note, sizeof(session->note),
			"The two are laid out differently: a mixture of their bytes may die of "
			"being one, "
			"and not of what is wrong with BAD. --by symbol and --by object exchange "
			"whole "
			"functions.");
	return true;
}

bool session_diff_symbols(struct session *session, const struct claim *good,
	const struct claim *bad, struct error *err)
{
	struct symbol_report report;

	session->has_diff = true;
	if (!diff_make_symbols(
		    &session->diff, &session->options->config, good, bad, &report, err) ||
		!open_symbols(session, good->name, bad->name, err))
		return false;
	note_symbols(session, &report);
	return true;
}

static bool open_diff(struct session *session, struct error *err)
{
	return read_images(session, err) && make_diff(session, err) &&
	       results_open(&session->results, session->diff.elf, err);
}

/* One end of a space that a command makes images of. That this fails is no choice's fault. */
static bool build_end(struct session *session, bool all, struct content *content, struct error *err)
{
	const struct set none = {0};

	if (hunt_compose(session->space, &none, all, content, err))
		return true;
	if (err->status == STATUS_IMAGE || err->status == STATUS_INPUT) {
		struct error why = *err;

		error_set(err, STATUS_COMMAND, "%s: %.900s", all ? "BAD" : "GOOD", why.text);
	}
	return false;
}

static bool open_built(struct session *session, struct error *err)
{
	const struct options *options = session->options;
	bool objects = session->way == WAY_OBJECT;

	if (!results_open(&session->results, true, err))
		return false;
	session->build = (struct build){.option = objects ? "--link" : "--build",
		.command = objects ? options->link : options->build,
		.folder = session->results.absolute,
		.stop = session->build.stop};
	session->space = objects ? &session->objects.space : &session->flags.space;
	if (objects ? !objects_init(&session->objects, &session->build, options->good, options->bad,
			      options->order, err)
		    : !flags_init(
			      &session->flags, &session->build, options->good, options->bad, err))
		return false;
	if (!build_end(session, false, &session->good_image, err) ||
		!build_end(session, true, &session->bad_image, err))
		return false;
	session->good = (struct claim){options->good, &session->good_image};
	session->bad = (struct claim){options->bad, &session->bad_image};
	return !content_equal(&session->good_image, &session->bad_image) ||
	       error_set(err, STATUS_IDENTICAL, "%s and %s give identical images", options->good,
		       options->bad);
}

bool session_open_inputs(struct session *session, struct error *err)
{
	if (session->way == WAY_OBJECT || session->way == WAY_FLAGS)
		return open_built(session, err);
	return open_diff(session, err);
}
