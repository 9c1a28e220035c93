/* SPDX-License-Identifier: MIT */
/*
 * entry.S: the first bytes of the kernel: vmm's flat header, the Multiboot 1 header, and the two ways in. vmm enters at
 * kernel_entry with paging on (docs/boot-protocol.md, pse32); a Multiboot loader at multiboot_entry without (Multiboot
 * specification 0.6.96, 3.2 "Machine state").
 */
#include "guest_abi.h"
#include "layout.h"
#include "multiboot_info.h"
#include "x86.h"

#define PHYS(symbol) ((symbol) - KERNEL_BASE)

/* Modules on page boundaries, memory information, and addresses in the header instead of an ELF header's. */
#define MULTIBOOT_FLAGS 0x00010003

#define DIRECTORY_ENTRIES 1024

	.section .head, "ax"
	.long VMM_FLAT_MAGIC_0, VMM_FLAT_MAGIC_1
	.long VMM_MODE_PSE32, VMM_IRQCHIP_SPLIT
	.long KERNEL_LOAD, 0
	.long kernel_entry, 0
	.long kernel_start, 0
	.long kernel_size, 0
	.long 0, 0, 0, 0

	.balign 4
multiboot_header:
	.long MULTIBOOT_HEADER_MAGIC, MULTIBOOT_FLAGS
	.long -(MULTIBOOT_HEADER_MAGIC + MULTIBOOT_FLAGS)
	.long PHYS(multiboot_header), PHYS(kernel_start), PHYS(data_end), PHYS(kernel_end)
	.long PHYS(multiboot_entry)

/* vmm: EBX = boot information, RAM mapped at its own address, the image here. */
	.globl kernel_entry
	.type kernel_entry, @function
kernel_entry:
	cld
	rdtsc
	mov $boot_stack_top, %esp
	xor %ebp, %ebp
	push %edx
	push %eax
	push %ebx
	call kernel_main
	ud2
	.size kernel_entry, . - kernel_entry

/*
 * Multiboot: EAX = magic, EBX = its information; paging off. The first 2 GiB are mapped at their own addresses and at
 * KERNEL_BASE.
 */
	.globl multiboot_entry
	.type multiboot_entry, @function
multiboot_entry:
	cld
	cmp $MULTIBOOT_LOADER_MAGIC, %eax
	jne 2f

	mov $PHYS(boot_directory), %edi
	mov $(PTE_P | PTE_W | PTE_PS), %eax
1:	mov %eax, (%edi)
	mov %eax, DIRECTORY_ENTRIES / 2 * 4(%edi)
	add $4, %edi
	add $LARGE_PAGE_SIZE, %eax
	jns 1b

	/* SDM vol. 3, 9.8.3 "Switching to Protected Mode" with paging, 4.1.2 "Paging-Mode Enabling". */
	mov $CR4_PSE, %eax
	mov %eax, %cr4
	mov $PHYS(boot_directory), %eax
	mov %eax, %cr3
	mov $(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG), %eax
	mov %eax, %cr0
	lgdt PHYS(boot_gdt_pointer)
	ljmp $SELECTOR_CODE, $3f
2:	hlt
	jmp 2b

3:	mov $SELECTOR_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov $boot_stack_top, %esp
	xor %ebp, %ebp
	push %ebx
	call multiboot_boot_info
	mov %eax, %ebx
	jmp kernel_entry
	.size multiboot_entry, . - multiboot_entry

	.section .rodata
	.balign 8
boot_gdt:
	.quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
boot_gdt_pointer:
	.word . - boot_gdt - 1
	.long PHYS(boot_gdt)

	.bss
	.balign PAGE_SIZE
boot_directory:
	.skip PAGE_SIZE

/* struct stack cpu_stacks[CPU_STACKS]: a guard page below each stack; the first is the one we boot on. */
	.section .stacks, "aw", @nobits
	.globl cpu_stacks
	.balign PAGE_SIZE
cpu_stacks:
	.skip PAGE_SIZE + STACK_SIZE
boot_stack_top:
	.skip (CPU_STACKS - 1) * (PAGE_SIZE + STACK_SIZE)

	.section .note.GNU-stack, "", @progbits
