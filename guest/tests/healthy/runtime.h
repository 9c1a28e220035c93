/* SPDX-License-Identifier: MIT */
/*
 * runtime.h: what the healthy guests stand on (runtime64.S, runtime32.S): their own GDT, TSS, IDT,
 * and an exception frame that C can change. Pages in 64 bits: 4 KiB pages of the image from 2 MiB,
 * 2 MiB pages up to 32 MiB, nothing else.
 */
#ifndef RUNTIME_H
#define RUNTIME_H

#include <stdint.h>

#include "x86.h"

typedef unsigned long word; /* the width of a register */

/* As the stubs push it: the last pushed first. */
struct frame {
#ifdef __x86_64__
	word r15, r14, r13, r12, r11, r10, r9, r8;
#endif
	word di, si, bp, bx, dx, cx, ax;
	word vector, error, ip, cs, flags;
	word sp, ss; /* in 32 bits only there when the frame comes from ring 3 */
};

/* Called for every exception and interrupt; each guest has one. What it changes in the frame is
 * what goes on. */
void trap(struct frame *frame);

/* Each guest's main function; ends with test_end(). */
void test_main(void);

/* 64 bits: page tables of the image (pt), of the first GiB (pd), and the level above. */
extern uint64_t pml4[512], pdpt[512], pd[512], pt[512];
extern uint8_t idt[], gdt[], tss[];

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %1, %0" : "=a"(value) : "d"(port));
	return value;
}

static inline void out8(uint16_t port, uint8_t value)
{
	asm volatile("outb %0, %1" : : "a"(value), "d"(port));
}

static inline word read_cr2(void)
{
	word value;

	asm volatile("mov %%cr2, %0" : "=r"(value));
	return value;
}

static inline void invlpg(word address)
{
	asm volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static inline void interrupts_on(void)
{
	asm volatile("sti" : : : "memory");
}

static inline void interrupts_off(void)
{
	asm volatile("cli" : : : "memory");
}

/* Interrupts on and wait for one; off again after it. */
static inline void wait_for_interrupt(void)
{
	asm volatile("sti; hlt; cli" : : : "memory");
}

#endif
