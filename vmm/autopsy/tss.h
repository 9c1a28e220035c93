/* SPDX-License-Identifier: MIT */
/*
 * tss.h: the stacks that the task-state segment in TR gives to exception handlers, in its three
 * formats.
 */
#ifndef AUTOPSY_TSS_H
#define AUTOPSY_TSS_H

#include "linear.h"

enum tss_format { TSS_16, TSS_32, TSS_64 };

/* Where the CPU looks for one stack pointer. */
struct tss_slot {
	uint32_t offset; /* of SP, ESP or RSP in the TSS */
	uint8_t size;    /* bytes that the CPU's limit check asks for there */
};

enum tss_status { TSS_OK, TSS_BEYOND_LIMIT, TSS_UNREADABLE };

struct tss_stack {
	enum tss_status status;
	struct tss_slot slot;
	uint64_t address; /* linear address of the slot */
	uint64_t sp;      /* valid when TSS_OK */
	uint16_t ss;      /* likewise; 0 for TSS_64, which has none */
	struct linear_result access;
};

/* The format follows from long mode and TR's type. */
enum tss_format tss_format(const struct cpu_state *cpu);

/* The stack for privilege level 0, 1 or 2: RSPn, or ESPn and SSn. */
struct tss_stack tss_stack_level(
	const struct phys_mem *mem, const struct cpu_state *cpu, unsigned level);

/* Interrupt stack table entry 1 to 7; long mode only. */
struct tss_stack tss_stack_ist(
	const struct phys_mem *mem, const struct cpu_state *cpu, unsigned ist);

#endif
