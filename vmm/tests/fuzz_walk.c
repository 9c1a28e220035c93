/* SPDX-License-Identifier: MIT */
/*
 * fuzz_walk.c: any registers, any memory, any address: the walk ends, and what it says is
 * consistent with itself.
 */
#include "autopsy/linear.h"
#include "fuzz_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		__builtin_trap();
}

static void check_page_fault(const struct walk *walk)
{
	must(walk->page_fault == (walk->reason >= WALK_NOT_PRESENT));
	if (!walk->page_fault)
		return;
	must(!(walk->error & PF_P) == (walk->reason == WALK_NOT_PRESENT));
	must(!(walk->error & PF_RSVD) == (walk->reason != WALK_RESERVED_BIT));
	must(!(walk->error & PF_W) == !walk->access.write);
	must(walk->guilty >= 0 && (unsigned)walk->guilty < walk->step_count);
}

static void check_walk(const struct walk *walk)
{
	char text[200], small[5];

	must(walk->step_count <= WALK_STEPS);
	must(walk->allowed == (walk->reason == WALK_OK));
	must(walk->allowed == (walk->violations == 0));
	must(walk->allowed || walk->violations >> walk->reason & 1);
	must(!walk->allowed || walk->translated);
	must(!walk->translated || walk->page_size == 0 || walk->gpa >> 52 == 0);
	check_page_fault(walk);
	must(strlen(walk_describe(walk, text, sizeof(text))) < sizeof(text));
	must(strlen(walk_describe(walk, small, sizeof(small))) < sizeof(small));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_world world;
	struct walk_access access = {0};
	uint8_t kind, buf[32];
	uint64_t linear;
	struct walk walk, read;

	fuzz_world_init(&world, data, size);
	kind = fuzz_number(&world, 1);
	linear = fuzz_number(&world, 8);
	if (kind & 16)
		linear = (int64_t)(linear << 16) >> 16;
	read = walk_linear(&world.mem, &world.cpu, linear, access);
	check_walk(&read);
	access.user = kind & 4;
	access.implicit_supervisor = kind & 8;
	access.write = kind & 1;
	access.fetch = kind & 2;
	walk = walk_linear(&world.mem, &world.cpu, linear, access);
	check_walk(&walk);
	must(walk.translated == read.translated && walk.gpa == read.gpa);
	linear_read(&world.mem, &world.cpu, linear, buf, sizeof(buf), access);
	linear_check(&world.mem, &world.cpu, linear, 5000, access);
	return 0;
}
