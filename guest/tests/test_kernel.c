/* SPDX-License-Identifier: MIT */
/*
 * test_kernel.c: the guest kernel as users run it: under vmm, and under QEMU where that is
 * installed. Looks at statuses and at what the console says.
 */
#include "unit.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MAX 65536

uintptr_t direct_map;

static char build[PATH_MAX];
static char output[OUTPUT_MAX];

/* The folder above the one that this program lies in. */
static bool find_build(void)
{
	char self[PATH_MAX] = "";

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return false;
	return snprintf(build, sizeof(build), "%s", dirname(dirname(self))) < (int)sizeof(build);
}

/* Runs a shell command in the build folder; its output stays in `output`, its status is returned.
 */
static int run(const char *format, ...)
{
	char command[3 * PATH_MAX], arguments[PATH_MAX];
	va_list args;
	FILE *pipe;
	size_t n;
	int status;

	va_start(args, format);
	vsnprintf(arguments, sizeof(arguments), format, args);
	va_end(args);
	snprintf(command, sizeof(command), "cd '%s' && timeout 60 %s 2>/dev/null </dev/null", build,
		arguments);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	n = fread(output, 1, sizeof(output) - 1, pipe);
	output[n] = '\0';
	status = pclose(pipe);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool has(const char *text)
{
	return strstr(output, text) != NULL;
}

static void expect(const char *text)
{
	ck_assert_msg(has(text), "the console lacks '%s':\n%s", text, output);
}

static void expect_checks(void)
{
	static const char *const names[] = {"frames", "paging", "heap", "layout", "fault", "timer"};
	char line[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(line, sizeof(line), "\ncheck: %s ok\n", names[i]);
		expect(line);
	}
	ck_assert(!has("FAILED"));
}

/* False, after saying so, where the test cannot run. */
static bool have_kvm(const char *test)
{
	if (access("/dev/kvm", R_OK | W_OK) == 0)
		return true;
	printf("skip: %s: /dev/kvm cannot be used\n", test);
	return false;
}

static bool have_qemu(const char *test)
{
	if (run("qemu-system-x86_64 --version") == 0)
		return true;
	printf("skip: %s: no qemu-system-x86_64\n", test);
	return false;
}

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

	if (!have_kvm(__func__))
		return;
	ck_assert_int_eq(run("%s", commands[_i]), 0);
	expect_checks();
}
END_TEST

START_TEST(shows_the_memory_map)
{
	if (!have_kvm(__func__))
		return;
	ck_assert_int_eq(run("./vmm -m 64M guest/kernel.bin -- checks=none"), 0);
	expect("\nmemory: 000000000000-000003");
	expect(" usable\n");
	expect("-000003ffffff");
	ck_assert(!has("check:"));
}
END_TEST

START_TEST(keeps_quiet_when_told)
{
	if (!have_kvm(__func__))
		return;
	ck_assert_int_eq(run("./vmm guest/kernel.bin -- loglevel=error"), 0);
	ck_assert_str_eq(output, "");
	ck_assert_int_eq(run("./vmm guest/kernel.bin -- loglevel=loud checks=none"), 0);
	expect("loglevel=loud: not a level\n");
}
END_TEST

/* No page is writable and executable; only the direct map, heap and image are there. */
START_TEST(maps_nothing_both_writable_and_executable)
{
	if (!have_kvm(__func__))
		return;
	ck_assert_int_eq(run("./vmm guest/kernel.bin -- loglevel=debug"), 0);
	expect("map: ffff800000200000-ffff800007ffffff -> 000000200000");
	expect(" krw-\n");
	expect(" kr-x\n");
	expect(" kr--\n");
	ck_assert(!has(" krwx"));
	ck_assert(!has(" ur"));
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
	expect(panics[i].line);
	expect("\nbacktrace:\n");
	expect(panics[i].function);
	expect(" crash_on_purpose+0x");
	expect(" kernel_main+0x");
	ck_assert(!has("panic in panic"));
	ck_assert(!has("check:"));
}

START_TEST(panics_say_why)
{
	if (!have_kvm(__func__))
		return;
	ck_assert_int_eq(run("./vmm guest/kernel.bin -- panic=%s", panics[_i].name), 81);
	expect_panic(_i);
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

	if (!have_qemu(__func__))
		return;
	ck_assert_int_eq(run(QEMU "%s", options[_i]), 0);
	expect("booted by a Multiboot loader\n");
	expect_checks();
}
END_TEST

START_TEST(panics_under_qemu)
{
	if (!have_qemu(__func__))
		return;
	/* isa-debug-exit: (1 << 1) | 1 */
	ck_assert_int_eq(run(QEMU "-cpu max -append panic=%s", panics[_i].name), 3);
	expect_panic(_i);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{boots_and_checks_itself, 7},
		{shows_the_memory_map, 0},
		{keeps_quiet_when_told, 0},
		{maps_nothing_both_writable_and_executable, 0},
		{panics_say_why, PANICS},
		{boots_under_qemu, 3},
		{panics_under_qemu, PANICS},
	};

	if (!find_build())
		return EXIT_FAILURE;
	return RUN_UNIT("guest kernel", tests);
}
