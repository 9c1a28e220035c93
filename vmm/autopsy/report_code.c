/* SPDX-License-Identifier: MIT */
/*
 * report_code.c: instructions, callers, and whatever else gets a name in the text report.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backtrace.h"
#include "insn.h"
#include "listing.h"
#include "names.h"
#include "report_parts.h"

#define TRAIL_SHOWN   8
#define SAMPLES_SHOWN 8
#define WRITES_SHOWN  8
#define INLINES_MAX   8
#define BYTES_SHOWN   8

static void begin(struct text *text, bool *started, const char *title)
{
	if (*started)
		text_pad(text, SECTION_INDENT);
	else
		section_title(text, title);
	*started = true;
}

static void add_string(struct text *text, const char *string)
{
	text_add_hostile(text, string, strlen(string));
}

static void add_instruction(
	struct text *text, const struct cpu_state *cpu, const struct listing_line *line)
{
	if (line->current)
		text_style(text, TEXT_BAD);
	text_add(text, "%s %0*" PRIx64 " ", line->current ? "=>" : "  ",
		cpu_long_mode(cpu) ? 16 : 8, line->address);
	for (unsigned i = 0; i < line->length && i < BYTES_SHOWN; i++)
		text_add(text, " %02x", line->bytes[i]);
	if (line->length > BYTES_SHOWN)
		text_add(text, "..");
	text_pad(
		text, SECTION_INDENT + 3 + (cpu_long_mode(cpu) ? 16 : 8) + 1 + 3 * BYTES_SHOWN + 3);
	add_string(text, line->text);
	text_style(text, TEXT_PLAIN);
	text_add(text, "\n");
}

void report_code(struct text *text, const struct findings *findings)
{
	const struct cpu_state *cpu = &findings->cpu;
	struct source_line line, last = {.line = 0};
	struct listing listing;
	bool started = false;

	listing_make(&findings->evidence->mem, cpu, findings->symbols, &listing);
	for (unsigned i = 0; i < listing.count; i++) {
		uint64_t address = listing.line[i].address;

		if (i == 0 || listing.line[i].current) {
			begin(text, &started, "code");
			report_path(text, findings, address);
			text_add(text, ":\n");
		}
		if (symbols_find_line(findings->symbols, address, &line) &&
			(line.line != last.line || strcmp(line.path, last.path))) {
			report_source(text, findings, address);
			last = line;
		}
		text_pad(text, SECTION_INDENT);
		add_instruction(text, cpu, &listing.line[i]);
	}
	if (listing.count == 0)
		section_code(text, findings->evidence, cpu);
}

static void add_inlines(struct text *text, const struct findings *findings, uint64_t address)
{
	struct source_frame frames[INLINES_MAX];
	unsigned count = symbols_find_inlines(findings->symbols, address, frames, INLINES_MAX);

	for (unsigned i = 0; i + 1 < count; i++) {
		text_pad(text, SECTION_INDENT + 4);
		add_string(text, frames[i].function);
		text_add(text, " is inlined here");
		if (frames[i].has_line)
			text_add(text, ", at line %u", frames[i].at.line);
		text_add(text, "\n");
	}
}

void report_calls(struct text *text, const struct findings *findings)
{
	const struct cpu_state *cpu = &findings->cpu;
	struct backtrace backtrace;
	bool started = false;

	backtrace_make(&findings->evidence->mem, cpu, findings->symbols, &backtrace);
	for (unsigned i = 0; i < backtrace.count; i++) {
		const struct backtrace_frame *frame = &backtrace.frame[i];
		uint64_t address = backtrace_lookup_address(cpu, frame);

		begin(text, &started, "calls");
		text_add(text, "#%-2u ", i);
		report_place(text, findings, address);
		text_add(text, ", %s 0x%" PRIx64, stack_pointer_name(cpu), frame->rsp);
		if (frame->source == FRAME_INTERRUPTED)
			text_add(text, ", interrupted");
		if (frame->guess)
			text_add(text, " [a guess]");
		text_add(text, "\n");
		add_inlines(text, findings, address);
	}
	text_pad(text, SECTION_INDENT);
	text_add(text, "%s\n", backtrace_end_text(backtrace.end));
}

void report_pointers(struct text *text, const struct findings *findings)
{
	const struct cpu_state *cpu = &findings->cpu;
	bool started = false, wide = cpu_long_mode(cpu);

	for (unsigned i = 0; i < (wide ? GPR_COUNT : 8); i++) {
		uint64_t value = wide ? cpu->gpr[i] : (uint32_t)cpu->gpr[i];
		struct symbol symbol;

		if (!symbols_find_address(findings->symbols, value, &symbol))
			continue;
		begin(text, &started, "pointers");
		text_add(text, "%-3s = ", gpr_name(i, wide));
		report_place(text, findings, value);
		text_add(text, "\n");
	}
}

void report_trail(struct text *text, const struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;
	unsigned count = evidence->trail_count < TRAIL_STEPS ? evidence->trail_count : TRAIL_STEPS;
	bool started = false;

	for (unsigned i = count > TRAIL_SHOWN ? count - TRAIL_SHOWN : 0; i < count; i++) {
		const struct trail_step *step = &evidence->trail[i];

		begin(text, &started, "steps");
		text_add(text, "%04x:%016" PRIx64 "  rsp %016" PRIx64 "  ", step->cs, step->rip,
			step->rsp);
		report_place(text, findings, step->rip);
		text_add(text, "\n");
	}
}

void report_samples(struct text *text, const struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;
	uint64_t total = 0;
	bool started = false;

	if (evidence->death != DEATH_STUCK && evidence->death != DEATH_TIMEOUT)
		return;
	for (unsigned i = 0; i < evidence->sample_count && i < SAMPLES_MAX; i++)
		total += evidence->samples[i].count;
	for (unsigned i = 0; i < evidence->sample_count && i < SAMPLES_SHOWN; i++) {
		const struct sample *sample = &evidence->samples[i];

		begin(text, &started, "samples");
		text_add(text, "%3.0f %% of %" PRIu64 " ticks at ",
			total ? 100.0 * (double)sample->count / (double)total : 0.0, total);
		report_place(text, findings, sample->rip);
		text_add(text, "\n");
	}
}

static bool write_changes(const struct write_record *record)
{
	return record->old_unknown || record->old_value != record->new_value;
}

static void add_write(
	struct text *text, const struct findings *findings, const struct write_record *record)
{
	text_pad(text, SECTION_INDENT);
	text_add(text, "0x%" PRIx64 " (%u): ", record->linear ? record->linear : record->gpa,
		record->size);
	if (!record->old_unknown)
		text_add(text, "0x%" PRIx64 " ", record->old_value);
	text_add(text, "-> 0x%" PRIx64 " %s ", record->new_value,
		record->rip_after ? "right before" : "by");
	report_place(text, findings, record->rip);
	text_add(text, "\n");
}

/* Those count that changed something: a table that is cleared twice was lost the first time. */
void report_writes(struct text *text, const struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;
	unsigned changes = 0, shown = 0;

	for (unsigned i = 0; i < evidence->write_count; i++)
		changes += write_changes(&evidence->writes[i]);
	if (!evidence->write_count)
		return;
	section_title(text, "writes");
	text_add(text, "as a second run saw them [recovered]");
	if (changes && changes < evidence->write_count)
		text_add(text, "; %u more changed nothing", evidence->write_count - changes);
	text_add(text, ":\n");
	for (unsigned i = 0; i < evidence->write_count; i++) {
		if (changes && !write_changes(&evidence->writes[i]))
			continue;
		if (shown++ + WRITES_SHOWN >= (changes ? changes : evidence->write_count))
			add_write(text, findings, &evidence->writes[i]);
	}
}
