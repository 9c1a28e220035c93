/* SPDX-License-Identifier: MIT */
/*
 * test_backtrace.c: stacks laid out by hand, in code without information, and in programs with
 * call-frame information that are assembled here from sources whose pushes are known.
 */
#include <stdio.h>
#include <unistd.h>

#include "autopsy/backtrace.h"
#include "fault_machine.h"

static struct machine machine;
static struct backtrace trace;

/* A call with five bytes that ends at address: e8 and four bytes of offset. */
static void put_call(uint64_t end)
{
	put(&machine, end - 5, 0xe8, 5);
}

static void expect_frame(unsigned i, uint64_t rip, uint64_t rsp, enum frame_source source)
{
	ck_assert_msg(i < trace.count, "only %u frames", trace.count);
	ck_assert_msg(trace.frame[i].rip == rip, "frame %u: rip %llx", i,
		(unsigned long long)trace.frame[i].rip);
	ck_assert_msg(trace.frame[i].rsp == rsp, "frame %u: rsp %llx", i,
		(unsigned long long)trace.frame[i].rsp);
	ck_assert_msg(trace.frame[i].source == source, "frame %u: %s", i,
		frame_source_word(trace.frame[i].source));
}

static void make_trace(struct symbols *symbols)
{
	backtrace_make(&machine.mem, &machine.cpu, symbols, &trace);
	ck_assert_uint_ge(trace.count, 1);
	ck_assert_uint_eq(trace.frame[0].rip, machine.cpu.rip);
}

/* Three frames at 0x1f000, 0x1f100, 0x1f200; the outermost has a saved RBP of 0 and a return
 * address of 0. */
static void build_chain(void)
{
	build(&machine);
	machine.cpu.rip = 0x10100;
	put(&machine, 0x10100, 0x90, 1);
	put_call(0x10205);
	put_call(0x10305);
	machine.cpu.gpr[GPR_RSP] = 0x1efe0;
	machine.cpu.gpr[GPR_RBP] = 0x1f000;
	put(&machine, 0x1f000, 0x1f100, 8);
	put(&machine, 0x1f008, 0x10205, 8);
	put(&machine, 0x1f100, 0x1f200, 8);
	put(&machine, 0x1f108, 0x10305, 8);
}

START_TEST(frame_pointers)
{
	build_chain();
	make_trace(NULL);
	expect_frame(0, 0x10100, 0x1efe0, FRAME_REGISTERS);
	expect_frame(1, 0x10205, 0x1f010, FRAME_POINTER);
	expect_frame(2, 0x10305, 0x1f110, FRAME_POINTER);
	ck_assert_uint_eq(trace.count, 3);
	ck_assert_int_eq(trace.end, BACKTRACE_OUTERMOST);
	ck_assert(trace.frame[0].exact);
	ck_assert_uint_eq(backtrace_lookup_address(&machine.cpu, &trace.frame[0]), 0x10100);
	ck_assert_uint_eq(backtrace_lookup_address(&machine.cpu, &trace.frame[1]), 0x10204);
}
END_TEST

START_TEST(frame_pointer_loop)
{
	build_chain();
	put(&machine, 0x1f100, 0x1f000, 8); /* points back */
	make_trace(NULL);
	expect_frame(1, 0x10205, 0x1f010, FRAME_POINTER);
	/* The chain is broken there, but a search finds the word that it held. */
	expect_frame(2, 0x10305, 0x1f110, FRAME_SCAN);
}
END_TEST

START_TEST(frame_pointer_to_itself)
{
	build_chain();
	put(&machine, 0x1f000, 0x1f000, 8);
	put(&machine, 0x1f108, 0, 8);
	make_trace(NULL);
	expect_frame(1, 0x10205, 0x1f010, FRAME_SCAN);
	ck_assert_uint_eq(trace.count, 2);
}
END_TEST

/* Return addresses must lie behind a call: this one has a nop there. */
START_TEST(no_call_before)
{
	build_chain();
	put(&machine, 0x10200, 0x9090909090, 5);
	make_trace(NULL);
	expect_frame(1, 0x10305, 0x1f110, FRAME_SCAN);
}
END_TEST

START_TEST(unmapped_stack)
{
	build_chain();
	machine.cpu.gpr[GPR_RSP] = 0x30000;
	machine.cpu.gpr[GPR_RBP] = 0x41414141;
	make_trace(NULL);
	ck_assert_uint_eq(trace.count, 1);
	ck_assert_int_eq(trace.end, BACKTRACE_UNREADABLE);
}
END_TEST

START_TEST(nothing_on_the_stack)
{
	build(&machine);
	machine.cpu.gpr[GPR_RSP] = 0x18000;
	make_trace(NULL);
	ck_assert_uint_eq(trace.count, 1);
	ck_assert_int_eq(trace.end, BACKTRACE_LOST);
}
END_TEST

START_TEST(recursion_is_cut)
{
	build(&machine);
	put_call(0x10205);
	machine.cpu.gpr[GPR_RSP] = machine.cpu.gpr[GPR_RBP] = 0x18000;
	for (uint64_t i = 0; i < 1000; i++) {
		put(&machine, 0x18000 + 16 * i, 0x18010 + 16 * i, 8);
		put(&machine, 0x18008 + 16 * i, 0x10205, 8);
	}
	make_trace(NULL);
	ck_assert_uint_eq(trace.count, BACKTRACE_MAX);
	ck_assert_int_eq(trace.end, BACKTRACE_FULL);
}
END_TEST

/* A call through a null pointer: nothing can have changed RSP since. */
START_TEST(call_to_nowhere)
{
	build_chain();
	machine.cpu.rip = 0x30000;
	machine.cpu.gpr[GPR_RSP] = 0x1efe0;
	put(&machine, 0x10402, 0xd0ff, 2); /* call *%rax */
	put(&machine, 0x1efe0, 0x10404, 8);
	make_trace(NULL);
	expect_frame(1, 0x10404, 0x1efe8, FRAME_RETURN_SLOT);
	expect_frame(2, 0x10205, 0x1f010, FRAME_POINTER);
}
END_TEST

START_TEST(at_a_ret)
{
	build_chain();
	put(&machine, 0x10100, 0xc3, 1);
	put_call(0x10405);
	put(&machine, 0x1efe0, 0x10405, 8);
	make_trace(NULL);
	expect_frame(1, 0x10405, 0x1efe8, FRAME_RETURN_SLOT);
}
END_TEST

/* A handler with frame pointer 0x1ee00 interrupted the chain; with an error code, and without. */
START_TEST(interrupted_code)
{
	uint64_t at = _i ? 0x1ee10 : 0x1ee08;

	build_chain();
	machine.cpu.rip = 0x10500;
	machine.cpu.gpr[GPR_RSP] = 0x1ed00;
	machine.cpu.gpr[GPR_RBP] = 0x1ee00;
	put(&machine, 0x1ee00, 0x1f000, 8);
	put(&machine, at - 8 * _i, 2, 8 * _i);
	put(&machine, at, 0x10100, 8);
	put(&machine, at + 8, 8, 8);
	put(&machine, at + 16, 0x10246, 8);
	put(&machine, at + 24, 0x1efe0, 8);
	put(&machine, at + 32, 0x10, 8);
	if (!_i)
		put(&machine, 0x1ee00, 0x1f000, 8);
	make_trace(NULL);
	expect_frame(1, 0x10100, 0x1efe0, FRAME_INTERRUPTED);
	ck_assert(trace.frame[1].exact);
	expect_frame(2, 0x10205, 0x1f010, FRAME_POINTER);
	expect_frame(3, 0x10305, 0x1f110, FRAME_POINTER);
}
END_TEST

/*
 * A handler at 0x10500 with frame pointers, called by a stub that pushed five registers and left
 * RBP alone: the chain of frame pointers alone would skip the function that was interrupted.
 */
START_TEST(interrupted_through_a_stub)
{
	build_chain();
	put_call(0x10605);
	machine.cpu.rip = 0x10500;
	machine.cpu.gpr[GPR_RSP] = 0x1ecf0;
	machine.cpu.gpr[GPR_RBP] = 0x1ed00;
	put(&machine, 0x1ed00, 0x1f000, 8);
	put(&machine, 0x1ed08, 0x10605, 8);
	put(&machine, 0x1ed38, 0x10100, 8);
	put(&machine, 0x1ed40, 8, 8);
	put(&machine, 0x1ed48, 0x10246, 8);
	put(&machine, 0x1ed50, 0x1efe0, 8);
	put(&machine, 0x1ed58, 0x10, 8);
	make_trace(NULL);
	expect_frame(1, 0x10605, 0x1ed10, FRAME_POINTER);
	expect_frame(2, 0x10100, 0x1efe0, FRAME_INTERRUPTED);
	expect_frame(3, 0x10205, 0x1f010, FRAME_POINTER);
	expect_frame(4, 0x10305, 0x1f110, FRAME_POINTER);
	ck_assert_uint_eq(trace.count, 5);
}
END_TEST

/* What looks like a frame but for one word is none. */
START_TEST(no_exception_frame)
{
	static const struct {
		unsigned slot;
		uint64_t value;
	} wrong[] = {{1, 0x10}, {1, 0x1008}, {1, 0}, {2, 0}, {2, 0x80000002}, {3, 1ull << 63},
		{4, 8}, {4, 0x1b}};
	const uint64_t at = 0x1ef00;

	build(&machine);
	machine.cpu.gpr[GPR_RSP] = 0x1ee80;
	put(&machine, at, 0x10100, 8);
	put(&machine, at + 8, 8, 8);
	put(&machine, at + 16, 0x246, 8);
	put(&machine, at + 24, 0x1efe0, 8);
	put(&machine, at + 32, 0x10, 8);
	make_trace(NULL);
	expect_frame(1, 0x10100, 0x1efe0, FRAME_INTERRUPTED);
	put(&machine, at + 8 * wrong[_i].slot, wrong[_i].value, 8);
	make_trace(NULL);
	ck_assert_uint_eq(trace.count, 1);
}
END_TEST

START_TEST(frame_pointers_32)
{
	build(&machine);
	to_pm32(&machine);
	machine.cpu.rip = 0x10100;
	put_call(0x10205);
	machine.cpu.gpr[GPR_RSP] = 0xdead00001eff0;
	machine.cpu.gpr[GPR_RBP] = 0x1f000;
	put(&machine, 0x1f000, 0x1f100, 4);
	put(&machine, 0x1f004, 0x10205, 4);
	put(&machine, 0x1f100, 0, 8);
	make_trace(NULL);
	expect_frame(1, 0x10205, 0x1f008, FRAME_POINTER);
	ck_assert_uint_eq(trace.count, 2);
	ck_assert_int_eq(trace.end, BACKTRACE_OUTERMOST);
}
END_TEST

/*
 * outer 0x10000: sub $0x18 (4 bytes), call (5), nop; middle 0x10010: push %rbx (1), sub $0x20 (4),
 * call (5), nop; inner 0x10020: nop, nop. Without frame pointers: only the information tells where
 * the return addresses are.
 */
static const char source_64[] = "\t.cfi_sections SECTIONS\n"
				"\t.text\n"
				"\t.globl outer\n\t.type outer,@function\n"
				"outer:\n"
				"\t.cfi_startproc\n"
				"\t.cfi_undefined rip\n"
				"\tsub $0x18,%rsp\n"
				"\t.cfi_adjust_cfa_offset 0x18\n"
				"\tcall middle\n"
				"\tnop\n"
				"\t.cfi_endproc\n"
				"\t.size outer,.-outer\n"
				"\t.balign 16\n"
				"\t.type middle,@function\n"
				"middle:\n"
				"\t.cfi_startproc\n"
				"\tpush %rbx\n"
				"\t.cfi_adjust_cfa_offset 8\n"
				"\t.cfi_offset %rbx,-16\n"
				"\tsub $0x20,%rsp\n"
				"\t.cfi_adjust_cfa_offset 0x20\n"
				"\tcall inner\n"
				"\tnop\n"
				"\t.cfi_endproc\n"
				"\t.size middle,.-middle\n"
				"\t.balign 16\n"
				"\t.type inner,@function\n"
				"inner:\n"
				"\t.cfi_startproc\n"
				"\tnop\n"
				"\tnop\n"
				"\t.cfi_endproc\n"
				"\t.size inner,.-inner\n";

/* The same for i386: push %ebx (1), sub $0x20 (3), call (5). */
static const char source_32[] = "\t.cfi_sections SECTIONS\n"
				"\t.text\n"
				"\t.globl outer\n\t.type outer,@function\n"
				"outer:\n"
				"\t.cfi_startproc\n"
				"\t.cfi_undefined 8\n"
				"\tsub $0x18,%esp\n"
				"\t.cfi_adjust_cfa_offset 0x18\n"
				"\tcall middle\n"
				"\tnop\n"
				"\t.cfi_endproc\n"
				"\t.size outer,.-outer\n"
				"\t.balign 16\n"
				"\t.type middle,@function\n"
				"middle:\n"
				"\t.cfi_startproc\n"
				"\tpush %ebx\n"
				"\t.cfi_adjust_cfa_offset 4\n"
				"\t.cfi_offset %ebx,-8\n"
				"\tsub $0x20,%esp\n"
				"\t.cfi_adjust_cfa_offset 0x20\n"
				"\tcall inner\n"
				"\tnop\n"
				"\t.cfi_endproc\n"
				"\t.size middle,.-middle\n"
				"\t.balign 16\n"
				"\t.type inner,@function\n"
				"inner:\n"
				"\t.cfi_startproc\n"
				"\tnop\n"
				"\tnop\n"
				"\t.cfi_endproc\n"
				"\t.size inner,.-inner\n";

static struct symbols *assemble(const char *source, const char *sections, const char *flags)
{
	char folder[] = "/tmp/test_backtrace.XXXXXX", command[512], path[64], error[256] = "";
	struct symbols *symbols = symbols_create();
	FILE *f;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/a.s", folder);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(source, f);
	fclose(f);
	snprintf(command, sizeof(command),
		"cd %s && sed -i 's/SECTIONS/%s/' a.s && cc %s -g -nostdlib -static -no-pie "
		"-Wl,-Ttext=0x10000,-e,outer,--build-id=none -Wl,-n a.s -o a.elf",
		folder, sections, flags);
	ck_assert_int_eq(system(command), 0);
	snprintf(path, sizeof(path), "%s/a.elf", folder);
	ck_assert_msg(
		symbols_add(symbols, path, 0, 0, UINT64_MAX, error, sizeof(error)), "%s", error);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
	ck_assert_uint_gt(symbols_read(symbols, 0x10000, machine.ram + 0x10000, 0x22), 0);
	return symbols;
}

static const char *const cfi_sections[] = {".eh_frame", ".debug_frame"};

START_TEST(call_frame_information)
{
	struct symbols *symbols;

	build(&machine);
	symbols = assemble(source_64, cfi_sections[_i], "");
	machine.cpu.rip = 0x10021;
	machine.cpu.gpr[GPR_RBP] = 0x1fffffff; /* means nothing here */
	machine.cpu.gpr[GPR_RSP] = 0x1f000;
	put(&machine, 0x1f000, 0x1001a, 8); /* into middle */
	put(&machine, 0x1f008, 0x10009, 8); /* stale: a search would take it */
	put(&machine, 0x1f030, 0x10009, 8); /* into outer */
	make_trace(symbols);
	expect_frame(1, 0x1001a, 0x1f008, FRAME_CFI);
	expect_frame(2, 0x10009, 0x1f038, FRAME_CFI);
	ck_assert_uint_eq(trace.count, 3);
	ck_assert_int_eq(trace.end, BACKTRACE_OUTERMOST);
	ck_assert_uint_eq(trace.frame[2].rbp, 0x1fffffff);
	symbols_destroy(symbols);
}
END_TEST

START_TEST(call_frame_information_32)
{
	struct symbols *symbols;

	build(&machine);
	to_pm32(&machine);
	symbols = assemble(source_32, cfi_sections[_i], "-m32");
	machine.cpu.rip = 0x10021;
	machine.cpu.gpr[GPR_RSP] = 0x1f000;
	put(&machine, 0x1f000, 0x10019, 4);
	put(&machine, 0x1f004, 0x10008, 4);
	put(&machine, 0x1f028, 0x10008, 4);
	make_trace(symbols);
	expect_frame(1, 0x10019, 0x1f004, FRAME_CFI);
	expect_frame(2, 0x10008, 0x1f02c, FRAME_CFI);
	ck_assert_uint_eq(trace.count, 3);
	ck_assert_int_eq(trace.end, BACKTRACE_OUTERMOST);
	symbols_destroy(symbols);
}
END_TEST

/* Information that is right over a stack that is not: no wrong frame, what follows is marked as a
 * guess. */
START_TEST(smashed_stack_with_information)
{
	struct symbols *symbols;

	build(&machine);
	symbols = assemble(source_64, ".eh_frame", "");
	machine.cpu.rip = 0x10021;
	machine.cpu.gpr[GPR_RSP] = 0x1f000;
	put(&machine, 0x1f000, 0x4141414141414141, 8);
	put(&machine, 0x1f018, 0x10009, 8);
	make_trace(symbols);
	expect_frame(1, 0x10009, 0x1f020, FRAME_SCAN);
	ck_assert_int_eq(trace.end, BACKTRACE_OUTERMOST);
	symbols_destroy(symbols);
}
END_TEST

/* At the entry of a function without information the caller's address is at RSP, after push %rbp
 * one above. */
START_TEST(function_entry)
{
	struct symbols *symbols;

	build(&machine);
	symbols = assemble("\t.text\n\t.globl outer\n\t.type outer,@function\n"
			   "outer: push %rbp\n\tmov %rsp,%rbp\n\tcall outer\n\tnop\n"
			   "\t.size outer,.-outer\n",
		"x", "");
	machine.cpu.rip = 0x10000 + (uint64_t)_i;
	machine.cpu.gpr[GPR_RSP] = 0x1f000;
	machine.cpu.gpr[GPR_RBP] = 0;
	put(&machine, 0x1f000 + 8 * (uint64_t)_i, 0x10009, 8);
	make_trace(symbols);
	expect_frame(1, 0x10009, 0x1f008 + 8 * (uint64_t)_i, FRAME_RETURN_SLOT);
	symbols_destroy(symbols);
}
END_TEST

/* Random stacks full of plausible words: always an end, always rising stack pointers but across
 * exception frames. */
START_TEST(random_stacks)
{
	static const uint64_t words[] = {0x10205, 0x10305, 8, 0x10, 0x246, 0x1f000, 0x1f100, 0,
		0x1e800, 0x10100, 0x30000, 0x4141414141414141};

	srand(_i + 1);
	build_chain();
	for (uint64_t at = 0x1e000; at < 0x20000; at += 8)
		put(&machine, at, words[(unsigned)rand() % (sizeof(words) / sizeof(words[0]))], 8);
	machine.cpu.gpr[GPR_RSP] = 0x1e000 + 8 * ((unsigned)rand() % 0x300);
	machine.cpu.gpr[GPR_RBP] = 0x1e000 + 8 * ((unsigned)rand() % 0x300);
	make_trace(NULL);
	for (unsigned i = 1; i < trace.count; i++)
		ck_assert(trace.frame[i].source == FRAME_INTERRUPTED ||
			  trace.frame[i].rsp > trace.frame[i - 1].rsp);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("backtrace");

	tcase_add_test(tcase, frame_pointers);
	tcase_add_test(tcase, frame_pointer_loop);
	tcase_add_test(tcase, frame_pointer_to_itself);
	tcase_add_test(tcase, no_call_before);
	tcase_add_test(tcase, unmapped_stack);
	tcase_add_test(tcase, nothing_on_the_stack);
	tcase_add_test(tcase, recursion_is_cut);
	tcase_add_test(tcase, call_to_nowhere);
	tcase_add_test(tcase, at_a_ret);
	tcase_add_loop_test(tcase, interrupted_code, 0, 2);
	tcase_add_test(tcase, interrupted_through_a_stub);
	tcase_add_loop_test(tcase, no_exception_frame, 0, 8);
	tcase_add_test(tcase, frame_pointers_32);
	tcase_add_loop_test(tcase, call_frame_information, 0, 2);
	tcase_add_loop_test(tcase, call_frame_information_32, 0, 2);
	tcase_add_test(tcase, smashed_stack_with_information);
	tcase_add_loop_test(tcase, function_entry, 0, 2);
	tcase_add_loop_test(tcase, random_stacks, 0, 300);
	return run_fault_suite("backtrace", tcase);
}
