/* SPDX-License-Identifier: MIT */
/*
 * test_symbols.c: symbols, lines, sections and bytes of ELF files that are made here by cc from
 * sources whose addresses and lines are known by hand; and thousands of damaged ones, which must do
 * no harm.
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "autopsy/symbols.h"

static char folder[64];

/* A kernel in the higher half, loaded low. Every address below follows from this and from the
 * encodings' lengths. */
static const char linker_script[] = "ENTRY(first)\n"
				    "SECTIONS {\n"
				    "  . = 0xffffffff80100000;\n"
				    "  .text : AT(0x100000) { *(.text) }\n"
				    "  . = 0xffffffff80102000;\n"
				    "  .rodata : AT(0x102000) { *(.rodata) }\n"
				    "  . = 0xffffffff80103000;\n"
				    "  .data : AT(0x103000) { *(.data) }\n"
				    "  . = 0xffffffff80103100;\n"
				    "  .bss : AT(0x103100) { *(.bss) }\n"
				    "}\n";

static const char assembly[] = "\t.text\n"        /* 1 */
			       "\t.globl first\n" /* 2 */
			       "\t.type first,@function\n"
			       "first:\n" /* 4 */
			       "\tnop\n"  /* 5: ...00 */
			       "\tud2\n"  /* 6: ...01 */
			       "\tret\n"  /* 7: ...03 */
			       "\t.size first,.-first\n"
			       "\t.fill 12,1,0x90\n" /* 9: ...04, in no symbol */
			       "label:\n"            /* 10: ...10 */
			       "\tnop\n"             /* 11 */
			       "\tnop\n"             /* 12: ...11 */
			       "\"odd\303\251name\":\n"
			       "\tret\n" /* 14: ...12 */
			       "\t.globl an_absolute\n"
			       "an_absolute = 0x1234\n"
			       "\t.section .rodata\n"
			       "\t.type table,@object\n"
			       "table: .ascii \"constant\"\n"
			       "\t.size table,8\n"
			       "\t.data\n"
			       "\t.type counter,@object\n"
			       "counter: .quad 0x1122334455667788\n"
			       "\t.size counter,8\n"
			       "\t.bss\n"
			       "\t.type area,@object\n"
			       "area: .skip 64\n"
			       "\t.size area,64\n";

static const char inlined[] = "volatile int sink;\n" /* 1 */
			      "static inline __attribute__((always_inline)) void inner(int x)\n"
			      "{\n"
			      "\tsink = x;\n" /* 4 */
			      "}\n"
			      "static inline __attribute__((always_inline)) void middle(int x)\n"
			      "{\n"
			      "\tinner(x + 1);\n" /* 8 */
			      "}\n"
			      "void outer(int x)\n"
			      "{\n"
			      "\tmiddle(x);\n" /* 12 */
			      "}\n"
			      "void _start(void)\n"
			      "{\n"
			      "\tfor (;;)\n"
			      "\t\touter(1);\n"
			      "}\n";

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static void run(const char *format, const char *arg)
{
	char command[512], line[600];

	snprintf(command, sizeof(command), format, arg);
	snprintf(line, sizeof(line), "cd %s && %s", folder, command);
	ck_assert_msg(system(line) == 0, "%s", line);
}

static void make_folder(void)
{
	strcpy(folder, "/tmp/test_symbols.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	write_file("kernel.lds", linker_script);
	write_file("kernel.s", assembly);
	write_file("inlined.c", inlined);
	run("cc -g -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-T,kernel.lds %s -o "
	    "kernel.elf "
	    "2>link.log",
		"kernel.s");
}

static void remove_folder(void)
{
	char line[128];

	snprintf(line, sizeof(line), "rm -rf %s", folder);
	ck_assert_int_eq(system(line), 0);
}

static struct symbols *open_file(const char *name, uint64_t bias)
{
	struct symbols *set = symbols_create();
	char path[128], error[256] = "";

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	ck_assert_ptr_nonnull(set);
	ck_assert_msg(
		symbols_add(set, path, bias, 0, UINT64_MAX, error, sizeof(error)), "%s", error);
	return set;
}

static void expect_name(struct symbols *set, uint64_t address, const char *expected)
{
	char text[SYMBOL_NAME_MAX + 24];

	symbols_format(set, address, text, sizeof(text));
	ck_assert_str_eq(text, expected);
}

START_TEST(names_of_addresses)
{
	struct symbols *set = open_file("kernel.elf", 0);
	struct symbol s;

	expect_name(set, 0xffffffff80100000, "first");
	expect_name(set, 0xffffffff80100003, "first+0x3");
	expect_name(set, 0xffffffff80100004, ""); /* behind its end */
	expect_name(set, 0xffffffff8010000f, "");
	expect_name(set, 0xffffffff80100010, "label");
	expect_name(set, 0xffffffff80100011, "label+0x1");
	expect_name(set, 0xffffffff80100012, "odd\\xc3\\xa9name");
	expect_name(set, 0xffffffff80102007, "table+0x7");
	expect_name(set, 0xffffffff80103000, "counter");
	expect_name(set, 0xffffffff8010313f, "area+0x3f");
	expect_name(set, 0x1234, "");
	expect_name(set, 0, "");
	expect_name(set, UINT64_MAX, "");
	ck_assert(symbols_find_address(set, 0xffffffff80100003, &s));
	ck_assert_int_eq(s.kind, SYMBOL_FUNCTION);
	ck_assert_uint_eq(s.size, 4);
	ck_assert(!s.physical);
	symbols_destroy(set);
}
END_TEST

START_TEST(physical_addresses)
{
	struct symbols *set = open_file("kernel.elf", 0);
	struct symbol s;
	struct source_line line;

	ck_assert(symbols_find_address(set, 0x100001, &s));
	ck_assert_str_eq(s.name, "first");
	ck_assert_uint_eq(s.address, 0x100000);
	ck_assert_uint_eq(s.offset, 1);
	ck_assert(s.physical);
	ck_assert(symbols_find_line(set, 0x100001, &line));
	ck_assert_uint_eq(line.line, 6);
	symbols_destroy(set);
}
END_TEST

START_TEST(addresses_of_names)
{
	struct symbols *set = open_file("kernel.elf", 0x1000);
	struct symbol s;

	ck_assert(symbols_find_name(set, "counter", &s));
	ck_assert_uint_eq(s.address, 0xffffffff80104000);
	ck_assert_uint_eq(s.size, 8);
	ck_assert_int_eq(s.kind, SYMBOL_OBJECT);
	ck_assert(symbols_find_name(set, "an_absolute", &s));
	ck_assert_uint_eq(s.address, 0x1234);
	ck_assert(!symbols_find_name(set, "missing", &s));
	expect_name(set, 0xffffffff80101003, "first+0x3");
	symbols_destroy(set);
}
END_TEST

START_TEST(lines_of_assembly)
{
	static const struct {
		uint64_t address;
		unsigned line;
	} cases[] = {
		{0xffffffff80100000, 5},
		{0xffffffff80100001, 6},
		{0xffffffff80100002, 6},
		{0xffffffff80100003, 7},
		{0xffffffff80100010, 11},
		{0xffffffff80100011, 12},
		{0xffffffff80100012, 14},
	};
	struct symbols *set = open_file("kernel.elf", 0);
	struct source_line line;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert(symbols_find_line(set, cases[i].address, &line));
		ck_assert_uint_eq(line.line, cases[i].line);
		ck_assert_ptr_nonnull(strstr(line.path, "kernel.s"));
	}
	ck_assert(!symbols_find_line(set, 0xffffffff80100020, &line));
	ck_assert(!symbols_find_line(set, 0xffffffff80102000, &line));
	symbols_destroy(set);
}
END_TEST

START_TEST(segments_and_bytes)
{
	struct symbols *set = open_file("kernel.elf", 0);
	struct symbol_segment s;
	uint8_t bytes[0x200];

	ck_assert(symbols_find_segment(set, 0xffffffff80100002, &s));
	ck_assert_int_eq(s.kind, SEGMENT_CODE);
	ck_assert_str_eq(s.section, ".text");
	ck_assert_uint_eq(s.section_start, 0xffffffff80100000);
	ck_assert_uint_eq(s.section_size, 0x13);
	ck_assert(symbols_find_segment(set, 0xffffffff80102000, &s));
	ck_assert_str_eq(s.section, ".rodata");
	ck_assert(!s.writable);
	ck_assert(symbols_find_segment(set, 0xffffffff80103007, &s));
	ck_assert_int_eq(s.kind, SEGMENT_DATA);
	ck_assert(s.writable);
	ck_assert(symbols_find_segment(set, 0xffffffff80103100, &s));
	ck_assert_int_eq(s.kind, SEGMENT_BSS);
	ck_assert_str_eq(s.section, ".bss");
	ck_assert(!symbols_find_segment(set, 0xffffffff80103140, &s));

	ck_assert_uint_eq(symbols_read(set, 0xffffffff80100000, bytes, 4), 4);
	ck_assert_mem_eq(bytes, "\x90\x0f\x0b\xc3", 4);
	memset(bytes, 0xff, sizeof(bytes));
	ck_assert_uint_eq(symbols_read(set, 0xffffffff80103000, bytes, sizeof(bytes)), 0x140);
	ck_assert_mem_eq(bytes, "\x88\x77\x66\x55\x44\x33\x22\x11", 8);
	ck_assert_uint_eq(bytes[0x13f], 0);
	ck_assert_uint_eq(bytes[0x140], 0xff);
	ck_assert_uint_eq(symbols_read(set, 0x1000, bytes, 4), 0);
	symbols_destroy(set);
}
END_TEST

static const char *const dwarf_flags[] = {
	"-gdwarf-5",
	"-gdwarf-4",
	"-gdwarf-3",
	"-gdwarf-2 -gno-strict-dwarf",
	"-gdwarf-5 -gz=zlib",
	"-gdwarf-4 -m32",
	"-gdwarf-5 -ffunction-sections",
};

/* Every instruction of outer() belongs to outer() itself or to the chain inner, middle, outer; some
 * to the latter. */
START_TEST(inlined_calls)
{
	struct symbols *set;
	struct symbol outer;
	struct source_frame frames[4];
	unsigned chains = 0;

	run("cc -O2 %s -fno-pic -no-pie -nostdlib -static inlined.c -o inlined.elf",
		dwarf_flags[_i]);
	set = open_file("inlined.elf", 0);
	ck_assert(symbols_find_name(set, "outer", &outer));
	for (uint64_t i = 0; i < outer.size; i++) {
		unsigned n = symbols_find_inlines(set, outer.address + i, frames, 4);

		ck_assert_uint_ge(n, 1);
		ck_assert_str_eq(frames[n - 1].function, "outer");
		if (n < 3)
			continue;
		chains++;
		ck_assert_uint_eq(n, 3);
		ck_assert_str_eq(frames[0].function, "inner");
		ck_assert_uint_eq(frames[0].at.line, 4);
		ck_assert_str_eq(frames[1].function, "middle");
		ck_assert_uint_eq(frames[1].at.line, 8);
		ck_assert_uint_eq(frames[2].at.line, 12);
		ck_assert_ptr_nonnull(strstr(frames[2].at.path, "inlined.c"));
	}
	ck_assert_uint_gt(chains, 0);
	ck_assert_uint_eq(symbols_find_inlines(set, outer.address, frames, 0), 0);
	symbols_destroy(set);
}
END_TEST

START_TEST(stripped_file)
{
	struct symbols *set;
	struct symbol_segment segment;
	struct source_line line;

	run("strip -s %s -o stripped.elf", "kernel.elf");
	set = open_file("stripped.elf", 0);
	expect_name(set, 0xffffffff80100000, "");
	ck_assert(!symbols_find_line(set, 0xffffffff80100000, &line));
	ck_assert(symbols_find_segment(set, 0xffffffff80100000, &segment));
	symbols_destroy(set);
}
END_TEST

START_TEST(several_files)
{
	struct symbols *set = open_file("kernel.elf", 0);
	char path[128], error[256];

	snprintf(path, sizeof(path), "%s/kernel.elf", folder);
	ck_assert(symbols_add(
		set, path, 0x80000000 - 0x100000000, 0x100000, 0x1fffff, error, sizeof(error)));
	ck_assert(symbols_add(set, path, 0x100400000 - 0xffffffff80100000, 0x100400000, 0x100400001,
		error, sizeof(error)));
	ck_assert_uint_eq(symbols_count(set), 3);
	expect_name(set, 0xffffffff80100001, "first+0x1");
	expect_name(set, 0x100400001, "first+0x1");
	expect_name(set, 0x100400002, ""); /* outside the range given */
	symbols_destroy(set);
}
END_TEST

START_TEST(unusable_files)
{
	struct symbols *set = symbols_create();
	char path[128], error[256];

	write_file("text", "this is not an ELF file, although it is longer than a header of one");
	write_file("empty", "");
	snprintf(path, sizeof(path), "%s/text", folder);
	ck_assert(!symbols_add(set, path, 0, 0, UINT64_MAX, error, sizeof(error)));
	ck_assert_ptr_nonnull(strstr(error, "text: not an ELF file"));
	snprintf(path, sizeof(path), "%s/empty", folder);
	ck_assert(!symbols_add(set, path, 0, 0, UINT64_MAX, error, sizeof(error)));
	ck_assert(!symbols_add(set, folder, 0, 0, UINT64_MAX, error, sizeof(error)));
	ck_assert(!symbols_add(set, "/nonexistent", 0, 0, UINT64_MAX, error, sizeof(error)));
	ck_assert_str_eq(error, "/nonexistent: No such file or directory");
	ck_assert(!symbols_add_memory(set, "x",
		"\x7f"
		"ELF",
		4, 0, 0, UINT64_MAX, error, 1));
	run("cc -c %s -o object.o", "kernel.s");
	snprintf(path, sizeof(path), "%s/object.o", folder);
	ck_assert(!symbols_add(set, path, 0, 0, UINT64_MAX, error, sizeof(error)));
	ck_assert_ptr_nonnull(strstr(error, "not a linked program"));
	ck_assert_uint_eq(symbols_count(set), 0);
	symbols_destroy(set);
}
END_TEST

static uint8_t *slurp(const char *name, size_t *size)
{
	char path[128];
	uint8_t *bytes;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	fseek(f, 0, SEEK_END);
	*size = (size_t)ftell(f);
	rewind(f);
	bytes = malloc(*size);
	ck_assert_uint_eq(fread(bytes, 1, *size, f), *size);
	fclose(f);
	return bytes;
}

/* COUNT attributes that take no bytes in an entry, beside the four that matter; line 7 of made.c.
 */
static const char many_attributes[] =
	"\t.text\n\t.globl first\n\t.type first,@function\n"
	"first:\n\t.file 1 \"made.c\"\n\t.loc 1 7\n\tnop\n\tnop\n"
	"end: .size first,.-first\n"
	"\t.section .debug_abbrev,\"\",@progbits\n"
	"\t.uleb128 1,0x11\n\t.byte 0\n"
	"\t.uleb128 0x11,0x01,0x12,0x07,0x10,0x17\n"
	"\t.rept COUNT\n\t.uleb128 0x2105,0x19\n\t.endr\n"
	"\t.byte 0,0,0\n"
	"\t.section .debug_info,\"\",@progbits\n"
	"\t.long 2f-1f\n1:\t.value 4\n\t.long .debug_abbrev\n\t.byte 8\n"
	"\t.uleb128 1\n\t.quad first\n\t.quad end-first\n"
	"\t.long .debug_line\n2:\n"
	"\t.section .debug_line,\"\",@progbits\n";

/* Files that would cost libdw too much, or make it open others, keep their symbols and lose their
 * lines. */
START_TEST(many_attributes_an_entry)
{
	static const char *const counts[] = {"10", "100000"};
	struct symbols *set;
	struct source_line line;

	write_file("many.s", many_attributes);
	run("cc -nostdlib -static -no-pie -Wl,-e,first,-Ttext=0x400000 -Wa,--defsym,COUNT=%s "
	    "many.s -o many.elf",
		counts[_i]);
	set = open_file("many.elf", 0);
	expect_name(set, 0x400001, "first+0x1");
	ck_assert(symbols_find_line(set, 0x400000, &line) == (_i == 0));
	if (_i == 0)
		ck_assert_uint_eq(line.line, 7);
	symbols_destroy(set);
}
END_TEST

/* The compressed sections claim 2^40 bytes (Elf64_Chdr.ch_size, 8 bytes into the section). */
START_TEST(inflation_bomb)
{
	struct symbols *set = symbols_create();
	struct symbol symbol;
	struct source_line line;
	char error[64];
	size_t size;
	uint8_t *bytes;
	unsigned bombs = 0;

	run("cc -O2 -g -gz=zlib %s -fno-pic -no-pie -nostdlib -static inlined.c -o bomb.elf", "");
	bytes = slurp("bomb.elf", &size);
	/* ch_type 1, ch_reserved 0, then size and alignment 1: no other bytes look so, but padding.
	 */
	for (size_t i = 0; i + 24 < size; i++) {
		if (memcmp(bytes + i, "\1\0\0\0\0\0\0\0", 8) || memcmp(bytes + i + 24, "\x78", 1))
			continue;
		bytes[i + 13] = 1;
		bombs++;
	}
	ck_assert_uint_gt(bombs, 0);
	ck_assert(symbols_add_memory(
		set, "bomb", bytes, size, 0, 0, UINT64_MAX, error, sizeof(error)));
	ck_assert(symbols_find_name(set, "outer", &symbol));
	ck_assert(!symbols_find_line(set, symbol.address, &line));
	symbols_destroy(set);
	free(bytes);
}
END_TEST

START_TEST(split_debug_information)
{
	struct symbols *set;
	struct symbol symbol;
	struct source_line line;

	run("cc -O2 -gsplit-dwarf %s -fno-pic -no-pie -nostdlib -static inlined.c -o split.elf",
		"");
	set = open_file("split.elf", 0);
	ck_assert(symbols_find_name(set, "outer", &symbol));
	ck_assert(!symbols_find_line(set, symbol.address, &line));
	symbols_destroy(set);
}
END_TEST

/* Asks everything of a file that may be damaged. */
static void use_everything(const uint8_t *bytes, size_t size, uint64_t address)
{
	struct symbols *set = symbols_create();
	char error[64];
	uint8_t buf[64];
	struct symbol symbol;
	struct symbol_segment segment;
	struct source_line line;
	struct source_frame frames[8];

	if (symbols_add_memory(
		    set, "damaged", bytes, size, 0, 0, UINT64_MAX, error, sizeof(error))) {
		for (unsigned i = 0; i < 24; i += 5) {
			symbols_find_address(set, address + i, &symbol);
			symbols_find_line(set, address + i, &line);
			symbols_find_inlines(set, address + i, frames, 8);
			symbols_find_segment(set, address + i, &segment);
			symbols_read(set, address + i, buf, sizeof(buf));
		}
		symbols_find_name(set, "outer", &symbol);
	}
	symbols_destroy(set);
}

/* In the first part of the file one byte at a time, with three values; then single bytes all over
 * it. */
static void damage(const char *name, uint64_t address, unsigned step)
{
	static const uint8_t values[] = {0x00, 0xff, 0x80};
	size_t size;
	uint8_t *bytes = slurp(name, &size);

	for (size_t i = 0; i < size; i += step) {
		uint8_t kept = bytes[i];

		for (unsigned v = 0; v < 3; v++) {
			bytes[i] = values[v];
			use_everything(bytes, size, address);
		}
		bytes[i] = kept ^ 1;
		use_everything(bytes, size, address);
		bytes[i] = kept;
	}
	for (size_t n = 0; n < size; n += 13) {
		uint8_t *cut = malloc(n ? n : 1);

		memcpy(cut, bytes, n);
		use_everything(cut, n, address);
		free(cut);
	}
	free(bytes);
}

START_TEST(damaged_files)
{
	damage("kernel.elf", 0xffffffff80100000, 1);
}
END_TEST

START_TEST(damaged_debug_information)
{
	struct symbols *set;
	struct symbol outer;

	run("cc -O2 %s -fno-pic -no-pie -nostdlib -static inlined.c -o inlined.elf",
		dwarf_flags[_i]);
	set = open_file("inlined.elf", 0);
	ck_assert(symbols_find_name(set, "outer", &outer));
	symbols_destroy(set);
	damage("inlined.elf", outer.address, 7);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symbols");
	TCase *tcase = tcase_create("symbols");
	int dwarfs = sizeof(dwarf_flags) / sizeof(dwarf_flags[0]), failed;
	SRunner *runner;

	tcase_add_unchecked_fixture(tcase, make_folder, remove_folder);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, names_of_addresses);
	tcase_add_test(tcase, physical_addresses);
	tcase_add_test(tcase, addresses_of_names);
	tcase_add_test(tcase, lines_of_assembly);
	tcase_add_test(tcase, segments_and_bytes);
	tcase_add_loop_test(tcase, inlined_calls, 0, dwarfs);
	tcase_add_test(tcase, stripped_file);
	tcase_add_test(tcase, several_files);
	tcase_add_test(tcase, unusable_files);
	tcase_add_loop_test(tcase, many_attributes_an_entry, 0, 2);
	tcase_add_test(tcase, inflation_bomb);
	tcase_add_test(tcase, split_debug_information);
	tcase_add_test(tcase, damaged_files);
	tcase_add_loop_test(tcase, damaged_debug_information, 0, dwarfs);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
