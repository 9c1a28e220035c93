/* SPDX-License-Identifier: MIT */
/*
 * case_brk_additive.S: a user program's bump allocator asks for more memory with brk(end), an
 * absolute address; the kernel adds it to the break instead of setting it: 0x402000 + 0x412000 =
 * 0x814000. The program trusts the answer and writes there: #PF from CPL 3. Gates are empty: #GP,
 * #DF, shutdown. The writer of heap_head is what a watchpoint has to show.
 */
#include "crash.inc"

#define HEAP_START 0x402000

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	call syscall_init
	movq $HEAP_START, heap_head
	ENTER_USER user_main, user_stack_top
END _start

FUNC syscall_init
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
	mov $MSR_SFMASK, %ecx
	mov $RFLAGS_IF, %eax
	wrmsr
	ret
END syscall_init

/* brk is the only system call. Returns with iretq. */
FUNC syscall_entry
	mov %rsp, user_rsp
	mov $stack_top, %rsp
	pushq $USER_DS
	pushq user_rsp
	push %r11
	pushq $USER_CS
	push %rcx
	call sys_brk
	iretq
END syscall_entry

/* RDI = the new end of the heap, 0: only ask. RAX = the end. */
FUNC sys_brk
	test %rdi, %rdi
	jz 1f
	add %rdi, heap_head /* it should be: mov */
1:	mov heap_head, %rax
	ret
END sys_brk

	/* The program. */
	.balign 4096
FUNC user_main
	mov $0x10000, %edi
	call user_malloc
	movq $1, (%rax)
1:	jmp 1b
END user_main

/* RAX = the address of RDI bytes, by asking the kernel for a new end of the heap. */
FUNC user_malloc
	mov %rdi, %rbx
	xor %edi, %edi
	syscall
	lea (%rax, %rbx), %rdi
	syscall
	ret
	.balign 4096
END user_malloc

	GDT
	EMPTY_IDT
	/* 4 to 6 MiB are the program's. */
	PAGE_TABLES pml4e=7, pdpte=7, pde=7, pte=7, large=1
	.data
	OBJECT heap_head, 8
	.quad 0
	END heap_head
	OBJECT user_rsp, 8
	.quad 0
	END user_rsp
	.bss
	OBJECT user_stack, 4096
	.skip 4096
	END user_stack
user_stack_top:
	.skip 16
