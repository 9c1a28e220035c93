/* SPDX-License-Identifier: MIT */
/*
 * cpu_tables.h: the task state segments, between cpu.c and double_fault.c. SDM vol. 3, 7.2.1
 * "Task-State Segment (TSS)".
 */
#ifndef CPU_TABLES_H
#define CPU_TABLES_H

#include <stdint.h>

struct tss {
	uint32_t previous;
	uint32_t esp0, ss0, esp1, ss1, esp2, ss2;
	uint32_t cr3;
	uint32_t eip, eflags;
	uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t es, cs, ss, ds, fs, gs;
	uint32_t ldt;
	uint16_t trap, io_map;
};

_Static_assert(sizeof(struct tss) == 104, "by the manual");

/* The one that the kernel runs in; at a task switch the CPU leaves all registers there. */
extern struct tss cpu_tss;

/* Where a double fault goes, as a task. */
void double_fault_task(void) __attribute__((noreturn));

#endif
