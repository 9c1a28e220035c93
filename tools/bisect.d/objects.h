/* SPDX-License-Identifier: MIT */
/*
 * objects.h: the space of two builds' object files.
 */
#ifndef BISECT_OBJECTS_H
#define BISECT_OBJECTS_H

#include "build.h"
#include "space.h"

struct object_file {
	char *name; /* within the folders */
	bool in_good, in_bad;
	unsigned atom; /* or NO_ATOM: alike in both */
};

#define NO_ATOM (~0u)

struct objects {
	struct build build;
	const char *good, *bad; /* folders */
	struct object_file *at; /* in the order of linking */
	unsigned count;
	unsigned *of_atom; /* which object an atom is */
	struct space space;
};

/*
 * Finds the .o files of both folders; order: a file that names them, one a line, or NULL for all of
 * them by name. STATUS_INPUT when a folder or file cannot be read, STATUS_IDENTICAL when no object
 * differs.
 */
bool objects_init(struct objects *objects, const struct build *build, const char *good,
	const char *bad, const char *order, struct error *err);
void objects_deinit(struct objects *objects);

#endif
