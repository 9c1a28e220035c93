/* SPDX-License-Identifier: MIT */
/*
 * layout.h: every guest-physical address that the monitor chooses.
 *
 *   0 ............. 0x400           real mode only: interrupt vector table
 *   0xfe000 ....... 0xff000         real mode only: boot trap stubs
 *   top - size .... top             long64, pse32, pm32, Multiboot: the boot block, below
 *   3 GiB ......... 4 GiB           no RAM: IOAPIC, LAPIC and unclaimed MMIO
 *   4 GiB ......... 4 GiB + rest    RAM that did not fit below 3 GiB
 *
 * The boot block ends at the top of the RAM below 3 GiB. Its fixed part, from its last byte
 * downwards: boot stack, trap stack, command line, boot information, trap stubs, descriptor tables;
 * then the page tables, as many as the map needs. A boot stack that overflows runs into the trap
 * stack, not into a table.
 */
#ifndef VMM_LAYOUT_H
#define VMM_LAYOUT_H

#define LAYOUT_PAGE        0x1000ull
#define LAYOUT_LOW_RAM_MAX 0xc0000000ull
#define LAYOUT_HIGH_RAM    0x100000000ull

/* Offsets below the top of low RAM. */
#define LAYOUT_BOOT_STACK_SIZE 0x4000ull
#define LAYOUT_BOOT_STACK      (LAYOUT_BOOT_STACK_SIZE)
#define LAYOUT_TRAP_STACK_SIZE 0x1000ull
#define LAYOUT_TRAP_STACK      (LAYOUT_BOOT_STACK + LAYOUT_TRAP_STACK_SIZE)
#define LAYOUT_CMDLINE_SIZE    0x1000ull
#define LAYOUT_CMDLINE         (LAYOUT_TRAP_STACK + LAYOUT_CMDLINE_SIZE)
#define LAYOUT_BOOT_INFO_SIZE  0x1000ull
#define LAYOUT_BOOT_INFO       (LAYOUT_CMDLINE + LAYOUT_BOOT_INFO_SIZE)
#define LAYOUT_STUBS_SIZE      0x1000ull
#define LAYOUT_STUBS           (LAYOUT_BOOT_INFO + LAYOUT_STUBS_SIZE)
#define LAYOUT_TABLES_SIZE     0x1000ull
#define LAYOUT_TABLES          (LAYOUT_STUBS + LAYOUT_TABLES_SIZE)
#define LAYOUT_FIXED_SIZE      LAYOUT_TABLES

/* Within the page of descriptor tables. */
#define LAYOUT_GDT_OFFSET  0x000
#define LAYOUT_GDT_ENTRIES 7 /* null, code, data, user data, user code, TSS (2) */
#define LAYOUT_TSS_OFFSET  0x080
#define LAYOUT_TSS64_SIZE  0x68
#define LAYOUT_IDT_OFFSET  0x200
#define LAYOUT_IDT64_SIZE  (32 * 16)

/* Within the page of boot information. */
#define LAYOUT_MEMORY_MAP_OFFSET 0x800
#define LAYOUT_MULTIBOOT_OFFSET  0xa00

/* Real mode. */
#define LAYOUT_IVT_SIZE          0x400ull
#define LAYOUT_REAL_STUBS        0xfe000ull
#define LAYOUT_REAL_STUB_SEGMENT 0xf000
#define LAYOUT_REAL_LOAD         0x7c00ull

/* Default place of a flat image in protected and long mode. */
#define LAYOUT_FLAT_LOAD 0x100000ull

/* Each stub is out %al,$VMM_PORT_BOOT_TRAP; jmp to itself; vectors apart by this many bytes. */
#define LAYOUT_STUB_STRIDE 8

/* In the page of stubs: where the entry code comes to when it returns. */
#define LAYOUT_RETURN_OFFSET (LAYOUT_STUBS_SIZE - 16)

_Static_assert(LAYOUT_GDT_OFFSET + LAYOUT_GDT_ENTRIES * 8 <= LAYOUT_TSS_OFFSET, "GDT fits");
_Static_assert(LAYOUT_TSS_OFFSET + LAYOUT_TSS64_SIZE <= LAYOUT_IDT_OFFSET, "TSS fits");
_Static_assert(LAYOUT_IDT_OFFSET + LAYOUT_IDT64_SIZE <= LAYOUT_TABLES_SIZE, "IDT fits");
_Static_assert(32 * LAYOUT_STUB_STRIDE <= LAYOUT_STUBS_SIZE, "stubs fit");
_Static_assert(LAYOUT_REAL_STUBS >= LAYOUT_REAL_STUB_SEGMENT * 16ull, "stubs in their segment");

#endif
