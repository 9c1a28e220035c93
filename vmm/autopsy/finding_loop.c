/* SPDX-License-Identifier: MIT */
/*
 * finding_loop.c: does the code at RIP wait for a lock? A short loop around RIP with an atomic
 * exchange, or with pause and a comparison, on one memory operand.
 */
#include "findings_parts.h"

#include <stdio.h>
#include <string.h>

#define LOOP_INSNS 24

/* The jump back over RIP among the next instructions: where the loop begins and ends. */
static bool find_loop(const struct findings *findings, uint64_t *begin, uint64_t *end)
{
	uint64_t rip = findings->rip.address, at = rip;
	uint64_t base = rip - findings->cpu.rip;
	struct insn insn;

	for (unsigned i = 0; i < LOOP_INSNS; i++, at += insn.length) {
		if (!findings_decode(findings, at, &insn) || insn.op == INSN_CALL ||
			insn.op == INSN_RET || insn.op == INSN_IRET)
			return false;
		if (insn.op != INSN_JUMP || !(insn.flags & INSN_TARGET) || base + insn.target > rip)
			continue;
		*begin = base + insn.target;
		*end = at + insn.length;
		return *end - *begin < 128;
	}
	return false;
}

static bool is_one_of(const struct insn *insn, const char *const *names)
{
	while (*names && strcmp(insn->mnemonic, *names))
		names++;
	return *names != NULL;
}

/* What takes a lock, by trying. */
static bool is_attempt(const struct insn *insn)
{
	static const char *const names[] = {"xchg", "cmpxchg", "bts", "btr", "btc", NULL};

	return is_one_of(insn, names);
}

/* What changes with each round ends some day: that loop counts, it does not only wait. */
static bool is_progress(const struct insn *insn)
{
	static const char *const names[] = {"inc", "dec", "add", "sub", "adc", "sbb", "xadd", "lea",
		"loop", "loope", "loopne", NULL};

	return is_one_of(insn, names);
}

void findings_loop(struct findings *findings)
{
	uint64_t at, begin, end;
	struct insn insn;
	bool pause = false, atomic = false;
	const char *mnemonic = NULL;
	char name[96];
	uint8_t byte;

	if (!find_loop(findings, &begin, &end))
		return;
	for (at = begin; at < end; at += insn.length) {
		if (!findings_decode(findings, at, &insn))
			return;
		if (is_progress(&insn))
			return;
		pause |= !strcmp(insn.mnemonic, "pause");
		if (insn.mem_count != 1 || insn.mem[0].kind != INSN_MEM_DATA ||
			!insn.mem[0].resolved)
			continue;
		if (mnemonic && insn.mem[0].linear != findings->lock.address)
			return;
		if (insn.mem[0].write && !is_attempt(&insn))
			return;
		atomic |= is_attempt(&insn);
		mnemonic = insn.mnemonic;
		findings->lock = findings_place(findings, insn.mem[0].linear);
	}
	/* What is no RAM is a device, which changes by itself. */
	findings->locks = mnemonic && (atomic || pause) && findings->lock.mapped &&
	                  phys_read(&findings->evidence->mem, findings->lock.gpa, &byte, 1);
	if (!findings->locks)
		return;
	if (!symbols_format(findings->symbols, findings->lock.address, name, sizeof(name)))
		snprintf(name, sizeof(name), "0x%llx", (unsigned long long)findings->lock.address);
	snprintf(findings->lock_text, sizeof(findings->lock_text), "%s", name);
}
