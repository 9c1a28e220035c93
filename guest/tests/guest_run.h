/* SPDX-License-Identifier: MIT */
/*
 * guest_run.h: runs one test image in a virtual machine of its own, through the vmm program.
 */
#ifndef GUEST_RUN_H
#define GUEST_RUN_H

#include <limits.h>

#include "catalogue.h"

/* Enough for a message of Check, which gives up on 8 KiB; all of it is in the files. */
#define RUN_OUTPUT_MAX 3000

/* Where everything is: $(BUILD), found from the running program, $(BUILD)/tests/test_guests. */
struct build {
	char root[PATH_MAX / 4];
};

struct guest_run {
	int status; /* vmm's; 128 + N when signal N killed it; -1: it could not be started */
	char elf[PATH_MAX];              /* of the image, with its symbols */
	char report[PATH_MAX];           /* vmm's report, JSON */
	char console[RUN_OUTPUT_MAX];    /* the guest's output, cut */
	char complaints[RUN_OUTPUT_MAX]; /* vmm's own, cut */
};

/* False when the program does not lie in a build directory. */
bool build_find(struct build *build);

/* Path of a file below $(BUILD)/guest/tests, in a buffer of PATH_MAX bytes. */
void build_path(const struct build *build, char *path, const char *name);

/* Runs $(BUILD)/guest/tests/FOLDER/NAME as the expectation says; what vmm wrote stays in
 * $(BUILD)/guest/tests/runs. */
void guest_run(struct guest_run *run, const struct build *build, const char *folder,
	const struct expectation *expectation);

/* NULL, or why this host cannot run the guest. */
const char *host_lacks(const struct expectation *expectation);

#endif
