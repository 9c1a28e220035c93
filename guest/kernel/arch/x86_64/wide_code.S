/* SPDX-License-Identifier: MIT */
/*
 * wide_code.S: what wide.c has done at CPL 3, and the way there and back. Where this is needed each instruction of the
 * kernel takes long: there are few, and no trap frame.
 */
#include "layout.h"
#include "trap.h"
#include "x86.h"

/* Copied into a page of its own. Registers as wide_visit() leaves them; the result is in rax and rdx. */
	.section .rodata
	.globl wide_code, wide_code_end, wide_code_xcr0, wide_code_component, wide_code_save, wide_code_load
	.globl wide_code_switch
wide_code:
wide_code_xcr0:
	xor %ecx, %ecx
	xgetbv
	int3
/* Bytes of the component whose number is in rdi, and where in an area it begins: SDM vol. 2, CPUID leaf 0DH. */
wide_code_component:
	mov %rbx, %r11
	mov $0xd, %eax
	mov %edi, %ecx
	cpuid
	mov %ebx, %edx
	mov %r11, %rbx
	int3
wide_code_save:
	xsave64 (%rdi)
	int3
wide_code_switch:
	xsave64 (%rdi)
wide_code_load:
	xrstor64 (%rsi)
	int3
wide_code_end:

	.text
/* struct wide_result wide_visit(rdi, rsi, edx:eax, &what IRETQ pops, root of the space) */
	.globl wide_visit
	.type wide_visit, @function
wide_visit:
	pushfq
	mov %edx, %eax
	shr $32, %rdx
	mov %cr3, %r9
	mov %r8, %cr3
	/* A trap must not find its stack where a process's frame lies. */
	mov cpu_tss+TSS_RSP0(%rip), %r8
	lea wide_stack_top(%rip), %r10
	mov %r10, cpu_tss+TSS_RSP0(%rip)
	mov %rsp, wide_kernel_rsp(%rip)
	movb $1, wide_away(%rip)
	mov %rcx, %rsp
	iretq
	.size wide_visit, . - wide_visit

/* Where breakpoints go. Those above leave r8 and r9 alone, and what functions keep. */
	.globl wide_breakpoint, wide_back
	.type wide_breakpoint, @function
wide_breakpoint:
	cmpb $0, wide_away(%rip)
	je trap_stubs + VEC_BP * TRAP_STUB_SIZE
wide_back:
	movb $0, wide_away(%rip)
	mov wide_kernel_rsp(%rip), %rsp
	mov %r8, cpu_tss+TSS_RSP0(%rip)
	mov %r9, %cr3
	popfq
	ret
	.size wide_breakpoint, . - wide_breakpoint

	.bss
	.globl wide_away
wide_away:
	.skip 1
	.balign 16
wide_kernel_rsp:
	.skip 8
	.balign 16
/* Room for trap_common and what it calls, too: exceptions that should not be. */
	.skip 2048
wide_stack_top:

	.section .note.GNU-stack, "", @progbits
