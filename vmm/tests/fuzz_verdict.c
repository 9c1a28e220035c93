/* SPDX-License-Identifier: MIT */
/*
 * fuzz_verdict.c: any evidence gets a verdict: no crash, no endless loop. The input is a CPU's
 * state, the rest of the evidence, and what lies in the first 64 KiB of RAM.
 */
#include <stdlib.h>
#include <string.h>

#include "array_mem.h"
#include "autopsy/report_json.h"
#include "autopsy/report_text.h"
#include "autopsy/verdict.h"

#define RAM 0x10000u

struct input {
	const uint8_t *bytes;
	size_t size;
};

/* Zeros when the input is used up. */
static void take(struct input *input, void *to, size_t n)
{
	size_t some = n < input->size ? n : input->size;

	memset(to, 0, n);
	memcpy(to, input->bytes, some);
	input->bytes += some;
	input->size -= some;
}

static uint64_t take_number(struct input *input, unsigned n)
{
	uint64_t value = 0;

	take(input, &value, n);
	return value;
}

static bool take_bit(struct input *input)
{
	return take_number(input, 1) & 1;
}

static void take_segment(struct input *input, struct cpu_segment *segment)
{
	uint64_t bits = take_number(input, 2);

	segment->selector = (uint16_t)take_number(input, 2);
	segment->base = bits & 0x8000 ? take_number(input, 8) : 0;
	segment->limit = bits & 0x4000 ? (uint32_t)take_number(input, 4) : 0xffffffff;
	segment->type = bits & 15;
	segment->s = bits & 16;
	segment->present = bits & 32;
	segment->l = bits & 64;
	segment->db = bits & 128;
	segment->dpl = bits >> 8 & 3;
	segment->unusable = bits & 0x1000;
}

static void take_cpu(struct input *input, struct cpu_state *cpu)
{
	for (unsigned i = 0; i < GPR_COUNT; i++)
		cpu->gpr[i] = take_number(input, 3);
	cpu->gpr[GPR_RBX] |= take_number(input, 5) << 24;
	cpu->rip = take_number(input, 2);
	cpu->rflags = take_number(input, 3) | 2;
	for (unsigned i = 0; i < SEG_COUNT; i++)
		take_segment(input, &cpu->seg[i]);
	take_segment(input, &cpu->tr);
	take_segment(input, &cpu->ldtr);
	cpu->gdtr = (struct cpu_table){take_number(input, 2), (uint16_t)take_number(input, 2)};
	cpu->idtr = (struct cpu_table){take_number(input, 2), (uint16_t)take_number(input, 2)};
	cpu->cr0 = take_number(input, 4);
	cpu->cr2 = take_number(input, 8);
	cpu->cr3 = take_number(input, 2);
	cpu->cr4 = take_number(input, 4);
	cpu->efer = take_number(input, 2);
	cpu->apic_base = take_number(input, 5);
	cpu->star = take_number(input, 8);
	cpu->lstar = take_number(input, 3);
	cpu->facts.maxphyaddr = 32 + (take_number(input, 1) & 31);
	cpu->facts.long_mode = cpu->facts.pae = cpu->facts.pse = true;
	cpu->facts.nx = take_bit(input);
	cpu->facts.sse2 = take_bit(input);
	cpu->events.exception_vector = (uint8_t)take_number(input, 1);
	cpu->events.exception_error = (uint32_t)take_number(input, 2);
	cpu->events.interrupt_injected = take_bit(input);
	cpu->events.interrupt_vector = (uint8_t)take_number(input, 1);
	cpu->run_state = take_bit(input) ? CPU_HALTED : CPU_RUNNABLE;
}

static void take_evidence(struct input *input, struct evidence *evidence,
	struct evidence_region *region, struct write_record *record)
{
	static const uint8_t pristine[256];

	evidence->death = (enum death)(take_number(input, 1) % (DEATH_TIMEOUT + 1));
	evidence->stuck = (enum stuck)(take_number(input, 1) % (STUCK_VMCALL + 1));
	evidence->origin = (enum state_origin)(take_number(input, 1) % 3);
	evidence->rerun = (enum rerun)(take_number(input, 1) % 5);
	evidence->boot_vector = take_number(input, 1) & 31;
	evidence->boot_has_error = take_bit(input);
	evidence->boot_error = (uint32_t)take_number(input, 2);
	evidence->internal_suberror = (uint32_t)take_number(input, 1);
	evidence->internal_ndata = take_number(input, 1) & 15;
	take(input, evidence->internal_data, 32);
	evidence->exit_count = take_number(input, 1) % (EXIT_RING + 1);
	take(input, &evidence->exits[0], sizeof(evidence->exits[0]));
	evidence->exits[0].write = take_bit(input);
	take(input, &evidence->pic[0].irr, 4);
	evidence->pic[0].valid = take_bit(input);
	evidence->apic.valid = take_bit(input);
	take(input, evidence->apic.regs + 0xf0, 0x90);
	evidence->log_ring = take_number(input, 2);
	evidence->trail_count = take_number(input, 1) % (TRAIL_STEPS + 1);
	for (unsigned i = 0; i < evidence->trail_count; i++)
		evidence->trail[i].rip = take_number(input, 2);
	evidence->sample_count = take_number(input, 1) % (SAMPLES_MAX + 1);
	*region = (struct evidence_region){
		.name = "region", .gpa = take_number(input, 2), .size = 256, .monitor = true};
	region->linear = region->gpa;
	region->pristine = take_bit(input) ? pristine : NULL;
	region->writable = take_bit(input);
	region->monitor = !region->writable;
	evidence->regions = region;
	evidence->region_count = 1;
	record->gpa = take_number(input, 2);
	record->size = 1u << (take_number(input, 1) & 3);
	record->old_value = take_number(input, 1);
	record->rip_after = take_bit(input);
	record->rip = take_number(input, 2);
	if (!take_bit(input))
		return;
	evidence->writes = record;
	evidence->write_count = 1;
}

static void explain(const struct evidence *evidence)
{
	struct symbols *symbols = symbols_create();
	struct findings *findings = malloc(sizeof(*findings));
	struct verdict *verdict = malloc(sizeof(*verdict));

	if (symbols && findings && verdict) {
		findings_make(findings, evidence, symbols);
		verdict_make(verdict, findings);
		free(report_text(findings, verdict, true));
		free(report_json(findings, verdict));
	}
	free(verdict);
	free(findings);
	symbols_destroy(symbols);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	struct array_mem array = {calloc(1, RAM), RAM};
	struct evidence evidence = {.ram_low = RAM, .cpu_count = 1};
	struct evidence_region region = {0};
	struct write_record record = {0};
	struct cpu_state cpu = {0};

	if (!array.bytes)
		return 0;
	take_cpu(&input, &cpu);
	evidence.cpus = &cpu;
	evidence.mem = array_mem_view(&array);
	take_evidence(&input, &evidence, &region, &record);
	record.cpu = cpu;
	/* Runs of bytes at places that the input names: tables and code need not be one block. */
	while (input.size > 3) {
		uint64_t at = take_number(&input, 2), n = take_number(&input, 1);

		for (; n && at < RAM; n--)
			array.bytes[at++] = (uint8_t)take_number(&input, 1);
	}
	explain(&evidence);
	free(array.bytes);
	return 0;
}
