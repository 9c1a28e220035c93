/* SPDX-License-Identifier: MIT */
/*
 * verdict.c: trying the rules in order, and the statements that support the first that fits.
 */
#include "verdict.h"

#include <inttypes.h>
#include <string.h>

#include "rule.h"
#include "say.h"

/* Most specific first; the order between themes matters where a death has facts of several. */
static const struct verdict_rule *const themes[] = {
	rules_purpose,
	rules_overflow,
	rules_entries,
	rules_text,
	rules_host,
	rules_link,
	rules_memory,
	rules_real,
	rules_mode,
	rules_idt,
	rules_gdt,
	rules_null,
	rules_returns,
	rules_interrupts,
	rules_hangs,
	rules_tables,
	rules_handlers,
	rules_stack,
	rules_user,
	rules_flow,
	rules_paging,
	rules_unmapped,
	rules_pointers,
	rules_units,
	rules_control,
	rules_segments,
	rules_quirks,
	rules_fallback,
};

#define THEMES (sizeof(themes) / sizeof(themes[0]))

const char *verdict_rule_id(unsigned n)
{
	for (unsigned t = 0; t < THEMES; t++)
		for (const struct verdict_rule *rule = themes[t]; rule->id; rule++)
			if (n-- == 0)
				return rule->id;
	return NULL;
}

static const struct verdict_rule *find_rule(const struct findings *findings)
{
	for (unsigned t = 0; t < THEMES; t++)
		for (const struct verdict_rule *rule = themes[t]; rule->id; rule++)
			if (rule->matches(findings))
				return rule;
	return NULL; /* not reached: the last rule always fits */
}

static struct say add_note(struct verdict *verdict, enum known known)
{
	struct verdict_note *note;

	if (verdict->note_count == VERDICT_NOTES)
		return say_begin(NULL, 0);
	note = &verdict->notes[verdict->note_count++];
	note->known = known;
	return say_begin(note->text, sizeof(note->text));
}

static const char *source_text(enum first_source source, enum known known)
{
	static const char *const texts[] = {
		[FIRST_UNKNOWN] = "nothing tells which exception came first",
		[FIRST_BOOT_TRAP] = "vmm's boot IDT, still loaded, took it",
		[FIRST_KVM_EVENT] = "KVM kept it as the event that it could not deliver",
		[FIRST_INSTRUCTION] = "the instruction there cannot do anything else",
		[FIRST_FRAME] = "found by going back over the frames of handlers that never ran",
		[FIRST_CONTROLLER] = "the interrupt controller still has it in service",
		[FIRST_HANDLER] = "its frame is on the stack of the handler that runs",
	};

	if (source == FIRST_CONTROLLER && known == KNOWN_INFERRED)
		return "the local APIC requests it, and interrupts are on";
	return texts[source];
}

static void note_first(struct verdict *verdict, const struct findings *findings)
{
	const struct first_event *first = &findings->first;
	struct say say;

	if (!first->source)
		return;
	say = add_note(verdict, first->known);
	say_add(&say, "First event: ");
	if (first->event.kind == EVENT_INT_N)
		say_add(&say, "int 0x%02x", first->event.vector);
	else if (first->is_exception)
		say_vector(&say, first->event.vector);
	else
		say_add(&say, "interrupt vector 0x%x", first->event.vector);
	say_add(&say, " at ");
	say_place(&say, &first->at);
	if (first->is_exception && first->event.vector == VEC_PF)
		say_add(&say, ", CR2 = 0x%" PRIx64, first->event.cr2);
	say_add(&say, ": %s.", source_text(first->source, first->known));
}

static void note_reason(struct verdict *verdict, const struct findings *findings)
{
	struct say say;

	if (!findings->first.source || !findings->first.has_reason)
		return;
	say = add_note(verdict, KNOWN_INFERRED);
	say_add(&say, "%s", findings->first.reason.text);
}

static void note_delivery(struct verdict *verdict, const struct findings *findings)
{
	struct say say;

	if (!rule_first_failed(findings))
		return;
	say = add_note(verdict, KNOWN_INFERRED);
	say_delivery(&say, findings);
	if (say.used) /* without the blank that it begins with */
		memmove(say.text, say.text + 1, say.used);
}

static void note_tables(struct verdict *verdict, const struct findings *findings)
{
	static const char *const names[] = {"IDT", "GDT", "TSS", "page table"};

	for (unsigned i = 0; i < TABLE_COUNT; i++) {
		const struct table_finding *table = &findings->table[i];
		struct say say;

		if (!table->loaded || (table->readable && !table->zero))
			continue;
		say = add_note(verdict, findings->state_known);
		say_add(&say, "The %s at ", names[i]);
		say_data(&say, &table->base);
		say_add(&say,
			table->readable ? " holds nothing but zeros%s%s." : " cannot be read%s%s.",
			table->was_filled ? ": " : "",
			table->was_filled ? table->filled_proof : "");
	}
}

static void note_damages(struct verdict *verdict, const struct findings *findings)
{
	for (unsigned i = 0; i < findings->damage_count; i++) {
		const struct damage_finding *damage = &findings->damages[i];
		struct say say = add_note(verdict, KNOWN_OBSERVED);

		say_add(&say,
			"%s was overwritten: %" PRIu64 " bytes differ, from 0x%" PRIx64
			" to 0x%" PRIx64 "%s.",
			damage->region->name, damage->damage.bytes, damage->damage.first,
			damage->damage.last, damage->damage.zeroed ? ", all of it zeros now" : "");
	}
}

static void note_symbols(struct verdict *verdict, const struct findings *findings)
{
	struct say say;

	if (!findings->code.wrong_symbols)
		return;
	say = add_note(verdict, KNOWN_OBSERVED);
	say_add(&say,
		"The symbols are of another build: %s has other bytes at %s than the image. Names "
		"and lines here may be wrong.",
		findings->rip.symbol.file, findings->rip.symbol.name);
}

/* An IDT entry that is no good gate may have been one: who wrote there tells. */
static bool wants_gate(const struct findings *findings, uint64_t *gpa, uint64_t *size)
{
	const struct gate_finding *bad = &findings->bad_gate;

	if (!bad->found || !findings->first.chain_fits || bad->was_good ||
		!rule_own_table(findings, TABLE_IDT) || rule_real_mode_idt(findings))
		return false;
	*size = gate_size(&findings->cpu);
	*gpa = bad->gpa;
	return true;
}

/* Likewise the descriptor of the code that runs, in a GDT that is zero. */
static bool wants_descriptor(const struct findings *findings, uint64_t *gpa, uint64_t *size)
{
	const struct table_finding *gdt = &findings->table[TABLE_GDT];
	uint16_t selector = findings->cpu.seg[SEG_CS].selector;

	if (!gdt->loaded || !gdt->readable || !gdt->zero || !findings->first.source ||
		!rule_own_table(findings, TABLE_GDT) || selector_is_ldt(selector) ||
		!(findings->cpu.cr0 & CR0_PE))
		return false;
	*size = 8;
	return rule_gpa(findings, gdt->base.address + (selector & ~7u), gpa);
}

static void ask_for_writer(
	struct verdict *verdict, const struct verdict_rule *rule, const struct findings *findings)
{
	uint64_t gpa, size;

	if (findings->evidence->writes)
		return;
	/* With a GDT of zeros no gate is good. */
	if (!(rule->writer && rule->writer(findings, &gpa, &size)) &&
		!wants_descriptor(findings, &gpa, &size) && !wants_gate(findings, &gpa, &size))
		return;
	verdict->wants_writer = true;
	verdict->writer_gpa = gpa;
	verdict->writer_size = size;
}

static enum known verdict_known(const struct findings *findings, const struct verdict_rule *rule)
{
	if (rule->infers)
		return findings->writer.found ? KNOWN_RECOVERED : KNOWN_INFERRED;
	if (rule->explains_death)
		return KNOWN_OBSERVED;
	if (findings->first.source)
		return findings->first.known;
	return KNOWN_INFERRED;
}

void verdict_make(struct verdict *verdict, const struct findings *findings)
{
	const struct verdict_rule *rule = find_rule(findings);
	struct say say;

	memset(verdict, 0, sizeof(*verdict));
	verdict->id = rule->id;
	verdict->explained = strcmp(rule->id, "unexplained") != 0;
	verdict->on_purpose = rule->on_purpose;
	verdict->known = verdict->explained ? verdict_known(findings, rule) : KNOWN_NOT;
	say = say_begin(verdict->cause, sizeof(verdict->cause));
	rule->explain(findings, &say);
	say = say_begin(verdict->repair, sizeof(verdict->repair));
	if (rule->repair)
		say_add(&say, "%s", rule->repair);
	if (rule->repair_more)
		rule->repair_more(findings, &say);
	note_first(verdict, findings);
	note_reason(verdict, findings);
	note_delivery(verdict, findings);
	note_tables(verdict, findings);
	note_damages(verdict, findings);
	note_symbols(verdict, findings);
	ask_for_writer(verdict, rule, findings);
}
