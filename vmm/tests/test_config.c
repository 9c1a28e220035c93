/* SPDX-License-Identifier: MIT */
/*
 * test_config.c: the command line: what each option sets, and one telling line for each wrong one.
 */
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "config.h"

#define MAX_WORDS 24

static struct config config;
static struct error err;

/* Parses the words, up to a NULL, as vmm's arguments. */
static bool parse(const char *const *words)
{
	static char *argv[MAX_WORDS + 2] = {"vmm"};
	int argc = 1;

	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)words[argc - 1];
	argv[argc] = NULL;
	memset(&err, 0, sizeof(err));
	config_free(&config);
	return config_parse(&config, argc, argv, &err);
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

#define ACCEPT(...) ck_assert_msg(PARSE(__VA_ARGS__), "%s", err.text)

/* Refused with status 64 in one line that has all the given parts. */
static void check_refusal(bool accepted, const char *part1, const char *part2)
{
	ck_assert_msg(!accepted, "accepted what lacks '%s'", part1);
	ck_assert_int_eq(err.status, 64);
	ck_assert_msg(strstr(err.text, part1), "'%s' lacks '%s'", err.text, part1);
	ck_assert_msg(strstr(err.text, part2), "'%s' lacks '%s'", err.text, part2);
	ck_assert_ptr_null(strchr(err.text, '\n'));
	ck_assert_uint_lt(strlen(err.text), 300);
}

#define REFUSE(part1, part2, ...) check_refusal(PARSE(__VA_ARGS__), part1, part2)

START_TEST(defaults)
{
	ACCEPT("kernel.bin");
	ck_assert_int_eq(config.action, CONFIG_RUN);
	ck_assert_str_eq(config.image, "kernel.bin");
	ck_assert_uint_eq(config.memory, 134217728);
	ck_assert_uint_eq(config.cpus, 1);
	ck_assert_str_eq(config.command_line, "");
	ck_assert_uint_eq(config.mode, 0);
	ck_assert(!config.has_load && !config.has_entry && !config.has_virt);
	ck_assert_ptr_null(config.initrd);
	ck_assert_ptr_null(config.symbols);
	ck_assert_ptr_null(config.expect);
	ck_assert_ptr_null(config.report);
	ck_assert_ptr_null(config.trace_file);
	ck_assert_double_eq(config.timeout, 0);
	ck_assert(!config.trace && !config.verbose && !config.quiet);
	config_free(&config);
	ck_assert_ptr_null(config.command_line);
}
END_TEST

START_TEST(all_short_options)
{
	ACCEPT("-m", "64M", "-c", "2", "-i", "init.cpio", "-s", "k.elf", "-t", "1.5", "-v",
		"k.bin");
	ck_assert_uint_eq(config.memory, 67108864);
	ck_assert_uint_eq(config.cpus, 2);
	ck_assert_str_eq(config.initrd, "init.cpio");
	ck_assert_str_eq(config.symbols, "k.elf");
	ck_assert_double_eq(config.timeout, 1.5);
	ck_assert(config.verbose);
	ck_assert_str_eq(config.image, "k.bin");
}
END_TEST

START_TEST(all_long_options)
{
	ACCEPT("--memory=1G", "--cpus", "64", "--initrd", "i", "--mode", "long64", "--load",
		"0x100000", "--entry=0xffffffff80100040", "--virt", "0xffffffff80100000",
		"--symbols", "s", "--timeout", "10", "--expect", "^ok", "--report", "r.json",
		"--trace", "io,irq@t.log", "--quiet", "k");
	ck_assert_uint_eq(config.memory, 1073741824);
	ck_assert_uint_eq(config.cpus, 64);
	ck_assert_uint_eq(config.mode, 4);
	ck_assert(config.has_load && config.has_entry && config.has_virt);
	ck_assert_uint_eq(config.load, 0x100000);
	ck_assert_uint_eq(config.entry, 0xffffffff80100040);
	ck_assert_uint_eq(config.virt, 0xffffffff80100000);
	ck_assert_str_eq(config.expect, "^ok");
	ck_assert_str_eq(config.report, "r.json");
	ck_assert_uint_eq(config.trace, TRACE_IO | TRACE_IRQ);
	ck_assert_str_eq(config.trace_file, "t.log");
	ck_assert(config.quiet);
}
END_TEST

START_TEST(options_may_follow_the_image)
{
	ACCEPT("k", "-m", "2M");
	ck_assert_uint_eq(config.memory, 2097152);
}
END_TEST

START_TEST(modes)
{
	ACCEPT("--mode", "real", "k");
	ck_assert_uint_eq(config.mode, 1);
	ACCEPT("--mode", "pm32", "k");
	ck_assert_uint_eq(config.mode, 2);
	ACCEPT("--mode", "pse32", "k");
	ck_assert_uint_eq(config.mode, 3);
}
END_TEST

START_TEST(sizes)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} rows[] = {
		{"1048576", 1048576},
		{"0x200000", 2097152},
		{"1024K", 1048576},
		{"1024k", 1048576},
		{"3m", 3145728},
		{"5g", 5368709120},
		{"1024G", 1099511627776},
		{"010M", 10485760},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ACCEPT("-m", rows[i].text, "k");
		ck_assert_uint_eq(config.memory, rows[i].bytes);
	}
}
END_TEST

START_TEST(bad_sizes)
{
	static const char *const rows[] = {"0", "1", "128", "99T", "1025G", "1023K", "1048577",
		"2M1", "-1", "+2M", " 2M", "2M ", "2MB", "", "M", "0x", "0xM", "1e9", "2.5M",
		"18446744073709551616", "18446744073709551615G", "17179869184G",
		"99999999999999999999999999", "all"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char part[64];

		snprintf(part, sizeof(part), "--memory %s: expected", rows[i]);
		REFUSE(part, "from 1M to 1024G", "-m", rows[i], "k");
	}
}
END_TEST

START_TEST(bad_cpu_counts)
{
	static const char *const rows[] = {"0", "65", "4096", "-1", "two", "", "1.5", "4294967297"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char part[64];

		snprintf(part, sizeof(part), "--cpus %s: expected", rows[i]);
		REFUSE(part, "1 to 64", "-c", rows[i], "k");
	}
}
END_TEST

START_TEST(bad_timeouts)
{
	static const char *const rows[] = {"0", "-1", "nan", "inf", "1e3", "0x10", "", ".", "1.2.3",
		"5s", "31536001", "99999999999999999999"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char part[64];

		snprintf(part, sizeof(part), "--timeout %s: expected", rows[i]);
		REFUSE(part, "seconds", "-t", rows[i], "k");
	}
}
END_TEST

START_TEST(bad_addresses)
{
	REFUSE("--load zero: expected", "address", "--load", "zero", "k");
	REFUSE("--entry 0x10000000000000000: expected", "address", "--entry", "0x10000000000000000",
		"k");
	REFUSE("--virt -4096: expected", "address", "--virt", "-4096", "k");
	ACCEPT("--load", "0", "--virt", "0xffffffffffffffff", "--entry", "1M", "k");
	ck_assert(config.has_load);
	ck_assert_uint_eq(config.virt, UINT64_MAX);
	ck_assert_uint_eq(config.entry, 1048576);
}
END_TEST

START_TEST(bad_mode)
{
	REFUSE("--mode v86: expected", "real, pm32, pse32, long64 or multiboot", "--mode", "v86",
		"k");
	REFUSE("--mode : expected", "real", "--mode", "", "k");
}
END_TEST

START_TEST(bad_expression)
{
	REFUSE("--expect '': expected", "extended regular expression", "--expect", "", "k");
	REFUSE("--expect [a: ", "not a regular expression", "--expect", "[a", "k");
}
END_TEST

START_TEST(bad_report)
{
	REFUSE("--report out.pdf: expected", ".txt or .json", "--report", "out.pdf", "k");
	REFUSE("--report .txt: expected", ".json", "--report", ".txt", "k");
	ACCEPT("--report", "out.txt", "k");
}
END_TEST

START_TEST(cores)
{
	ACCEPT("--core", "dead.core", "k");
	ck_assert_str_eq(config.core, "dead.core");
	ck_assert_int_eq(config.action, CONFIG_RUN);
	ACCEPT("--autopsy", "dead.core", "--report", "r.json", "-s", "k.elf");
	ck_assert_int_eq(config.action, CONFIG_AUTOPSY);
	ck_assert_str_eq(config.autopsy, "dead.core");
	ck_assert_str_eq(config.report, "r.json");
	ck_assert_ptr_null(config.image);
	REFUSE("k: --autopsy takes no image", "k", "--autopsy", "c", "k");
	REFUSE("--autopsy and --core exclude", "runs nothing", "--autopsy", "c", "--core", "d");
	REFUSE("--autopsy and --timeout exclude", "runs nothing", "--autopsy", "c", "-t", "1");
	REFUSE("--map, --host and --autopsy exclude", "each other", "--autopsy", "c", "--map");
	REFUSE("--map and --core exclude", "runs nothing", "--map", "--core", "d", "k");
}
END_TEST

START_TEST(trace_lists)
{
	ACCEPT("--trace", "exits,io,mmio,irq,msr", "k");
	ck_assert_uint_eq(config.trace, 31);
	ck_assert_ptr_null(config.trace_file);
	ACCEPT("--trace", "msr@a@b,c", "k");
	ck_assert_uint_eq(config.trace, TRACE_MSR);
	ck_assert_str_eq(config.trace_file, "a@b,c");
	REFUSE("--trace all: expected", "exits,io,mmio,irq,msr", "--trace", "all", "k");
	REFUSE("--trace io,: expected", "exits", "--trace", "io,", "k");
	REFUSE("--trace : expected", "exits", "--trace", "", "k");
	REFUSE("--trace @f: expected", "exits", "--trace", "@f", "k");
	REFUSE("--trace io@: expected", "FILE", "--trace", "io@", "k");
	REFUSE("--trace ioo: expected", "exits", "--trace", "ioo", "k");
}
END_TEST

START_TEST(command_line_is_what_follows_the_dashes)
{
	ACCEPT("k", "--", "console=ttyS0", "-m", "init=/bin/sh -x");
	ck_assert_str_eq(config.command_line, "console=ttyS0 -m init=/bin/sh -x");
	ck_assert_uint_eq(config.memory, 134217728);
	config_free(&config);
	ACCEPT("k", "--", "--", "");
	ck_assert_str_eq(config.command_line, "-- ");
	config_free(&config);
	ACCEPT("k", "--");
	ck_assert_str_eq(config.command_line, "");
	config_free(&config);
	ACCEPT("-s", "--", "k"); /* there it is a value */
	ck_assert_str_eq(config.symbols, "--");
	ck_assert_str_eq(config.image, "k");
	REFUSE("no image", "IMAGE", "--", "k");
}
END_TEST

START_TEST(number_of_images)
{
	REFUSE("no image", "vmm [options] IMAGE", "-v");
	REFUSE("b.bin: --report takes one image", "a.bin", "--report", "r.txt", "a.bin", "b.bin");
	REFUSE("b.bin: --core takes one image", "a.bin", "--core", "c", "a.bin", "b.bin");
	REFUSE("b.bin: --symbols takes one image", "a.bin", "-s", "s", "a.bin", "b.bin");
	REFUSE("b.bin: --watch takes one image", "a.bin", "--watch", "w", "a.bin", "b.bin");
	REFUSE("b.bin: --trace takes one image", "a.bin", "--trace", "io", "a.bin", "b.bin");
	REFUSE("b.bin: --map takes one image", "a.bin", "--map", "a.bin", "b.bin");
	REFUSE("k: --host takes no image", "--host", "--host", "k");
	REFUSE("no image", "IMAGE", "--map");
}
END_TEST

START_TEST(several_images)
{
	char *argv[67] = {(char *)"vmm"};

	ACCEPT("a.bin", "-c", "2", "b.elf", "--", "c.bin");
	ck_assert_uint_eq(config.image_count, 2);
	ck_assert_str_eq(config.images[0], "a.bin");
	ck_assert_str_eq(config.images[1], "b.elf");
	ck_assert_str_eq(config.image, "a.bin");
	ck_assert_str_eq(config.command_line, "c.bin");
	config_free(&config);
	for (int i = 1; i < 66; i++)
		argv[i] = (char *)"k";
	ck_assert(config_parse(&config, 65, argv, &err)); /* 64 images */
	config_free(&config);
	ck_assert(!config_parse(&config, 66, argv, &err));
	ck_assert_str_eq(err.text, "k: expected at most 64 images");
}
END_TEST

START_TEST(unknown_options)
{
	REFUSE("--frob: unknown option", "vmm --help", "--frob", "k");
	REFUSE("--frob=3: unknown option", "vmm --help", "--frob=3", "k");
	REFUSE("-z: unknown option", "vmm --help", "-z", "k");
	REFUSE("-z: unknown option", "vmm --help", "-vz", "k");
	REFUSE("unknown option", "vmm --help", "-\x01", "k");
	REFUSE("unknown option", "vmm --help", "--t", "1", "k"); /* timeout or trace? */
	REFUSE("--gdb: unknown option", "vmm --help", "--gdb", "k");
}
END_TEST

START_TEST(missing_and_superfluous_values)
{
	REFUSE("-m: expected a value", "vmm --help", "k", "-m");
	REFUSE("--memory: expected a value", "vmm --help", "k", "--memory");
	REFUSE("--map=yes: takes no value", "vmm --help", "k", "--map=yes");
}
END_TEST

START_TEST(options_that_exclude_each_other)
{
	REFUSE("--verbose and --quiet exclude", "each other", "-v", "-q", "k");
	REFUSE("--map, --host and --autopsy exclude", "each other", "--map", "--host");
	REFUSE("--map, --host and --autopsy exclude", "each other", "--host", "--map");
	REFUSE("--map and --expect exclude", "each other", "--map", "--expect", "x", "k");
	REFUSE("--map and --timeout exclude", "each other", "--map", "-t", "1", "k");
	REFUSE("--host and --report exclude", "each other", "--host", "--report", "a.txt");
	REFUSE("--host and --trace exclude", "each other", "--host", "--trace", "io");
}
END_TEST

START_TEST(actions)
{
	ACCEPT("--map", "k");
	ck_assert_int_eq(config.action, CONFIG_MAP);
	ACCEPT("--host");
	ck_assert_int_eq(config.action, CONFIG_HOST);
	ACCEPT("--version");
	ck_assert_int_eq(config.action, CONFIG_VERSION);
	ACCEPT("-h");
	ck_assert_int_eq(config.action, CONFIG_HELP);
	ACCEPT("k", "--help", "--frob");
	ck_assert_int_eq(config.action, CONFIG_HELP);
	ck_assert_ptr_null(config.image);
	REFUSE("--frob: unknown", "option", "--frob", "--help");
}
END_TEST

START_TEST(long_values_keep_the_message_whole)
{
	char value[2000];

	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	REFUSE("--memory xxx", "expected a size from 1M", "-m", value, "k");
	REFUSE("xxx: --map takes one image", "command line", "--map", "k", value);
}
END_TEST

START_TEST(last_of_a_repeated_option_counts)
{
	ACCEPT("-m", "4M", "-m", "8M", "k");
	ck_assert_uint_eq(config.memory, 8388608);
}
END_TEST

START_TEST(help_tells_every_option_in_80_columns)
{
	static const char *const names[] = {"-m, --memory SIZE", "-c, --cpus N",
		"-i, --initrd FILE", "--mode MODE", "--load ADDR", "--entry ADDR", "--virt ADDR",
		"-s, --symbols ELF", "-t, --timeout SECONDS", "--expect REGEX", "--report FILE",
		"--trace LIST", "--map", "--host", "-v, --verbose", "-q, --quiet", "--version",
		"-h, --help"};
	const char *line = config_help();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_msg(strstr(line, names[i]), "help lacks %s", names[i]);
	for (; *line; line += strcspn(line, "\n") + 1)
		ck_assert_uint_le(strcspn(line, "\n"), 80);
	ck_assert_ptr_null(strstr(config_help(), "--gdb"));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		defaults,
		all_short_options,
		all_long_options,
		options_may_follow_the_image,
		modes,
		sizes,
		bad_sizes,
		bad_cpu_counts,
		bad_timeouts,
		bad_addresses,
		bad_mode,
		bad_expression,
		bad_report,
		cores,
		trace_lists,
		command_line_is_what_follows_the_dashes,
		number_of_images,
		several_images,
		unknown_options,
		missing_and_superfluous_values,
		options_that_exclude_each_other,
		actions,
		long_values_keep_the_message_whole,
		last_of_a_repeated_option_counts,
		help_tells_every_option_in_80_columns,
	};

	return RUN_SUITE("config", tests);
}
