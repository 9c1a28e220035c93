/* SPDX-License-Identifier: MIT */
/*
 * backtrace.c: follows the chain of frame pointers (the kernel is built with
 * -fno-omit-frame-pointer).
 */
#include "arch.h"
#include "layout.h"

struct link {
	uintptr_t caller_rbp, return_address;
};

size_t backtrace_collect(const struct trap_frame *frame, uintptr_t *addresses, size_t max)
{
	uintptr_t rbp = frame ? frame->rbp : (uintptr_t)__builtin_frame_address(0);
	size_t n = 0;

	if (frame && n < max)
		addresses[n++] = frame->rip;
	while (n < max && rbp >= USER_LIMIT) {
		struct link link;

		if (!memory_try_copy(&link, (const void *)rbp, sizeof(link)) ||
			link.return_address < KERNEL_BASE)
			break;
		addresses[n++] = link.return_address;
		/* Stacks grow downwards: a caller's frame lies above. */
		if (link.caller_rbp <= rbp)
			break;
		rbp = link.caller_rbp;
	}
	return n;
}
