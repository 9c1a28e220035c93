/* SPDX-License-Identifier: MIT */
/*
 * boot_world.h: a boot environment built in an array: what the tests of boot.c look at.
 */
#ifndef TESTS_BOOT_WORLD_H
#define TESTS_BOOT_WORLD_H

#include <string.h>

#include "boot.h"
#include "suite.h"

#define LONG64 4
#define PSE32  3
#define PM32   2
#define REAL   1

struct world {
	struct guest_mem mem;
	struct image image;
	struct boot boot;
	struct boot_params params;
	struct cpu_state cpu;
	struct error err;
};

static const struct image_segment flat_image = {
	.gpa = 0x100000, .linear = 0x100000, .size = 0x1000, .flags = 7, .name = "flat image"};

static inline void prepare(struct world *world, uint32_t mode, uint64_t memory)
{
	*world = (struct world){.params = {.command_line = "", .vcpus = 1}};
	ck_assert_msg(memory_create(&world->mem, memory, &world->err), "%s", world->err.text);
	world->image = (struct image){
		.path = "KERNEL", .mode = mode, .entry = 0x100000, .segment_count = 1};
	world->image.segments[0] = flat_image;
	if (memory < 0x200000)
		world->image.segments[0].gpa = world->image.segments[0].linear =
			world->image.entry = 0x10000;
}

static inline bool try_build(struct world *world)
{
	return boot_build(&world->boot, &world->mem, &world->image, &world->params, &world->err);
}

static inline void build(struct world *world)
{
	ck_assert_msg(try_build(world), "%s", world->err.text);
	boot_cpu_state(&world->boot, &world->image, &world->cpu);
}

static inline void start(struct world *world, uint32_t mode, uint64_t memory)
{
	prepare(world, mode, memory);
	build(world);
}

static inline uint64_t word(const struct world *world, uint64_t gpa)
{
	uint64_t value;

	memcpy(&value, world->mem.base + gpa, 8);
	return value;
}

static inline void expect_bytes(
	const struct world *world, uint64_t gpa, const void *bytes, size_t n)
{
	ck_assert_mem_eq(world->mem.base + gpa, bytes, n);
}

#define EXPECT_BYTES(world, gpa, ...)                           \
	do {                                                    \
		static const uint8_t bytes[] = {__VA_ARGS__};   \
		expect_bytes(world, gpa, bytes, sizeof(bytes)); \
	} while (0)

static inline void expect_refused(struct world *world, enum status status, const char *words)
{
	ck_assert_msg(!try_build(world), "not refused: %s", words);
	ck_assert_int_eq(world->err.status, status);
	ck_assert_msg(strstr(world->err.text, words), "'%s' is not in: %s", words, world->err.text);
	if (status == STATUS_IMAGE && words[0] != '-')
		ck_assert_msg(!strncmp(world->err.text, "KERNEL: ", 8), "%s", world->err.text);
}

#endif
