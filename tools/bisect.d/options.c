/* SPDX-License-Identifier: MIT */
/*
 * options.c: reads the command line; options of vmm are gathered and given to config_parse().
 */
#include "options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define JOBS_MAX 64

enum {
	OPTION_BY = 256,
	OPTION_GOOD,
	OPTION_BAD,
	OPTION_TEST,
	OPTION_LINK,
	OPTION_BUILD,
	OPTION_OBJECTS,
	OPTION_JSON,
	OPTION_FRESH,
	OPTION_VERSION,
	OPTION_VMM, /* one of vmm's */
	OPTION_WORD = 1,
};

static const char letters[] = "-:j:o:qhm:c:i:s:t:";

/* An option of vmm's: the name has its dashes before it, for config_parse(). */
#define GUEST(name) &("--" name)[2]

static const struct option long_options[] = {
	{"by", required_argument, NULL, OPTION_BY},
	{"good", required_argument, NULL, OPTION_GOOD},
	{"bad", required_argument, NULL, OPTION_BAD},
	{"test", required_argument, NULL, OPTION_TEST},
	{"link", required_argument, NULL, OPTION_LINK},
	{"build", required_argument, NULL, OPTION_BUILD},
	{"objects", required_argument, NULL, OPTION_OBJECTS},
	{"jobs", required_argument, NULL, 'j'},
	{"output", required_argument, NULL, 'o'},
	{"json", no_argument, NULL, OPTION_JSON},
	{"fresh", no_argument, NULL, OPTION_FRESH},
	{"quiet", no_argument, NULL, 'q'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, OPTION_VERSION},
	{GUEST("memory"), required_argument, NULL, 'm'},
	{GUEST("cpus"), required_argument, NULL, 'c'},
	{GUEST("initrd"), required_argument, NULL, 'i'},
	{GUEST("symbols"), required_argument, NULL, 's'},
	{GUEST("timeout"), required_argument, NULL, 't'},
	{GUEST("mode"), required_argument, NULL, OPTION_VMM},
	{GUEST("load"), required_argument, NULL, OPTION_VMM},
	{GUEST("entry"), required_argument, NULL, OPTION_VMM},
	{GUEST("virt"), required_argument, NULL, OPTION_VMM},
	{GUEST("expect"), required_argument, NULL, OPTION_VMM},
	{0},
};

static const char *const ways[] = {
	[WAY_BEST] = "best",
	[WAY_PREFIX] = "prefix",
	[WAY_BYTES] = "bytes",
	[WAY_SYMBOL] = "symbol",
	[WAY_OBJECT] = "object",
	[WAY_FLAGS] = "flags",
	[WAY_LAYOUT] = "layout",
};

const char *way_name(enum way way)
{
	return ways[way];
}

static bool expected(struct error *err, const char *option, const char *value, const char *what)
{
	return error_set(err, STATUS_USAGE, "%s %.120s: expected %s", option, value, what);
}

static bool parse_way(struct options *options, const char *text, struct error *err)
{
	for (unsigned i = WAY_BEST; i <= WAY_LAYOUT; i++)
		if (!strcmp(text, ways[i])) {
			options->way = (enum way)i;
			return true;
		}
	return expected(err, "--by", text, "prefix, bytes, symbol, object, flags, layout or best");
}

static bool parse_jobs(struct options *options, const char *text, struct error *err)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)text[0]) || *end || n < 1 || n > JOBS_MAX)
		return expected(err, "-j", text, "a number from 1 to 64");
	options->jobs = (unsigned)n;
	return true;
}

static bool parse_word(struct options *options, const char *word, struct error *err)
{
	if (!options->good)
		options->good = word;
	else if (!options->bad)
		options->bad = word;
	else
		return error_set(err, STATUS_USAGE,
			"%.120s: a third one, beside GOOD %.120s and BAD %.120s", word,
			options->good, options->bad);
	return true;
}

/* A command without its place would try the same thing for ever. */
static bool command_ok(const char *option, const char *command, const char *word, struct error *err)
{
	return strstr(command, word) ||
	       error_set(err, STATUS_USAGE, "%s %.200s: expected %s in it", option, command, word);
}

static bool bad_option(int code, char **argv, struct error *err)
{
	const char *word = argv[optind - 1];

	if (code == ':')
		return error_set(
			err, STATUS_USAGE, "%.120s: expected a value after it (see --help)", word);
	if (!strncmp(word, "--", 2) || !isprint(optopt))
		return error_set(err, STATUS_USAGE, "%.120s: unknown option (see --help)", word);
	return error_set(err, STATUS_USAGE, "-%c: unknown option (see --help)", optopt);
}

/* An option of vmm's goes on by its long name. */
static void pass_on(struct options *options, const struct option *option, char *value)
{
	options->guest[options->guest_count++] = (char *)option->name - 2;
	options->guest[options->guest_count++] = value;
}

static const struct option *option_of(int code, int index)
{
	for (const struct option *option = long_options; option->name; option++)
		if (code != OPTION_VMM && option->val == code)
			return option;
	return &long_options[index];
}

static bool parse_option(
	struct options *options, int code, int index, char **argv, struct error *err)
{
	switch (code) {
	case OPTION_WORD:
		return parse_word(options, optarg, err);
	case OPTION_BY:
		return parse_way(options, optarg, err);
	case OPTION_GOOD:
		options->good = optarg;
		return true;
	case OPTION_BAD:
		options->bad = optarg;
		return true;
	case OPTION_TEST:
		options->test = optarg;
		return command_ok("--test", optarg, "{}", err);
	case OPTION_LINK:
		options->link = optarg;
		return command_ok("--link", optarg, "{}", err) &&
		       command_ok("--link", optarg, "@objects@", err);
	case OPTION_BUILD:
		options->build = optarg;
		return command_ok("--build", optarg, "{}", err);
	case OPTION_OBJECTS:
		options->order = optarg;
		return true;
	case 'j':
		return parse_jobs(options, optarg, err);
	case 'o':
		options->output = optarg;
		return true;
	case OPTION_JSON:
		options->json = true;
		return true;
	case OPTION_FRESH:
		options->fresh = true;
		return true;
	case 'q':
		options->quiet = true;
		return true;
	case 'm':
	case 'c':
	case 'i':
	case 's':
	case 't':
	case OPTION_VMM:
		pass_on(options, option_of(code, index), optarg);
		return true;
	default:
		return bad_option(code, argv, err);
	}
}

/* What does not go together. */
static bool check_together(struct options *options, struct error *err)
{
	const char *needed = NULL;

	if (options->way == WAY_BEST && options->link)
		options->way = WAY_OBJECT;
	else if (options->way == WAY_BEST && options->build)
		options->way = strstr(options->build, "@pad@") ? WAY_LAYOUT : WAY_FLAGS;
	if (options->way == WAY_OBJECT && !options->link)
		needed = "--by object needs --link 'COMMAND with @objects@ and {}'";
	else if (options->way == WAY_FLAGS &&
		 (!options->build || !strstr(options->build, "@flags@")))
		needed = "--by flags needs --build 'COMMAND with @flags@ and {}'";
	else if (options->way == WAY_LAYOUT &&
		 (!options->build || !strstr(options->build, "@pad@")))
		needed = "--by layout needs --build 'COMMAND with @pad@ and {}'";
	else if (options->way != WAY_OBJECT && (options->link || options->order))
		needed = "--link and --objects are for --by object";
	else if (options->way < WAY_FLAGS && options->build)
		needed = "--build is for --by flags and --by layout";
	else if (options->test && options->config.expect)
		needed = "--test and --expect exclude each other";
	else if (options->way == WAY_LAYOUT && options->good)
		needed = "--by layout takes no images: --build makes them";
	else if (options->way != WAY_LAYOUT && !options->bad)
		needed = "GOOD and BAD are needed: bisect [options] GOOD BAD (see --help)";
	return !needed || error_set(err, STATUS_USAGE, "%s", needed);
}

/* config_parse() wants a program's name and an image; they are not looked at. */
static bool parse_guest_options(struct options *options, int argc, char **rest, struct error *err)
{
	int count = 0;
	char **words = calloc(options->guest_count + (size_t)argc + 4, sizeof(char *));
	bool ok;

	if (!words)
		return error_errno(err, STATUS_HOST, "memory for the command line");
	words[count++] = (char *)"bisect";
	for (unsigned i = 0; i < options->guest_count; i++)
		words[count++] = options->guest[i];
	words[count++] = (char *)"image";
	words[count++] = (char *)"--";
	while (*rest)
		words[count++] = *rest++;
	ok = config_parse(&options->config, count, words, err);
	if (ok)
		options->config.image = NULL;
	free(words);
	return ok;
}

static bool parse_all(struct options *options, int argc, char **argv, struct error *err)
{
	int code, index = 0;

	opterr = 0;
	optind = 0;
	while ((code = getopt_long(argc, argv, letters, long_options, &index)) != -1) {
		if (code == 'h' || code == OPTION_VERSION) {
			options->action = code == 'h' ? OPTIONS_HELP : OPTIONS_VERSION;
			return true;
		}
		if (!parse_option(options, code, index, argv, err))
			return false;
	}
	return parse_guest_options(options, argc, argv + optind, err) &&
	       check_together(options, err);
}

bool options_parse(struct options *options, int argc, char **argv, struct error *err)
{
	*options = (struct options){.jobs = 1};
	options->guest = calloc((size_t)argc * 2, sizeof(char *));
	if (!options->guest)
		return error_errno(err, STATUS_HOST, "memory for the command line");
	if (parse_all(options, argc, argv, err))
		return true;
	options_free(options);
	return false;
}

void options_free(struct options *options)
{
	config_free(&options->config);
	free(options->guest);
	options->guest = NULL;
}
