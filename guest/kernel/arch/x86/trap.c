/* SPDX-License-Identifier: MIT */
/*
 * trap.c: every exception and interrupt, by vector. SDM vol. 3, chapter 6 "Interrupt and Exception
 * Handling".
 */
#include "trap.h"

#include <stddef.h>

#include "arch.h"
#include "interrupt.h"
#include "panic.h"
#include "process/fault.h"
#include "thread.h"
#include "wide.h"

_Static_assert(offsetof(struct trap_frame, ip) == TRAP_FRAME_IP, "trap_entry.S knows it");

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

/* What comes of loading a segment register. */
static bool selector_fault(const struct trap_frame *frame)
{
	return frame->vector == VEC_GP || frame->vector == VEC_NP;
}

void trap_handle(struct trap_frame *frame)
{
	if (frame->vector >= EXCEPTION_VECTORS)
		interrupt_handle((unsigned)frame->vector);
	else if (!(frame->vector == VEC_PF && page_fault_handle(frame)) && !wide_trap(frame) &&
		 !(selector_fault(frame) && !trap_from_user(frame) && fixup_apply(frame)) &&
		 !process_exception(frame))
		exception_panic(frame);
	if (trap_from_user(frame) && thread_current() && thread_current()->attention)
		process_return(frame);
}
