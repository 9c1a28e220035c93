/* SPDX-License-Identifier: MIT */
/*
 * test_verdict_first_kernels.c: verdicts on mistakes of first kernels that look like another one,
 * each with its counterpart.
 */
#include <stdio.h>
#include <string.h>

#include "death_scene.h"
#include "suite.h"

#define CODE(scene, bytes) scene_code(scene, bytes, sizeof(bytes) - 1)

/* int $0x80 in user mode through a gate of this type byte, on this KVM. */
static struct death_scene *user_int(const char *kvm, uint8_t type)
{
	struct death_scene *scene = scene_long();

	scene_user(scene);
	scene_put(scene, AT_TSS + 4, AT_STACK, 8);
	CODE(scene, "\xcd\x80");
	scene_gate(scene, 0x80, AT_CODE + 0x100, 0x08, type, 0);
	scene->evidence.kvm = kvm;
	return scene;
}

static struct death_scene *int_good_gate(void)
{
	return user_int("kvm_pvm", 0xee);
}

static struct death_scene *int_good_elsewhere(void)
{
	return user_int("kvm_intel", 0xee);
}

static struct death_scene *int_dpl0(void)
{
	return user_int("kvm_intel", 0x8e);
}

/* With a handler of #GP, too: the death came otherwise, the gate is wrong all the same. */
static struct death_scene *int_dpl0_handled(void)
{
	struct death_scene *scene = user_int("kvm_pvm", 0x8e);

	scene_gate(scene, 13, AT_CODE + 0x100, 0x08, 0x8e, 0);
	return scene;
}

/* ud2 without a gate, and a handler of the #GP that follows. */
static struct death_scene *ud2_gp_gate(const char *kvm)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x0f\x0b");
	scene_gate(scene, 13, AT_CODE + 0x100, 0x08, 0x8e, 0);
	scene->evidence.kvm = kvm;
	return scene;
}

static struct death_scene *doubles_at_once(void)
{
	return ud2_gp_gate("kvm_pvm");
}

static struct death_scene *doubles_elsewhere(void)
{
	return ud2_gp_gate("kvm_amd");
}

/* mov 0xfee00020,%eax: 2 MiB pages at their own addresses, of which that of 0xfee00000 (PD index
 * 503 of the fourth) holds this. */
static struct death_scene *lapic_page(uint64_t entry)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\xa1\x20\x00\xe0\xfe\x00\x00\x00\x00");
	scene_put(scene, AT_PDPT + 8 * 3, 0x4003, 8);
	scene_put(scene, 0x4000 + 8 * 503, entry, 8);
	scene->cpu.cr2 = 0xfee00020;
	return scene;
}

static struct death_scene *sign_extended(void)
{
	return lapic_page(0xfffffffffee00083);
}

/* Not that page's own address: the kernel's, with an offset. */
static struct death_scene *other_upper_half(void)
{
	return lapic_page(0xffffffff80200083);
}

/* mov 0x8(%rbx),%rax */
static struct death_scene *through_rbx(uint64_t rbx)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x48\x8b\x43\x08");
	scene->cpu.gpr[GPR_RBX] = rbx;
	return scene;
}

static struct death_scene *freed_pointer(void)
{
	return through_rbx(0x6b6b6b6b6b6b6b6b);
}

static struct death_scene *unset_pointer(void)
{
	return through_rbx(0xcdcdcdcdcdcdcdcd);
}

static struct death_scene *almost_equal_bytes(void)
{
	return through_rbx(0x6b6b6b6b6b6b6b61);
}

static struct death_scene *minus_one(void)
{
	struct death_scene *scene = through_rbx(0xffffffffffffffff);

	CODE(scene, "\x48\x8b\x03");
	return scene;
}

/* KVM gives up in the middle of a string behind code that does not stop. */
static struct death_scene *text_as_code(void)
{
	struct death_scene *scene = scene_pm32();

	CODE(scene, "\x90\x90Hello, bootloader world!\r\n");
	scene->cpu.rip = AT_CODE + 9;
	scene->evidence.death = DEATH_KVM_INTERNAL;
	return scene;
}

/* push %r8 to %r15 and back: letters, but code; then ud2. */
static struct death_scene *pushes(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "PSQRUVWAPAQARASATAUAVAW\x00\x00");
	scene->evidence.death = DEATH_KVM_INTERNAL;
	return scene;
}

/* The time is over in zeros, far from any image. */
static struct death_scene *zeros_far_away(void)
{
	struct death_scene *scene = scene_long();

	scene->cpu.rip = 0x100000;
	scene->evidence.death = DEATH_TIMEOUT;
	return scene;
}

/* nop and a jump back: a loop. */
static struct death_scene *loop_far_away(void)
{
	struct death_scene *scene = zeros_far_away();

	scene_put(scene, 0x100000, 0xfceb9090, 4);
	return scene;
}

/* The row's verdict when it is expected, any other when id begins with '!'. */
static const struct verdict_row rows[] = {
	{"kvm-int-raises-ud", int_good_gate},
	{"unexplained", int_good_elsewhere},
	{"gate-not-for-user", int_dpl0},
	{"gate-not-for-user", int_dpl0_handled},
	{"kvm-double-fault-at-once", doubles_at_once},
	{"unexplained", doubles_elsewhere},
	{"executes-text", text_as_code},
	{"!executes-text", pushes},
	{"zeros-at-timeout", zeros_far_away},
	{"running-at-timeout", loop_far_away},
	{"table-entry-sign-extended", sign_extended},
	{"table-entry-virtual", other_upper_half},
	{"pointer-is-filler", freed_pointer},
	{"pointer-is-filler", unset_pointer},
	{"pointer-is-text", almost_equal_bytes},
	{"!pointer-is-filler", minus_one},
};

START_TEST(test_row)
{
	verdict_row_check(&rows[_i]);
}
END_TEST

/* #UD has no handler: only the #GP has that its delivery raises. */
START_TEST(test_handler_of_what_follows)
{
	struct death_scene *scene = doubles_elsewhere();

	scene_verdict(scene);
	ck_assert_ptr_null(strstr(scene->verdict.cause, "raises #UD, which has a handler"));
	ck_assert_ptr_nonnull(strstr(scene->verdict.cause, "so that #GP follows"));
	scene_free(scene);
}
END_TEST

/* 32-bit code behind a far jump to 16-bit code, or without one. ud2 at AT_CODE. */
START_TEST(test_code32_by_selector)
{
	struct death_scene *scene = scene_pm32();

	CODE(scene, "\x0f\x0b");
	scene_verdict(scene);
	scene->findings.code.looks_32bit = true;
	verdict_make(&scene->verdict, &scene->findings);
	ck_assert_str_eq(scene->verdict.id, "code-segment-not-32bit");
	ck_assert_ptr_nonnull(strstr(scene->verdict.cause, "Code selector 0x08"));
	ck_assert_ptr_nonnull(strstr(scene->verdict.repair, "Set D"));
	scene->findings.cpu.seg[SEG_CS].selector = 0;
	verdict_make(&scene->verdict, &scene->findings);
	ck_assert_str_eq(scene->verdict.id, "code-segment-not-32bit");
	ck_assert_ptr_nonnull(strstr(scene->verdict.cause, "no far jump"));
	ck_assert_ptr_nonnull(strstr(scene->verdict.repair, "ljmp"));
	scene_free(scene);
}
END_TEST

/* A code segment with L and D, which no CPU enters; and the manual of the CPU that refused. */
START_TEST(test_entry_refused)
{
	struct death_scene *scene = scene_long();

	scene->evidence.death = DEATH_FAIL_ENTRY;
	scene->cpu.seg[SEG_CS].db = true;
	scene->cpu.facts.amd = true;
	ck_assert_str_eq(scene_verdict(scene), "kvm-entry-refused");
	ck_assert_ptr_nonnull(strstr(scene->verdict.cause, "both L and D"));
	ck_assert_ptr_null(strstr(scene->verdict.cause, "SDM"));
	ck_assert_ptr_nonnull(strstr(scene->verdict.repair, "0x00af9b000000ffff"));
	scene->cpu.seg[SEG_CS].db = false;
	memset(&scene->findings, 0, sizeof(scene->findings));
	scene_verdict(scene);
	ck_assert_ptr_null(strstr(scene->verdict.cause, "both L and D"));
	ck_assert_ptr_null(strstr(scene->verdict.repair, "unrestricted"));
	scene_free(scene);
}
END_TEST

/* Halted in the handler of #GP, which user code at AT_CODE + 0x40 (cli) raised: the handler's
 * function has a name only in findings that are made by hand. */
START_TEST(test_halt_names_what_was_interrupted)
{
	struct death_scene *scene = scene_long();
	uint64_t frame[] = {AT_CODE + 0x40, 0x23, 0x10002, AT_STACK + 0x400, 0x1b};

	CODE(scene, "\xfa\xf4\xeb\xfd");
	scene->ram[AT_CODE + 0x40] = 0xfa;
	memcpy(scene->ram + AT_STACK, frame, sizeof(frame));
	scene->cpu.rip = AT_CODE + 2;
	scene->evidence.death = DEATH_STUCK;
	scene->evidence.stuck = STUCK_HLT_IF0;
	ck_assert_str_eq(scene_verdict(scene), "halted-interrupts-off");
	ck_assert_ptr_nonnull(
		strstr(scene->verdict.cause, "interrupted user code at 0x10040, cli."));
	scene_free(scene);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("verdict-first-kernels");
	TCase *tcase = tcase_create("verdict-first-kernels");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, test_row, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, test_handler_of_what_follows);
	tcase_add_test(tcase, test_code32_by_selector);
	tcase_add_test(tcase, test_entry_refused);
	tcase_add_test(tcase, test_halt_names_what_was_interrupted);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
