/* SPDX-License-Identifier: MIT */
/*
 * report_text.c: the order of the text report.
 */
#include "report_text.h"

#include <inttypes.h>

#include "names.h"
#include "report_parts.h"

#define LOG_LINES  12
#define EXIT_LINES 12

static void add_cause(struct text *text, const struct verdict *verdict)
{
	section_title(text, "cause");
	text_style(text, verdict->on_purpose ? TEXT_GOOD : TEXT_BAD);
	text_add(text, "%s", verdict->id);
	text_style(text, TEXT_PLAIN);
	if (verdict->explained)
		text_add(text, " [%s]", known_word(verdict->known));
	text_add(text, "\n");
	text_pad(text, SECTION_INDENT);
	text_wrap(text, SECTION_INDENT, verdict->cause);
	if (!verdict->repair[0])
		return;
	section_title(text, "fix");
	text_style(text, TEXT_GOOD);
	text_wrap(text, SECTION_INDENT, verdict->repair);
	text_style(text, TEXT_PLAIN);
}

/* What the registers are worth: everything below rests on them. */
static void add_state(struct text *text, const struct findings *findings)
{
	if (findings->evidence->origin == STATE_OBSERVED)
		return;
	if (findings->state_valid)
		return;
	section_title(text, "note");
	text_wrap(text, SECTION_INDENT,
		"The registers below are those of the reset CPU, not those of the crash.");
}

static void add_other_cpus(struct text *text, const struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;

	for (unsigned i = 0; i < evidence->cpu_count; i++) {
		const struct cpu_state *cpu = &evidence->cpus[i];

		if (i == evidence->cpu)
			continue;
		section_title(text, "also");
		text_add(text, "vCPU %u %s at ", cpu->index, run_state_name(cpu->run_state));
		report_place(text, findings, cpu_code_address(cpu));
		text_add(text, "\n");
	}
}

static void add_cpu(struct text *text, const struct findings *findings)
{
	const struct cpu_state *cpu = &findings->cpu;

	if (findings->state_valid) {
		report_code(text, findings);
		report_calls(text, findings);
	}
	section_events(text, &findings->evidence->cpus[findings->evidence->cpu]);
	section_registers(text, cpu);
	if (findings->state_valid)
		report_pointers(text, findings);
	section_segments(text, cpu);
	section_control(text, cpu);
	if (findings->state_valid)
		section_stack(text, findings->evidence, cpu);
}

static void add_machine(struct text *text, const struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;

	report_trail(text, findings);
	report_samples(text, findings);
	report_writes(text, findings);
	add_other_cpus(text, findings);
	section_log(text, evidence, LOG_LINES);
	section_exits(text, evidence, EXIT_LINES);
	section_unclaimed(text, evidence);
	section_chips(text, evidence);
	section_regions(text, evidence);
}

char *report_text(const struct findings *findings, const struct verdict *verdict, bool colour)
{
	struct text text;

	text_init(&text, colour);
	add_cause(&text, verdict);
	report_first(&text, findings);
	text_add(&text, "\n");
	section_death(&text, findings->evidence);
	add_state(&text, findings);
	report_chain(&text, findings);
	report_walks(&text, findings);
	report_notes(&text, verdict);
	add_cpu(&text, findings);
	add_machine(&text, findings);
	return text_take(&text);
}
