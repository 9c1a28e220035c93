/* SPDX-License-Identifier: MIT */
/*
 * system_call.c: arguments of system calls are words of 32 bits in a frame, and numbers of 64 bits
 * for the functions that do the work.
 */
#include "trap.h"

int64_t trap_call(struct trap_frame *frame, syscall_fn *call)
{
	struct syscall_args before, args;
	int64_t result;

	for (unsigned i = 0; i < 6; i++)
		before.arg[i] = frame->arguments[i];
	args = before;
	result = call(&args);
	/* Only what the call itself changed: it may have given the program other registers. */
	for (unsigned i = 0; i < 6; i++) {
		if (args.arg[i] != before.arg[i])
			frame->arguments[i] = (uint32_t)args.arg[i];
	}
	return result;
}
