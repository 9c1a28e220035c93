/* SPDX-License-Identifier: MIT */
/*
 * syscall.c: from the trap frame of a system call to the function that does it, and back.
 */
#include "syscall.h"

#include "arch.h"
#include "boot.h"
#include "errno.h"
#include "log.h"
#include "process.h"
#include "process/fault.h"
#include "thread.h"
#include "trap.h"

#define NUMBERS 512

/* Tells of every unknown number once. */
static int64_t unknown(uint64_t number)
{
	static uint64_t told[NUMBERS / 64];
	const struct process *process = process_current();

	if (number < NUMBERS && !(told[number / 64] >> number % 64 & 1)) {
		told[number / 64] |= 1ull << number % 64;
		log_info("process %d (%s): there is no system call %llu\n", process->pid,
			process_name(process), (unsigned long long)number);
	}
	return -ENOSYS;
}

bool syscall_handle(struct trap_frame *frame)
{
	uint64_t number = frame->ax;
	int64_t result;

	if (number < syscall_count && syscall_table[number].call)
		result = trap_call(frame, syscall_table[number].call);
	else
		result = unknown(number);
	frame->ax = (uintptr_t)result;
	if (result <= -ERESTARTSYS && result >= -ERESTART_RESTARTBLOCK &&
		frame->vector == VECTOR_SYSCALL)
		thread_current()->attention = true;
	if (thread_current()->attention)
		process_return(frame);
	return frame->vector == VECTOR_SYSCALL && boot.host & VMM_HOST_SYSRET;
}
