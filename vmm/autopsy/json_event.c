/* SPDX-License-Identifier: MIT */
/*
 * json_event.c: places, deliveries and page walks in the JSON report.
 */
#include <string.h>

#include "exception.h"
#include "json_parts.h"

void json_put_place(json_t *object, const struct findings *findings, uint64_t linear)
{
	struct symbol symbol;
	struct source_line line;
	bool named = symbols_find_address(findings->symbols, linear, &symbol);
	bool lined = symbols_find_line(findings->symbols, linear, &line);

	json_put_text(object, "symbol", named ? symbol.name : NULL);
	json_put(object, "offset", named ? json_hex(symbol.offset) : json_null());
	json_put_text(object, "file", lined ? line.path : NULL);
	json_put(object, "line", lined ? json_integer(line.line) : json_null());
}

static json_t *json_link(const struct delivery_link *link)
{
	static const char *const origins[] = {
		[LINK_FIRST] = "first",
		[LINK_SERIAL] = "serial",
		[LINK_DOUBLE_FAULT] = "double-fault",
		[LINK_FETCH] = "fetch",
	};
	static const char *const outcomes[] = {
		[DELIVERY_DONE] = "delivered",
		[DELIVERY_FAILED] = "failed",
		[DELIVERY_UNKNOWN] = "unknown",
	};
	const struct delivery *delivery = &link->delivery;
	json_t *object = json_object();
	char what[320];

	json_put_text(object, "origin", origins[link->origin]);
	json_put_number(object, "vector", delivery->event.vector);
	json_put_text(object, "mnemonic", exception_mnemonic(delivery->event.vector));
	json_put(object, "error",
		delivery->event.has_error ? json_hex(delivery->event.error) : json_null());
	json_put_text(object, "outcome", outcomes[delivery->outcome]);
	json_put_text(object, "text", delivery_describe(delivery, what, sizeof(what)));
	json_put(object, "handler",
		delivery->outcome == DELIVERY_DONE ? json_hex(delivery->handler_rip) : json_null());
	return object;
}

json_t *json_chain(const struct findings *findings)
{
	const struct first_event *first = &findings->first;
	json_t *array = json_array();

	if (first->source == FIRST_UNKNOWN || !first->has_chain)
		return array;
	for (unsigned i = 0; i < first->chain.count; i++)
		json_array_append_new(array, json_link(&first->chain.links[i]));
	return array;
}

static json_t *json_step(const struct walk *walk, unsigned index)
{
	const struct walk_step *step = &walk->step[index];
	json_t *object = json_object();

	json_put_text(object, "level", walk_level_name(step->level));
	json_put_number(object, "index", step->index);
	json_put_hex(object, "gpa", step->gpa);
	json_put(object, "entry", step->readable ? json_hex(step->entry) : json_null());
	json_put_bool(object, "guilty", (int)index == walk->guilty);
	return object;
}

json_t *json_walk(const struct walk *walk)
{
	json_t *object = json_object(), *steps = json_array();
	const char *access = walk->access.fetch ? "fetch" : walk->access.write ? "write" : "read";
	char what[200];

	json_put_hex(object, "linear", walk->linear);
	json_put_text(object, "access", access);
	json_put_bool(object, "user", walk->access.user);
	json_put_text(object, "mode", paging_mode_name(walk->mode));
	for (unsigned i = 0; i < walk->step_count; i++)
		json_array_append_new(steps, json_step(walk, i));
	json_put(object, "steps", steps);
	json_put(object, "gpa", walk->translated ? json_hex(walk->gpa) : json_null());
	json_put_bool(object, "allowed", walk->allowed);
	json_put_text(object, "text", walk_describe(walk, what, sizeof(what)));
	return object;
}
