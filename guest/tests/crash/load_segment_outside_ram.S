/* SPDX-License-Identifier: MIT */
/*
 * load_segment_outside_ram.S: a PT_LOAD segment wants physical address 0x10000000 (256 MiB), the
 * guest has 128 MiB: a matter for the loader, nothing runs.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	hlt
END _start

	GDT
	.section .far, "aw", @progbits
	OBJECT far_table, 4096
	.skip 4096, 1
	END far_table
