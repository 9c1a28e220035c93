/* SPDX-License-Identifier: MIT */
/*
 * image.h: the kernel image's own extent, from the linker script, and the stacks at its end.
 */
#ifndef KERNEL_IMAGE_H
#define KERNEL_IMAGE_H

#include <stdint.h>

#include "layout.h"

extern uint8_t kernel_start[], text_end[], rodata_start[], data_start[], kernel_end[];

struct stack {
	uint8_t guard[PAGE_SIZE]; /* not mapped once the kernel has page tables of its own */
	uint8_t memory[STACK_SIZE];
};

/* The stack that the kernel boots on, and those of exceptions that cannot use the current one: the
 * first CPU_STACKS of these. */
enum { STACK_BOOT, STACK_DOUBLE_FAULT, STACK_NMI, STACK_MACHINE_CHECK };
extern struct stack cpu_stacks[CPU_STACKS];

#endif
