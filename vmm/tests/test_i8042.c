/* SPDX-License-Identifier: MIT */
/*
 * test_i8042.c: keyboard and controller against the IBM PS/2 Technical Reference: answers and scan
 * codes in hex.
 */
#include "suite.h"

#include <string.h>

#include "i8042.h"

#define DATA   0x60
#define STATUS 0x64

static struct bus bus;
static struct input input;
static struct power power;
static struct irq_recorder irq;
static struct i8042 i8042;

static void setup_with(bool interrupt)
{
	struct irq_line line = {irq_record, &irq, 1};
	struct error err;

	ck_assert(i8042_init(&i8042, &bus, &input, &line, interrupt, &power, &err));
}

static void setup(void)
{
	setup_with(true);
}

static void type(const char *text)
{
	ck_assert_uint_eq(input_put(&input, (const uint8_t *)text, strlen(text)), strlen(text));
	i8042_update(&i8042);
}

/* The next n bytes at the data port are these, each announced by the status, and no more. */
static void expect_bytes(const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ck_assert_msg(in8(&bus, STATUS) & 0x01, "byte %zu does not come", i);
		ck_assert_uint_eq(in8(&bus, DATA), (uint8_t)bytes[i]);
	}
	ck_assert_uint_eq(in8(&bus, STATUS) & 0x01, 0);
}

#define EXPECT(bytes) expect_bytes(bytes, sizeof(bytes) - 1)

static void set_command_byte(uint8_t value)
{
	out8(&bus, STATUS, 0x60);
	out8(&bus, DATA, value);
}

START_TEST(status_after_a_bios)
{
	setup();
	ck_assert_uint_eq(in8(&bus, STATUS), 0x14); /* unlocked, system flag, both buffers empty */
}
END_TEST

START_TEST(status_tells_command_from_data)
{
	setup();
	out8(&bus, STATUS, 0xae);
	ck_assert_uint_eq(in8(&bus, STATUS) & 0x08, 0x08);
	out8(&bus, DATA, 0xf4);
	ck_assert_uint_eq(in8(&bus, STATUS) & 0x08, 0x00);
}
END_TEST

START_TEST(self_tests)
{
	setup();
	out8(&bus, STATUS, 0xaa);
	EXPECT("\x55");
	out8(&bus, STATUS, 0xab);
	EXPECT("\x00");
}
END_TEST

START_TEST(command_byte_is_kept)
{
	setup();
	set_command_byte(0x47);
	out8(&bus, STATUS, 0x20);
	EXPECT("\x47");
	out8(&bus, STATUS, 0xad);
	out8(&bus, STATUS, 0xa7);
	out8(&bus, STATUS, 0x20);
	EXPECT("\x77"); /* bits 4 and 5: both disabled */
	out8(&bus, STATUS, 0xae);
	out8(&bus, STATUS, 0xa8);
	out8(&bus, STATUS, 0x20);
	EXPECT("\x47");
}
END_TEST

START_TEST(output_port_says_a20_is_on)
{
	setup();
	out8(&bus, STATUS, 0xd0);
	ck_assert_uint_eq(in8(&bus, DATA) & 0x03, 0x03);
	out8(&bus, STATUS, 0xd1);
	out8(&bus, DATA, 0xdf);
	out8(&bus, STATUS, 0xd0);
	ck_assert_uint_eq(in8(&bus, DATA) & 0x03, 0x03);
	ck_assert_int_eq(power.why, POWER_ON);
	out8(&bus, STATUS, 0xd1);
	out8(&bus, DATA, 0xdd); /* A20 off reads back, although it has no effect */
	out8(&bus, STATUS, 0xd0);
	ck_assert_uint_eq(in8(&bus, DATA) & 0x03, 0x01);
}
END_TEST

START_TEST(reset_by_pulse)
{
	setup();
	out8(&bus, STATUS, 0xff); /* pulses nothing */
	ck_assert_int_eq(power.why, POWER_ON);
	out8(&bus, STATUS, 0xfe);
	ck_assert_int_eq(power.why, POWER_RESET);
	ck_assert_str_eq(power.device, "i8042");
}
END_TEST

START_TEST(reset_by_output_port)
{
	setup();
	out8(&bus, STATUS, 0xd1);
	out8(&bus, DATA, 0xde);
	ck_assert_int_eq(power.why, POWER_RESET);
}
END_TEST

START_TEST(keyboard_commands_are_acknowledged)
{
	setup();
	out8(&bus, DATA, 0xed);
	EXPECT("\xfa");
	out8(&bus, DATA, 0x07);
	EXPECT("\xfa");
	out8(&bus, DATA, 0xf3);
	EXPECT("\xfa");
	out8(&bus, DATA, 0x20);
	EXPECT("\xfa");
	out8(&bus, DATA, 0xf4);
	EXPECT("\xfa");
	out8(&bus, DATA, 0xf5);
	EXPECT("\xfa");
	out8(&bus, DATA, 0xff);
	EXPECT("\xfa\xaa");
	out8(&bus, DATA, 0xee);
	EXPECT("\xee");
	out8(&bus, DATA, 0xfe);
	EXPECT("\xee");
	out8(&bus, DATA, 0x05); /* no command */
	EXPECT("\xfe");
}
END_TEST

START_TEST(identity_translated_and_raw)
{
	setup();
	out8(&bus, DATA, 0xf2);
	EXPECT("\xfa\xab\x41");
	set_command_byte(0x05);
	out8(&bus, DATA, 0xf2);
	EXPECT("\xfa\xab\x83");
}
END_TEST

START_TEST(scan_code_set_translated_and_raw)
{
	setup();
	out8(&bus, DATA, 0xf0);
	EXPECT("\xfa");
	out8(&bus, DATA, 0x00);
	EXPECT("\xfa\x41"); /* 2, translated */
	set_command_byte(0x05);
	out8(&bus, DATA, 0xf0);
	EXPECT("\xfa");
	out8(&bus, DATA, 0x00);
	EXPECT("\xfa\x02");
	out8(&bus, DATA, 0xf0);
	EXPECT("\xfa");
	out8(&bus, DATA, 0x01);
	EXPECT("\xfa");
	type("a");
	EXPECT("\x1e\x9e");
	set_command_byte(0x45);
	out8(&bus, DATA, 0xf0);
	EXPECT("\xfa");
	out8(&bus, DATA, 0x00);
	EXPECT("\xfa\x43");
}
END_TEST

START_TEST(keys_in_set_1)
{
	setup();
	type("a");
	EXPECT("\x1e\x9e");
	type("A");
	EXPECT("\x2a\x1e\x9e\xaa");
	type("\x03"); /* Ctrl-C */
	EXPECT("\x1d\x2e\xae\x9d");
	type("1!0)");
	EXPECT("\x02\x82\x2a\x02\x82\xaa\x0b\x8b\x2a\x0b\x8b\xaa");
	type("\r");
	EXPECT("\x1c\x9c");
	type("\n");
	EXPECT("\x1c\x9c");
	type("\x7f\b");
	EXPECT("\x0e\x8e\x0e\x8e");
	type("\t ");
	EXPECT("\x0f\x8f\x39\xb9");
	type("\x1b[A"); /* cursor up of a terminal */
	EXPECT("\x01\x81\x1a\x9a\x2a\x1e\x9e\xaa");
	type("zM/?~`'\"\\|");
	EXPECT("\x2c\xac\x2a\x32\xb2\xaa\x35\xb5\x2a\x35\xb5\xaa\x2a\x29\xa9\xaa\x29\xa9\x28\xa8"
	       "\x2a\x28\xa8\xaa\x2b\xab\x2a\x2b\xab\xaa");
}
END_TEST

START_TEST(control_characters)
{
	setup();
	input_put(&input, (const uint8_t *)"", 1); /* Ctrl-Space */
	EXPECT("\x1d\x39\xb9\x9d");
	type("\x1a"); /* Ctrl-Z */
	EXPECT("\x1d\x2c\xac\x9d");
	type("\x1c"); /* Ctrl-\ */
	EXPECT("\x1d\x2b\xab\x9d");
	type("\x1d"); /* Ctrl-] */
	EXPECT("\x1d\x1b\x9b\x9d");
	type("\x1e"); /* Ctrl-^ is on the key 6 */
	EXPECT("\x1d\x07\x87\x9d");
	type("\x1f"); /* Ctrl-_ */
	EXPECT("\x1d\x0c\x8c\x9d");
}
END_TEST

START_TEST(every_ascii_character_has_a_key)
{
	setup();
	for (unsigned c = 0; c < 256; c++) {
		uint8_t byte = c;

		input_put(&input, &byte, 1);
		while (in8(&bus, STATUS) & 0x01)
			ck_assert_uint_ne(in8(&bus, DATA) & 0x7f, 0);
		ck_assert(!input_ready(&input));
	}
}
END_TEST

START_TEST(keys_in_set_2)
{
	setup();
	set_command_byte(0x05); /* no translation */
	type("a");
	EXPECT("\x1c\xf0\x1c");
	type("Q");
	EXPECT("\x12\x15\xf0\x15\xf0\x12");
	type("\r");
	EXPECT("\x5a\xf0\x5a");
	type("\x1b");
	EXPECT("\x76\xf0\x76");
}
END_TEST

START_TEST(all_keys_in_set_2)
{
	static const char keys[] = "abcdefghijklmnopqrstuvwxyz0123456789`-=\\[];',./ \t\r\b";
	static const uint8_t codes[] = {0x1c, 0x32, 0x21, 0x23, 0x24, 0x2b, 0x34, 0x33, 0x43, 0x3b,
		0x42, 0x4b, 0x3a, /* a to m */
		0x31, 0x44, 0x4d, 0x15, 0x2d, 0x1b, 0x2c, 0x3c, 0x2a, 0x1d, 0x22, 0x35,
		0x1a,                                                       /* n to z */
		0x45, 0x16, 0x1e, 0x26, 0x25, 0x2e, 0x36, 0x3d, 0x3e, 0x46, /* 0 to 9 */
		0x0e, 0x4e, 0x55, 0x5d, 0x54, 0x5b, 0x4c, 0x52, 0x41, 0x49, 0x4a, 0x29, 0x0d, 0x5a,
		0x66};

	ck_assert_uint_eq(sizeof(codes), sizeof(keys) - 1);
	setup();
	set_command_byte(0x05);
	for (size_t i = 0; i < sizeof(codes); i++) {
		const char bytes[3] = {codes[i], 0xf0, codes[i]};

		ck_assert_uint_eq(input_put(&input, (const uint8_t *)&keys[i], 1), 1);
		expect_bytes(bytes, 3);
	}
}
END_TEST

START_TEST(all_keys_in_set_1)
{
	/* The rows of the keyboard; a row's codes follow each other. */
	static const struct {
		uint8_t first;
		const char *plain, *shifted;
	} rows[] = {
		{0x02, "1234567890-=", "!@#$%^&*()_+"},
		{0x10, "qwertyuiop[]", "QWERTYUIOP{}"},
		{0x1e, "asdfghjkl;'`", "ASDFGHJKL:\"~"},
		{0x2b, "\\zxcvbnm,./", "|ZXCVBNM<>?"},
	};

	setup();
	for (size_t row = 0; row < 4; row++)
		for (size_t i = 0; rows[row].plain[i]; i++) {
			const char code = rows[row].first + i, up = code | 0x80;
			const char bytes[6] = {code, up, 0x2a, code, up, 0xaa};

			input_put(&input, (const uint8_t *)&rows[row].plain[i], 1);
			input_put(&input, (const uint8_t *)&rows[row].shifted[i], 1);
			expect_bytes(bytes, 6);
		}
}
END_TEST

START_TEST(each_byte_gives_the_pic_an_edge)
{
	setup();
	type("a");
	ck_assert_uint_eq(irq.irq, 1);
	ck_assert_uint_eq(irq.raised, 1);
	in8(&bus, DATA);
	ck_assert_uint_eq(irq.raised, 2);
	in8(&bus, DATA);
	ck_assert_uint_eq(irq.raised, 2);
	ck_assert(!irq.level);
}
END_TEST

START_TEST(command_byte_masks_the_interrupt)
{
	setup();
	set_command_byte(0x44);
	type("a");
	ck_assert_uint_eq(irq.raised, 0);
	set_command_byte(0x45);
	ck_assert_uint_eq(irq.raised, 1);
}
END_TEST

START_TEST(interrupt_off_from_the_start)
{
	setup_with(false);
	type("a");
	ck_assert_uint_eq(irq.raised, 0);
	set_command_byte(0x45);
	ck_assert_uint_eq(irq.raised, 1);
	EXPECT("\x1e\x9e");
}
END_TEST

START_TEST(disabled_keyboard_keeps_its_keys)
{
	setup();
	out8(&bus, STATUS, 0xad);
	type("a");
	ck_assert_uint_eq(in8(&bus, STATUS) & 0x01, 0);
	ck_assert_uint_eq(irq.raised, 0);
	out8(&bus, STATUS, 0xae);
	EXPECT("\x1e\x9e");
	out8(&bus, DATA, 0xf5);
	EXPECT("\xfa");
	type("b");
	ck_assert_uint_eq(in8(&bus, STATUS) & 0x01, 0);
	out8(&bus, DATA, 0xf4);
	EXPECT("\xfa\x30\xb0");
}
END_TEST

START_TEST(byte_that_another_device_takes_is_not_typed)
{
	uint8_t byte;

	setup();
	type("ab");
	ck_assert(irq.level);
	ck_assert(input_take(&input, &byte));
	EXPECT("\x30\xb0");
	type("c");
	ck_assert(input_take(&input, &byte));
	i8042_update(&i8042);
	ck_assert(!irq.level);
}
END_TEST

START_TEST(input_reserved_for_the_serial_port_is_not_typed)
{
	setup();
	input.reserved = &bus;
	type("a");
	ck_assert_uint_eq(in8(&bus, STATUS) & 0x01, 0);
	ck_assert_uint_eq(irq.raised, 0);
	in8(&bus, DATA);
	ck_assert(input_ready(&input));
}
END_TEST

START_TEST(only_waiting_for_a_key_looks_at_the_input)
{
	setup();
	for (unsigned i = 0; i < 10; i++) { /* the usual dance of enabling A20 */
		in8(&bus, STATUS);
		out8(&bus, STATUS, 0xd1);
		in8(&bus, STATUS);
		out8(&bus, DATA, 0xdf);
	}
	ck_assert(!input.asked);
	in8(&bus, STATUS);
	in8(&bus, STATUS);
	ck_assert(input.asked);
}
END_TEST

START_TEST(empty_data_port_repeats_the_last_byte)
{
	setup();
	type("a");
	EXPECT("\x1e\x9e");
	ck_assert_uint_eq(in8(&bus, DATA), 0x9e);
	ck_assert(input.asked);
}
END_TEST

START_TEST(byte_injected_by_command_d2)
{
	setup();
	out8(&bus, STATUS, 0xd2);
	out8(&bus, DATA, 0x5a);
	EXPECT("\x5a");
}
END_TEST

START_TEST(no_mouse_answers)
{
	setup();
	out8(&bus, STATUS, 0xd4);
	out8(&bus, DATA, 0xf4);
	ck_assert_uint_eq(in8(&bus, STATUS) & 0x01, 0);
	out8(&bus, STATUS, 0xa9);
	ck_assert_uint_ne(in8(&bus, DATA), 0x00);
}
END_TEST

START_TEST(flood_of_commands_overflows_nothing)
{
	setup();
	for (unsigned i = 0; i < 1000; i++)
		out8(&bus, DATA, 0xf2);
	for (unsigned i = 0; i < I8042_QUEUE; i++)
		in8(&bus, DATA);
	ck_assert_uint_eq(in8(&bus, STATUS) & 0x01, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		status_after_a_bios,
		status_tells_command_from_data,
		self_tests,
		command_byte_is_kept,
		output_port_says_a20_is_on,
		reset_by_pulse,
		reset_by_output_port,
		keyboard_commands_are_acknowledged,
		identity_translated_and_raw,
		scan_code_set_translated_and_raw,
		keys_in_set_1,
		control_characters,
		every_ascii_character_has_a_key,
		keys_in_set_2,
		all_keys_in_set_2,
		all_keys_in_set_1,
		each_byte_gives_the_pic_an_edge,
		command_byte_masks_the_interrupt,
		interrupt_off_from_the_start,
		disabled_keyboard_keeps_its_keys,
		byte_that_another_device_takes_is_not_typed,
		input_reserved_for_the_serial_port_is_not_typed,
		only_waiting_for_a_key_looks_at_the_input,
		empty_data_port_repeats_the_last_byte,
		byte_injected_by_command_d2,
		no_mouse_answers,
		flood_of_commands_overflows_nothing,
	};

	return RUN_SUITE("i8042", tests);
}
