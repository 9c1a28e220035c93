/* SPDX-License-Identifier: MIT */
/*
 * trap_entry.S: one stub of TRAP_STUB_SIZE bytes for each vector, and one for system calls; all of them leave a struct
 * trap_frame and call trap_handle() or syscall_handle().
 */
#include "layout.h"
#include "trap.h"
#include "x86.h"

/* Vectors for which the CPU pushes an error code: SDM vol. 3, table 6-1. */
#define ERROR_CODES (1 << 8 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 17 | 1 << 21)

	.text
	.globl trap_stubs
	.balign TRAP_STUB_SIZE
	.type trap_stubs, @function
trap_stubs:
	.set vector, 0
	.rept VECTORS
	.balign TRAP_STUB_SIZE
	.if vector >= 32 || ((ERROR_CODES >> vector) & 1) == 0
	push $0
	.endif
	push $vector
	jmp trap_common
	.set vector, vector + 1
	.endr
	.size trap_stubs, . - trap_stubs

	.macro save register
	push %\register
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset \register, 0
	.endm

	.macro restore register
	pop %\register
	.cfi_adjust_cfa_offset -4
	.cfi_restore \register
	.endm

	.macro save_segment register
	push %\register
	.cfi_adjust_cfa_offset 4
	.endm

/* A program may have left a selector there that is good no more: it becomes 0. */
	.macro restore_segment register
1:	pop %\register
	.cfi_adjust_cfa_offset -4
	.pushsection .text.unlikely, "ax"
2:	movl $0, (%esp)
	jmp 1b
	.popsection
	.pushsection .fixups, "a"
	.long 1b - ., 2b - .
	.popsection
	.endm

/*
 * Registers behind error code and vector, the kernel's segments, and a frame of one's own, whose return address is that of
 * the interrupted instruction: it keeps the chain of frame pointers whole. Then `handler` with the trap frame.
 */
	.macro enter handler
	save_segment gs
	save_segment fs
	save_segment es
	save_segment ds
	save eax
	save ebp
	save edi
	save esi
	save edx
	save ecx
	save ebx
	cld
	mov $SELECTOR_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	cmpb $0, cpu_has_smap
	je 1f
	/* CLAC's job, by instructions that every emulator knows. */
	pushf
	andl $~RFLAGS_AC, (%esp)
	popf
1:	mov %esp, %eax
	push TRAP_FRAME_IP(%eax)
	.cfi_adjust_cfa_offset 4
	push %ebp
	.cfi_adjust_cfa_offset 4
	mov %esp, %ebp
	push %eax
	.cfi_adjust_cfa_offset 4
	call \handler
	add $12, %esp
	.cfi_adjust_cfa_offset -12
	.endm

/* For debuggers: how the registers of the code that was interrupted are found. */
	.cfi_sections .debug_frame
	.type trap_common, @function
trap_common:
	.cfi_startproc simple
	.cfi_signal_frame
	.cfi_def_cfa esp, 2 * 4
	.cfi_offset eip, 0
	.cfi_offset esp, 3 * 4
	enter trap_handle
	.globl trap_return
trap_return:
	restore ebx
	restore ecx
	restore edx
	restore esi
	restore edi
	restore ebp
	restore eax
	restore_segment ds
	restore_segment es
	restore_segment fs
	restore_segment gs
	add $8, %esp
	.cfi_adjust_cfa_offset -8
	iret
	.cfi_endproc
	.size trap_common, . - trap_common

/* Where int $0x80 goes. The number of the call takes the place of the error code. */
	.globl syscall_entry
	.type syscall_entry, @function
syscall_entry:
	.cfi_startproc simple
	.cfi_signal_frame
	.cfi_def_cfa esp, 0
	.cfi_offset eip, 0
	.cfi_offset esp, 3 * 4
	push %eax
	.cfi_adjust_cfa_offset 4
	push $VECTOR_SYSCALL
	.cfi_adjust_cfa_offset 4
	enter syscall_handle
	jmp trap_return
	.cfi_endproc
	.size syscall_entry, . - syscall_entry

/* context_switch(&where to keep the stack pointer, the one to go on with) */
	.globl context_switch
	.type context_switch, @function
context_switch:
	push %ebp
	mov %esp, %ebp
	mov 8(%ebp), %eax
	mov 12(%ebp), %edx
	push %ebx
	push %esi
	push %edi
	mov %esp, (%eax)
	mov %edx, %esp
	pop %edi
	pop %esi
	pop %ebx
	pop %ebp
	ret
	.size context_switch, . - context_switch

	.section .note.GNU-stack, "", @progbits
