/* SPDX-License-Identifier: MIT */
/*
 * int_gate_selector_is_data.S: gates with the selector of the kernel's data. int $0x30 finds its gate, which allows it, and the
 * delivery fails: #GP, which has no better gate: #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	call trap
	hlt
END _start

FUNC trap
	int $0x30
	ret
END trap

	STOP_HANDLER
	GDT
	IDT
	.set vector, 0
	.rept 64
	GATE vector, stop, selector=KERNEL_DS
	.set vector, vector + 1
	.endr
	IDT_END
