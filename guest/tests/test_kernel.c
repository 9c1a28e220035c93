/* SPDX-License-Identifier: MIT */
/*
 * test_kernel.c: the guest kernel as users run it: under vmm, and under QEMU where that is
 * installed. Looks at statuses and at what the console says.
 */
#include "unit.h"

#include "kernel_run.h"

uintptr_t direct_map;

START_TEST(boots_and_checks_itself)
{
	static const char *const commands[] = {
		"./vmm guest/kernel.bin",
		"./vmm guest/kernel.elf",
		"./vmm guest/kernel.bin -- checks=all",
		"./vmm -m 4M guest/kernel.bin -- checks=all",
		"./vmm -m 5G guest/kernel.bin -- checks=all",
		"./vmm -c 2 guest/kernel.bin",
		"./vmm -i guest/kernel.elf guest/kernel.bin -- checks=all loglevel=debug",
	};

	if (!kernel_have_kvm(kernel_test_name(__func__, _i)))
		return;
	ck_assert_int_eq(kernel_run("%s", commands[_i]), 0);
	kernel_expect_checks();
}
END_TEST

START_TEST(shows_the_memory_map)
{
	if (!kernel_have_kvm(kernel_test_name(__func__, _i)))
		return;
	ck_assert_int_eq(kernel_run("./vmm -m 64M guest/kernel.bin -- checks=none"), 0);
	kernel_expect("\nmemory: 000000000000-000003");
	kernel_expect(" usable\n");
	kernel_expect("-000003ffffff");
	ck_assert(!kernel_said("check:"));
}
END_TEST

START_TEST(tells_of_a_strange_ram_disk)
{
	if (!kernel_have_kvm(kernel_test_name(__func__, _i)))
		return;
	ck_assert_int_eq(kernel_run("./vmm -i guest/kernel.elf guest/kernel.bin"), 0);
	kernel_expect("initrd: no cpio archive of the newc form");
}
END_TEST

START_TEST(keeps_quiet_when_told)
{
	if (!kernel_have_kvm(kernel_test_name(__func__, _i)))
		return;
	ck_assert_int_eq(kernel_run("./vmm guest/kernel.bin -- loglevel=error"), 0);
	ck_assert_str_eq(kernel_output(), "");
	ck_assert_int_eq(kernel_run("./vmm guest/kernel.bin -- loglevel=loud checks=none"), 0);
	kernel_expect("loglevel=loud: not a level\n");
}
END_TEST

/* No page is writable and executable; only the direct map, heap and image are there. */
START_TEST(maps_nothing_both_writable_and_executable)
{
	if (!kernel_have_kvm(kernel_test_name(__func__, _i)))
		return;
	ck_assert_int_eq(kernel_run("./vmm guest/kernel.bin -- loglevel=debug"), 0);
	kernel_expect("map: ffff800000200000-ffff800007ffffff -> 000000200000");
	kernel_expect("map: ffffffff80000000-ffffffff801fffff -> 000000000000    2048 KiB by 2048 "
		      "kr-x\n");
	kernel_expect("map: ffffffff80200000-ffffffff80");
	kernel_expect(" krw-\n");
	ck_assert(!kernel_said(" krwx"));
	ck_assert(!kernel_said(" ur"));
}
END_TEST

static const struct {
	const char *name, *line, *function;
} panics[] = {
	{"pf",
		"panic: page fault: the kernel cannot write 00000badadd7e550, in the user half: "
		"page not present\nvector 14, error 0x2,",
		" crash_page_fault+0x"},
	{"gp", "panic: general protection fault (#GP)\nvector 13, error 0x0,",
		" crash_general_protection+0x"},
	{"ud", "panic: invalid opcode (#UD)\nvector 6,", " crash_invalid_opcode+0x"},
	{"df",
		"panic: double fault: an exception could not be delivered, rsp "
		"00000badadd7e550\nvector 8,",
		" crash_double_fault+0x"},
	{"stack", "panic: double fault: the kernel's stack is full, rsp ", " crash_stack+0x"},
	{"heap", "panic: heap: memory behind a block was written to: ", " crash_heap+0x"},
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

START_TEST(panics_say_why)
{
	if (!kernel_have_kvm(kernel_test_name(__func__, _i)))
		return;
	ck_assert_int_eq(kernel_run("./vmm guest/kernel.bin -- panic=%s", panics[_i].name), 81);
	expect_panic(_i);
}
END_TEST

START_TEST(boots_by_multiboot)
{
	static const char *const commands[] = {
		"./vmm --mode multiboot guest/kernel.elf -- checks=all",
		"./vmm --mode multiboot guest/kernel.bin -- checks=all",
		"./vmm --mode multiboot -m 5G guest/kernel.elf",
		"./vmm --mode multiboot -m 16M -i guest/initrd.cpio guest/kernel.elf -- checks=all",
	};

	if (!kernel_have_kvm(kernel_test_name(__func__, _i)))
		return;
	ck_assert_int_eq(kernel_run("%s", commands[_i]), 0);
	kernel_expect("booted by a Multiboot loader\n");
	kernel_expect_checks();
}
END_TEST

#define QEMU                                                                      \
	"qemu-system-x86_64 -accel tcg -display none -no-reboot -debugcon stdio " \
	"-device isa-debug-exit,iobase=0xf4 -kernel guest/kernel.elf "

START_TEST(boots_under_qemu)
{
	static const char *const options[] = {
		"-append checks=all",
		"-cpu max -m 5G",
		"-m 16M -initrd vmm",
	};

	if (!kernel_have_program(kernel_test_name(__func__, _i), "qemu-system-x86_64"))
		return;
	ck_assert_int_eq(kernel_run(QEMU "%s", options[_i]), 0);
	kernel_expect("booted by a Multiboot loader\n");
	kernel_expect_checks();
}
END_TEST

START_TEST(panics_under_qemu)
{
	if (!kernel_have_program(kernel_test_name(__func__, _i), "qemu-system-x86_64"))
		return;
	/* isa-debug-exit: (1 << 1) | 1 */
	ck_assert_int_eq(kernel_run(QEMU "-cpu max -append panic=%s", panics[_i].name), 3);
	expect_panic(_i);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{boots_and_checks_itself, 7},
		{shows_the_memory_map, 0},
		{tells_of_a_strange_ram_disk, 0},
		{keeps_quiet_when_told, 0},
		{maps_nothing_both_writable_and_executable, 0},
		{panics_say_why, PANICS},
		{boots_by_multiboot, 4},
		{boots_under_qemu, 3},
		{panics_under_qemu, PANICS},
	};

	if (!kernel_find_build())
		return EXIT_FAILURE;
	return RUN_UNIT("guest kernel", tests);
}
