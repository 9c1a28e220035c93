/* SPDX-License-Identifier: MIT */
/*
 * fuzz_world.h: a CPU and a guest's memory out of a fuzzer's input. The first bytes become
 * registers, the rest fills 1 MiB of memory over and over, so that tables made of it lead
 * somewhere.
 */
#ifndef TESTS_FUZZ_WORLD_H
#define TESTS_FUZZ_WORLD_H

#include <string.h>

#include "autopsy/cpu_state.h"
#include "autopsy/phys_mem.h"

#define FUZZ_RAM 0x100000u

struct fuzz_world {
	const uint8_t *data;
	size_t size;
	struct cpu_state cpu;
	struct phys_mem mem;
};

static inline bool fuzz_read(const void *ctx, uint64_t gpa, void *buf, size_t n)
{
	const struct fuzz_world *world = ctx;
	uint8_t *out = buf;
	size_t i;

	if (gpa >= FUZZ_RAM || n > FUZZ_RAM - gpa)
		return false;
	for (i = 0; i < n; i++)
		out[i] = world->size ? world->data[(gpa + i) % world->size] : 0;
	return true;
}

/* Takes the next n bytes, zeroes when there are no more. */
static inline void fuzz_bytes(struct fuzz_world *world, void *buf, size_t n)
{
	size_t have = n < world->size ? n : world->size;

	memset(buf, 0, n);
	memcpy(buf, world->data, have);
	world->data += have;
	world->size -= have;
}

/* Takes the next n bytes as a number. */
static inline uint64_t fuzz_number(struct fuzz_world *world, size_t n)
{
	uint64_t value = 0;

	fuzz_bytes(world, &value, n);
	return value;
}

static inline struct cpu_segment fuzz_segment(struct fuzz_world *world)
{
	uint32_t bits = fuzz_number(world, 2);
	struct cpu_segment segment = {
		.type = bits & 15,
		.s = bits >> 4 & 1,
		.dpl = bits >> 5 & 3,
		.present = bits >> 7 & 1,
		.unusable = bits >> 8 & 1,
		.l = bits >> 9 & 1,
		.db = bits >> 10 & 1,
	};

	segment.selector = fuzz_number(world, 2);
	segment.limit = bits & 0x800 ? 0xffffffff : fuzz_number(world, 2);
	segment.base = bits & 0x1000 ? 0 : fuzz_number(world, 4);
	return segment;
}

/* Control registers: any value, but modes that exist more often than others. */
static inline void fuzz_control(struct fuzz_world *world)
{
	struct cpu_state *cpu = &world->cpu;
	uint8_t mode = fuzz_number(world, 1);

	cpu->cr0 = (mode & 1 ? CR0_PE : 0) | (mode & 2 ? CR0_PG : 0) | (mode & 4 ? CR0_WP : 0);
	cpu->cr4 = (uint32_t)fuzz_number(world, 4);
	cpu->efer = (mode & 8 ? EFER_LME | EFER_LMA : 0) | (mode & 16 ? EFER_NXE : 0);
	if (mode & 8)
		cpu->cr4 |= CR4_PAE;
	cpu->cr3 = fuzz_number(world, 3);
	cpu->facts.maxphyaddr = fuzz_number(world, 1);
	cpu->facts.gib_pages = mode & 32;
	cpu->facts.pse36 = mode & 64;
	cpu->facts.amd = mode & 128;
}

/* world->mem refers to world, which must not move. */
static inline void fuzz_world_init(struct fuzz_world *world, const uint8_t *data, size_t size)
{
	struct cpu_state *cpu = &world->cpu;
	unsigned i;

	*world = (struct fuzz_world){.data = data, .size = size};
	world->mem = (struct phys_mem){fuzz_read, world};
	fuzz_control(world);
	cpu->rflags = fuzz_number(world, 3);
	cpu->rip = fuzz_number(world, 4);
	cpu->gpr[GPR_RSP] = (int64_t)(fuzz_number(world, 6) << 15) >> 15;
	for (i = SEG_CS; i <= SEG_SS; i++)
		cpu->seg[i] = fuzz_segment(world);
	cpu->tr = fuzz_segment(world);
	cpu->ldtr = fuzz_segment(world);
	cpu->gdtr.base = fuzz_number(world, 3) % (FUZZ_RAM + 0x1000);
	cpu->gdtr.limit = fuzz_number(world, 2);
	cpu->idtr.base = fuzz_number(world, 3) % (FUZZ_RAM + 0x1000);
	cpu->idtr.limit = fuzz_number(world, 2);
}

#endif
