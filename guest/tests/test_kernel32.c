/* SPDX-License-Identifier: MIT */
/*
 * test_kernel32.c: the 32-bit guest kernel as users run it: under QEMU, where that is installed,
 * and under vmm, where the host's KVM runs 32-bit guests with paging.
 */
#include "unit.h"

#include <stdio.h>

#include "kernel_run.h"

#define STATUS_HOST_CANNOT 69
#define STATUS_UNHANDLED   80
#define STATUS_PANIC       81

uintptr_t direct_map;

static const struct {
	const char *name, *line, *function;
} panics[] = {
	{"pf",
		"panic: page fault: the kernel cannot write 0badd550, in the user half: page not "
		"present\nvector 14, error 0x2,",
		" crash_page_fault+0x"},
	{"gp", "panic: general protection fault (#GP)\nvector 13, error 0x0,",
		" crash_general_protection+0x"},
	{"ud", "panic: invalid opcode (#UD)\nvector 6,", " crash_invalid_opcode+0x"},
	{"df", "panic: double fault: an exception could not be delivered, esp 0badd550\nvector 8,",
		" crash_double_fault+0x"},
	{"stack", "panic: double fault: the kernel's stack is full, esp ", " crash_stack+0x"},
	{"heap", "panic: heap: memory behind a block was written to: 0xe00000", " crash_heap+0x"},
};

#define PANICS ((int)(sizeof(panics) / sizeof(panics[0])))

static void expect_panic(int i)
{
	kernel_expect(panics[i].line);
	kernel_expect("\nbacktrace:\n");
	kernel_expect(panics[i].function);
	kernel_expect(" crash_on_purpose+0x");
	kernel_expect(" kernel_main+0x");
	ck_assert(!kernel_said("panic in panic"));
	ck_assert(!kernel_said("check:"));
}

#define QEMU                                                                    \
	"qemu-system-i386 -accel tcg -display none -no-reboot -debugcon stdio " \
	"-device isa-debug-exit,iobase=0xf4 -kernel guest/kernel32.elf "

START_TEST(boots_under_qemu)
{
	static const char *const options[] = {
		"-append checks=all",
		"-cpu max -m 3G -append checks=all",
		"-cpu pentium3 -m 4M",
		"-m 16M -initrd vmm",
	};

	if (!kernel_have_program(kernel_test_name(__func__, _i), "qemu-system-i386"))
		return;
	ck_assert_int_eq(kernel_run(QEMU "%s", options[_i]), 0);
	kernel_expect("vmm guest kernel, i386, booted by a Multiboot loader\n");
	kernel_expect_checks();
}
END_TEST

/* The image's code and constants, at 1 MiB, can be written at no address; there is no bit against
 * execution. */
START_TEST(code_is_never_writable)
{
	if (!kernel_have_program(kernel_test_name(__func__, _i), "qemu-system-i386"))
		return;
	ck_assert_int_eq(kernel_run(QEMU "-append loglevel=debug"), 0);
	kernel_expect("\nmap: 80100000-801");
	kernel_expect(" -> 000000100000 ");
	kernel_expect(" kr-x\n");
	kernel_expect("\nmap: 80400000-87ffffff -> 000000400000  126976 KiB by 4096 krwx\n");
	ck_assert(!kernel_said("map: 80000000"));
	ck_assert(!kernel_said(" ur"));
}
END_TEST

START_TEST(panics_under_qemu)
{
	if (!kernel_have_program(kernel_test_name(__func__, _i), "qemu-system-i386"))
		return;
	/* isa-debug-exit: (1 << 1) | 1 */
	ck_assert_int_eq(kernel_run(QEMU "-append panic=%s", panics[_i].name), 3);
	expect_panic(_i);
}
END_TEST

/* False, after saying so, where vmm found the host unable. */
static bool host_could(const char *test, int status)
{
	if (status != STATUS_HOST_CANNOT)
		return true;
	printf("skip: %s: this host's KVM cannot run 32-bit guests with paging\n", test);
	return false;
}

START_TEST(boots_under_vmm)
{
	static const char *const commands[] = {
		"./vmm guest/kernel32.bin",
		"./vmm -m 4M guest/kernel32.bin -- checks=all",
		"./vmm guest/kernel32.elf",
	};
	int status;

	if (!kernel_have_kvm(kernel_test_name(__func__, _i)))
		return;
	status = kernel_run("%s", commands[_i]);
	if (!host_could(kernel_test_name(__func__, _i), status))
		return;
	ck_assert_int_eq(status, 0);
	kernel_expect("vmm guest kernel, i386, booted by vmm\n");
	kernel_expect_checks();
}
END_TEST

START_TEST(panics_under_vmm)
{
	int status;

	if (!kernel_have_kvm(kernel_test_name(__func__, _i)))
		return;
	status = kernel_run("./vmm guest/kernel32.bin -- panic=%s", panics[_i].name);
	if (!host_could(kernel_test_name(__func__, _i), status))
		return;
	ck_assert_int_eq(status, STATUS_PANIC);
	expect_panic(_i);
}
END_TEST

/* One file of the kernel was compiled with SSE. */
START_TEST(a_slip_of_the_compiler_is_refused)
{
	static const char check[] = "sh -c 'cp guest/%s.elf guest/tests/copy.elf && "
				    "guest/tests/check-kernel guest/tests/copy.elf "
				    "guest/tests/copy.elf 2>&1'";

	if (!kernel_have_program(kernel_test_name(__func__, _i), "objdump"))
		return;
	ck_assert_int_eq(kernel_run(check, "tests/kernel32_sse"), 1);
	kernel_expect("copy.elf: instructions that do not belong in the kernel:\n");
	kernel_expect("xmm");
	ck_assert_int_eq(kernel_run(check, "kernel32"), 0);
}
END_TEST

START_TEST(a_slip_of_the_compiler_is_explained)
{
	int status;

	if (!kernel_have_kvm(kernel_test_name(__func__, _i)))
		return;
	status = kernel_run("sh -c './vmm --mode pse32 guest/tests/kernel32_sse.elf 2>&1'");
	if (!host_could(kernel_test_name(__func__, _i), status))
		return;
	ck_assert_int_eq(status, STATUS_UNHANDLED);
	kernel_expect("cause     sse-disabled [");
	kernel_expect(" (boot.c:");
	kernel_expect("%xmm0");
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{boots_under_qemu, 4},
		{code_is_never_writable, 0},
		{panics_under_qemu, PANICS},
		{boots_under_vmm, 3},
		{panics_under_vmm, PANICS},
		{a_slip_of_the_compiler_is_refused, 0},
		{a_slip_of_the_compiler_is_explained, 0},
	};

	if (!kernel_find_build())
		return EXIT_FAILURE;
	return RUN_UNIT("32-bit guest kernel", tests);
}
