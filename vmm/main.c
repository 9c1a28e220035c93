/* SPDX-License-Identifier: MIT */
/*
 * main.c: from the command line to an exit status.
 */
#include <stdio.h>

#include "config.h"
#include "crowd.h"
#include "host.h"
#include "image.h"
#include "map.h"
#include "session.h"
#include "terminal.h"

static int complain(const struct error *err)
{
	fprintf(stderr, "vmm: %s\n", err->text);
	return err->status;
}

/* What was printed counts only once it has been written. */
static int finish_output(struct error *err)
{
	if (!fflush(stdout) && !ferror(stdout))
		return STATUS_OK;
	error_errno(err, STATUS_HOST, "stdout");
	return complain(err);
}

static int print(const char *text, struct error *err)
{
	fputs(text, stdout);
	return finish_output(err);
}

static int run_guest(const struct config *config, struct error *err)
{
	bool several = config->image_count > 1;
	int status;

	return (several ? crowd_run : session_run)(config, &status, err) ? status : complain(err);
}

static int explain_core(const struct config *config, struct error *err)
{
	int status;

	return session_explain(config, &status, err) ? status : complain(err);
}

static int print_map(const struct config *config, struct error *err)
{
	struct image image;
	bool ok = image_open(&image, config, err);

	if (!ok)
		return complain(err);
	ok = map_print(config, &image, err);
	image_close(&image);
	return ok ? finish_output(err) : complain(err);
}

static int print_host(struct error *err)
{
	return host_print(err) ? finish_output(err) : complain(err);
}

static int act(const struct config *config, struct error *err)
{
	switch (config->action) {
	case CONFIG_HELP:
		return print(config_help(), err);
	case CONFIG_VERSION:
		return print("vmm " VMM_VERSION "\n", err);
	case CONFIG_MAP:
		return print_map(config, err);
	case CONFIG_HOST:
		return print_host(err);
	case CONFIG_AUTOPSY:
		return explain_core(config, err);
	default:
		return run_guest(config, err);
	}
}

int main(int argc, char **argv)
{
	struct config config;
	struct error err = {0};
	int status;

	terminal_fill_standard_files();
	if (!config_parse(&config, argc, argv, &err))
		return complain(&err);
	status = act(&config, &err);
	config_free(&config);
	return status;
}
