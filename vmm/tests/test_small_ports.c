/* SPDX-License-Identifier: MIT */
/*
 * test_small_ports.c: the ports of one purpose, against the table of ports in README.md and QEMU's
 * semantics.
 */
#define _GNU_SOURCE
#include "suite.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "acpi_pm.h"
#include "bufcon.h"
#include "copier.h"
#include "debugcon.h"
#include "debugexit.h"
#include "hypercall.h"
#include "pvpanic.h"

#define RAM 0x2000

static struct bus bus;
static struct console console;
static struct input input;
static struct power power;
static struct bufcon bufcon;
static struct copier copier;
static struct hypercall hypercall;
static uint8_t ram[RAM];
static uint8_t bl;
static int output[2];

static const void *ram_at(void *ctx, uint64_t gpa, uint64_t n)
{
	return gpa <= RAM && n <= RAM - gpa ? ram + gpa : NULL;
}

static bool ram_store(void *ctx, uint64_t gpa, const void *from, uint8_t byte, uint64_t n)
{
	if (from)
		memmove(ram + gpa, from, n);
	else
		memset(ram + gpa, byte, n);
	return true;
}

static uint8_t read_bl(void *ctx)
{
	return bl;
}

/* All of them on one bus, as in the machine: their numbers must not collide. */
static void setup(void)
{
	struct guest_view view = {ram_at, NULL};
	struct copier_memory memory = {ram_at, ram_store, NULL};
	struct error err;

	ck_assert_int_eq(pipe2(output, O_NONBLOCK), 0);
	ck_assert(console_init(&console, output[1], NULL, &err));
	ck_assert(debugcon_init(&console, &bus, &err));
	ck_assert(bufcon_init(&bufcon, &bus, &console, &view, &err));
	ck_assert(copier_init(&copier, &bus, &memory, &err));
	ck_assert(hypercall_init(&hypercall, &bus, &console, &input, &power, read_bl, NULL, &err));
	ck_assert(debugexit_init(&power, &bus, &err));
	ck_assert(acpi_pm_init(&power, &bus, &err));
	ck_assert(pvpanic_init(&power, &bus, &err));
}

static void expect_output(const char *text)
{
	char got[64] = "";

	console_flush(&console);
	read(output[0], got, sizeof(got) - 1);
	ck_assert_str_eq(got, text);
}

static void expect_power(enum power_why why, int status)
{
	ck_assert_int_eq(power.why, why);
	ck_assert_int_eq(power.status, status);
	ck_assert_ptr_nonnull(power.device);
}

START_TEST(debug_console)
{
	setup();
	out8(&bus, 0xe9, 'h');
	out8(&bus, 0xe9, 'i');
	expect_output("hi");
	ck_assert_uint_eq(in8(&bus, 0xe9), 0xe9);
}
END_TEST

START_TEST(debug_console_is_eight_bits_wide)
{
	setup();
	bus_out(&bus, 0xe9, 4, 0x44434241);
	expect_output("A");
	ck_assert_uint_eq(bus.unclaimed_count, 3);
}
END_TEST

/* { u64 gpa; u32 length; u32 flags } in little-endian bytes. */
static void put_descriptor(unsigned at, const char bytes[16])
{
	memcpy(ram + at, bytes, 16);
}

START_TEST(buffer_console)
{
	setup();
	memcpy(ram + 0x1234, "whole buffer\n", 13);
	put_descriptor(0x100, "\x34\x12\0\0\0\0\0\0\x0d\0\0\0\0\0\0\0");
	bus_out(&bus, 0x501, 4, 0x100);
	expect_output("whole buffer\n");
	ck_assert_uint_eq(bufcon.refused, 0);
}
END_TEST

START_TEST(buffer_console_unaligned_and_at_the_end_of_ram)
{
	setup();
	ram[RAM - 17] = '!';
	put_descriptor(RAM - 16, "\xef\x1f\0\0\0\0\0\0\x01\0\0\0\0\0\0\0");
	bus_out(&bus, 0x501, 4, RAM - 16);
	expect_output("!");
	put_descriptor(0x101, "\xef\x1f\0\0\0\0\0\0\x01\0\0\0\0\0\0\0");
	bus_out(&bus, 0x501, 4, 0x101);
	expect_output("!");
}
END_TEST

static void expect_refusal(enum bufcon_fault fault, uint64_t gpa, uint64_t length)
{
	ck_assert_uint_eq(bufcon.refused, 1);
	ck_assert_int_eq(bufcon.fault, fault);
	ck_assert_uint_eq(bufcon.fault_gpa, gpa);
	ck_assert_uint_eq(bufcon.fault_length, length);
	ck_assert_uint_gt(strlen(bufcon_fault_name(bufcon.fault)), 0);
	expect_output("");
	ck_assert_int_eq(power.why, POWER_ON);
}

START_TEST(buffer_console_descriptor_outside_ram)
{
	setup();
	bus_out(&bus, 0x501, 4, 0xfffffff8);
	expect_refusal(BUFCON_BAD_DESCRIPTOR, 0xfffffff8, 16);
}
END_TEST

START_TEST(buffer_console_descriptor_half_outside_ram)
{
	setup();
	bus_out(&bus, 0x501, 4, RAM - 15);
	expect_refusal(BUFCON_BAD_DESCRIPTOR, RAM - 15, 16);
}
END_TEST

START_TEST(buffer_console_buffer_outside_ram)
{
	setup();
	put_descriptor(0, "\xff\xff\xff\xff\xff\xff\xff\xff\x02\0\0\0\0\0\0\0");
	bus_out(&bus, 0x501, 4, 0);
	expect_refusal(BUFCON_BAD_BUFFER, UINT64_MAX, 2);
}
END_TEST

START_TEST(buffer_console_length_beyond_ram)
{
	setup();
	put_descriptor(0, "\x00\x10\0\0\0\0\0\0\xff\xff\xff\xff\0\0\0\0");
	bus_out(&bus, 0x501, 4, 0);
	expect_refusal(BUFCON_BAD_BUFFER, 0x1000, 0xffffffff);
}
END_TEST

START_TEST(buffer_console_unknown_flags)
{
	setup();
	put_descriptor(0, "\0\x10\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0");
	bus_out(&bus, 0x501, 4, 0);
	expect_refusal(BUFCON_BAD_FLAGS, 0, 16);
}
END_TEST

START_TEST(buffer_console_narrow_out)
{
	setup();
	bus_out(&bus, 0x501, 1, 0x10);
	expect_refusal(BUFCON_BAD_SIZE, 0x10, 1);
}
END_TEST

START_TEST(buffer_console_empty_buffer_may_point_anywhere)
{
	setup();
	put_descriptor(0, "\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0");
	bus_out(&bus, 0x501, 4, 0);
	ck_assert_uint_eq(bufcon.refused, 0);
}
END_TEST

START_TEST(hypercalls)
{
	setup();
	bl = 'x';
	out8(&bus, 0x500, 1);
	expect_output("x");
	input_put(&input, (const uint8_t *)"k", 1);
	out8(&bus, 0x500, 2);
	ck_assert_uint_eq(in8(&bus, 0x500), 'k');
	ck_assert_uint_eq(in8(&bus, 0x500), 0xff);
	out8(&bus, 0x500, 2);
	ck_assert_uint_eq(in8(&bus, 0x500), 0xff);
	out8(&bus, 0x500, 3);
	ck_assert_uint_eq(hypercall.unknown, 1);
	ck_assert_int_eq(power.why, POWER_ON);
	out8(&bus, 0x500, 0);
	expect_power(POWER_EXIT, 0);
}
END_TEST

START_TEST(debug_exit_as_in_qemu)
{
	setup();
	ck_assert_uint_eq(in8(&bus, 0xf4), 0x00);
	bus_out(&bus, 0xf4, 4, 0x10);
	expect_power(POWER_EXIT, 0x21);
}
END_TEST

START_TEST(debug_exit_of_zero_is_one)
{
	setup();
	out8(&bus, 0xf4, 0);
	expect_power(POWER_EXIT, 1);
}
END_TEST

START_TEST(debug_exit_is_cut_to_eight_bits)
{
	setup();
	bus_out(&bus, 0xf4, 4, 0xffffffff);
	expect_power(POWER_EXIT, 255);
}
END_TEST

START_TEST(exit_port)
{
	setup();
	bus_out(&bus, 0x502, 4, 0x12345607);
	expect_power(POWER_EXIT, 7);
}
END_TEST

START_TEST(acpi_power_off)
{
	setup();
	bus_out(&bus, 0x604, 2, 0x0001); /* SCI_EN */
	bus_out(&bus, 0x604, 2, 0x3400); /* another sleep state */
	bus_out(&bus, 0x604, 2, 0x0000);
	ck_assert_int_eq(power.why, POWER_ON);
	bus_out(&bus, 0x604, 2, 0x2000);
	expect_power(POWER_OFF, 0);
}
END_TEST

START_TEST(acpi_power_off_by_upper_byte)
{
	setup();
	out8(&bus, 0x605, 0x20);
	expect_power(POWER_OFF, 0);
}
END_TEST

START_TEST(pvpanic)
{
	setup();
	ck_assert_uint_eq(in8(&bus, 0x505), 0x01);
	out8(&bus, 0x505, 0x02); /* a crash kernel takes over: no panic for us */
	ck_assert_int_eq(power.why, POWER_ON);
	out8(&bus, 0x505, 0x01);
	ck_assert_int_eq(power.why, POWER_PANIC);
}
END_TEST

START_TEST(first_request_counts)
{
	setup();
	bus_out(&bus, 0x502, 4, 3);
	bus_out(&bus, 0x604, 2, 0x2000);
	expect_power(POWER_EXIT, 3);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		debug_console,
		debug_console_is_eight_bits_wide,
		buffer_console,
		buffer_console_unaligned_and_at_the_end_of_ram,
		buffer_console_descriptor_outside_ram,
		buffer_console_descriptor_half_outside_ram,
		buffer_console_buffer_outside_ram,
		buffer_console_length_beyond_ram,
		buffer_console_unknown_flags,
		buffer_console_narrow_out,
		buffer_console_empty_buffer_may_point_anywhere,
		hypercalls,
		debug_exit_as_in_qemu,
		debug_exit_of_zero_is_one,
		debug_exit_is_cut_to_eight_bits,
		exit_port,
		acpi_power_off,
		acpi_power_off_by_upper_byte,
		pvpanic,
		first_request_counts,
	};

	return RUN_SUITE("small_ports", tests);
}
