/* SPDX-License-Identifier: MIT */
/*
 * trap_show.c: the registers of a trap for people to read.
 */
#include "arch.h"
#include "log.h"

void trap_show(const struct trap_frame *frame)
{
	const struct {
		const char *name;
		uint64_t value;
	} registers[] = {
		{"rax", frame->ax},
		{"rbx", frame->bx},
		{"rcx", frame->cx},
		{"rdx", frame->dx},
		{"rsi", frame->si},
		{"rdi", frame->di},
		{"rbp", frame->bp},
		{"rsp", frame->sp},
		{"r8", frame->r8},
		{"r9", frame->r9},
		{"r10", frame->r10},
		{"r11", frame->r11},
		{"r12", frame->r12},
		{"r13", frame->r13},
		{"r14", frame->r14},
		{"r15", frame->r15},
		{"cr2", cr2_read()},
		{"cr3", cr3_read()},
	};

	log_text(LOG_PANIC, "vector %llu, error 0x%llx, rip %04llx:%016llx, rflags %08llx\n",
		(unsigned long long)frame->vector, (unsigned long long)frame->error,
		(unsigned long long)frame->cs, (unsigned long long)frame->ip,
		(unsigned long long)frame->flags);
	for (unsigned i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		log_text(LOG_PANIC, "%s %016llx%s", registers[i].name,
			(unsigned long long)registers[i].value, i % 3 == 2 ? "\n" : "  ");
}
