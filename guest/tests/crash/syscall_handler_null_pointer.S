/* SPDX-License-Identifier: MIT */
/*
 * syscall_handler_null_pointer.S: a system call whose function uses a null pointer, in the kernel. kvm_pvm gives the
 * CS of user code there.
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
	push %rcx
	push %r11
	xor %edi, %edi
	call sys_read
	hlt
END syscall_entry

FUNC sys_read
	mov 0x18(%rdi), %rax
	ret
END sys_read

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
