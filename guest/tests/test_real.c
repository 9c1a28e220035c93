/* SPDX-License-Identifier: MIT */
/*
 * test_real.c: the real mode images, run as users run them. The texts were worked out by hand, and
 * QEMU prints the same for the boot sectors that need no input.
 */
#include "unit.h"

#include "kernel_run.h"

uintptr_t direct_map;

struct real_run {
	const char *command;
	const char *output;
	int status;
};

#define REAL "./vmm --mode real guest/tests/real/"

static const struct real_run runs[] = {
	{"./vmm guest/tests/real/hello.bin", "Hello from real mode\n", 0},
	{REAL "counter.bin", "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", 0},
	{REAL "multiply.bin", "7*8=56\n0*1234=0\n300*400=120000\n65535*65535=4294836225\n", 0},
	{REAL "fibonacci.bin",
		"0 1 1 2 3 5 8 13 21 34 55 89 144 233 377 610 987 1597 2584 4181 6765 10946 17711 "
		"28657 46368\n",
		0},
	{"sh -c \"printf 'a b.c' | " REAL "hypercall.bin\"", "hypercalls [a][ ][b][.]\n", 0},
	{REAL "hypercall.bin", "hypercalls \n", 0},
	{"sh -c \"printf 'the 5 boxing wizards\\n' | " REAL "keyboard.bin\"",
		"the 5 boxing wizards\n", 0},
	{REAL "timer.bin", "tick\ntick\ntick\ntick\ntick\n", 0},
	{REAL "fault.bin", "\n", 80},
	{REAL "fault.bin --load 0x7c00 --entry 0x7c00", "\n", 80},
};

START_TEST(images)
{
	const struct real_run *run = &runs[_i];

	if (!kernel_have_kvm(__func__))
		return;
	ck_assert_int_eq(kernel_run("%s", run->command), run->status);
	ck_assert_str_eq(kernel_output(), run->output);
}
END_TEST

/* The same boot sectors on a PC; isa-debug-exit makes 1 of status 0. */
START_TEST(same_in_qemu)
{
	static const unsigned in_qemu[] = {1, 2, 3, 7};
	const struct real_run *run = &runs[in_qemu[_i]];
	const char *name = strrchr(run->command, '/') + 1;

	if (!kernel_have_program(__func__, "qemu-system-i386"))
		return;
	ck_assert_int_eq(
		kernel_run("qemu-system-i386 -display none -no-reboot -debugcon stdio -device "
			   "isa-debug-exit,iobase=0xf4 -drive "
			   "format=raw,file=guest/tests/real/%s",
			name),
		1);
	ck_assert_str_eq(kernel_output(), run->output);
}
END_TEST

START_TEST(four_side_by_side)
{
	if (!kernel_have_kvm(__func__))
		return;
	ck_assert_int_eq(kernel_run(REAL "counter.bin guest/tests/real/fibonacci.bin "
					 "guest/tests/real/timer.bin guest/tests/real/fault.bin"),
		80);
	kernel_expect("[counter] 9\n");
	kernel_expect(" 28657 46368\n");
	kernel_expect("[timer] tick\n");
	kernel_expect("[fault] \n");
}
END_TEST

/* The fault is named, with its instruction and function. */
START_TEST(fault_is_explained)
{
	if (!kernel_have_kvm(__func__))
		return;
	ck_assert_int_eq(kernel_run("sh -c '" REAL "fault.bin 2>&1; exit 0'"), 0);
	kernel_expect("first     #DE divide error (vector 0)");
	kernel_expect("at divide+0x2 (");
	kernel_expect("div %cx");
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{images, sizeof(runs) / sizeof(runs[0])},
		{same_in_qemu, 4},
		{four_side_by_side, 0},
		{fault_is_explained, 0},
	};

	if (!kernel_find_build())
		return EXIT_FAILURE;
	return RUN_UNIT("real", tests);
}
