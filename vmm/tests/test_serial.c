/* SPDX-License-Identifier: MIT */
/*
 * test_serial.c: the UART against the PC16550D data sheet (tables I and II, "Registers"), with its
 * numbers in hex.
 */
#define _GNU_SOURCE
#include "suite.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "serial.h"

#define RBR 0x3f8
#define THR 0x3f8
#define IER 0x3f9
#define IIR 0x3fa
#define FCR 0x3fa
#define LCR 0x3fb
#define MCR 0x3fc
#define LSR 0x3fd
#define MSR 0x3fe
#define SCR 0x3ff

static struct bus bus;
static struct console console;
static struct input input;
static struct irq_recorder irq;
static struct serial serial;
static int output[2]; /* a pipe behind the console */

static void setup(void)
{
	struct irq_line line = {irq_record, &irq, 4};
	struct error err;

	ck_assert_int_eq(pipe2(output, O_NONBLOCK), 0);
	ck_assert(console_init(&console, output[1], NULL, &err));
	ck_assert(serial_init(&serial, &bus, &console, &input, &line, &err));
}

static void type(const char *text)
{
	ck_assert_uint_eq(input_put(&input, (const uint8_t *)text, strlen(text)), strlen(text));
	serial_update(&serial);
}

static void expect_output(const char *text)
{
	char got[64] = "";

	console_flush(&console);
	ck_assert_int_ge(read(output[0], got, sizeof(got) - 1), 0);
	ck_assert_str_eq(got, text);
}

START_TEST(reset_values)
{
	setup();
	ck_assert_uint_eq(in8(&bus, IER), 0x00);
	ck_assert_uint_eq(in8(&bus, IIR), 0x01);
	ck_assert_uint_eq(in8(&bus, LCR), 0x00);
	ck_assert_uint_eq(in8(&bus, MCR), 0x00);
	ck_assert_uint_eq(in8(&bus, LSR), 0x60);
	ck_assert_uint_eq(in8(&bus, MSR) & 0x0f, 0x00);
	ck_assert_uint_eq(irq.raised, 0);
}
END_TEST

START_TEST(written_bytes_reach_the_console)
{
	setup();
	out8(&bus, THR, 'O');
	ck_assert_uint_eq(in8(&bus, LSR), 0x60);
	out8(&bus, THR, 'K');
	expect_output("OK");
}
END_TEST

START_TEST(divisor_latch_hides_data_and_interrupt_enable)
{
	setup();
	out8(&bus, IER, 0x02);
	out8(&bus, LCR, 0x83);
	out8(&bus, THR, 0x34);
	out8(&bus, IER, 0x12);
	ck_assert_uint_eq(in8(&bus, RBR), 0x34);
	ck_assert_uint_eq(in8(&bus, IER), 0x12);
	out8(&bus, LCR, 0x03);
	ck_assert_uint_eq(in8(&bus, IER), 0x02);
	ck_assert_uint_eq(in8(&bus, LCR), 0x03);
	ck_assert_uint_eq(console.total, 0);
}
END_TEST

START_TEST(upper_bits_of_ier_and_mcr_are_always_zero)
{
	setup();
	out8(&bus, IER, 0xff);
	ck_assert_uint_eq(in8(&bus, IER), 0x0f);
	out8(&bus, MCR, 0xff);
	ck_assert_uint_eq(in8(&bus, MCR), 0x1f);
}
END_TEST

START_TEST(scratch_keeps_what_it_got)
{
	setup();
	out8(&bus, SCR, 0x5a);
	ck_assert_uint_eq(in8(&bus, SCR), 0x5a);
}
END_TEST

START_TEST(fifo_is_announced_in_the_upper_bits)
{
	setup();
	out8(&bus, FCR, 0x01);
	ck_assert_uint_eq(in8(&bus, IIR), 0xc1);
	out8(&bus, FCR, 0xc7);
	ck_assert_uint_eq(in8(&bus, IIR), 0xc1);
	out8(&bus, FCR, 0xc0); /* without bit 0 nothing is programmed */
	ck_assert_uint_eq(in8(&bus, IIR), 0x01);
}
END_TEST

START_TEST(received_byte_shows_in_lsr_and_leaves_by_rbr)
{
	setup();
	type("xy");
	ck_assert_uint_eq(in8(&bus, LSR), 0x61);
	ck_assert_uint_eq(in8(&bus, RBR), 'x');
	ck_assert_uint_eq(in8(&bus, LSR), 0x61);
	ck_assert_uint_eq(in8(&bus, RBR), 'y');
	ck_assert_uint_eq(in8(&bus, LSR), 0x60);
	ck_assert_uint_eq(irq.raised, 0);
}
END_TEST

START_TEST(receive_interrupt_needs_ier_and_out2)
{
	setup();
	type("a");
	out8(&bus, IER, 0x01);
	ck_assert_uint_eq(in8(&bus, IIR), 0x04);
	ck_assert(!irq.level);
	out8(&bus, MCR, 0x08);
	ck_assert(irq.level);
	ck_assert_uint_eq(irq.irq, 4);
	ck_assert_uint_eq(in8(&bus, RBR), 'a');
	ck_assert(!irq.level);
	ck_assert_uint_eq(in8(&bus, IIR), 0x01);
	type("b");
	ck_assert_uint_eq(irq.raised, 2);
}
END_TEST

START_TEST(reading_iir_does_not_clear_a_receive_interrupt)
{
	setup();
	out8(&bus, MCR, 0x08);
	out8(&bus, IER, 0x01);
	type("a");
	ck_assert_uint_eq(in8(&bus, IIR), 0x04);
	ck_assert_uint_eq(in8(&bus, IIR), 0x04);
	ck_assert(irq.level);
}
END_TEST

START_TEST(fifo_below_its_trigger_level_is_a_character_timeout)
{
	setup();
	out8(&bus, FCR, 0x41); /* 4 bytes */
	out8(&bus, IER, 0x01);
	type("abc");
	ck_assert_uint_eq(in8(&bus, IIR), 0xcc);
	type("d");
	ck_assert_uint_eq(in8(&bus, IIR), 0xc4);
	ck_assert_uint_eq(in8(&bus, RBR), 'a');
	ck_assert_uint_eq(in8(&bus, IIR), 0xcc);
}
END_TEST

START_TEST(trigger_levels)
{
	static const struct {
		uint8_t fcr;
		unsigned level;
	} rows[] = {{0x01, 1}, {0x41, 4}, {0x81, 8}, {0xc1, 14}};

	setup();
	out8(&bus, IER, 0x01);
	for (unsigned i = 0; i < 4; i++) {
		out8(&bus, FCR, rows[i].fcr);
		for (unsigned n = 1; n <= 16; n++) {
			type("-");
			ck_assert_uint_eq(in8(&bus, IIR), n < rows[i].level ? 0xcc : 0xc4);
		}
		for (unsigned n = 0; n < 16; n++)
			in8(&bus, RBR);
		ck_assert_uint_eq(in8(&bus, IIR), 0xc1);
	}
}
END_TEST

START_TEST(enabling_the_empty_interrupt_raises_it_at_once)
{
	setup();
	out8(&bus, MCR, 0x08);
	out8(&bus, IER, 0x02);
	ck_assert(irq.level);
	ck_assert_uint_eq(in8(&bus, IIR), 0x02);
	ck_assert(!irq.level);
	ck_assert_uint_eq(in8(&bus, IIR), 0x01);
}
END_TEST

START_TEST(each_byte_sent_gives_the_pic_an_edge)
{
	setup();
	out8(&bus, MCR, 0x08);
	out8(&bus, IER, 0x02);
	out8(&bus, THR, 'a');
	out8(&bus, THR, 'b');
	ck_assert_uint_eq(irq.raised, 3);
	ck_assert(irq.level);
	ck_assert_uint_eq(in8(&bus, IIR), 0x02);
	out8(&bus, IER, 0x00);
	ck_assert(!irq.level);
}
END_TEST

START_TEST(empty_interrupt_waits_while_a_higher_one_is_named)
{
	setup();
	out8(&bus, IER, 0x03);
	type("a");
	ck_assert_uint_eq(in8(&bus, IIR), 0x04); /* this read does not clear the lower one */
	ck_assert_uint_eq(in8(&bus, RBR), 'a');
	ck_assert_uint_eq(in8(&bus, IIR), 0x02);
	ck_assert_uint_eq(in8(&bus, IIR), 0x01);
}
END_TEST

START_TEST(disabling_and_enabling_again_raises_the_empty_interrupt_again)
{
	setup();
	out8(&bus, IER, 0x02);
	ck_assert_uint_eq(in8(&bus, IIR), 0x02);
	out8(&bus, IER, 0x00);
	out8(&bus, IER, 0x02);
	ck_assert_uint_eq(in8(&bus, IIR), 0x02);
}
END_TEST

START_TEST(priorities_of_table_ii)
{
	setup();
	out8(&bus, MCR, 0x10);
	out8(&bus, IER, 0x0f);
	in8(&bus, MSR);
	out8(&bus, MCR, 0x13); /* loopback: CTS and DSR change */
	out8(&bus, THR, '1');
	out8(&bus, THR, '2'); /* overruns the byte before */
	ck_assert_uint_eq(in8(&bus, IIR), 0x06);
	ck_assert_uint_eq(in8(&bus, LSR), 0x63);
	ck_assert_uint_eq(in8(&bus, IIR), 0x04);
	ck_assert_uint_eq(in8(&bus, RBR), '2');
	ck_assert_uint_eq(in8(&bus, IIR), 0x02);
	ck_assert_uint_eq(in8(&bus, IIR), 0x00);
	ck_assert_uint_eq(in8(&bus, MSR) & 0x0f, 0x03);
	ck_assert_uint_eq(in8(&bus, IIR), 0x01);
}
END_TEST

START_TEST(loopback_returns_data_and_keeps_it_from_the_console)
{
	setup();
	out8(&bus, MCR, 0x1e);
	out8(&bus, THR, 0xae);
	ck_assert_uint_eq(in8(&bus, LSR), 0x61);
	ck_assert_uint_eq(in8(&bus, RBR), 0xae);
	ck_assert_uint_eq(in8(&bus, LSR), 0x60);
	ck_assert_uint_eq(console.total, 0);
}
END_TEST

START_TEST(loopback_disconnects_the_line)
{
	setup();
	type("a");
	out8(&bus, MCR, 0x10);
	ck_assert_uint_eq(in8(&bus, LSR), 0x60);
	out8(&bus, MCR, 0x00);
	ck_assert_uint_eq(in8(&bus, LSR), 0x61);
	ck_assert_uint_eq(in8(&bus, RBR), 'a');
}
END_TEST

START_TEST(loopback_wires_outputs_to_inputs)
{
	static const uint8_t rows[][2] = {
		{0x10, 0x00}, {0x11, 0x20}, {0x12, 0x10}, {0x14, 0x40}, {0x18, 0x80}, {0x1f, 0xf0}};

	setup();
	for (unsigned i = 0; i < 6; i++) {
		out8(&bus, MCR, rows[i][0]);
		ck_assert_uint_eq(in8(&bus, MSR) & 0xf0, rows[i][1]);
	}
}
END_TEST

START_TEST(probe_of_a_well_known_driver)
{
	setup();
	out8(&bus, MCR, 0x1a); /* loop, OUT2, RTS: expects DCD and CTS */
	ck_assert_uint_eq(in8(&bus, MSR) & 0xf0, 0x90);
}
END_TEST

START_TEST(loopback_shuts_the_interrupt_gate)
{
	setup();
	out8(&bus, IER, 0x01);
	out8(&bus, MCR, 0x18);
	out8(&bus, THR, 'a');
	ck_assert_uint_eq(in8(&bus, IIR), 0x04);
	ck_assert(!irq.level);
	out8(&bus, MCR, 0x08);
	ck_assert(irq.level);
}
END_TEST

START_TEST(fifo_holds_sixteen_and_loses_the_seventeenth)
{
	setup();
	out8(&bus, FCR, 0x01);
	out8(&bus, MCR, 0x10);
	for (unsigned i = 0; i < 17; i++)
		out8(&bus, THR, 'a' + i);
	ck_assert_uint_eq(in8(&bus, LSR), 0x63);
	ck_assert_uint_eq(in8(&bus, LSR), 0x61); /* the overrun is cleared by the read */
	for (unsigned i = 0; i < 16; i++)
		ck_assert_uint_eq(in8(&bus, RBR), 'a' + i);
	ck_assert_uint_eq(in8(&bus, LSR), 0x60);
}
END_TEST

START_TEST(fifo_reset_empties_it)
{
	setup();
	out8(&bus, FCR, 0x01);
	out8(&bus, MCR, 0x10);
	out8(&bus, THR, 'a');
	out8(&bus, FCR, 0x03);
	ck_assert_uint_eq(in8(&bus, LSR), 0x60);
}
END_TEST

START_TEST(fifo_reset_loses_no_typed_input)
{
	setup();
	type("abc");
	out8(&bus, FCR, 0xc7);
	ck_assert_uint_eq(in8(&bus, RBR), 'a');
}
END_TEST

START_TEST(ring_indicator_reports_its_trailing_edge_only)
{
	setup();
	out8(&bus, MCR, 0x10);
	in8(&bus, MSR);
	out8(&bus, MCR, 0x14);
	ck_assert_uint_eq(in8(&bus, MSR), 0x40);
	out8(&bus, MCR, 0x10);
	ck_assert_uint_eq(in8(&bus, MSR), 0x04);
	ck_assert_uint_eq(in8(&bus, MSR), 0x00);
}
END_TEST

START_TEST(terminal_is_connected)
{
	setup();
	ck_assert_uint_eq(in8(&bus, MSR) & 0xf0, 0xb0); /* DCD, DSR, CTS */
}
END_TEST

START_TEST(carrier_goes_after_the_last_byte)
{
	setup();
	out8(&bus, MCR, 0x08); /* OUT2 */
	out8(&bus, IER, 0x08); /* modem status */
	in8(&bus, MSR);
	type("x");
	input.closed = true;
	serial_update(&serial);
	ck_assert_uint_eq(in8(&bus, MSR) & 0xf0, 0xb0);
	ck_assert_uint_eq(in8(&bus, IIR), 0x01);
	in8(&bus, RBR);
	ck_assert(irq.level);
	ck_assert_uint_eq(in8(&bus, IIR), 0x00); /* modem status, pending */
	ck_assert_uint_eq(in8(&bus, MSR), 0x38); /* DSR, CTS; DDCD */
	ck_assert_uint_eq(in8(&bus, IIR), 0x01);
	ck_assert(!irq.level);
}
END_TEST

START_TEST(wide_access_reaches_neighbouring_registers)
{
	setup();
	bus_out(&bus, LCR, 2, 0x0803); /* LCR and MCR at once */
	ck_assert_uint_eq(in8(&bus, LCR), 0x03);
	ck_assert_uint_eq(in8(&bus, MCR), 0x08);
}
END_TEST

START_TEST(sending_does_not_look_at_the_input)
{
	setup();
	for (unsigned i = 0; i < 100; i++) {
		in8(&bus, LSR);
		out8(&bus, THR, '.');
	}
	in8(&bus, LSR);
	ck_assert(!input.asked);
	in8(&bus, LSR); /* twice without sending: it waits for input */
	ck_assert(input.asked);
}
END_TEST

START_TEST(receive_interrupt_looks_at_the_input_and_reserves_it)
{
	setup();
	out8(&bus, IER, 0x02);
	ck_assert(!input.asked);
	out8(&bus, IER, 0x01);
	ck_assert(input.asked);
	ck_assert_ptr_nonnull(input.reserved);
	out8(&bus, IER, 0x00);
	ck_assert_ptr_null(input.reserved);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		reset_values,
		written_bytes_reach_the_console,
		divisor_latch_hides_data_and_interrupt_enable,
		upper_bits_of_ier_and_mcr_are_always_zero,
		scratch_keeps_what_it_got,
		fifo_is_announced_in_the_upper_bits,
		received_byte_shows_in_lsr_and_leaves_by_rbr,
		receive_interrupt_needs_ier_and_out2,
		reading_iir_does_not_clear_a_receive_interrupt,
		fifo_below_its_trigger_level_is_a_character_timeout,
		trigger_levels,
		enabling_the_empty_interrupt_raises_it_at_once,
		each_byte_sent_gives_the_pic_an_edge,
		empty_interrupt_waits_while_a_higher_one_is_named,
		disabling_and_enabling_again_raises_the_empty_interrupt_again,
		priorities_of_table_ii,
		loopback_returns_data_and_keeps_it_from_the_console,
		loopback_disconnects_the_line,
		loopback_wires_outputs_to_inputs,
		probe_of_a_well_known_driver,
		loopback_shuts_the_interrupt_gate,
		fifo_holds_sixteen_and_loses_the_seventeenth,
		fifo_reset_empties_it,
		fifo_reset_loses_no_typed_input,
		ring_indicator_reports_its_trailing_edge_only,
		terminal_is_connected,
		carrier_goes_after_the_last_byte,
		wide_access_reaches_neighbouring_registers,
		sending_does_not_look_at_the_input,
		receive_interrupt_looks_at_the_input_and_reserves_it,
	};

	return RUN_SUITE("serial", tests);
}
