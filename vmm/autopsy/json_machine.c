/* SPDX-License-Identifier: MIT */
/*
 * json_machine.c: exits, ports, memory layout and log in the JSON report.
 */
#include "json_parts.h"
#include "log_tail.h"
#include "names.h"
#include "region.h"

#define EXIT_REASON_IO 2 /* KVM_EXIT_IO */
#define LOG_BYTES      16384

json_t *json_exits(const struct evidence *evidence)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < evidence->exit_count && i < EXIT_RING; i++) {
		const struct exit_record *record = &evidence->exits[i];
		bool io = record->reason == EXIT_REASON_IO;
		json_t *object = json_object();

		json_put_number(object, "reason", record->reason);
		json_put_text(object, "name", exit_reason_name(record->reason));
		json_put_number(object, "cpu", record->vcpu);
		json_put_hex(object, "where", record->where);
		json_put_text(object, "port", io ? port_name(record->where) : NULL);
		json_put_bool(object, "write", record->write);
		json_put_hex(object, "value", record->value);
		json_put_number(object, "size", record->size);
		json_put_number(object, "count", record->count);
		json_array_append_new(array, object);
	}
	return array;
}

json_t *json_unclaimed(const struct evidence *evidence)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < evidence->unclaimed_count && i < UNCLAIMED_MAX; i++) {
		const struct unclaimed *unclaimed = &evidence->unclaimed[i];
		json_t *object = json_object();

		json_put_text(object, "kind", unclaimed->mmio ? "mmio" : "port");
		json_put_hex(object, "where", unclaimed->where);
		json_put_text(object, "name", unclaimed->mmio ? NULL : port_name(unclaimed->where));
		json_put_number(object, "reads", (int64_t)unclaimed->reads);
		json_put_number(object, "writes", (int64_t)unclaimed->writes);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *json_damage(const struct evidence *evidence, const struct evidence_region *region)
{
	struct region_damage damage = region_compare(&evidence->mem, region);
	json_t *object;

	if (!damage.bytes)
		return json_null();
	object = json_object();
	json_put_number(object, "bytes", (int64_t)damage.bytes);
	json_put_hex(object, "first", damage.first);
	json_put_hex(object, "last", damage.last);
	json_put_bool(object, "zeroed", damage.zeroed);
	return object;
}

static json_t *json_overlaps(const struct evidence *evidence, unsigned index)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < evidence->region_count; i++)
		if (i != index && region_overlaps(&evidence->regions[i], &evidence->regions[index]))
			json_array_append_new(array, json_text(evidence->regions[i].name));
	return array;
}

json_t *json_regions(const struct evidence *evidence)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < evidence->region_count; i++) {
		const struct evidence_region *region = &evidence->regions[i];
		json_t *object = json_object();

		json_put_text(object, "name", region->name);
		json_put_hex(object, "gpa", region->gpa);
		json_put_hex(object, "size", region->size);
		json_put_hex(object, "linear", region->linear);
		json_put_bool(object, "monitor", region->monitor);
		json_put(object, "damage", json_damage(evidence, region));
		json_put(object, "overlaps", json_overlaps(evidence, i));
		json_array_append_new(array, object);
	}
	return array;
}

json_t *json_log(const struct evidence *evidence)
{
	char log[LOG_BYTES];

	return json_hostile(log, log_tail_read(evidence, log, sizeof(log)));
}
