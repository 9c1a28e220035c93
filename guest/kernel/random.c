/* SPDX-License-Identifier: MIT */
/*
 * random.c: bytes from a generator (splitmix64) that is stirred by the time-stamp counter.
 */
#include "random.h"

#include <stdint.h>

#include "arch.h"
#include "string.h"

void random_bytes(void *to, size_t n)
{
	static uint64_t state;
	uint8_t *bytes = to;

	state ^= tsc_read();
	while (n) {
		uint64_t z = state += 0x9e3779b97f4a7c15;
		size_t part = n < sizeof(z) ? n : sizeof(z);

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
		z = (z ^ z >> 27) * 0x94d049bb133111eb;
		z ^= z >> 31;
		memcpy(bytes, &z, part);
		bytes += part;
		n -= part;
	}
}
