/* SPDX-License-Identifier: MIT */
/*
 * double_fault.c: the task that a double fault enters: tells of it with the registers that the CPU
 * has left in the kernel's own TSS.
 */
#include "cpu_tables.h"
#include "trap.h"

void double_fault_task(void)
{
	const struct tss *tss = &cpu_tss;
	struct trap_frame frame = {
		.bx = tss->ebx,
		.cx = tss->ecx,
		.dx = tss->edx,
		.si = tss->esi,
		.di = tss->edi,
		.bp = tss->ebp,
		.ax = tss->eax,
		.ds = tss->ds,
		.es = tss->es,
		.fs = tss->fs,
		.gs = tss->gs,
		.vector = VEC_DF,
		.ip = tss->eip,
		.cs = tss->cs,
		.flags = tss->eflags,
		.sp = tss->esp,
		.ss = tss->ss,
	};

	double_fault_panic(&frame);
}
