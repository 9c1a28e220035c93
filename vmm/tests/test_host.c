/* SPDX-License-Identifier: MIT */
/*
 * test_host.c: --host on the KVMs that were looked at: kvm_pvm, QEMU's SVM, Bochs's VMX. Needs KVM.
 */
#define _GNU_SOURCE
#include "suite.h"
#include "tiny_machine.h"
#include "vmm_process.h"

/* Measured by programs of their own before there was a vmm, on Linux 6.18 with kvm_pvm, in QEMU 7.2
 * and in Bochs 2.7, each with Linux 6.1; "-" where it was not. */
static const struct {
	const char *what, *pvm, *svm, *vmx;
} known[] = {
	{"registers at a triple fault", "kept", "reset, as after INIT", "kept"},
	{"exception kept with it", "-", "-", "the first one"},
	{"real mode", "runs", "runs", "runs"},
	{"triple fault in real mode", "an emulation failure", "-", "-"},
	{"32-bit paging from the start", "CR0.PG is dropped", "works", "works"},
	{"32-bit paging set by the guest", "ends the guest", "works", "works"},
	{"int3 in the kernel", "not emulated", "delivered", "delivered"},
	{"int $0x80 in user mode", "raises #UD", "delivered", "delivered"},
	{"sysretq", "works", "works", "works"},
	{"gate with a data selector", "entered all the same", "#GP, as it must be",
		"#GP, as it must be"},
	{"SSE in the kernel", "not emulated", "works", "works"},
	{"vmcall in the kernel", "is repeated for ever", "ends", "ends"},
	{"single step, kernel", "works", "works", "works"},
	{"hardware breakpoint", "stops", "does not stop", "stops"},
};

static const char *expected_here(unsigned i)
{
	const char *lab = getenv("VMM_LAB");

	if (lab && strcmp(lab, "svm") == 0)
		return known[i].svm;
	if (lab && strcmp(lab, "vmx") == 0)
		return known[i].vmx;
	return access("/sys/module/kvm_pvm", F_OK) == 0 ? known[i].pvm : "-";
}

START_TEST(quirks_of_known_hosts)
{
	struct run *run = VMM("--host");
	char line[100];

	ck_assert_int_eq(run->status, 0);
	for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const char *expected = expected_here(i);

		if (strcmp(expected, "-") == 0)
			expected = "";
		snprintf(line, sizeof(line), "\n%-30s  %s", known[i].what, expected);
		ck_assert_msg(strstr(run->out, line) != NULL, "expected%s in\n%s", line, run->out);
	}
}
END_TEST

/* Each line of the table has all three columns. */
START_TEST(each_quirk_has_a_consequence)
{
	struct run *run = VMM("--host");
	char *line = strstr(run->out, "\ntried out"), *end;
	unsigned lines = 0;

	ck_assert(line != NULL);
	for (line = strchr(line + 1, '\n') + 1; (end = strchr(line, '\n')); line = end + 1) {
		ck_assert_msg(end - line > 32 + 24 && line[32] != ' ' && end[-1] != ' ', "%.*s",
			(int)(end - line), line);
		lines++;
	}
	ck_assert_uint_ge(lines, 16);
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{quirks_of_known_hosts},
		{each_quirk_has_a_consequence},
	};

	if (!kvm_is_here("test_host"))
		return 77;
	return RUN_LOOPED_SUITE("host", tests, 60);
}
