/* SPDX-License-Identifier: MIT */
/*
 * finding_image.c: the function at RIP as the monitor loaded it: is RIP in the middle of one of its
 * instructions that was overwritten, and how much stack does it take?
 */
#include "findings_parts.h"

#include <string.h>

#include "region.h"

#define FUNCTION_MAX 4096 /* bytes that are decoded up to RIP */
#define FRAME_MAX    0x40000000u

static bool decode_loaded(const struct findings *findings, uint64_t linear, struct insn *insn)
{
	uint8_t bytes[INSN_BYTES_MAX];
	size_t n = region_loaded(findings->evidence, linear, bytes, sizeof(bytes));
	uint64_t rip = linear - (cpu_code_address(&findings->cpu) - findings->cpu.rip);

	return n && insn_decode(&findings->cpu, rip, bytes, n, insn) == INSN_OK && insn->length;
}

/* sub $N, %rsp */
static bool makes_frame(const struct insn *insn)
{
	return !strcmp(insn->mnemonic, "sub") && insn->has_gpr && insn->gpr == GPR_RSP &&
	       insn->has_imm && !insn->mem_count && insn->imm < FRAME_MAX;
}

/* RIP is inside this instruction of the image, which no jump does: is it there no more? */
static void look_inside(struct findings *findings, uint64_t linear, const struct insn *insn)
{
	struct code_finding *code = &findings->code;
	uint8_t now[INSN_BYTES_MAX];

	if (linear_read(&findings->evidence->mem, &findings->cpu, linear, now, insn->length,
		    linear_system_read)
			.status != LINEAR_OK)
		return;
	for (unsigned i = 0; i < insn->length && !code->torn; i++) {
		if (now[i] == insn->bytes[i])
			continue;
		code->torn = code->differs = true;
		code->differs_at = linear + i;
		code->now = now[i];
		code->then = insn->bytes[i];
	}
}

void findings_image(struct findings *findings)
{
	uint64_t rip = findings->rip.address, at = rip - findings->rip.symbol.offset;
	struct code_finding *code = &findings->code;
	struct insn insn;

	if (!findings->rip.has_symbol || findings->rip.symbol.offset > FUNCTION_MAX ||
		code->wrong_symbols)
		return;
	for (; at < rip && decode_loaded(findings, at, &insn); at += insn.length) {
		if (makes_frame(&insn) && insn.imm > code->frame_size)
			code->frame_size = insn.imm;
		if (at + insn.length > rip)
			look_inside(findings, at, &insn);
	}
	if (code->torn) { /* what runs there is not what anybody wrote */
		findings->insn_text[0] = 0;
		findings->first.has_reason = false;
	}
}
