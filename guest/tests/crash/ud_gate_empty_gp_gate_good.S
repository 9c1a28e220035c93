/* SPDX-License-Identifier: MIT */
/*
 * ud_gate_empty_gp_gate_good.S: ud2, whose gate is empty: #GP follows (#UD is benign, so no #DF), and its handler powers the guest
 * off. Only kvm_pvm makes a double fault of it, and there is no gate for that.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	call do_ud2
END _start

FUNC do_ud2
	ud2
END do_ud2

FUNC gp_handler
	EXIT 0
END gp_handler

	GDT
	IDT
	GATE 13, gp_handler
	IDT_END
