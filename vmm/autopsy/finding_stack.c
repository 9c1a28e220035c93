/* SPDX-License-Identifier: MIT */
/*
 * finding_stack.c: what the stack tells: frames of exceptions and interrupts that were delivered,
 * an overflow, a recursion.
 */
#include "findings_parts.h"

#include <string.h>

#define PAGE       4096u
#define SCAN_WORDS 2048u /* so far up from RSP frames and return addresses are looked for */

#define RFLAGS_NEVER (~0x3f7fd7ull) /* bits 1 aside, those that are always 0 */

unsigned findings_word_size(const struct findings *findings)
{
	const struct cpu_state *cpu = &findings->cpu;

	if (cpu_code_bits(cpu) == 64)
		return 8;
	return cpu->seg[SEG_SS].db ? 4 : 2;
}

/* Linear address of the top of the stack of cpu. */
static uint64_t stack_top(const struct cpu_state *cpu)
{
	if (cpu_code_bits(cpu) == 64)
		return cpu->gpr[GPR_RSP];
	return (uint32_t)(cpu->seg[SEG_SS].base + (cpu->seg[SEG_SS].db
								  ? (uint32_t)cpu->gpr[GPR_RSP]
								  : (uint16_t)cpu->gpr[GPR_RSP]));
}

uint64_t findings_stack_top(const struct findings *findings)
{
	return stack_top(&findings->cpu);
}

bool findings_word(const struct findings *findings, uint64_t linear, uint64_t *value)
{
	uint64_t word = 0;

	if (linear_read(&findings->evidence->mem, &findings->cpu, linear, &word,
		    findings_word_size(findings), linear_system_read)
			.status != LINEAR_OK)
		return false;
	*value = word;
	return true;
}

static bool is_code(const struct findings *findings, const struct cpu_state *cpu, uint64_t rip)
{
	struct symbol_segment segment;

	if (rip == cpu->rip)
		return true;
	if (symbols_count(findings->symbols))
		return symbols_find_segment(findings->symbols, rip, &segment) && segment.executable;
	return walk_linear(&findings->evidence->mem, cpu, rip, (struct walk_access){.fetch = true})
	        .allowed;
}

/* A code selector that an interrupted program can have had. */
static bool plausible_cs(
	const struct findings *findings, const struct cpu_state *cpu, uint64_t selector)
{
	struct desc_lookup lookup;

	if (selector > 0xffff || selector_is_null((uint16_t)selector))
		return false;
	if (selector == cpu->seg[SEG_CS].selector)
		return true;
	lookup = desc_lookup(&findings->evidence->mem, cpu, (uint16_t)selector);
	return lookup.status == DESC_OK && desc_is_code(&lookup.desc);
}

static bool plausible_flags(uint64_t rflags)
{
	return rflags & RFLAGS_FIXED && !(rflags & RFLAGS_NEVER);
}

/* SDM vol. 3, figures 6-4 "Stack Usage on Transfers to Interrupt and Exception Handling Routines"
 * and 6-9 "IA-32e Mode Stack Usage After Privilege Level Change". */
bool findings_frame_at(const struct findings *findings, const struct cpu_state *cpu,
	uint64_t linear, bool has_error, struct frame_finding *frame)
{
	unsigned size = cpu_long_mode(cpu) ? 8 : 4;
	uint64_t word[6] = {0};
	unsigned first = has_error ? 0 : 1, level;

	if (!(cpu->cr0 & CR0_PE))
		return false;
	for (unsigned i = first; i < 6; i++)
		if (linear_read(&findings->evidence->mem, cpu, linear + (i - first) * size,
			    &word[i], size, linear_system_read)
					.status != LINEAR_OK &&
			(i < 4 || size == 8))
			return false;
	if (!plausible_cs(findings, cpu, word[2]) || !plausible_flags(word[3]) ||
		word[0] > 0xffff || !is_code(findings, cpu, word[1]))
		return false;
	level = word[2] & 3;
	*frame = (struct frame_finding){.address = linear + (has_error ? size : 0),
		.has_error = has_error,
		.error = (uint32_t)word[0],
		.rip = word[1],
		.cs = (uint16_t)word[2],
		.rflags = word[3],
		.rsp = word[4],
		.ss = (uint16_t)word[5],
		.repeats = 1};
	if (size == 8)
		return word[5] <= 0xffff &&
		       (selector_is_null((uint16_t)word[5]) || (word[5] & 3) == level) &&
		       linear_canonical(cpu, word[4]) && linear_canonical(cpu, word[1]);
	if (level == cpu_cpl(cpu)) {
		frame->rsp = frame->address + 3 * size - cpu->seg[SEG_SS].base;
		frame->ss = cpu->seg[SEG_SS].selector;
	}
	return level == cpu_cpl(cpu) || (word[5] & 3) == level;
}

/* The words from the top of the stack up, as far as they can be read. */
struct stack_words {
	uint64_t linear;
	unsigned size, count;
	uint64_t word[SCAN_WORDS];
};

static void read_words(const struct findings *findings, struct stack_words *words)
{
	uint8_t bytes[256];
	unsigned n = sizeof(bytes) / words->size;

	while (words->count + n <= SCAN_WORDS) {
		uint64_t at = words->linear + words->count * words->size;

		if (linear_read(&findings->evidence->mem, &findings->cpu, at, bytes, sizeof(bytes),
			    linear_system_read)
				.status != LINEAR_OK)
			break;
		for (unsigned i = 0; i < n; i++) {
			words->word[words->count] = 0;
			memcpy(&words->word[words->count++], bytes + i * words->size, words->size);
		}
	}
	for (; words->count < SCAN_WORDS; words->count++) {
		uint64_t *word = &words->word[words->count];

		*word = 0;
		if (linear_read(&findings->evidence->mem, &findings->cpu,
			    words->linear + words->count * words->size, word, words->size,
			    linear_system_read)
				.status != LINEAR_OK)
			break;
	}
}

/* The frame whose RIP is word i; the word below it tells of an error code. */
static bool scan_frame(const struct findings *findings, const struct stack_words *words, unsigned i,
	struct frame_finding *frame)
{
	if (i + 2 >= words->count || words->word[i + 1] > 0xffff ||
		!plausible_flags(words->word[i + 2]) ||
		!findings_frame_at(
			findings, &findings->cpu, words->linear + i * words->size, false, frame))
		return false;
	if (i && words->word[i - 1] <= 0xffff) {
		frame->has_error = true;
		frame->error = (uint32_t)words->word[i - 1];
	}
	return true;
}

void findings_frames(struct findings *findings)
{
	struct stack_words words = {.linear = findings_stack_top(findings),
		.size = cpu_long_mode(&findings->cpu) ? 8 : 4};
	struct frame_finding frame, *last = NULL;

	read_words(findings, &words);
	for (unsigned i = 0; i < words.count && findings->frame_count < FRAMES_MAX; i++) {
		if (!scan_frame(findings, &words, i, &frame))
			continue;
		if (last && last->rip == frame.rip && last->cs == frame.cs) {
			last->repeats++;
			continue;
		}
		last = &findings->frames[findings->frame_count++];
		*last = frame;
		last->at = findings_place(findings, frame.rip);
	}
}

static bool page_is_writable(const struct findings *findings, uint64_t linear)
{
	return walk_linear(&findings->evidence->mem, &findings->cpu, linear,
		(struct walk_access){.write = true, .implicit_supervisor = true})
	        .allowed;
}

static bool is_stack_name(const struct place *place)
{
	return (place->has_symbol && strstr(place->symbol.name, "stack")) ||
	       (place->region && strstr(place->region->name, "stack"));
}

/* Does the access to address belong to a push, or lie just below the top of the stack? */
static bool is_stack_access(const struct findings *findings, uint64_t address)
{
	const struct fault_reason *reason = &findings->first.reason;
	const struct fault_analysis *analysis = &findings->insn;

	if (findings->first.has_reason && reason->operand >= 0 &&
		(unsigned)reason->operand < analysis->insn.mem_count &&
		analysis->insn.mem[reason->operand].kind == INSN_MEM_STACK)
		return true;
	return findings_stack_top(findings) - address <= PAGE;
}

/* An access to the stack failed in a page that is not mapped, right below a mapped one. */
static void find_guard(struct findings *findings)
{
	struct stack_finding *stack = &findings->stack;
	const struct first_event *first = &findings->first;
	uint64_t address = first->address.address, above;

	if (!first->source || !first->has_address || !first->is_exception ||
		first->event.vector != VEC_PF || !first->has_walk ||
		first->walk.reason != WALK_NOT_PRESENT || !is_stack_access(findings, address))
		return;
	above = (address & ~(uint64_t)(PAGE - 1)) + PAGE;
	if (above < address || !page_is_writable(findings, above) || is_stack_name(&first->address))
		return;
	stack->guard = true;
	stack->overflow = true;
	stack->how_overflow = "it has reached the page below the stack, which is not mapped";
	stack->bottom = findings_place(findings, above);
	stack->above_is_stack = is_stack_name(&stack->bottom);
}

/* RSP lies below a stack that the frame pointer is still in. */
static void find_silent(struct findings *findings)
{
	struct stack_finding *stack = &findings->stack;
	uint64_t top = stack->rsp.address, rbp = findings->cpu.gpr[GPR_RBP], bottom;
	struct place above;

	if (stack->overflow || !stack->mapped || is_stack_name(&stack->rsp) ||
		rbp - top > SCAN_WORDS * 8)
		return;
	above = findings_place(findings, rbp);
	if (!is_stack_name(&above))
		return;
	bottom = above.has_symbol ? above.address - above.symbol.offset : above.region->linear;
	if (top >= bottom)
		return;
	stack->overflow = true;
	stack->how_overflow = "it has grown below its lower end into other memory";
	stack->bottom = findings_place(findings, bottom);
	stack->above_is_stack = true;
}

/* The return address that stands most often in the part of the stack that is looked at. */
static void find_recursion(struct findings *findings)
{
	struct stack_finding *stack = &findings->stack;
	unsigned size = findings_word_size(findings), votes = 0, count = 0;
	uint64_t top = findings_stack_top(findings), word, candidate = 0;
	struct insn call;

	if (stack->guard) /* the words begin in the mapped page */
		top = stack->bottom.address > top ? stack->bottom.address : top;
	/* Boyer and Moore's majority vote among words that are return addresses. */
	for (unsigned i = 0; i < SCAN_WORDS / 8; i++) {
		if (!findings_word(findings, top + i * size, &word))
			break;
		if ((!votes || word != candidate) && !findings_call_before(findings, word, &call))
			continue;
		if (votes && word == candidate) {
			votes++;
			count++;
		} else if (votes) {
			votes--;
		} else {
			candidate = word;
			votes = count = 1;
		}
	}
	stack->recursion = count >= 8;
	stack->recursion_count = count;
	if (stack->recursion)
		stack->recursion_at = findings_call_before(findings, candidate, &call)
		                              ? findings_place(findings, candidate - call.length)
		                              : findings_place(findings, candidate);
}

void findings_stack(struct findings *findings)
{
	struct stack_finding *stack = &findings->stack;

	stack->rsp = findings_place(findings, findings_stack_top(findings));
	stack->mapped =
		page_is_writable(findings, stack->rsp.address - findings_word_size(findings));
	find_guard(findings);
	find_silent(findings);
	find_recursion(findings);
}
