/* SPDX-License-Identifier: MIT */
/*
 * arch_cpu.h: x86_64: the frame that every trap leaves on the stack, and what else the rest of the
 * kernel needs to know of this CPU.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include "layout.h"
#include "x86_cpu.h"

/* What the kernel calls this architecture, and what uname() calls it. */
#define ARCH_NAME     "x86_64"
#define UNAME_MACHINE "x86_64"

/* How printf writes an address, given as unsigned long long. */
#define ADDRESS_FORMAT "%016llx"

/* What reports call the registers with the addresses of instruction and stack. */
#define IP_NAME "rip"
#define SP_NAME "rsp"

/* Suffix of string instructions that move an uintptr_t. */
#define WORD_SUFFIX "q"

/* What trap_entry.S pushes, lowest address first; from `ip` on the CPU's own (SDM vol. 3, 6.14.2).
 */
struct trap_frame {
	uint64_t r15, r14, r13, r12, bx, bp, r11, cx;
	union {
		struct {
			uint64_t di, si, dx, r10, r8, r9;
		};
		uintptr_t arguments[6]; /* of a system call */
	};
	uint64_t ax;            /* its number, then its result */
	uint64_t vector, error; /* of a system call: VECTOR_SYSCALL and its number */
	uint64_t ip, cs, flags, sp, ss;
};

static inline bool trap_from_user(const struct trap_frame *frame)
{
	return (frame->cs & 3) != 0;
}

/* The stack pointer of the code that was interrupted. */
static inline uintptr_t trap_sp(const struct trap_frame *frame)
{
	return frame->sp;
}

/* Thread-local storage. */
struct cpu_tls {
	uint64_t fs_base, gs_base;
};

/* The registers of a program at its start. */
static inline void trap_frame_start(struct trap_frame *frame, uintptr_t ip, uintptr_t sp)
{
	*frame = (struct trap_frame){
		.vector = VECTORS,
		.ip = ip,
		.cs = SELECTOR_USER_CODE,
		.flags = RFLAGS_IF | RFLAGS_FIXED,
		.sp = sp,
		.ss = SELECTOR_USER_DATA,
	};
}

/* Zeros that context_switch() wants on a new stack. */
#define CONTEXT_WORDS 6

/* a * b / 2^shift, with 128 bits in between. */
static inline uint64_t multiply_shift(uint64_t a, uint64_t b, unsigned shift)
{
	return (uint64_t)((unsigned __int128)a * b >> shift);
}

/* x87 and SSE registers, 512 bytes aligned to 16. */
static inline void fxsave(void *area)
{
	asm volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

static inline void fxrstor(const void *area)
{
	asm volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

/* For deaths on request (crash.c): a general protection fault: bits 63 to 47 of the address differ
 * (SDM vol. 1, 3.3.7.1 "Canonical Addressing"). */
static inline void cpu_violate_protection(void)
{
	*(volatile uint32_t *)0x0123456789abcdef = 1;
}

/* A push onto another stack. */
static inline void cpu_push_onto(uintptr_t stack, uintptr_t value)
{
	asm volatile("mov %0, %%rsp; push %1" : : "r"(stack), "r"(value) : "memory");
}

#endif
