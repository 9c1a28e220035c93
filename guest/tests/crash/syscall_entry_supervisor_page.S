/* SPDX-License-Identifier: MIT */
/*
 * syscall_entry_supervisor_page.S: the entry for system calls lies in a page that only the kernel may use, as it should.
 * kvm_pvm goes there with the privileges of user code, and its first fetch is a #PF; elsewhere the
 * guest powers itself off.
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
	PTE user_main
	orq $4, (%rax)
	ENTER_USER user_main, user_main + 4096
END _start

FUNC syscall_entry
	mov $stack_top, %rsp
	EXIT 0
END syscall_entry

	.balign 4096
FUNC user_main
	mov $1, %eax
	syscall
	jmp user_main
	.balign 4096
END user_main

	GDT
	EMPTY_IDT
	PAGE_TABLES pml4e=7, pdpte=7, pde=7
