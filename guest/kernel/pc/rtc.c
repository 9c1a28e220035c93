/* SPDX-License-Identifier: MIT */
/*
 * rtc.c: Motorola's MC146818A, as every PC has it: data sheet, "Address Map". Taken for UTC and for
 * this century.
 */
#include "rtc.h"

#include <stdbool.h>

#include "arch_cpu.h"

#define PORT_INDEX 0x70
#define PORT_DATA  0x71

#define REG_SECONDS 0
#define REG_MINUTES 2
#define REG_HOURS   4
#define REG_DAY     7
#define REG_MONTH   8
#define REG_YEAR    9
#define REG_A       10
#define REG_B       11

#define A_UPDATING 0x80
#define B_24_HOURS 2
#define B_BINARY   4
#define HOUR_PM    0x80

#define UPDATE_TRIES 1000

struct moment {
	unsigned seconds, minutes, hours, day, month, year;
};

static uint8_t reg_read(uint8_t reg)
{
	io_out8(PORT_INDEX, reg);
	return io_in8(PORT_DATA);
}

static unsigned number(uint8_t value, bool binary)
{
	return binary ? value : (value >> 4) * 10u + (value & 15);
}

static struct moment read_moment(bool binary, bool hours24)
{
	uint8_t hours = reg_read(REG_HOURS);
	struct moment moment = {
		.seconds = number(reg_read(REG_SECONDS), binary),
		.minutes = number(reg_read(REG_MINUTES), binary),
		.hours = number(hours24 ? hours : hours & ~HOUR_PM, binary),
		.day = number(reg_read(REG_DAY), binary),
		.month = number(reg_read(REG_MONTH), binary),
		.year = 2000 + number(reg_read(REG_YEAR), binary),
	};

	if (!hours24)
		moment.hours = moment.hours % 12 + (hours & HOUR_PM ? 12 : 0);
	return moment;
}

/* Days since 1970-01-01 in the Gregorian calendar, with years that begin in March. */
static uint64_t days_since_epoch(unsigned year, unsigned month, unsigned day)
{
	unsigned shifted = month > 2 ? month - 3 : month + 9;
	uint64_t y = month > 2 ? year : year - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * shifted + 2) / 5 + day - 1 - 719468;
}

uint64_t rtc_seconds(void)
{
	uint8_t b = reg_read(REG_B);
	struct moment now;

	for (int i = 0; i < UPDATE_TRIES && reg_read(REG_A) & A_UPDATING; i++)
		;
	now = read_moment(b & B_BINARY, b & B_24_HOURS);
	if (now.month - 1 >= 12 || now.day - 1 >= 31 || now.hours >= 24)
		return 0;
	return (days_since_epoch(now.year, now.month, now.day) * 24 + now.hours) * 3600 +
	       now.minutes * 60 + now.seconds;
}
