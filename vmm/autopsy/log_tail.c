/* SPDX-License-Identifier: MIT */
/*
 * log_tail.c: reading the guest's log ring out of its memory.
 */
#include "log_tail.h"

#include "guest_abi.h"

size_t log_tail_read(const struct evidence *evidence, char *buf, size_t n)
{
	struct vmm_log_ring ring;
	uint64_t used, start, first;

	if (!evidence->log_ring ||
		!phys_read(&evidence->mem, evidence->log_ring, &ring, sizeof(ring)))
		return 0;
	if (ring.magic != VMM_LOG_MAGIC || ring.size == 0)
		return 0;
	used = ring.head < ring.size ? ring.head : ring.size;
	n = used < n ? used : n;
	start = (ring.head - n) % ring.size;
	first = ring.size - start < n ? ring.size - start : n;
	if (ring.buffer + start < ring.buffer ||
		!phys_read(&evidence->mem, ring.buffer + start, buf, first) ||
		!phys_read(&evidence->mem, ring.buffer, buf + first, n - first))
		return 0;
	return n;
}

size_t log_tail_lines(const char *log, size_t n, unsigned max)
{
	size_t at = n;

	if (at && log[at - 1] == '\n')
		at--;
	while (at) {
		if (log[at - 1] == '\n' && --max == 0)
			return at;
		at--;
	}
	return 0;
}
