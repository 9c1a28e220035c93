/* SPDX-License-Identifier: MIT */
/*
 * finding_code.c: the instruction at RIP, the one before it, and the bytes around them.
 */
#include "findings_parts.h"

#include <string.h>

#include "region.h"

#define FUNCTION_MAX 4096 /* bytes that are decoded to find the instruction before RIP */
#define PAGE         4096u
#define ZEROS_MAX    0x1000000ull
#define ZEROS_LEAST  64   /* bytes, that nobody means for code */
#define BEHIND_ZEROS 4096 /* bytes */

size_t findings_code_bytes(const struct findings *findings, uint64_t linear, uint8_t *buf, size_t n)
{
	const struct evidence *evidence = findings->evidence;
	size_t to_page_end = PAGE - (linear & (PAGE - 1));

	if (linear_read(&evidence->mem, &findings->cpu, linear, buf, n, linear_system_read)
			.status == LINEAR_OK)
		return n;
	if (to_page_end < n && linear_read(&evidence->mem, &findings->cpu, linear, buf, to_page_end,
				       linear_system_read)
					       .status == LINEAR_OK)
		return to_page_end;
	return region_loaded(evidence, linear, buf, n);
}

bool findings_decode(const struct findings *findings, uint64_t linear, struct insn *insn)
{
	uint8_t bytes[INSN_BYTES_MAX];
	size_t n = findings_code_bytes(findings, linear, bytes, sizeof(bytes));
	uint64_t rip = linear - (cpu_code_address(&findings->cpu) - findings->cpu.rip);

	if (insn_decode(&findings->cpu, rip, bytes, n, insn) != INSN_OK)
		return false;
	insn_resolve(insn, &findings->cpu);
	return true;
}

static bool name_address(void *ctx, uint64_t linear, char *buf, size_t size)
{
	return symbols_format(ctx, linear, buf, size);
}

static void format(const struct findings *findings, const struct insn *insn, char *buf)
{
	insn_format(insn, &findings->cpu, INSN_ATT, name_address, findings->symbols, buf,
		INSN_TEXT_MAX);
}

/* Decodes the function from its beginning to RIP: its instructions, nearest first. */
static void decode_past(struct findings *findings)
{
	uint64_t rip = findings->rip.address;
	uint64_t at = rip - findings->rip.symbol.offset;
	struct insn insn;

	findings->past_count = 0;
	if (!findings->rip.has_symbol || findings->rip.symbol.offset > FUNCTION_MAX)
		return;
	while (at < rip && findings_decode(findings, at, &insn) && insn.length) {
		memmove(findings->past + 1, findings->past,
			sizeof(findings->past) - sizeof(findings->past[0]));
		findings->past[0] = insn;
		if (findings->past_count < PAST_MAX)
			findings->past_count++;
		at += insn.length;
	}
	if (at != rip)
		findings->past_count = 0;
}

/* mov to CR0 that turned paging on, where it was before: linear addresses were physical ones. */
static bool decode_unpaged(const struct findings *findings, uint64_t linear, struct insn *insn)
{
	uint64_t rip = linear - (cpu_code_address(&findings->cpu) - findings->cpu.rip);
	uint8_t bytes[INSN_BYTES_MAX];

	return phys_read(&findings->evidence->mem, linear, bytes, sizeof(bytes)) &&
	       insn_decode(&findings->cpu, rip, bytes, sizeof(bytes), insn) == INSN_OK &&
	       insn->op == INSN_WRITE_CR && insn->system_reg == 0;
}

/* The second run's last step but one. */
static bool trail_before(const struct findings *findings, struct insn *before)
{
	const struct evidence *evidence = findings->evidence;
	unsigned n = evidence->trail_count;
	uint64_t linear;

	if (n < 2 || n > TRAIL_STEPS || evidence->trail[n - 1].rip != findings->cpu.rip)
		return false;
	linear =
		evidence->trail[n - 2].rip + (cpu_code_address(&findings->cpu) - findings->cpu.rip);
	return findings_decode(findings, linear, before) ||
	       decode_unpaged(findings, linear, before);
}

static void find_before(struct findings *findings)
{
	struct insn *before = &findings->before;

	findings->before_known = KNOWN_NOT;
	findings->insn_before[0] = 0;
	if (trail_before(findings, before)) {
		findings->before_known = KNOWN_RECOVERED;
	} else if (findings->past_count) {
		findings->before_known = KNOWN_INFERRED;
		*before = findings->past[0];
	}
	if (findings->before_known)
		format(findings, before, findings->insn_before);
	else
		memset(before, 0, sizeof(*before));
}

static void remember(struct findings *findings, const struct insn *insn)
{
	findings->lidt_before |= insn->op == INSN_LIDT;
	findings->cr3_before |= insn->op == INSN_WRITE_CR && insn->system_reg == 3;
}

static bool stack_was_switched(const struct trail_step *from, const struct trail_step *to)
{
	uint64_t up = to->rsp - from->rsp, down = from->rsp - to->rsp;

	return (up < down ? up : down) > PAGE;
}

/* lidt and mov to CR3 among the last instructions; a stack chosen after CR3 was loaded is not what
 * that took away. */
static void look_back(struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;
	unsigned n = evidence->trail_count <= TRAIL_STEPS ? evidence->trail_count : 0;
	uint64_t base = cpu_code_address(&findings->cpu) - findings->cpu.rip;
	struct insn insn;

	findings->lidt_before = findings->cr3_before = false;
	for (unsigned i = 0; i < findings->past_count; i++)
		remember(findings, &findings->past[i]);
	for (unsigned i = n > PAST_MAX ? n - PAST_MAX : 0; i < n; i++) {
		if (i && stack_was_switched(&evidence->trail[i - 1], &evidence->trail[i]))
			findings->cr3_before = false;
		if (findings_decode(findings, base + evidence->trail[i].rip, &insn))
			remember(findings, &insn);
	}
}

/* Memory as it is, but for the bytes of one instruction: those that were loaded. */
struct loaded_code {
	const struct evidence *evidence;
	uint64_t linear, gpa;
};

static bool read_loaded(const void *ctx, uint64_t gpa, void *buf, size_t n)
{
	const struct loaded_code *code = ctx;
	uint64_t ahead = gpa - code->gpa;
	size_t length = INSN_BYTES_MAX - ahead;

	if (!phys_read(&code->evidence->mem, gpa, buf, n))
		return false;
	if (ahead < INSN_BYTES_MAX)
		region_loaded(code->evidence, code->linear + ahead, buf, n < length ? n : length);
	return true;
}

static void predict_loaded(struct findings *findings)
{
	struct loaded_code code = {.evidence = findings->evidence,
		.linear = findings->rip.address,
		.gpa = findings->rip.gpa};
	struct phys_mem mem = {.read = read_loaded, .ctx = &code};

	fault_predict(&mem, &findings->cpu, &findings->insn);
}

void findings_instruction(struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;
	struct cpu_state *cpu = &findings->cpu;

	findings->rip = findings_place(findings, cpu_code_address(cpu));
	if (findings->under_frames && findings->rip.mapped)
		predict_loaded(findings);
	else
		fault_predict(&evidence->mem, cpu, &findings->insn);
	findings->insn_text[0] = 0;
	if (findings->insn.decoded == INSN_OK)
		format(findings, &findings->insn.insn, findings->insn_text);
	decode_past(findings);
	find_before(findings);
	look_back(findings);
}

bool findings_call_before(const struct findings *findings, uint64_t linear, struct insn *call)
{
	/* Lengths of near calls: call rel32 is 5 (rel16: 3), indirect ones 2 to 8. */
	static const uint8_t lengths[] = {5, 2, 3, 7, 6, 4, 8};

	for (unsigned i = 0; i < sizeof(lengths); i++)
		if (linear >= lengths[i] && findings_decode(findings, linear - lengths[i], call) &&
			call->op == INSN_CALL && call->length == lengths[i])
			return true;
	return false;
}

/* Zeros among the n bytes at linear: from the first on, or from the last back. */
static unsigned count_zeros(const struct findings *findings, uint64_t linear, bool back)
{
	uint8_t bytes[64];
	unsigned n = 0;

	if (linear_read(&findings->evidence->mem, &findings->cpu, linear, bytes, sizeof(bytes),
		    linear_system_read)
			.status != LINEAR_OK)
		return 0;
	while (n < sizeof(bytes) && !bytes[back ? sizeof(bytes) - 1 - n : n])
		n++;
	return n;
}

/* In steps of 64 bytes; up to a page each way. */
static void find_zeros(struct findings *findings)
{
	uint64_t rip = findings->rip.address;
	struct code_finding *code = &findings->code;
	unsigned n = 64;

	while (n == 64 && code->zero_before < PAGE) {
		n = count_zeros(findings, rip - code->zero_before - 64, true);
		code->zero_before += n;
	}
	for (n = 64; n == 64 && code->zero_after < PAGE;) {
		n = count_zeros(findings, rip + code->zero_after, false);
		code->zero_after += n;
	}
}

/* The instruction at RIP, compared with what the monitor loaded: the symbols may be of another
 * file. What differs beside it need not matter: kernels patch their code. */
static void compare_image(struct findings *findings)
{
	bool decoded = findings->insn.decoded == INSN_OK;
	uint64_t at = findings->rip.address;
	struct code_finding *code = &findings->code;
	uint8_t now[INSN_BYTES_MAX], then[INSN_BYTES_MAX];
	size_t n = decoded ? findings->insn.insn.length : INSN_BYTES_MAX;

	n = region_loaded(findings->evidence, at, then, n);
	if (!n || linear_read(
			  &findings->evidence->mem, &findings->cpu, at, now, n, linear_system_read)
				  .status != LINEAR_OK)
		return;
	for (size_t i = 0; i < n && !code->differs; i++) {
		code->differs = now[i] != then[i];
		code->differs_at = at + i;
		code->now = now[i];
		code->then = then[i];
	}
}

/* A function that the symbols' file has otherwise than the image: symbols of another build. */
static bool is_wrong_symbol(const struct findings *findings)
{
	const struct place *rip = &findings->rip;
	uint8_t image[64], file[64];
	size_t n = rip->symbol.size && rip->symbol.size < sizeof(file) ? rip->symbol.size
	                                                               : sizeof(file);
	size_t known;

	if (!rip->has_symbol || !rip->has_segment || !rip->segment.executable)
		return false;
	known = region_loaded(findings->evidence, rip->symbol.address, image, n);
	n = symbols_read(findings->symbols, rip->symbol.address, file, n);
	return memcmp(image, file, n < known ? n : known) != 0;
}

/* Where the call leads, with registers and memory as they are now. */
static bool find_target(const struct findings *findings, const struct insn *call, uint64_t *target)
{
	*target = call->target;
	if (call->target_mem < 0)
		return call->flags & INSN_TARGET;
	return (unsigned)call->target_mem < call->mem_count &&
	       findings_word(findings, call->mem[call->target_mem].linear, target);
}

/* How far from address 0 there is nothing but zeros, as far as that matters to RIP. */
static uint64_t zeros_from_null(const struct findings *findings)
{
	uint64_t rip = findings->rip.address, at;
	uint8_t bytes[256];

	for (at = 0; at <= rip + 1 && at < ZEROS_MAX; at += sizeof(bytes)) {
		if (linear_read(&findings->evidence->mem, &findings->cpu, at, bytes, sizeof(bytes),
			    linear_system_read)
				.status != LINEAR_OK)
			return at;
		for (size_t i = 0; i < sizeof(bytes); i++)
			if (bytes[i])
				return at + i;
	}
	return at;
}

/* Whoever calls a null pointer there comes to RIP: two bytes a step, and on through what is no code
 * either. */
static bool null_leads_here(const struct findings *findings)
{
	uint64_t rip = findings->rip.address, zeros = zeros_from_null(findings);

	if (rip + 1 < zeros)
		return !(rip & 1);
	return zeros >= ZEROS_LEAST && rip - zeros < BEHIND_ZEROS &&
	       !(findings->rip.has_symbol && findings->rip.symbol.kind == SYMBOL_FUNCTION);
}

static void find_caller(struct findings *findings)
{
	struct code_finding *code = &findings->code;
	uint64_t top = findings_stack_top(findings);
	struct insn call;
	uint64_t word;

	if (findings_word(findings, top, &word) && findings_call_before(findings, word, &call)) {
		code->from_call = true;
		code->caller_indirect = call.target_mem >= 0 || call.has_gpr;
		code->caller_known = find_target(findings, &call, &code->caller_target);
		code->caller_agrees =
			code->caller_known && code->caller_target == findings->cpu.rip;
		code->caller_null =
			code->caller_known && !code->caller_target && null_leads_here(findings);
		code->caller = findings_place(findings, word - call.length);
	}
	code->after_ret = findings_word(findings, top - findings_word_size(findings), &word) &&
	                  word == findings->cpu.rip;
}

void findings_code(struct findings *findings)
{
	struct code_finding *code = &findings->code;

	code->readable =
		linear_read(&findings->evidence->mem, &findings->cpu, findings->rip.address,
			code->bytes, INSN_BYTES_MAX,
			(struct walk_access){.fetch = true, .user = cpu_cpl(&findings->cpu) == 3})
			.status == LINEAR_OK;
	find_zeros(findings);
	compare_image(findings);
	code->wrong_symbols = is_wrong_symbol(findings);
	find_caller(findings);
}
