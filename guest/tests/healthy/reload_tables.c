/* SPDX-License-Identifier: MIT */
/*
 * reload_tables.c: loads GDT, IDT, CR3 and segment registers 500 times, switching between two
 * copies of each, with a handled exception in between: tables move, nothing is wrong.
 */
#include "runtime.h"

#include "../guest_test.h"

#define ROUNDS 500

static uint8_t other_idt[4096] __attribute__((aligned(4096)));
static uint8_t other_gdt[64] __attribute__((aligned(64)));
static uint64_t other_pml4[512] __attribute__((aligned(4096)));
static volatile word faults;

struct table_register {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

void trap(struct frame *frame)
{
	faults += frame->vector == VEC_UD;
	frame->ip += 2;
}

static void load(const void *new_gdt, const void *new_idt, const void *new_pml4)
{
	struct table_register gdtr = {55, (word)new_gdt}, idtr = {4095, (word)new_idt};

	asm volatile("lgdt %0; lidt %1; mov %2, %%cr3; mov %3, %%ds; mov %3, %%es; mov %3, %%ss"
		     :
		     : "m"(gdtr), "m"(idtr), "r"(new_pml4), "r"(0x10)
		     : "memory");
}

void test_main(void)
{
	for (int i = 0; i < 4096; i++)
		other_idt[i] = idt[i];
	for (int i = 0; i < 56; i++)
		other_gdt[i] = gdt[i];
	other_pml4[0] = pml4[0];
	for (int round = 0; round < ROUNDS; round++) {
		load(other_gdt, other_idt, other_pml4);
		asm volatile("ud2");
		load(gdt, idt, pml4);
		asm volatile("ud2");
	}
	expect_equal(2 * ROUNDS, faults);
	test_end();
}
