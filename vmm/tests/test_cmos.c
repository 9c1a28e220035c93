/* SPDX-License-Identifier: MIT */
/*
 * test_cmos.c: the clock against the MC146818 data sheet's formats; times of day computed with
 * date(1).
 */
#include "suite.h"

#include "cmos.h"

static struct bus bus;
static struct cmos cmos;
static int64_t time_us;

static int64_t test_now(void *ctx)
{
	return time_us;
}

static void setup(int64_t seconds, uint64_t ram_low, uint64_t ram_high)
{
	struct cmos_clock clock = {test_now, NULL};
	struct error err;

	time_us = seconds * 1000000;
	ck_assert(cmos_init(&cmos, &bus, &clock, ram_low, ram_high, &err));
}

/* 2024-02-29 23:59:58 UTC, a Thursday. */
#define LEAP_DAY 1709251198

static uint8_t get(uint8_t index)
{
	out8(&bus, 0x70, index);
	return in8(&bus, 0x71);
}

static void set(uint8_t index, uint8_t value)
{
	out8(&bus, 0x70, index);
	out8(&bus, 0x71, value);
}

static void expect_time(uint8_t century, uint8_t year, uint8_t month, uint8_t day, uint8_t hours,
	uint8_t minutes, uint8_t seconds, uint8_t weekday)
{
	ck_assert_uint_eq(get(0x32), century);
	ck_assert_uint_eq(get(0x09), year);
	ck_assert_uint_eq(get(0x08), month);
	ck_assert_uint_eq(get(0x07), day);
	ck_assert_uint_eq(get(0x04), hours);
	ck_assert_uint_eq(get(0x02), minutes);
	ck_assert_uint_eq(get(0x00), seconds);
	ck_assert_uint_eq(get(0x06), weekday);
}

START_TEST(bcd_24_hours)
{
	setup(LEAP_DAY, 128 << 20, 0);
	ck_assert_uint_eq(get(0x0b) & 0x06, 0x02);
	expect_time(0x20, 0x24, 0x02, 0x29, 0x23, 0x59, 0x58, 5);
	time_us += 2000000;
	expect_time(0x20, 0x24, 0x03, 0x01, 0x00, 0x00, 0x00, 6);
}
END_TEST

START_TEST(binary_24_hours)
{
	setup(LEAP_DAY, 128 << 20, 0);
	set(0x0b, 0x06);
	expect_time(20, 24, 2, 29, 23, 59, 58, 5);
}
END_TEST

START_TEST(twelve_hours)
{
	/* 2023-11-12 is a Sunday: weekday 1. Hours of the day against what the data sheet's table
	 * gives. */
	static const struct {
		int hour;
		uint8_t bcd, binary;
	} rows[] = {{0, 0x12, 0x0c}, {1, 0x01, 0x01}, {11, 0x11, 0x0b}, {12, 0x92, 0x8c},
		{13, 0x81, 0x81}, {23, 0x91, 0x8b}};

	setup(0, 128 << 20, 0);
	for (unsigned i = 0; i < 6; i++) {
		time_us = (1699747200 + rows[i].hour * 3600ll) * 1000000;
		set(0x0b, 0x00);
		ck_assert_uint_eq(get(0x04), rows[i].bcd);
		ck_assert_uint_eq(get(0x06), 1);
		set(0x0b, 0x04);
		ck_assert_uint_eq(get(0x04), rows[i].binary);
	}
}
END_TEST

START_TEST(update_in_progress_comes_and_goes)
{
	setup(LEAP_DAY, 128 << 20, 0);
	ck_assert_uint_eq(get(0x0a), 0x26);
	time_us += 997771; /* 2229 us before the second ends */
	ck_assert_uint_eq(get(0x0a), 0x26);
	time_us += 1;
	ck_assert_uint_eq(get(0x0a), 0xa6);
	time_us += 2227;
	ck_assert_uint_eq(get(0x0a), 0xa6);
	ck_assert_uint_eq(get(0x00), 0x58);
	time_us += 1;
	ck_assert_uint_eq(get(0x0a), 0x26);
	ck_assert_uint_eq(get(0x00), 0x59);
}
END_TEST

START_TEST(set_bit_stops_updates)
{
	setup(LEAP_DAY, 128 << 20, 0);
	set(0x0b, 0x82);
	time_us += 5999999;
	ck_assert_uint_eq(get(0x0a), 0x26);
	ck_assert_uint_eq(get(0x00), 0x58);
}
END_TEST

START_TEST(guest_sets_its_clock)
{
	setup(LEAP_DAY, 128 << 20, 0);
	set(0x0b, 0x82);
	set(0x32, 0x19);
	set(0x09, 0x99);
	set(0x08, 0x12);
	set(0x07, 0x31);
	set(0x04, 0x23);
	set(0x02, 0x59);
	set(0x00, 0x50);
	set(0x0b, 0x02);
	expect_time(0x19, 0x99, 0x12, 0x31, 0x23, 0x59, 0x50, 6); /* a Friday */
	time_us += 15000000;
	expect_time(0x20, 0x00, 0x01, 0x01, 0x00, 0x00, 0x05, 7);
}
END_TEST

START_TEST(guest_sets_one_field_without_the_set_bit)
{
	setup(LEAP_DAY, 128 << 20, 0);
	set(0x02, 0x30);
	expect_time(0x20, 0x24, 0x02, 0x29, 0x23, 0x30, 0x58, 5);
	set(0x0b, 0x00);
	set(0x04, 0x81); /* 1 p.m. */
	set(0x0b, 0x02);
	ck_assert_uint_eq(get(0x04), 0x13);
}
END_TEST

START_TEST(nonsense_time_does_no_harm)
{
	setup(LEAP_DAY, 128 << 20, 0);
	for (unsigned mode = 0; mode < 8; mode += 2)
		for (unsigned value = 0; value < 256; value++) {
			set(0x0b, 0x80 | mode);
			set(0x32, value);
			set(0x09, value);
			set(0x08, value);
			set(0x07, value);
			set(0x04, value);
			set(0x02, value);
			set(0x00, value);
			set(0x0b, mode);
			get(0x00);
		}
	time_us = INT64_MIN;
	get(0x00);
	time_us = INT64_MAX;
	get(0x00);
}
END_TEST

START_TEST(status_registers)
{
	setup(LEAP_DAY, 128 << 20, 0);
	ck_assert_uint_eq(get(0x0c), 0x00);
	ck_assert_uint_eq(get(0x0d), 0x80); /* battery and RAM are good */
	set(0x0d, 0x00);
	set(0x0c, 0xff);
	ck_assert_uint_eq(get(0x0d), 0x80);
	ck_assert_uint_eq(get(0x0c), 0x00);
	set(0x0a, 0xaf);
	ck_assert_uint_eq(get(0x0a), 0x2f); /* UIP cannot be written */
	set(0x0b, 0x92);
	ck_assert_uint_eq(get(0x0b), 0x82); /* SET clears UIE */
}
END_TEST

START_TEST(alarm_and_ram_are_storage)
{
	setup(LEAP_DAY, 128 << 20, 0);
	set(0x01, 0x11);
	set(0x03, 0x22);
	set(0x05, 0xc0);
	set(0x7f, 0x99);
	ck_assert_uint_eq(get(0x01), 0x11);
	ck_assert_uint_eq(get(0x03), 0x22);
	ck_assert_uint_eq(get(0x05), 0xc0);
	ck_assert_uint_eq(get(0x7f), 0x99);
}
END_TEST

START_TEST(index_ignores_the_nmi_bit_and_is_write_only)
{
	setup(LEAP_DAY, 128 << 20, 0);
	ck_assert_uint_eq(get(0x80), 0x58);
	ck_assert_uint_eq(in8(&bus, 0x70), 0xff);
}
END_TEST

static unsigned get16(uint8_t index)
{
	return get(index) | get(index + 1) << 8;
}

START_TEST(sizes_of_128_mib)
{
	setup(LEAP_DAY, 128 << 20, 0);
	ck_assert_uint_eq(get16(0x15), 640);
	ck_assert_uint_eq(get16(0x17), 0xffff);
	ck_assert_uint_eq(get16(0x30), 0xffff);
	ck_assert_uint_eq(get16(0x34), 112 * 16);
	ck_assert_uint_eq(get16(0x5b), 0);
	ck_assert_uint_eq(get(0x5d), 0);
	/* Checksum of the bytes 0x10 to 0x2d: 0x80 + 0x02 + 0xff + 0xff. */
	ck_assert_uint_eq(get(0x2e), 0x02);
	ck_assert_uint_eq(get(0x2f), 0x80);
}
END_TEST

START_TEST(sizes_of_1_mib)
{
	setup(LEAP_DAY, 1 << 20, 0);
	ck_assert_uint_eq(get16(0x15), 640);
	ck_assert_uint_eq(get16(0x17), 0);
	ck_assert_uint_eq(get16(0x30), 0);
	ck_assert_uint_eq(get16(0x34), 0);
}
END_TEST

START_TEST(sizes_of_16_mib)
{
	setup(LEAP_DAY, 16 << 20, 0);
	ck_assert_uint_eq(get16(0x17), 15360);
	ck_assert_uint_eq(get16(0x30), 15360);
	ck_assert_uint_eq(get16(0x34), 0);
}
END_TEST

START_TEST(sizes_of_1_tib)
{
	setup(LEAP_DAY, 3ull << 30, (1ull << 40) - (3ull << 30));
	ck_assert_uint_eq(get16(0x34), 48896);                      /* (3 GiB - 16 MiB) / 64 KiB */
	ck_assert_uint_eq(get16(0x5b) | get(0x5d) << 16, 0xff4000); /* (1 TiB - 3 GiB) / 64 KiB */
}
END_TEST

START_TEST(host_clock_by_default)
{
	struct error err;

	ck_assert(cmos_init(&cmos, &bus, NULL, 1 << 20, 0, &err));
	ck_assert_uint_ge(get(0x32), 0x20);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		bcd_24_hours,
		binary_24_hours,
		twelve_hours,
		update_in_progress_comes_and_goes,
		set_bit_stops_updates,
		guest_sets_its_clock,
		guest_sets_one_field_without_the_set_bit,
		nonsense_time_does_no_harm,
		status_registers,
		alarm_and_ram_are_storage,
		index_ignores_the_nmi_bit_and_is_write_only,
		sizes_of_128_mib,
		sizes_of_1_mib,
		sizes_of_16_mib,
		sizes_of_1_tib,
		host_clock_by_default,
	};

	return RUN_SUITE("cmos", tests);
}
