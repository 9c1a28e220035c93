/* SPDX-License-Identifier: MIT */
/*
 * config.c: the command line.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

bool config_parse(struct config *config, int argc, char **argv, struct error *err)
{
	*config = (struct config){.memory = 128ull << 20, .cpus = 1};
	if (argc != 2)
		return error_set(err, STATUS_USAGE, "usage: vmm IMAGE");
	config->image = argv[1];
	config->command_line = strdup("");
	return true;
}

void config_free(struct config *config)
{
	free(config->command_line);
}
