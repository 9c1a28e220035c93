/* SPDX-License-Identifier: MIT */
/*
 * cpu.c: this CPU's descriptor tables and control registers. SDM vol. 3, chapters 2 "System
 * Architecture Overview", 3 "Protected-Mode Memory Management", 6.14 "Exception and Interrupt
 * Handling in 64-bit Mode", 7.7 "Task Management in 64-bit Mode".
 */
#include <stddef.h>

#include "arch.h"
#include "image.h"
#include "memory.h"
#include "trap.h"
#include "wide.h"

#define CPUID_1_EDX_PGE  (1u << 13)
#define CPUID_7_EBX_SMEP (1u << 7)
#define CPUID_7_EBX_SMAP (1u << 20)

#define USER_RIGHTS 0x60 /* DPL 3 in a gate's type */

/* 64-bit TSS: SDM vol. 3, figure 8-11. */
struct tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_map;
} __attribute__((packed));

extern struct tss cpu_tss;
_Static_assert(offsetof(struct tss, rsp) == TSS_RSP0, "trap_entry.S knows it");

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist;
	uint8_t type;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

struct tss cpu_tss = {
	.ist = {[IST_DOUBLE_FAULT - 1] = (uintptr_t)(cpu_stacks + STACK_DOUBLE_FAULT + 1),
		[IST_NMI - 1] = (uintptr_t)(cpu_stacks + STACK_NMI + 1),
		[IST_MACHINE_CHECK - 1] = (uintptr_t)(cpu_stacks + STACK_MACHINE_CHECK + 1)},
	.io_map = sizeof(struct tss),
};

/* Code and data segments: SDM vol. 3, 3.4.5 "Segment Descriptors", accessed already; the TSS's
 * comes at run time. */
static uint64_t gdt[] = {
	[SELECTOR_CODE / 8] = 0x00af9b000000ffff,
	[SELECTOR_DATA / 8] = 0x00cf93000000ffff,
	[SELECTOR_USER_DATA / 8] = 0x00cff3000000ffff,
	[SELECTOR_USER_CODE / 8] = 0x00affb000000ffff,
	[SELECTOR_TSS / 8] = 0,
	[SELECTOR_TSS / 8 + 1] = 0,
};

static struct gate idt[VECTORS];

bool cpu_has_smap;

static void load_gdt(void)
{
	const struct table_pointer pointer = {sizeof(gdt) - 1, (uintptr_t)gdt};
	uint64_t base = (uintptr_t)&cpu_tss;

	gdt[SELECTOR_TSS / 8] = (sizeof(cpu_tss) - 1) | (base & 0xffffff) << 16 |
	                        (0x80ull | DESC_TSS_AVAIL) << 40 | (base >> 24 & 0xff) << 56;
	gdt[SELECTOR_TSS / 8 + 1] = base >> 32;
	asm volatile(
		"lgdt %0\n"
		"	push %1\n"
		"	lea 1f(%%rip), %%rax\n"
		"	push %%rax\n"
		"	lretq\n"
		"1:	mov %2, %%ds\n"
		"	mov %2, %%es\n"
		"	mov %2, %%ss\n"
		"	mov %3, %%fs\n"
		"	mov %3, %%gs\n"
		"	ltr %w4"
		:
		: "m"(pointer), "i"(SELECTOR_CODE), "r"(SELECTOR_DATA), "r"(0), "r"(SELECTOR_TSS)
		: "rax", "memory");
}

static void set_gate(struct gate *gate, uintptr_t to)
{
	gate->offset_low = (uint16_t)to;
	gate->selector = SELECTOR_CODE;
	gate->type = 0x80 | DESC_INT;
	gate->offset_middle = (uint16_t)(to >> 16);
	gate->offset_high = (uint32_t)(to >> 32);
}

static void load_idt(void)
{
	const struct table_pointer pointer = {sizeof(idt) - 1, (uintptr_t)idt};
	uintptr_t stub = (uintptr_t)trap_stubs;

	for (struct gate *gate = idt; gate < idt + VECTORS; gate++, stub += TRAP_STUB_SIZE)
		set_gate(gate, stub);
	set_gate(&idt[VEC_BP], (uintptr_t)wide_breakpoint);
	idt[VEC_BP].type |= USER_RIGHTS; /* int3 is for programs */
	idt[VEC_DF].ist = IST_DOUBLE_FAULT;
	idt[VEC_NMI].ist = IST_NMI;
	idt[VEC_MC].ist = IST_MACHINE_CHECK;
	asm volatile("lidt %0" : : "m"(pointer));
}

/* SDM vol. 3, 5.8.8 "Fast System Calls in 64-Bit Mode". SYSCALL loads CS and the selector behind
 * it, SYSRET the two and the one before. Interrupts stay off in the kernel; traces, alignment
 * checks and directions are its own. */
static void init_syscall(void)
{
	uint64_t kernel = SELECTOR_CODE, user = (SELECTOR_USER_DATA - 8) & ~3;

	msr_write(MSR_STAR, kernel << 32 | user << 48);
	msr_write(MSR_LSTAR, (uintptr_t)syscall_entry);
	msr_write(MSR_SFMASK, RFLAGS_IF | RFLAGS_TF | RFLAGS_DF | RFLAGS_AC | RFLAGS_NT);
}

void cpu_init(void)
{
	uint64_t cr4 = cr4_read();

	load_gdt();
	load_idt();
	cr0_write((cr0_read() | CR0_WP | CR0_NE | CR0_MP) & ~(uintptr_t)(CR0_AM | CR0_EM | CR0_TS));
	msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_NXE | EFER_SCE);
	init_syscall();
	cr4 |= CR4_OSFXSR | CR4_OSXMMEXCPT;
	if (cpuid_read(1, 0).edx & CPUID_1_EDX_PGE)
		cr4 |= CR4_PGE;
	if (cpuid_read(0, 0).eax >= 7) {
		uint32_t features = cpuid_read(7, 0).ebx;

		if (features & CPUID_7_EBX_SMEP)
			cr4 |= CR4_SMEP;
		cpu_has_smap = features & CPUID_7_EBX_SMAP;
		if (cpu_has_smap)
			cr4 |= CR4_SMAP;
	}
	cr4_write(cr4);
}

void cpu_set_stack(uintptr_t top)
{
	cpu_tss.rsp[0] = top;
}

void space_switch(const struct space *space)
{
	cr3_write(space->root);
}

void tlb_flush_page(const struct space *space, uint64_t virt)
{
	if (virt >= USER_LIMIT || (cr3_read() & PTE_ADDR) == space->root)
		asm volatile("invlpg (%0)" : : "r"(virt) : "memory");
}
