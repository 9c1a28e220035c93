/* SPDX-License-Identifier: MIT */
/*
 * main.c: from the command line to an exit status.
 */
#include <stdio.h>

#include "autopsy/version.h"
#include "options.h"
#include "session.h"
#include "status.h"
#include "terminal.h"

static int complain(const struct error *err)
{
	fprintf(stderr, "bisect: %s%s\n", err->text,
		err->status == STATUS_INTERRUPTED ? "; the same command goes on from here" : "");
	return (int)err->status;
}

static int print(const char *text)
{
	struct error err;

	fputs(text, stdout);
	if (!fflush(stdout) && !ferror(stdout))
		return (int)STATUS_OK;
	error_errno(&err, STATUS_OUTPUT, "stdout");
	return complain(&err);
}

int main(int argc, char **argv)
{
	struct options options;
	struct error err = {0};
	int status;

	terminal_fill_standard_files();
	if (!options_parse(&options, argc, argv, &err))
		return complain(&err);
	if (options.action == OPTIONS_HELP)
		status = print(options_help());
	else if (options.action == OPTIONS_VERSION)
		status = print("bisect " VMM_VERSION "\n");
	else
		status = session_bisect(&options, &err) ? (int)STATUS_OK : complain(&err);
	options_free(&options);
	return status;
}
