/* SPDX-License-Identifier: MIT */
/*
 * section_memory.c: page walks, stack and code bytes in a report.
 */
#include <inttypes.h>
#include <stdio.h>

#include "linear.h"
#include "sections.h"

#define STACK_WORDS 24
#define CODE_BEFORE 16
#define CODE_AFTER  32

static const char *access_text(struct walk_access access)
{
	if (access.fetch)
		return access.user ? "instruction fetch from user mode" : "instruction fetch";
	if (access.write)
		return access.user ? "write from user mode" : "write";
	return access.user ? "read from user mode" : "read";
}

/* The entry's rights and, behind them, where it leads. */
static void add_step(struct text *text, const struct walk *walk, const struct walk_step *step)
{
	unsigned digits = walk->mode >= PAGING_PAE ? 16 : 8;

	text_add(text, "%-5s %4u at 0x%-9" PRIx64, walk_level_name(step->level), step->index,
		step->gpa);
	if (!step->readable) {
		text_add(text, "  outside RAM");
		return;
	}
	text_add(text, "  %0*" PRIx64 "  %s", digits, step->entry, step->present ? "P" : "-");
	if (step->present)
		text_add(text, " %s %s %s %s%s", step->write ? "W" : "-", step->user ? "U" : "-",
			step->no_execute ? "NX" : "X ", step->entry & PTE_A ? "A" : "-",
			step->leaf && step->entry & PTE_D ? " D" : "");
	if (step->reserved)
		text_add(text, " reserved 0x%" PRIx64, step->reserved);
	if (step->present && step->leaf && step->level != WALK_PTE)
		text_add(text, " large page");
}

static void add_result(struct text *text, const struct walk *walk)
{
	char why[200];

	if (walk->translated)
		text_add(text, "-> 0x%" PRIx64, walk->gpa);
	if (walk->translated && walk->page_size)
		text_add(text, ", page of %" PRIu64 " KiB, %s%s%s", walk->page_size / 1024,
			walk->rights.user ? "user" : "supervisor",
			walk->rights.write ? ", writable" : ", read-only",
			walk->rights.execute ? ", executable" : ", no execute");
	if (walk->allowed) {
		text_add(text, "; the access is allowed\n");
		return;
	}
	if (walk->translated) {
		text_add(text, "\n");
		text_pad(text, SECTION_INDENT);
	}
	text_style(text, TEXT_BAD);
	text_add(text, "%s", walk_describe(walk, why, sizeof(why)));
	text_style(text, TEXT_PLAIN);
	if (walk->page_fault)
		text_add(text, ": #PF, error code 0x%x", walk->error);
	text_add(text, "\n");
}

void section_walk(
	struct text *text, const struct cpu_state *cpu, const char *what, const struct walk *walk)
{
	section_title(text, "walk");
	text_add(text, "%s 0x%" PRIx64 ": %s, %s", what, walk->linear, access_text(walk->access),
		paging_mode_name(walk->mode));
	if (walk->mode != PAGING_NONE)
		text_add(text, ", CR3 0x%" PRIx64 "%s", cpu->cr3,
			walk->pdptes_cached ? " (PDPTEs as in memory now)" : "");
	text_add(text, "\n");
	for (unsigned i = 0; i < walk->step_count; i++) {
		bool guilty = (int)i == walk->guilty;

		text_pad(text, SECTION_INDENT);
		if (guilty)
			text_style(text, TEXT_BAD);
		add_step(text, walk, &walk->step[i]);
		if (guilty)
			text_add(text, "  <== stops here");
		text_style(text, TEXT_PLAIN);
		text_add(text, "\n");
	}
	text_pad(text, SECTION_INDENT);
	add_result(text, walk);
}

static unsigned word_size(const struct cpu_state *cpu)
{
	return cpu_code_bits(cpu) / 8;
}

/* Linear address of SS:RSP + offset. */
static uint64_t stack_address(const struct cpu_state *cpu, int64_t offset)
{
	const struct cpu_segment *ss = &cpu->seg[SEG_SS];
	uint64_t rsp = cpu->gpr[GPR_RSP] + (uint64_t)offset;

	if (cpu_code_bits(cpu) == 64)
		return rsp;
	return (uint32_t)(ss->base + (ss->db ? (uint32_t)rsp : (uint16_t)rsp));
}

/* What the CPU was doing when it set CR2, as far as the last #PF tells. */
static bool cr2_access(const struct cpu_state *cpu, struct walk_access *access)
{
	const struct cpu_events *events = &cpu->events;

	*access = (struct walk_access){.user = cpu_cpl(cpu) == 3};
	if (events->exception_vector != VEC_PF || !events->exception_has_error)
		return cpu->cr2 != 0;
	access->write = events->exception_error & PF_W;
	access->user = events->exception_error & PF_U;
	access->fetch = events->exception_error & PF_I;
	return true;
}

void section_walks(struct text *text, const struct evidence *evidence, const struct cpu_state *cpu)
{
	bool user = cpu_cpl(cpu) == 3;
	struct walk_access access = {.fetch = true, .user = user};
	struct walk walk = walk_linear(&evidence->mem, cpu, cpu_code_address(cpu), access);

	section_walk(text, cpu, "rip", &walk);
	access = (struct walk_access){.write = true, .user = user};
	walk = walk_linear(
		&evidence->mem, cpu, stack_address(cpu, -(int64_t)word_size(cpu)), access);
	section_walk(text, cpu, "next push", &walk);
	if (!cr2_access(cpu, &access))
		return;
	walk = walk_linear(&evidence->mem, cpu, cpu->cr2, access);
	section_walk(text, cpu, "cr2", &walk);
}

static bool read_linear(const struct evidence *evidence, const struct cpu_state *cpu, uint64_t at,
	void *buf, size_t n)
{
	return linear_read(&evidence->mem, cpu, at, buf, n, linear_system_read).status == LINEAR_OK;
}

void section_stack(struct text *text, const struct evidence *evidence, const struct cpu_state *cpu)
{
	unsigned size = word_size(cpu), per_line = size == 8 ? 4 : 8;

	section_title(text, "stack");
	for (unsigned i = 0; i < STACK_WORDS; i++) {
		uint64_t at = stack_address(cpu, (int64_t)i * size), word = 0;

		if (i % per_line == 0) {
			if (i) {
				text_add(text, "\n");
				text_pad(text, SECTION_INDENT);
			}
			text_add(text, "%0*" PRIx64 ":", size == 8 ? 16 : 8, at);
		}
		if (!read_linear(evidence, cpu, at, &word, size)) {
			text_add(text, " not readable");
			break;
		}
		text_add(text, " %0*" PRIx64, (int)size * 2, word);
	}
	text_add(text, "\n");
}

void section_code(struct text *text, const struct evidence *evidence, const struct cpu_state *cpu)
{
	uint64_t at = cpu_code_address(cpu);

	section_title(text, "code");
	for (int i = -CODE_BEFORE; i < CODE_AFTER; i++) {
		uint8_t byte;

		if (i == CODE_AFTER / 3) {
			text_add(text, "\n");
			text_pad(text, SECTION_INDENT);
		} else if (i > -CODE_BEFORE) {
			text_add(text, " ");
		}
		if (i == 0)
			text_style(text, TEXT_MARK);
		if (read_linear(evidence, cpu, at + (uint64_t)i, &byte, 1))
			text_add(text, i == 0 ? "<%02x>" : "%02x", byte);
		else
			text_add(text, i == 0 ? "<-->" : "--");
		text_style(text, TEXT_PLAIN);
	}
	text_add(text, "\n");
}
