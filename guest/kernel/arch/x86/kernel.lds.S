/* SPDX-License-Identifier: MIT */
/* kernel.lds.S: one contiguous physical range at KERNEL_LOAD, seen at KERNEL_BASE + KERNEL_LOAD; W^X segments. */
#define LINKER_SCRIPT
#include "layout.h"

OUTPUT_FORMAT(KERNEL_FORMAT)
ENTRY(kernel_entry)

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
}

SECTIONS
{
	. = KERNEL_BASE + KERNEL_LOAD;
	kernel_start = .;
	.text : AT(ADDR(.text) - KERNEL_BASE) {
		*(.head)
		*(.text .text.*)
		text_end = .;
	} :text

	. = ALIGN(PAGE_SIZE);
	rodata_start = .;
	.rodata : AT(ADDR(.rodata) - KERNEL_BASE) {
		*(.rodata .rodata.*)
		. = ALIGN(8);
		fixups_start = .;
		*(.fixups)
		fixups_end = .;
		. = ALIGN(8);
		*(.symbols)
		. = ALIGN(CODE_PAGE);
	} :rodata

	data_start = .;
	.data : AT(ADDR(.data) - KERNEL_BASE) {
		*(.data .data.*)
		. = ALIGN(PAGE_SIZE);
		data_end = .;
	} :data

	.bss : AT(ADDR(.bss) - KERNEL_BASE) {
		*(.bss .bss.* COMMON)
		. = ALIGN(PAGE_SIZE);
		*(.stacks)
		. = ALIGN(PAGE_SIZE);
		kernel_end = .;
	} :data

	kernel_size = kernel_end - kernel_start;
	/* Where the direct map shows the image a second time, it must not show what is read-only. */
	ASSERT(DIRECT_MAP == KERNEL_BASE || data_start - KERNEL_BASE <= DIRECT_MAP_START,
		"code and constants are not below the direct map")

	/DISCARD/ : { *(.comment) *(.note .note.*) *(.eh_frame) }
}
