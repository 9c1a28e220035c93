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
		uint32_t value;
	} registers[] = {
		{"eax", frame->ax},
		{"ebx", frame->bx},
		{"ecx", frame->cx},
		{"edx", frame->dx},
		{"esi", frame->si},
		{"edi", frame->di},
		{"ebp", frame->bp},
		{"esp", trap_sp(frame)},
		{"cr2", cr2_read()},
		{"cr3", cr3_read()},
		{"ds", frame->ds & 0xffff},
		{"es", frame->es & 0xffff},
	};

	log_text(LOG_PANIC, "vector %u, error 0x%x, eip %04x:%08x, eflags %08x\n", frame->vector,
		frame->error, frame->cs & 0xffff, frame->ip, frame->flags);
	for (unsigned i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		log_text(LOG_PANIC, "%s %08x%s", registers[i].name, registers[i].value,
			i % 4 == 3 ? "\n" : "  ");
}
