/* SPDX-License-Identifier: MIT */
/*
 * trap.c: every exception and interrupt, by vector. SDM vol. 3, chapter 6 "Interrupt and Exception
 * Handling".
 */
#include "trap.h"

#include <stddef.h>

#include "arch.h"
#include "interrupt.h"
#include "log.h"
#include "panic.h"
#include "process/fault.h"

_Static_assert(offsetof(struct trap_frame, rip) == TRAP_FRAME_RIP, "trap_entry.S knows it");

static const char *const exception_names[EXCEPTION_VECTORS] = {
	[VEC_DE] = "divide error (#DE)",
	[VEC_DB] = "debug exception (#DB)",
	[VEC_NMI] = "non-maskable interrupt",
	[VEC_BP] = "breakpoint (#BP)",
	[VEC_OF] = "overflow (#OF)",
	[VEC_BR] = "bound range exceeded (#BR)",
	[VEC_UD] = "invalid opcode (#UD)",
	[VEC_NM] = "device not available (#NM)",
	[VEC_DF] = "double fault (#DF)",
	[VEC_TS] = "invalid TSS (#TS)",
	[VEC_NP] = "segment not present (#NP)",
	[VEC_SS] = "stack-segment fault (#SS)",
	[VEC_GP] = "general protection fault (#GP)",
	[VEC_PF] = "page fault (#PF)",
	[VEC_MF] = "x87 floating-point error (#MF)",
	[VEC_AC] = "alignment check (#AC)",
	[VEC_MC] = "machine check (#MC)",
	[VEC_XM] = "SIMD floating-point exception (#XM)",
	[VEC_VE] = "virtualization exception (#VE)",
	[VEC_CP] = "control protection exception (#CP)",
};

static void __attribute__((noreturn)) exception_panic(const struct trap_frame *frame)
{
	const char *name = exception_names[frame->vector];

	switch (frame->vector) {
	case VEC_PF:
		page_fault_panic(frame);
	case VEC_DF:
		double_fault_panic(frame);
	case VEC_TS:
	case VEC_NP:
	case VEC_SS:
	case VEC_GP:
		if (frame->error)
			panic_trap(frame, "%s: selector 0x%llx in the %s%s", name,
				(unsigned long long)frame->error & 0xfff8,
				frame->error & SEL_ERR_IDT  ? "IDT"
				: frame->error & SEL_ERR_TI ? "LDT"
							    : "GDT",
				frame->error & SEL_ERR_EXT ? ", caused from outside" : "");
	}
	panic_trap(frame, "%s", name ? name : "reserved exception");
}

void trap_handle(struct trap_frame *frame)
{
	if (frame->vector >= EXCEPTION_VECTORS)
		interrupt_handle((unsigned)frame->vector);
	else if (!(frame->vector == VEC_PF && page_fault_handle(frame)) &&
		 !(frame->vector == VEC_GP && !trap_from_user(frame) && fixup_apply(frame)) &&
		 !process_exception(frame))
		exception_panic(frame);
	if (trap_from_user(frame))
		process_return(frame);
}

void trap_show(const struct trap_frame *frame)
{
	const struct {
		const char *name;
		uint64_t value;
	} registers[] = {
		{"rax", frame->rax},
		{"rbx", frame->rbx},
		{"rcx", frame->rcx},
		{"rdx", frame->rdx},
		{"rsi", frame->rsi},
		{"rdi", frame->rdi},
		{"rbp", frame->rbp},
		{"rsp", frame->rsp},
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
		(unsigned long long)frame->cs, (unsigned long long)frame->rip,
		(unsigned long long)frame->rflags);
	for (unsigned i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		log_text(LOG_PANIC, "%s %016llx%s", registers[i].name,
			(unsigned long long)registers[i].value, i % 3 == 2 ? "\n" : "  ");
}
