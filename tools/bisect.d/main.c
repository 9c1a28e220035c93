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
	fputs(text, stdout);
	return fflush(stdout) || ferror(stdout) ? (int)STATUS_OUTPUT : (int)STATUS_OK;
}

int main(int argc, char **argv)
{
	struct options options;
	struct error err = {0};
	bool ok;

	terminal_fill_standard_files();
	if (!options_parse(&options, argc, argv, &err))
		return complain(&err);
	if (options.action == OPTIONS_HELP)
		return print(options_help());
	if (options.action == OPTIONS_VERSION)
		return print("bisect " VMM_VERSION "\n");
	ok = session_bisect(&options, &err);
	options_free(&options);
	return ok ? (int)STATUS_OK : complain(&err);
}
