/* SPDX-License-Identifier: MIT */
/*
 * rules_memory.c: what the CPU needs was there and was overwritten. "Empty" is another matter than
 * "emptied": something must prove the former content.
 */
#include <inttypes.h>
#include <string.h>

#include "names.h"
#include "rule.h"

static const char *const table_names[] = {"IDT", "GDT", "TSS", "page table"};

static bool died(const struct findings *findings)
{
	return findings->evidence->death == DEATH_SHUTDOWN ||
	       findings->evidence->death == DEATH_KVM_INTERNAL;
}

/* Kernels take the page at 0 out of the tables, so that null pointers are found out: that one entry
 * is as they want it. */
static bool null_page_taken_out(const struct findings *findings, const struct region_damage *damage)
{
	const struct paging_finding *paging = &findings->paging;
	const struct walk_step *step = &paging->walk.step[paging->walk.guilty];
	unsigned size = paging->walk.mode <= PAGING_PSE36 ? 4 : 8;

	return !paging->is_rip && paging->walk.linear < 4096 && !step->entry &&
	       damage->first >= step->gpa && damage->last < step->gpa + size;
}

/* The damage to a structure of the monitor that the CPU was still using, or NULL. */
static const struct damage_finding *damaged_in_use(const struct findings *findings)
{
	for (unsigned i = 0; i < findings->damage_count; i++) {
		const struct damage_finding *damage = &findings->damages[i];

		if (!damage->region->monitor)
			continue;
		if (findings->paging.stops && damage->region == findings->paging.table.region &&
			!null_page_taken_out(findings, &damage->damage))
			return damage;
		for (unsigned t = 0; t < TABLE_PAGING; t++)
			if (damage->region == findings->table[t].base.region &&
				(findings->table[t].zero || !findings->table[t].readable))
				return damage;
	}
	return NULL;
}

static bool boot_tables(const struct findings *findings)
{
	return died(findings) && damaged_in_use(findings);
}

static void explain_boot_tables(const struct findings *findings, struct say *say)
{
	const struct damage_finding *damage = damaged_in_use(findings);

	say_add(say,
		"The guest overwrote what it still runs on: %s, which vmm built for the start at "
		"0x%" PRIx64 " to 0x%" PRIx64 ". %" PRIu64 " bytes of it changed, from 0x%" PRIx64
		" to 0x%" PRIx64 "%s.",
		damage->region->name, damage->region->gpa,
		damage->region->gpa + damage->region->size - 1, damage->damage.bytes,
		damage->damage.first, damage->damage.last,
		damage->damage.zeroed ? ", and it is all zeros now" : "");
	say_writer(say, findings);
	say_add(say, " The guest came to grief at ");
	say_place(say, &findings->rip);
	say_add(say, ".");
}

static bool boot_tables_writer(const struct findings *findings, uint64_t *gpa, uint64_t *size)
{
	const struct damage_finding *damage = damaged_in_use(findings);

	*gpa = damage->damage.first;
	*size = 8;
	return true;
}

static bool page_tables(const struct findings *findings)
{
	const struct paging_finding *paging = &findings->paging;
	const struct writer_finding *writer = &findings->writer;

	if (!died(findings) || !paging->stops)
		return false;
	if (writer->found && writer->had_content && !writer->record->new_value &&
		writer->record->gpa - paging->table_gpa < 4096)
		return true;
	return paging->was_in_use && cpu_cpl(&findings->cpu) == 0 &&
	       (paging->table_zero || paging->being_written);
}

static bool in_bss(const struct place *place)
{
	return place->has_segment && !strcmp(place->segment.section, ".bss");
}

static void explain_page_tables(const struct findings *findings, struct say *say)
{
	const struct paging_finding *paging = &findings->paging;
	const struct walk_step *step = &paging->walk.step[paging->walk.guilty];

	say_add(say, "The page tables in use were overwritten: %s %u, in the table at ",
		walk_level_name(step->level), step->index);
	say_data(say, &paging->table);
	say_add(say, ", is 0x%" PRIx64 " now%s, though the CPU was running through it.",
		step->entry, paging->table_zero ? " like all of that table" : "");
	say_writer(say, findings);
	if (findings->writer.found)
		return;
	say_add(say, paging->being_written ? " The instruction that writes there is "
					   : " The last instruction that could be reached is ");
	say_place(say, &findings->rip);
	if (!paging->being_written && findings->insn_before[0])
		say_add(say, ", after %s", findings->insn_before);
	say_add(say, ".");
}

static void repair_page_tables(const struct findings *findings, struct say *say)
{
	if (in_bss(&findings->paging.table))
		say_add(say, "Clear .bss before the page tables in it are filled and loaded, or "
			     "put them into another section.");
	else
		say_add(say, "Reserve the memory of the page tables before the frame allocator "
			     "hands out pages, and the kernel image and the boot tables with it.");
}

static bool page_tables_writer(const struct findings *findings, uint64_t *gpa, uint64_t *size)
{
	const struct walk *walk = &findings->paging.walk;

	*gpa = walk->step[walk->guilty].gpa;
	*size = walk->mode <= PAGING_PSE36 ? 4 : 8;
	return true;
}

static bool tables_under_stack(const struct findings *findings)
{
	return died(findings) && findings->paging.stops && findings->paging.under_stack;
}

static void explain_under_stack(const struct findings *findings, struct say *say)
{
	const struct paging_finding *paging = &findings->paging;
	const struct walk_step *step = &paging->walk.step[paging->walk.guilty];

	say_add(say, "The stack has overwritten the page tables in use: %s now at ",
		stack_pointer_title(&findings->cpu));
	say_data(say, &findings->stack.rsp);
	say_add(say, ", and in the table at ");
	say_data(say, &paging->table);
	say_add(say, " the return address of the call at ");
	say_place(say, &paging->caller);
	say_add(say, " stands at 0x%" PRIx64 ". %s %u is 0x%" PRIx64 " now, so the instruction at ",
		paging->return_gpa, walk_level_name(step->level), step->index, step->entry);
	say_place(say, &findings->rip);
	say_add(say, " cannot be fetched any more.");
}

static bool idt_emptied(const struct findings *findings)
{
	const struct delivery *delivery = rule_failed(findings, DELIVERY_GATE_TYPE);

	return delivery && rule_gate_is_zero(delivery) && !rule_real_mode_idt(findings) &&
	       findings->table[TABLE_IDT].was_filled;
}

static void explain_emptied(const struct findings *findings, enum table_kind kind, struct say *say)
{
	const struct table_finding *table = &findings->table[kind];

	say_add(say, "The %s at ", table_names[kind]);
	say_data(say, &table->base);
	say_add(say, " was filled once and is all zeros now (%s)%s.", table->filled_proof,
		table->in_bss ? "; it lies in .bss" : "");
	say_writer(say, findings);
	say_add(say, " When ");
	say_first(say, findings);
	say_add(say, ", it was needed.");
	say_delivery(say, findings);
}

static void explain_idt_emptied(const struct findings *findings, struct say *say)
{
	explain_emptied(findings, TABLE_IDT, say);
}

static void repair_emptied(const struct findings *findings, struct say *say)
{
	if (findings->table[TABLE_IDT].in_bss || findings->table[TABLE_GDT].in_bss)
		say_add(say, " It lies in .bss: clear .bss before anything in it is filled.");
}

static bool gdt_emptied(const struct findings *findings)
{
	const struct table_finding *gdt = &findings->table[TABLE_GDT];

	return died(findings) && gdt->zero && gdt->was_filled && findings->first.source;
}

static void explain_gdt_emptied(const struct findings *findings, struct say *say)
{
	explain_emptied(findings, TABLE_GDT, say);
}

static bool tss_emptied(const struct findings *findings)
{
	const struct table_finding *tss = &findings->table[TABLE_TSS];

	if (!died(findings) || !tss->zero || !tss->was_filled || !findings->first.source)
		return false;
	return rule_failed(findings, DELIVERY_STACK_ACCESS) ||
	       rule_failed(findings, DELIVERY_SS_NULL);
}

static void explain_tss_emptied(const struct findings *findings, struct say *say)
{
	explain_emptied(findings, TABLE_TSS, say);
}

/* Code is written by nobody, also where one segment holds it together with data. */
static bool code_overwritten(const struct findings *findings)
{
	const struct place *rip = &findings->rip;

	/* The frames of handlers that never ran have come down over it, long after. */
	if (!findings->first.source || !findings->code.differs || findings->under_frames)
		return false;
	if (rip->region && !rip->region->monitor && !rip->region->writable)
		return true;
	return !findings->code.wrong_symbols && rip->has_segment &&
	       !strncmp(rip->segment.section, ".text", 5);
}

static void explain_code_overwritten(const struct findings *findings, struct say *say)
{
	const struct code_finding *code = &findings->code;

	say_add(say, "The code at ");
	say_place(say, &findings->rip);
	say_add(say,
		" was overwritten: the byte at 0x%" PRIx64
		" is 0x%02x, the image has 0x%02x there.",
		code->differs_at, code->now, code->then);
	say_writer(say, findings);
	say_add(say, " There ");
	say_first(say, findings);
	say_add(say, ".");
}

static bool code_writer(const struct findings *findings, uint64_t *gpa, uint64_t *size)
{
	*size = 1;
	return rule_gpa(findings, findings->code.differs_at, gpa);
}

const struct verdict_rule rules_memory[] = {
	{.id = "boot-tables-overwritten",
		.matches = boot_tables,
		.explain = explain_boot_tables,
		.repair = "Do not hand out memory that the memory map calls reserved, or load GDT, "
			  "IDT, TSS and page tables of your own before using it.",
		.writer = boot_tables_writer},
	{.id = "page-tables-under-stack",
		.matches = tables_under_stack,
		.explain = explain_under_stack,
		.repair = "Load the stack pointer with the end of the stack, not its beginning: it "
			  "grows downwards. Or make the stack larger, and leave an unmapped page "
			  "below it.",
		.infers = true},
	{.id = "page-tables-emptied",
		.matches = page_tables,
		.explain = explain_page_tables,
		.repair_more = repair_page_tables,
		.writer = page_tables_writer,
		.infers = true},
	{.id = "idt-emptied",
		.matches = idt_emptied,
		.explain = explain_idt_emptied,
		.repair = "Keep the IDT's memory for the IDT alone.",
		.repair_more = repair_emptied},
	{.id = "gdt-emptied",
		.matches = gdt_emptied,
		.explain = explain_gdt_emptied,
		.repair = "Keep the GDT where nothing else writes: in the kernel image, and its "
			  "page reserved.",
		.repair_more = repair_emptied},
	{.id = "tss-emptied",
		.matches = tss_emptied,
		.explain = explain_tss_emptied,
		.repair = "Keep the TSS where nothing else writes."},
	{.id = "code-overwritten",
		.matches = code_overwritten,
		.explain = explain_code_overwritten,
		.repair = "Map .text read-only and set CR0.WP, and the write itself will fault; "
			  "check that segments do not overlap and that the frame allocator spares "
			  "the image.",
		.writer = code_writer},
	{0},
};
