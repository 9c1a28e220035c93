/* SPDX-License-Identifier: MIT */
/*
 * syscall_handler_privileged.S: a function of a system call that executes cli, as the kernel may. kvm_pvm lets it fail
 * as if user code did that; elsewhere the guest powers itself off.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	mov $MSR_EFER, %ecx
	rdmsr
	or $EFER_SCE, %eax
	wrmsr
	mov $MSR_STAR, %ecx
	xor %eax, %eax
	mov $KERNEL_CS | 0x10 << 16, %edx
	wrmsr
	mov $MSR_LSTAR, %ecx
	mov $syscall_entry, %eax
	xor %edx, %edx
	wrmsr
	ENTER_USER user_main, user_main + 4096
END _start

FUNC syscall_entry
	mov $stack_top, %rsp
	call sys_exit
END syscall_entry

FUNC sys_exit
	cli
	mov %cr3, %rax
	EXIT 0
END sys_exit

	.balign 4096
FUNC user_main
	mov $1, %eax
	syscall
	jmp user_main
	.balign 4096
END user_main

	GDT
	EMPTY_IDT
	PAGE_TABLES pml4e=7, pdpte=7, pde=7, pte=7
