/* SPDX-License-Identifier: MIT */
/*
 * cpu.c: this CPU's descriptor tables and control registers. SDM vol. 3, chapters 2 "System
 * Architecture Overview", 3 "Protected-Mode Memory Management", 6 "Interrupt and Exception
 * Handling", 7 "Task Management".
 */
#include <stddef.h>

#include "arch.h"
#include "cpu_tables.h"
#include "image.h"
#include "memory.h"
#include "trap.h"

#define CPUID_1_EDX_PGE  (1u << 13)
#define CPUID_1_EDX_FXSR (1u << 24)
#define CPUID_1_EDX_SSE  (1u << 25)
#define CPUID_7_EBX_SMEP (1u << 7)
#define CPUID_7_EBX_SMAP (1u << 20)

#define USER_RIGHTS 0x60 /* DPL 3 in a gate's type */

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t zero;
	uint8_t type;
	uint16_t offset_high;
};

struct table_pointer {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

struct tss cpu_tss = {.ss0 = SELECTOR_DATA, .io_map = sizeof(struct tss)};

/* A full stack leaves no room for any frame: a double fault comes in a task of its own, which the
 * CPU enters with all registers from here. */
static struct tss double_fault_tss = {
	.eip = (uintptr_t)double_fault_task,
	.eflags = RFLAGS_FIXED,
	.esp = (uintptr_t)(cpu_stacks + STACK_DOUBLE_FAULT + 1),
	.cs = SELECTOR_CODE,
	.ss = SELECTOR_DATA,
	.ds = SELECTOR_DATA,
	.es = SELECTOR_DATA,
	.io_map = sizeof(struct tss),
};

/* Code and data segments: SDM vol. 3, 3.4.5 "Segment Descriptors", accessed already; TSSs come at
 * run time. */
static uint64_t gdt[GDT_ENTRIES] = {
	[SELECTOR_CODE / 8] = 0x00cf9b000000ffff,
	[SELECTOR_DATA / 8] = 0x00cf93000000ffff,
	[SELECTOR_USER_DATA / 8] = 0x00cff3000000ffff,
	[SELECTOR_USER_CODE / 8] = 0x00cffb000000ffff,
};

static struct gate idt[VECTOR_INT80 + 1];

bool cpu_has_smap;

static uint64_t tss_descriptor(const struct tss *tss)
{
	uint64_t base = (uintptr_t)tss;

	return (sizeof(*tss) - 1) | (base & 0xffffff) << 16 | (0x80ull | DESC_TSS_AVAIL) << 40 |
	       (base >> 24) << 56;
}

static void load_gdt(void)
{
	const struct table_pointer pointer = {sizeof(gdt) - 1, (uintptr_t)gdt};

	gdt[SELECTOR_TSS / 8] = tss_descriptor(&cpu_tss);
	gdt[SELECTOR_DOUBLE_FAULT_TSS / 8] = tss_descriptor(&double_fault_tss);
	asm volatile(
		"lgdt %0\n"
		"	ljmp %1, $1f\n"
		"1:	mov %2, %%ds\n"
		"	mov %2, %%es\n"
		"	mov %2, %%ss\n"
		"	mov %3, %%fs\n"
		"	mov %3, %%gs\n"
		"	ltr %w4"
		:
		: "m"(pointer), "i"(SELECTOR_CODE), "r"(SELECTOR_DATA), "r"(0), "r"(SELECTOR_TSS)
		: "memory");
}

static struct gate interrupt_gate(uintptr_t handler)
{
	return (struct gate){
		.offset_low = (uint16_t)handler,
		.selector = SELECTOR_CODE,
		.type = 0x80 | DESC_INT,
		.offset_high = (uint16_t)(handler >> 16),
	};
}

static void load_idt(void)
{
	const struct table_pointer pointer = {sizeof(idt) - 1, (uintptr_t)idt};

	for (unsigned i = 0; i < VECTORS; i++)
		idt[i] = interrupt_gate((uintptr_t)trap_stubs + i * TRAP_STUB_SIZE);
	idt[VEC_DF] = (struct gate){
		.selector = SELECTOR_DOUBLE_FAULT_TSS,
		.type = 0x80 | DESC_TASK_GATE,
	};
	idt[VEC_BP].type |= USER_RIGHTS; /* int3 and into are for programs */
	idt[VEC_OF].type |= USER_RIGHTS;
	idt[VECTOR_INT80] = interrupt_gate((uintptr_t)syscall_entry);
	idt[VECTOR_INT80].type |= USER_RIGHTS;
	asm volatile("lidt %0" : : "m"(pointer));
}

static uintptr_t wanted_cr4(void)
{
	uintptr_t cr4 = cr4_read();
	uint32_t features = cpuid_read(1, 0).edx;

	if (features & CPUID_1_EDX_FXSR)
		cr4 |= CR4_OSFXSR;
	if (features & CPUID_1_EDX_SSE)
		cr4 |= CR4_OSXMMEXCPT;
	if (features & CPUID_1_EDX_PGE)
		cr4 |= CR4_PGE;
	if (cpuid_read(0, 0).eax < 7)
		return cr4;
	features = cpuid_read(7, 0).ebx;
	if (features & CPUID_7_EBX_SMEP)
		cr4 |= CR4_SMEP;
	cpu_has_smap = features & CPUID_7_EBX_SMAP;
	if (cpu_has_smap)
		cr4 |= CR4_SMAP;
	return cr4;
}

/* A hypervisor brings memory when it is touched. Where that is in the middle of a task switch,
 * QEMU's SVM delivers the fault that led to the double fault once more: the stack is touched
 * before. */
static void prepare_double_fault(void)
{
	volatile uint8_t *top = cpu_stacks[STACK_DOUBLE_FAULT].memory + STACK_SIZE - 1;

	*top = 0;
	double_fault_tss.cr3 = cr3_read();
}

void cpu_init(void)
{
	prepare_double_fault();
	load_gdt();
	load_idt();
	cr0_write((cr0_read() | CR0_WP | CR0_NE | CR0_MP) & ~(uintptr_t)(CR0_AM | CR0_EM | CR0_TS));
	cr4_write(wanted_cr4());
}

void cpu_set_stack(uintptr_t top)
{
	cpu_tss.esp0 = top;
}

void cpu_set_tls(const struct cpu_tls *tls)
{
	for (unsigned i = 0; i < TLS_DESCRIPTORS; i++)
		gdt[SELECTOR_TLS / 8 + i] = tls->descriptor[i];
}

void space_switch(const struct space *space)
{
	double_fault_tss.cr3 = (uint32_t)space->root;
	cr3_write((uintptr_t)space->root);
}

void tlb_flush_page(const struct space *space, uint64_t virt)
{
	if (virt >= USER_LIMIT || cr3_read() == space->root)
		asm volatile("invlpg (%0)" : : "r"((uintptr_t)virt) : "memory");
}
