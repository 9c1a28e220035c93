/* SPDX-License-Identifier: MIT */
/*
 * guest_test.h: assertions inside a guest. Their results go through the debug console as lines that
 * the host's suite (test_guests.c) turns into Check results:
 *
 *   test: fail FILE:LINE: EXPRESSION: expected 0xN, got 0xN
 *   test: skip REASON
 *   test: done N checks, N failed
 *
 * A guest is good when its last such line says 0 failed (or skip) and its status is 0. test_end()
 * or test_skip() ends it. For C in 32 and 64 bits; include it in one file of an image only.
 */
#ifndef GUEST_TEST_H
#define GUEST_TEST_H

#include <stdint.h>

#include "guest_abi.h"

static struct {
	uint32_t checks, failed;
} test_counts;

static inline void test_out32(uint16_t port, uint32_t value)
{
	asm volatile("outl %0, %1" : : "a"(value), "d"(port));
}

static inline void test_puts(const char *text)
{
	for (; *text; text++)
		asm volatile("outb %0, %1" : : "a"(*text), "d"((uint16_t)VMM_PORT_DEBUGCON));
}

static inline void test_put_hex(uint64_t value)
{
	char digits[19] = "0x";
	int at = 2, shift = 60;

	while (shift > 0 && !(value >> shift & 15))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		digits[at++] = "0123456789abcdef"[value >> shift & 15];
	digits[at] = 0;
	test_puts(digits);
}

static inline void test_put_decimal(uint32_t value)
{
	char digits[11];
	int at = sizeof(digits) - 1;

	digits[at] = 0;
	do {
		digits[--at] = '0' + value % 10;
		value /= 10;
	} while (value);
	test_puts(digits + at);
}

static inline void test_equal(
	const char *where, const char *expression, uint64_t expected, uint64_t got)
{
	test_counts.checks++;
	if (expected == got)
		return;
	test_counts.failed++;
	test_puts("test: fail ");
	test_puts(where);
	test_puts(expression);
	test_puts(": expected ");
	test_put_hex(expected);
	test_puts(", got ");
	test_put_hex(got);
	test_puts("\n");
}

/* vmm's exit port, then QEMU's, then a stop for machines that have neither. */
static inline void __attribute__((noreturn)) test_exit(uint32_t status)
{
	test_out32(VMM_PORT_EXIT, status);
	test_out32(VMM_PORT_DEBUG_EXIT, status);
	for (;;)
		asm volatile("cli; hlt");
}

static inline void __attribute__((noreturn)) test_end(void)
{
	test_puts("test: done ");
	test_put_decimal(test_counts.checks);
	test_puts(" checks, ");
	test_put_decimal(test_counts.failed);
	test_puts(" failed\n");
	test_exit(test_counts.failed != 0);
}

static inline void __attribute__((noreturn)) test_skip(const char *reason)
{
	test_puts("test: skip ");
	test_puts(reason);
	test_puts("\n");
	test_exit(0);
}

#define TEST_STRING(x)   #x
#define TEST_WHERE(line) __FILE__ ":" TEST_STRING(line) ": "

/* The first argument is what should come out, the second what does. Integers of up to 64 bits. */
#define expect_equal(expected, got) test_equal(TEST_WHERE(__LINE__), #got, (expected), (got))
#define expect(condition)           test_equal(TEST_WHERE(__LINE__), #condition, 1, !!(condition))

#endif
