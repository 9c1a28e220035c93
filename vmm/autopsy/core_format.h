/* SPDX-License-Identifier: MIT */
/*
 * core_format.h: the layout of an ELF core file that gdb and vmm --autopsy open: ELF header,
 * program headers, notes, then all RAM in the order of its addresses (holes where it is zero).
 *
 * PT_NOTE     NT_PRSTATUS of every vCPU, the one that died first; "VMM": the evidence
 * PT_LOAD     what the page tables of the vCPU that died map: what gdb sees
 * PT_LOAD     RAM, at p_paddr, seen by gdb at CORE_RAM_WINDOW + p_paddr
 *
 * When that vCPU is not in long mode and all RAM lies below 4 GiB, the file is a 32-bit one, and
 * RAM is CORE_PT_RAM instead of the last PT_LOAD.
 */
#ifndef AUTOPSY_CORE_FORMAT_H
#define AUTOPSY_CORE_FORMAT_H

#include "evidence.h"

#define CORE_NOTE_NAME "VMM"
#define CORE_NOTE_TYPE 0x564d4d31u /* "VMM1" */

/* No CPU can use an address like this, with 4-level or with 5-level paging. */
#define CORE_RAM_WINDOW (1ull << 56)

#define CORE_RAM_HIGH (4ull << 30) /* guest-physical address of the RAM above the 32-bit hole */

struct core_head {
	uint8_t *bytes;     /* all that comes before RAM; free() it */
	size_t size;        /* a multiple of 4096: where RAM begins in the file */
	uint64_t low, high; /* bytes of RAM from 0 and from CORE_RAM_HIGH, which follows the first
	                       in the file */
	bool narrow;        /* a 32-bit ELF file */
	bool cut;           /* some linear addresses are missing: there are too many runs of them */
};

/* Makes everything but RAM of a core file. False when there is no memory for it, or the evidence
 * has no vCPU. */
bool core_head_make(const struct evidence *evidence, struct core_head *head);

#endif
