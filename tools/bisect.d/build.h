/* SPDX-License-Identifier: MIT */
/*
 * build.h: images that a command of the user makes.
 */
#ifndef BISECT_BUILD_H
#define BISECT_BUILD_H

#include "command.h"
#include "content.h"

struct build {
	const char *option;  /* "--link", for messages */
	const char *command; /* with {} for the image */
	const char *folder;  /* for the image while it is made */
	struct command_stop stop;
};

/*
 * Runs the command with the given places (at most 3) and {} filled in, and reads what it made.
 * STATUS_IMAGE when it fails or makes nothing: that is the choice's fault; STATUS_COMMAND when it
 * cannot be run.
 */
bool build_image(const struct build *build, const struct command_place *places, unsigned n,
	struct content *content, struct error *err);

#endif
