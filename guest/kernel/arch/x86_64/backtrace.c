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

struct backtrace backtrace_start(const struct trap_frame *frame)
{
	if (frame)
		return (struct backtrace){frame->rip, true, frame->rbp};
	return (struct backtrace){(uintptr_t)__builtin_return_address(0), false,
		*(uintptr_t *)__builtin_frame_address(0)};
}

/* Stacks grow downwards: a caller's frame lies above. The functions that started it all have none.
 */
bool backtrace_next(struct backtrace *trace)
{
	struct link link;

	if (trace->frame < USER_LIMIT ||
		!memory_try_copy(&link, (const void *)trace->frame, sizeof(link)) ||
		link.return_address < KERNEL_BASE)
		return false;
	*trace = (struct backtrace){
		.address = link.return_address,
		.frame = link.caller_rbp > trace->frame ? link.caller_rbp : 0,
	};
	return true;
}
