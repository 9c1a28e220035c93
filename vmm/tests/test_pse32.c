/* SPDX-License-Identifier: MIT */
/*
 * test_pse32.c: guests in pse32, through the vmm program: where this host's KVM has 32-bit paging
 * they run and die as they should; elsewhere vmm says so before they start.
 */
#include <jansson.h>

#include "host_cpu.h"
#include "suite.h"
#include "tiny_guest.h"
#include "vmm_process.h"

#define PUT(letter) "mov $'" #letter "', %al; out %al, $0xe9\n"

GUEST_PSE32(hello, IRQCHIP_NONE, PUT(h) PUT(i) EXIT(7));

/* Prints the first seven bytes that EBX points to, and its command line up to a newline. */
GUEST_PSE32(boot_info, IRQCHIP_NONE,
	"mov %ebx, %esi; mov $0xe9, %edx; mov $7, %ecx; cld; rep outsb\n"
	"mov 32(%ebx), %esi\n"
	"1: lodsb; test %al, %al; je 2f; out %al, %dx; jmp 1b\n"
	"2: mov $10, %al; out %al, %dx\n" EXIT(0));

GUEST_PSE32(page_fault, IRQCHIP_NONE, "mov $0x90000000, %eax; movl $1, 8(%eax)\n" EXIT(0));

/* The stack is gone when the exception comes: #PF, #DF, shutdown. */
GUEST_PSE32(triple_fault, IRQCHIP_NONE, "mov $0xd0000010, %esp; push %eax\n" EXIT(0));

/* The same code without a header: start it by options. */
static const uint8_t flat[] = {
	0xb0,
	'f', /* mov $'f', %al */
	0xe6,
	0xe9, /* out %al, $0xe9 */
	0xe8,
	0,
	0,
	0,
	0,    /* call the next instruction */
	0x58, /* pop %eax: 0x80001009 */
	0xc1,
	0xe8,
	28, /* shr $28, %eax: 8 */
	0x66,
	0xba,
	0x02,
	0x05, /* mov $0x502, %dx */
	0xef, /* out %eax, %dx */
	0xeb,
	0xfe,
};

static bool skipped(const char *test)
{
	if (host_has_virtualisation())
		return false;
	printf("skip: %s: a software KVM without 32-bit paging\n", test);
	fflush(stdout);
	return true;
}

START_TEST(refused_before_the_guest_starts)
{
	const char *path = GUEST_FILE(hello);
	struct run *run;

	if (host_has_virtualisation()) {
		printf("skip: refused_before_the_guest_starts: this KVM has 32-bit paging\n");
		fflush(stdout);
		return;
	}
	run = VMM(path);
	expect_one_line(run, 69, "cannot run 32-bit guests with paging");
	ck_assert_ptr_nonnull(strstr(run->err, "tools/lab svm -- ./vmm "));
	ck_assert_ptr_nonnull(strstr(run->err, path));
}
END_TEST

START_TEST(hello_by_header)
{
	struct run *run;

	if (skipped("hello_by_header"))
		return;
	run = VMM(GUEST_FILE(hello));
	ck_assert_str_eq(run->out, "hi");
	ck_assert_msg(run->status == 7, "status %d: %s", run->status, run->err);
}
END_TEST

START_TEST(flat_by_options)
{
	struct run *run;

	if (skipped("flat_by_options"))
		return;
	run = VMM("--mode", "pse32", "--load", "0x1000", "--virt", "0x80001000", "--entry",
		"0x80001000", write_file("flat", flat, sizeof(flat)));
	ck_assert_str_eq(run->out, "f");
	ck_assert_msg(run->status == 8, "status %d: %s", run->status, run->err);
}
END_TEST

START_TEST(boot_information)
{
	struct run *run;

	if (skipped("boot_information"))
		return;
	run = VMM(GUEST_FILE(boot_info), "--", "a=1", "b");
	ck_assert_str_eq(run->out, "VMMBOOTa=1 b\n");
	ck_assert_msg(run->status == 0, "status %d: %s", run->status, run->err);
}
END_TEST

static json_t *report_of(const char *guest)
{
	const char *path = scratch_file("report.json");
	struct run *run = VMM("--report", path, guest);
	json_t *report = json_load_file(path, 0, NULL);

	ck_assert_msg(run->status == 80, "status %d: %s", run->status, run->err);
	ck_assert_ptr_nonnull(report);
	return report;
}

static void expect_first(const json_t *report, int vector, const char *cr2)
{
	const json_t *first = json_object_get(report, "first");

	ck_assert_int_eq(json_integer_value(json_object_get(first, "vector")), vector);
	ck_assert_str_eq(json_string_value(json_object_get(first, "cr2")), cr2);
}

START_TEST(page_fault_is_reported_by_the_boot_idt)
{
	json_t *report;

	if (skipped("page_fault_is_reported_by_the_boot_idt"))
		return;
	report = report_of(GUEST_FILE(page_fault));
	ck_assert_str_eq(json_string_value(json_object_get(report, "death")), "boot-exception");
	expect_first(report, 14, "0x90000008");
	json_decref(report);
}
END_TEST

START_TEST(triple_fault_is_explained)
{
	json_t *report;

	if (skipped("triple_fault_is_explained"))
		return;
	report = report_of(GUEST_FILE(triple_fault));
	ck_assert_str_eq(json_string_value(json_object_get(report, "death")), "shutdown");
	expect_first(report, 14, "0xd000000c");
	json_decref(report);
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{refused_before_the_guest_starts},
		{hello_by_header},
		{flat_by_options},
		{boot_information},
		{page_fault_is_reported_by_the_boot_idt},
		{triple_fault_is_explained},
	};
	int result;

	if (!kvm_is_here("test_pse32"))
		return 77;
	scratch();
	result = RUN_LOOPED_SUITE("pse32", tests, 60);
	remove_scratch();
	return result;
}
