/* SPDX-License-Identifier: MIT */
/*
 * lapic.c: the local APIC. SDM vol. 3, chapter 10 "Advanced Programmable Interrupt Controller
 * (APIC)". The timer runs in TSC-deadline mode where the CPU has it, else as a one-shot counter
 * whose rate is measured against the TSC.
 */
#include "lapic.h"

#include "arch.h"
#include "memory.h"
#include "panic.h"
#include "time.h"

#define CPUID_1_ECX_X2APIC       (1u << 21)
#define CPUID_1_ECX_TSC_DEADLINE (1u << 24)

#define APIC_BASE_X2APIC (1u << 10)
#define APIC_BASE_ENABLE (1u << 11)
#define MSR_TSC_DEADLINE 0x6e0
#define MSR_X2APIC       0x800 /* + register offset / 16 */

/* Register offsets: SDM vol. 3, table 10-1. */
#define REG_TPR           0x080
#define REG_EOI           0x0b0
#define REG_SPURIOUS      0x0f0
#define REG_LVT_TIMER     0x320
#define REG_LVT_LINT0     0x350
#define REG_INITIAL_COUNT 0x380
#define REG_CURRENT_COUNT 0x390
#define REG_DIVIDE        0x3e0

#define SPURIOUS_ENABLE  0x100
#define LVT_MASKED       0x10000
#define LVT_EXTINT       0x700
#define LVT_TSC_DEADLINE 0x40000
#define DIVIDE_BY_1      0x0b

static volatile uint32_t *registers; /* NULL: x2APIC */
static bool deadline;
static uint64_t count_hz; /* of the counter, without deadline mode */

static uint32_t reg_read(unsigned reg)
{
	if (registers)
		return registers[reg / sizeof(*registers)];
	return (uint32_t)msr_read(MSR_X2APIC + reg / 16);
}

static void reg_write(unsigned reg, uint32_t value)
{
	if (registers)
		registers[reg / sizeof(*registers)] = value;
	else
		msr_write(MSR_X2APIC + reg / 16, value);
}

static void enable(uint32_t features)
{
	uint64_t base = msr_read(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	if (features & CPUID_1_ECX_X2APIC) {
		msr_write(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
		return;
	}
	msr_write(MSR_APIC_BASE, base);
	if (space_map(&kernel_space, DEVICES, base & PTE_ADDR, PAGE_SIZE, MAP_WRITE | MAP_UNCACHED))
		panic("the local APIC cannot be mapped");
	registers = (void *)(uintptr_t)DEVICES;
}

/* Lets the counter run for 100 us. */
static uint64_t measure_count_hz(void)
{
	uint64_t start = time_ns();

	reg_write(REG_INITIAL_COUNT, UINT32_MAX);
	while (time_ns() - start < 100000)
		;
	return (uint64_t)(UINT32_MAX - reg_read(REG_CURRENT_COUNT)) * 10000;
}

void lapic_init(void)
{
	uint32_t features = cpuid_read(1, 0).ecx;

	enable(features);
	/* The order of two writes to memory and an MSR would need fences: SDM vol. 3, 10.5.4.1
	 * "TSC-Deadline Mode". */
	deadline = !registers && (features & CPUID_1_ECX_TSC_DEADLINE);
	reg_write(REG_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
	reg_write(REG_TPR, 0);
	reg_write(REG_LVT_LINT0, LVT_MASKED);
	if (deadline) {
		reg_write(REG_LVT_TIMER, LVT_TSC_DEADLINE | VECTOR_TIMER);
		return;
	}
	reg_write(REG_DIVIDE, DIVIDE_BY_1);
	reg_write(REG_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	count_hz = measure_count_hz();
	reg_write(REG_INITIAL_COUNT, 0);
	reg_write(REG_LVT_TIMER, VECTOR_TIMER);
}

void lapic_accept_pic(void)
{
	reg_write(REG_LVT_LINT0, LVT_EXTINT);
}

void lapic_acknowledge(void)
{
	reg_write(REG_EOI, 0);
}

void lapic_timer_arm(uint64_t ns)
{
	uint64_t count;

	if (deadline) {
		msr_write(MSR_TSC_DEADLINE, tsc_read() + time_cycles(ns));
		return;
	}
	count = ns * (count_hz / 1000) / 1000000;
	reg_write(REG_INITIAL_COUNT, count == 0           ? 1
				     : count > UINT32_MAX ? UINT32_MAX
							  : (uint32_t)count);
}

void lapic_timer_stop(void)
{
	if (deadline)
		msr_write(MSR_TSC_DEADLINE, 0);
	else
		reg_write(REG_INITIAL_COUNT, 0);
}
