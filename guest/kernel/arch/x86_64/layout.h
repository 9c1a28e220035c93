/* SPDX-License-Identifier: MIT */
/*
 * layout.h: where everything lives in the kernel half of an address space. Usable from assembly and
 * the linker script.
 *
 *   0x0000000000000000  user half
 *   0xffff800000000000  DIRECT_MAP   all usable RAM from 2 MiB on, 2 MiB pages, not executable; the
 *                                    image's code and constants lie below that
 *   0xffffc00000000000  HEAP         kmalloc
 *   0xffffd00000000000  DEVICES      uncached device pages
 *   0xffffe00000000000  STACKS       kernel stacks of processes
 *   0xffffffff80000000  KERNEL_BASE  the image, at KERNEL_BASE + its physical address
 *
 * Each area has a top-level entry of its own, which exists before the first process does, so that
 * every address space shares the same kernel half for ever.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#if defined(__ASSEMBLER__) || defined(LINKER_SCRIPT)
#define LAYOUT_U64(x) x
#else
#define LAYOUT_U64(x) x##ull
#endif

#define PAGE_SIZE       4096
#define LARGE_PAGE_SIZE 0x200000

#define DIRECT_MAP  LAYOUT_U64(0xffff800000000000)
#define HEAP_BASE   LAYOUT_U64(0xffffc00000000000)
#define HEAP_LIMIT  LAYOUT_U64(0xffffc00400000000)
#define DEVICES     LAYOUT_U64(0xffffd00000000000)
#define STACKS      LAYOUT_U64(0xffffe00000000000)
#define STACKS_END  LAYOUT_U64(0xffffe00040000000)
#define KERNEL_BASE LAYOUT_U64(0xffffffff80000000)

/* Physical addresses from which and up to which the direct map goes, at most. */
#define DIRECT_MAP_START LARGE_PAGE_SIZE
#define DIRECT_MAP_END   LAYOUT_U64(0x400000000000)

/* What one entry of a top-level table stands for. */
#define TOP_LEVEL_SIZE LAYOUT_U64(0x8000000000)

/* Rights that every mapping has, wanted or not. */
#define MAP_IMPLIED 0

/* How far a Multiboot boot maps memory at its own address (entry.S). */
#define BOOT_REACHABLE LAYOUT_U64(0x100000000)

/* Where nothing is ever mapped: in the user half, in the kernel half. */
#define USER_UNUSED   LAYOUT_U64(0x00000badadd7e000)
#define KERNEL_UNUSED (DEVICES + LAYOUT_U64(0x40000000))

/* Where programs that can lie anywhere go. */
#define PROGRAM_BIAS LAYOUT_U64(0x555555554000)

/* The last address that there is. */
#define ADDRESS_LAST LAYOUT_U64(0xffffffffffffffff)

/* First address above the user half. */
#define USER_LIMIT LAYOUT_U64(0x0000800000000000)

/* Of what size the pages are that map code and constants. Every instruction is fetched through one,
 * and where an emulator runs the kernel it walks the page tables each time. Data begin with the
 * next, so that nothing writable is executable. */
#define CODE_PAGE LARGE_PAGE_SIZE

/* Physical address of the image's first byte: so far below CODE_PAGE that code and constants find
 * room. What lies below is not used: it can be seen in an executable page. */
#define KERNEL_LOAD 0x1b0000

/* Every stack lies above a guard page that is never mapped. CPU_STACKS: boot, and one for each IST
 * entry. */
#define STACK_SIZE 0x4000
#define CPU_STACKS 4

/* Distance between kernel stacks of processes; what is not stack is never mapped. */
#define STACK_STRIDE 0x8000

/* Output format of the linker, and what the kernel calls itself. */
#define KERNEL_FORMAT "elf64-x86-64"

/* Selectors: user code 64 lies above user data, as SYSRET wants it (SDM vol. 2, SYSRET). */
#define SELECTOR_CODE      0x08
#define SELECTOR_DATA      0x10
#define SELECTOR_USER_DATA 0x1b
#define SELECTOR_USER_CODE 0x23
#define SELECTOR_TSS       0x28

/* Interrupt vectors above the exceptions. */
#define VECTOR_IRQ      0x20 /* device interrupt n is VECTOR_IRQ + n */
#define VECTOR_TIMER    0x30
#define VECTOR_SPURIOUS 0x3f
#define VECTORS         0x40

/* What the trap frame of a system call says, no vector of the CPU's. */
#define VECTOR_SYSCALL 0x100

/* RFLAGS that a program may set for itself: CF, PF, AF, ZF, SF, TF, DF, OF, RF, AC, ID. */
#define RFLAGS_USER 0x250dd5

#endif
