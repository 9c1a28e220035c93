/* SPDX-License-Identifier: MIT */
/*
 * json_cpu.c: registers in the JSON report.
 */
#include "json_parts.h"
#include "names.h"
#include "walk.h"

static json_t *json_segment(const struct cpu_segment *segment)
{
	json_t *object = json_object();

	json_put_hex(object, "selector", segment->selector);
	json_put_hex(object, "base", segment->base);
	json_put_hex(object, "limit", segment->limit);
	json_put_number(object, "type", segment->type);
	json_put_number(object, "dpl", segment->dpl);
	json_put_bool(object, "s", segment->s);
	json_put_bool(object, "present", segment->present);
	json_put_bool(object, "l", segment->l);
	json_put_bool(object, "db", segment->db);
	json_put_bool(object, "g", segment->g);
	json_put_bool(object, "unusable", segment->unusable);
	return object;
}

static json_t *json_table(const struct cpu_table *table)
{
	json_t *object = json_object();

	json_put_hex(object, "base", table->base);
	json_put_hex(object, "limit", table->limit);
	return object;
}

static void put_segments(json_t *object, const struct cpu_state *cpu)
{
	for (unsigned i = 0; i < SEG_COUNT; i++)
		json_put(object, segment_name(i), json_segment(&cpu->seg[i]));
	json_put(object, "tr", json_segment(&cpu->tr));
	json_put(object, "ldtr", json_segment(&cpu->ldtr));
	json_put(object, "gdtr", json_table(&cpu->gdtr));
	json_put(object, "idtr", json_table(&cpu->idtr));
}

static void put_system(json_t *object, const struct cpu_state *cpu)
{
	for (unsigned i = 0; i < SYSTEM_REGISTERS; i++)
		json_put_hex(object, system_register_name(i), system_register_value(cpu, i));
}

json_t *json_cpu(const struct cpu_state *cpu)
{
	json_t *object = json_object();

	json_put_number(object, "cpu", cpu->index);
	json_put_number(object, "cpl", cpu_cpl(cpu));
	json_put_number(object, "bits", cpu_code_bits(cpu));
	json_put_text(object, "paging", paging_mode_name(paging_mode(cpu)));
	json_put_text(object, "run_state", run_state_name(cpu->run_state));
	json_put_hex(object, "rip", cpu->rip);
	json_put_hex(object, "rflags", cpu->rflags);
	for (unsigned i = 0; i < GPR_COUNT; i++)
		json_put_hex(object, gpr_name(i, true), cpu->gpr[i]);
	put_segments(object, cpu);
	put_system(object, cpu);
	return object;
}
