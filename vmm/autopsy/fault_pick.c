/* SPDX-License-Identifier: MIT */
/*
 * fault_pick.c: picks, of all reasons that the rules found, the one that fits an exception with its
 * error code and CR2; and says what does not fit when none does.
 */
#include <stdio.h>

#include "exception.h"
#include "fault_reason.h"
#include "fault_rules.h"

#define PAGE 4096u

static struct fault_reason unknown(uint8_t vector, bool has_error, uint32_t error, const char *text)
{
	struct fault_reason reason = {
		.why = FAULT_UNKNOWN,
		.vector = vector,
		.has_error = has_error,
		.error = error,
		.operand = FAULT_NO_MEM,
		.reg = INSN_NO_REG,
	};

	snprintf(reason.text, sizeof(reason.text), "%s", text);
	return reason;
}

/* The page tables that stand there now do not give this fault at CR2: say which access it was. */
static struct fault_reason explain_changed(
	const struct fault_analysis *analysis, const struct cpu_state *cpu, uint32_t error)
{
	static const char changed[] =
		"the page tables do not give this error code now: they were changed "
		"since, or the CPU used an older copy of an entry";
	struct fault_reason reason = unknown(VEC_PF, true, error, "");
	const struct insn *insn = &analysis->insn;
	char text[64];

	reason.address = cpu->cr2;
	reason.has_address = true;
	for (unsigned i = 0; analysis->decoded == INSN_OK && i < insn->mem_count; i++) {
		const struct insn_mem *mem = &insn->mem[i];

		if (cpu->cr2 - mem->linear >= mem->size || mem->inactive || (error & PF_I))
			continue;
		reason.why = FAULT_PAGE_CHANGED;
		reason.operand = (int)i;
		insn_format_mem(insn, i, text, sizeof(text));
		fault_say(&reason, "CR2 is the operand %s, but %s.", text, changed);
		return reason;
	}
	if (cpu->cr2 - cpu_code_address(cpu) < INSN_BYTES_MAX && !(error & PF_W)) {
		reason.why = FAULT_PAGE_CHANGED;
		fault_say(&reason, "CR2 is where the instruction lies, but %s.", changed);
		return reason;
	}
	fault_say(&reason,
		"CR2 0x%llx is not the address of an access that this instruction makes.",
		(unsigned long long)cpu->cr2);
	return reason;
}

/* CR2 may be any byte of an access that is made in parts, within the page that faults. */
static bool is_at_cr2(const struct fault_analysis *analysis, const struct fault_reason *reason,
	const struct cpu_state *cpu)
{
	const struct insn_mem *mem;

	if (reason->address == cpu->cr2)
		return true;
	if (reason->why == FAULT_DESCRIPTOR_PAGE)
		return cpu->cr2 - reason->address < 8;
	if (reason->operand == FAULT_NO_MEM)
		return false;
	mem = &analysis->insn.mem[reason->operand];
	return mem->size > 8 && cpu->cr2 - mem->linear < mem->size &&
	       (cpu->cr2 ^ reason->address) < PAGE;
}

/* 0: does not fit; more is better. */
static unsigned fit(const struct fault_analysis *analysis, const struct fault_reason *reason,
	const struct cpu_state *cpu, uint8_t vector, bool has_error, uint32_t error)
{
	if (reason->vector != vector)
		return 0;
	if (vector == VEC_PF) {
		if (!is_at_cr2(analysis, reason, cpu))
			return 0;
		if (has_error && ((reason->error ^ error) & PF_P))
			return 0;
		return has_error && reason->error != error ? 1 : 3;
	}
	if (has_error && reason->has_error && reason->error != error)
		return 0;
	return reason->certain ? 3 : 2;
}

struct fault_reason fault_pick(const struct fault_analysis *analysis, const struct cpu_state *cpu,
	uint8_t vector, bool has_error, uint32_t error)
{
	const struct fault_reason *best = NULL;
	struct fault_reason reason;
	unsigned best_fit = 0;

	for (unsigned i = 0; i < analysis->count; i++) {
		unsigned f = fit(analysis, &analysis->reasons[i], cpu, vector, has_error, error);

		if (f > best_fit) {
			best_fit = f;
			best = &analysis->reasons[i];
		}
	}
	if (best) {
		reason = *best;
		if (vector == VEC_PF)
			reason.address = cpu->cr2;
		reason.certain = best_fit == 3 && best->certain;
		return reason;
	}
	if (has_error && (error & SEL_ERR_EXT) && vector != VEC_PF && exception_has_error(vector))
		return unknown(vector, has_error, error,
			"The exception came while another event was being delivered (EXT is set), "
			"not "
			"from the instruction.");
	if (vector == VEC_PF)
		return explain_changed(analysis, cpu, error);
	return unknown(vector, has_error, error,
		"Nothing in the registers and in memory explains why this instruction would raise "
		"it.");
}

struct fault_reason fault_explain(const struct phys_mem *mem, const struct cpu_state *cpu,
	uint8_t vector, bool has_error, uint32_t error)
{
	struct fault_analysis analysis;

	fault_predict(mem, cpu, &analysis);
	return fault_pick(&analysis, cpu, vector, has_error, error);
}

const struct fault_reason *fault_expected(const struct fault_analysis *analysis)
{
	for (unsigned i = 0; i < analysis->count; i++)
		if (analysis->reasons[i].certain)
			return &analysis->reasons[i];
	return NULL;
}
