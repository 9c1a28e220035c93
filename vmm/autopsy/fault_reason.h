/* SPDX-License-Identifier: MIT */
/*
 * fault_reason.h: why the instruction at CS:RIP raises an exception: all the checks that the CPU
 * makes for it, in the CPU's order, each with what it found. Used forwards (which exception comes?)
 * and backwards (why this one?). What is not certain is marked so, what is not known is
 * FAULT_UNKNOWN.
 */
#ifndef AUTOPSY_FAULT_REASON_H
#define AUTOPSY_FAULT_REASON_H

#include "desc.h"
#include "insn.h"
#include "walk.h"

enum fault_why {
	FAULT_UNKNOWN,
	/* Fetching and decoding. */
	FAULT_FETCH_PAGE,
	FAULT_FETCH_NON_CANONICAL,
	FAULT_FETCH_LIMIT,
	FAULT_TOO_LONG,
	FAULT_INVALID_OPCODE,
	FAULT_NOT_IN_64BIT_MODE,
	FAULT_NOT_IN_REAL_MODE,
	FAULT_BAD_LOCK,
	FAULT_UD_INSN,
	/* Switched off or not there: #UD and #NM. */
	FAULT_SSE_NO_OSFXSR,
	FAULT_UNIT_EMULATED, /* CR0.EM */
	FAULT_UNIT_SWITCHED, /* CR0.TS */
	FAULT_NO_OSXSAVE,
	FAULT_NOT_IN_CPUID,
	FAULT_SYSCALL_OFF, /* EFER.SCE */
	FAULT_FSGSBASE_OFF,
	FAULT_WRONG_PLACE, /* only in another mode, CPL or unit: rsm, stac at CPL 3, VMX without
	                      VMXE */
	/* Rights. */
	FAULT_PRIVILEGED,
	FAULT_IOPL,
	FAULT_IO_BITMAP,
	FAULT_UMIP,
	FAULT_COUNTER_OFF, /* CR4.TSD, CR4.PCE */
	/* Values for control registers and MSRs. */
	FAULT_CONTROL_RESERVED, /* reserved bits */
	FAULT_CONTROL_COMBINATION,
	FAULT_PG_WITHOUT_PAE, /* long mode */
	FAULT_PDPTE_RESERVED,
	FAULT_TABLE_NON_CANONICAL, /* lgdt, lidt */
	FAULT_MSR_NON_CANONICAL,
	FAULT_MSR_RESERVED,
	FAULT_MSR_UNKNOWN,
	/* Selectors. */
	FAULT_SELECTOR_NULL,
	FAULT_SELECTOR_LIMIT,
	FAULT_SELECTOR_TYPE,
	FAULT_SELECTOR_PRIVILEGE,
	FAULT_SELECTOR_NOT_PRESENT,
	FAULT_DESCRIPTOR_PAGE, /* the descriptor table cannot be read */
	FAULT_IRET_NESTED,     /* RFLAGS.NT in long mode */
	FAULT_GATE,            /* int n: the IDT entry */
	/* Operands. */
	FAULT_OPERAND_PAGE,
	FAULT_OPERAND_NON_CANONICAL,
	FAULT_OPERAND_MISALIGNED,
	FAULT_OPERAND_LIMIT,
	FAULT_OPERAND_SEGMENT, /* null, or of a type that forbids the access */
	FAULT_ALIGNMENT_CHECK,
	FAULT_TARGET_NON_CANONICAL,
	FAULT_TARGET_LIMIT,
	FAULT_PAGE_CHANGED, /* the operand is at CR2, but the page tables allow the access now */
	/* Arithmetic and traps. */
	FAULT_DIVIDE_BY_ZERO,
	FAULT_DIVIDE_OVERFLOW,
	FAULT_BOUND,
	FAULT_OVERFLOW_TRAP,
	FAULT_BREAKPOINT_INSN,
	FAULT_DEBUG,
	FAULT_FLOATING_POINT,
	FAULT_WHY_COUNT
};

#define FAULT_TEXT_MAX 320
#define FAULT_NO_MEM   (-1)

struct fault_reason {
	enum fault_why why;
	uint8_t vector;
	bool has_error;
	uint32_t error;
	bool certain;
	int operand; /* index in insn.mem[], or FAULT_NO_MEM */
	bool has_address, has_walk, has_selector, has_descriptor;
	uint64_t address; /* linear; for #PF what CR2 becomes */
	int8_t reg;       /* the register with the bad value (enum x86_gpr), or INSN_NO_REG */
	uint16_t selector;
	enum x86_segment segment; /* where the selector or the limit belongs */
	struct walk walk;
	struct desc descriptor;
	uint64_t bits;             /* the offending bits of a register value */
	const char *bit;           /* "CR4.OSFXSR" or NULL; static */
	char text[FAULT_TEXT_MAX]; /* one sentence */
};

#define FAULT_REASONS_MAX 8

struct fault_analysis {
	enum insn_status decoded; /* insn is valid when INSN_OK */
	struct insn insn;
	struct fault_reason reasons[FAULT_REASONS_MAX]; /* in the order in which the CPU checks */
	unsigned count;
	bool complete; /* every check of this instruction is modelled: with no reasons, it does not
	                  fault */
};

/* Makes all checks for the instruction at CS:RIP. Never fails. */
void fault_predict(
	const struct phys_mem *mem, const struct cpu_state *cpu, struct fault_analysis *out);

/*
 * Why the instruction at CS:RIP raised this exception. For #PF, cpu->cr2 must be its address.
 * FAULT_UNKNOWN, with a text that says what does not fit, when nothing in the state explains it.
 */
struct fault_reason fault_explain(const struct phys_mem *mem, const struct cpu_state *cpu,
	uint8_t vector, bool has_error, uint32_t error);

/* The same from an analysis made before with the same cpu. */
struct fault_reason fault_pick(const struct fault_analysis *analysis, const struct cpu_state *cpu,
	uint8_t vector, bool has_error, uint32_t error);

/* The first exception that is certain to come, of those in the analysis; NULL when none is.
 * Uncertain ones may come before it. */
const struct fault_reason *fault_expected(const struct fault_analysis *analysis);

/* "operand_page", for tools; static. */
const char *fault_why_name(enum fault_why why);

#endif
