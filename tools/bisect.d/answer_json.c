/* SPDX-License-Identifier: MIT */
/*
 * answer_json.c: the answer for programs.
 */
#include <stdlib.h>

#include "answer.h"
#include "answer_value.h"
#include "autopsy/json_value.h"

static json_t *bytes_json(const uint8_t *bytes, uint64_t n)
{
	char *text = malloc(n * 2 + 1);
	json_t *value;

	for (uint64_t i = 0; text && i < n; i++)
		snprintf(text + i * 2, 3, "%02x", bytes[i]);
	value = text && n ? json_string(text) : json_string("");
	free(text);
	return value;
}

static json_t *line_json(bool has, const struct source_line *line)
{
	json_t *object;

	if (!has)
		return NULL;
	object = json_object();
	json_put_text(object, "file", line->path);
	json_put_number(object, "line", line->line);
	return object;
}

static json_t *change_json(const struct answer *answer, const struct change *change)
{
	json_t *object = json_object();

	json_put_hex(object, "offset", change->offset);
	json_put_number(object, "size", (int64_t)change->size);
	if (change->atom && change->atom->guessed)
		json_put_bool(object, "size_is_guess", true);
	if (change->atom && !change->code) {
		struct object_values values;

		answer_values(answer, change, &values);
		json_put(object, "good", bytes_json(values.good.bytes, values.good.size));
		json_put(object, "bad", bytes_json(values.bad.bytes, values.bad.size));
	} else if (!change->atom) {
		json_put(object, "good",
			bytes_json(answer->diff->base.bytes + change->offset, change->size));
		json_put(object, "bad",
			bytes_json(answer->smallest->bytes + change->offset, change->size));
	}
	json_put(object, "address", change->loaded ? json_hex(change->address) : NULL);
	json_put_text(object, "section", change->section[0] ? change->section : NULL);
	json_put_text(object, "symbol", change->has_symbol ? change->symbol.name : NULL);
	if (change->has_symbol)
		json_put_hex(object, "symbol_offset", change->symbol.offset);
	json_put(object, "source", line_json(change->has_line, &change->line));
	return object;
}

static json_t *side_json(const struct pair_side *side)
{
	json_t *object;

	if (!side->there)
		return NULL;
	object = json_object();
	json_put_hex(object, "address", side->address);
	json_put(object, "bytes", bytes_json(side->bytes, side->length));
	json_put_text(object, "text", side->text);
	return object;
}

static json_t *pair_json(const struct pair *pair, const struct changed_code *code)
{
	json_t *object = json_object(), *rows = json_array();

	json_put_text(object, "function", code->name[0] ? code->name : NULL);
	json_put_hex(object, "address", code->address);
	json_put(object, "source", line_json(code->has_line, &code->line));
	for (unsigned i = 0; i < pair->count; i++) {
		json_t *row = json_object();

		json_put_bool(row, "differs", pair->rows[i].differs);
		json_put(row, "good", side_json(&pair->rows[i].good));
		json_put(row, "bad", side_json(&pair->rows[i].bad));
		json_array_append_new(rows, row);
	}
	json_put(object, "rows", rows);
	return object;
}

static json_t *tally_json(const struct tally *tally, const struct trial *trial)
{
	json_t *object = json_object();

	json_put_number(object, "good", tally->good);
	json_put_number(object, "bad", tally->bad);
	json_put_number(object, "skip", tally->skip);
	json_put_text(object, "end", trial->why);
	json_put_number(object, "status", trial->status);
	return object;
}

static json_t *changes_json(const struct answer *answer)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < answer->changes.count; i++)
		json_array_append_new(array, change_json(answer, &answer->changes.at[i]));
	return array;
}

static json_t *minimal_json(const struct answer *answer)
{
	const struct finding *finding = answer->finding;
	json_t *array;

	if (!answer->space->name)
		return changes_json(answer);
	array = json_array();
	for (unsigned i = 0; i < finding->minimal.count; i++)
		json_array_append_new(array,
			json_text(answer->space->name(answer->space, finding->minimal.at[i])));
	return array;
}

static json_t *code_json(const struct answer *answer)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < answer->pair_count; i++)
		json_array_append_new(
			array, pair_json(&answer->pairs[i], &answer->changes.code[i]));
	return array;
}

static json_t *counts_json(const struct answer *answer)
{
	const struct judge_counts *counts = &answer->counts;
	json_t *object = json_object();

	json_put_number(object, "tries", (int64_t)counts->tries);
	json_put_number(object, "known", (int64_t)counts->known);
	json_put_number(object, "unjudged", (int64_t)counts->unjudged);
	json_put(object, "seconds", json_real(counts->seconds));
	return object;
}

static json_t *files_json(const struct results *results)
{
	json_t *object = json_object();

	if (!results->is_kept)
		return object;
	json_put_text(object, "smallest_failing", results->smallest);
	json_put_text(object, "largest_living", results->has_largest ? results->largest : NULL);
	json_put_text(object, "show", results->show);
	return object;
}

void answer_print_json(const struct answer *answer, FILE *to)
{
	const struct finding *finding = answer->finding;
	const struct proof *proof = answer->proof;
	json_t *root = json_object();

	json_put_text(root, "way", way_name(answer->way));
	json_put_text(root, "atom", answer->space->what);
	json_put_number(root, "atoms", answer->space->atoms);
	json_put_number(root, "minimal_count", finding->minimal.count);
	json_put(root, "minimal", minimal_json(answer));
	json_put_number(root, "minimal_unjudged", finding->unjudged);
	json_put_number(
		root, "removal_count", finding->has_removal ? (int64_t)finding->removal.count : -1);
	json_put_bool(root, "removal_is_minimal", finding->has_removal && !finding->gave_up);
	json_put(root, "within", answer->space->name && answer->diff ? changes_json(answer) : NULL);
	json_put(root, "code", code_json(answer));
	json_put_text(root, "note", answer->note);
	json_put_bool(root, "wavers", proof->rates.wavers);
	json_put(root, "good", tally_json(&proof->rates.of_good, &proof->good));
	json_put(root, "bad", tally_json(&proof->rates.of_bad, &proof->bad));
	json_put(root, "found", tally_json(&finding->again, &finding->trial));
	json_put(root, "counts", counts_json(answer));
	json_put(root, "files", files_json(answer->results));
	json_put(root, "autopsy",
		answer->results->has_autopsy ? json_load_file(answer->results->json, 0, NULL)
					     : NULL);
	json_dumpf(root, to, JSON_INDENT(2));
	fputc('\n', to);
	json_decref(root);
}
