/* SPDX-License-Identifier: MIT */
/*
 * finding_width.c: was the code at RIP compiled for another width than its segment has?
 */
#include "findings_parts.h"

#define FUNCTION_MAX 4096 /* bytes that are decoded up to RIP */
#define LOOK_INSNS   16

/* What the function is when it is decoded in another width. */
struct width_look {
	unsigned insns;
	unsigned rex;   /* REX.W prefixes, which are dec in other code */
	unsigned odd;   /* of them where nobody puts one: before a branch, say, which follows dec */
	unsigned zeros; /* 00 00, an addition that nobody writes: the upper half of an immediate */
	unsigned missed; /* source lines up to RIP that begin in the middle of an instruction */
	bool inside;     /* RIP is in the middle of an instruction */
};

static bool is_odd(const struct insn *insn)
{
	switch (insn->op) {
	case INSN_JUMP:
	case INSN_CALL:
		return insn->flags & INSN_TARGET;
	case INSN_RET:
	case INSN_INT:
	case INSN_HLT:
	case INSN_CLI:
	case INSN_STI:
		return true;
	default:
		return false;
	}
}

static void count_insn(struct width_look *look, const uint8_t *bytes, const struct insn *insn)
{
	bool rex = (bytes[0] & 0xf8) == 0x48;

	look->insns++;
	look->rex += rex;
	look->odd += rex && is_odd(insn);
	look->zeros += !bytes[0] && !bytes[1];
}

/* Does another source line begin here? Not at the first byte of what has lines. */
static bool line_begins(const struct findings *findings, uint64_t linear)
{
	struct source_line here, before;

	return symbols_find_line(findings->symbols, linear, &here) &&
	       symbols_find_line(findings->symbols, linear - 1, &before) &&
	       here.line != before.line;
}

static unsigned count_missed(const struct findings *findings, uint64_t at, unsigned length)
{
	unsigned missed = 0;

	for (unsigned i = 1; i < length && at + i <= findings->rip.address; i++)
		missed += line_begins(findings, at + i);
	return missed;
}

/* Decodes from the function's beginning to its end, or LOOK_INSNS beyond RIP. False when that is no
 * code up to RIP. */
static bool look_as(
	const struct findings *findings, const struct cpu_state *cpu, struct width_look *look)
{
	const struct symbol *symbol = &findings->rip.symbol;
	uint64_t rip = findings->rip.address, at = rip - symbol->offset;
	uint64_t end = symbol->size ? at + symbol->size : UINT64_MAX;
	uint8_t bytes[INSN_BYTES_MAX];
	unsigned beyond = 0;
	struct insn insn;

	*look = (struct width_look){0};
	for (; at < end && beyond < LOOK_INSNS; at += insn.length) {
		size_t n = findings_code_bytes(findings, at, bytes, sizeof(bytes));

		if (insn_decode(cpu, at, bytes, n, &insn) != INSN_OK || !insn.length)
			return at > rip;
		beyond += at >= rip;
		count_insn(look, bytes, &insn);
		if (findings->rip.has_line && cpu_code_bits(&findings->cpu) == 16)
			look->missed += count_missed(findings, at, insn.length);
		look->inside |= at < rip && at + insn.length > rip;
	}
	return true;
}

/* In long mode a segment of another width is rare. Elsewhere it is not, nor are some dec: then it
 * has to be more of them than anybody writes. */
static bool looks_64bit(const struct findings *findings, const struct width_look *look)
{
	if (look->odd)
		return false;
	if (cpu_long_mode(&findings->cpu))
		return look->rex > 1 || (look->rex && look->inside);
	return look->rex > 1 && look->rex * 3 >= look->insns;
}

/* Source lines begin where instructions do: where all do so in 32-bit code, and in 16-bit code not
 * all, it was assembled for 32 bits. Without lines the upper halves of constants must tell. */
static bool looks_32bit(const struct width_look *wide, const struct width_look *as_is)
{
	return (!wide->zeros && as_is->zeros) || (!wide->missed && as_is->missed);
}

/* Runs the function with segments of the wrong width? */
void findings_width(struct findings *findings)
{
	struct cpu_state wide = findings->cpu;
	struct code_finding *code = &findings->code;
	struct width_look as_is, look;

	if (cpu_code_bits(&findings->cpu) == 64 || !findings->rip.has_symbol ||
		findings->rip.symbol.offset > FUNCTION_MAX)
		return;
	wide.cr0 |= CR0_PE;
	wide.seg[SEG_CS].db = true;
	wide.efer &= ~EFER_LMA;
	code->looks_32bit = cpu_code_bits(&findings->cpu) == 16 &&
	                    look_as(findings, &wide, &look) &&
	                    look_as(findings, &findings->cpu, &as_is) && looks_32bit(&look, &as_is);
	wide.efer |= EFER_LMA;
	wide.seg[SEG_CS].l = true;
	wide.seg[SEG_CS].db = false;
	if (!look_as(findings, &wide, &look))
		return;
	code->inside_64bit = look.inside;
	code->looks_64bit = looks_64bit(findings, &look);
}
