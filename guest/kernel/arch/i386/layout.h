/* SPDX-License-Identifier: MIT */
/*
 * layout.h: where everything lives in the kernel half of an address space. Usable from assembly and
 * the linker script.
 *
 *   0x00000000  user half
 *   0x80000000  KERNEL_BASE, DIRECT_MAP   RAM from 0 on: the image in pages of 4 KiB, the rest in
 *                                         pages of 4 MiB as far as possible
 *   0xe0000000  HEAP                      kmalloc
 *   0xf0000000  STACKS                    kernel stacks of processes
 *   0xff000000  DEVICES                   uncached device pages
 *
 * Image and direct map are one, so read-only pages of the image can be reached at no other address.
 * The page tables of heap, stacks and devices exist before the first process does, so that every
 * address space shares the same kernel half for ever.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#if defined(__ASSEMBLER__) || defined(LINKER_SCRIPT)
#define LAYOUT_U64(x) x
#else
#define LAYOUT_U64(x) x##ull
#endif

#define PAGE_SIZE       4096
#define LARGE_PAGE_SIZE 0x400000

#define KERNEL_BASE LAYOUT_U64(0x80000000)
#define DIRECT_MAP  KERNEL_BASE
#define HEAP_BASE   LAYOUT_U64(0xe0000000)
#define HEAP_LIMIT  LAYOUT_U64(0xf0000000)
#define STACKS      LAYOUT_U64(0xf0000000)
#define STACKS_END  LAYOUT_U64(0xf2000000)
#define DEVICES     LAYOUT_U64(0xff000000)

/* Physical addresses from which and up to which the direct map goes, at most. */
#define DIRECT_MAP_START 0
#define DIRECT_MAP_END   LAYOUT_U64(0x60000000)

/* What one entry of a page directory stands for. */
#define TOP_LEVEL_SIZE LAYOUT_U64(0x400000)

/* Rights that every mapping has, wanted or not: without PAE there is no bit that forbids execution.
 */
#define MAP_IMPLIED MAP_EXEC

/* How far a Multiboot boot maps memory at its own address (entry.S). */
#define BOOT_REACHABLE LAYOUT_U64(0x80000000)

/* The last address that there is. */
#define ADDRESS_LAST LAYOUT_U64(0xffffffff)

/* First address above the user half. */
#define USER_LIMIT LAYOUT_U64(0x80000000)

/* Where nothing is ever mapped: in the user half, in the kernel half. */
#define USER_UNUSED   LAYOUT_U64(0x0badd000)
#define KERNEL_UNUSED (DEVICES + 0x200000)

/* Where programs that can lie anywhere go. */
#define PROGRAM_BIAS LAYOUT_U64(0x56555000)

/* Physical address of the image's first byte; below it lies what the PC left there, and the hole of
 * its video memory. */
#define KERNEL_LOAD 0x100000

/* Of what size the pages are that map code and constants. */
#define CODE_PAGE PAGE_SIZE

/* Every stack lies above a guard page that is never mapped. CPU_STACKS: boot, and double faults. */
#define STACK_SIZE 0x4000
#define CPU_STACKS 2

/* Distance between kernel stacks of processes; what is not stack is never mapped. */
#define STACK_STRIDE 0x8000

/* Output format of the linker. */
#define KERNEL_FORMAT "elf32-i386"

/* Selectors. Programs choose among the three TLS descriptors by number, as in Linux. */
#define SELECTOR_CODE             0x08
#define SELECTOR_DATA             0x10
#define SELECTOR_USER_DATA        0x1b
#define SELECTOR_USER_CODE        0x23
#define SELECTOR_TSS              0x28
#define SELECTOR_TLS              0x30
#define TLS_DESCRIPTORS           3
#define SELECTOR_DOUBLE_FAULT_TSS 0x48
#define GDT_ENTRIES               10

/* Interrupt vectors above the exceptions. */
#define VECTOR_IRQ      0x20 /* device interrupt n is VECTOR_IRQ + n */
#define VECTOR_TIMER    0x30
#define VECTOR_SPURIOUS 0x3f
#define VECTORS         0x40

/* System calls: the interrupt, and what the trap frame says, no vector of the CPU's. */
#define VECTOR_INT80   0x80
#define VECTOR_SYSCALL 0x100

/* EFLAGS that a program may set for itself: CF, PF, AF, ZF, SF, TF, DF, OF, RF, AC, ID. */
#define RFLAGS_USER 0x250dd5

#endif
