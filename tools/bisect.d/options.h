/* SPDX-License-Identifier: MIT */
/*
 * options.h: bisect's command line. What concerns the guest is vmm's own and parsed by it.
 */
#ifndef BISECT_OPTIONS_H
#define BISECT_OPTIONS_H

#include <stdbool.h>

#include "config.h"

enum way {
	WAY_BEST, /* the best that the input allows */
	WAY_PREFIX,
	WAY_BYTES,
	WAY_SYMBOL,
	WAY_OBJECT,
	WAY_FLAGS,
	WAY_LAYOUT,
};

enum options_action { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION };

/* Strings point into argv. */
struct options {
	enum options_action action;
	enum way way;
	const char *good, *bad;   /* images; folders of objects; lists of flags */
	const char *test;         /* --test, or NULL */
	const char *link, *build; /* commands, or NULL */
	const char *order;        /* --objects: a file with the objects' names, or NULL */
	const char *output;       /* the folder for results, or NULL */
	unsigned jobs;
	bool json, quiet, fresh;
	char **guest; /* options of vmm's as they were given: "--memory", "64M", ...; owned */
	unsigned guest_count;
	struct config config; /* of the guest; config.image is NULL, timeout 0 when not given */
};

/* False with STATUS_USAGE and nothing to free. */
bool options_parse(struct options *options, int argc, char **argv, struct error *err);
void options_free(struct options *options);

/* The text of --help; a literal. */
const char *options_help(void);

/* "bytes"; a literal. */
const char *way_name(enum way way);

#endif
