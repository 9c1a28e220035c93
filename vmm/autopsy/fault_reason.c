/* SPDX-License-Identifier: MIT */
/*
 * fault_reason.c: runs the fault rules over the instruction at CS:RIP, in the order of SDM vol. 3,
 * table 6-2 "Priority Among Concurrent Events".
 * Fetching and decoding are here, everything else in the files of the rules.
 */
#include "fault_reason.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fault_rules.h"
#include "linear.h"

struct fault_reason *fault_add(struct fault_scene *scene, enum fault_why why, uint8_t vector)
{
	struct fault_analysis *out = scene->out;
	struct fault_reason *reason =
		out->count < FAULT_REASONS_MAX ? &out->reasons[out->count++] : &scene->overflow;

	*reason = (struct fault_reason){
		.why = why,
		.vector = vector,
		.certain = true,
		.operand = FAULT_NO_MEM,
		.reg = INSN_NO_REG,
	};
	return reason;
}

struct fault_reason *fault_add_error(
	struct fault_scene *scene, enum fault_why why, uint8_t vector, uint32_t error)
{
	struct fault_reason *reason = fault_add(scene, why, vector);

	reason->has_error = fault_protected_mode(scene->cpu) || (scene->cpu->rflags & RFLAGS_VM);
	reason->error = reason->has_error ? error : 0;
	return reason;
}

void fault_say(struct fault_reason *reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reason->text, sizeof(reason->text), format, args);
	va_end(args);
}

bool fault_protected_mode(const struct cpu_state *cpu)
{
	return (cpu->cr0 & CR0_PE) && !(cpu->rflags & RFLAGS_VM);
}

bool fault_read(const struct fault_scene *scene, uint64_t linear, void *buf, size_t n)
{
	struct walk_access access = {.user = scene->cpl == 3};

	return linear_read(scene->mem, scene->cpu, linear, buf, n, access).status == LINEAR_OK;
}

bool fault_read_operand(const struct fault_scene *scene, unsigned i, uint64_t *value)
{
	const struct insn_mem *mem = &scene->insn->mem[i];
	uint8_t bytes[8] = {0};

	*value = 0;
	if (!mem->resolved || mem->size > 8 || !fault_read(scene, mem->linear, bytes, mem->size))
		return false;
	memcpy(value, bytes, 8);
	return true;
}

/* The fetch of one byte at an offset in CS: limit, canonical address, page. False when it faults.
 */
static bool check_fetch(struct fault_scene *scene, uint64_t offset, uint8_t *byte)
{
	const struct cpu_state *cpu = scene->cpu;
	const struct cpu_segment *cs = &cpu->seg[SEG_CS];
	bool wide = cpu_code_bits(cpu) == 64;
	uint64_t linear = wide ? offset : (uint32_t)(cs->base + (uint32_t)offset);
	struct walk_access access = {.fetch = true, .user = scene->cpl == 3};
	struct linear_result result;
	struct fault_reason *reason;
	char why[200];

	if (!wide && offset > cs->limit) {
		reason = fault_add_error(scene, FAULT_FETCH_LIMIT, VEC_GP, 0);
		reason->segment = SEG_CS;
		fault_say(reason, "The instruction at offset 0x%llx is beyond CS's limit 0x%x.",
			(unsigned long long)offset, cs->limit);
		return false;
	}
	result = linear_read(scene->mem, cpu, linear, byte, 1, access);
	if (result.status == LINEAR_OK)
		return true;
	if (result.status == LINEAR_OUTSIDE_RAM) {
		scene->out->complete = false;
		return false;
	}
	if (result.status == LINEAR_NON_CANONICAL) {
		reason = fault_add_error(scene, FAULT_FETCH_NON_CANONICAL, VEC_GP, 0);
		fault_say(reason, "RIP 0x%llx is not a canonical address.",
			(unsigned long long)offset);
	} else {
		reason = fault_add_error(scene, FAULT_FETCH_PAGE, VEC_PF, result.walk.error);
		reason->walk = result.walk;
		reason->has_walk = true;
		fault_say(reason, "The instruction at 0x%llx cannot be fetched: %s.",
			(unsigned long long)linear, walk_describe(&result.walk, why, sizeof(why)));
	}
	reason->address = linear;
	reason->has_address = true;
	return false;
}

/* Reads what can be fetched of the instruction. Only the first byte and the first of a new page can
 * fault. */
static size_t fetch(struct fault_scene *scene, uint8_t *bytes, struct fault_analysis *rest)
{
	const struct cpu_state *cpu = scene->cpu;
	size_t n;

	for (n = 0; n < INSN_BYTES_MAX; n++) {
		uint64_t offset = cpu->rip + n;

		if (cpu_code_bits(cpu) != 64)
			offset = (uint32_t)offset;
		if (!check_fetch(scene, offset, &bytes[n]))
			break;
	}
	/* What stops the fetch counts only when the instruction needs that byte. */
	*rest = *scene->out;
	scene->out->count = 0;
	scene->out->complete = true;
	return n;
}

static bool is_legacy_prefix(uint8_t byte)
{
	return byte == 0x66 || byte == 0x67 || byte == 0xf2 || byte == 0xf3 || byte == 0x2e ||
	       byte == 0x36 || byte == 0x3e || byte == 0x26 || byte == 0x64 || byte == 0x65;
}

/* Opcodes that 64-bit mode has taken away: SDM vol. 2, appendix A, table A-2, superscript i64. */
static bool is_gone_in_64bit(const uint8_t *bytes, size_t n, uint8_t *opcode)
{
	static const uint8_t gone[] = {0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x27, 0x2f, 0x37,
		0x3f, 0x60, 0x61, 0x82, 0x9a, 0xce, 0xd4, 0xd5, 0xea};
	size_t i = 0;

	while (i < n && is_legacy_prefix(bytes[i]))
		i++;
	*opcode = i < n ? bytes[i] : 0;
	return i < n && memchr(gone, bytes[i], sizeof(gone));
}

static bool decodes_protected(const struct fault_scene *scene, const uint8_t *bytes, size_t n)
{
	struct cpu_state other = *scene->cpu;
	struct insn insn;

	other.cr0 |= CR0_PE;
	other.rflags &= ~(uint64_t)RFLAGS_VM;
	return insn_decode(&other, other.rip, bytes, n, &insn) == INSN_OK;
}

static void explain_invalid(struct fault_scene *scene, const uint8_t *bytes, size_t n)
{
	struct fault_reason *reason;
	uint8_t opcode;

	if (cpu_code_bits(scene->cpu) == 64 && is_gone_in_64bit(bytes, n, &opcode)) {
		reason = fault_add(scene, FAULT_NOT_IN_64BIT_MODE, VEC_UD);
		fault_say(reason,
			"Opcode 0x%02x is no instruction in 64-bit mode; it is one in 32-bit code.",
			opcode);
	} else if (!fault_protected_mode(scene->cpu) && decodes_protected(scene, bytes, n)) {
		reason = fault_add(scene, FAULT_NOT_IN_REAL_MODE, VEC_UD);
		fault_say(reason, "This instruction exists only in protected mode.");
	} else {
		reason = fault_add(scene, FAULT_INVALID_OPCODE, VEC_UD);
		/* The decoder may not know what the newest CPUs do. */
		reason->certain = false;
		fault_say(reason, "The bytes at RIP are no instruction that is known.");
	}
}

/* Whether the bytes can begin an instruction that every CPU has; else #UD may come before the rest
 * is fetched. */
static bool begins_instruction(const struct fault_scene *scene, const uint8_t *bytes, size_t n)
{
	static const uint8_t fills[] = {0x00, 0xc0, 0x08, 0x05};
	uint8_t filled[INSN_BYTES_MAX];
	struct insn insn;

	for (size_t i = 0; i < sizeof(fills); i++) {
		memset(filled, fills[i], sizeof(filled));
		memcpy(filled, bytes, n);
		if (insn_decode(scene->cpu, scene->cpu->rip, filled, sizeof(filled), &insn) ==
				INSN_OK &&
			insn.op != INSN_UD && insn.feature != INSN_NEEDS_OTHER)
			return true;
	}
	return false;
}

/* Where not all bytes can be fetched, the CPU may fault on the fetch before it sees that the opcode
 * is undefined. */
static void doubt_undefined(struct fault_scene *scene, size_t n)
{
	if (n < INSN_BYTES_MAX)
		scene->out->reasons[0].certain = false;
}

/* False when nothing is left to check. */
static bool decode(struct fault_scene *scene)
{
	struct fault_analysis *out = scene->out, fetched;
	uint8_t bytes[INSN_BYTES_MAX];
	size_t n = fetch(scene, bytes, &fetched);
	struct fault_reason *reason;

	out->decoded = insn_decode(scene->cpu, scene->cpu->rip, bytes, n, &out->insn);
	switch (out->decoded) {
	case INSN_OK:
		insn_resolve(&out->insn, scene->cpu);
		return true;
	case INSN_TRUNCATED:
		if (n && fetched.count && !begins_instruction(scene, bytes, n))
			fetched.reasons[0].certain = false;
		fetched.decoded = out->decoded;
		fetched.insn = out->insn;
		*out = fetched;
		return false;
	case INSN_TOO_LONG:
		reason = fault_add_error(scene, FAULT_TOO_LONG, VEC_GP, 0);
		fault_say(reason, "The instruction is longer than 15 bytes.");
		return false;
	case INSN_BAD_LOCK:
		reason = fault_add(scene, FAULT_BAD_LOCK, VEC_UD);
		fault_say(reason,
			"A lock prefix stands before an instruction that cannot be locked.");
		doubt_undefined(scene, n);
		return false;
	default:
		explain_invalid(scene, bytes, n);
		doubt_undefined(scene, n);
		return false;
	}
}

/* What is left to chance: state that is not known here, and memory accesses that are not listed. */
static bool is_modelled(const struct insn *insn)
{
	const unsigned open = INSN_MORE_MEMORY | INSN_X87 | INSN_MMX | INSN_SSE | INSN_AVX;

	if ((insn->flags & open) || insn->feature == INSN_NEEDS_OTHER)
		return false;
	for (unsigned i = 0; i < insn->mem_count; i++)
		if (insn->mem[i].conditional)
			return false;
	/* Reserved bits in the image that fxrstor loads. */
	if (insn->op == INSN_FXSAVE && insn->mem_count && insn->mem[0].read)
		return false;
	return insn->op != INSN_RDMSR && insn->op != INSN_WRMSR && insn->op != INSN_XSETBV &&
	       insn->op != INSN_MONITOR && insn->op != INSN_VMCALL;
}

void fault_predict(
	const struct phys_mem *mem, const struct cpu_state *cpu, struct fault_analysis *out)
{
	struct fault_scene scene = {
		.mem = mem,
		.cpu = cpu,
		.out = out,
		.insn = &out->insn,
		.cpl = cpu_cpl(cpu),
	};

	*out = (struct fault_analysis){.complete = true};
	if (!decode(&scene))
		return;
	out->complete = is_modelled(&out->insn);
	fault_check_units(&scene);
	fault_check_privilege(&scene);
	fault_check_control(&scene);
	fault_check_msr(&scene);
	fault_check_selectors(&scene);
	fault_check_memory(&scene);
	fault_check_transfers(&scene);
	fault_check_arithmetic(&scene);
}
