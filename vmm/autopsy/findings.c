/* SPDX-License-Identifier: MIT */
/*
 * findings.c: deriving the facts about one death, in the order in which they need each other.
 */
#include "findings_parts.h"

#include <string.h>

#define ENTRY_WORDS 512 /* of the stack that are searched for the entry for system calls */

/* SDM vol. 3, table 9-1 "IA-32 and Intel 64 Processor States Following Power-up, Reset, or INIT".
 */
static bool is_init_state(const struct cpu_state *cpu)
{
	return cpu->rip == 0xfff0 && cpu->seg[SEG_CS].selector == 0xf000 && !(cpu->cr0 & CR0_PE) &&
	       !cpu->gpr[GPR_RAX] && !cpu->gpr[GPR_RSP];
}

static void take_state(struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;

	if (!evidence->cpus || evidence->cpu >= evidence->cpu_count)
		return;
	findings->cpu = evidence->cpus[evidence->cpu];
	findings->state_known =
		evidence->origin == STATE_RECOVERED ? KNOWN_RECOVERED : KNOWN_OBSERVED;
	findings->state_valid =
		evidence->origin != STATE_LOST &&
		!(evidence->death == DEATH_SHUTDOWN && is_init_state(&findings->cpu));
	if (!findings->state_valid)
		findings->state_known = KNOWN_NOT;
}

static bool same_symbol(struct symbols *symbols, uint64_t a, uint64_t b)
{
	struct symbol first, second;

	return symbols_find_address(symbols, a, &first) &&
	       symbols_find_address(symbols, b, &second) && first.address == second.address;
}

/* A function that the entry for system calls has called, from wherever: its return address is on
 * the stack, where no user code leaves one. */
static bool is_called_by_entry(const struct findings *findings)
{
	uint64_t top = findings->cpu.gpr[GPR_RSP], word;
	struct insn call;

	for (unsigned i = 0; i < ENTRY_WORDS; i++) {
		if (!findings_word(findings, top + i * 8, &word))
			return false;
		if (same_symbol(findings->symbols, word - 1, findings->cpu.lstar) &&
			findings_call_before(findings, word, &call))
			return true;
	}
	return false;
}

/* One KVM (kvm_pvm) gives the user's CS and SS with a RIP in the kernel's entry for system calls.
 * They are what syscall loads there: SDM vol. 3, 5.8.8 "Fast System Calls in 64-Bit Mode". */
static void mend_syscall(struct findings *findings)
{
	struct cpu_state *cpu = &findings->cpu;
	uint16_t selector = (uint16_t)(cpu->star >> 32) & 0xfffc;
	const char *kvm = findings->evidence->kvm;

	if (!cpu_long_mode(cpu) || !(cpu->efer & EFER_SCE) || !selector || !cpu->lstar)
		return;
	findings->in_syscall = cpu->rip == cpu->lstar ||
	                       same_symbol(findings->symbols, cpu->rip, cpu->lstar) ||
	                       (kvm && strstr(kvm, "pvm") && is_called_by_entry(findings));
	if (!findings->in_syscall || cpu_cpl(cpu) != 3)
		return;
	cpu->seg[SEG_CS].selector = selector;
	cpu->seg[SEG_CS].dpl = 0;
	cpu->seg[SEG_SS].selector = (uint16_t)(selector + 8);
	cpu->seg[SEG_SS].dpl = 0;
}

void findings_make(
	struct findings *findings, const struct evidence *evidence, struct symbols *symbols)
{
	memset(findings, 0, sizeof(*findings));
	findings->evidence = evidence;
	findings->symbols = symbols;
	findings_link(findings);
	take_state(findings);
	findings_panic(findings);
	findings_interrupts(findings);
	findings_damages(findings);
	findings_writer(findings);
	if (!findings->state_valid)
		return;
	mend_syscall(findings);
	findings_instruction(findings);
	findings_frames(findings);
	findings_first(findings);
	findings_code(findings);
	findings_image(findings);
	findings_link_use(findings);
	findings_width(findings);
	findings_origin(findings);
	findings_stack(findings);
	findings_recursion(findings);
	findings_tables(findings);
	findings_bad_gate(findings);
	findings_paging(findings);
	findings_loop(findings);
	findings_exits(findings);
}
