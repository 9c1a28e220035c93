/* SPDX-License-Identifier: MIT */
/*
 * test_bisect_symbols.c: what symbols say and do not say: assembler code without sizes, names that
 * are not printable. Needs KVM.
 */
#define _GNU_SOURCE
#include "bisect_process.h"
#include "elf_symbols.h"
#include "hunt.h"
#include "suite.h"
#include "symbol_diff.h"

/*
 * first falls into second by no-ops; called.loop is a place in called. FIRST and CALLED are what
 * the versions differ in; where something is wrong, %ebx is not as LIMIT says. Nothing has a size.
 */
static const char source[] =
	".globl _start\n_start: xor %ebx, %ebx; call first; call called\n"
	"cmp limit(%rip), %ebx; je 1f; ud2\n"
	"1: mov $0x604, %dx; mov $0x2000, %ax; out %ax, %dx; 1: jmp 1b\n"
	".p2align 5\nfirst: mov $1, %eax; FIRST\n.p2align 5\nsecond: add $2, %eax; ret\n"
	".p2align 4\ncalled: mov $3, %ecx\n\"called.loop\": CALLED; dec %ecx; jnz \"called.loop\"\n"
	"ret\n.p2align 4\nlast: ret\n"
	".data\n.quad 7\nlimit: .long LIMIT, 0\ntext: .asciz \"abc\"\n"
	".section .note.GNU-stack, \"\", @progbits\n";

#define GROWN "nop; .skip 40, 0x90"
#define WRONG "inc %ebx"
#define SAME  "nop; nop; nop; nop"

static const struct version {
	const char *first, *called, *limit, *symbol;
} good_version = {"nop", SAME, "0", NULL},
  bad_versions[] = {
	  /* As long as it was: nothing has moved. */
	  {"nop", "nop; " WRONG "; dec %ecx; inc %ecx", "0", "called"},
	  {"nop", SAME, "1", "limit"},
	  /* Longer, with what follows shifted. */
	  {"nop", GROWN "; " WRONG, "0", "called"},
	  {GROWN, "nop; nop; " WRONG, "0", "called"},
	  {GROWN "; " WRONG, SAME, "0", "first"},
	  {"jmp 9f; " GROWN "; 9: " WRONG, SAME, "0", "first"},
};

struct images {
	char good[128], bad[128];
};

static void assemble(
	const char *text, const struct version *version, const char *flags, const char *image)
{
	char command[1024];

	write_file("source.S", text, strlen(text));
	snprintf(command, sizeof(command),
		"cc %s '-DFIRST=%s' '-DCALLED=%s' '-DLIMIT=%s' -nostdlib -static -no-pie "
		"-Wl,--build-id=none -Wl,-Ttext=0x200000 -o %s %s",
		flags, version->first, version->called, version->limit, image,
		scratch_file("source.S"));
	ck_assert_int_eq(system(command), 0);
}

static struct images make(const char *good, const char *bad, const struct version *version)
{
	struct images images;

	strcpy(images.good, scratch_file("good.elf"));
	strcpy(images.bad, scratch_file("bad.elf"));
	assemble(good, &good_version, "", images.good);
	assemble(bad, version, "", images.bad);
	return images;
}

/* One symbol, of which the answer says that its size is a guess. */
START_TEST(functions_without_a_size)
{
	struct images images = make(source, source, &bad_versions[_i]);
	json_t *root = parse_answer(BISECT("--fresh", "--json", images.good, images.bad));
	const json_t *minimal = json_object_get(root, "minimal");

	ck_assert_str_eq(text_of(root, "way"), "symbol");
	ck_assert_uint_eq(json_array_size(minimal), 1);
	ck_assert_str_eq(text_of(json_array_get(minimal, 0), "symbol"), bad_versions[_i].symbol);
	ck_assert(json_is_true(json_object_get(json_array_get(minimal, 0), "size_is_guess")));
	json_decref(root);
}
END_TEST

/* One has grown and the other has shrunk: whichever way round, one needs room that its place has
 * not. */
START_TEST(grown_in_32_bits)
{
	static const char source32[] =
		".globl _start\n_start: call first; call second\n"
		"mov $0x604, %dx; mov $0x2000, %ax; out %ax, %dx; 1: jmp 1b\n"
		".type first, @function\nfirst: mov $number, %esi; FIRST; cmpl $LIMIT, (%esi)\n"
		"je 2f; ud2; 2: ret\n.size first, . - first\n"
		".type second, @function\nsecond: mov $second, %eax; CALLED; ret\n"
		".size second, . - second\n.data\nnumber: .long 7\n"
		".section .note.GNU-stack, \"\", @progbits\n";
	static const struct version versions[2] = {
		{"nop", GROWN, "7", NULL}, {GROWN, "nop", "6", NULL}};
	char good[128], bad[128];
	const json_t *minimal;
	json_t *root;

	strcpy(good, scratch_file("good.elf"));
	strcpy(bad, scratch_file("bad.elf"));
	assemble(source32, &versions[0], "-m32", good);
	assemble(source32, &versions[1], "-m32", bad);
	root = parse_answer(BISECT("--fresh", "--by", "symbol", "--json", good, bad));
	minimal = json_object_get(root, "minimal");
	ck_assert_uint_eq(json_array_size(minimal), 1);
	ck_assert_str_eq(text_of(json_array_get(minimal, 0), "symbol"), "first");
	ck_assert(json_is_null(json_object_get(root, "note")));
	json_decref(root);
}
END_TEST

static uint64_t address_of(const char *image, const char *name)
{
	struct content content;
	struct elf_syms syms;
	uint64_t address = 0;
	struct error err;

	ck_assert(content_read(&content, image, &err));
	ck_assert(elf_syms_read(&syms, image, &content, &err));
	for (unsigned i = 0; i < syms.count; i++)
		if (!strcmp(syms.at[i].name, name))
			address = syms.at[i].address;
	elf_syms_free(&syms);
	content_free(&content);
	return address;
}

/* In a column stand the addresses of its own program: 0x20 more in BAD, whose first is 46 bytes
 * long and not 6, each time up to a multiple of 32. */
START_TEST(each_column_is_its_own)
{
	static const struct version version = {GROWN, "call last; " WRONG, "0", "called"};
	struct images images = make(source, source, &version);
	uint64_t good = address_of(images.good, "called"), last = address_of(images.bad, "last");
	json_t *root = parse_answer(BISECT("--fresh", "--json", images.good, images.bad));
	const json_t *row = json_array_get(
		json_object_get(json_array_get(json_object_get(root, "code"), 0), "rows"), 0);
	char wanted[64];
	char *text = json_dumps(json_object_get(root, "code"), 0);

	snprintf(wanted, sizeof(wanted), "0x%lx", (unsigned long)good);
	ck_assert_str_eq(text_of(json_object_get(row, "good"), "address"), wanted);
	snprintf(wanted, sizeof(wanted), "0x%lx", (unsigned long)good + 0x20);
	ck_assert_str_eq(text_of(json_object_get(row, "bad"), "address"), wanted);
	ck_assert(json_is_false(json_object_get(row, "differs")));
	snprintf(wanted, sizeof(wanted), "call 0x%lx <last>", (unsigned long)last);
	ck_assert_msg(strstr(text, wanted) != NULL, "%s: %.1500s", wanted, text);
	free(text);
	json_decref(root);
}
END_TEST

/* By hand, from the source: mov is 5 bytes, nop, dec, add and ret 1, 2, 3 and 1, jnz 2; no-ops at
 * the end do not count. */
START_TEST(guessed_sizes)
{
	static const struct {
		const char *name;
		uint64_t size, slot;
		bool guessed, falls;
	} wanted[] = {
		{"first", 5, 32, true, true},
		{"second", 4, 16, true, false},
		{"called", 14, 16, true, false},
		{"called.loop", 0, 11, false, false},
		{"last", 1, 1, true, false},
		{"limit", 0, 8, false, false},
	};
	struct images images = make(source, source, &good_version);
	struct content content;
	struct elf_syms syms;
	struct error err;
	unsigned found = 0;

	ck_assert(content_read(&content, images.good, &err));
	ck_assert(elf_syms_read(&syms, images.good, &content, &err));
	for (unsigned i = 0; i < syms.count; i++)
		for (unsigned j = 0; j < LENGTH(wanted); j++) {
			const struct elf_sym *sym = &syms.at[i];

			if (strcmp(sym->name, wanted[j].name) != 0)
				continue;
			found++;
			ck_assert_msg(sym->size == wanted[j].size && sym->slot == wanted[j].slot &&
					      sym->guessed == wanted[j].guessed &&
					      sym->falls == wanted[j].falls,
				"%s: %u of %u, %d %d", sym->name, (unsigned)sym->size,
				(unsigned)sym->slot, sym->guessed, sym->falls);
		}
	ck_assert_uint_eq(found, LENGTH(wanted));
	elf_syms_free(&syms);
	content_free(&content);
}
END_TEST

/* Three objects that all have to be BAD's. */
static const char data_source[] =
	".globl _start\n_start: cmpl $5, number(%rip); je 1f; cmpb $'o', text(%rip); je 1f\n"
	"cmpq $2, list + 8(%rip); je 1f; ud2\n"
	"1: mov $0x604, %dx; mov $0x2000, %ax; out %ax, %dx; 1: jmp 1b\n"
	".data\n.type number, @object; .size number, 4\nnumber: .long LIMIT\n"
	".type text, @object; .size text, 6\ntext: .asciz FIRST\n"
	".balign 8; .type list, @object; .size list, 24\nlist: .quad 1, CALLED, 3\n"
	".section .note.GNU-stack, \"\", @progbits\n";

START_TEST(values_of_data)
{
	static const struct version versions[2] = {
		{"\"one\\n-\"", "2", "5", NULL}, {"\"two\\\"-\"", "0xcafe", "-2", NULL}};
	static const char *const lines[] = {"    0x5 -> 0xfffffffe (4294967294, -2)\n",
		"    \"one\\x0a-\" -> \"two\\\"-\"\n", "    +0x8: 02 00 -> fe ca\n"};
	char good[128], bad[128];
	const struct run *run;
	json_t *root, *minimal;

	strcpy(good, scratch_file("good.elf"));
	strcpy(bad, scratch_file("bad.elf"));
	assemble(data_source, &versions[0], "", good);
	assemble(data_source, &versions[1], "", bad);
	run = BISECT("--fresh", good, bad);
	for (unsigned i = 0; i < LENGTH(lines); i++)
		ck_assert_msg(
			strstr(run->out, lines[i]) != NULL, "%s in %.1500s", lines[i], run->out);
	root = parse_answer(BISECT("--json", good, bad));
	minimal = json_object_get(root, "minimal");
	ck_assert_uint_eq(json_array_size(minimal), 3);
	ck_assert_str_eq(text_of(json_array_get(minimal, 0), "good"), "05000000");
	ck_assert_str_eq(text_of(json_array_get(minimal, 0), "bad"), "feffffff");
	json_decref(root);
}
END_TEST

/* ESC would give orders to the terminal. */
START_TEST(names_are_not_orders)
{
	static const char hostile[] =
		".globl _start\n_start: call \"a\033[31mb\"\n"
		"mov $0x604, %dx; mov $0x2000, %ax; out %ax, %dx; 1: jmp 1b\n"
		"\"a\033[31mb\": cmpl $LIMIT, 1f(%rip); je 2f; ud2; 2: ret\n1: .long 0\n"
		".section .note.GNU-stack, \"\", @progbits\n";
	struct images images = make(hostile, hostile, &bad_versions[1]);
	const struct run *run = BISECT("--fresh", images.good, images.bad);

	ck_assert_msg(run->status == 0, "%s", run->err);
	ck_assert_msg(strstr(run->out, "a\\x1b[31mb: function of") != NULL, "%s", run->out);
	ck_assert(!strchr(run->out, '\033'));
}
END_TEST

static unsigned random_below(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) % n;
}

/* Symbol table, names and section headers lie behind the code: they may say anything. */
START_TEST(damaged_tables)
{
	struct images images = make(source, source, &bad_versions[2]);
	struct config config = {.memory = 16 << 20, .cpus = 1};
	struct content good, fresh, bad;
	unsigned taken = 0;
	struct error err;

	ck_assert(content_read(&good, images.good, &err));
	ck_assert(content_read(&fresh, images.bad, &err));
	ck_assert(content_alloc(&bad, fresh.size, &err));
	for (unsigned seed = 1; seed <= 200; seed++) {
		struct claim claims[2] = {{images.good, &good}, {images.bad, &bad}};
		unsigned half = (unsigned)fresh.size / 2, random = seed;
		struct symbol_report report;
		struct content content;
		struct diff diff = {0};

		memcpy(bad.bytes, fresh.bytes, fresh.size);
		for (unsigned i = 0; i < 8; i++)
			bad.bytes[half + random_below(&random, half)] =
				(uint8_t)random_below(&random, 256);
		ck_assert(content_write(&bad, images.bad, 0644, &err));
		if (diff_make_symbols(&diff, &config, &claims[0], &claims[1], &report, &err)) {
			const struct set none = {0};

			ck_assert(hunt_compose(&diff.space, &none, true, &content, &err));
			content_free(&content);
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

int main(void)
{
	const struct looped_test tests[] = {
		{functions_without_a_size, LENGTH(bad_versions)},
		{guessed_sizes},
		{grown_in_32_bits},
		{values_of_data},
		{each_column_is_its_own},
		{names_are_not_orders},
		{damaged_tables},
	};
	int status;

	if (!kvm_is_here("test_bisect_symbols"))
		return 77;
	scratch();
	status = RUN_LOOPED_SUITE("bisect_symbols", tests, 120);
	remove_scratch();
	return status;
}
