/* SPDX-License-Identifier: MIT */
/*
 * hello32.S: the smallest program of i386: two system calls, status 7. Looks at what it was given first: argc of 1, zeros in
 * all registers and in the FPU's place, a stack aligned to 16; status 8 where that is wrong.
 */
	.globl _start
	.text
_start:
	or %ebx, %eax
	or %ecx, %eax
	or %edx, %eax
	or %esi, %eax
	or %edi, %eax
	or %ebp, %eax
	mov $8, %ebx
	jnz 1f
	test $15, %esp
	jnz 1f
	cmpl $1, (%esp)
	jne 1f
	stmxcsr -8(%esp)
	cmpl $0x1f80, -8(%esp)
	jne 1f
	fnstcw -8(%esp)
	cmpw $0x37f, -8(%esp)
	jne 1f
	mov $4, %eax
	mov $1, %ebx
	mov $text, %ecx
	mov $text_size, %edx
	int $0x80
	cmp $text_size, %eax
	mov $8, %ebx
	jne 1f
	mov $7, %ebx
1:	mov $1, %eax
	int $0x80

	.section .rodata
text:
	.ascii "hello from user mode\n"
	.set text_size, . - text

	.section .note.GNU-stack, "", @progbits
