/* SPDX-License-Identifier: MIT */
/*
 * x86_cpu.h: instructions that C has no words for and that are the same in 32 and in 64 bits.
 */
#ifndef X86_CPU_H
#define X86_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "x86.h"

/* Set by cpu_init(). */
extern bool cpu_has_smap;

static inline void io_out8(uint16_t port, uint8_t value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void io_out16(uint16_t port, uint16_t value)
{
	asm volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

/* Memory that the value points to may be read by whoever answers. */
static inline void io_out32(uint16_t port, uint32_t value)
{
	asm volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline uint8_t io_in8(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint64_t msr_read(uint32_t msr)
{
	uint32_t low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void msr_write(uint32_t msr, uint64_t value)
{
	asm volatile("wrmsr"
		     :
		     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
		     : "memory");
}

static inline uint64_t tsc_read(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid_read(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid id;

	asm volatile("cpuid"
		     : "=a"(id.eax), "=b"(id.ebx), "=c"(id.ecx), "=d"(id.edx)
		     : "a"(leaf), "c"(subleaf));
	return id;
}

static inline uintptr_t cr0_read(void)
{
	uintptr_t value;

	asm volatile("mov %%cr0, %0" : "=r"(value));
	return value;
}

static inline void cr0_write(uintptr_t value)
{
	asm volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}

static inline uintptr_t cr2_read(void)
{
	uintptr_t value;

	asm volatile("mov %%cr2, %0" : "=r"(value));
	return value;
}

static inline uintptr_t cr3_read(void)
{
	uintptr_t value;

	asm volatile("mov %%cr3, %0" : "=r"(value));
	return value;
}

static inline void cr3_write(uintptr_t value)
{
	asm volatile("mov %0, %%cr3" : : "r"(value) : "memory");
}

static inline uintptr_t cr4_read(void)
{
	uintptr_t value;

	asm volatile("mov %%cr4, %0" : "=r"(value));
	return value;
}

static inline void cr4_write(uintptr_t value)
{
	asm volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

static inline uintptr_t flags_read(void)
{
	uintptr_t value;

	asm volatile("pushf; pop %0" : "=r"(value) : : "memory");
	return value;
}

static inline void flags_write(uintptr_t value)
{
	asm volatile("push %0; popf" : : "r"(value) : "memory", "cc");
}

/* Between the two, the kernel may touch the memory of programs (SDM vol. 3, 4.6 "Access Rights").
 * STAC and CLAC would do it, but not every emulator of CPL 0 knows them. */
static inline void user_access_begin(void)
{
	if (cpu_has_smap)
		flags_write(flags_read() | RFLAGS_AC);
}

static inline void user_access_end(void)
{
	if (cpu_has_smap)
		flags_write(flags_read() & ~(uintptr_t)RFLAGS_AC);
}

static inline void interrupts_enable(void)
{
	asm volatile("sti" : : : "memory");
}

static inline void interrupts_disable(void)
{
	asm volatile("cli" : : : "memory");
}

/* Waits for the next interrupt with interrupts on; none is lost between the two instructions (SDM
 * vol. 2, STI). */
static inline void cpu_wait(void)
{
	asm volatile("sti; hlt" : : : "memory");
}

static inline void __attribute__((noreturn)) cpu_stop(void)
{
	for (;;)
		asm volatile("cli; hlt" : : : "memory");
}

#endif
