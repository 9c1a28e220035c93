/* SPDX-License-Identifier: MIT */
/*
 * sample_evidence.h: one death, written down by hand, for the tests of what shows or stores
 * evidence: a 64-bit kernel writes to an address that is not mapped and has no IDT.
 */
#ifndef TESTS_SAMPLE_EVIDENCE_H
#define TESTS_SAMPLE_EVIDENCE_H

#include "array_mem.h"
#include "autopsy/evidence.h"

#define SAMPLE_RAM 0x20000

struct sample_death {
	uint8_t ram[SAMPLE_RAM];
	struct array_mem array;
	struct cpu_state cpus[2];
	struct evidence_region regions[3];
	uint8_t pristine[0x1000];
	struct evidence evidence;
};

/* 0xffffffff80000000 is 0x8000 to 0xafff; the page of 0xffffffff80003000 is absent. */
static inline void sample_tables(struct array_mem *ram)
{
	array_mem_put(ram, 0x1000 + 511 * 8, 0x2003, 8);
	array_mem_put(ram, 0x2000 + 510 * 8, 0x3003, 8);
	array_mem_put(ram, 0x3000 + 0 * 8, 0x4003, 8);
	array_mem_put(ram, 0x4000 + 0 * 8, 0x8021, 8);             /* code: read-only */
	array_mem_put(ram, 0x4000 + 1 * 8, 0x8000000000009063, 8); /* stack: no execute */
	array_mem_put(ram, 0x4000 + 2 * 8, 0x800000000000a063, 8); /* data */
	memcpy(ram->bytes + 0x8123, "\x89\x07\xf4\xeb\xfd", 5);    /* mov %eax,(%rdi); hlt; jmp */
	array_mem_put(ram, 0x9ff0, 0x1122334455667788, 8);
	array_mem_put(ram, 0x9ff8, 0xffffffff80000200, 8);
}

/* A ring of 64 bytes at 0xb000 that has wrapped: 70 bytes were written. */
static inline void sample_log(struct array_mem *ram)
{
	const char *text =
		"0123456789012345678901234567890123456789012345\nkernel: up\nlast \033line";
	uint64_t ring[4] = {0x474f4c4d4d56, 0xb000, 64, 0};

	for (const char *c = text; *c; c++)
		ram->bytes[0xb000 + ring[3]++ % 64] = (uint8_t)*c;
	memcpy(ram->bytes + 0xb100, ring, sizeof(ring));
}

static inline void sample_cpu(struct cpu_state *cpu)
{
	*cpu = (struct cpu_state){.rip = 0xffffffff80000123, .rflags = 0x10046};
	cpu->gpr[GPR_RAX] = 0x42;
	cpu->gpr[GPR_RDI] = 0xffffffff80003008;
	cpu->gpr[GPR_RSP] = 0xffffffff80001ff0;
	cpu->gpr[GPR_R15] = 0xfeedfacecafebeef;
	for (unsigned i = 0; i < SEG_COUNT; i++)
		cpu->seg[i] = (struct cpu_segment){.selector = 0x10,
			.limit = 0xffffffff,
			.type = 3,
			.s = true,
			.present = true,
			.db = true,
			.g = true};
	cpu->seg[SEG_CS] = (struct cpu_segment){.selector = 0x08,
		.limit = 0xffffffff,
		.type = 11,
		.s = true,
		.present = true,
		.l = true,
		.g = true};
	cpu->tr =
		(struct cpu_segment){.selector = 0x28, .limit = 0x67, .type = 11, .present = true};
	cpu->ldtr.unusable = true;
	cpu->gdtr = (struct cpu_table){0xffffffff80002000, 0x37};
	cpu->cr0 = 0x80010011;
	cpu->cr2 = 0xffffffff80003008;
	cpu->cr3 = 0x1000;
	cpu->cr4 = 0x20;
	cpu->efer = 0xd01;
	cpu->events = (struct cpu_events){.exception_vector = 14,
		.exception_has_error = true,
		.exception_error = 2,
		.exception_injected = true};
	cpu->facts = (struct cpu_facts){.maxphyaddr = 40,
		.nx = true,
		.pae = true,
		.pse = true,
		.long_mode = true,
		.fxsr = true,
		.sse = true,
		.sse2 = true};
}

static inline void sample_exits(struct evidence *evidence)
{
	evidence->exits[0] = (struct exit_record){
		.reason = 2, .where = 0x3f8, .value = 0x41, .size = 1, .count = 3, .write = true};
	evidence->exits[1] =
		(struct exit_record){.reason = 6, .where = 0xfee00030, .size = 4, .count = 1};
	evidence->exits[2] = (struct exit_record){.reason = 8, .count = 1};
	evidence->exit_count = 3;
	evidence->exit_total = 5;
	evidence->unclaimed[0] = (struct unclaimed){.where = 0x1f7, .reads = 4};
	evidence->unclaimed_count = 1;
}

static inline void sample_regions(struct sample_death *sample)
{
	memset(sample->pristine, 0xcc, sizeof(sample->pristine));
	memset(sample->ram + 0xc000, 0xcc, 0x1000);
	memcpy(sample->ram + 0xc010, "\x00\x11\x22", 3);
	sample->regions[0] = (struct evidence_region){.name = "image segment 0",
		.gpa = 0x8000,
		.size = 0x3000,
		.linear = 0xffffffff80000000};
	sample->regions[1] = (struct evidence_region){.name = "boot GDT",
		.gpa = 0xc000,
		.size = 0x1000,
		.linear = 0xc000,
		.pristine = sample->pristine,
		.monitor = true};
	sample->regions[2] = (struct evidence_region){
		.name = "initrd\033[31m", .gpa = 0xcff0, .size = 0x100, .linear = 0xcff0};
	sample->evidence.regions = sample->regions;
	sample->evidence.region_count = 3;
}

/* Fills in the death that the first comment tells. */
static inline void sample_init(struct sample_death *sample)
{
	struct evidence *evidence = &sample->evidence;

	memset(sample, 0, sizeof(*sample));
	sample->array = (struct array_mem){sample->ram, SAMPLE_RAM};
	sample_tables(&sample->array);
	sample_log(&sample->array);
	sample_cpu(&sample->cpus[0]);
	sample->cpus[1] = (struct cpu_state){
		.index = 1, .rip = 0xfff0, .cr0 = 0x10, .run_state = CPU_WAIT_FOR_SIPI};
	*evidence = (struct evidence){.death = DEATH_SHUTDOWN,
		.mem = array_mem_view(&sample->array),
		.ram_low = SAMPLE_RAM,
		.cpus = sample->cpus,
		.cpu_count = 2,
		.exit_reason = 8,
		.log_ring = 0xb100,
		.seconds = 0.0125,
		.image = "kernel.elf",
		.kvm = "kvm_pvm"};
	evidence->pic[0] = (struct pic_state){.valid = true, .vector_base = 0x20, .imr = 0xfb};
	sample_exits(evidence);
	sample_regions(sample);
}

#endif
