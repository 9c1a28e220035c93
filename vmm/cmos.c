/* SPDX-License-Identifier: MIT */
/*
 * cmos.c: a Motorola MC146818 real-time clock with 128 bytes of memory. Follows its data sheet,
 * "Time, Calendar and Alarm Locations", and the PC's convention for the bytes above 0x0e. Years are
 * 1970 to 9999. Not modelled: its interrupts (alarm, periodic, update ended) and daylight saving.
 */
#include "cmos.h"

#include <time.h>

#define CMOS_INDEX 0x70

enum {
	SECONDS = 0x00,
	MINUTES = 0x02,
	HOURS = 0x04,
	DAY_OF_WEEK = 0x06,
	DAY = 0x07,
	MONTH = 0x08,
	YEAR = 0x09,
	STATUS_A = 0x0a,
	STATUS_B = 0x0b,
	STATUS_C = 0x0c,
	STATUS_D = 0x0d,
	CENTURY = 0x32,
};

#define A_UPDATING   0x80
#define A_32768_HZ   0x26 /* divider on, square wave of 1024 Hz: what a PC's BIOS sets */
#define B_SET        0x80
#define B_BINARY     0x04
#define B_24_HOURS   0x02
#define B_UPDATE_IRQ 0x10
#define D_VALID      0x80
#define HOURS_PM     0x80

/* With a 32.768 kHz clock an update takes 1984 us, announced 244 us before it begins. */
#define SECOND_US   1000000
#define UPDATING_US (1984 + 244)

static uint8_t encode(const struct cmos *cmos, int value)
{
	if (cmos->ram[STATUS_B] & B_BINARY)
		return value;
	return value / 10 << 4 | value % 10;
}

static int decode(const struct cmos *cmos, uint8_t value)
{
	if (cmos->ram[STATUS_B] & B_BINARY)
		return value;
	return (value >> 4) * 10 + (value & 0x0f);
}

static uint8_t encode_hours(const struct cmos *cmos, int hours)
{
	if (cmos->ram[STATUS_B] & B_24_HOURS)
		return encode(cmos, hours);
	return encode(cmos, hours % 12 ? hours % 12 : 12) | (hours >= 12 ? HOURS_PM : 0);
}

static int decode_hours(const struct cmos *cmos, uint8_t value)
{
	if (cmos->ram[STATUS_B] & B_24_HOURS)
		return decode(cmos, value);
	return decode(cmos, value & ~HOURS_PM) % 12 + (value & HOURS_PM ? 12 : 0);
}

static int64_t now_us(const struct cmos *cmos)
{
	return cmos->clock.now(cmos->clock.ctx);
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

/* Brings the registers of the time up to date, unless the guest holds them still to set them. */
static void load_time(struct cmos *cmos)
{
	const time_t last = 253402300799; /* 9999-12-31 23:59:59 */
	time_t seconds = clamp(now_us(cmos) / SECOND_US + cmos->offset, 0, last);
	struct tm tm;

	if (cmos->ram[STATUS_B] & B_SET)
		return;
	gmtime_r(&seconds, &tm);
	cmos->ram[SECONDS] = encode(cmos, tm.tm_sec);
	cmos->ram[MINUTES] = encode(cmos, tm.tm_min);
	cmos->ram[HOURS] = encode_hours(cmos, tm.tm_hour);
	cmos->ram[DAY_OF_WEEK] = encode(cmos, tm.tm_wday + 1);
	cmos->ram[DAY] = encode(cmos, tm.tm_mday);
	cmos->ram[MONTH] = encode(cmos, tm.tm_mon + 1);
	cmos->ram[YEAR] = encode(cmos, tm.tm_year % 100);
	cmos->ram[CENTURY] = encode(cmos, (tm.tm_year + 1900) / 100);
}

/* The other way: what stands in the registers is the time from now on. */
static void store_time(struct cmos *cmos)
{
	struct tm tm = {
		.tm_sec = decode(cmos, cmos->ram[SECONDS]),
		.tm_min = decode(cmos, cmos->ram[MINUTES]),
		.tm_hour = decode_hours(cmos, cmos->ram[HOURS]),
		.tm_mday = decode(cmos, cmos->ram[DAY]),
		.tm_mon = decode(cmos, cmos->ram[MONTH]) - 1,
		.tm_year = decode(cmos, cmos->ram[CENTURY]) * 100 + decode(cmos, cmos->ram[YEAR]) -
	                   1900,
	};

	cmos->offset = timegm(&tm) - now_us(cmos) / SECOND_US;
}

static bool is_time(unsigned index)
{
	return index <= YEAR || index == CENTURY;
}

static bool is_alarm(unsigned index)
{
	return index == 0x01 || index == 0x03 || index == 0x05;
}

static uint8_t read_status_a(const struct cmos *cmos)
{
	bool updating = now_us(cmos) % SECOND_US >= SECOND_US - UPDATING_US;

	return cmos->ram[STATUS_A] | (updating && !(cmos->ram[STATUS_B] & B_SET) ? A_UPDATING : 0);
}

static uint8_t cmos_read(struct cmos *cmos, unsigned index)
{
	switch (index) {
	case STATUS_A:
		return read_status_a(cmos);
	case STATUS_C:
		return 0; /* no interrupt is ever pending */
	case STATUS_D:
		return D_VALID;
	}
	if (is_time(index) && !is_alarm(index))
		load_time(cmos);
	return cmos->ram[index];
}

/* Changes of SET begin and end the setting of the time; the format is that of the moment. */
static void write_status_b(struct cmos *cmos, uint8_t value)
{
	bool was_set = cmos->ram[STATUS_B] & B_SET;

	load_time(cmos);
	if (was_set && !(value & B_SET)) {
		cmos->ram[STATUS_B] = value;
		store_time(cmos);
	}
	cmos->ram[STATUS_B] = value & B_SET ? value & ~B_UPDATE_IRQ : value;
}

static void write_time(struct cmos *cmos, unsigned index, uint8_t value)
{
	load_time(cmos);
	cmos->ram[index] = value;
	if (!(cmos->ram[STATUS_B] & B_SET))
		store_time(cmos);
}

static void cmos_write(struct cmos *cmos, unsigned index, uint8_t value)
{
	if (index == STATUS_B)
		write_status_b(cmos, value);
	else if (index == STATUS_A)
		cmos->ram[index] = value & ~A_UPDATING;
	else if (is_time(index) && !is_alarm(index))
		write_time(cmos, index, value);
	else if (index != STATUS_C && index != STATUS_D)
		cmos->ram[index] = value;
}

static void cmos_access(void *device, struct io *io)
{
	struct cmos *cmos = device;

	if (io->offset == 0) {
		if (io->write)
			cmos->index =
				io->value & 0x7f; /* bit 7 masks the NMI; it cannot be read back */
	} else if (io->write) {
		cmos_write(cmos, cmos->index, io->value);
	} else {
		io->value = cmos_read(cmos, cmos->index);
	}
}

static void put16(struct cmos *cmos, unsigned index, uint64_t value)
{
	cmos->ram[index] = value;
	cmos->ram[index + 1] = value >> 8;
}

/* Sizes as BIOSes leave them: KiB of base memory, KiB from 1 MiB (twice), 64 KiB units from 16 MiB
 * and from 4 GiB. */
static void put_memory_sizes(struct cmos *cmos, uint64_t ram_low, uint64_t ram_high)
{
	int64_t low = ram_low, high = ram_high;

	put16(cmos, 0x15, clamp(low >> 10, 0, 640));
	put16(cmos, 0x17, clamp((low - (1 << 20)) / 1024, 0, 0xffff));
	put16(cmos, 0x30, clamp((low - (1 << 20)) / 1024, 0, 0xffff));
	put16(cmos, 0x34, clamp((low - (16 << 20)) / 65536, 0, 0xffff));
	high = clamp(high >> 16, 0, 0xffffff);
	put16(cmos, 0x5b, high);
	cmos->ram[0x5d] = high >> 16;
}

/* Checksum over 0x10 to 0x2d, big-endian. */
static void put_checksum(struct cmos *cmos)
{
	unsigned sum = 0;

	for (unsigned i = 0x10; i <= 0x2d; i++)
		sum += cmos->ram[i];
	cmos->ram[0x2e] = sum >> 8;
	cmos->ram[0x2f] = sum;
}

static int64_t host_now(void *ctx)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

bool cmos_init(struct cmos *cmos, struct bus *bus, const struct cmos_clock *clock, uint64_t ram_low,
	uint64_t ram_high, struct error *err)
{
	struct bus_range range = {CMOS_INDEX, 2, "CMOS clock", cmos_access, cmos, 1};

	*cmos = (struct cmos){.clock = clock ? *clock : (struct cmos_clock){.now = host_now}};
	cmos->ram[STATUS_A] = A_32768_HZ;
	cmos->ram[STATUS_B] = B_24_HOURS;
	put_memory_sizes(cmos, ram_low, ram_high);
	put_checksum(cmos);
	return bus_claim(bus, &range, err);
}
