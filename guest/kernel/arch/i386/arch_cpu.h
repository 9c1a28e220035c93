/* SPDX-License-Identifier: MIT */
/*
 * arch_cpu.h: i386: the frame that every trap leaves on the stack, and what else the rest of the
 * kernel needs to know of this CPU.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include "layout.h"
#include "x86_cpu.h"

/* What the kernel calls this architecture, and what uname() calls it. */
#define ARCH_NAME     "i386"
#define UNAME_MACHINE "i686"

/* How printf writes an address, given as unsigned long long. */
#define ADDRESS_FORMAT "%08llx"

/* What reports call the registers with the addresses of instruction and stack. */
#define IP_NAME "eip"
#define SP_NAME "esp"

/* Suffix of string instructions that move an uintptr_t. */
#define WORD_SUFFIX "l"

/* What trap_entry.S pushes, lowest address first; from `ip` on the CPU's own (SDM vol. 3, 6.12.1):
 * `sp` and `ss` only where a program was interrupted. A double fault's is written by its task. */
struct trap_frame {
	union {
		struct {
			uint32_t bx, cx, dx, si, di, bp;
		};
		uintptr_t arguments[6]; /* of a system call */
	};
	uint32_t ax; /* its number, then its result */
	uint32_t ds, es, fs, gs;
	uint32_t vector, error; /* of a system call: VECTOR_SYSCALL and its number */
	uint32_t ip, cs, flags, sp, ss;
};

static inline bool trap_from_user(const struct trap_frame *frame)
{
	return (frame->cs & 3) != 0;
}

/* The stack pointer of the code that was interrupted. */
static inline uintptr_t trap_sp(const struct trap_frame *frame)
{
	if (trap_from_user(frame) || frame->vector == VEC_DF)
		return frame->sp;
	return (uintptr_t)&frame->sp;
}

/* Thread-local storage: descriptors that a program has set up, and chooses by its segment
 * registers.
 */
struct cpu_tls {
	uint64_t descriptor[TLS_DESCRIPTORS];
};

/* The registers of a program at its start. */
static inline void trap_frame_start(struct trap_frame *frame, uintptr_t ip, uintptr_t sp)
{
	*frame = (struct trap_frame){
		.ds = SELECTOR_USER_DATA,
		.es = SELECTOR_USER_DATA,
		.vector = VECTORS,
		.ip = ip,
		.cs = SELECTOR_USER_CODE,
		.flags = RFLAGS_IF | RFLAGS_FIXED,
		.sp = sp,
		.ss = SELECTOR_USER_DATA,
	};
}

/* Zeros that context_switch() wants on a new stack. */
#define CONTEXT_WORDS 4

/* a * b / 2^shift, with 128 bits in between; 0 < shift < 32. */
static inline uint64_t multiply_shift(uint64_t a, uint64_t b, unsigned shift)
{
	uint32_t a0 = (uint32_t)a, a1 = (uint32_t)(a >> 32);
	uint32_t b0 = (uint32_t)b, b1 = (uint32_t)(b >> 32);
	uint64_t low = (uint64_t)a0 * b0, middle = (uint64_t)a1 * b0 + (low >> 32);
	uint64_t other = (uint64_t)a0 * b1 + (uint32_t)middle;
	uint64_t high = (uint64_t)a1 * b1 + (middle >> 32) + (other >> 32);

	return high << (64 - shift) | (other << 32 | (uint32_t)low) >> shift;
}

/* x87 and SSE registers, 512 bytes aligned to 16. */
static inline void fxsave(void *area)
{
	asm volatile("fxsave (%0)" : : "r"(area) : "memory");
}

static inline void fxrstor(const void *area)
{
	asm volatile("fxrstor (%0)" : : "r"(area) : "memory");
}

/* For deaths on request (crash.c): a general protection fault: a null selector for the stack (SDM
 * vol. 2, MOV). */
static inline void cpu_violate_protection(void)
{
	asm volatile("mov %0, %%ss" : : "r"(0));
}

/* A push onto another stack. */
static inline void cpu_push_onto(uintptr_t stack, uintptr_t value)
{
	asm volatile("mov %0, %%esp; push %1" : : "r"(stack), "r"(value) : "memory");
}

#endif
