/* SPDX-License-Identifier: MIT */
/*
 * test_fault_reason.c: instructions as literal bytes with the exception that the SDM says they
 * raise: fetching, decoding, units, memory operands, arithmetic. Error codes are literal numbers.
 */
#include "fault_machine.h"

static void rax_unmapped(struct machine *m)
{
	m->cpu.gpr[GPR_RAX] = 0x30010;
}

static void rax_read_only(struct machine *m)
{
	m->cpu.gpr[GPR_RAX] = 0x31008;
}

static void rax_reserved(struct machine *m)
{
	m->cpu.gpr[GPR_RAX] = 0x33000;
}

static void rax_before_hole(struct machine *m)
{
	m->cpu.gpr[GPR_RAX] = 0x2fffc;
}

static void rax_user_smap(struct machine *m)
{
	m->cpu.gpr[GPR_RAX] = 0x32000;
	m->cpu.cr4 |= 1 << 21;
	m->cpu.facts.smap = true;
	/* the way down must grant user access too */
	put(m, 0x1000, 0x2067, 8);
}

static void rax_non_canonical(struct machine *m)
{
	m->cpu.gpr[GPR_RAX] = 0x4141414141414141;
}

static void rsp_non_canonical(struct machine *m)
{
	m->cpu.gpr[GPR_RSP] = 0x8000000000000000;
}

static void rsp_overflow(struct machine *m)
{
	m->cpu.gpr[GPR_RSP] = 0x31000;
}

static void rax_misaligned(struct machine *m)
{
	m->cpu.gpr[GPR_RAX] = 0x28008;
}

static void sse_off(struct machine *m)
{
	m->cpu.cr4 &= ~0x200ull;
}

static void emulated(struct machine *m)
{
	m->cpu.cr0 |= 4;
}

static void task_switched(struct machine *m)
{
	m->cpu.cr0 |= 8;
}

static void task_switched_mp(struct machine *m)
{
	m->cpu.cr0 |= 0xa;
}

static void task_switched_no_mp(struct machine *m)
{
	m->cpu.cr0 = (m->cpu.cr0 & ~2ull) | 8;
}

static void syscall_off(struct machine *m)
{
	m->cpu.efer &= ~1ull;
}

static void rcx_zero(struct machine *m)
{
	m->cpu.gpr[GPR_RCX] = 0;
	m->cpu.gpr[GPR_RDX] = 0;
}

static void dividend_large(struct machine *m)
{
	m->cpu.gpr[GPR_RCX] = 5;
	m->cpu.gpr[GPR_RDX] = 5;
}

static void dividend_fits(struct machine *m)
{
	m->cpu.gpr[GPR_RCX] = 5;
	m->cpu.gpr[GPR_RDX] = 4;
}

static void minimum_by_minus_one(struct machine *m)
{
	m->cpu.gpr[GPR_RAX] = 0x80000000;
	m->cpu.gpr[GPR_RDX] = 0xffffffff;
	m->cpu.gpr[GPR_RCX] = 0xffffffff;
}

static void minimum_by_one(struct machine *m)
{
	m->cpu.gpr[GPR_RAX] = 0x80000000;
	m->cpu.gpr[GPR_RDX] = 0xffffffff;
	m->cpu.gpr[GPR_RCX] = 1;
}

static void return_zero(struct machine *m)
{
	put(m, 0x20000, 0, 8);
}

static void return_smashed(struct machine *m)
{
	put(m, 0x20000, 0x4141414141414141, 8);
}

static void cpl3(struct machine *m)
{
	to_cpl3(m);
}

static void cpl3_supervisor_page(struct machine *m)
{
	to_cpl3(m);
	put(m, 0x4000 + 8 * 0x28, 0x28063, 8);
}

static void cpl3_ac(struct machine *m)
{
	to_cpl3(m);
	m->cpu.cr0 |= 1 << 18;
	m->cpu.rflags |= 1 << 18;
	m->cpu.gpr[GPR_RAX] = 0x28001;
}

static void pm32(struct machine *m)
{
	to_pm32(m);
}

static void pm32_ds_null(struct machine *m)
{
	to_pm32(m);
	m->cpu.seg[SEG_DS] = (struct cpu_segment){.unusable = true};
}

static void pm32_ds_small(struct machine *m)
{
	to_pm32(m);
	m->cpu.seg[SEG_DS].limit = 0x28002;
}

static void pm32_stack_small(struct machine *m)
{
	to_pm32(m);
	m->cpu.seg[SEG_SS].limit = 0xffff;
}

static void pm32_overflow_flag(struct machine *m)
{
	to_pm32(m);
	m->cpu.rflags |= 0x800;
	put(m, 0x6020, 0x0000ee0000080000, 8);
}

static void pm32_bound(struct machine *m)
{
	to_pm32(m);
	put(m, 0x28000, 0x0000000500000001, 8);
	m->cpu.gpr[GPR_RCX] = 6;
}

static void real(struct machine *m)
{
	to_pm32(m);
	m->cpu.cr0 = 0x10;
	m->cpu.rip = 0x1000;
	for (unsigned i = 0; i < SEG_COUNT; i++)
		m->cpu.seg[i] = (struct cpu_segment){
			.limit = 0xffff, .type = 3, .s = true, .present = true};
	m->cpu.gpr[GPR_RBX] = 0xffff;
}

static void rip_no_execute(struct machine *m)
{
	m->cpu.rip = 0x34000;
}

static void rip_unmapped(struct machine *m)
{
	m->cpu.rip = 0x30000;
}

static void rip_page_end(struct machine *m)
{
	m->cpu.rip = 0x2ffff;
}

static void rip_non_canonical(struct machine *m)
{
	m->cpu.rip = 0x800000000000;
}

static const struct fault_case cases[] = {
	/* fetch */
	{"fetch not present", BYTES(""), rip_unmapped, FAULT_FETCH_PAGE, 14, 0x10, 0x30000},
	{"fetch no-execute", BYTES("\x90"), rip_no_execute, FAULT_FETCH_PAGE, 14, 0x11, 0x34000},
	{"fetch across a page", BYTES("\x48"), rip_page_end, FAULT_FETCH_PAGE, 14, 0x10, 0x30000},
	{"fetch before a hole", BYTES("\x90"), rip_page_end, FAULT_UNKNOWN, 0, 0, 0},
	{"fetch non-canonical", BYTES(""), rip_non_canonical, FAULT_FETCH_NON_CANONICAL, 13, 0,
		0x800000000000},
	/* decoding */
	{"ud2", BYTES("\x0f\x0b"), NULL, FAULT_UD_INSN, 6, NO_ERROR, 0},
	{"push %es", BYTES("\x06"), NULL, FAULT_NOT_IN_64BIT_MODE, 6, NO_ERROR, 0},
	{"lock mov", BYTES("\xf0\x89\xc8"), NULL, FAULT_BAD_LOCK, 6, NO_ERROR, 0},
	{"15 prefixes", BYTES("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x90"),
		NULL, FAULT_TOO_LONG, 13, 0, 0},
	{"ltr in real mode", BYTES("\x0f\x00\xd8"), real, FAULT_NOT_IN_REAL_MODE, 6, NO_ERROR, 0},
	/* page faults */
	{"read not present", BYTES("\x48\x8b\x08"), rax_unmapped, FAULT_OPERAND_PAGE, 14, 0,
		0x30010},
	{"write not present", BYTES("\x48\x89\x08"), rax_unmapped, FAULT_OPERAND_PAGE, 14, 2,
		0x30010},
	{"write read-only", BYTES("\x48\x89\x08"), rax_read_only, FAULT_OPERAND_PAGE, 14, 3,
		0x31008},
	{"read read-only", BYTES("\x48\x8b\x08"), rax_read_only, FAULT_UNKNOWN, 0, 0, 0},
	{"add to read-only", BYTES("\x48\x01\x08"), rax_read_only, FAULT_OPERAND_PAGE, 14, 3,
		0x31008},
	{"reserved bit", BYTES("\x48\x8b\x08"), rax_reserved, FAULT_OPERAND_PAGE, 14, 9, 0x33000},
	{"read across a page", BYTES("\x48\x8b\x08"), rax_before_hole, FAULT_OPERAND_PAGE, 14, 0,
		0x30000},
	{"smap", BYTES("\x48\x8b\x08"), rax_user_smap, FAULT_OPERAND_PAGE, 14, 1, 0x32000},
	{"push below the stack", BYTES("\x50"), rsp_overflow, FAULT_OPERAND_PAGE, 14, 2, 0x30ff8},
	{"call below the stack", BYTES("\xe8\x00\x00\x00\x00"), rsp_overflow, FAULT_OPERAND_PAGE,
		14, 2, 0x30ff8},
	{"user reads supervisor", BYTES("\x48\x8b\x08"), cpl3_supervisor_page, FAULT_OPERAND_PAGE,
		14, 5, 0x28000},
	{"lea touches nothing", BYTES("\x48\x8d\x08"), rax_unmapped, FAULT_UNKNOWN, 0, 0, 0},
	/* canonical addresses and alignment */
	{"non-canonical operand", BYTES("\x48\x8b\x08"), rax_non_canonical,
		FAULT_OPERAND_NON_CANONICAL, 13, 0, 0x4141414141414141},
	{"non-canonical stack", BYTES("\x50"), rsp_non_canonical, FAULT_OPERAND_NON_CANONICAL, 12,
		0, 0x7ffffffffffffff8},
	{"ret to smashed address", BYTES("\xc3"), return_smashed, FAULT_TARGET_NON_CANONICAL, 13, 0,
		0x4141414141414141},
	{"ret to 0 is no fault yet", BYTES("\xc3"), return_zero, FAULT_UNKNOWN, 0, 0, 0},
	{"call to non-canonical", BYTES("\xff\xd0"), rax_non_canonical, FAULT_TARGET_NON_CANONICAL,
		13, 0, 0x4141414141414141},
	{"movaps misaligned", BYTES("\x0f\x28\x00"), rax_misaligned, FAULT_OPERAND_MISALIGNED, 13,
		0, 0x28008},
	{"movups misaligned", BYTES("\x0f\x10\x00"), rax_misaligned, FAULT_UNKNOWN, 0, 0, 0},
	{"alignment check", BYTES("\x8b\x08"), cpl3_ac, FAULT_ALIGNMENT_CHECK, 17, 0, 0x28001},
	/* units */
	{"pxor without OSFXSR", BYTES("\x66\x0f\xef\xc0"), sse_off, FAULT_SSE_NO_OSFXSR, 6,
		NO_ERROR, 0},
	{"pxor with EM", BYTES("\x66\x0f\xef\xc0"), emulated, FAULT_UNIT_EMULATED, 6, NO_ERROR, 0},
	{"pxor with TS", BYTES("\x66\x0f\xef\xc0"), task_switched, FAULT_UNIT_SWITCHED, 7, NO_ERROR,
		0},
	{"fld1 with EM", BYTES("\xd9\xe8"), emulated, FAULT_UNIT_EMULATED, 7, NO_ERROR, 0},
	{"fld1 with TS", BYTES("\xd9\xe8"), task_switched, FAULT_UNIT_SWITCHED, 7, NO_ERROR, 0},
	{"emms with EM", BYTES("\x0f\x77"), emulated, FAULT_UNIT_EMULATED, 6, NO_ERROR, 0},
	{"fwait with TS and MP", BYTES("\x9b"), task_switched_mp, FAULT_UNIT_SWITCHED, 7, NO_ERROR,
		0},
	{"fwait with TS, no MP", BYTES("\x9b"), task_switched_no_mp, FAULT_UNKNOWN, 0, 0, 0},
	{"vpxor without OSXSAVE", BYTES("\xc5\xf9\xef\xc0"), NULL, FAULT_NO_OSXSAVE, 6, NO_ERROR,
		0},
	{"xgetbv without OSXSAVE", BYTES("\x0f\x01\xd0"), NULL, FAULT_NO_OSXSAVE, 6, NO_ERROR, 0},
	{"syscall without SCE", BYTES("\x0f\x05"), syscall_off, FAULT_SYSCALL_OFF, 6, NO_ERROR, 0},
	{"rdfsbase switched off", BYTES("\xf3\x48\x0f\xae\xc0"), NULL, FAULT_FSGSBASE_OFF, 6,
		NO_ERROR, 0},
	/* arithmetic */
	{"div by zero", BYTES("\x48\xf7\xf1"), rcx_zero, FAULT_DIVIDE_BY_ZERO, 0, NO_ERROR, 0},
	{"div overflow", BYTES("\x48\xf7\xf1"), dividend_large, FAULT_DIVIDE_OVERFLOW, 0, NO_ERROR,
		0},
	{"div fits", BYTES("\x48\xf7\xf1"), dividend_fits, FAULT_UNKNOWN, 0, 0, 0},
	{"idiv -2^31 by -1", BYTES("\xf7\xf9"), minimum_by_minus_one, FAULT_DIVIDE_OVERFLOW, 0,
		NO_ERROR, 0},
	{"idiv -2^31 by 1", BYTES("\xf7\xf9"), minimum_by_one, FAULT_UNKNOWN, 0, 0, 0},
	{"into", BYTES("\xce"), pm32_overflow_flag, FAULT_OVERFLOW_TRAP, 4, NO_ERROR, 0},
	{"bound", BYTES("\x62\x08"), pm32_bound, FAULT_BOUND, 5, NO_ERROR, 0},
	/* segments */
	{"ds holds nothing", BYTES("\x8b\x08"), pm32_ds_null, FAULT_OPERAND_SEGMENT, 13, 0,
		0x28000},
	{"beyond ds", BYTES("\x8b\x08"), pm32_ds_small, FAULT_OPERAND_LIMIT, 13, 0, 0x28000},
	{"within ds", BYTES("\x8a\x08"), pm32_ds_small, FAULT_UNKNOWN, 0, 0, 0},
	{"push beyond ss", BYTES("\x50"), pm32_stack_small, FAULT_OPERAND_LIMIT, 12, 0, 0x1fffc},
	{"word at 0xffff in real mode", BYTES("\x8b\x07"), real, FAULT_OPERAND_LIMIT, 13, NO_ERROR,
		0xffff},
};

static struct machine machine;

START_TEST(predicted)
{
	expect_predicted(&machine, &cases[_i]);
}
END_TEST

START_TEST(explained)
{
	expect_explained(&machine, &cases[_i]);
}
END_TEST

START_TEST(wrong_cr2_is_not_explained)
{
	struct fault_reason reason;

	build(&machine);
	CODE(&machine, "\x48\x8b\x08");
	rax_unmapped(&machine);
	machine.cpu.cr2 = 0x30018;
	reason = fault_explain(&machine.mem, &machine.cpu, 14, true, 0);
	ck_assert_int_eq(reason.why, FAULT_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(reason.text, "0x30018"));
}
END_TEST

START_TEST(changed_page_tables)
{
	struct fault_reason reason;

	build(&machine);
	CODE(&machine, "\x48\x8b\x08");
	machine.cpu.cr2 = 0x28000;
	reason = fault_explain(&machine.mem, &machine.cpu, 14, true, 0);
	ck_assert_int_eq(reason.why, FAULT_PAGE_CHANGED);
	ck_assert(!reason.certain);
	ck_assert_int_eq(reason.operand, 0);
	/* the page is not present now, but was when the error code was made */
	rax_unmapped(&machine);
	machine.cpu.cr2 = 0x30010;
	reason = fault_explain(&machine.mem, &machine.cpu, 14, true, 1);
	ck_assert_int_eq(reason.why, FAULT_PAGE_CHANGED);
}
END_TEST

START_TEST(guilty_register)
{
	struct fault_reason reason;

	build(&machine);
	CODE(&machine, "\x88\x4c\xb3\x10"); /* mov %cl,0x10(%rbx,%rsi,4) */
	machine.cpu.gpr[GPR_RSI] = 0x2000000000000000 + 0x1000000000000;
	machine.cpu.gpr[GPR_RBX] = 0xffff800000000000;
	reason = fault_explain(&machine.mem, &machine.cpu, 13, true, 0);
	ck_assert_int_eq(reason.why, FAULT_OPERAND_NON_CANONICAL);
	ck_assert_int_eq(reason.reg, GPR_RSI);
}
END_TEST

START_TEST(uncertain_reasons)
{
	struct fault_reason reason;

	build(&machine);
	machine.cpu.facts.sse2 = false;
	CODE(&machine, "\x66\x0f\xef\xc0");
	reason = fault_explain(&machine.mem, &machine.cpu, 6, false, 0);
	ck_assert_int_eq(reason.why, FAULT_NOT_IN_CPUID);
	ck_assert(!reason.certain);
	ck_assert_str_eq(reason.bit, "SSE2");
	build(&machine);
	CODE(&machine, "\x0f\x32"); /* rdmsr of 0x28000 */
	reason = fault_explain(&machine.mem, &machine.cpu, 13, true, 0);
	ck_assert_int_eq(reason.why, FAULT_MSR_UNKNOWN);
	ck_assert(!reason.certain);
	reason = fault_explain(&machine.mem, &machine.cpu, 13, true, 0x73);
	ck_assert_int_eq(reason.why, FAULT_UNKNOWN);
}
END_TEST

START_TEST(details_of_a_page_fault)
{
	struct fault_reason reason;

	build(&machine);
	CODE(&machine, "\x48\x89\x08");
	rax_read_only(&machine);
	machine.cpu.cr2 = 0x31008;
	reason = fault_explain(&machine.mem, &machine.cpu, 14, true, 3);
	ck_assert(reason.has_walk);
	ck_assert_int_eq(reason.walk.reason, WALK_NOT_WRITABLE);
	ck_assert_uint_eq(reason.walk.step[3].entry, 0x31061);
	ck_assert_int_eq(reason.operand, 0);
	ck_assert_ptr_nonnull(strstr(reason.text, "(%rax)"));
}
END_TEST

/* Every instruction of one and two bytes in every mode: no crash, and never a vector that no
 * instruction raises. */
START_TEST(all_short_instructions)
{
	static void (*const modes[])(struct machine *) = {NULL, cpl3, pm32, real};
	struct fault_analysis analysis;

	build(&machine);
	if (modes[_i])
		modes[_i](&machine);
	for (unsigned op = 0; op < 0x20000; op++) {
		uint8_t *at = machine.ram + machine.cpu.rip;

		at[0] = op >> 16 ? 0x0f : (uint8_t)op;
		at[1] = op >> 16 ? (uint8_t)op : (uint8_t)(op >> 8);
		at[2] = (uint8_t)(op >> 8);
		fault_predict(&machine.mem, &machine.cpu, &analysis);
		for (unsigned i = 0; i < analysis.count; i++) {
			ck_assert_uint_lt(analysis.reasons[i].vector, 20);
			ck_assert_int_ne(analysis.reasons[i].why, FAULT_UNKNOWN);
		}
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("fault_reason");
	int count = sizeof(cases) / sizeof(cases[0]);

	tcase_add_loop_test(tcase, predicted, 0, count);
	tcase_add_loop_test(tcase, explained, 0, count);
	tcase_add_test(tcase, wrong_cr2_is_not_explained);
	tcase_add_test(tcase, changed_page_tables);
	tcase_add_test(tcase, guilty_register);
	tcase_add_test(tcase, uncertain_reasons);
	tcase_add_test(tcase, details_of_a_page_fault);
	tcase_add_loop_test(tcase, all_short_instructions, 0, 4);
	return run_fault_suite("fault_reason", tcase);
}
