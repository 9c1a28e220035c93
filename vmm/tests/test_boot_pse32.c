/* SPDX-License-Identifier: MIT */
/*
 * test_boot_pse32.c: the boot environment pse32 byte by byte. Every expected value was written down
 * from the SDM (vol. 3, 4.3 "32-Bit Paging", figure 4-4 "Formats of CR3 and Paging-Structure
 * Entries with 32-Bit Paging") and from the layout with its top at 16 MiB: directory at 0xff6000.
 */
#include "boot_world.h"

/* A kernel linked at 0x80001000 and loaded at 0x1000. */
static void prepare_high(struct world *world, uint64_t memory)
{
	prepare(world, PSE32, memory);
	world->image.segments[0] = (struct image_segment){
		.gpa = 0x1000, .linear = 0x80001000, .size = 0x5000, .name = "flat image"};
	world->image.entry = 0x80001000;
}

static uint32_t directory_entry(const struct world *world, unsigned index)
{
	return (uint32_t)word(world, world->boot.cr3 + 4 * index);
}

START_TEST(directory)
{
	struct world world;

	prepare_high(&world, 0x1000000);
	build(&world);
	ck_assert_uint_eq(world.boot.cr3, 0xff6000);
	/* P, W, A, D, PS: 0xe3. */
	EXPECT_BYTES(&world, 0xff6000, 0xe3, 0, 0, 0, 0xe3, 0, 0x40, 0, 0xe3, 0, 0x80, 0, 0xe3, 0,
		0xc0, 0, 0, 0, 0, 0);
	EXPECT_BYTES(&world, 0xff67fc, 0, 0, 0, 0, 0xe3, 0, 0, 0, 0, 0, 0, 0);
	for (unsigned i = 4; i < 1024; i++)
		if (i != 512)
			ck_assert_uint_eq(directory_entry(&world, i), 0);
}
END_TEST

START_TEST(whole_of_ram)
{
	struct world world;

	start(&world, PSE32, 0x140000000); /* 3 GiB below 4 GiB, 2 GiB above: out of reach */
	ck_assert_uint_eq(world.boot.cr3, 0xbfff6000);
	ck_assert_uint_eq(directory_entry(&world, 767), 0xbfc000e3);
	ck_assert_uint_eq(directory_entry(&world, 768), 0);
	ck_assert_uint_eq(directory_entry(&world, 1023), 0);
}
END_TEST

START_TEST(ram_that_is_no_multiple_of_a_page)
{
	struct world world;

	start(&world, PSE32, 0x500000);
	ck_assert_uint_eq(directory_entry(&world, 0), 0x000000e3);
	ck_assert_uint_eq(directory_entry(&world, 1), 0x004000e3);
	ck_assert_uint_eq(directory_entry(&world, 2), 0);
}
END_TEST

START_TEST(image_across_pages)
{
	struct world world;

	prepare_high(&world, 0x1000000);
	world.image.segments[0].gpa = 0x7ff000;
	world.image.segments[0].linear = 0xffbff000;
	world.image.segments[0].size = 0x1001;
	world.image.entry = 0xffbff000;
	build(&world);
	ck_assert_uint_eq(directory_entry(&world, 1021), 0);
	ck_assert_uint_eq(directory_entry(&world, 1022), 0x004000e3);
	ck_assert_uint_eq(directory_entry(&world, 1023), 0x008000e3);
}
END_TEST

START_TEST(tables)
{
	struct world world;

	start(&world, PSE32, 0x1000000);
	EXPECT_BYTES(&world, 0xff7000, 0, 0, 0, 0, 0, 0, 0, 0, /* 00: null */
		0xff, 0xff, 0, 0, 0, 0x9b, 0xcf, 0,            /* 08: code, D */
		0xff, 0xff, 0, 0, 0, 0x93, 0xcf, 0,            /* 10: data */
		0xff, 0xff, 0, 0, 0, 0xf3, 0xcf, 0,            /* 18: data, DPL 3 */
		0xff, 0xff, 0, 0, 0, 0xfb, 0xcf, 0,            /* 20: code, D, DPL 3 */
		0x67, 0, 0x80, 0x70, 0xff, 0x8b, 0, 0,         /* 28: TSS at 0xff7080 */
		0, 0, 0, 0, 0, 0, 0, 0);
	EXPECT_BYTES(&world, 0xff7080, 0, 0, 0, 0, 0, 0xc0, 0xff, 0, 0x10, 0);
	EXPECT_BYTES(&world, 0xff7270, 0x70, 0x80, 8, 0, 0, 0x8e, 0xff, 0);
	ck_assert_uint_eq(word(&world, 0xff7300), 0);
}
END_TEST

START_TEST(cpu)
{
	struct world world;

	prepare_high(&world, 0x1000000);
	build(&world);
	ck_assert_uint_eq(world.cpu.cr0, 0x80000011);
	ck_assert_uint_eq(world.cpu.cr3, 0xff6000);
	ck_assert_uint_eq(world.cpu.cr4, 0x10);
	ck_assert_uint_eq(world.cpu.efer, 0);
	ck_assert_uint_eq(world.cpu.rip, 0x80001000);
	ck_assert_uint_eq(world.cpu.rflags, 2);
	ck_assert_uint_eq(world.cpu.gpr[GPR_RBX], 0xff9000);
	ck_assert_uint_eq(world.cpu.gpr[GPR_RSP], 0xfffff0);
	ck_assert_uint_eq(world.cpu.gdtr.base, 0xff7000);
	ck_assert_uint_eq(world.cpu.gdtr.limit, 55);
	ck_assert_uint_eq(world.cpu.idtr.base, 0xff7200);
	ck_assert_uint_eq(world.cpu.idtr.limit, 255);
	ck_assert_uint_eq(world.cpu.tr.base, 0xff7080);
	ck_assert_uint_eq(world.cpu.tr.limit, 0x67);
	ck_assert_uint_eq(world.cpu.seg[SEG_CS].selector, 8);
	ck_assert(world.cpu.seg[SEG_CS].db && !world.cpu.seg[SEG_CS].l);
	ck_assert_uint_eq(world.cpu.seg[SEG_SS].selector, 0x10);
}
END_TEST

START_TEST(refused)
{
	static const struct {
		uint64_t gpa, linear, size;
		const char *words;
	} places[] = {
		{0x1000, 0x80002000, 0x1000, "differ within a page of 4 MiB"},
		{0x1000, 0x80401001, 0x1000, "differ within a page of 4 MiB"},
		{0x1000, 0x401000, 0x1000, "taken by other memory"},
		{0x1000, 0x100001000, 0x1000, "below 4 GiB"},
		{0x3ff000, 0xfffff000, 0x2000, "below 4 GiB"},
		{0x1000, 0xffffffff80001000, 0x1000, "below 4 GiB"},
		{0xff6000, 0x80ff6000, 1, "boot page tables"},
		{0xff6fff, 0xff6fff, 1, "boot page tables"},
		{0xff7000, 0x80ff7000, 1, "boot GDT"},
		{0xffffff, 0x80ffffff, 1, "boot stack"},
	};
	struct world world;

	prepare_high(&world, 0x1000000);
	world.image.segments[0].gpa = places[_i].gpa;
	world.image.segments[0].linear = places[_i].linear;
	world.image.segments[0].size = places[_i].size;
	expect_refused(&world, STATUS_IMAGE, places[_i].words);
	ck_assert_ptr_nonnull(strstr(world.err.text, "flat image"));
}
END_TEST

/* RAM at its own address reaches where the image wants to be; the last size that leaves it free. */
START_TEST(image_where_ram_is)
{
	struct world world;

	prepare_high(&world, 0x80001000);
	expect_refused(&world, STATUS_IMAGE, "taken by other memory");
	memory_destroy(&world.mem);
	prepare_high(&world, 0x80000000);
	build(&world);
	ck_assert_uint_eq(directory_entry(&world, 511), 0x7fc000e3);
	ck_assert_uint_eq(directory_entry(&world, 512), 0x000000e3);
}
END_TEST

/* Where RAM is beyond 4 GiB, but no 32-bit address. */
START_TEST(image_beyond_reach)
{
	struct world world;

	prepare(&world, PSE32, 0x140000000);
	world.image.segments[0].gpa = world.image.segments[0].linear = 0x100000000;
	expect_refused(&world, STATUS_IMAGE, "below 4 GiB");
}
END_TEST

START_TEST(two_segments_in_one_page)
{
	struct world world;

	prepare_high(&world, 0x1000000);
	world.image.segment_count = 2;
	world.image.segments[1] = (struct image_segment){
		.gpa = 0x406000, .linear = 0x80006000, .size = 0x1000, .name = "segment 1"};
	expect_refused(&world, STATUS_IMAGE, "taken by other memory");
	world.image.segments[1].gpa = 0x6000;
	memory_destroy(&world.mem);
	ck_assert(memory_create(&world.mem, 0x1000000, &world.err));
	build(&world);
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{directory},
		{whole_of_ram},
		{ram_that_is_no_multiple_of_a_page},
		{image_across_pages},
		{tables},
		{cpu},
		{refused, 10},
		{image_where_ram_is},
		{image_beyond_reach},
		{two_segments_in_one_page},
	};

	return RUN_LOOPED_SUITE("boot_pse32", tests, 60);
}
