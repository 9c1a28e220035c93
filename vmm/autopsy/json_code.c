/* SPDX-License-Identifier: MIT */
/*
 * json_code.c: instructions, callers, steps, samples and writes in the JSON report.
 */
#include <stdio.h>
#include <string.h>

#include "backtrace.h"
#include "json_parts.h"
#include "listing.h"

json_t *json_code(const struct findings *findings)
{
	json_t *array = json_array();
	struct listing listing;

	if (!findings->state_valid)
		return array;
	listing_make(&findings->evidence->mem, &findings->cpu, findings->symbols, &listing);
	for (unsigned i = 0; i < listing.count; i++) {
		const struct listing_line *line = &listing.line[i];
		json_t *object = json_object();
		char bytes[2 * INSN_BYTES_MAX + 1] = "";

		for (unsigned b = 0; b < line->length; b++)
			snprintf(bytes + 2 * b, 3, "%02x", line->bytes[b]);
		json_put_hex(object, "address", line->address);
		json_put_text(object, "bytes", bytes);
		json_put_text(object, "text", line->text);
		json_put_bool(object, "current", line->current);
		json_put_place(object, findings, line->address);
		json_array_append_new(array, object);
	}
	return array;
}

json_t *json_backtrace(const struct findings *findings)
{
	json_t *array = json_array();
	struct backtrace backtrace;

	if (!findings->state_valid)
		return array;
	backtrace_make(&findings->evidence->mem, &findings->cpu, findings->symbols, &backtrace);
	for (unsigned i = 0; i < backtrace.count; i++) {
		const struct backtrace_frame *frame = &backtrace.frame[i];
		json_t *object = json_object();

		json_put_hex(object, "rip", frame->rip);
		json_put_hex(object, "rsp", frame->rsp);
		json_put_text(object, "source", frame_source_word(frame->source));
		json_put_bool(object, "guess", frame->guess);
		json_put_place(object, findings, backtrace_lookup_address(&findings->cpu, frame));
		json_array_append_new(array, object);
	}
	return array;
}

json_t *json_writes(const struct findings *findings)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < findings->evidence->write_count; i++) {
		const struct write_record *record = &findings->evidence->writes[i];
		json_t *object = json_object();

		json_put(object, "linear", record->linear ? json_hex(record->linear) : json_null());
		json_put_hex(object, "gpa", record->gpa);
		json_put_number(object, "size", record->size);
		json_put(object, "old",
			record->old_unknown ? json_null() : json_hex(record->old_value));
		json_put_hex(object, "new", record->new_value);
		json_put_hex(object, "rip", record->rip);
		json_put_bool(object, "rip_after", record->rip_after);
		json_put_place(object, findings, record->rip);
		json_array_append_new(array, object);
	}
	return array;
}

json_t *json_trail(const struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;
	json_t *array = json_array();

	for (unsigned i = 0; i < evidence->trail_count && i < TRAIL_STEPS; i++) {
		const struct trail_step *step = &evidence->trail[i];
		json_t *object = json_object();

		json_put_hex(object, "cs", step->cs);
		json_put_hex(object, "rip", step->rip);
		json_put_hex(object, "rsp", step->rsp);
		json_put_hex(object, "rflags", step->rflags);
		json_put_hex(object, "cr3", step->cr3);
		json_put_place(object, findings, step->rip);
		json_array_append_new(array, object);
	}
	return array;
}

json_t *json_samples(const struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;
	json_t *array = json_array();

	for (unsigned i = 0; i < evidence->sample_count && i < SAMPLES_MAX; i++) {
		json_t *object = json_object();

		json_put_hex(object, "rip", evidence->samples[i].rip);
		json_put_number(object, "ticks", (int64_t)evidence->samples[i].count);
		json_put_place(object, findings, evidence->samples[i].rip);
		json_array_append_new(array, object);
	}
	return array;
}
