/* SPDX-License-Identifier: MIT */
/*
 * cpu_state.h: one virtual CPU at one moment, as plain data: what the autopsy explains, what a core
 * file holds, what tests write down by hand. No KVM types.
 */
#ifndef AUTOPSY_CPU_STATE_H
#define AUTOPSY_CPU_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "x86.h"

/* A segment register with its hidden part: SDM vol. 3, 3.4.3 "Segment Registers". */
struct cpu_segment {
	uint64_t base;
	uint32_t limit; /* in bytes, granularity already applied */
	uint16_t selector;
	uint8_t type; /* SDM vol. 3, table 3-1 (s = 1) or 3-2 (s = 0) */
	bool s, present, avl, l, db, g;
	uint8_t dpl;
	bool unusable;
};

struct cpu_table {
	uint64_t base;
	uint16_t limit;
};

/* Events of KVM_GET_VCPU_EVENTS (Documentation/virt/kvm/api.rst, 4.31). */
struct cpu_events {
	bool exception_injected, exception_pending, exception_has_error;
	uint8_t exception_vector;
	uint32_t exception_error;
	bool interrupt_injected, interrupt_soft, interrupt_shadow;
	uint8_t interrupt_vector;
	bool nmi_injected, nmi_pending, nmi_masked;
	bool triple_fault_pending;
};

/* What the guest's CPUID says; the page walk and the reserved-bit rules need it. */
struct cpu_facts {
	uint8_t maxphyaddr; /* CPUID 80000008H:EAX[7:0], 36 when that leaf is missing */
	bool gib_pages;     /* PDPE1GB */
	bool nx, pse, pse36, pae, long_mode, la57, smep, smap, umip, pcid;
	bool fxsr, sse, sse2, sse3, ssse3, sse41, sse42, avx, xsave, fsgsbase;
	bool amd;              /* vendor: AuthenticAMD or HygonGenuine */
	uint32_t signature;    /* CPUID 1:EAX: RDX after INIT */
	uint64_t cr4_reserved; /* CR4 bits that raise #GP when set */
};

enum cpu_run_state { CPU_RUNNABLE, CPU_HALTED, CPU_WAIT_FOR_INIT, CPU_WAIT_FOR_SIPI };

struct cpu_state {
	unsigned index;
	uint64_t gpr[GPR_COUNT];
	uint64_t rip, rflags;
	struct cpu_segment seg[SEG_COUNT], tr, ldtr;
	struct cpu_table gdtr, idtr;
	uint64_t cr0, cr2, cr3, cr4, cr8, efer;
	uint64_t dr[8]; /* 4 and 5 unused */
	uint64_t apic_base, star, lstar, cstar, sfmask, kernel_gs_base, pat;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
	uint64_t tsc;
	struct cpu_events events;
	struct cpu_facts facts;
	enum cpu_run_state run_state;
};

/* CPL as the CPU keeps it: SS.DPL; 0 in real mode, 3 in virtual-8086 mode (SDM vol. 3, 5.5
 * "Privilege Levels"). */
static inline unsigned cpu_cpl(const struct cpu_state *cpu)
{
	if (!(cpu->cr0 & CR0_PE))
		return 0;
	if (cpu->rflags & RFLAGS_VM)
		return 3;
	return cpu->seg[SEG_SS].dpl & 3;
}

static inline bool cpu_long_mode(const struct cpu_state *cpu)
{
	return (cpu->efer & EFER_LMA) != 0;
}

/* Width of code at CS:RIP in bits: 64, 32 or 16. */
static inline unsigned cpu_code_bits(const struct cpu_state *cpu)
{
	const struct cpu_segment *cs = &cpu->seg[SEG_CS];

	if (cpu_long_mode(cpu) && cs->l)
		return 64;
	return cs->db ? 32 : 16;
}

/* Linear address of the instruction at CS:RIP. */
static inline uint64_t cpu_code_address(const struct cpu_state *cpu)
{
	if (cpu_code_bits(cpu) == 64)
		return cpu->rip;
	return (uint32_t)(cpu->seg[SEG_CS].base + (uint32_t)cpu->rip);
}

#endif
