/* SPDX-License-Identifier: MIT */
/*
 * objects.c: which object files there are, which differ, and linking a choice of them.
 */
#define _GNU_SOURCE /* asprintf() */
#include "objects.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "status.h"

static struct object_file *find(struct objects *objects, const char *name)
{
	for (unsigned i = 0; i < objects->count; i++)
		if (!strcmp(objects->at[i].name, name))
			return &objects->at[i];
	return NULL;
}

static struct object_file *add(struct objects *objects, const char *name, struct error *err)
{
	struct object_file *at = find(objects, name);

	if (at)
		return at;
	at = realloc(objects->at, (objects->count + 1) * sizeof(at[0]));
	if (at)
		objects->at = at;
	if (!at || !(name = strdup(name))) {
		error_errno(err, STATUS_HOST, "memory for names of objects");
		return NULL;
	}
	at = &objects->at[objects->count++];
	*at = (struct object_file){.name = (char *)name, .atom = NO_ATOM};
	return at;
}

static bool add_found(struct objects *objects, const char *name, bool is_bad, struct error *err)
{
	struct object_file *file = add(objects, name, err);

	if (file && is_bad)
		file->in_bad = true;
	else if (file)
		file->in_good = true;
	return file != NULL;
}

static bool ends_in_o(const char *name)
{
	size_t n = strlen(name);

	return n > 2 && !strcmp(name + n - 2, ".o");
}

static bool walk(struct objects *objects, const char *folder, bool is_bad, struct error *err)
{
	char *const roots[] = {(char *)folder, NULL};
	size_t skip = strlen(folder);
	FTS *tree;
	FTSENT *entry;
	struct stat st;
	bool ok = true;

	if (stat(folder, &st))
		return error_errno(err, STATUS_INPUT, "%s", folder);
	if (!S_ISDIR(st.st_mode))
		return error_set(err, STATUS_USAGE,
			"%s: not a folder: --by object compares two "
			"folders of .o files",
			folder);
	tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
	while (ok && tree && (entry = fts_read(tree)))
		if (entry->fts_info == FTS_F && ends_in_o(entry->fts_path)) {
			const char *name = entry->fts_path + skip;

			ok = add_found(objects, name + strspn(name, "/"), is_bad, err);
		}
	if (tree)
		fts_close(tree);
	return ok;
}

static bool exists(const char *folder, const char *name)
{
	char *path;
	bool there;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return false;
	there = !access(path, R_OK);
	free(path);
	return there;
}

static bool add_named(
	struct objects *objects, const char *order, const char *name, struct error *err)
{
	struct object_file *file = add(objects, name, err);

	if (!file)
		return false;
	file->in_good = exists(objects->good, name);
	file->in_bad = exists(objects->bad, name);
	return file->in_good || file->in_bad ||
	       error_set(err, STATUS_INPUT, "%s: %s is neither in %s nor in %s", order, name,
		       objects->good, objects->bad);
}

static bool read_order(struct objects *objects, const char *order, struct error *err)
{
	char *text = content_read_text(order, "a list of objects", err), *save = NULL;
	bool ok = text != NULL;

	for (char *name = ok ? strtok_r(text, "\r\n", &save) : NULL; ok && name;
		name = strtok_r(NULL, "\r\n", &save))
		ok = add_named(objects, order, name, err);
	free(text);
	return ok;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct object_file *)a)->name, ((const struct object_file *)b)->name);
}

static char *path_of(const struct objects *objects, const struct object_file *file, bool bad)
{
	char *path;

	if (asprintf(&path, "%s/%s", bad ? objects->bad : objects->good, file->name) < 0)
		return NULL;
	return path;
}

/* Both versions are mixed into the identity. */
static bool differs(const struct objects *objects, const struct object_file *file,
	struct content_hash *identity)
{
	char *paths[2] = {path_of(objects, file, false), path_of(objects, file, true)};
	struct content content[2] = {0};
	struct error ignored;
	bool same = file->in_good && file->in_bad && paths[0] && paths[1] &&
	            content_read(&content[0], paths[0], &ignored) &&
	            content_read(&content[1], paths[1], &ignored) &&
	            content_equal(&content[0], &content[1]);

	content_hash_add(identity, file->name, strlen(file->name));
	for (unsigned i = 0; i < 2; i++) {
		content_hash_add(identity, content[i].bytes, content[i].size);
		content_free(&content[i]);
		free(paths[i]);
	}
	return !same;
}

static bool number_atoms(struct objects *objects, struct error *err)
{
	objects->of_atom = calloc(objects->count + 1, sizeof(objects->of_atom[0]));
	if (!objects->of_atom)
		return error_errno(err, STATUS_HOST, "memory for objects");
	for (unsigned i = 0; i < objects->count; i++)
		if (differs(objects, &objects->at[i], &objects->space.identity)) {
			objects->at[i].atom = objects->space.atoms;
			objects->of_atom[objects->space.atoms++] = i;
		}
	if (!objects->count)
		return error_set(err, STATUS_INPUT, "%s and %s have no .o files", objects->good,
			objects->bad);
	return objects->space.atoms ||
	       error_set(err, STATUS_IDENTICAL, "no object file of %s and %s differs",
		       objects->good, objects->bad);
}

static bool put_object(
	const struct objects *objects, const struct object_file *file, bool bad, FILE *to)
{
	char *path, *quoted;

	if (bad ? !file->in_bad : !file->in_good)
		return true;
	path = path_of(objects, file, bad);
	quoted = path ? command_quote(path) : NULL;
	if (quoted)
		fprintf(to, "%s ", quoted);
	free(path);
	free(quoted);
	return quoted != NULL;
}

/* The list for the command. NULL when memory is short. */
static char *list_objects(const struct objects *objects, const struct set *set)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	bool ok = to != NULL;

	for (unsigned i = 0; ok && i < objects->count; i++) {
		const struct object_file *file = &objects->at[i];

		ok = put_object(objects, file,
			file->atom != NO_ATOM ? set_holds(set, file->atom) : false, to);
	}
	if (to)
		fclose(to);
	if (ok)
		return text;
	free(text);
	return NULL;
}

static bool compose(const struct space *space, const struct set *set, struct content *content,
	struct error *err)
{
	const struct objects *objects = space->ctx;
	char *list = list_objects(objects, set);
	struct command_place place = {"@objects@", list};
	bool ok;

	if (!list)
		return error_errno(err, STATUS_HOST, "memory for a command");
	ok = build_image(&objects->build, &place, 1, content, err);
	free(list);
	return ok;
}

static const char *name_atom(const struct space *space, unsigned atom)
{
	const struct objects *objects = space->ctx;

	return objects->at[objects->of_atom[atom]].name;
}

bool objects_init(struct objects *objects, const struct build *build, const char *good,
	const char *bad, const char *order, struct error *err)
{
	*objects = (struct objects){.build = *build, .good = good, .bad = bad};
	objects->space = (struct space){.what = "object file",
		.levels = 1,
		.compose = compose,
		.name = name_atom,
		.ctx = objects};
	if (order) {
		if (!read_order(objects, order, err))
			return false;
	} else {
		if (!walk(objects, good, false, err) || !walk(objects, bad, true, err))
			return false;
		if (objects->count)
			qsort(objects->at, objects->count, sizeof(objects->at[0]), by_name);
	}
	return number_atoms(objects, err);
}

void objects_deinit(struct objects *objects)
{
	for (unsigned i = 0; i < objects->count; i++)
		free(objects->at[i].name);
	free(objects->at);
	free(objects->of_atom);
	*objects = (struct objects){0};
}
