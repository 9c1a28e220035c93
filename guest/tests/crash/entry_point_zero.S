/* SPDX-License-Identifier: MIT */
/*
 * entry_point_zero.S: the linker did not find the entry symbol (it is not global) and wrote 0 with
 * a warning that was ignored: no segment covers the entry point: a matter for the loader.
 */
	.text
	.code64
start:
	hlt
	jmp start
	.section .note.GNU-stack, "", @progbits
