/* SPDX-License-Identifier: MIT */
/*
 * int3_in_kernel.S: a breakpoint with a good gate, which is no fault at all. kvm_pvm cannot emulate
 * it at CPL 0 and gives up; elsewhere the handler returns and the guest powers itself off.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	call break_here
	EXIT 0
END _start

FUNC break_here
	int3
	ret
END break_here

FUNC bp_handler
	iretq
END bp_handler

	GDT
	IDT
	GATE 3, bp_handler
	IDT_END
