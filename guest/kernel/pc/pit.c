/* SPDX-License-Identifier: MIT */
/*
 * pit.c: channel 2 of the 8254 timer, whose output software can see, counts 10 ms once. Intel 8254
 * data sheet, "Mode 0".
 */
#include "pit.h"

#include "arch_cpu.h"

#define PIT_CHANNEL_2 0x42
#define PIT_COMMAND   0x43
#define PIT_HZ        1193182

#define CHANNEL_2_MODE_0 0xb0 /* both bytes, binary */

#define PORT_B       0x61
#define PORT_B_GATE  0x01
#define PORT_B_SOUND 0x02
#define PORT_B_OUT   0x20

#define INTERVALS_PER_SECOND 100
#define POLLS_MAX            1000000

uint64_t pit_measure_tsc(void)
{
	const uint16_t count = PIT_HZ / INTERVALS_PER_SECOND;
	unsigned polls = 0;
	uint64_t start;

	io_out8(PORT_B, (io_in8(PORT_B) & ~PORT_B_SOUND) | PORT_B_GATE);
	io_out8(PIT_COMMAND, CHANNEL_2_MODE_0);
	io_out8(PIT_CHANNEL_2, count & 0xff);
	io_out8(PIT_CHANNEL_2, count >> 8);
	start = tsc_read();
	while (!(io_in8(PORT_B) & PORT_B_OUT)) {
		if (++polls == POLLS_MAX)
			return 0;
	}
	/* A port that nobody answers reads as ones at once. */
	return polls ? (tsc_read() - start) * INTERVALS_PER_SECOND : 0;
}
