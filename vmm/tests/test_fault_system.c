/* SPDX-License-Identifier: MIT */
/*
 * test_fault_system.c: the same for system instructions: privilege, control registers, MSRs,
 * selectors, iret frames.
 */
#include "fault_machine.h"

static void frame(
	struct machine *m, uint64_t rip, uint64_t cs, uint64_t flags, uint64_t rsp, uint64_t ss)
{
	put(m, 0x20000, rip, 8);
	put(m, 0x20008, cs, 8);
	put(m, 0x20010, flags, 8);
	put(m, 0x20018, rsp, 8);
	put(m, 0x20020, ss, 8);
}

static void frame_good(struct machine *m)
{
	frame(m, 0x10000, 8, 2, 0x20000, 0x10);
}

static void frame_null_ss(struct machine *m)
{
	frame(m, 0x10000, 8, 2, 0x20000, 0);
}

static void frame_user(struct machine *m)
{
	frame(m, 0x10000, 0x23, 2, 0x20000, 0x1b);
}

/* The error code was not popped: it is taken for RIP, RIP for CS. */
static void frame_shifted(struct machine *m)
{
	frame(m, 2, 0x10090, 8, 2, 0x20000);
}

static void frame_no_ss(struct machine *m)
{
	frame_good(m);
	m->cpu.gdtr.limit = 15;
}

static void frame_user_ss_kernel(struct machine *m)
{
	frame(m, 0x10000, 0x23, 2, 0x20000, 0x10);
}

static void frame_rip_bad(struct machine *m)
{
	frame(m, 0x123456789abcdef0, 8, 2, 0x20000, 0x10);
}

static void nested(struct machine *m)
{
	frame_good(m);
	m->cpu.rflags |= 1 << 14;
}

static void eax(struct machine *m, uint64_t value)
{
	m->cpu.gpr[GPR_RAX] = value;
}

static void select_data(struct machine *m)
{
	eax(m, 0x10);
}

static void select_beyond(struct machine *m)
{
	eax(m, 0x60);
}

static void select_not_present(struct machine *m)
{
	eax(m, 0x40);
}

static void select_read_only(struct machine *m)
{
	eax(m, 0x48);
}

static void select_busy_tss(struct machine *m)
{
	eax(m, 0x30);
}

static void select_short_tss(struct machine *m)
{
	eax(m, 0x50);
}

static void select_null(struct machine *m)
{
	eax(m, 0);
}

static void select_user(struct machine *m)
{
	eax(m, 0x1b);
}

static void cr4_bit_30(struct machine *m)
{
	eax(m, 0x40000620);
}

static void cr4_no_pae(struct machine *m)
{
	eax(m, 0x600);
}

static void cr0_no_pg(struct machine *m)
{
	eax(m, 0x11);
}

static void cr0_pg_no_pe(struct machine *m)
{
	eax(m, 0x80000010);
}

static void cr0_high(struct machine *m)
{
	eax(m, 0x180010033);
}

static void cr3_high(struct machine *m)
{
	eax(m, 0x10000001000);
}

static void cr8_large(struct machine *m)
{
	eax(m, 0x10);
}

static void msr(struct machine *m, uint32_t number, uint64_t value)
{
	m->cpu.gpr[GPR_RCX] = number;
	m->cpu.gpr[GPR_RAX] = (uint32_t)value;
	m->cpu.gpr[GPR_RDX] = value >> 32;
}

static void msr_lstar_bad(struct machine *m)
{
	msr(m, 0xc0000082, 0x0000800000000000);
}

static void msr_lstar_good(struct machine *m)
{
	msr(m, 0xc0000082, 0xffff800000000000);
}

static void msr_efer_lme(struct machine *m)
{
	msr(m, 0xc0000080, 0xc01);
}

static void msr_efer_reserved(struct machine *m)
{
	msr(m, 0xc0000080, 0xd03);
}

static void msr_pat_bad(struct machine *m)
{
	msr(m, 0x277, 0x0007040600070402);
}

static void cpl3(struct machine *m)
{
	to_cpl3(m);
}

static void cpl3_iopl3(struct machine *m)
{
	to_cpl3(m);
	m->cpu.rflags |= 0x3000;
}

/* The map allows ports 0 to 0x10. */
static void cpl3_bitmap(struct machine *m)
{
	to_cpl3(m);
	m->cpu.gpr[GPR_RDX] = 0x11;
	m->cpu.tr.limit = 0x6b;
	put(m, 0x7066, 0x68, 2);
	put(m, 0x7068, 0xfffe0000, 4);
}

static void cpl3_gate(struct machine *m)
{
	to_cpl3(m);
	put(m, 0x6000 + 16 * 0x80, 0x00008e0000080000, 8);
}

static void cpl3_gate_open(struct machine *m)
{
	to_cpl3(m);
	put(m, 0x6000 + 16 * 0x80, 0x0000ee0000080000, 8);
}

static void pm32(struct machine *m)
{
	to_pm32(m);
}

static void pm32_lme(struct machine *m)
{
	to_pm32(m);
	m->cpu.efer = 0x100;
	m->cpu.cr4 = 0;
	eax(m, 0x80000011);
}

static void pm32_lme_pae(struct machine *m)
{
	pm32_lme(m);
	m->cpu.cr4 = 0x20;
}

static void pm32_pae_pdpte(struct machine *m)
{
	to_pm32(m);
	m->cpu.cr4 = 0x20;
	m->cpu.cr3 = 0x8000;
	put(m, 0x8008, 0x9003, 8); /* R/W is reserved in a PDPTE */
	eax(m, 0x80000011);
}

static const struct fault_case cases[] = {
	/* privilege */
	{"hlt at CPL 3", BYTES("\xf4"), cpl3, FAULT_PRIVILEGED, 13, 0, 0},
	{"hlt at CPL 0", BYTES("\xf4"), NULL, FAULT_UNKNOWN, 0, 0, 0},
	{"mov %cr3 at CPL 3", BYTES("\x0f\x20\xd8"), cpl3, FAULT_PRIVILEGED, 13, 0, 0},
	{"wrmsr at CPL 3", BYTES("\x0f\x30"), cpl3, FAULT_PRIVILEGED, 13, 0, 0},
	{"cli at CPL 3", BYTES("\xfa"), cpl3, FAULT_IOPL, 13, 0, 0},
	{"cli at CPL 3, IOPL 3", BYTES("\xfa"), cpl3_iopl3, FAULT_UNKNOWN, 0, 0, 0},
	{"out without bitmap", BYTES("\xee"), cpl3, FAULT_IO_BITMAP, 13, 0, 0},
	{"out with bitmap", BYTES("\xee"), cpl3_bitmap, FAULT_IO_BITMAP, 13, 0, 0},
	{"in $0x0f with bitmap", BYTES("\xe4\x0f"), cpl3_bitmap, FAULT_UNKNOWN, 0, 0, 0},
	{"inl $0x0f reaches port 0x11", BYTES("\xe5\x0f"), cpl3_bitmap, FAULT_IO_BITMAP, 13, 0, 0},
	{"int $0x80 with DPL 0", BYTES("\xcd\x80"), cpl3_gate, FAULT_GATE, 13, 0x402, 0},
	{"int $0x80 with DPL 3", BYTES("\xcd\x80"), cpl3_gate_open, FAULT_UNKNOWN, 0, 0, 0},
	/* control registers and MSRs */
	{"cr4 bit 30", BYTES("\x0f\x22\xe0"), cr4_bit_30, FAULT_CONTROL_RESERVED, 13, 0, 0},
	{"cr4 without PAE", BYTES("\x0f\x22\xe0"), cr4_no_pae, FAULT_CONTROL_COMBINATION, 13, 0, 0},
	{"cr0 without PG", BYTES("\x0f\x22\xc0"), cr0_no_pg, FAULT_CONTROL_COMBINATION, 13, 0, 0},
	{"cr0 PG without PE", BYTES("\x0f\x22\xc0"), cr0_pg_no_pe, FAULT_CONTROL_COMBINATION, 13, 0,
		0},
	{"cr0 bit 32", BYTES("\x0f\x22\xc0"), cr0_high, FAULT_CONTROL_RESERVED, 13, 0, 0},
	{"cr3 beyond MAXPHYADDR", BYTES("\x0f\x22\xd8"), cr3_high, FAULT_CONTROL_RESERVED, 13, 0,
		0},
	{"cr8 = 16", BYTES("\x44\x0f\x22\xc0"), cr8_large, FAULT_CONTROL_RESERVED, 13, 0, 0},
	{"PG with LME, without PAE", BYTES("\x0f\x22\xc0"), pm32_lme, FAULT_PG_WITHOUT_PAE, 13, 0,
		0},
	{"PG with LME and PAE", BYTES("\x0f\x22\xc0"), pm32_lme_pae, FAULT_UNKNOWN, 0, 0, 0},
	{"PG with a bad PDPTE", BYTES("\x0f\x22\xc0"), pm32_pae_pdpte, FAULT_PDPTE_RESERVED, 13, 0,
		0},
	{"lstar non-canonical", BYTES("\x0f\x30"), msr_lstar_bad, FAULT_MSR_NON_CANONICAL, 13, 0,
		0x0000800000000000},
	{"lstar canonical", BYTES("\x0f\x30"), msr_lstar_good, FAULT_UNKNOWN, 0, 0, 0},
	{"efer.lme cleared", BYTES("\x0f\x30"), msr_efer_lme, FAULT_CONTROL_COMBINATION, 13, 0, 0},
	{"efer bit 1", BYTES("\x0f\x30"), msr_efer_reserved, FAULT_MSR_RESERVED, 13, 0, 0},
	{"pat type 2", BYTES("\x0f\x30"), msr_pat_bad, FAULT_MSR_RESERVED, 13, 0, 0},
	/* selectors */
	{"ds = 0x10", BYTES("\x8e\xd8"), select_data, FAULT_UNKNOWN, 0, 0, 0},
	{"ds beyond", BYTES("\x8e\xd8"), select_beyond, FAULT_SELECTOR_LIMIT, 13, 0x60, 0},
	{"ds not present", BYTES("\x8e\xd8"), select_not_present, FAULT_SELECTOR_NOT_PRESENT, 11,
		0x40, 0},
	{"ss not present", BYTES("\x8e\xd0"), select_not_present, FAULT_SELECTOR_NOT_PRESENT, 12,
		0x40, 0},
	{"ss read-only", BYTES("\x8e\xd0"), select_read_only, FAULT_SELECTOR_TYPE, 13, 0x48, 0},
	{"ds read-only", BYTES("\x8e\xd8"), select_read_only, FAULT_UNKNOWN, 0, 0, 0},
	{"ss of DPL 3", BYTES("\x8e\xd0"), select_user, FAULT_SELECTOR_PRIVILEGE, 13, 0x18, 0},
	{"ds null", BYTES("\x8e\xd8"), select_null, FAULT_UNKNOWN, 0, 0, 0},
	{"ss null in 64-bit mode", BYTES("\x8e\xd0"), select_null, FAULT_UNKNOWN, 0, 0, 0},
	{"ltr of a busy TSS", BYTES("\x0f\x00\xd8"), select_busy_tss, FAULT_SELECTOR_TYPE, 13, 0x30,
		0},
	{"ltr of 8 bytes", BYTES("\x0f\x00\xd8"), select_short_tss, FAULT_SELECTOR_TYPE, 13, 0x50,
		0},
	{"ltr of data", BYTES("\x0f\x00\xd8"), select_data, FAULT_SELECTOR_TYPE, 13, 0x10, 0},
	{"ltr null", BYTES("\x0f\x00\xd8"), select_null, FAULT_SELECTOR_NULL, 13, 0, 0},
	{"lldt null", BYTES("\x0f\x00\xd0"), select_null, FAULT_UNKNOWN, 0, 0, 0},
	{"ljmp to data", BYTES("\xea\x00\x00\x01\x00\x10\x00"), pm32, FAULT_SELECTOR_TYPE, 13, 0x10,
		0},
	{"ljmp to code", BYTES("\xea\x00\x00\x01\x00\x28\x00"), pm32, FAULT_UNKNOWN, 0, 0, 0},
	{"ljmp to null", BYTES("\xea\x00\x00\x01\x00\x00\x00"), pm32, FAULT_SELECTOR_NULL, 13, 0,
		0},
	/* iret */
	{"iretq", BYTES("\x48\xcf"), frame_good, FAULT_UNKNOWN, 0, 0, 0},
	{"iretq with null SS", BYTES("\x48\xcf"), frame_null_ss, FAULT_UNKNOWN, 0, 0, 0},
	{"iretq to user", BYTES("\x48\xcf"), frame_user, FAULT_UNKNOWN, 0, 0, 0},
	{"iretq, error code not popped", BYTES("\x48\xcf"), frame_shifted, FAULT_SELECTOR_LIMIT, 13,
		0x90, 0},
	{"iretq, no SS in the GDT", BYTES("\x48\xcf"), frame_no_ss, FAULT_SELECTOR_LIMIT, 13, 0x10,
		0},
	{"iretq to user with kernel SS", BYTES("\x48\xcf"), frame_user_ss_kernel,
		FAULT_SELECTOR_PRIVILEGE, 13, 0x10, 0},
	{"iretq to non-canonical", BYTES("\x48\xcf"), frame_rip_bad, FAULT_TARGET_NON_CANONICAL, 13,
		0, 0x123456789abcdef0},
	{"iretq with NT", BYTES("\x48\xcf"), nested, FAULT_IRET_NESTED, 13, 0, 0},
	{"iret of 32 bits finds CS 0", BYTES("\xcf"), frame_good, FAULT_SELECTOR_NULL, 13, 0, 0},
};

static struct machine machine;

START_TEST(predicted)
{
	expect_predicted(&machine, &cases[_i]);
}
END_TEST

/* A GDT in read-only memory: ltr of an available TSS, and a data segment that was never accessed.
 */
static void expect_table_write(uint16_t selector, uint64_t descriptor, const char *bytes, size_t n,
	const char *bit, uint64_t done)
{
	struct fault_reason reason;

	build(&machine);
	put(&machine, 0x31000 + selector, descriptor, 8);
	put(&machine, 0x31000 + selector + 8, 0, 8);
	machine.cpu.gdtr.base = 0x31000;
	machine.cpu.gpr[GPR_RAX] = selector;
	machine.cpu.cr2 = 0x31000u + selector + 4;
	code(&machine, bytes, n);
	reason = fault_explain(&machine.mem, &machine.cpu, 14, true, 3);
	ck_assert_int_eq(reason.why, FAULT_DESCRIPTOR_PAGE);
	ck_assert_int_eq(reason.walk.reason, WALK_NOT_WRITABLE);
	ck_assert_ptr_nonnull(strstr(reason.text, bit));
	/* Nothing is written when the bit is set already. */
	put(&machine, 0x31000u + selector, descriptor | done, 8);
	reason = fault_explain(&machine.mem, &machine.cpu, 14, true, 3);
	ck_assert_int_eq(reason.why, FAULT_UNKNOWN);
}

START_TEST(descriptor_table_read_only)
{
	expect_table_write(0x30, 0x0000890070000067, BYTES("\x0f\x00\xd8"), "busy", 1ull << 41);
	expect_table_write(0x10, 0x00cf92000000ffff, BYTES("\x8e\xd8"), "accessed", 1ull << 40);
}
END_TEST

START_TEST(explained)
{
	expect_explained(&machine, &cases[_i]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("fault_system");
	int count = sizeof(cases) / sizeof(cases[0]);

	tcase_add_loop_test(tcase, predicted, 0, count);
	tcase_add_loop_test(tcase, explained, 0, count);
	tcase_add_test(tcase, descriptor_table_read_only);
	return run_fault_suite("fault_system", tcase);
}
