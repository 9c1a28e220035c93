/* SPDX-License-Identifier: MIT */
/*
 * desc.h: selectors, the segment and system descriptors that they name, and gates of the interrupt
 * descriptor table.
 */
#ifndef AUTOPSY_DESC_H
#define AUTOPSY_DESC_H

#include "linear.h"

/* Selectors: SDM vol. 3, 3.4.2 "Segment Selectors". */
static inline unsigned selector_index(uint16_t selector)
{
	return selector >> 3;
}

static inline bool selector_is_ldt(uint16_t selector)
{
	return selector & 4;
}

static inline unsigned selector_rpl(uint16_t selector)
{
	return selector & 3;
}

static inline bool selector_is_null(uint16_t selector)
{
	return (selector & 0xfffc) == 0;
}

/* SDM vol. 3, 3.4.5 "Segment Descriptors", and 8.2.3 "TSS Descriptor in 64-bit Mode" for the wide
 * form. */
struct desc {
	uint64_t low, high; /* as in memory; high only when wide */
	bool wide;          /* 16 bytes: a system descriptor in long mode */
	uint64_t base;
	uint32_t limit; /* in bytes, granularity applied */
	uint8_t type, dpl;
	bool s, present, avl, l, db, g;
};

/* Decodes 8 bytes, or 16 when wide. */
struct desc desc_decode(uint64_t low, uint64_t high, bool wide);

/* True for code; for code that runs at its caller's level; for a data segment that can be a stack.
 */
bool desc_is_code(const struct desc *desc);
bool desc_is_conforming(const struct desc *desc);
bool desc_is_writable(const struct desc *desc);

/* "64-bit code segment", "available 32-bit TSS", ... (static string). */
const char *desc_kind_name(const struct desc *desc);

enum desc_status {
	DESC_OK,
	DESC_NULL_SELECTOR,
	DESC_BEYOND_LIMIT,
	DESC_NO_LDT,     /* an LDT selector, and no LDT is loaded */
	DESC_UNREADABLE, /* access tells why */
};

struct desc_lookup {
	enum desc_status status;
	uint16_t selector;
	uint64_t table;              /* linear address of the GDT or LDT ... */
	uint32_t limit;              /* ... and its limit */
	uint64_t address;            /* linear address of the descriptor */
	struct desc desc;            /* valid when DESC_OK */
	struct linear_result access; /* of the read that failed, or the last */
};

/* Fetches the descriptor of a selector in protected or long mode, with the limit check that the CPU
 * makes. In long mode system descriptors are read as 16 bytes. */
struct desc_lookup desc_lookup(
	const struct phys_mem *mem, const struct cpu_state *cpu, uint16_t selector);

/* What cpu->seg[] would hold after loading this descriptor. */
struct cpu_segment desc_to_segment(const struct desc *desc, uint16_t selector);

enum gate_kind {
	GATE_INVALID, /* a descriptor type that no IDT gate may have */
	GATE_VECTOR,  /* real mode: IP and CS */
	GATE_TASK,
	GATE_INTERRUPT,
	GATE_TRAP,
};

/* An entry of the IDT: SDM vol. 3, 6.11 "IDT Descriptors" and 6.14.1 "64-Bit Mode IDT". */
struct gate {
	uint8_t raw[16];
	unsigned size; /* of the entry: 4, 8 or 16 bytes */
	enum gate_kind kind;
	unsigned bits; /* of an interrupt or trap gate: 16, 32 or 64; 16 in real mode */
	uint8_t type;  /* with s: what the type field says, also of an invalid gate */
	bool s, present;
	uint8_t dpl, ist;
	uint16_t selector;
	uint64_t offset;
};

/* Decodes raw bytes: 4 for the real-mode table, 8 for protected mode, 16 for long mode. */
struct gate gate_decode(const uint8_t *raw, unsigned size);

enum gate_status { GATE_OK, GATE_BEYOND_LIMIT, GATE_UNREADABLE };

struct gate_lookup {
	enum gate_status status;
	uint64_t address; /* linear address of the entry */
	struct gate gate; /* valid when GATE_OK */
	struct linear_result access;
};

/* Size of an IDT entry in the CPU's mode: 4, 8 or 16 bytes. */
unsigned gate_size(const struct cpu_state *cpu);

/* Reads the entry of a vector as the CPU would. */
struct gate_lookup gate_lookup(
	const struct phys_mem *mem, const struct cpu_state *cpu, uint8_t vector);

/* "interrupt gate", "task gate", ... (static string). */
const char *gate_kind_name(enum gate_kind kind);

#endif
