/* SPDX-License-Identifier: MIT */
/*
 * hello.S: the smallest program: two system calls, status 7. Looks at what it was given first: argc of 1, zeros in rdx and
 * in the FPU's place, a stack aligned to 16; status 8 where that is wrong.
 */
	.globl _start
	.text
_start:
	mov $8, %edi
	test %rdx, %rdx
	jnz 1f
	test $15, %spl
	jnz 1f
	cmpq $1, (%rsp)
	jne 1f
	stmxcsr -8(%rsp)
	cmpl $0x1f80, -8(%rsp)
	jne 1f
	fnstcw -8(%rsp)
	cmpw $0x37f, -8(%rsp)
	jne 1f
	mov $1, %eax
	mov $1, %edi
	lea text(%rip), %rsi
	mov $text_size, %edx
	syscall
	mov $7, %edi
1:	mov $60, %eax
	syscall

	.section .rodata
text:
	.ascii "hello from user mode\n"
	.set text_size, . - text

	.section .note.GNU-stack, "", @progbits
