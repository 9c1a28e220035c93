/* SPDX-License-Identifier: MIT */
/*
 * test_verdict_causes.c: verdicts that look behind the first exception: at what a table, a stack or
 * a caller was meant to be. Each with its counterpart, in which that is not certain.
 */
#include <stdio.h>
#include <string.h>

#include "death_scene.h"
#include "suite.h"

#define CODE(scene, bytes) scene_code(scene, bytes, sizeof(bytes) - 1)

/* A page directory entry without PS for its own frame, which holds code: no table. */
static struct death_scene *frame_as_table(void)
{
	struct death_scene *scene = scene_long();

	scene_put(scene, AT_PD, 0x03, 8);
	for (unsigned i = 0; i < 512; i++)
		scene_put(scene, 8 * i, 0x4855c3c9d48948fe, 8);
	return scene;
}

/* The same entry over an empty page may be a table that nobody filled. */
static struct death_scene *empty_table(void)
{
	struct death_scene *scene = scene_long();

	scene_put(scene, AT_PD, 0x03, 8);
	return scene;
}

/* call AT_CODE, at AT_CODE: the return address behind it every 16 bytes from below up. */
static void fill_stack(struct death_scene *scene, uint64_t from, uint64_t to)
{
	CODE(scene, "\xe8\xfb\xff\xff\xff");
	for (uint64_t at = from; at < to; at += 16)
		scene_put(scene, at, AT_CODE + 5, 4);
}

/* ESP went below 0, where the guest has no memory. */
static struct death_scene *wrapped_stack(void)
{
	struct death_scene *scene = scene_pm32();

	fill_stack(scene, 0x8, 0x800);
	scene->cpu.gpr[GPR_RSP] = 0xfffffff8;
	scene->evidence.death = DEATH_TIMEOUT;
	return scene;
}

/* The same deep recursion within its stack, and the death has another cause. */
static struct death_scene *deep_recursion(void)
{
	struct death_scene *scene = scene_pm32();

	fill_stack(scene, AT_STACK, AT_STACK + 0x800);
	scene->cpu.rip = AT_CODE + 0x10;
	scene_put(scene, AT_CODE + 0x10, 0x0b0f, 2);
	return scene;
}

/* A buffer that holds one value only is no recursion, though that is a return address. */
static struct death_scene *filled_buffer(void)
{
	struct death_scene *scene = wrapped_stack();

	for (uint64_t at = 0; at < 0x800; at += 4)
		scene_put(scene, at, AT_CODE + 5, 4);
	return scene;
}

/* mov %eax,%cr0 with PG, which vmm's boot IDT reports as #GP. */
static struct death_scene *paging_refused(void)
{
	struct death_scene *scene = scene_pm32();

	CODE(scene, "\x0f\x22\xc0");
	scene->cpu.gpr[GPR_RAX] = 0x80000011;
	scene->evidence.death = DEATH_BOOT_EXCEPTION;
	scene->evidence.boot_vector = 13;
	scene->evidence.boot_has_error = true;
	scene->evidence.kvm = "kvm_pvm";
	return scene;
}

/* Only one KVM does that. */
static struct death_scene *paging_refused_elsewhere(void)
{
	struct death_scene *scene = paging_refused();

	scene->evidence.kvm = "kvm_intel";
	return scene;
}

/* call *%rbx with RBX = 0; the guest is on its way through the zeros below the image. */
static struct death_scene *zeros_at_timeout(void)
{
	struct death_scene *scene = scene_long();

	scene_put(scene, AT_PML4, 0, 8); /* the tables elsewhere: 0 to AT_CODE are zeros */
	scene_put(scene, AT_PDPT, 0, 8);
	scene_put(scene, AT_PD, 0, 8);
	scene_put(scene, 0x101000, 0x102007, 8);
	scene_put(scene, 0x102000, 0x103007, 8);
	scene_put(scene, 0x103000, 0x87, 8);
	scene->cpu.cr3 = 0x101000;
	memset(scene->ram + AT_GDT, 0, 0x40);
	CODE(scene, "\xff\xd3");
	scene_put(scene, AT_STACK, AT_CODE + 2, 8);
	scene->cpu.rip = 0x4a2;
	scene->evidence.death = DEATH_TIMEOUT;
	return scene;
}

/* The call leads elsewhere, so it was not this one. */
static struct death_scene *other_call(void)
{
	struct death_scene *scene = zeros_at_timeout();

	scene->cpu.gpr[GPR_RBX] = AT_CODE;
	return scene;
}

/* mov 0x200000,%rax with a page directory entry that is all ones: no address that anybody made. */
static struct death_scene *entry_of_ones(void)
{
	struct death_scene *scene = scene_long();

	scene_put(scene, AT_PD + 8, UINT64_MAX, 8);
	CODE(scene, "\x48\x8b\x04\x25\x00\x00\x20\x00");
	return scene;
}

/* An address of the upper half, and bit 63 alone, are. */
static struct death_scene *entry_of_upper_half(void)
{
	struct death_scene *scene = entry_of_ones();

	scene_put(scene, AT_PD + 8, 0xffffffff80105003, 8);
	return scene;
}

static struct death_scene *entry_with_nx(void)
{
	struct death_scene *scene = entry_of_ones();

	scene_put(scene, AT_PD + 8, 0x8000000000000083, 8);
	return scene;
}

/* lidt with limit 0, int3: some KVM gives up at that instead of shutting down. */
static struct death_scene *reboot_kvm_gave_up(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x0f\x01\x1e\xcc");
	scene->cpu.rip = AT_CODE + 3;
	scene->cpu.idtr.limit = 0;
	scene->evidence.trail[0].rip = AT_CODE;
	scene->evidence.trail[1].rip = AT_CODE + 3;
	scene->evidence.trail_count = 2;
	scene->evidence.death = DEATH_KVM_INTERNAL;
	return scene;
}

/* mov $0xdcd0000,%eax; wrmsr: the first ends with the bytes of int $0xd. */
static struct death_scene *wrmsr_behind_bytes_of_int(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\xb8\x00\x00\xcd\x0d\x0f\x30");
	scene->cpu.rip = AT_CODE + 5;
	scene->cpu.gpr[GPR_RCX] = 0x12345;
	scene->evidence.death = DEATH_BOOT_EXCEPTION;
	scene->evidence.boot_vector = 13;
	scene->evidence.boot_has_error = true;
	return scene;
}

/* int $0xd itself has no error code. */
static struct death_scene *int_at_boot_idt(void)
{
	struct death_scene *scene = wrmsr_behind_bytes_of_int();

	scene->evidence.boot_has_error = false;
	return scene;
}

/* iretq: RIP, CS, RFLAGS, RSP and an SS beyond the GDT. */
static struct death_scene *iret_beyond_gdt(uint16_t ss_now)
{
	static const uint64_t frame[] = {AT_CODE + 2, 0x23, 2, AT_STACK, 0x4b};
	struct death_scene *scene = scene_long();

	CODE(scene, "\x48\xcf");
	memcpy(scene->ram + AT_STACK, frame, sizeof(frame));
	scene->cpu.seg[SEG_SS].selector = ss_now;
	return scene;
}

/* SS was loaded with it, so it was good once; or the frame was made with a wrong constant. */
static struct death_scene *iret_old_ss(void)
{
	return iret_beyond_gdt(0x48);
}

static struct death_scene *iret_wrong_ss(void)
{
	return iret_beyond_gdt(0x10);
}

/* The row's verdict when it is expected, any other when id begins with '!'. */
static const struct verdict_row rows[] = {
	{"large-page-bit-missing", frame_as_table},
	{"!large-page-bit-missing", empty_table},
	{"kvm-no-32bit-paging", paging_refused},
	{"!kvm-no-32bit-paging", paging_refused_elsewhere},
	{"null-call-through-zeros", zeros_at_timeout},
	{"!null-call-through-zeros", other_call},
	{"stack-overflow-recursion", wrapped_stack},
	{"!stack-overflow-recursion", deep_recursion},
	{"!stack-overflow-recursion", filled_buffer},
	{"iret-ss-not-in-gdt", iret_old_ss},
	{"iret-bad-frame", iret_wrong_ss},
	{"reserved-bit-upper-level", entry_of_ones},
	{"table-entry-virtual", entry_of_upper_half},
	{"nx-without-nxe", entry_with_nx},
	{"reboot-on-purpose", reboot_kvm_gave_up},
	{"msr-unknown", wrmsr_behind_bytes_of_int},
	{"bios-call", int_at_boot_idt},
};

START_TEST(test_row)
{
	verdict_row_check(&rows[_i]);
}
END_TEST

/* ud2 in the handler of #PF; above its stack pointer there are words like an error code and RIP,
 * CS, RFLAGS, RSP and SS. */
static const char *in_handler(uint64_t rsp, uint64_t ss)
{
	static char id[64];
	struct death_scene *scene = scene_long();
	uint64_t frame[] = {0, AT_CODE + 0x40, 0x08, 0x10002, rsp, ss};

	CODE(scene, "\x0f\x0b");
	scene_gate(scene, 14, AT_CODE, 0x08, 0x8e, 0);
	memcpy(scene->ram + AT_STACK, frame, sizeof(frame));
	scene_verdict(scene);
	scene->findings.rip.has_symbol = true;
	scene->findings.rip.symbol = (struct symbol){.address = AT_CODE, .size = 16};
	verdict_make(&scene->verdict, &scene->findings);
	snprintf(id, sizeof(id), "%s", scene->verdict.id);
	scene_free(scene);
	return id;
}

/* A frame counts only where the delivery would have put it, right below the RSP in it, and with a
 * stack segment. 0x20 is code. */
START_TEST(test_frame_of_handler)
{
	ck_assert_str_eq(in_handler(AT_STACK + 0x30, 0x10), "handler-faults");
	ck_assert_str_eq(in_handler(AT_STACK + 0x38, 0), "handler-faults");
	ck_assert_str_ne(in_handler(AT_STACK + 0x1000, 0x10), "handler-faults");
	ck_assert_str_ne(in_handler(AT_STACK + 0x30, 0x20), "handler-faults");
}
END_TEST

/* The handler of #PF was called for code at AT_CODE + 0x40, itself the handler of what came at
 * AT_CODE + 0x80. */
START_TEST(test_frame_of_outer_handler)
{
	struct death_scene *scene = scene_long();
	uint64_t inner[] = {0, AT_CODE + 0x40, 0x08, 0x10002, AT_STACK + 0x30, 0x10};
	uint64_t outer[] = {AT_CODE + 0x80, 0x08, 0x10002, AT_STACK + 0x58, 0};

	CODE(scene, "\x0f\x0b");
	scene_gate(scene, 14, AT_CODE, 0x08, 0x8e, 0);
	memcpy(scene->ram + AT_STACK, inner, sizeof(inner));
	memcpy(scene->ram + AT_STACK + sizeof(inner), outer, sizeof(outer));
	scene_verdict(scene);
	scene->findings.rip.has_symbol = true;
	scene->findings.rip.symbol = (struct symbol){.address = AT_CODE, .size = 16};
	verdict_make(&scene->verdict, &scene->findings);
	ck_assert_str_eq(scene->verdict.id, "handler-faults");
	ck_assert_uint_eq(scene->findings.frame_count, 2);
	ck_assert_ptr_nonnull(
		strstr(scene->verdict.cause, "that it was called for, at 0x10040, was not"));
	scene_free(scene);
}
END_TEST

/* Behind syscall with the CS of user code: mov 0x18(%rdi),%rax, or cli. */
static struct death_scene *behind_syscall(const char *kvm, uint8_t vector, uint32_t error)
{
	struct death_scene *scene = scene_long();

	scene_user(scene);
	scene->cpu.efer |= 1;
	scene->cpu.star = 0x0010000800000000;
	scene->cpu.lstar = AT_CODE;
	scene->cpu.events.exception_vector = vector;
	scene->cpu.events.exception_error = error;
	scene->evidence.kvm = kvm;
	return scene;
}

START_TEST(test_syscall_at_user_level)
{
	struct death_scene *scene = behind_syscall("kvm_pvm", 13, 0);

	CODE(scene, "\xfa");
	ck_assert_str_eq(scene_verdict(scene), "kvm-syscall-at-user-level");
	scene->cpu.lstar = AT_CODE + 0x100; /* then it is user code */
	memset(&scene->findings, 0, sizeof(scene->findings));
	ck_assert_str_eq(scene_verdict(scene), "privileged-instruction-in-user-mode");
	scene_free(scene);
	scene = behind_syscall("kvm_intel", 13, 0);
	CODE(scene, "\xfa");
	ck_assert_str_ne(scene_verdict(scene), "kvm-syscall-at-user-level");
	scene_free(scene);
}
END_TEST

/* Vectors of the boot IDT that no exception brought: IRQ 0 with the base 8 pushes no error code;
 * 0x20 is beyond the IDT, #GP with its number and the IDT bit. */
START_TEST(test_interrupt_at_boot_idt)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x90\x90");
	scene->cpu.rflags = 0x202;
	scene->evidence.death = DEATH_BOOT_EXCEPTION;
	scene->evidence.boot_vector = 8;
	scene->evidence.pic[0] = (struct pic_state){.valid = true, .isr = 1, .vector_base = 8};
	ck_assert_str_eq(scene_verdict(scene), "irq0-as-vector-8");
	scene->evidence.pic[0] = (struct pic_state){.valid = true};
	scene->evidence.boot_vector = 13;
	scene->evidence.boot_has_error = true;
	scene->evidence.boot_error = 0x103;
	ck_assert_str_eq(scene_verdict(scene), "interrupt-without-gate");
	ck_assert_uint_eq(scene->findings.first.event.vector, 0x20);
	scene_free(scene);
}
END_TEST

/* The 32-bit boot IDT has no gates for 16 and 22 up: int $0x10 there is #GP with 8 * 16 + 2, a real
 * #MF has EXT, too. SDM vol. 3, 6.13 "Error Code". */
START_TEST(test_hole_in_boot_idt)
{
	struct death_scene *scene = scene_pm32();

	CODE(scene, "\xcd\x10");
	scene->evidence.death = DEATH_BOOT_EXCEPTION;
	scene->evidence.boot_vector = 13;
	scene->evidence.boot_has_error = true;
	scene->evidence.boot_error = 0x82;
	scene_verdict(scene);
	ck_assert_int_eq(scene->findings.first.event.kind, EVENT_INT_N);
	ck_assert_uint_eq(scene->findings.first.event.vector, 0x10);
	CODE(scene, "\xd9\xe8"); /* fld1 */
	scene->evidence.boot_error = 0x83;
	memset(&scene->findings, 0, sizeof(scene->findings));
	scene_verdict(scene);
	ck_assert_uint_eq(scene->findings.first.event.vector, 16);
	ck_assert(!scene->findings.first.event.has_error);
	scene_free(scene);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("verdict-causes");
	TCase *tcase = tcase_create("verdict-causes");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, test_row, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, test_frame_of_handler);
	tcase_add_test(tcase, test_frame_of_outer_handler);
	tcase_add_test(tcase, test_syscall_at_user_level);
	tcase_add_test(tcase, test_interrupt_at_boot_idt);
	tcase_add_test(tcase, test_hole_in_boot_idt);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
