/* SPDX-License-Identifier: MIT */
/*
 * test_bisect_builds.c: bisect on what compilers and linkers make: two builds of the guest kernel
 * of which one function is compiled wrong, flags, and a program that depends on its layout. Needs
 * KVM.
 */
#define _GNU_SOURCE
#include <sys/stat.h>

#include "bisect_process.h"
#include "suite.h"
#include "symbol_diff.h"

#define KERNEL_LINK                                                                   \
	"cc -m64 -nostdlib -static -no-pie -Wl,-z,max-page-size=4096,-z,noexecstack " \
	"-Wl,--build-id=none,--no-warn-rwx-segments -Wl,-T,%s -o {} @objects@"

/* Paths that stay. */
struct paths {
	char good[4200], bad[4200], list[4200], folder[128];
};

static void built(char *to, const char *file)
{
	strcpy(to, built_file(file));
}

static struct paths make_paths(const char *good, const char *bad, const char *folder)
{
	struct paths paths;

	built(paths.good, good);
	built(paths.bad, bad);
	built(paths.list, "guest/planted/objects.list");
	strcpy(paths.folder, scratch_file(folder));
	return paths;
}

/* heap.c's make_used() and units_for() are inlined into heap_alloc(). */
static void expect_heap_alloc(const json_t *change)
{
	const json_t *source = json_object_get(change, "source");

	ck_assert_str_eq(text_of(change, "symbol"), "heap_alloc");
	ck_assert_str_eq(text_of(source, "file"), "guest/kernel/heap.c");
	ck_assert_int_gt(json_integer_value(json_object_get(source, "line")), 0);
}

static const json_t *first(const json_t *root, const char *key)
{
	ck_assert_uint_eq(json_array_size(json_object_get(root, key)), 1);
	return json_array_get(json_object_get(root, key), 0);
}

START_TEST(a_function_by_bytes)
{
	struct paths paths =
		make_paths("guest/planted/good.elf", "guest/planted/alike.elf", "by-bytes");
	json_t *root = parse_answer(
		BISECT("--by", "bytes", "--json", "-o", paths.folder, paths.good, paths.bad));

	expect_heap_alloc(first(root, "minimal"));
	ck_assert_str_eq(text_of(first(root, "minimal"), "section"), ".text");
	json_decref(root);
}
END_TEST

static bool some_row_differs(const json_t *code)
{
	const json_t *rows = json_object_get(code, "rows");
	bool differs = false;

	for (size_t i = 0; i < json_array_size(rows); i++)
		differs |= json_is_true(json_object_get(json_array_get(rows, i), "differs"));
	return differs;
}

static const char *const kernels[] = {"guest/planted/alike.elf", "guest/planted/shifted.elf"};

START_TEST(a_function_by_symbol)
{
	struct paths paths = make_paths("guest/planted/good.elf", kernels[_i], "by-symbol");
	json_t *root = parse_answer(BISECT("--json", "-o", paths.folder, paths.good, paths.bad));

	ck_assert_str_eq(text_of(root, "way"), "symbol");
	expect_heap_alloc(first(root, "minimal"));
	ck_assert_str_eq(text_of(first(root, "code"), "function"), "heap_alloc");
	ck_assert(some_row_differs(first(root, "code")));
	ck_assert_str_eq(
		text_of(json_object_get(json_object_get(root, "autopsy"), "verdict"), "id"),
		"kernel-panic");
	json_decref(root);
}
END_TEST

START_TEST(a_function_by_object)
{
	struct paths paths = make_paths("obj/planted", "guest/planted/objects", "by-object");
	char script[4200], link[8192];
	json_t *root;

	built(script, "obj/kernel64/kernel.lds");
	snprintf(link, sizeof(link), KERNEL_LINK, script);
	root = parse_answer(BISECT("--link", link, "--objects", paths.list, "--json", "-o",
		paths.folder, "-j", "2", paths.good, paths.bad));
	ck_assert_int_gt(json_integer_value(json_object_get(root, "atoms")), 5);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "minimal")), 1);
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(root, "minimal"), 0)),
		"guest/kernel/heap.o");
	expect_heap_alloc(first(root, "within"));
	json_decref(root);
}
END_TEST

static unsigned random_below(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) % n;
}

/* Somewhere in the headers, the symbol table, or anywhere. */
static void damage(struct content *image, unsigned seed)
{
	unsigned last = (unsigned)image->size, tail = last / 4;

	for (unsigned i = 0; i < 12; i++) {
		unsigned at = random_below(&seed, last);

		if (i % 3 == 0)
			at = random_below(&seed, 0x200);
		else if (i % 3 == 1)
			at = last - 1 - random_below(&seed, tail);
		image->bytes[at] = (uint8_t)random_below(&seed, 256);
	}
}

static void compose_all(const struct diff *diff)
{
	struct content content;
	struct error err;
	struct set all;

	ck_assert(set_full(&all, diff->space.atoms, &err));
	ck_assert(diff->space.compose(&diff->space, &all, &content, &err));
	set_free(&all);
	content_free(&content);
}

/* Damaged files are refused or searched, and cost nothing worse; sanitizers watch. */
START_TEST(damaged_files)
{
	struct config config = {.memory = 16 << 20, .cpus = 1};
	struct content good, fresh, bad = {0};
	struct error err;
	char names[3][4200];
	unsigned taken = 0;

	built(names[0], "guest/planted/good.elf");
	built(names[1], "guest/planted/shifted.elf");
	strcpy(names[2], scratch_file("damaged.elf"));
	ck_assert(content_read(&good, names[0], &err) && content_read(&fresh, names[1], &err) &&
		  content_alloc(&bad, fresh.size, &err));
	for (unsigned seed = 1; seed <= 60; seed++) {
		struct claim claims[2] = {{names[0], &good}, {names[2], &bad}};
		struct symbol_report report;
		struct diff diff = {0};

		memcpy(bad.bytes, fresh.bytes, fresh.size);
		damage(&bad, seed);
		ck_assert(content_write(&bad, names[2], 0644, &err));
		if (diff_make_symbols(&diff, &config, &claims[0], &claims[1], &report, &err)) {
			compose_all(&diff);
			taken++;
		}
		diff_deinit(&diff);
	}
	ck_assert_uint_gt(taken, 0);
	content_free(&good);
	content_free(&fresh);
	content_free(&bad);
}
END_TEST

/* A structure is cleared by SSE where the compiler may, and the CPU is not set up for that. */
static const char start32[] = ".globl _start\n_start: call kernel_main\n"
			      "mov $0x604, %dx; mov $0x2000, %ax; out %ax, %dx; 1: jmp 1b\n"
			      ".section .note.GNU-stack, \"\", @progbits\n";
static const char main32[] = "struct process { int a, b; unsigned c, d; } all[8];\n"
			     "void kernel_main(void)\n{\n"
			     "	for (int i = 0; i < 8; i++)\n"
			     "		all[i] = (struct process){0};\n}\n";

START_TEST(a_flag)
{
	char build[1024], folder[128];
	json_t *root;

	strcpy(folder, scratch_file("by-flags"));
	write_file("start.S", start32, sizeof(start32) - 1);
	write_file("main.c", main32, sizeof(main32) - 1);
	snprintf(build, sizeof(build),
		"cc -m32 -ffreestanding -fno-pic -no-pie -nostdlib -static -Wl,--build-id=none "
		"-Wl,-Ttext=0x200000 @flags@ -o {} %s/start.S %s/main.c",
		scratch(), scratch());
	root = parse_answer(BISECT("--by", "flags", "--build", build, "--json", "-o", folder,
		"--good", "-O3 -march=i686 -fno-stack-protector -fno-builtin", "--bad",
		"-O3 -march=i686 -fomit-frame-pointer -march=x86-64 -fno-strict-aliasing "
		"-fno-builtin"));
	ck_assert_int_eq(json_integer_value(json_object_get(root, "atoms")), 4);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "minimal")), 1);
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(root, "minimal"), 0)),
		"with -march=x86-64");
	json_decref(root);
}
END_TEST

/* Dies when bit 6 of its address is set: its first instruction is at a multiple of 4096. */
static const char layout64[] =
	".globl _start\n_start: lea _start(%rip), %rax; test $0x40, %al; jz 1f; ud2\n"
	"1: mov $0x604, %dx; mov $0x2000, %ax; out %ax, %dx; 1: jmp 1b\n"
	".data\n.quad 1\n.section .note.GNU-stack, \"\", @progbits\n";

START_TEST(the_layout)
{
	char build[1024], folder[128];
	const json_t *section;
	json_t *root;

	strcpy(folder, scratch_file("by-layout"));
	write_file("layout.S", layout64, sizeof(layout64) - 1);
	snprintf(build, sizeof(build),
		"cd %s && { [ -e layout.o ] || cc -c -o layout.o layout.S; } && "
		"ld -static -Ttext=0x200000 -o {} @pad@ layout.o",
		scratch());
	root = parse_answer(BISECT("--build", build, "--json", "-o", folder));
	ck_assert_str_eq(text_of(root, "base"), "good");
	section = json_array_get(json_object_get(root, "sections"), 0);
	ck_assert_str_eq(text_of(section, "section"), ".text");
	ck_assert(json_is_true(json_object_get(section, "matters")));
	ck_assert_int_eq(json_integer_value(json_object_get(section, "least")), 64);
	for (unsigned i = 1; i < 4; i++)
		ck_assert(json_is_false(json_object_get(
			json_array_get(json_object_get(root, "sections"), i), "matters")));
	json_decref(root);
}
END_TEST

START_TEST(a_layout_that_does_not_matter)
{
	static const char code[] = ".globl _start\n_start: mov $0x604, %dx; mov $0x2000, %ax\n"
				   "out %ax, %dx; 1: jmp 1b\n"
				   ".section .note.GNU-stack, \"\", @progbits\n";
	char build[1024], folder[128];

	strcpy(folder, scratch_file("by-layout"));
	write_file("same.S", code, sizeof(code) - 1);
	snprintf(build, sizeof(build),
		"cd %s && { [ -e same.o ] || cc -c -o same.o same.S; } && "
		"ld -static -Ttext=0x200000 -o {} @pad@ same.o",
		scratch());
	expect_line(BISECT("--build", build, "-o", folder), 90, "the layout does not matter");
}
END_TEST

/* The same images and the same command, but the lists have another order: what is known of the
 * first flag then says nothing about the first one now. */
START_TEST(flags_in_another_order)
{
	static const char *const lists[] = {"-x -kill -y", "-x -y -kill"};
	const char *folder = scratch_file("by-order");

	for (unsigned i = 0; i < 2; i++) {
		json_t *root = parse_answer(BISECT("--by", "flags", "--json", "-o", folder,
			"--test", "grep -q lives {}", "--build",
			"case ' @flags@' in *-kill*) echo dies;; *) echo lives;; esac >{}",
			"--good", "-x", "--bad", lists[i]));

		ck_assert_uint_eq(json_array_size(json_object_get(root, "minimal")), 1);
		ck_assert_str_eq(
			json_string_value(json_array_get(json_object_get(root, "minimal"), 0)),
			"with -kill");
		ck_assert(json_is_false(json_object_get(root, "wavers")));
		json_decref(root);
	}
}
END_TEST

/* By its size: a shift of 4 or more makes it bad; after the change nothing does. */
START_TEST(a_layout_that_was_changed)
{
	const char *folder = scratch_file("changed");
	char build[512];
	json_t *root;

	snprintf(build, sizeof(build),
		"cat %s/source >{}; size -A @pad@ | awk '$2 >= 4 && /text/ {print \"shifted\"}' "
		">>{}",
		scratch());
	write_file("source", "first\n", 6);
	root = parse_answer(BISECT("--by", "layout", "--json", "-o", folder, "--build", build,
		"--test", "! grep -q shifted {} || grep -q second {}"));
	ck_assert_int_eq(json_integer_value(json_object_get(
				 json_array_get(json_object_get(root, "sections"), 0), "least")),
		4);
	json_decref(root);
	write_file("source", "second\n", 7);
	expect_line(BISECT("--by", "layout", "-o", folder, "--build", build, "--test",
			    "! grep -q shifted {} || grep -q second {}"),
		90, "the layout does not matter");
}
END_TEST

/* Good without a shift; with one, each second try. */
START_TEST(a_layout_that_wavers)
{
	char test[512];

	write_file("turn", "", 0);
	snprintf(test, sizeof(test),
		"grep -q shifted {} || exit 0; echo >>%s/turn; [ $(($(wc -l <%s/turn) %% 2)) = 0 ]",
		scratch(), scratch());
	expect_line(BISECT("--by", "layout", "-o", scratch_file("wavers"), "--build",
			    "size -A @pad@ | awk '$2 && /text/ {print \"shifted\"}' >{}; echo >>{}",
			    "--test", test),
		88, "the verdict wavers: with .text");
}
END_TEST

START_TEST(commands_that_fail)
{
	struct paths paths = make_paths("obj/planted", "guest/planted/objects", "fails");
	char text[128];

	expect_line(BISECT("--link", "/no/such/linker -o {} @objects@", "-o", paths.folder,
			    paths.good, paths.bad),
		89, "cannot be run");
	expect_line(BISECT("--link", "echo wrong; false {} @objects@", "-o", paths.folder,
			    paths.good, paths.bad),
		89, "GOOD: --link: the command ended with status 1: wrong");
	expect_line(
		BISECT("--link", "x {}", paths.good, paths.bad), 64, "expected @objects@ in it");
	ck_assert_int_eq(mkfifo(scratch_file("fifo"), 0600), 0);
	expect_line(BISECT("--link", "x {} @objects@", "--objects", scratch_file("fifo"), "-o",
			    paths.folder, paths.good, paths.bad),
		66, "is not a regular file, expected a list of objects");
	expect_line(
		BISECT("--by", "object", paths.good, paths.bad), 64, "--by object needs --link");
	expect_line(BISECT("--link", "x {} @objects@", paths.good, paths.list), 64, "not a folder");
	expect_line(BISECT("--by", "flags", "--build", "x {}", "--good", "-O", "--bad", "-O2"), 64,
		"needs --build");
	expect_line(BISECT("--build", "true {} @flags@", "-o", paths.folder, "--good", "-O2"), 64,
		"GOOD and BAD are needed");
	snprintf(text, sizeof(text), "@%s", write_file("flags", "-O2\n-g\n", 7));
	expect_line(
		BISECT("--build", "true {} @flags@", "-o", paths.folder, "--good", "-O2  -g", text),
		85, "the same");
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{a_function_by_bytes},
		{a_function_by_symbol, LENGTH(kernels)},
		{a_function_by_object},
		{damaged_files},
		{a_flag},
		{the_layout},
		{a_layout_that_does_not_matter},
		{flags_in_another_order},
		{a_layout_that_was_changed},
		{a_layout_that_wavers},
		{commands_that_fail},
	};
	int status;

	if (!kvm_is_here("test_bisect_builds"))
		return 77;
	scratch();
	status = RUN_LOOPED_SUITE("bisect_builds", tests, 120);
	remove_scratch();
	return status;
}
