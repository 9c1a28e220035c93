/* SPDX-License-Identifier: MIT */
/*
 * case_kernel_stack_unmapped.S: the system-call entry switches to the task's kernel stack while the
 * process's page tables are loaded, which do not map that stack: its first push is a #PF at CPL 0,
 * and there is no room for the frame of it nor of #DF: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS kstack_top
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
	PTE kstack, process_pt
	movq $0, (%rax)
	LOAD_CR3 process_pml4
	ENTER_USER user_main, user_main + 4096
END _start

FUNC syscall_entry
	mov %rsp, user_rsp
	mov $kstack_top, %rsp
	push %rcx
	push %r11
	hlt
END syscall_entry

	.balign 4096
FUNC user_main
	mov $1, %eax
	syscall
	jmp user_main
	.balign 4096
END user_main

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	GATE 13, stop
	GATE 14, stop
	IDT_END
	PAGE_TABLES
	PAGE_TABLES process_, pml4e=7, pdpte=7, pde=7, pte=7
	.data
	OBJECT user_rsp, 8
	.quad 0
	END user_rsp
	.bss
	OBJECT kstack, 4096
	.skip 4096
	END kstack
kstack_top:
	.skip 16
