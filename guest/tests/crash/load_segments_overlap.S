/* SPDX-License-Identifier: MIT */
/*
 * load_segments_overlap.S: two PT_LOAD segments overlap in memory (load_segments_overlap.lds): the
 * second one, at 0x201f00, covers far_function at 0x202000 with 0xff bytes. Run as it is, it would
 * be #UD there; a loader can tell before.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	call far_function
	hlt
END _start

	.section .text.late, "ax", @progbits
FUNC far_function
	ret
END far_function

	GDT
	EMPTY_IDT
	.section .overlap, "aw", @progbits
	OBJECT patch_table, 1
	.skip 0x200, 0xff
	END patch_table
