/* SPDX-License-Identifier: MIT */
/*
 * rules_flow.c: the CPU is where no code is: wild calls, jumps and returns.
 */
#include <inttypes.h>
#include <string.h>

#include "findings_parts.h"
#include "region.h"
#include "rule.h"

#define LEFT_MAX 4u /* words that a function may have left on the stack */

/* The first event is the fetch at RIP itself. */
static bool fetch_fault(const struct findings *findings)
{
	enum fault_why why = rule_why(findings);

	return why == FAULT_FETCH_PAGE || why == FAULT_FETCH_NON_CANONICAL ||
	       (rule_first_is(findings, VEC_PF) && findings->first.has_walk &&
		       findings->first.walk.access.fetch &&
		       findings->first.event.cr2 == findings->rip.address);
}

static bool by_call(const struct findings *findings)
{
	const struct code_finding *code = &findings->code;

	return code->from_call && code->caller_indirect &&
	       (code->caller_agrees || !code->after_ret);
}

static bool null_call(const struct findings *findings)
{
	return fetch_fault(findings) && findings->cpu.rip < 4096 && by_call(findings);
}

static void explain_null_call(const struct findings *findings, struct say *say)
{
	say_add(say,
		"A null function pointer was called: the CPU fetches from address 0x%" PRIx64
		", and the return address on the stack is behind the indirect call at ",
		findings->cpu.rip);
	say_place(say, &findings->code.caller);
	say_add(say, ".");
	say_delivery(say, findings);
}

static bool null_return(const struct findings *findings)
{
	return fetch_fault(findings) && findings->cpu.rip < 4096 && findings->code.after_ret;
}

static void explain_null_return(const struct findings *findings, struct say *say)
{
	bool seen = findings->before_known == KNOWN_RECOVERED && findings->before.op == INSN_RET;

	say_add(say,
		seen ? "A function returned to address 0x%" PRIx64
		     : "The CPU went to address 0x%" PRIx64 ", it seems by a return",
		findings->cpu.rip);
	say_add(say,
		": that function was jumped to, not called, or its caller's return address is gone "
		"(");
	say_stack_pointer(say, findings);
	if (findings->stack.rsp.has_symbol) {
		say_add(say, ", ");
		say_data(say, &findings->stack.rsp);
	}
	say_add(say, "; the word below it, which ret %s, is 0x%" PRIx64 ").",
		seen ? "took" : "would have taken", findings->cpu.rip);
	if (!seen)
		say_add(say, " A jump through a null pointer looks the same.");
	if (findings->evidence->trail_count > 1 && findings->insn_before[0])
		say_add(say, " The last instruction before was %s.", findings->insn_before);
	say_delivery(say, findings);
}

/* 00 00 has two bytes: only at the end of a page can such code run into a fetch that faults. */
static bool zeros_end(const struct findings *findings)
{
	uint64_t cr2 = findings->first.event.cr2;
	struct walk_access fetch = {.fetch = true, .user = cpu_cpl(&findings->cpu) == 3};

	return rule_first_is(findings, VEC_PF) && !(cr2 & 0xfff) &&
	       walk_linear(&findings->evidence->mem, &findings->cpu, cr2 - 1, fetch).allowed;
}

static bool through_zeros(const struct findings *findings)
{
	const struct code_finding *code = &findings->code;

	if (!findings->first.source || code->zero_before < 16 || code->after_ret ||
		(code->from_call && code->caller_agrees)) /* it came here by one jump */
		return false;
	return fetch_fault(findings) ? zeros_end(findings) : code->zero_after >= 2;
}

/* What 00 00 adds to: SDM vol. 2, tables 2-1 and 2-2, the memory operand of ModR/M 00. */
static const char *zeros_operand(const struct cpu_state *cpu)
{
	switch (cpu_code_bits(cpu)) {
	case 64:
		return "%rax";
	case 32:
		return "%eax";
	default:
		return "%bx,%si";
	}
}

static void explain_zeros(const struct findings *findings, struct say *say)
{
	struct place begin =
		findings_place(findings, findings->rip.address - findings->code.zero_before);

	say_add(say,
		"The CPU executes memory that holds only zeros (00 00 is add %%al,(%s)): "
		"the last %" PRIu64 "%s bytes before %s = ",
		zeros_operand(&findings->cpu), findings->code.zero_before,
		findings->code.zero_before == 4096 ? " and more" : "",
		cpu_long_mode(&findings->cpu) ? "RIP" : "EIP");
	say_place(say, &findings->rip);
	say_add(say, " are zeros");
	if (begin.has_symbol) {
		say_add(say, ", from ");
		say_place(say, &begin);
	}
	say_add(say, ". There ");
	say_first(say, findings);
	say_add(say, ".");
	if (findings->code.from_call) {
		say_add(say, " The call came from ");
		say_place(say, &findings->code.caller);
		say_add(say, ".");
	}
}

static bool at_wild_ret(const struct findings *findings)
{
	return rule_why(findings) == FAULT_TARGET_NON_CANONICAL &&
	       findings->insn.decoded == INSN_OK && findings->insn.insn.op == INSN_RET;
}

/* Words above RSP at which the return address behind a call of this very function is; 0: none. Not
 * far up, where it may be of an earlier call, nor behind a call that the function itself makes. */
static unsigned words_left(const struct findings *findings, struct place *caller)
{
	const struct symbol *symbol = &findings->rip.symbol;
	uint64_t top = findings_stack_top(findings), word;
	struct insn call;

	if (!at_wild_ret(findings) || !findings->rip.has_symbol)
		return 0;
	for (unsigned i = 1; i <= LEFT_MAX; i++) {
		if (!findings_word(findings, top + i * findings_word_size(findings), &word) ||
			!findings_call_before(findings, word, &call) || call.target_mem >= 0 ||
			!(call.flags & INSN_TARGET) || call.target != symbol->address)
			continue;
		*caller = findings_place(findings, word - call.length);
		return caller->has_symbol && caller->symbol.address == symbol->address ? 0 : i;
	}
	return 0;
}

static bool ret_unbalanced(const struct findings *findings)
{
	struct place caller;

	return words_left(findings, &caller) > 0;
}

static void explain_unbalanced(const struct findings *findings, struct say *say)
{
	struct place caller;
	unsigned n = words_left(findings, &caller);

	say_first(say, findings);
	say_add(say,
		": it takes 0x%" PRIx64
		" for the return address, but that of the function's call, at ",
		findings->first.reason.address);
	say_place(say, &caller);
	say_add(say, ", is on the stack %u bytes higher: not all that was pushed was popped.",
		n * findings_word_size(findings));
	say_delivery(say, findings);
}

static bool return_smashed(const struct findings *findings)
{
	char text[16];

	if (at_wild_ret(findings))
		return true;
	return fetch_fault(findings) && findings->code.after_ret &&
	       rule_is_text(findings->cpu.rip, text, sizeof(text));
}

static void explain_smashed(const struct findings *findings, struct say *say)
{
	bool fetched = fetch_fault(findings);
	uint64_t target = fetched ? findings->cpu.rip : findings->first.reason.address;
	char text[16];

	if (fetched)
		say_add(say, "A function returned to 0x%" PRIx64, target);
	else
		say_first(say, findings);
	if (!fetched && findings->first.reason.has_address)
		say_add(say, ": the return address on the stack is 0x%" PRIx64, target);
	if (rule_is_text(target, text, sizeof(text)))
		say_add(say, ", which is the text \"%s\"", text);
	say_add(say, ": the return address was overwritten, as by a buffer on the stack that is "
		     "written beyond its end.");
	say_writer(say, findings);
	say_delivery(say, findings);
}

static bool smashed_writer(const struct findings *findings, uint64_t *gpa, uint64_t *size)
{
	uint64_t slot = findings->stack.rsp.address;

	*size = findings->cpu.efer & EFER_LMA ? 8 : 4;
	return rule_gpa(findings, fetch_fault(findings) ? slot - *size : slot, gpa);
}

static bool wild_target(const struct findings *findings)
{
	return rule_why(findings) == FAULT_TARGET_NON_CANONICAL ||
	       rule_why(findings) == FAULT_TARGET_LIMIT;
}

static void explain_wild_target(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	say_add(say, ": %s", findings->first.reason.text);
	if (findings->origin.found) {
		say_add(say, " The pointer came from ");
		say_data(say, &findings->origin.at);
		say_add(say, ".");
	}
	say_delivery(say, findings);
}

/* Code that CR3 took away. */
static bool lacks_code(const struct findings *findings)
{
	return fetch_fault(findings) && rule_after_write_cr(findings, 3) &&
	       rule_walk_is(findings, WALK_NOT_PRESENT);
}

static void explain_lacks_code(const struct findings *findings, struct say *say)
{
	char text[160];

	say_add(say, "After %s (CR3 = 0x%" PRIx64 ") the next instruction, at ",
		findings->insn_before, findings->cpu.cr3);
	say_place(say, &findings->rip);
	say_add(say, ", cannot be fetched: the new page tables do not map the kernel (%s).",
		walk_describe(&findings->first.walk, text, sizeof(text)));
	if (!findings->table[TABLE_IDT].readable)
		say_add(say, " Nor do they map the IDT, so nothing can be handled.");
}

static bool wild_fetch(const struct findings *findings)
{
	/* Whoever runs straight on goes nowhere. */
	return fetch_fault(findings) && !findings->paging.was_in_use &&
	       (rule_walk_is(findings, WALK_NOT_PRESENT) ||
		       rule_why(findings) == FAULT_FETCH_NON_CANONICAL);
}

/* Code of the image that nothing maps may have been mapped: a CPU runs on from its TLB until a call
 * or return needs the tables, and then stands where nothing wrong was done. */
static bool lost_entry_writer(const struct findings *findings, uint64_t *gpa, uint64_t *size)
{
	const struct paging_finding *paging = &findings->paging;
	const struct walk_step *step = &paging->walk.step[paging->walk.guilty];
	uint8_t code;

	if (!paging->stops || !paging->is_rip || step->entry || cpu_cpl(&findings->cpu) ||
		!region_loaded(findings->evidence, findings->rip.address, &code, 1))
		return false;
	*gpa = step->gpa;
	*size = paging->walk.mode <= PAGING_PSE36 ? 4 : 8;
	return true;
}

static void explain_wild_fetch(const struct findings *findings, struct say *say)
{
	char text[160];
	uint8_t code;

	say_add(say, "The CPU went to 0x%" PRIx64 ", where no code is%s", findings->rip.address,
		region_loaded(findings->evidence, findings->rip.address, &code, 1) ? " mapped"
										   : "");
	if (findings->first.has_walk)
		say_add(say, " (%s)", walk_describe(&findings->first.walk, text, sizeof(text)));
	if (by_call(findings)) {
		say_add(say, ", by the indirect call at ");
		say_place(say, &findings->code.caller);
	} else if (findings->code.after_ret) {
		say_add(say, ", by a return: the word below RSP has that value");
	} else if (findings->before_known == KNOWN_RECOVERED) {
		say_add(say, ", by %s", findings->insn_before);
	}
	say_add(say, ".");
	say_delivery(say, findings);
}

/* 00 00 is an instruction, add %al,(%rax), but nobody's. */
static bool is_zeros(const struct findings *findings)
{
	return findings->code.readable && !findings->code.bytes[0] && !findings->code.bytes[1];
}

/* Data by its segment, section or symbol. What code made there may be code, so only bytes that are
 * no instruction count. */
static bool in_data(const struct findings *findings)
{
	const struct place *rip = &findings->rip;
	const char *section = rip->segment.section;

	if (!rip->has_segment || !rip->mapped || !findings->first.source ||
		!(is_zeros(findings) ||
			(rule_first_is(findings, VEC_UD) && rule_why(findings) != FAULT_UD_INSN)))
		return false;
	return !rip->segment.executable || !strcmp(section, ".data") ||
	       !strcmp(section, ".rodata") || !strcmp(section, ".bss") ||
	       (rip->has_symbol && rip->symbol.kind == SYMBOL_OBJECT);
}

static void explain_in_data(const struct findings *findings, struct say *say)
{
	say_add(say, "The CPU executes data: ");
	say_data(say, &findings->rip);
	say_add(say, " is not code. There ");
	say_first(say, findings);
	say_add(say, ".");
	if (findings->code.from_call) {
		say_add(say, " The return address on the stack is behind the call at ");
		say_place(say, &findings->code.caller);
		say_add(say, ".");
	}
	say_delivery(say, findings);
}

const struct verdict_rule rules_flow[] = {
	{.id = "cr3-lacks-code",
		.matches = lacks_code,
		.explain = explain_lacks_code,
		.repair = "Copy the kernel's top-level entries (PML4 or page directory) into every "
			  "new page table before loading it."},
	{.id = "ran-through-zeros",
		.matches = through_zeros,
		.explain = explain_zeros,
		.repair = "Check that the code was ever loaded at that address, and the size and "
			  "target of the copy."},
	{.id = "null-function-pointer",
		.matches = null_call,
		.explain = explain_null_call,
		.repair = "Fill in the table's entry, or test it before the call; a weak symbol "
			  "without a definition is null too.",
		.infers = true},
	{.id = "return-to-null",
		.matches = null_return,
		.explain = explain_null_return,
		.repair =
			"End the entry code with a loop of cli and hlt behind the call of the main "
			"function, and call that function instead of jumping to it.",
		.infers = true},
	{.id = "return-unbalanced",
		.matches = ret_unbalanced,
		.explain = explain_unbalanced,
		.repair = "Pop in the function what it has pushed, on every way to its ret.",
		.infers = true},
	{.id = "return-address-overwritten",
		.matches = return_smashed,
		.explain = explain_smashed,
		.repair = "Bound the copy into the buffer below the return address; "
			  "-fstack-protector finds it at run time.",
		.writer = smashed_writer,
		.infers = true},
	{.id = "wild-function-pointer",
		.matches = wild_target,
		.explain = explain_wild_target,
		.repair = "Find who wrote the pointer: --watch its address."},
	{.id = "jump-to-nowhere",
		.matches = wild_fetch,
		.explain = explain_wild_fetch,
		.repair = "Check where that address comes from, and that the code there is mapped.",
		.writer = lost_entry_writer},
	{.id = "executes-data",
		.matches = in_data,
		.explain = explain_in_data,
		.repair = "Check the function pointer or return address that led there; map data "
			  "no-execute to catch it at once."},
	{0},
};
