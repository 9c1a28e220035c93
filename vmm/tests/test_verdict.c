/* SPDX-License-Identifier: MIT */
/*
 * test_verdict.c: the verdict for exceptions written down by hand, above all for those that few
 * hosts can make happen.
 */
#include "death_scene.h"
#include "suite.h"

#define CODE(scene, bytes) scene_code(scene, bytes, sizeof(bytes) - 1)

/* mov (%rbx),%rax */
#define LOAD_RBX "\x48\x8b\x03"

static struct death_scene *null_pointer(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, LOAD_RBX);
	scene_put(scene, AT_PD, 0, 8); /* 4 KiB pages from here on: page 0 is missing */
	scene_put(scene, AT_PD, 0x4007, 8);
	for (unsigned i = 1; i < 512; i++)
		scene_put(scene, 0x4000 + 8 * i, i << 12 | 7, 8);
	scene->cpu.gpr[GPR_RBX] = 0x18;
	return scene;
}

static struct death_scene *ud2(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x0f\x0b");
	return scene;
}

static struct death_scene *limit_zero(void)
{
	struct death_scene *scene = ud2();

	scene->cpu.idtr = (struct cpu_table){0, 0};
	return scene;
}

/* The step before was lidt: 0f 01 1d disp32. */
static struct death_scene *reboot(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x0f\x01\x1d\x00\x00\x00\x00\x0f\x0b");
	scene->cpu.rip = AT_CODE + 7;
	scene->cpu.idtr = (struct cpu_table){0, 0};
	scene->evidence.trail_count = 2;
	scene->evidence.trail[0].rip = AT_CODE;
	scene->evidence.trail[1].rip = AT_CODE + 7;
	return scene;
}

/* The same with div %ecx, ECX = 0, which nobody means. */
static struct death_scene *divides_after_lidt(void)
{
	struct death_scene *scene = reboot();

	CODE(scene, "\x0f\x01\x1d\x00\x00\x00\x00\xf7\xf1");
	return scene;
}

static struct death_scene *before_idt(void)
{
	struct death_scene *scene = ud2();

	scene->evidence.death = DEATH_BOOT_EXCEPTION;
	scene->evidence.boot_vector = 6;
	return scene;
}

static struct death_scene *no_handler(void)
{
	return ud2();
}

static struct death_scene *not_present(void)
{
	struct death_scene *scene = ud2();

	for (unsigned vector = 0; vector < 32; vector++)
		scene_gate(scene, vector, AT_CODE + 0x100, 0x08, 0x0e, 0);
	return scene;
}

static struct death_scene *data_selector(void)
{
	struct death_scene *scene = ud2();

	for (unsigned vector = 0; vector < 32; vector++)
		scene_gate(scene, vector, AT_CODE + 0x100, 0x10, 0x8e, 0);
	return scene;
}

static struct death_scene *selector_beyond(void)
{
	struct death_scene *scene = ud2();

	for (unsigned vector = 0; vector < 32; vector++)
		scene_gate(scene, vector, AT_CODE + 0x100, 0x48, 0x8e, 0);
	return scene;
}

/* 8-byte gates: offset 15:0, selector, 0, type, offset 31:16. */
static struct death_scene *half_gates(void)
{
	struct death_scene *scene = ud2();

	for (unsigned i = 0; i < 512; i++)
		scene_put(scene, AT_IDT + 8 * i, 0x00018e0000080100, 8);
	return scene;
}

static struct death_scene *ist_bad(void)
{
	struct death_scene *scene = ud2();

	for (unsigned vector = 0; vector < 32; vector++)
		scene_gate(scene, vector, AT_CODE + 0x100, 0x08, 0x8e, 1);
	scene_put(scene, AT_TSS + 0x24, 0x70000000, 8);
	return scene;
}

static struct death_scene *ist_empty(void)
{
	struct death_scene *scene = ist_bad();

	scene_put(scene, AT_TSS + 0x24, 0, 8);
	return scene;
}

static struct death_scene *no_rsp0(void)
{
	struct death_scene *scene = ud2();

	scene_user(scene);
	for (unsigned vector = 0; vector < 32; vector++)
		scene_gate(scene, vector, AT_CODE + 0x100, 0x08, 0x8e, 0);
	return scene;
}

static struct death_scene *short_tss(void)
{
	struct death_scene *scene = no_rsp0();

	scene->cpu.tr.limit = 3;
	return scene;
}

/* 32-bit interrupt gates; SS0 at TSS + 8 is 0. */
static struct death_scene *ss0_null(void)
{
	struct death_scene *scene = scene_pm32();

	CODE(scene, "\x0f\x0b");
	scene_user(scene);
	for (unsigned vector = 0; vector < 32; vector++)
		scene_put(scene, AT_IDT + 8 * vector, 0x00018e0000080100, 8);
	scene_put(scene, AT_TSS + 4, AT_STACK, 4);
	return scene;
}

/* ljmp $8,... is not needed: the 32-bit paging cases stand behind mov %eax,%cr0 (0f 22 c0). */
static struct death_scene *pse32(uint32_t pde)
{
	struct death_scene *scene = scene_pm32();

	CODE(scene, "\x0f\x22\xc0\x90");
	scene->cpu.rip = AT_CODE + 3;
	scene->evidence.trail_count = 2;
	scene->evidence.trail[0].rip = AT_CODE;
	scene->evidence.trail[1].rip = AT_CODE + 3;
	scene_put(scene, 0x1000, pde, 4);
	scene->cpu.cr3 = 0x1000;
	scene->cpu.cr0 = 0x80000011;
	return scene;
}

static struct death_scene *without_pse(void)
{
	return pse32(0x83);
}

static struct death_scene *higher_half_only(void)
{
	return pse32(0);
}

/* PDE 0 maps 4 MiB; call pushes at 0x800ffffc, PDE 512. */
static struct death_scene *no_stack32(void)
{
	struct death_scene *scene = pse32(0x83);

	scene->cpu.cr4 = 0x10;
	scene->evidence.trail_count = 0;
	CODE(scene, "\x90\x90\x90\xe8\x00\x00\x00\x00");
	scene->cpu.gpr[GPR_RSP] = 0x80100000;
	return scene;
}

/* push %rax with RSP at the first byte of a page that has nothing mapped below it. */
static struct death_scene *at_bottom(void)
{
	struct death_scene *scene = null_pointer();

	CODE(scene, "\x50");
	scene_put(scene, 0x4000 + 8 * 0x2f, 0, 8);
	scene->cpu.gpr[GPR_RSP] = 0x30000;
	return scene;
}

/* push with RSP = 0: the last page of the address space, and page 0 "above" it, are no stack. */
static struct death_scene *rsp_zero(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x50");
	scene->cpu.gpr[GPR_RSP] = 0;
	return scene;
}

static struct death_scene *sse(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x66\x0f\xef\xc0"); /* pxor %xmm0,%xmm0 */
	return scene;
}

static struct death_scene *avx(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\xc5\xf9\xef\xc0"); /* vpxor %xmm0,%xmm0,%xmm0 */
	scene->cpu.facts.avx = scene->cpu.facts.xsave = true;
	scene->cpu.cr4 |= 0x200;
	return scene;
}

static struct death_scene *no_fpu(void)
{
	struct death_scene *scene = scene_long();

	/* CR0.EM: SDM vol. 3, 2.5: x87 instructions raise #NM. */
	CODE(scene, "\xd9\xe8"); /* fld1 */
	scene->cpu.cr0 |= 4;
	return scene;
}

static struct death_scene *no_sce(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x0f\x05");
	return scene;
}

static struct death_scene *garbage_code(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x0f\xff\xff\xff\xff\xff\xff\xff");
	memcpy(scene->ram + AT_CODE, "\xc4\xff\xff\xff\xff\xff\xff\xff", 8);
	return scene;
}

static struct death_scene *text_pointer(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, LOAD_RBX);
	scene->cpu.gpr[GPR_RBX] = 0x6f77206f6c6c6568; /* "hello wo" */
	return scene;
}

static struct death_scene *noncanonical(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, LOAD_RBX);
	scene->cpu.gpr[GPR_RBX] = 0x0001888000000000;
	return scene;
}

static struct death_scene *wild_call(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\xff\xe3"); /* jmp *%rbx */
	scene->cpu.gpr[GPR_RBX] = 0x1234567890123456;
	return scene;
}

static struct death_scene *nowhere(void)
{
	struct death_scene *scene = scene_long();

	scene->cpu.rip = 0x40000000;
	return scene;
}

/* call *%rbx (ff d3) left the return address behind it on the stack. */
static struct death_scene *null_call(void)
{
	struct death_scene *scene = null_pointer();

	CODE(scene, "\xff\xd3");
	scene->cpu.gpr[GPR_RBX] = 0;
	scene->cpu.rip = 0;
	scene_put(scene, AT_STACK, AT_CODE + 2, 8);
	return scene;
}

static struct death_scene *null_return(void)
{
	struct death_scene *scene = null_pointer();

	scene->cpu.rip = 0;
	return scene;
}

static struct death_scene *reserved_leaf(void)
{
	struct death_scene *scene = null_pointer();

	scene_put(scene, 0x4000 + 8 * 0x30, 0x0008000000030007, 8); /* bit 51, MAXPHYADDR 36 */
	scene->cpu.gpr[GPR_RBX] = 0x30000;
	return scene;
}

static struct death_scene *ps_in_pml4(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, LOAD_RBX);
	scene->cpu.gpr[GPR_RBX] = 0x8000000000;
	scene_put(scene, AT_PML4 + 8, AT_PDPT + 0x87, 8);
	return scene;
}

static struct death_scene *table_outside(void)
{
	struct death_scene *scene = scene_long();

	scene_put(scene, AT_PML4, 0x70000007, 8);
	return scene;
}

/* PDE 1 has a page table where no RAM is; KVM makes a #PF of that. */
static struct death_scene *operand_table_outside(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, LOAD_RBX);
	scene_put(scene, AT_PD + 8, 0x70000007, 8);
	scene->cpu.gpr[GPR_RBX] = 0x201000;
	scene->cpu.cr2 = 0x201000;
	scene->cpu.events.exception_vector = 14;
	return scene;
}

/* Zeros, but mapped no-execute: nothing ran there. EFER.NXE = 1. */
static struct death_scene *zeros_no_execute(void)
{
	struct death_scene *scene = scene_long();

	scene_put(scene, AT_PD, 0x8000000000000087, 8);
	scene->cpu.efer |= 0x800;
	return scene;
}

/* call *%rbx led right into zeros: the return address is AT_CODE + 2, RBX is RIP. */
static struct death_scene *calls_into_zeros(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\xff\xd3");
	scene->cpu.gpr[GPR_RBX] = scene->cpu.rip = AT_CODE + 0x800;
	scene->cpu.gpr[GPR_RAX] = 0x40000000;
	scene_put(scene, AT_STACK, AT_CODE + 2, 8);
	return scene;
}

static struct death_scene *runs_through_zeros(void)
{
	struct death_scene *scene = calls_into_zeros();

	scene->cpu.gpr[GPR_RBX] = AT_CODE + 0x700;
	return scene;
}

static struct death_scene *cr3_outside(void)
{
	struct death_scene *scene = scene_long();

	scene->cpu.cr3 = 0x70000000;
	return scene;
}

static struct death_scene *msr(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x0f\x30"); /* wrmsr: LSTAR = 0x0001000000000000 */
	scene->cpu.gpr[GPR_RCX] = 0xc0000082;
	scene->cpu.gpr[GPR_RDX] = 0x00010000;
	return scene;
}

static struct death_scene *null_selector(void)
{
	struct death_scene *scene = scene_pm32();

	CODE(scene, "\x8e\xd0"); /* mov %eax,%ss with EAX = 0 */
	return scene;
}

static struct death_scene *code_for_ss(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x8e\xd0");
	scene->cpu.gpr[GPR_RAX] = 0x08;
	return scene;
}

static struct death_scene *bad_iret(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x48\xcf");
	scene_put(scene, AT_STACK, AT_CODE, 8);
	scene_put(scene, AT_STACK + 8, 0x1230, 8);
	return scene;
}

/* RIP, CS, RFLAGS, RSP, SS one word above: the word at RSP is the error code. */
static struct death_scene *error_code(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x48\xcf");
	scene_put(scene, AT_STACK, 0x2, 8);
	scene_put(scene, AT_STACK + 8, AT_CODE + 0x5c, 8);
	scene_put(scene, AT_STACK + 16, 0x08, 8);
	scene_put(scene, AT_STACK + 24, 0x202, 8);
	scene_put(scene, AT_STACK + 32, AT_STACK + 48, 8);
	scene_put(scene, AT_STACK + 40, 0x10, 8);
	return scene;
}

static const struct verdict_row rows[] = {
	{"null-pointer", null_pointer},
	{"idt-limit-zero", limit_zero},
	{"reboot-on-purpose", reboot},
	{"idt-limit-zero", divides_after_lidt},
	{"idt-never-loaded", before_idt},
	{"no-handler", no_handler},
	{"gate-not-present", not_present},
	{"gate-selector-not-code", data_selector},
	{"gate-selector-not-in-gdt", selector_beyond},
	{"idt-8-byte-gates", half_gates},
	{"ist-stack-bad", ist_bad},
	{"df-ist-empty", ist_empty},
	{"rsp0-zero", no_rsp0},
	{"tss-without-kernel-stack", short_tss},
	{"tss-ss0-null", ss0_null},
	{"pse-not-enabled", without_pse},
	{"paging-without-identity-map", higher_half_only},
	{"stack-not-mapped", no_stack32},
	{"stack-pointer-at-bottom", at_bottom},
	{"stack-not-mapped", rsp_zero},
	{"sse-disabled", sse},
	{"avx-disabled", avx},
	{"fpu-disabled", no_fpu},
	{"syscall-disabled", no_sce},
	{"not-an-instruction", garbage_code},
	{"pointer-is-text", text_pointer},
	{"noncanonical-pointer", noncanonical},
	{"wild-function-pointer", wild_call},
	{"jump-to-nowhere", nowhere},
	{"null-function-pointer", null_call},
	{"return-to-null", null_return},
	{"reserved-bit", reserved_leaf},
	{"reserved-bit-upper-level", ps_in_pml4},
	{"page-table-outside-ram", table_outside},
	{"page-table-outside-ram", operand_table_outside},
	{"fetch-from-nx-page", zeros_no_execute},
	{"page-not-mapped", calls_into_zeros},
	{"ran-through-zeros", runs_through_zeros},
	{"cr3-outside-ram", cr3_outside},
	{"msr-address-not-canonical", msr},
	{"selector-null", null_selector},
	{"selector-wrong-type", code_for_ss},
	{"iret-bad-frame", bad_iret},
	{"error-code-not-popped", error_code},
};

START_TEST(test_row)
{
	verdict_row_check(&rows[_i]);
}
END_TEST

/* The writer makes "emptied" of "empty": gate 6 held something before. */
START_TEST(test_emptied)
{
	struct death_scene *scene = ud2();
	struct write_record record = {
		.gpa = AT_IDT + 6 * 16 + 5, .size = 1, .old_value = 0x8e, .rip = AT_CODE};

	ck_assert_str_eq(scene_verdict(scene), "no-handler");
	ck_assert(scene->verdict.wants_writer);
	ck_assert_uint_eq(scene->verdict.writer_gpa, AT_IDT + 6 * 16);
	ck_assert_uint_eq(scene->verdict.writer_size, 16);
	record.cpu = scene->cpu;
	scene->evidence.writes = &record;
	scene->evidence.write_count = 1;
	ck_assert_str_eq(scene_verdict(scene), "idt-emptied");
	ck_assert(!scene->verdict.wants_writer);
	scene_free(scene);
}
END_TEST

START_TEST(test_sentence)
{
	struct death_scene *scene = null_pointer();

	scene_verdict(scene);
	ck_assert_ptr_nonnull(strstr(scene->verdict.cause, "(%rbx)"));
	ck_assert_ptr_nonnull(strstr(scene->verdict.cause, "0x18"));
	ck_assert_ptr_nonnull(strstr(scene->verdict.cause, "PTE 0"));
	ck_assert_ptr_nonnull(strstr(scene->verdict.cause, "IDT[14]"));
	scene_free(scene);
}
END_TEST

/* RBX is not null here, 0x18. */
START_TEST(test_near_null)
{
	struct death_scene *scene = null_pointer();

	scene_verdict(scene);
	ck_assert_ptr_null(strstr(scene->verdict.cause, "A null pointer was used"));
	scene_free(scene);
}
END_TEST

/* jmp *%rax with RAX = 0 above a zero leaves the same state as a ret. */
START_TEST(test_return_is_not_sure)
{
	struct death_scene *scene = null_return();

	ck_assert_str_eq(scene_verdict(scene), "return-to-null");
	ck_assert_ptr_nonnull(strstr(scene->verdict.cause, "looks the same"));
	scene_free(scene);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("verdict");
	TCase *tcase = tcase_create("verdict");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, test_row, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, test_emptied);
	tcase_add_test(tcase, test_sentence);
	tcase_add_test(tcase, test_near_null);
	tcase_add_test(tcase, test_return_is_not_sure);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
