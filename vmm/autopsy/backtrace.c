/* SPDX-License-Identifier: MIT */
/*
 * backtrace.c: the chain of callers. For each frame the surest way comes first: call-frame
 * information, the word at RSP where the code cannot have moved RSP, the chain of frame pointers
 * (each checked), exception frames, and at last a search of the stack. The stack pointer must rise
 * from frame to frame, except across an exception frame: there are no loops.
 */
#include "backtrace.h"

#include <string.h>

#include "cfi.h"
#include "insn.h"
#include "unwind.h"

/* How far a frame pointer may be from the stack pointer, and how many words are searched for a
 * caller. */
#define FRAME_SIZE_MAX (1u << 20)
#define SCAN_WORDS     512
#define SCAN_WORDS_ALL 4096 /* in one backtrace */
/* Words that a stub may have pushed over an exception frame. */
#define STUB_WORDS 32
/* Zeros that RBP points to end the chain only this near to the first frame's RSP. */
#define NEAR 4096

enum step { STEP_NONE, STEP_DONE, STEP_OUTERMOST, STEP_UNREADABLE };

static bool knows_rbp(const struct unwind_regs *regs)
{
	return regs->known & (1u << GPR_RBP);
}

static uint64_t cut(const struct unwind *unwind, uint64_t value)
{
	return unwind->word == 8 ? value : (uint32_t)value;
}

/* What the caller has after its frame was popped up to rsp. */
static void go_to_caller(struct unwind_regs *regs, uint64_t rip, uint64_t rsp)
{
	regs->rip = rip;
	regs->gpr[GPR_RSP] = rsp;
	regs->known &= 1u << GPR_RSP | 1u << GPR_RBP;
	regs->exact = false;
}

/* General registers by their DWARF numbers. */
static const uint8_t dwarf_gprs_64[] = {GPR_RAX, GPR_RDX, GPR_RCX, GPR_RBX, GPR_RSI, GPR_RDI,
	GPR_RBP, GPR_RSP, GPR_R8, GPR_R9, GPR_R10, GPR_R11, GPR_R12, GPR_R13, GPR_R14, GPR_R15};
static const uint8_t dwarf_gprs_32[] = {
	GPR_RAX, GPR_RCX, GPR_RDX, GPR_RBX, GPR_RSP, GPR_RBP, GPR_RSI, GPR_RDI};

static struct cfi_frame to_cfi(const struct unwind *unwind, const struct unwind_regs *regs)
{
	const uint8_t *gprs = unwind->word == 8 ? dwarf_gprs_64 : dwarf_gprs_32;
	struct cfi_frame frame = {.word = unwind->word, .rip = regs->rip, .exact = regs->exact};

	for (unsigned i = 0; i < 2 * unwind->word; i++) {
		frame.reg[i] = regs->gpr[gprs[i]];
		frame.known |= (regs->known >> gprs[i] & 1u) << i;
	}
	return frame;
}

static struct unwind_regs from_cfi(const struct unwind *unwind, const struct cfi_frame *frame)
{
	const uint8_t *gprs = unwind->word == 8 ? dwarf_gprs_64 : dwarf_gprs_32;
	struct unwind_regs regs = {.rip = frame->rip, .exact = frame->exact};

	for (unsigned i = 0; i < 2 * unwind->word; i++) {
		regs.gpr[gprs[i]] = frame->reg[i];
		regs.known |= (frame->known >> i & 1u) << gprs[i];
	}
	return regs;
}

static bool read_word(const void *ctx, uint64_t offset, uint64_t *value)
{
	return unwind_read_word(ctx, offset, value);
}

static enum step step_cfi(const struct unwind *unwind, struct unwind_regs *regs)
{
	struct backtrace_frame here = {.rip = regs->rip, .exact = regs->exact};
	struct cfi_frame frame = to_cfi(unwind, regs);
	struct unwind_regs caller;

	if (!unwind->symbols)
		return STEP_NONE;
	switch (cfi_unwind(unwind->symbols, backtrace_lookup_address(unwind->cpu, &here), read_word,
		unwind, &frame)) {
	case CFI_OUTERMOST:
		return STEP_OUTERMOST;
	case CFI_UNWOUND:
		break;
	default:
		return STEP_NONE;
	}
	caller = from_cfi(unwind, &frame);
	if (caller.gpr[GPR_RSP] <= regs->gpr[GPR_RSP])
		return STEP_NONE;
	if (caller.exact ? !unwind_is_code(unwind, caller.rip)
			 : !unwind_is_return_address(unwind, caller.rip))
		return STEP_NONE;
	*regs = caller;
	return STEP_DONE;
}

/* The return address at RSP + skip. */
static enum step step_slot(const struct unwind *unwind, struct unwind_regs *regs, unsigned skip)
{
	uint64_t slot = cut(unwind, regs->gpr[GPR_RSP] + skip), rip;

	if (!unwind_read_word(unwind, slot, &rip) || !unwind_is_return_address(unwind, rip))
		return STEP_NONE;
	go_to_caller(regs, rip, cut(unwind, slot + unwind->word));
	return STEP_DONE;
}

/* Words on the stack below the return address in a function's first instructions; -1 when it cannot
 * be told. */
static int prologue_words(const struct unwind *unwind, uint64_t linear)
{
	struct symbol symbol;
	struct insn insn;
	uint64_t at;

	if (!unwind->symbols || !symbols_find_address(unwind->symbols, linear, &symbol) ||
		symbol.kind != SYMBOL_FUNCTION)
		return -1;
	at = symbol.address;
	if (at == linear)
		return 0;
	if (!unwind_decode(unwind, at, &insn))
		return -1;
	/* endbr64 and endbr32 are markers. */
	if (!strncmp(insn.mnemonic, "endbr", 5)) {
		at += insn.length;
		if (at == linear)
			return 0;
		if (!unwind_decode(unwind, at, &insn))
			return -1;
	}
	return insn.bytes[0] == 0x55 && at + 1 == linear ? 1 : -1;
}

/* Where the place of the return address does not depend on what the function has done. */
static enum step step_entry(const struct unwind *unwind, struct unwind_regs *regs)
{
	struct backtrace_frame here = {.rip = regs->rip, .exact = true};
	uint64_t linear = backtrace_lookup_address(unwind->cpu, &here);
	struct insn insn;
	int words;

	if (!regs->exact)
		return STEP_NONE;
	if (!unwind_is_code(unwind, regs->rip))
		return step_slot(unwind, regs, 0);
	if (unwind_decode(unwind, linear, &insn) && insn.op == INSN_RET)
		return step_slot(unwind, regs, 0);
	words = prologue_words(unwind, linear);
	if (words < 0)
		return STEP_NONE;
	return step_slot(unwind, regs, (unsigned)words * unwind->word);
}

static bool plausible_rbp(const struct unwind *unwind, const struct unwind_regs *regs)
{
	uint64_t rbp = regs->gpr[GPR_RBP], rsp = regs->gpr[GPR_RSP];

	return knows_rbp(regs) && rbp >= rsp && rbp - rsp < FRAME_SIZE_MAX &&
	       !(rbp & (unwind->word - 1));
}

/* A frame pointer of 0 is how start-up code marks the first frame. */
static enum step step_pointer(const struct unwind *unwind, struct unwind_regs *regs)
{
	uint64_t rbp = regs->gpr[GPR_RBP], saved, rip;

	if (knows_rbp(regs) && rbp == 0 && !regs->exact)
		return STEP_OUTERMOST;
	if (!plausible_rbp(unwind, regs))
		return STEP_NONE;
	if (!unwind_read_word(unwind, rbp, &saved) ||
		!unwind_read_word(unwind, rbp + unwind->word, &rip))
		return STEP_NONE;
	if (saved && saved <= rbp)
		return STEP_NONE;
	/* Zeros far away from the stack pointer are more likely what RBP happens to point to. */
	if (rip == 0)
		return regs->exact && rbp - regs->gpr[GPR_RSP] > NEAR ? STEP_NONE : STEP_OUTERMOST;
	if (!unwind_is_return_address(unwind, rip))
		return STEP_NONE;
	go_to_caller(regs, rip, cut(unwind, rbp + 2 * unwind->word));
	regs->gpr[GPR_RBP] = saved;
	return STEP_DONE;
}

static void cross_interrupt(const struct unwind *unwind, struct unwind_regs *regs,
	const struct unwind_interrupt *frame, uint64_t offset)
{
	go_to_caller(
		regs, frame->rip, frame->has_rsp ? frame->rsp : cut(unwind, offset + frame->size));
	regs->exact = true;
}

/* A handler with a frame pointer: the exception frame lies above the saved RBP, or above an error
 * code. */
static enum step step_handler(const struct unwind *unwind, struct unwind_regs *regs)
{
	struct unwind_interrupt frame;
	uint64_t rbp = regs->gpr[GPR_RBP], saved, offset;

	if (!plausible_rbp(unwind, regs) || !unwind_read_word(unwind, rbp, &saved))
		return STEP_NONE;
	for (unsigned skip = 1; skip <= 2; skip++) {
		offset = cut(unwind, rbp + skip * unwind->word);
		if (!unwind_is_interrupt_frame(unwind, offset, &frame))
			continue;
		cross_interrupt(unwind, regs, &frame, offset);
		regs->gpr[GPR_RBP] = saved;
		return STEP_DONE;
	}
	return STEP_NONE;
}

/* An assembly stub has pushed registers over the exception frame and left RBP alone, which still
 * belongs to what was interrupted: following it now would skip that function. */
static enum step step_stub(const struct unwind *unwind, struct unwind_regs *regs)
{
	uint64_t rsp = regs->gpr[GPR_RSP];
	struct unwind_interrupt frame;

	if (regs->exact)
		return STEP_NONE;
	for (unsigned i = 0; i < STUB_WORDS; i++) {
		uint64_t offset = cut(unwind, rsp + i * unwind->word);

		if (plausible_rbp(unwind, regs) && offset >= regs->gpr[GPR_RBP])
			return STEP_NONE;
		if (!unwind_is_interrupt_frame(unwind, offset, &frame))
			continue;
		cross_interrupt(unwind, regs, &frame, offset);
		return STEP_DONE;
	}
	return STEP_NONE;
}

/* Searches upwards. An exception frame is told from chance by its selectors and flags, a return
 * address only by the call. */
static enum step step_scan(const struct unwind *unwind, struct unwind_regs *regs,
	enum frame_source *source, unsigned *budget)
{
	uint64_t rsp = regs->gpr[GPR_RSP] & ~(uint64_t)(unwind->word - 1), value;
	struct unwind_interrupt frame;

	for (unsigned i = 0; i < SCAN_WORDS && *budget; i++, --*budget) {
		uint64_t offset = cut(unwind, rsp + i * unwind->word);

		if (!unwind_read_word(unwind, offset, &value))
			return STEP_UNREADABLE;
		if (unwind_is_interrupt_frame(unwind, offset, &frame)) {
			cross_interrupt(unwind, regs, &frame, offset);
			regs->known &= ~(1u << GPR_RBP);
			*source = FRAME_INTERRUPTED;
			return STEP_DONE;
		}
		if (!unwind_is_return_address(unwind, value))
			continue;
		go_to_caller(regs, value, cut(unwind, offset + unwind->word));
		if (regs->gpr[GPR_RBP] <= offset)
			regs->known &= ~(1u << GPR_RBP);
		*source = FRAME_SCAN;
		return STEP_DONE;
	}
	return STEP_NONE;
}

static enum step step_known(
	const struct unwind *unwind, struct unwind_regs *regs, enum frame_source *source)
{
	static const struct {
		enum step (*step)(const struct unwind *unwind, struct unwind_regs *regs);
		enum frame_source source;
	} ways[] = {
		{step_cfi, FRAME_CFI},
		{step_entry, FRAME_RETURN_SLOT},
		{step_stub, FRAME_INTERRUPTED},
		{step_pointer, FRAME_POINTER},
		{step_handler, FRAME_INTERRUPTED},
	};

	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		enum step step = ways[i].step(unwind, regs);

		*source = ways[i].source;
		if (step != STEP_NONE)
			return step;
	}
	return STEP_NONE;
}

static void add_frame(
	struct backtrace *out, const struct unwind_regs *regs, enum frame_source source, bool guess)
{
	out->frame[out->count++] = (struct backtrace_frame){
		.rip = regs->rip,
		.rsp = regs->gpr[GPR_RSP],
		.rbp = regs->gpr[GPR_RBP],
		.has_rbp = knows_rbp(regs),
		.exact = regs->exact,
		.source = source,
		.guess = guess,
	};
}

static struct unwind_regs regs_of(const struct cpu_state *cpu)
{
	struct unwind_regs regs = {.known = (1u << GPR_COUNT) - 1, .rip = cpu->rip, .exact = true};
	bool wide = cpu_code_bits(cpu) == 64;

	for (unsigned i = 0; i < GPR_COUNT; i++)
		regs.gpr[i] = wide ? cpu->gpr[i] : (uint32_t)cpu->gpr[i];
	return regs;
}

void backtrace_make(const struct phys_mem *mem, const struct cpu_state *cpu,
	struct symbols *symbols, struct backtrace *out)
{
	struct unwind unwind = {
		.mem = mem,
		.cpu = cpu,
		.symbols = symbols,
		.word = cpu_code_bits(cpu) / 8,
	};
	struct unwind_regs regs = regs_of(cpu);
	enum frame_source source;
	unsigned budget = SCAN_WORDS_ALL;
	enum step step;
	bool guess;

	*out = (struct backtrace){.end = BACKTRACE_LOST};
	add_frame(out, &regs, FRAME_REGISTERS, false);
	if (unwind.word < 4)
		return;
	while (out->count < BACKTRACE_MAX) {
		guess = false;
		step = step_known(&unwind, &regs, &source);
		if (step == STEP_NONE) {
			guess = true;
			step = step_scan(&unwind, &regs, &source, &budget);
		}
		switch (step) {
		case STEP_DONE:
			add_frame(out, &regs, source, guess);
			continue;
		case STEP_OUTERMOST:
			out->end = BACKTRACE_OUTERMOST;
			return;
		case STEP_UNREADABLE:
			out->end = BACKTRACE_UNREADABLE;
			return;
		default:
			return;
		}
	}
	out->end = BACKTRACE_FULL;
}

uint64_t backtrace_lookup_address(const struct cpu_state *cpu, const struct backtrace_frame *frame)
{
	uint64_t offset = frame->rip - (frame->exact ? 0 : 1);

	if (cpu_code_bits(cpu) == 64)
		return offset;
	return (uint32_t)(cpu->seg[SEG_CS].base + offset);
}

const char *frame_source_word(enum frame_source source)
{
	static const char *const words[] = {
		[FRAME_REGISTERS] = "registers",
		[FRAME_CFI] = "cfi",
		[FRAME_RETURN_SLOT] = "return-slot",
		[FRAME_POINTER] = "frame-pointer",
		[FRAME_INTERRUPTED] = "interrupted",
		[FRAME_SCAN] = "scan",
	};

	return words[source];
}

const char *frame_source_text(enum frame_source source)
{
	static const char *const texts[] = {
		[FRAME_REGISTERS] = "the registers",
		[FRAME_CFI] = "call-frame information",
		[FRAME_RETURN_SLOT] = "the word at the stack pointer",
		[FRAME_POINTER] = "the chain of frame pointers",
		[FRAME_INTERRUPTED] = "an exception frame",
		[FRAME_SCAN] = "a search of the stack (a guess)",
	};

	return texts[source];
}

const char *backtrace_end_text(enum backtrace_end end)
{
	static const char *const texts[] = {
		[BACKTRACE_OUTERMOST] = "the outermost frame",
		[BACKTRACE_FULL] = "more frames follow",
		[BACKTRACE_UNREADABLE] = "the stack goes on in memory that is not mapped",
		[BACKTRACE_LOST] = "no caller was found",
	};

	return texts[end];
}
