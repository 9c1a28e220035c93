/* SPDX-License-Identifier: MIT */
/*
 * fault_rules.h: what the files of the fault rules share: the scene that they look at and the list
 * that they write to.
 */
#ifndef AUTOPSY_FAULT_RULES_H
#define AUTOPSY_FAULT_RULES_H

#include "fault_reason.h"

struct fault_scene {
	const struct phys_mem *mem;
	const struct cpu_state *cpu;
	struct fault_analysis *out;
	const struct insn *insn; /* == &out->insn */
	unsigned cpl;
	struct fault_reason overflow; /* where reasons go that have no room */
};

/* Appends a reason, certain unless the caller changes it. fault_add_error() for vectors with an
 * error code. */
struct fault_reason *fault_add(struct fault_scene *scene, enum fault_why why, uint8_t vector);
struct fault_reason *fault_add_error(
	struct fault_scene *scene, enum fault_why why, uint8_t vector, uint32_t error);

/* Sets the reason's sentence. */
void fault_say(struct fault_reason *reason, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Reads n bytes at a linear address with the CPU's own rights at its present CPL; false when that
 * would fault. */
bool fault_read(const struct fault_scene *scene, uint64_t linear, void *buf, size_t n);

/* Value of memory operand i, at most 8 bytes, zero-extended. */
bool fault_read_operand(const struct fault_scene *scene, unsigned i, uint64_t *value);

/* Protected mode, not virtual-8086. */
bool fault_protected_mode(const struct cpu_state *cpu);

/* The rules, in the order in which the CPU makes these checks. Each may append any number of
 * reasons. */
void fault_check_units(struct fault_scene *scene);      /* #UD, #NM: fault_units.c */
void fault_check_privilege(struct fault_scene *scene);  /* fault_privilege.c */
void fault_check_control(struct fault_scene *scene);    /* fault_control.c */
void fault_check_msr(struct fault_scene *scene);        /* fault_msr.c */
void fault_check_selectors(struct fault_scene *scene);  /* fault_segment.c */
void fault_check_transfers(struct fault_scene *scene);  /* fault_transfer.c */
void fault_check_memory(struct fault_scene *scene);     /* fault_memory.c */
void fault_check_arithmetic(struct fault_scene *scene); /* fault_arith.c */

/* What a selector is loaded for: decides which checks are made on its descriptor. */
enum selector_use {
	USE_DATA,   /* DS, ES, FS, GS */
	USE_STACK,  /* SS at privilege level */
	USE_JUMP,   /* CS by far jmp or call */
	USE_RETURN, /* CS by far return or iret: RPL is the new privilege level */
	USE_TSS,
	USE_LDT,
};

/* The descriptor checks for one selector; level: the CPL that the segment will be used at. True
 * when all is well. */
bool fault_check_selector(struct fault_scene *scene, uint16_t selector, enum selector_use use,
	enum x86_segment segment, unsigned level);

#endif
