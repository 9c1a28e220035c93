/* SPDX-License-Identifier: MIT */
/*
 * config.c: reads the command line. A value that does not fit is answered by one line: option,
 * value, what was expected.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"

#define DEFAULT_MEMORY (128ull << 20)
#define PAGE           4096
#define MAX_TIMEOUT    31536000.0 /* a year, in seconds */

/* Options without a letter. */
enum {
	OPTION_MODE = 256,
	OPTION_LOAD,
	OPTION_ENTRY,
	OPTION_VIRT,
	OPTION_EXPECT,
	OPTION_REPORT,
	OPTION_CORE,
	OPTION_AUTOPSY,
	OPTION_TRACE,
	OPTION_WATCH,
	OPTION_MAP,
	OPTION_HOST,
	OPTION_VERSION,
	OPTION_IMAGE = 1, /* what getopt_long() gives for an argument that is no option */
};

/* "-": arguments in their order, so that an image is told from the words after "--". ":": no
 * messages. */
static const char letters[] = "-:m:c:i:s:t:vqh";

static const struct option options[] = {
	{"memory", required_argument, NULL, 'm'},
	{"cpus", required_argument, NULL, 'c'},
	{"initrd", required_argument, NULL, 'i'},
	{"mode", required_argument, NULL, OPTION_MODE},
	{"load", required_argument, NULL, OPTION_LOAD},
	{"entry", required_argument, NULL, OPTION_ENTRY},
	{"virt", required_argument, NULL, OPTION_VIRT},
	{"symbols", required_argument, NULL, 's'},
	{"timeout", required_argument, NULL, 't'},
	{"expect", required_argument, NULL, OPTION_EXPECT},
	{"report", required_argument, NULL, OPTION_REPORT},
	{"core", required_argument, NULL, OPTION_CORE},
	{"autopsy", required_argument, NULL, OPTION_AUTOPSY},
	{"trace", required_argument, NULL, OPTION_TRACE},
	{"watch", required_argument, NULL, OPTION_WATCH},
	{"map", no_argument, NULL, OPTION_MAP},
	{"host", no_argument, NULL, OPTION_HOST},
	{"verbose", no_argument, NULL, 'v'},
	{"quiet", no_argument, NULL, 'q'},
	{"version", no_argument, NULL, OPTION_VERSION},
	{"help", no_argument, NULL, 'h'},
	{0},
};

/* Sets err to "--memory 0: expected WHAT". */
static bool expected(struct error *err, const char *option, const char *value, const char *what)
{
	return error_set(err, STATUS_USAGE, "--%s %.120s: expected %s", option, value, what);
}

static unsigned suffix_shift(char suffix)
{
	switch (toupper((unsigned char)suffix)) {
	case 'K':
		return 10;
	case 'M':
		return 20;
	case 'G':
		return 30;
	default:
		return 0;
	}
}

/* Digits, decimal or with 0x, and perhaps K, M or G. False for all else and when it does not fit.
 */
static bool parse_number(const char *text, uint64_t *value)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	unsigned shift;
	char *end;

	if (!isdigit((unsigned char)text[0]) || (hex && !isxdigit((unsigned char)text[2])))
		return false;
	errno = 0;
	*value = strtoull(text, &end, hex ? 16 : 10);
	if (errno)
		return false;
	shift = suffix_shift(*end);
	if (shift)
		end++;
	if (*end || *value << shift >> shift != *value)
		return false;
	*value <<= shift;
	return true;
}

static bool parse_memory(struct config *config, const char *text, struct error *err)
{
	uint64_t size;

	if (!parse_number(text, &size) || size < CONFIG_MIN_MEMORY || size > CONFIG_MAX_MEMORY ||
		size % PAGE)
		return expected(err, "memory", text,
			"a size from 1M to 1024G in steps of 4K (a plain number is bytes)");
	config->memory = size;
	return true;
}

static bool parse_cpus(struct config *config, const char *text, struct error *err)
{
	uint64_t n;

	if (!parse_number(text, &n) || n < 1 || n > CONFIG_MAX_CPUS)
		return expected(err, "cpus", text, "a number from 1 to 64");
	config->cpus = n;
	return true;
}

static bool parse_mode(struct config *config, const char *text, struct error *err)
{
	static const char *const names[] = {
		[VMM_MODE_REAL] = "real",
		[VMM_MODE_PM32] = "pm32",
		[VMM_MODE_PSE32] = "pse32",
		[VMM_MODE_LONG64] = "long64",
		[CONFIG_MODE_MULTIBOOT] = "multiboot",
	};

	for (uint32_t mode = VMM_MODE_REAL; mode <= CONFIG_MODE_MULTIBOOT; mode++)
		if (!strcmp(text, names[mode])) {
			config->mode = mode;
			return true;
		}
	return expected(err, "mode", text, "real, pm32, pse32, long64 or multiboot");
}

static bool parse_address(
	const char *option, const char *text, uint64_t *address, bool *has, struct error *err)
{
	*has = parse_number(text, address);
	return *has || expected(err, option, text, "an address such as 0x100000 or 1M");
}

static bool parse_timeout(struct config *config, const char *text, struct error *err)
{
	char *end;
	double seconds = strtod(text, &end);

	if (text[strspn(text, "0123456789.")] || end == text || *end || seconds <= 0 ||
		seconds > MAX_TIMEOUT)
		return expected(err, "timeout", text,
			"seconds, more than 0 and at most 31536000, such as 10 or 0.5");
	config->timeout = seconds;
	return true;
}

/* Has the console's opinion of the expression now, before anything is built for the guest. */
static bool parse_expect(struct config *config, const char *text, struct error *err)
{
	struct console trial;

	if (!*text) /* fits every line */
		return expected(err, "expect", "''", "an extended regular expression");
	if (!console_init(&trial, -1, text, err))
		return false;
	console_deinit(&trial);
	config->expect = text;
	return true;
}

static bool ends_in(const char *text, const char *ending)
{
	size_t n = strlen(text), m = strlen(ending);

	return n > m && !strcmp(text + n - m, ending);
}

static bool parse_watch(struct config *config, const char *text, struct error *err)
{
	if (!*text || config->watch_count == CONFIG_MAX_WATCH)
		return expected(
			err, "watch", text, "at most 4 of SYMBOL or ADDR, each with :LEN or not");
	config->watch[config->watch_count++] = text;
	return true;
}

static bool parse_report(struct config *config, const char *text, struct error *err)
{
	if (!ends_in(text, ".txt") && !ends_in(text, ".json"))
		return expected(err, "report", text, "a file name that ends in .txt or .json");
	config->report = text;
	return true;
}

/* The bit of the topic whose name is these n bytes, 0 when there is none. */
static unsigned trace_topic(const char *name, size_t n)
{
	static const struct {
		const char *name;
		unsigned bit;
	} topics[] = {
		{"exits", TRACE_EXITS},
		{"io", TRACE_IO},
		{"mmio", TRACE_MMIO},
		{"irq", TRACE_IRQ},
		{"msr", TRACE_MSR},
	};

	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		if (strlen(topics[i].name) == n && !memcmp(topics[i].name, name, n))
			return topics[i].bit;
	return 0;
}

static bool parse_trace(struct config *config, const char *text, struct error *err)
{
	static const char what[] = "some of exits,io,mmio,irq,msr, and perhaps @FILE";
	const char *at = text;

	for (;;) {
		size_t n = strcspn(at, ",@");
		unsigned topic = trace_topic(at, n);

		if (!topic)
			return expected(err, "trace", text, what);
		config->trace |= topic;
		at += n;
		if (*at != ',')
			break;
		at++;
	}
	if (!*at)
		return true;
	if (!at[1])
		return expected(err, "trace", text, what);
	config->trace_file = at + 1;
	return true;
}

static bool add_image(struct config *config, const char *name, struct error *err)
{
	if (config->image_count == CONFIG_MAX_IMAGES)
		return error_set(err, STATUS_USAGE, "%.120s: expected at most %d images", name,
			CONFIG_MAX_IMAGES);
	config->images[config->image_count++] = name;
	config->image = config->images[0];
	return true;
}

static bool set_action(struct config *config, enum config_action action, struct error *err)
{
	if (config->action != CONFIG_RUN && config->action != action)
		return error_set(
			err, STATUS_USAGE, "--map, --host and --autopsy exclude each other");
	config->action = action;
	return true;
}

static bool bad_option(int code, char **argv, struct error *err)
{
	const char *word = argv[optind - 1];

	if (code == ':')
		return error_set(err, STATUS_USAGE,
			"%.120s: expected a value after it (see vmm --help)", word);
	if (!strncmp(word, "--", 2) && optopt)
		return error_set(
			err, STATUS_USAGE, "%.120s: takes no value (see vmm --help)", word);
	if (!strncmp(word, "--", 2) || !isprint(optopt))
		return error_set(
			err, STATUS_USAGE, "%.120s: unknown option (see vmm --help)", word);
	return error_set(err, STATUS_USAGE, "-%c: unknown option (see vmm --help)", optopt);
}

static bool parse_option(struct config *config, int code, char **argv, struct error *err)
{
	switch (code) {
	case OPTION_IMAGE:
		return add_image(config, optarg, err);
	case 'm':
		return parse_memory(config, optarg, err);
	case 'c':
		return parse_cpus(config, optarg, err);
	case 'i':
		config->initrd = optarg;
		return true;
	case OPTION_MODE:
		return parse_mode(config, optarg, err);
	case OPTION_LOAD:
		return parse_address("load", optarg, &config->load, &config->has_load, err);
	case OPTION_ENTRY:
		return parse_address("entry", optarg, &config->entry, &config->has_entry, err);
	case OPTION_VIRT:
		return parse_address("virt", optarg, &config->virt, &config->has_virt, err);
	case 's':
		config->symbols = optarg;
		return true;
	case 't':
		return parse_timeout(config, optarg, err);
	case OPTION_EXPECT:
		return parse_expect(config, optarg, err);
	case OPTION_REPORT:
		return parse_report(config, optarg, err);
	case OPTION_CORE:
		config->core = optarg;
		return true;
	case OPTION_AUTOPSY:
		config->autopsy = optarg;
		return set_action(config, CONFIG_AUTOPSY, err);
	case OPTION_TRACE:
		return parse_trace(config, optarg, err);
	case OPTION_WATCH:
		return parse_watch(config, optarg, err);
	case OPTION_MAP:
		return set_action(config, CONFIG_MAP, err);
	case OPTION_HOST:
		return set_action(config, CONFIG_HOST, err);
	case 'v':
		config->verbose = true;
		return true;
	case 'q':
		config->quiet = true;
		return true;
	default:
		return bad_option(code, argv, err);
	}
}

static const char *action_name(enum config_action action)
{
	switch (action) {
	case CONFIG_AUTOPSY:
		return "--autopsy";
	case CONFIG_MAP:
		return "--map";
	default:
		return "--host";
	}
}

/* The first option that asks for a run, or NULL. */
static const char *run_option(const struct config *config)
{
	if (config->expect)
		return "--expect";
	if (config->timeout > 0)
		return "--timeout";
	if (config->report && config->action != CONFIG_AUTOPSY)
		return "--report";
	if (config->core)
		return "--core";
	if (config->watch_count)
		return "--watch";
	return config->trace ? "--trace" : NULL;
}

/* The first option that is about one guest, or NULL. */
static const char *single_option(const struct config *config)
{
	if (config->action == CONFIG_MAP)
		return "--map";
	if (config->report)
		return "--report";
	if (config->core)
		return "--core";
	if (config->symbols)
		return "--symbols";
	if (config->watch_count)
		return "--watch";
	return config->trace ? "--trace" : NULL;
}

/* What only shows when all options are known. */
static bool check_together(const struct config *config, struct error *err)
{
	const char *action = action_name(config->action);
	bool no_image = config->action == CONFIG_HOST || config->action == CONFIG_AUTOPSY;

	if (config->verbose && config->quiet)
		return error_set(err, STATUS_USAGE, "--verbose and --quiet exclude each other");
	if (config->action != CONFIG_RUN && run_option(config))
		return error_set(err, STATUS_USAGE, "%s and %s exclude each other: %s runs nothing",
			action, run_option(config), action);
	if (no_image && config->image)
		return error_set(
			err, STATUS_USAGE, "%.120s: %s takes no image", config->image, action);
	if (config->image_count > 1 && single_option(config))
		return error_set(err, STATUS_USAGE,
			"%.120s: %s takes one image, and %.120s is it (the kernel's command line "
			"goes behind --)",
			config->images[1], single_option(config), config->image);
	if (!no_image && !config->image)
		return error_set(
			err, STATUS_USAGE, "no image: vmm [options] IMAGE (see vmm --help)");
	return true;
}

static char *join_words(char **words)
{
	size_t size = 1;
	char *joined, *at;

	for (char **word = words; *word; word++)
		size += strlen(*word) + 1;
	at = joined = malloc(size);
	if (!joined)
		return NULL;
	*at = '\0';
	for (char **word = words; *word; word++) {
		if (word != words)
			*at++ = ' ';
		at = stpcpy(at, *word);
	}
	return joined;
}

bool config_parse(struct config *config, int argc, char **argv, struct error *err)
{
	int code;

	*config = (struct config){.memory = DEFAULT_MEMORY, .cpus = 1};
	opterr = 0;
	optind = 0; /* start anew */
	while ((code = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (code == 'h' || code == OPTION_VERSION) {
			config->action = code == 'h' ? CONFIG_HELP : CONFIG_VERSION;
			config->image = NULL;
			return true;
		}
		if (!parse_option(config, code, argv, err))
			return false;
	}
	if (!check_together(config, err))
		return false;
	config->command_line = join_words(argv + optind);
	return config->command_line || error_errno(err, STATUS_HOST, "kernel command line");
}

void config_free(struct config *config)
{
	free(config->command_line);
	config->command_line = NULL;
}
