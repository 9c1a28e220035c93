/* SPDX-License-Identifier: MIT */
/*
 * names.h: what the numbers in the evidence are called. All strings are literals.
 */
#ifndef AUTOPSY_NAMES_H
#define AUTOPSY_NAMES_H

#include "evidence.h"

/* A machine-readable word ("shutdown", "boot-exception"; "unknown" for no member) and an English
 * noun phrase with its article, without capital and full stop. */
const char *death_word(enum death death);
const char *death_text(enum death death);

/* The exit status that vmm ends with after this death: README.md, "Exit status". */
int death_status(enum death death);

/* The same for why a guest is stuck; the text is a clause; NULL for STUCK_NONE. */
const char *stuck_word(enum stuck stuck);
const char *stuck_text(enum stuck stuck);

/* "observed", "lost", "recovered", and what that means. */
const char *origin_word(enum state_origin origin);
const char *origin_text(enum state_origin origin);

/* "none", "same", ..., and what came of the second run as a sentence without a full stop. */
const char *rerun_word(enum rerun rerun);
const char *rerun_text(enum rerun rerun);

/* "runnable", "halted", ... */
const char *run_state_name(enum cpu_run_state state);

/* "IO", "MMIO", ...: KVM_EXIT_* without its prefix; NULL when it has no name here. */
const char *exit_reason_name(uint32_t reason);

/* KVM_INTERNAL_ERROR_*: a phrase; NULL when unknown. */
const char *suberror_text(uint32_t suberror);

/* "COM1 data", "PIC 1 command", ...; NULL when no PC device is usually there. */
const char *port_name(uint64_t port);

/* "rax", or "eax" when wide is false (index below 8 then). "cs", ... */
const char *gpr_name(unsigned index, bool wide);

/* Control and debug registers and MSRs, "cr2" first; those that have bits with names come last.
 * index is below SYSTEM_REGISTERS. */
#define PLAIN_SYSTEM_REGISTERS 19
#define SYSTEM_REGISTERS       22
const char *system_register_name(unsigned index);
uint64_t system_register_value(const struct cpu_state *cpu, unsigned index);

/* "rsp" in long mode, "esp" otherwise; the same in capitals, as sentences have them. */
const char *stack_pointer_name(const struct cpu_state *cpu);
const char *stack_pointer_title(const struct cpu_state *cpu);
const char *segment_name(unsigned index);

#endif
