/* SPDX-License-Identifier: MIT */
/*
 * entry.S: the first bytes of the kernel: vmm's flat header, the Multiboot 1 header, and the two ways in. vmm enters at
 * kernel_entry in 64-bit mode (docs/boot-protocol.md, long64); a Multiboot loader at multiboot_entry in 32-bit mode
 * (Multiboot specification 0.6.96, 3.2 "Machine state").
 */
#include "guest_abi.h"
#include "layout.h"
#include "multiboot_info.h"
#include "x86.h"

#define PHYS(symbol) ((symbol) - KERNEL_BASE)

/* Modules on page boundaries, memory information, and addresses in the header instead of an ELF32 header. */
#define MULTIBOOT_FLAGS 0x00010003

#define BOOT_PAGE_DIRECTORIES 4 /* the first 4 GiB */

	.section .head, "ax"
	.long VMM_FLAT_MAGIC_0, VMM_FLAT_MAGIC_1
	.long VMM_MODE_LONG64, VMM_IRQCHIP_SPLIT
	.quad KERNEL_LOAD
	.quad kernel_entry
	.quad kernel_start
	.quad kernel_size
	.quad 0, 0

	.balign 4
multiboot_header:
	.long MULTIBOOT_HEADER_MAGIC, MULTIBOOT_FLAGS
	.long -(MULTIBOOT_HEADER_MAGIC + MULTIBOOT_FLAGS)
	.long PHYS(multiboot_header), PHYS(kernel_start), PHYS(data_end), PHYS(kernel_end)
	.long PHYS(multiboot_entry)

/* vmm: RDI = boot information, RAM mapped at its own address, the image here. */
	.globl kernel_entry
	.type kernel_entry, @function
kernel_entry:
	cld
	rdtsc
	shl $32, %rdx
	lea (%rax,%rdx), %rsi
	mov $boot_stack_top, %rsp
	xor %ebp, %ebp
	call kernel_main
	ud2
	.size kernel_entry, . - kernel_entry

/* Multiboot: EAX = magic, EBX = its information; paging off. Makes the mappings that vmm would have made. */
	.code32
	.globl multiboot_entry
	.type multiboot_entry, @function
multiboot_entry:
	cld
	cmp $MULTIBOOT_LOADER_MAGIC, %eax
	jne 3f

	mov $PHYS(boot_directories), %edi
	mov $(PTE_P | PTE_W | PTE_PS), %eax
1:	mov %eax, (%edi)
	add $8, %edi
	add $LARGE_PAGE_SIZE, %eax
	jnc 1b

	mov $PHYS(boot_pdpt), %edi
	mov $PHYS(boot_directories) + (PTE_P | PTE_W), %eax
	mov %eax, 510 * 8(%edi)
	mov $BOOT_PAGE_DIRECTORIES, %ecx
2:	mov %eax, (%edi)
	add $8, %edi
	add $PAGE_SIZE, %eax
	loop 2b

	mov $PHYS(boot_pdpt) + (PTE_P | PTE_W), %eax
	mov %eax, PHYS(boot_pml4)
	mov %eax, PHYS(boot_pml4) + 511 * 8

	/* SDM vol. 3, 9.8.5 "Initializing IA-32e Mode". */
	mov $CR4_PAE, %eax
	mov %eax, %cr4
	mov $PHYS(boot_pml4), %eax
	mov %eax, %cr3
	mov $MSR_EFER, %ecx
	rdmsr
	or $EFER_LME, %eax
	wrmsr
	mov $(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG), %eax
	mov %eax, %cr0
	lgdt PHYS(boot_gdt_pointer)
	ljmp $SELECTOR_CODE, $PHYS(4f)
3:	hlt
	jmp 3b

	.code64
4:	mov $5f, %rax
	jmp *%rax
5:	mov $SELECTOR_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov $boot_stack_top, %rsp
	xor %ebp, %ebp
	mov %ebx, %edi
	call multiboot_boot_info
	mov %rax, %rdi
	jmp kernel_entry
	.size multiboot_entry, . - multiboot_entry

	.section .rodata
	.balign 8
boot_gdt:
	.quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff
boot_gdt_pointer:
	.word . - boot_gdt - 1
	.quad PHYS(boot_gdt)

	.bss
	.balign PAGE_SIZE
boot_pml4:
	.skip PAGE_SIZE
boot_pdpt:
	.skip PAGE_SIZE
boot_directories:
	.skip BOOT_PAGE_DIRECTORIES * PAGE_SIZE

/* struct stack cpu_stacks[CPU_STACKS]: a guard page below each stack; the first is the one we boot on. */
	.section .stacks, "aw", @nobits
	.globl cpu_stacks
	.balign PAGE_SIZE
cpu_stacks:
	.skip PAGE_SIZE + STACK_SIZE
boot_stack_top:
	.skip (CPU_STACKS - 1) * (PAGE_SIZE + STACK_SIZE)

	.section .note.GNU-stack, "", @progbits
