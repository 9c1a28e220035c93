/* SPDX-License-Identifier: MIT */
/*
 * test_bus.c: who gets which access, and what an access that nobody gets looks like.
 */
#include "suite.h"

#include <string.h>

/* A chip of registers that remembers its last access. */
struct chip {
	uint8_t regs[8];
	struct io last;
	unsigned accesses;
};

static void chip_access(void *device, struct io *io)
{
	struct chip *chip = device;

	chip->last = *io;
	chip->accesses++;
	if (io->write)
		chip->regs[io->offset] = io->value;
	else
		io->value = chip->regs[io->offset];
}

static void careless_access(void *device, struct io *io)
{
	if (!io->write)
		io->value = 0x1122334455667788;
}

static void silent_access(void *device, struct io *io)
{
}

static struct bus bus;
static struct chip chip;
static struct error err;

static void claim(uint64_t base, uint64_t length, const char *owner, io_fn *access, unsigned width)
{
	struct bus_range range = {base, length, owner, access, &chip, width};

	ck_assert_msg(bus_claim(&bus, &range, &err), "%s", err.text);
}

static void refuse(uint64_t base, uint64_t length, const char *text)
{
	struct bus_range range = {base, length, "newcomer", chip_access, &chip, 0};

	ck_assert(!bus_claim(&bus, &range, &err));
	ck_assert_int_eq(err.status, 70);
	ck_assert_msg(strstr(err.text, text), "'%s' lacks '%s'", err.text, text);
}

START_TEST(access_reaches_its_owner)
{
	claim(0x3f8, 8, "serial", chip_access, 1);
	bus_out(&bus, 0x3fb, 1, 0x80);
	ck_assert_uint_eq(chip.last.offset, 3);
	ck_assert(chip.last.write);
	ck_assert_uint_eq(chip.regs[3], 0x80);
	ck_assert_uint_eq(bus_in(&bus, 0x3fb, 1), 0x80);
	ck_assert_uint_eq(bus.unclaimed_count, 0);
}
END_TEST

START_TEST(find_knows_first_and_last_address)
{
	claim(0x3f8, 8, "serial", chip_access, 1);
	ck_assert_ptr_null(bus_find(&bus, 0x3f7));
	ck_assert_str_eq(bus_find(&bus, 0x3f8)->owner, "serial");
	ck_assert_str_eq(bus_find(&bus, 0x3ff)->owner, "serial");
	ck_assert_ptr_null(bus_find(&bus, 0x400));
}
END_TEST

START_TEST(overlaps_are_refused_by_both_names)
{
	claim(0x3f8, 8, "serial", chip_access, 1);
	refuse(0x3f8, 8, "serial and newcomer both claim port 0x3f8");
	refuse(0x3ff, 1, "serial");
	refuse(0x3f0, 9, "serial");
	refuse(0x3f0, 0x100, "serial");
	refuse(0, UINT64_MAX, "serial");
	claim(0x3f0, 8, "before", chip_access, 1);
	claim(0x400, 8, "after", chip_access, 1);
}
END_TEST

START_TEST(impossible_ranges_are_refused)
{
	refuse(0x100, 0, "impossible");
	refuse(UINT64_MAX, 2, "impossible");
	claim(UINT64_MAX, 1, "the last byte", chip_access, 0);
}
END_TEST

START_TEST(full_table_is_refused)
{
	for (unsigned i = 0; i < BUS_RANGES; i++)
		claim(i * 16, 1, "one of many", chip_access, 1);
	refuse(0x8000, 1, "more than");
}
END_TEST

START_TEST(unclaimed_reads_are_all_ones_of_their_size)
{
	ck_assert_uint_eq(bus_in(&bus, 0x80, 1), 0xff);
	ck_assert_uint_eq(bus_in(&bus, 0x80, 2), 0xffff);
	ck_assert_uint_eq(bus_in(&bus, 0x80, 4), 0xffffffff);
	ck_assert_uint_eq(bus_in(&bus, 0x80, 8), 0xffffffffffffffff);
}
END_TEST

START_TEST(unclaimed_accesses_are_counted_by_address)
{
	bus.mmio = true;
	bus_out(&bus, 0xfee00000, 4, 1);
	bus_out(&bus, 0xfee00000, 4, 2);
	bus_in(&bus, 0xfee00000, 4);
	bus_in(&bus, 0xfec00000, 4);
	ck_assert_uint_eq(bus.unclaimed_count, 2);
	ck_assert_uint_eq(bus.unclaimed[0].where, 0xfee00000);
	ck_assert_uint_eq(bus.unclaimed[0].writes, 2);
	ck_assert_uint_eq(bus.unclaimed[0].reads, 1);
	ck_assert(bus.unclaimed[0].mmio);
	ck_assert_uint_eq(bus.unclaimed[1].where, 0xfec00000);
	ck_assert_uint_eq(bus.unclaimed[1].reads, 1);
}
END_TEST

START_TEST(unclaimed_table_overflows_into_a_counter)
{
	for (unsigned i = 0; i < UNCLAIMED_MAX + 5; i++)
		bus_in(&bus, 0x1000 + i, 1);
	bus_in(&bus, 0x1000, 1);
	ck_assert_uint_eq(bus.unclaimed_count, UNCLAIMED_MAX);
	ck_assert_uint_eq(bus.unclaimed_other, 5);
	ck_assert_uint_eq(bus.unclaimed[0].reads, 2);
}
END_TEST

START_TEST(eight_bit_chip_sees_bytes)
{
	claim(0x3f8, 8, "serial", chip_access, 1);
	bus_out(&bus, 0x3f8, 4, 0x44332211);
	ck_assert_uint_eq(chip.accesses, 4);
	ck_assert_mem_eq(chip.regs, "\x11\x22\x33\x44\0\0\0\0", 8);
	ck_assert_uint_eq(bus_in(&bus, 0x3f9, 2), 0x3322);
	ck_assert_uint_eq(chip.last.size, 1);
}
END_TEST

START_TEST(access_across_the_end_of_an_eight_bit_chip)
{
	claim(0x3f8, 8, "serial", chip_access, 1);
	chip.regs[7] = 0x77;
	ck_assert_uint_eq(bus_in(&bus, 0x3ff, 2), 0xff77);
	ck_assert_uint_eq(bus.unclaimed[0].where, 0x400);
	bus_out(&bus, 0x3ff, 4, 0xaabbccdd);
	ck_assert_uint_eq(chip.regs[7], 0xdd);
}
END_TEST

START_TEST(access_that_begins_before_an_eight_bit_chip)
{
	claim(0x3f8, 8, "serial", chip_access, 1);
	chip.regs[0] = 0x55;
	ck_assert_uint_eq(bus_in(&bus, 0x3f7, 2), 0x55ff);
	ck_assert_uint_eq(bus.unclaimed_count, 1);
	ck_assert_uint_eq(bus.unclaimed[0].where, 0x3f7);
}
END_TEST

START_TEST(port_by_number_takes_a_wide_access_whole)
{
	/* 0x501 takes 32 bits although 0x502 and 0x505 are ports of their own. */
	claim(0x501, 1, "buffer console", chip_access, 0);
	claim(0x502, 1, "exit port", silent_access, 0);
	bus_out(&bus, 0x501, 4, 0x00123456);
	ck_assert_uint_eq(chip.accesses, 1);
	ck_assert_uint_eq(chip.last.size, 4);
	ck_assert_uint_eq(chip.last.value, 0x00123456);
}
END_TEST

START_TEST(stray_wide_access_does_not_reach_a_port_by_number)
{
	claim(0x502, 1, "exit port", chip_access, 0);
	bus_out(&bus, 0x500, 4, 0);
	ck_assert_uint_eq(chip.accesses, 0);
	ck_assert_uint_eq(bus.unclaimed_count, 1);
	ck_assert_uint_eq(bus.unclaimed[0].where, 0x500);
}
END_TEST

START_TEST(values_are_cut_to_the_access)
{
	claim(0x10, 1, "careless", careless_access, 0);
	ck_assert_uint_eq(bus_in(&bus, 0x10, 1), 0x88);
	ck_assert_uint_eq(bus_in(&bus, 0x10, 2), 0x7788);
	ck_assert_uint_eq(bus_in(&bus, 0x10, 4), 0x55667788);
	ck_assert_uint_eq(bus_in(&bus, 0x10, 8), 0x1122334455667788);
	claim(0x20, 1, "chip", chip_access, 0);
	bus_out(&bus, 0x20, 2, 0xabcdef12);
	ck_assert_uint_eq(chip.last.value, 0xef12);
}
END_TEST

START_TEST(device_that_says_nothing_reads_as_all_ones)
{
	claim(0x10, 1, "silent", silent_access, 0);
	ck_assert_uint_eq(bus_in(&bus, 0x10, 2), 0xffff);
	ck_assert_uint_eq(bus.unclaimed_count, 0);
}
END_TEST

START_TEST(access_that_wraps_around_the_address_space)
{
	claim(0, 1, "bottom", chip_access, 1);
	chip.regs[0] = 0x42;
	ck_assert_uint_eq(bus_in(&bus, UINT64_MAX, 2), 0x42ff);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		access_reaches_its_owner,
		find_knows_first_and_last_address,
		overlaps_are_refused_by_both_names,
		impossible_ranges_are_refused,
		full_table_is_refused,
		unclaimed_reads_are_all_ones_of_their_size,
		unclaimed_accesses_are_counted_by_address,
		unclaimed_table_overflows_into_a_counter,
		eight_bit_chip_sees_bytes,
		access_across_the_end_of_an_eight_bit_chip,
		access_that_begins_before_an_eight_bit_chip,
		port_by_number_takes_a_wide_access_whole,
		stray_wide_access_does_not_reach_a_port_by_number,
		values_are_cut_to_the_access,
		device_that_says_nothing_reads_as_all_ones,
		access_that_wraps_around_the_address_space,
	};

	return RUN_SUITE("bus", tests);
}
