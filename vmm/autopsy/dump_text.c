/* SPDX-License-Identifier: MIT */
/*
 * dump_text.c: the order of the raw dump.
 */
#include "dump_text.h"

#include "sections.h"

#define DUMP_LOG_LINES 20

static void dump_cpu(
	struct text *text, const struct evidence *evidence, const struct cpu_state *cpu)
{
	section_events(text, cpu);
	section_registers(text, cpu);
	section_segments(text, cpu);
	section_control(text, cpu);
	section_walks(text, evidence, cpu);
	section_stack(text, evidence, cpu);
	section_code(text, evidence, cpu);
}

char *dump_text(const struct evidence *evidence)
{
	struct text text;

	text_init(&text, false);
	section_death(&text, evidence);
	if (evidence->cpu < evidence->cpu_count)
		dump_cpu(&text, evidence, &evidence->cpus[evidence->cpu]);
	for (unsigned i = 0; i < evidence->cpu_count; i++)
		if (i != evidence->cpu)
			section_registers(&text, &evidence->cpus[i]);
	section_trail(&text, evidence, 8);
	section_samples(&text, evidence, 8);
	section_exits(&text, evidence, EXIT_RING);
	section_unclaimed(&text, evidence);
	section_chips(&text, evidence);
	section_regions(&text, evidence);
	section_log(&text, evidence, DUMP_LOG_LINES);
	return text_take(&text);
}
