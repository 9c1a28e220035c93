/* SPDX-License-Identifier: MIT */
/*
 * backtrace.c: follows the chain of frame pointers. The kernel is built with
 * -fno-omit-frame-pointer, but gcc leaves the frame out of functions that never touch the stack,
 * and a trap may come before a function has made its frame.
 */
#include "arch.h"
#include "layout.h"
#include "string.h"
#include "symbols.h"
#include "trap.h"

struct link {
	uintptr_t caller_bp, return_address;
};

/* "mov %rsp, %rbp" (%esp, %ebp) stands among the first instructions of a function that has a frame.
 */
#define PROLOGUE_MAX 64
static const uint8_t set_frame[] = {SET_FRAME_CODE};
#define PUSH_BP 0x55

/* Whether the function that begins at `start` has made its frame when it comes to `ip`. */
static bool frame_made(const uint8_t *start, const uint8_t *ip)
{
	const uint8_t *end = ip - start > PROLOGUE_MAX ? start + PROLOGUE_MAX : ip;

	for (; start + sizeof(set_frame) <= end; start++) {
		if (memcmp(start, set_frame, sizeof(set_frame)) == 0)
			return true;
	}
	return false;
}

/* Where a trap found a function without a frame: its return address, on top of the stack or below
 * the frame pointer's old value. 0: there is a frame, or no such thing. */
static uintptr_t frameless_caller(const struct trap_frame *frame)
{
	struct symbol function = symbol_find(frame->ip);
	const uint8_t *ip = (const uint8_t *)frame->ip, *start = ip - function.offset;
	const uintptr_t *top = (const uintptr_t *)trap_sp(frame);
	uintptr_t address;

	if (function.offset == frame->ip || frame_made(start, ip))
		return 0;
	if (ip > start && *start == PUSH_BP)
		top++;
	if (!memory_try_copy(&address, top, sizeof(address)) ||
		symbol_find(address).offset == address)
		return 0;
	return address;
}

struct backtrace backtrace_start(const struct trap_frame *frame)
{
	if (frame)
		return (struct backtrace){frame->ip, true, frame->bp, frameless_caller(frame)};
	return (struct backtrace){(uintptr_t)__builtin_return_address(0), false,
		*(uintptr_t *)__builtin_frame_address(0), 0};
}

/* Stacks grow downwards: a caller's frame lies above. The functions that started it all have none.
 */
bool backtrace_next(struct backtrace *trace)
{
	struct link link;

	if (trace->caller) {
		*trace = (struct backtrace){.address = trace->caller, .frame = trace->frame};
		return true;
	}
	if (trace->frame < USER_LIMIT ||
		!memory_try_copy(&link, (const void *)trace->frame, sizeof(link)) ||
		link.return_address < KERNEL_BASE)
		return false;
	*trace = (struct backtrace){
		.address = link.return_address,
		.frame = link.caller_bp > trace->frame ? link.caller_bp : 0,
	};
	return true;
}
