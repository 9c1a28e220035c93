/* SPDX-License-Identifier: MIT */
/*
 * vmcall_spin.S: a guest asks its hypervisor by vmcall without having looked whether that one
 * offers it. kvm_pvm repeats the instruction for ever; other KVMs return an error, and the guest
 * powers itself off.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	call ask_hypervisor
	EXIT 0
END _start

FUNC ask_hypervisor
	mov $1, %eax
	vmcall
	ret
END ask_hypervisor

	GDT
	EMPTY_IDT
