/* SPDX-License-Identifier: MIT */
/*
 * death_scene.h: evidence of deaths written down by hand: 2 MiB of RAM with page tables, GDT, IDT
 * and TSS at fixed places, and a CPU in 64-bit or 32-bit mode at an instruction that a test puts
 * there.
 */
#ifndef TESTS_DEATH_SCENE_H
#define TESTS_DEATH_SCENE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "array_mem.h"
#include "autopsy/verdict.h"

#define DEATH_RAM 0x200000u

/* Where things are. */
#define AT_PML4  0x1000u
#define AT_PDPT  0x2000u
#define AT_PD    0x3000u
#define AT_GDT   0x8000u
#define AT_IDT   0x9000u
#define AT_TSS   0xa000u
#define AT_CODE  0x10000u
#define AT_STACK 0x20000u /* the word at RSP */

struct death_scene {
	uint8_t *ram;
	struct array_mem array;
	struct cpu_state cpu;
	struct evidence evidence;
	struct symbols *symbols;
	struct findings findings;
	struct verdict verdict;
};

static inline void scene_put(struct death_scene *scene, uint64_t gpa, uint64_t value, unsigned n)
{
	array_mem_put(&scene->array, gpa, value, n);
}

static inline void scene_code(struct death_scene *scene, const char *bytes, size_t n)
{
	memcpy(scene->ram + AT_CODE, bytes, n);
}

/* A flat segment: SDM vol. 3, 3.4.5: type 0xb code, 0x3 data. */
static inline struct cpu_segment flat_segment(uint16_t selector, uint8_t type, bool is_long)
{
	return (struct cpu_segment){.selector = selector,
		.limit = 0xffffffff,
		.type = type,
		.s = true,
		.present = true,
		.l = is_long,
		.db = !is_long,
		.g = true,
		.dpl = selector & 3};
}

/* A 64-bit interrupt gate by the bytes of SDM vol. 3, figure 6-8. */
static inline void scene_gate(struct death_scene *scene, unsigned vector, uint64_t offset,
	uint16_t selector, uint8_t type, uint8_t ist)
{
	uint64_t low = (offset & 0xffff) | (uint64_t)selector << 16 | (uint64_t)ist << 32 |
	               (uint64_t)type << 40 | (offset >> 16 & 0xffff) << 48;

	scene_put(scene, AT_IDT + 16 * vector, low, 8);
	scene_put(scene, AT_IDT + 16 * vector + 8, offset >> 32, 8);
}

static inline struct death_scene *scene_new(void)
{
	struct death_scene *scene = calloc(1, sizeof(*scene));

	scene->ram = calloc(1, DEATH_RAM);
	scene->array = (struct array_mem){scene->ram, DEATH_RAM};
	scene->symbols = symbols_create();
	scene->cpu.facts = (struct cpu_facts){.maxphyaddr = 36,
		.nx = true,
		.pse = true,
		.pae = true,
		.long_mode = true,
		.fxsr = true,
		.sse = true,
		.sse2 = true,
		.smep = true,
		.smap = true};
	scene->evidence = (struct evidence){.death = DEATH_SHUTDOWN,
		.mem = array_mem_view(&scene->array),
		.ram_low = DEATH_RAM,
		.cpus = &scene->cpu,
		.cpu_count = 1};
	scene->cpu.rip = AT_CODE;
	scene->cpu.rflags = 2;
	scene->cpu.gpr[GPR_RSP] = AT_STACK;
	scene->cpu.gdtr = (struct cpu_table){AT_GDT, 0x37};
	scene->cpu.idtr = (struct cpu_table){AT_IDT, 0xfff};
	scene->cpu.tr = (struct cpu_segment){
		.selector = 0x28, .base = AT_TSS, .limit = 0x67, .type = 11, .present = true};
	return scene;
}

/* CPL 0, 64-bit, the first 2 MiB at their own addresses, an empty IDT of 256 entries. */
static inline struct death_scene *scene_long(void)
{
	struct death_scene *scene = scene_new();

	scene_put(scene, AT_PML4, AT_PDPT + 7, 8);
	scene_put(scene, AT_PDPT, AT_PD + 7, 8);
	scene_put(scene, AT_PD, 0x87, 8);
	scene_put(scene, AT_GDT + 0x08, 0x00af9b000000ffff, 8);
	scene_put(scene, AT_GDT + 0x10, 0x00cf93000000ffff, 8);
	scene_put(scene, AT_GDT + 0x18, 0x00cff3000000ffff, 8);
	scene_put(scene, AT_GDT + 0x20, 0x00affb000000ffff, 8);
	scene_put(scene, AT_GDT + 0x28, 0x00008b00a0000067, 8);
	scene->cpu.seg[SEG_CS] = flat_segment(0x08, 0xb, true);
	for (unsigned i = 0; i < SEG_COUNT; i++)
		if (i != SEG_CS)
			scene->cpu.seg[i] = flat_segment(0x10, 0x3, false);
	scene->cpu.cr0 = 0x80000011;
	scene->cpu.cr4 = 0x20;
	scene->cpu.efer = 0x500;
	scene->cpu.cr3 = AT_PML4;
	return scene;
}

/* CPL 0, 32-bit protected mode without paging. */
static inline struct death_scene *scene_pm32(void)
{
	struct death_scene *scene = scene_new();

	scene_put(scene, AT_GDT + 0x08, 0x00cf9b000000ffff, 8);
	scene_put(scene, AT_GDT + 0x10, 0x00cf93000000ffff, 8);
	scene_put(scene, AT_GDT + 0x18, 0x00cff3000000ffff, 8);
	scene_put(scene, AT_GDT + 0x20, 0x00cffb000000ffff, 8);
	scene_put(scene, AT_GDT + 0x28, 0x00008b00a0000067, 8);
	scene->cpu.seg[SEG_CS] = flat_segment(0x08, 0xb, false);
	for (unsigned i = 0; i < SEG_COUNT; i++)
		if (i != SEG_CS)
			scene->cpu.seg[i] = flat_segment(0x10, 0x3, false);
	scene->cpu.cr0 = 0x11;
	return scene;
}

/* To CPL 3. */
static inline void scene_user(struct death_scene *scene)
{
	bool is_long = scene->cpu.efer & 0x400;

	scene->cpu.seg[SEG_CS] = flat_segment(0x23, 0xb, is_long);
	scene->cpu.seg[SEG_SS] = flat_segment(0x1b, 0x3, false);
}

static inline const char *scene_verdict(struct death_scene *scene)
{
	findings_make(&scene->findings, &scene->evidence, scene->symbols);
	verdict_make(&scene->verdict, &scene->findings);
	return scene->verdict.id;
}

static inline void scene_free(struct death_scene *scene)
{
	symbols_destroy(scene->symbols);
	free(scene->ram);
	free(scene);
}

/* A death and the verdict that it must get; one that begins with '!' is one that it must not get.
 */
struct verdict_row {
	const char *id;
	struct death_scene *(*make)(void);
};

static inline bool ends_sentence(const char *text)
{
	size_t n = strlen(text);

	return n && (text[n - 1] == '.' || text[n - 1] == '"');
}

/* Builds the scene of a row and fails when the verdict is another, or is not told in sentences. */
static inline void verdict_row_check(const struct verdict_row *row)
{
	struct death_scene *scene = row->make();
	const struct verdict *verdict = &scene->verdict;

	scene_verdict(scene);
	if (*row->id == '!')
		ck_assert_str_ne(verdict->id, row->id + 1);
	else
		ck_assert_msg(!strcmp(verdict->id, row->id), "%s instead of %s: %s", verdict->id,
			row->id, verdict->cause);
	ck_assert_msg(ends_sentence(verdict->cause), "cause: %s", verdict->cause);
	ck_assert_msg(ends_sentence(verdict->repair), "repair: %s", verdict->repair);
	scene_free(scene);
}

#endif
