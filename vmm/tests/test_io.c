/* SPDX-License-Identifier: MIT */
/*
 * test_io.c: guests that talk: console ports, string I/O, coalesced output and --expect in it, what
 * nobody answers. Needs KVM; skipped without.
 */
#include "suite.h"
#include "tiny_guest.h"
#include "vmm_process.h"

/* rep outsb moves through the buffer; the port stays. */
GUEST64(outsb, IRQCHIP_NONE,
	"lea 1f(%rip), %rsi; mov $14, %ecx; mov $0xe9, %dx; cld; rep outsb\n" EXIT(
		0) "1: .ascii \"hello, strings\"\n");
GUEST64(outsb_backwards, IRQCHIP_NONE,
	"lea 1f+3(%rip), %rsi; mov $4, %ecx; mov $0xe9, %dx; std; rep outsb\n" EXIT(
		0) "1: .ascii \"dcba\"\n");
GUEST64(outsb_com1, IRQCHIP_FULL,
	"lea 1f(%rip), %rsi; mov $6, %ecx; mov $0x3f8, %dx; cld; rep outsb\n" EXIT(
		0) "1: .ascii \"serial\"\n");
/* rep insb from a port that nobody answers: 0xff, eight times, and no more. */
GUEST64(insb, IRQCHIP_NONE,
	"lea 1f(%rip), %rdi; mov $8, %ecx; mov $0x1234, %dx; cld; rep insb\n"
	"cmpq $-1, 1f(%rip); jne 2f; cmpb $7, 1f+8(%rip); jne 2f\n" EXIT(1) "2:\n" EXIT(
		2) "1: .quad 0; .byte 7\n");
/* Wider reads of nobody's ports, and of the end of the port space. */
GUEST64(in_wide, IRQCHIP_NONE,
	"mov $0x1234, %dx; xor %eax, %eax; in %dx, %ax; cmp $0xffff, %eax; jne 2f\n"
	"in %dx, %eax; cmp $-1, %eax; jne 2f; mov $0xffff, %dx; in %dx, %al; inc %al; jnz "
	"2f\n" EXIT(1) "2:\n" EXIT(2));
GUEST32(mmio_ones, IRQCHIP_NONE,
	"mov 0xd0000000, %eax; cmp $-1, %eax; jne 2f; mov $0, %ecx; mov 0xd0000004, %cl\n"
	"cmp $0xff, %ecx; jne 2f; movl $1, 0xd0000000\n" EXIT(1) "2:\n" EXIT(2));

/* The report tells what the reads gave: 0xff, as nobody answers. */
GUEST64(polls, IRQCHIP_NONE, "mov $0x1234, %dx; 1: in %dx, %al; jmp 1b\n");

START_TEST(report_has_what_was_read)
{
	const struct run *run = VMM("--timeout", "1", GUEST_FILE(polls));

	ck_assert_int_eq(run->status, 124);
	ck_assert_msg(strstr(run->err, "0xff"), "%.3000s", run->err);
}
END_TEST

START_TEST(string_io)
{
	struct run *run = VMM(GUEST_FILE(outsb));

	ck_assert_msg(run->status == 0, "%.2000s", run->err);
	ck_assert_str_eq(run->out, "hello, strings");
	ck_assert_str_eq(VMM(GUEST_FILE(outsb_backwards))->out, "abcd");
	ck_assert_str_eq(VMM(GUEST_FILE(outsb_com1))->out, "serial");
}
END_TEST

START_TEST(nobody_answers)
{
	ck_assert_int_eq(VMM(GUEST_FILE(insb))->status, 1);
	ck_assert_int_eq(VMM(GUEST_FILE(in_wide))->status, 1);
	ck_assert_int_eq(VMM(GUEST_FILE(mmio_ones))->status, 1);
}
END_TEST

/* Lines "0123456789\n" by 0xe9, so many of them; then the code. */
#define LINES(count)                                                    \
	"mov $" #count ", %ebp; cld\n"                                  \
	"5: lea 6f(%rip), %rsi; mov $11, %ecx\n"                        \
	"7: lodsb; out %al, $0xe9; loop 7b; dec %ebp; jnz 5b; jmp 8f\n" \
	"6: .ascii \"0123456789\\n\"\n8:\n"
#define SAY_READY                                                                            \
	"lea 6f(%rip), %rsi; mov $6, %ecx; cld; 7: lodsb; out %al, $0xe9; loop 7b; jmp 8f\n" \
	"6: .ascii \"ready\\n\"\n8:\n"
#define BUFFER_OUT                                                     \
	"lea 6f(%rip), %eax; mov $0x501, %dx; out %eax, %dx; jmp 8f\n" \
	"6: .quad 7f - start; .long 7, 0; 7: .ascii \"buffer\\n\"; 8:\n"

GUEST64(ready_at_once, IRQCHIP_NONE, SAY_READY "1: pause; jmp 1b\n");
GUEST64(ready_split, IRQCHIP_SPLIT, SAY_READY "1: sti; hlt; jmp 1b\n");
GUEST64(ready_late, IRQCHIP_NONE, LINES(1000) SAY_READY "1: pause; jmp 1b\n");
GUEST64(ready_hlt, IRQCHIP_NONE, LINES(1000) SAY_READY "cli; hlt\n");
GUEST64(ready_crash, IRQCHIP_NONE, LINES(1000) SAY_READY "ud2\n");
GUEST64(ready_unfinished, IRQCHIP_NONE, "mov $'r', %al; out %al, $0xe9\n" EXIT(3));
GUEST64(in_order, IRQCHIP_NONE, LINES(1000) BUFFER_OUT LINES(2) BUFFER_OUT SAY_READY EXIT(0));
GUEST64(crash_after_output, IRQCHIP_NONE, LINES(1000) "mov $'x', %al; out %al, $0xe9; ud2\n");

/* "0123456789\n" so many times. */
static size_t expect_lines(const char *text, unsigned lines)
{
	for (unsigned i = 0; i < lines; i++)
		ck_assert_msg(!strncmp(text + i * 11, "0123456789\n", 11), "line %u: %.20s", i,
			text + i * 11);
	return lines * 11;
}

START_TEST(expected_line_ends_the_run)
{
	struct run *run = VMM("-t", "50", "--expect", "^ready$", GUEST_FILE(ready_at_once));

	ck_assert_msg(run->status == 0, "%.2000s", run->err);
	ck_assert_str_eq(run->out, "ready\n");
	ck_assert_str_eq(run->err, "");
	ck_assert_int_eq(VMM("-t", "50", "--expect", "r.*y", GUEST_FILE(ready_split))->status, 0);
	ck_assert_int_eq(VMM("--expect", "^r$", GUEST_FILE(ready_unfinished))->status, 0);
	ck_assert_int_eq(VMM("--expect", "^s$", GUEST_FILE(ready_unfinished))->status, 84);
}
END_TEST

START_TEST(expected_line_in_coalesced_output)
{
	struct run *run = VMM("-t", "50", "--expect", "^ready$", GUEST_FILE(ready_late));

	ck_assert_msg(run->status == 0, "%.2000s", run->err);
	ck_assert_str_eq(run->out + expect_lines(run->out, 1000), "ready\n");
	ck_assert_int_eq(VMM("--expect", "^ready$", GUEST_FILE(ready_hlt))->status, 0);
	ck_assert_int_eq(VMM("--expect", "^ready$", GUEST_FILE(ready_crash))->status, 0);
}
END_TEST

START_TEST(output_stays_in_order)
{
	struct run *run = VMM(GUEST_FILE(in_order));
	const char *at = run->out;

	ck_assert_msg(run->status == 0, "%.2000s", run->err);
	at += expect_lines(at, 1000);
	ck_assert_int_eq(strncmp(at, "buffer\n", 7), 0);
	at += 7;
	at += expect_lines(at, 2);
	ck_assert_str_eq(at, "buffer\nready\n");
}
END_TEST

START_TEST(no_output_is_lost_in_a_crash)
{
	struct run *run = VMM(GUEST_FILE(crash_after_output));

	ck_assert_int_eq(run->status, 80);
	ck_assert_str_eq(run->out + expect_lines(run->out, 1000), "x");
}
END_TEST

/* Bytes by hypercall; EOF reads 0xff: stdin is /dev/null. */
GUEST64(hypercalls, IRQCHIP_NONE,
	"mov $0x500, %dx; mov $1, %al; mov $'h', %bl; out %al, %dx; mov $'i', %bl; out %al, %dx\n"
	"mov $2, %al; out %al, %dx; in %dx, %al; mov $0x502, %dx; movzx %al, %eax; out %eax, "
	"%dx\n");

START_TEST(byte_hypercalls)
{
	struct run *run = VMM(GUEST_FILE(hypercalls));

	ck_assert_int_eq(run->status, 255);
	ck_assert_str_eq(run->out, "hi");
}
END_TEST

/* The command line and the initial RAM disk as the boot information has them. */
GUEST64(boot_info, IRQCHIP_NONE,
	"mov 32(%rdi), %rsi; cld; 1: lodsb; test %al, %al; jz 2f; out %al, $0xe9; jmp 1b\n"
	"2: mov 40(%rdi), %rsi; mov 48(%rdi), %rcx; mov $0xe9, %dx; rep outsb\n"
	"mov 28(%rdi), %eax; mov $0x502, %dx; out %eax, %dx\n");

START_TEST(boot_information_arrives)
{
	const char *initrd = write_file("initrd", "<disk>", 6);
	struct run *run = VMM("-c", "3", "-i", initrd, GUEST_FILE(boot_info), "--", "a", "b=c");

	ck_assert_msg(run->status == 3, "%.2000s", run->err);
	ck_assert_str_eq(run->out, "a b=c<disk>");
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{string_io},
		{nobody_answers},
		{report_has_what_was_read},
		{expected_line_ends_the_run},
		{expected_line_in_coalesced_output},
		{output_stays_in_order},
		{no_output_is_lost_in_a_crash},
		{byte_hypercalls},
		{boot_information_arrives},
	};
	int status;

	if (!kvm_is_here("test_io"))
		return 77;
	scratch();
	status = RUN_LOOPED_SUITE("io", tests, 60);
	remove_scratch();
	return status;
}
