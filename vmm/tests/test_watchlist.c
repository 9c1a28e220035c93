/* SPDX-License-Identifier: MIT */
/*
 * test_watchlist.c: --watch through the program: the writer of a heap head that jumps because brk
 * adds where it should set (docs/cases.md), and expressions that name nothing. Needs KVM and the
 * crash guests; skipped without.
 */
#include "suite.h"
#include "vmm_process.h"

/* built_file() has one buffer, which running vmm needs too. */
static const char *guest(void)
{
	static char path[4200];

	snprintf(path, sizeof(path), "%s", built_file("guest/tests/crash/case_brk_additive.elf"));
	return path;
}

/* 0x402000 is where the heap begins, 0x412000 the end that the program asks for: their sum is no
 * end at all. */
START_TEST(names_the_writer_of_each_value)
{
	const struct run *run;
	const char *first, *second;

	if (!kvm_is_here("names_the_writer_of_each_value"))
		return;
	run = VMM("--watch", "heap_head", guest());
	ck_assert_int_eq(run->status, 80);
	first = strstr(run->err, "heap_head, 8 bytes: 0x0 -> 0x402000\n");
	second = strstr(run->err, "heap_head, 8 bytes: 0x402000 -> 0x814000\n");
	ck_assert_msg(first && second && first < second, "%s", run->err);
	ck_assert_msg(strstr(second, "\nvmm:   by ") != NULL, "%s", run->err);
	ck_assert_msg(strstr(second, " sys_brk+0x5 (") != NULL, "%s", run->err);
	ck_assert_msg(strstr(second, ": add %rdi") != NULL, "%s", run->err);
	ck_assert_msg(strstr(second, "case_brk_additive.S:") != NULL, "%s", run->err);
	ck_assert_msg(
		strstr(second + 1, "heap_head, 8 bytes") == NULL, "a third write: %s", run->err);
}
END_TEST

/* Two bytes in the middle of the variable: 0x0040 of 0x402000 and 0x0081 of 0x814000. */
START_TEST(takes_an_address_and_a_length)
{
	const struct run *run;

	if (!kvm_is_here("takes_an_address_and_a_length"))
		return;
	run = VMM("--watch", "0x208002:2", guest());
	ck_assert_int_eq(run->status, 80);
	ck_assert_msg(strstr(run->err, "0x402000 -> 0x814000") != NULL, "%s", run->err);
	run = VMM("--watch", "0x208008:8", guest());
	ck_assert_msg(strstr(run->err, "0x402000 -> 0x814000") == NULL, "%s", run->err);
}
END_TEST

START_TEST(refuses_what_names_nothing)
{
	if (!kvm_is_here("refuses_what_names_nothing"))
		return;
	expect_one_line(VMM("--watch", "no_such_symbol", guest()), 64, "no_such_symbol");
	expect_one_line(VMM("--watch", "heap_head:0", guest()), 64, "heap_head:0");
	expect_one_line(VMM("--watch", "heap_head:x", guest()), 64, "heap_head:x");
	expect_one_line(VMM("--watch", "", guest()), 64, "--watch");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		names_the_writer_of_each_value,
		takes_an_address_and_a_length,
		refuses_what_names_nothing,
	};

	return run_suite("watchlist", tests, LENGTH(tests));
}
