/* SPDX-License-Identifier: MIT */
/*
 * test_boot.c: the boot environments byte by byte. Every expected value was written down from the
 * SDM (vol. 3, 3.4.5 "Segment Descriptors", 4.5 "4-Level Paging", 6.11 "IDT Descriptors", 7.2
 * "Task Management Data Structures") and from the layout with its top at 16 MiB.
 */
#include "boot_world.h"

START_TEST(long64_gdt)
{
	struct world world;

	start(&world, LONG64, 0x1000000);
	EXPECT_BYTES(&world, 0xff7000, 0, 0, 0, 0, 0, 0, 0, 0, /* 00: null */
		0xff, 0xff, 0, 0, 0, 0x9b, 0xaf, 0,            /* 08: code, L */
		0xff, 0xff, 0, 0, 0, 0x93, 0xcf, 0,            /* 10: data */
		0xff, 0xff, 0, 0, 0, 0xf3, 0xcf, 0,            /* 18: data, DPL 3 */
		0xff, 0xff, 0, 0, 0, 0xfb, 0xaf, 0,            /* 20: code, L, DPL 3 */
		0x67, 0, 0x80, 0x70, 0xff, 0x8b, 0, 0,         /* 28: TSS at 0xff7080 */
		0, 0, 0, 0, 0, 0, 0, 0);
}
END_TEST

START_TEST(pm32_gdt)
{
	struct world world;

	start(&world, PM32, 0x1000000);
	EXPECT_BYTES(&world, 0xff7000, 0, 0, 0, 0, 0, 0, 0, 0, /* 00: null */
		0xff, 0xff, 0, 0, 0, 0x9b, 0xcf, 0,            /* 08: code, D */
		0xff, 0xff, 0, 0, 0, 0x93, 0xcf, 0,            /* 10: data */
		0xff, 0xff, 0, 0, 0, 0xf3, 0xcf, 0,            /* 18: data, DPL 3 */
		0xff, 0xff, 0, 0, 0, 0xfb, 0xcf, 0,            /* 20: code, D, DPL 3 */
		0x67, 0, 0x80, 0x70, 0xff, 0x8b, 0, 0,         /* 28: TSS at 0xff7080 */
		0, 0, 0, 0, 0, 0, 0, 0);
}
END_TEST

START_TEST(long64_idt)
{
	struct world world;

	start(&world, LONG64, 0x1000000);
	/* Offset 0xff8000 + 8 * vector, selector 8, IST 1, type 14 present. */
	EXPECT_BYTES(&world, 0xff7200, 0x00, 0x80, 8, 0, 1, 0x8e, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	EXPECT_BYTES(&world, 0xff72e0, 0x70, 0x80, 8, 0, 1, 0x8e, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	EXPECT_BYTES(&world, 0xff73f0, 0xf8, 0x80, 8, 0, 1, 0x8e, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	ck_assert_uint_eq(word(&world, 0xff7400), 0);
}
END_TEST

/* The word at the first RSP leads to cli; hlt; jmp to the hlt. */
START_TEST(entry_that_returns_halts)
{
	struct world world;

	start(&world, PM32, 0x1000000);
	ck_assert_uint_eq(word(&world, 0xfffff0), 0xff8ff0);
	EXPECT_BYTES(&world, 0xff8ff0, 0xfa, 0xf4, 0xeb, 0xfd);
}
END_TEST

START_TEST(pm32_idt)
{
	struct world world;

	start(&world, PM32, 0x1000000);
	EXPECT_BYTES(&world, 0xff7200, 0x00, 0x80, 8, 0, 0, 0x8e, 0xff, 0);
	EXPECT_BYTES(&world, 0xff7270, 0x70, 0x80, 8, 0, 0, 0x8e, 0xff, 0);
	EXPECT_BYTES(&world, 0xff72a8, 0xa8, 0x80, 8, 0, 0, 0x8e, 0xff, 0);
	ck_assert_uint_eq(word(&world, 0xff7300), 0);
}
END_TEST

/* In long mode entry n has 16 bytes, its type in byte 5: SDM vol. 3, figure 6-8. Those of #DF, #NP,
 * #SS, #GP and #PF must be no gates, or an exception there goes to no canonical address. */
START_TEST(pm32_idt_holds_no_long_mode_gates)
{
	static const uint8_t vectors[] = {8, 11, 12, 13, 14};
	struct world world;

	start(&world, PM32, 0x1000000);
	for (unsigned i = 0; i < sizeof(vectors); i++)
		ck_assert_uint_eq(word(&world, 0xff7200 + 16u * vectors[i]), 0);
}
END_TEST

START_TEST(gates_beyond_4gib_of_ram_keep_32_bits)
{
	struct world world;

	start(&world, LONG64, 0x200000000); /* the block ends at 3 GiB: stubs at 0xbfff8000 */
	EXPECT_BYTES(&world, 0xbfff7200, 0x00, 0x80, 8, 0, 1, 0x8e, 0xff, 0xbf, 0, 0, 0, 0);
	EXPECT_BYTES(&world, 0xbfff7028, 0x67, 0, 0x80, 0x70, 0xff, 0x8b, 0, 0xbf, 0, 0, 0, 0);
}
END_TEST

START_TEST(long64_tss)
{
	static const uint8_t stack_top[8] = {0, 0xc0, 0xff, 0, 0, 0, 0, 0}; /* 0xffc000 */
	uint8_t expected[0x68] = {0};
	struct world world;

	memcpy(expected + 0x04, stack_top, 8); /* RSP0 */
	memcpy(expected + 0x24, stack_top, 8); /* IST1 */
	expected[0x66] = 0x68;                 /* no I/O permission map within the limit */
	start(&world, LONG64, 0x1000000);
	expect_bytes(&world, 0xff7080, expected, sizeof(expected));
}
END_TEST

START_TEST(pm32_tss)
{
	uint8_t expected[0x68] = {0};
	struct world world;

	expected[0x05] = 0xc0; /* ESP0 0xffc000 */
	expected[0x06] = 0xff;
	expected[0x08] = 0x10; /* SS0 */
	expected[0x66] = 0x68;
	start(&world, PM32, 0x1000000);
	expect_bytes(&world, 0xff7080, expected, sizeof(expected));
}
END_TEST

START_TEST(stubs)
{
	struct world world;

	start(&world, _i ? LONG64 : PM32, 0x1000000);
	for (unsigned vector = 0; vector < 32; vector++)
		EXPECT_BYTES(&world, 0xff8000 + 8 * vector, 0xe6, 0xf5, 0xeb, 0xfc);
}
END_TEST

START_TEST(real_mode_vectors_and_stubs)
{
	struct world world;

	start(&world, REAL, 0x100000);
	EXPECT_BYTES(&world, 0, 0x00, 0xe0, 0x00, 0xf0, 0x08, 0xe0, 0x00, 0xf0); /* f000:e000 ... */
	EXPECT_BYTES(&world, 13 * 4, 0x68, 0xe0, 0x00, 0xf0);
	EXPECT_BYTES(&world, 31 * 4, 0xf8, 0xe0, 0x00, 0xf0, 0, 0, 0, 0);
	for (unsigned vector = 0; vector < 32; vector++)
		EXPECT_BYTES(&world, 0xfe000 + 8 * vector, 0xe6, 0xf5, 0xeb, 0xfc);
}
END_TEST

START_TEST(identity_map)
{
	struct world world;

	start(&world, LONG64, 0x1000000);
	ck_assert_uint_eq(world.boot.cr3, 0xff6000);
	ck_assert_uint_eq(word(&world, 0xff6000), 0xff5023); /* P, W, A */
	ck_assert_uint_eq(word(&world, 0xff6008), 0);
	ck_assert_uint_eq(word(&world, 0xff5000), 0xff4023);
	ck_assert_uint_eq(word(&world, 0xff4000), 0x0000e3); /* P, W, A, D, PS */
	ck_assert_uint_eq(word(&world, 0xff4008), 0x2000e3);
	ck_assert_uint_eq(word(&world, 0xff4038), 0xe000e3);
	ck_assert_uint_eq(word(&world, 0xff4040), 0);
}
END_TEST

/* The physical address of a linear one by the tables in memory; all ones when it is not mapped. */
static uint64_t translate(const struct world *world, uint64_t linear)
{
	uint64_t table = world->cpu.cr3;

	for (unsigned shift = 39;; shift -= 9) {
		const uint8_t *at = memory_at(&world->mem, table + (linear >> shift & 511) * 8, 8);
		uint64_t entry;

		memcpy(&entry, at, 8);
		if ((entry & 3) != 3) /* present, writable */
			return ~0ull;
		table = entry & 0xffffffffff000;
		if (shift == 12 || entry & 0x80)
			return (table & ~((1ull << shift) - 1)) | (linear & ((1ull << shift) - 1));
	}
}

START_TEST(segments_are_mapped_where_they_want)
{
	struct world world;

	prepare(&world, LONG64, 0x1000000);
	world.image.segment_count = 3;
	world.image.segments[0] = (struct image_segment){
		.gpa = 0x100000, .linear = 0xffffffff80100000, .size = 0x2001, .name = "segment 0"};
	world.image.segments[1] = (struct image_segment){.gpa = 0x400000,
		.linear = 0xffff800000000000,
		.size = 0x400000,
		.name = "segment 1"};
	world.image.segments[2] = (struct image_segment){
		.gpa = 0x200ffc, .linear = 0x7ffffffffffc, .size = 4, .name = "segment 2"};
	build(&world);
	ck_assert_uint_eq(translate(&world, 0xffffffff80100000), 0x100000);
	ck_assert_uint_eq(translate(&world, 0xffffffff80102fff), 0x102fff);
	ck_assert_uint_eq(translate(&world, 0xffffffff80103000), ~0ull);
	ck_assert_uint_eq(translate(&world, 0xffffffff800fffff), ~0ull);
	ck_assert_uint_eq(translate(&world, 0xffff800000000000), 0x400000);
	ck_assert_uint_eq(translate(&world, 0xffff8000003fffff), 0x7fffff);
	ck_assert_uint_eq(translate(&world, 0xffff800000400000), ~0ull);
	ck_assert_uint_eq(translate(&world, 0x7fffffffffff), 0x200fff);
	ck_assert_uint_eq(translate(&world, 0x100000), 0x100000);
}
END_TEST

/* RAM sizes and the addresses that must be mapped to themselves; 0 ends the list. */
static const struct {
	uint64_t memory, mapped[5], unmapped[2];
} sizes[] = {
	{0x100000, {1, 0xfffff}, {0x100000, 0xc0000000}},
	{0x8000000, {1, 0x7ffffff}, {0x8000000, 0x100000000}},
	{0xc0000000, {1, 0xbfffffff}, {0xc0000000, 0x100000000}},
	{0xc0200000, {1, 0xbfffffff, 0x100000000, 0x1001fffff}, {0xc0000000, 0x100200000}},
	{0x100000000, {1, 0xbfffffff, 0x100000000, 0x13fffffff}, {0xffffffff, 0x140000000}},
	{0x10000000000, {1, 0xbfffffff, 0x100000000, 0x8000000000, 0x1003fffffff},
		{0xc0000000, 0x10040000000}},
};

START_TEST(ram_of_every_size)
{
	struct world world;

	start(&world, LONG64, sizes[_i].memory);
	for (unsigned i = 0; i < 5 && sizes[_i].mapped[i]; i++)
		ck_assert_uint_eq(translate(&world, sizes[_i].mapped[i]), sizes[_i].mapped[i]);
	for (unsigned i = 0; i < 2; i++)
		ck_assert_uint_eq(translate(&world, sizes[_i].unmapped[i]), ~0ull);
}
END_TEST

START_TEST(nothing_overlaps)
{
	const uint32_t modes[] = {REAL, PM32, PSE32, LONG64};
	const struct evidence_region *regions;
	struct world world;

	prepare(&world, modes[_i % 4], sizes[_i / 4].memory);
	world.params.initrd_size = modes[_i % 4] == REAL ? 0 : 12345;
	build(&world);
	regions = world.boot.regions;
	for (unsigned i = 0; i < world.boot.region_count; i++) {
		ck_assert_ptr_nonnull(memory_at(&world.mem, regions[i].gpa, regions[i].size));
		for (unsigned j = 0; j < i; j++)
			ck_assert_msg(regions[i].gpa >= regions[j].gpa + regions[j].size ||
					      regions[j].gpa >= regions[i].gpa + regions[i].size,
				"%s and %s", regions[i].name, regions[j].name);
	}
	ck_assert_uint_ge(world.boot.region_count, modes[_i % 4] == REAL ? 2 : 10);
}
END_TEST

START_TEST(boot_information)
{
	struct world world;

	prepare(&world, LONG64, 0x140000000);
	world.params = (struct boot_params){.command_line = "a=1 b",
		.initrd_size = 0x1801,
		.vcpus = 3,
		.tsc_hz = 0x123456789,
		.host = 2,
		.irqchip = 1};
	build(&world);
	/* The block's fixed part ends at 3 GiB; RAM to 3 GiB and from 4 to 6 GiB takes 1 PML4,
	 * 1 PDPT and 5 PDs: the tables begin at 0xbfff7000 - 7 pages. */
	ck_assert_uint_eq(world.cpu.gpr[GPR_RDI], 0xbfff9000);
	EXPECT_BYTES(
		&world, 0xbfff9000, 'V', 'M', 'M', 'B', 'O', 'O', 'T', 0, 1, 0, 0, 0, 80, 0, 0, 0);
	ck_assert_uint_eq(word(&world, 0xbfff9010), 0xbfff9800);  /* memory map */
	ck_assert_uint_eq(word(&world, 0xbfff9018), 0x300000003); /* 3 ranges, 3 vCPUs */
	ck_assert_uint_eq(word(&world, 0xbfff9020), 0xbfffa000);  /* command line */
	ck_assert_uint_eq(word(&world, 0xbfff9028), 0xbffee000);  /* initrd: 2 pages below */
	ck_assert_uint_eq(word(&world, 0xbfff9030), 0x1801);
	ck_assert_uint_eq(word(&world, 0xbfff9038), 0x123456789);
	ck_assert_uint_eq(word(&world, 0xbfff9040), 0x100000002); /* host, irqchip */
	ck_assert_uint_eq(word(&world, 0xbfff9048), 0);
	EXPECT_BYTES(&world, 0xbfffa000, 'a', '=', '1', ' ', 'b', 0);
	ck_assert_uint_eq(word(&world, 0xbfff9800), 0);
	ck_assert_uint_eq(word(&world, 0xbfff9808), 0xbffee000);
	ck_assert_uint_eq(word(&world, 0xbfff9810), 1);
	ck_assert_uint_eq(word(&world, 0xbfff9818), 0xbffee000);
	ck_assert_uint_eq(word(&world, 0xbfff9820), 0x12000);
	ck_assert_uint_eq(word(&world, 0xbfff9828), 2);
	ck_assert_uint_eq(word(&world, 0xbfff9830), 0x100000000);
	ck_assert_uint_eq(word(&world, 0xbfff9838), 0x80000000);
	ck_assert_uint_eq(word(&world, 0xbfff9840), 1);
	boot_set_host(&world.boot, &world.mem, 3);
	ck_assert_uint_eq(word(&world, 0xbfff9040), 0x100000003);
}
END_TEST

static void check_segment(
	const struct cpu_segment *segment, uint16_t selector, uint8_t type, bool l, bool db)
{
	ck_assert_uint_eq(segment->selector, selector);
	ck_assert_uint_eq(segment->base, 0);
	ck_assert_uint_eq(segment->limit, 0xffffffff);
	ck_assert_uint_eq(segment->type, type);
	ck_assert(segment->s && segment->present && segment->g && !segment->unusable);
	ck_assert_uint_eq(segment->l, l);
	ck_assert_uint_eq(segment->db, db);
	ck_assert_uint_eq(segment->dpl, 0);
}

static void check_system_registers(const struct cpu_state *cpu)
{
	ck_assert_uint_eq(cpu->rflags, 2);
	ck_assert_uint_eq(cpu->gpr[GPR_RSP], 0xfffff0);
	ck_assert_uint_eq(cpu->rip, 0x100000);
	ck_assert_uint_eq(cpu->gdtr.base, 0xff7000);
	ck_assert_uint_eq(cpu->gdtr.limit, 55);
	ck_assert_uint_eq(cpu->idtr.base, 0xff7200);
	ck_assert_uint_eq(cpu->tr.base, 0xff7080);
	ck_assert_uint_eq(cpu->tr.selector, 0x28);
	ck_assert_uint_eq(cpu->tr.limit, 0x67);
	ck_assert_uint_eq(cpu->tr.type, 11);
	ck_assert(cpu->tr.present && !cpu->tr.s);
	for (unsigned i = 0; i < SEG_COUNT; i++)
		if (i != SEG_CS)
			check_segment(&cpu->seg[i], 0x10, 3, false, true);
}

START_TEST(long64_cpu)
{
	struct world world;

	start(&world, LONG64, 0x1000000);
	ck_assert_uint_eq(world.cpu.cr0, 0x80000011);
	ck_assert_uint_eq(world.cpu.cr3, 0xff6000);
	ck_assert_uint_eq(world.cpu.cr4, 0x20);
	ck_assert_uint_eq(world.cpu.efer, 0x500);
	ck_assert_uint_eq(world.cpu.idtr.limit, 511);
	ck_assert_uint_eq(world.cpu.gpr[GPR_RDI], 0xff9000);
	check_segment(&world.cpu.seg[SEG_CS], 8, 11, true, false);
	check_system_registers(&world.cpu);
}
END_TEST

START_TEST(pm32_cpu)
{
	struct world world;

	start(&world, PM32, 0x1000000);
	ck_assert_uint_eq(world.cpu.cr0, 0x11);
	ck_assert_uint_eq(world.cpu.cr3, 0);
	ck_assert_uint_eq(world.cpu.cr4, 0);
	ck_assert_uint_eq(world.cpu.efer, 0);
	ck_assert_uint_eq(world.cpu.idtr.limit, 255);
	ck_assert_uint_eq(world.cpu.gpr[GPR_RBX], 0xff9000);
	check_segment(&world.cpu.seg[SEG_CS], 8, 11, false, true);
	check_system_registers(&world.cpu);
}
END_TEST

START_TEST(real_cpu)
{
	struct world world;

	prepare(&world, REAL, 0x100000);
	world.image.segments[0] = (struct image_segment){
		.gpa = 0x7c00, .linear = 0x7c00, .size = 512, .name = "flat image"};
	world.image.entry = 0x7c00;
	build(&world);
	ck_assert_uint_eq(world.cpu.cr0, 0x10);
	ck_assert_uint_eq(world.cpu.rip, 0x7c00);
	ck_assert_uint_eq(world.cpu.gpr[GPR_RSP], 0x7c00);
	ck_assert_uint_eq(world.cpu.idtr.base, 0);
	ck_assert_uint_eq(world.cpu.idtr.limit, 0x3ff);
	for (unsigned i = 0; i < SEG_COUNT; i++) {
		ck_assert_uint_eq(world.cpu.seg[i].selector, 0);
		ck_assert_uint_eq(world.cpu.seg[i].limit, 0xffff);
		ck_assert_uint_eq(world.cpu.seg[i].type, i == SEG_CS ? 11 : 3);
	}
}
END_TEST

/* Each of vmm's structures in the way of an image, by its first and by its last byte. */
START_TEST(conflicts_name_both_sides)
{
	static const struct {
		uint32_t mode;
		const char *name;
		uint64_t first, last;
	} structures[] = {
		{LONG64, "boot page tables", 0xff4000, 0xff6fff},
		{LONG64, "boot GDT", 0xff7000, 0xff7037},
		{LONG64, "boot TSS", 0xff7080, 0xff70e7},
		{LONG64, "boot IDT", 0xff7200, 0xff73ff},
		{LONG64, "boot trap stubs", 0xff8000, 0xff8fff},
		{LONG64, "boot information", 0xff9000, 0xff9fff},
		{LONG64, "kernel command line", 0xffa000, 0xffafff},
		{LONG64, "trap stack", 0xffb000, 0xffbfff},
		{LONG64, "boot stack", 0xffc000, 0xffffff},
		{PM32, "boot IDT", 0xff7200, 0xff72ff},
		{PM32, "initrd", 0xff5000, 0xff63ff},
		{REAL, "boot trap stubs", 0xfe000, 0xfefff},
	};
	struct world world;

	for (unsigned i = 0; i < LENGTH(structures); i++) {
		for (unsigned end = 0; end < 2; end++) {
			prepare(&world, structures[i].mode, 0x1000000);
			if (!strcmp(structures[i].name, "initrd"))
				world.params.initrd_size = 0x1400;
			world.image.segments[0].size = 1;
			world.image.segments[0].gpa = world.image.segments[0].linear =
				end ? structures[i].last : structures[i].first;
			expect_refused(&world, STATUS_IMAGE, structures[i].name);
			ck_assert_ptr_nonnull(strstr(world.err.text, "flat image"));
			memory_destroy(&world.mem);
		}
	}
}
END_TEST

START_TEST(outside_ram)
{
	static const struct {
		uint64_t gpa, size;
	} places[] = {{0x1000000, 1}, {0xffffff, 2}, {0xc0000000, 1}, {0xfee00000, 0x1000},
		{0x100000000, 1}, {0x40000000000000, 1}, {0, 0x1000001}, {0, 1ull << 47}};
	struct world world;

	prepare(&world, LONG64, 0x1000000);
	world.image.segments[0].gpa = places[_i].gpa;
	world.image.segments[0].linear = 0xffff800000000000 + places[_i].gpa % 0x1000;
	world.image.segments[0].size = places[_i].size;
	expect_refused(&world, STATUS_IMAGE, "flat image wants guest-physical");
	ck_assert_ptr_nonnull(strstr(world.err.text, "outside RAM (16 MiB)"));
}
END_TEST

START_TEST(linear_addresses_that_cannot_be)
{
	static const struct {
		uint64_t linear, size;
		const char *words;
	} places[] = {
		{0x800000000000, 1, "not canonical"},
		{0x7ffffffff000, 0x2000, "not canonical"},
		{0xffff7fffffffffff, 1, "not canonical"},
		{0xffff800000000001, 1, "differ within a page"},
		{0x200000, 0x1000, "taken by other memory"},
		{0xffe000, 0x3000, "taken by other memory"},
	};
	struct world world;

	prepare(&world, LONG64, 0x1000000);
	world.image.segments[0].linear = places[_i].linear;
	world.image.segments[0].size = places[_i].size;
	expect_refused(&world, STATUS_IMAGE, places[_i].words);
}
END_TEST

START_TEST(command_line_fills_its_page)
{
	static char text[4097];
	struct world world;

	memset(text, 'x', 4095);
	prepare(&world, LONG64, 0x1000000);
	world.params.command_line = text;
	build(&world);
	ck_assert_uint_eq(world.mem.base[0xffafff], 0);
	text[4095] = 'x';
	expect_refused(&world, STATUS_USAGE, "4096 bytes, expected at most 4095");
}
END_TEST

START_TEST(initrd_does_not_fit)
{
	static const uint64_t sizes_refused[] = {0xff4000, 0xff3001, 0x1000000, 1ull << 40, ~0ull};
	struct world world;

	prepare(&world, LONG64, 0x1000000);
	world.params.initrd_size = sizes_refused[_i];
	expect_refused(&world, STATUS_IMAGE, "--initrd");
}
END_TEST

START_TEST(too_little_memory_for_the_map)
{
	struct world world;

	prepare(&world, LONG64, 0x100000);
	world.image.segment_count = 1;
	world.mem.high = 1ull << 45; /* tables for this do not fit into 1 MiB */
	expect_refused(&world, STATUS_USAGE, "--memory");
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{long64_gdt},
		{pm32_gdt},
		{long64_idt},
		{pm32_idt},
		{entry_that_returns_halts},
		{pm32_idt_holds_no_long_mode_gates},
		{gates_beyond_4gib_of_ram_keep_32_bits},
		{long64_tss},
		{pm32_tss},
		{stubs, 2},
		{real_mode_vectors_and_stubs},
		{identity_map},
		{segments_are_mapped_where_they_want},
		{ram_of_every_size, LENGTH(sizes)},
		{nothing_overlaps, 4 * LENGTH(sizes)},
		{boot_information},
		{long64_cpu},
		{pm32_cpu},
		{real_cpu},
		{conflicts_name_both_sides},
		{outside_ram, 8},
		{linear_addresses_that_cannot_be, 6},
		{command_line_fills_its_page},
		{initrd_does_not_fit, 5},
		{too_little_memory_for_the_map},
	};

	return RUN_LOOPED_SUITE("boot", tests, 60);
}
