/* SPDX-License-Identifier: MIT */
/*
 * report_json.c: the top level of the JSON report. Keys are never renamed or given another meaning;
 * what is not known is null.
 */
#include "report_json.h"

#include <stdlib.h>

#include "exception.h"
#include "json_parts.h"
#include "names.h"
#include "version.h"

static json_t *json_verdict(const struct verdict *verdict)
{
	json_t *object = json_object(), *notes = json_array();

	json_put_text(object, "id", verdict->id);
	json_put_text(object, "cause", verdict->cause);
	json_put_text(object, "repair", verdict->repair);
	json_put_text(object, "certainty", known_word(verdict->known));
	json_put_bool(object, "explained", verdict->explained);
	json_put_bool(object, "on_purpose", verdict->on_purpose);
	for (unsigned i = 0; i < verdict->note_count && i < VERDICT_NOTES; i++) {
		json_t *note = json_object();

		json_put_text(note, "certainty", known_word(verdict->notes[i].known));
		json_put_text(note, "text", verdict->notes[i].text);
		json_array_append_new(notes, note);
	}
	json_put(object, "notes", notes);
	return object;
}

static json_t *json_first(const struct findings *findings)
{
	const struct first_event *first = &findings->first;
	bool at_rip = findings->insn_text[0] && first->at.address == findings->rip.address;
	json_t *object;

	if (first->source == FIRST_UNKNOWN)
		return json_null();
	object = json_object();
	json_put_number(object, "vector", first->event.vector);
	json_put_text(object, "mnemonic",
		first->is_exception ? exception_mnemonic(first->event.vector) : NULL);
	json_put_bool(object, "exception", first->is_exception);
	json_put(object, "error",
		first->event.has_error ? json_hex(first->event.error) : json_null());
	json_put(object, "cr2",
		first->is_exception && first->event.vector == VEC_PF ? json_hex(first->event.cr2)
								     : json_null());
	json_put_hex(object, "rip", first->at.address);
	json_put_place(object, findings, first->at.address);
	json_put_text(object, "instruction", at_rip ? findings->insn_text : NULL);
	json_put_text(object, "reason", first->has_reason ? first->reason.text : NULL);
	json_put(object, "address",
		first->has_address ? json_hex(first->address.address) : json_null());
	json_put(object, "walk", first->has_walk ? json_walk(&first->walk) : json_null());
	json_put_text(object, "known", known_word(first->known));
	return object;
}

static json_t *json_state(const struct evidence *evidence)
{
	json_t *object = json_object();

	json_put_text(object, "origin", origin_word(evidence->origin));
	json_put_text(object, "rerun", rerun_word(evidence->rerun));
	json_put_number(object, "slices", evidence->rerun_slices);
	json_put_number(object, "steps", evidence->rerun_steps);
	return object;
}

static json_t *json_kvm(const struct evidence *evidence)
{
	json_t *object = json_object(), *data = json_array();

	json_put_text(object, "name", evidence->kvm);
	json_put_number(object, "exit_reason", evidence->exit_reason);
	json_put_text(object, "exit_name", exit_reason_name(evidence->exit_reason));
	json_put_number(object, "exits", (int64_t)evidence->exit_total);
	json_put_number(object, "suberror", evidence->internal_suberror);
	for (unsigned i = 0; i < evidence->internal_ndata && i < 16; i++)
		json_array_append_new(data, json_hex(evidence->internal_data[i]));
	json_put(object, "data", data);
	json_put_hex(object, "entry_failure", evidence->entry_failure);
	return object;
}

static json_t *json_cpus(const struct evidence *evidence)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < evidence->cpu_count; i++)
		json_array_append_new(array, json_cpu(&evidence->cpus[i]));
	return array;
}

static void put_death(json_t *top, const struct evidence *evidence)
{
	json_put_text(top, "death", death_word(evidence->death));
	json_put_text(top, "stuck", stuck_word(evidence->stuck));
	json_put_number(top, "status", death_status(evidence->death));
	json_put(top, "seconds", json_real(evidence->seconds));
	json_put_text(top, "image", evidence->image);
	json_put(top, "state", json_state(evidence));
	json_put(top, "kvm", json_kvm(evidence));
}

static void put_evidence(json_t *top, const struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;

	json_put(top, "registers", json_cpu(&findings->cpu));
	json_put_number(top, "cpu", evidence->cpu);
	json_put(top, "cpus", json_cpus(evidence));
	json_put(top, "code", json_code(findings));
	json_put(top, "backtrace", json_backtrace(findings));
	json_put(top, "steps", json_trail(findings));
	json_put(top, "samples", json_samples(findings));
	json_put(top, "writes", json_writes(findings));
	json_put(top, "exits", json_exits(evidence));
	json_put(top, "unclaimed", json_unclaimed(evidence));
	json_put(top, "memory", json_regions(evidence));
	json_put(top, "log", json_log(evidence));
}

char *report_json(const struct findings *findings, const struct verdict *verdict)
{
	const struct first_event *first = &findings->first;
	bool chain = first->source != FIRST_UNKNOWN && first->has_chain;
	json_t *top = json_object();
	char *text;

	json_put_text(top, "vmm", VMM_VERSION);
	json_put(top, "verdict", json_verdict(verdict));
	put_death(top, findings->evidence);
	json_put(top, "first", json_first(findings));
	json_put(top, "chain", json_chain(findings));
	json_put_text(top, "chain_end", chain ? chain_end_text(first->chain.end) : NULL);
	put_evidence(top, findings);
	text = json_dumps(top, JSON_INDENT(2));
	json_decref(top);
	return text;
}
