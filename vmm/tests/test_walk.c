/* SPDX-License-Identifier: MIT */
/*
 * test_walk.c: page walks in every mode against tables written by hand. Bits and error codes are
 * literal numbers from SDM vol. 3, tables 4-4 to 4-20 and figure 4-12 "Page-Fault Error Code".
 * Random tables in 32-bit, PSE, PAE and 4-level paging, read, written and executed at CPL 0 and 3,
 * gave the same error codes in Bochs 2.7 as this walk.
 */
#include <check.h>
#include <stdlib.h>

#include "array_mem.h"
#include "autopsy/walk.h"

#define RAM_SIZE 0x8000

/* The environments: registers, and the entries on the way of one address, all present, writable and
 * user. */
struct world {
	uint64_t cr0, cr3, cr4, efer;
	uint8_t maxphyaddr;
	unsigned entry_size;
	uint64_t linear;
	struct {
		uint64_t gpa, value;
	} entry[5];
};

enum { REAL, PM32, PSE, PAE, L4, L5 };

/* clang-format off */
static const struct world worlds[] = {
	[REAL] = {.cr0 = 0x10, .linear = 0x12345},
	/* 0xc0801abc: PDE 0x302, PTE 1 */
	[PM32] = {0x80010011, 0x1000, 0x00, 0, 36, 4, 0xc0801abc, {{0x1c08, 0x2067}, {0x2004, 0x5067}}},
	[PSE] = {0x80010011, 0x1000, 0x10, 0, 36, 4, 0xc0801abc, {{0x1c08, 0x2067}, {0x2004, 0x5067}}},
	/* PDPTE 3, PDE 4, PTE 1; the PDPTEs are aligned to 32 bytes only */
	[PAE] = {0x80010011, 0x1020, 0x20, 0x800, 36, 8, 0xc0801abc,
		{{0x1038, 0x2001}, {0x2020, 0x3067}, {0x3008, 0x5067}}},
	/* PML4E 0x101, PDPTE 2, PDE 3, PTE 5 */
	[L4] = {0x80010011, 0x1000, 0x20, 0xd00, 36, 8, 0xffff808080605abc,
		{{0x1808, 0x2067}, {0x2010, 0x3067}, {0x3018, 0x4067}, {0x4028, 0x5067}}},
	/* PML5E 0x101, then the same */
	[L5] = {0x80010011, 0x6000, 0x1020, 0xd00, 36, 8, 0xff01808080605abc,
		{{0x6808, 0x1067}, {0x1808, 0x2067}, {0x2010, 0x3067}, {0x3018, 0x4067}, {0x4028, 0x5067}}},
};

enum { R = 0, W = 1, X = 2, U = 4, I = 8 };

/* One access: the world, what is changed in it, and what must come out. */
struct walk_case {
	const char *name;
	int world;
	unsigned access;
	enum walk_reason reason;
	int guilty;      /* index of the step */
	uint32_t error;  /* ignored without #PF */
	uint64_t gpa;    /* 0: no translation */
	uint64_t page;
	struct {
		int step; /* counted from 1 */
		uint64_t value;
	} set[3];
	uint64_t cr0_clear, cr4_set, efer_clear, rflags;
	uint8_t maxphyaddr;
	bool gib_pages, pse36, amd;
	uint64_t linear, cr3; /* instead of the world's */
};

#define NONE WALK_NO_GUILTY

static const struct walk_case cases[] = {
	{"no paging", REAL, W, WALK_OK, NONE, 0, 0x12345, 0},
	{"no paging, address cut to 32 bits", REAL, R, WALK_OK, NONE, 0, 0x12345, 0, .linear = 0x700012345},

	{"32-bit read", PM32, R, WALK_OK, NONE, 0, 0x5abc, 0x1000},
	{"32-bit user write", PM32, W | U, WALK_OK, NONE, 0, 0x5abc, 0x1000},
	{"32-bit address cut", PM32, R, WALK_OK, NONE, 0, 0x5abc, 0x1000, .linear = 0xffffffffc0801abc},
	{"32-bit PDE absent, read", PM32, R, WALK_NOT_PRESENT, 0, 0x0, .set = {{1, 0x2066}}},
	{"32-bit PDE absent, write", PM32, W, WALK_NOT_PRESENT, 0, 0x2, .set = {{1, 0}}},
	{"32-bit PDE absent, user write", PM32, W | U, WALK_NOT_PRESENT, 0, 0x6, .set = {{1, 0}}},
	{"32-bit PTE absent, user read", PM32, U, WALK_NOT_PRESENT, 1, 0x4, .set = {{2, 0x5066}}},
	{"32-bit fetch has no I/D bit", PM32, X, WALK_NOT_PRESENT, 1, 0x0, .set = {{2, 0}}},
	{"32-bit fetch has I/D with SMEP", PM32, X, WALK_NOT_PRESENT, 1, 0x10, .set = {{2, 0}}, .cr4_set = 0x100000},
	{"32-bit PTE read-only, WP", PM32, W, WALK_NOT_WRITABLE, 1, 0x3, 0x5abc, 0x1000, .set = {{2, 0x5065}}},
	{"32-bit PDE read-only, WP", PM32, W, WALK_NOT_WRITABLE, 0, 0x3, 0x5abc, 0x1000, .set = {{1, 0x2065}}},
	{"32-bit read-only, WP off", PM32, W, WALK_OK, NONE, 0, 0x5abc, 0x1000, .set = {{2, 0x5065}}, .cr0_clear = 0x10000},
	{"32-bit read-only, WP off, user", PM32, W | U, WALK_NOT_WRITABLE, 1, 0x7, 0x5abc, 0x1000,
		.set = {{2, 0x5065}}, .cr0_clear = 0x10000},
	{"32-bit supervisor PTE, user", PM32, U, WALK_NOT_USER, 1, 0x5, 0x5abc, 0x1000, .set = {{2, 0x5063}}},
	{"32-bit supervisor PDE, user", PM32, U, WALK_NOT_USER, 0, 0x5, 0x5abc, 0x1000, .set = {{1, 0x2063}}},
	{"32-bit supervisor PDE, implicit", PM32, U | I, WALK_OK, NONE, 0, 0x5abc, 0x1000, .set = {{1, 0x2063}}},
	{"32-bit page table outside RAM", PM32, R, WALK_TABLE_OUTSIDE_RAM, 1, 0, .set = {{1, 0x00f00067}}},
	{"32-bit page directory outside RAM", PM32, R, WALK_TABLE_OUTSIDE_RAM, 0, 0, .cr3 = 0xfffff000},
	{"32-bit PS ignored without CR4.PSE", PM32, R, WALK_OK, NONE, 0, 0x5abc, 0x1000, .set = {{1, 0x20e7}}},

	{"PSE 4 MiB page", PSE, R, WALK_OK, NONE, 0, 0x00c01abc, 0x400000, .set = {{1, 0x00c000e7}}},
	{"PSE 4 KiB page", PSE, W, WALK_OK, NONE, 0, 0x5abc, 0x1000},
	{"PSE PAT bit 12 is no reserved bit", PSE, R, WALK_OK, NONE, 0, 0x00c01abc, 0x400000, .set = {{1, 0x00c010e7}}},
	{"PSE bit 13 reserved without PSE-36", PSE, R, WALK_RESERVED_BIT, 0, 0x9, .set = {{1, 0x00c020e7}}},
	{"PSE bit 20 reserved without PSE-36", PSE, W | U, WALK_RESERVED_BIT, 0, 0xf, .set = {{1, 0x00d000e7}}},
	{"PSE-36 bits 16:13 are address", PSE, R, WALK_OK, NONE, 0, 0xa00c01abc, 0x400000,
		.set = {{1, 0x00c140e7}}, .pse36 = true},
	{"PSE-36 bit 17 reserved at 36 bits", PSE, R, WALK_RESERVED_BIT, 0, 0x9, .set = {{1, 0x00c200e7}}, .pse36 = true},
	{"PSE-36 bit 20 is address at 40 bits", PSE, R, WALK_OK, NONE, 0, 0x8000c01abc, 0x400000,
		.set = {{1, 0x00d000e7}}, .pse36 = true, .maxphyaddr = 40},
	{"PSE-36 bit 21 always reserved", PSE, R, WALK_RESERVED_BIT, 0, 0x9,
		.set = {{1, 0x00e000e7}}, .pse36 = true, .maxphyaddr = 46},
	{"PSE 4 MiB page read-only", PSE, W, WALK_NOT_WRITABLE, 0, 0x3, 0x00c01abc, 0x400000, .set = {{1, 0x00c000e5}}},
	{"PSE 4 MiB supervisor page", PSE, X | U, WALK_NOT_USER, 0, 0x5, 0x00c01abc, 0x400000, .set = {{1, 0x00c000e3}}},
	{"PSE absent big page hides reserved bits", PSE, R, WALK_NOT_PRESENT, 0, 0x0, .set = {{1, 0x00ffe0e6}}},

	{"PAE write", PAE, W | U, WALK_OK, NONE, 0, 0x5abc, 0x1000},
	{"PAE PDPTE absent", PAE, R, WALK_NOT_PRESENT, 0, 0x0, .set = {{1, 0x2000}}},
	{"PAE PDPTE with W is reserved", PAE, R, WALK_RESERVED_BIT, 0, 0x9, .set = {{1, 0x2003}}},
	{"PAE PDPTE with U is reserved", PAE, R, WALK_RESERVED_BIT, 0, 0x9, .set = {{1, 0x2005}}},
	{"PAE PDPTE with PS is reserved", PAE, R, WALK_RESERVED_BIT, 0, 0x9, .set = {{1, 0x2081}}},
	{"PAE PDPTE with bit 63", PAE, R, WALK_RESERVED_BIT, 0, 0x9, .set = {{1, 0x8000000000002001}}},
	{"PAE PDPTE caching bits are free", PAE, R, WALK_OK, NONE, 0, 0x5abc, 0x1000, .set = {{1, 0x2e19}}},
	{"PAE PTE bit 52 is reserved", PAE, R, WALK_RESERVED_BIT, 2, 0x9, .set = {{3, 0x0010000000005067}}},
	{"PAE PTE bit 62 is reserved", PAE, R, WALK_RESERVED_BIT, 2, 0x9, .set = {{3, 0x4000000000005067}}},
	{"PAE 2 MiB page", PAE, R, WALK_OK, NONE, 0, 0x601abc, 0x200000, .set = {{2, 0x6000e7}}},
	{"PAE 2 MiB page, bit 13", PAE, R, WALK_RESERVED_BIT, 1, 0x9, .set = {{2, 0x6020e7}}},
	{"PAE NX PDE, fetch", PAE, X, WALK_NO_EXECUTE, 1, 0x11, 0x5abc, 0x1000, .set = {{2, 0x8000000000003067}}},
	{"PAE NX without NXE is reserved", PAE, R, WALK_RESERVED_BIT, 1, 0x9,
		.set = {{2, 0x8000000000003067}}, .efer_clear = 0x800},
	{"PAE PD outside RAM", PAE, R, WALK_TABLE_OUTSIDE_RAM, 1, 0, .set = {{1, 0x10000001}}},
	{"PAE address above 4 GiB", PAE, R, WALK_OK, NONE, 0, 0x900005abc, 0x1000, .set = {{3, 0x900005067}}},

	{"4-level read", L4, R, WALK_OK, NONE, 0, 0x5abc, 0x1000},
	{"4-level CR3 PCID bits", L4, R, WALK_OK, NONE, 0, 0x5abc, 0x1000, .cr3 = 0x1fff},
	{"4-level fetch", L4, X, WALK_OK, NONE, 0, 0x5abc, 0x1000},
	{"4-level PML4E absent, fetch", L4, X, WALK_NOT_PRESENT, 0, 0x10, .set = {{1, 0}}},
	{"4-level PDPTE absent, write", L4, W, WALK_NOT_PRESENT, 1, 0x2, .set = {{2, 0x3066}}},
	{"4-level PDE absent, user read", L4, U, WALK_NOT_PRESENT, 2, 0x4, .set = {{3, 0}}},
	{"4-level PTE absent, user fetch", L4, X | U, WALK_NOT_PRESENT, 3, 0x14, .set = {{4, 0}}},
	{"4-level fetch without NXE and SMEP", L4, X, WALK_NOT_PRESENT, 3, 0x0, .set = {{4, 0}}, .efer_clear = 0x800},
	{"4-level not present hides garbage", L4, R, WALK_NOT_PRESENT, 1, 0x0, .set = {{2, 0xfffffffffffffffe}}},
	{"4-level PML4E PS", L4, R, WALK_RESERVED_BIT, 0, 0x9, .set = {{1, 0x20e7}}},
	{"4-level PML4E bit 8 on Intel", L4, R, WALK_OK, NONE, 0, 0x5abc, 0x1000, .set = {{1, 0x2167}}},
	{"4-level PML4E bit 8 on AMD", L4, R, WALK_RESERVED_BIT, 0, 0x9, .set = {{1, 0x2167}}, .amd = true},
	{"4-level PDPTE bit 8 on AMD", L4, R, WALK_OK, NONE, 0, 0x5abc, 0x1000, .set = {{2, 0x3167}}, .amd = true},
	{"4-level PDE bit 8 on AMD", L4, R, WALK_OK, NONE, 0, 0x5abc, 0x1000, .set = {{3, 0x4167}}, .amd = true},
	{"4-level PDPTE PS without 1 GiB pages", L4, R, WALK_RESERVED_BIT, 1, 0x9, .set = {{2, 0x400000e7}}},
	{"4-level 1 GiB page", L4, R, WALK_OK, NONE, 0, 0x40605abc, 0x40000000, .set = {{2, 0x400000e7}}, .gib_pages = true},
	{"4-level 1 GiB page, G on AMD", L4, R, WALK_OK, NONE, 0, 0x40605abc, 0x40000000,
		.set = {{2, 0x400001e7}}, .gib_pages = true, .amd = true},
	{"4-level 1 GiB page, bit 13", L4, R, WALK_RESERVED_BIT, 1, 0x9, .set = {{2, 0x400020e7}}, .gib_pages = true},
	{"4-level 1 GiB page, bit 29", L4, R, WALK_RESERVED_BIT, 1, 0x9, .set = {{2, 0x600000e7}}, .gib_pages = true},
	{"4-level 2 MiB page", L4, W, WALK_OK, NONE, 0, 0xa05abc, 0x200000, .set = {{3, 0xa000e7}}},
	{"4-level 2 MiB page, PAT", L4, W, WALK_OK, NONE, 0, 0xa05abc, 0x200000, .set = {{3, 0xa010e7}}},
	{"4-level 2 MiB page, bit 13", L4, W, WALK_RESERVED_BIT, 2, 0xb, .set = {{3, 0xa020e7}}},
	{"4-level 2 MiB page, bit 20", L4, W | U, WALK_RESERVED_BIT, 2, 0xf, .set = {{3, 0xb000e7}}},
	{"4-level PTE PAT", L4, R, WALK_OK, NONE, 0, 0x5abc, 0x1000, .set = {{4, 0x50e7}}},
	{"4-level bit 36 at 36 bits", L4, R, WALK_RESERVED_BIT, 3, 0x9, .set = {{4, 0x1000005067}}},
	{"4-level bit 36 at 40 bits", L4, R, WALK_OK, NONE, 0, 0x1000005abc, 0x1000,
		.set = {{4, 0x1000005067}}, .maxphyaddr = 40},
	{"4-level bit 51 at 52 bits", L4, R, WALK_OK, NONE, 0, 0x8000000005abc, 0x1000,
		.set = {{4, 0x8000000005067}}, .maxphyaddr = 52},
	{"4-level bits 62:52 are free", L4, R, WALK_OK, NONE, 0, 0x5abc, 0x1000, .set = {{4, 0x7ff0000000005067}}},
	{"4-level reserved bit, fetch", L4, X, WALK_RESERVED_BIT, 3, 0x19, .set = {{4, 0x1000005067}}},
	{"4-level upper reserved bit before lower absence", L4, R, WALK_RESERVED_BIT, 1, 0x9,
		.set = {{2, 0x1000003067}, {3, 0}}},
	{"4-level lower reserved bit before upper rights", L4, W | U, WALK_RESERVED_BIT, 3, 0xf,
		.set = {{1, 0x2061}, {4, 0x1000005067}}},
	{"4-level lower absence before upper rights", L4, W | U, WALK_NOT_PRESENT, 3, 0x6, .set = {{1, 0x2061}, {4, 0}}},
	{"4-level NX at the top", L4, X, WALK_NO_EXECUTE, 0, 0x11, 0x5abc, 0x1000, .set = {{1, 0x8000000000002067}}},
	{"4-level NX on the page", L4, X | U, WALK_NO_EXECUTE, 3, 0x15, 0x5abc, 0x1000, .set = {{4, 0x8000000000005067}}},
	{"4-level NX does not stop a read", L4, R, WALK_OK, NONE, 0, 0x5abc, 0x1000, .set = {{4, 0x8000000000005067}}},
	{"4-level NX without NXE", L4, X, WALK_RESERVED_BIT, 3, 0x9, .set = {{4, 0x8000000000005067}}, .efer_clear = 0x800},
	{"4-level U missing in PML4E", L4, U, WALK_NOT_USER, 0, 0x5, 0x5abc, 0x1000, .set = {{1, 0x2063}}},
	{"4-level U missing in PDPTE and PDE", L4, U, WALK_NOT_USER, 1, 0x5, 0x5abc, 0x1000,
		.set = {{2, 0x3063}, {3, 0x4063}}},
	{"4-level kernel page: its own entry is to blame", L4, U, WALK_NOT_USER, 3, 0x5, 0x5abc, 0x1000,
		.set = {{1, 0x2063}, {4, 0x5063}}},
	{"4-level W missing in PDPTE, user", L4, W | U, WALK_NOT_WRITABLE, 1, 0x7, 0x5abc, 0x1000, .set = {{2, 0x3065}}},
	{"4-level W missing, WP off", L4, W, WALK_OK, NONE, 0, 0x5abc, 0x1000, .set = {{2, 0x3065}}, .cr0_clear = 0x10000},
	{"4-level no user and no write", L4, W | U, WALK_NOT_USER, 3, 0x7, 0x5abc, 0x1000, .set = {{4, 0x5061}}},
	{"SMEP", L4, X, WALK_SMEP, 3, 0x11, 0x5abc, 0x1000, .cr4_set = 0x100000},
	{"SMEP, user code", L4, X | U, WALK_OK, NONE, 0, 0x5abc, 0x1000, .cr4_set = 0x100000},
	{"SMEP, supervisor page by one level", L4, X, WALK_OK, NONE, 0, 0x5abc, 0x1000,
		.set = {{2, 0x3063}}, .cr4_set = 0x100000},
	{"SMEP, read", L4, R, WALK_OK, NONE, 0, 0x5abc, 0x1000, .cr4_set = 0x100000},
	{"SMEP without NXE", L4, X, WALK_SMEP, 3, 0x11, 0x5abc, 0x1000, .cr4_set = 0x100000, .efer_clear = 0x800},
	{"SMAP read", L4, R, WALK_SMAP, 3, 0x1, 0x5abc, 0x1000, .cr4_set = 0x200000},
	{"SMAP write", L4, W, WALK_SMAP, 3, 0x3, 0x5abc, 0x1000, .cr4_set = 0x200000},
	{"SMAP with AC", L4, W, WALK_OK, NONE, 0, 0x5abc, 0x1000, .cr4_set = 0x200000, .rflags = 0x40000},
	{"SMAP with AC, implicit", L4, I, WALK_SMAP, 3, 0x1, 0x5abc, 0x1000, .cr4_set = 0x200000, .rflags = 0x40000},
	{"SMAP, implicit from user mode", L4, I | U, WALK_SMAP, 3, 0x1, 0x5abc, 0x1000, .cr4_set = 0x200000},
	{"SMAP, user", L4, W | U, WALK_OK, NONE, 0, 0x5abc, 0x1000, .cr4_set = 0x200000},
	{"SMAP, fetch", L4, X, WALK_OK, NONE, 0, 0x5abc, 0x1000, .cr4_set = 0x200000},
	{"SMAP with WP off", L4, W, WALK_SMAP, 3, 0x3, 0x5abc, 0x1000, .cr4_set = 0x200000, .cr0_clear = 0x10000},
	{"4-level not canonical", L4, R, WALK_NON_CANONICAL, NONE, 0, .linear = 0x0000800000000000},
	{"4-level not canonical, ASCII", L4, R, WALK_NON_CANONICAL, NONE, 0, .linear = 0x4141414141414141},
	{"4-level last lower address", L4, R, WALK_NOT_PRESENT, 0, 0, .linear = 0x00007fffffffffff},
	{"4-level first upper address", L4, R, WALK_NOT_PRESENT, 0, 0, .linear = 0xffff800000000000},
	{"4-level PML4 outside RAM", L4, R, WALK_TABLE_OUTSIDE_RAM, 0, 0, .cr3 = 0x8000},
	{"4-level PT outside RAM", L4, R, WALK_TABLE_OUTSIDE_RAM, 3, 0, .set = {{3, 0xffffff067}}},

	{"5-level write", L5, W | U, WALK_OK, NONE, 0, 0x5abc, 0x1000},
	{"5-level PML5E PS", L5, R, WALK_RESERVED_BIT, 0, 0x9, .set = {{1, 0x10e7}}},
	{"5-level PML5E absent", L5, W, WALK_NOT_PRESENT, 0, 0x2, .set = {{1, 0}}},
	{"5-level PML4E read-only", L5, W, WALK_NOT_WRITABLE, 1, 0x3, 0x5abc, 0x1000, .set = {{2, 0x2065}}},
	{"5-level 48-bit boundary is canonical", L5, R, WALK_NOT_PRESENT, 0, 0x0, .linear = 0x0000800000000000},
	{"5-level not canonical", L5, R, WALK_NON_CANONICAL, NONE, 0, .linear = 0x0100000000000000},
};
/* clang-format on */

static void put_world(struct array_mem *ram, const struct walk_case *test)
{
	const struct world *world = &worlds[test->world];
	unsigned i;

	for (i = 0; i < 5 && world->entry_size; i++)
		if (world->entry[i].gpa)
			array_mem_put(
				ram, world->entry[i].gpa, world->entry[i].value, world->entry_size);
	for (i = 0; i < 3 && test->set[i].step; i++)
		array_mem_put(ram, world->entry[test->set[i].step - 1].gpa, test->set[i].value,
			world->entry_size);
}

static struct cpu_state case_cpu(const struct walk_case *test)
{
	const struct world *world = &worlds[test->world];

	return (struct cpu_state){
		.cr0 = world->cr0 & ~test->cr0_clear,
		.cr3 = test->cr3 ? test->cr3 : world->cr3,
		.cr4 = world->cr4 | test->cr4_set,
		.efer = world->efer & ~test->efer_clear,
		.rflags = 2 | test->rflags,
		.facts = {.maxphyaddr = test->maxphyaddr ? test->maxphyaddr : world->maxphyaddr,
			.gib_pages = test->gib_pages,
			.pse36 = test->pse36,
			.amd = test->amd},
	};
}

static bool is_page_fault(enum walk_reason reason)
{
	return reason >= WALK_NOT_PRESENT;
}

START_TEST(walk_gives_what_the_manual_says)
{
	const struct walk_case *test = &cases[_i];
	uint8_t bytes[RAM_SIZE] = {0};
	struct array_mem ram = {bytes, sizeof(bytes)};
	struct phys_mem mem = array_mem_view(&ram);
	struct cpu_state cpu = case_cpu(test);
	struct walk_access access = {.write = test->access & W,
		.fetch = test->access & X,
		.user = test->access & U,
		.implicit_supervisor = test->access & I};
	struct walk walk;

	put_world(&ram, test);
	walk = walk_linear(
		&mem, &cpu, test->linear ? test->linear : worlds[test->world].linear, access);
	ck_assert_msg(
		walk.reason == test->reason, "%s: %s", test->name, walk_reason_text(walk.reason));
	ck_assert_msg(walk.guilty == test->guilty, "%s: guilty %d", test->name, walk.guilty);
	ck_assert_msg(walk.allowed == (test->reason == WALK_OK), "%s: allowed", test->name);
	ck_assert_msg(walk.page_fault == is_page_fault(test->reason), "%s: #PF", test->name);
	if (walk.page_fault)
		ck_assert_msg(walk.error == test->error, "%s: error 0x%x", test->name, walk.error);
	if (test->gpa)
		ck_assert_msg(walk.translated && walk.gpa == test->gpa, "%s: gpa 0x%llx",
			test->name, (unsigned long long)walk.gpa);
	ck_assert_msg(walk.translated == (test->gpa != 0), "%s: translated", test->name);
	ck_assert_msg(walk.page_size == test->page, "%s: page size", test->name);
}
END_TEST

/* The evidence itself, level by level, for one walk that is stopped by an upper level. */
START_TEST(walk_shows_every_step)
{
	uint8_t bytes[RAM_SIZE] = {0};
	struct array_mem ram = {bytes, sizeof(bytes)};
	struct phys_mem mem = array_mem_view(&ram);
	const struct walk_case test = {.world = L4, .set = {{2, 0x3061}, {4, 0x8000000000005067}}};
	struct cpu_state cpu = case_cpu(&test);
	struct walk walk;
	char text[80];

	put_world(&ram, &test);
	walk = walk_linear(
		&mem, &cpu, worlds[L4].linear, (struct walk_access){.write = true, .user = true});
	ck_assert_int_eq(walk.mode, PAGING_4LEVEL);
	ck_assert_uint_eq(walk.step_count, 4);
	ck_assert_int_eq(walk.step[0].level, WALK_PML4E);
	ck_assert_uint_eq(walk.step[0].index, 0x101);
	ck_assert_uint_eq(walk.step[0].gpa, 0x1808);
	ck_assert_uint_eq(walk.step[0].entry, 0x2067);
	ck_assert(walk.step[0].user && walk.step[0].write && !walk.step[0].leaf);
	ck_assert(!walk.step[1].user && !walk.step[1].write);
	ck_assert_int_eq(walk.step[3].level, WALK_PTE);
	ck_assert(walk.step[3].leaf && walk.step[3].no_execute && walk.step[3].user);
	ck_assert(!walk.rights.user && !walk.rights.write && !walk.rights.execute);
	ck_assert_uint_eq(walk.violations, 1 << WALK_NOT_USER | 1 << WALK_NOT_WRITABLE);
	ck_assert_int_eq(walk.guilty, 1);
	ck_assert_str_eq(walk_describe(&walk, text, sizeof(text)),
		"PDPTE 2 at 0x2010 forbids user access (U=0)");
	ck_assert(!walk.pdptes_cached);
}
END_TEST

START_TEST(walk_names_the_reserved_bits)
{
	uint8_t bytes[RAM_SIZE] = {0};
	struct array_mem ram = {bytes, sizeof(bytes)};
	struct phys_mem mem = array_mem_view(&ram);
	const struct walk_case test = {.world = PAE, .set = {{2, 0x40100000006020e7}}};
	struct cpu_state cpu = case_cpu(&test);
	struct walk walk;
	char text[80], small[8];

	put_world(&ram, &test);
	walk = walk_linear(&mem, &cpu, worlds[PAE].linear, (struct walk_access){0});
	ck_assert_uint_eq(walk.step[1].reserved, 0x4010000000002000);
	ck_assert(walk.pdptes_cached);
	walk_describe(&walk, text, sizeof(text));
	ck_assert_str_eq(text, "PDE 4 at 0x2020 has reserved bits set: 0x4010000000002000");
	ck_assert_str_eq(walk_describe(&walk, small, sizeof(small)), "PDE 4 a");
}
END_TEST

/* CPUID without leaf 80000008H: 36 bits. Garbage above 52: the format has no more. */
START_TEST(walk_survives_odd_facts)
{
	uint8_t bytes[RAM_SIZE] = {0};
	struct array_mem ram = {bytes, sizeof(bytes)};
	struct phys_mem mem = array_mem_view(&ram);
	const struct walk_case test = {.world = L4, .set = {{4, 0x1000005067}}};
	struct cpu_state cpu = case_cpu(&test);

	put_world(&ram, &test);
	cpu.facts.maxphyaddr = 0;
	ck_assert_int_eq(walk_linear(&mem, &cpu, worlds[L4].linear, (struct walk_access){0}).reason,
		WALK_RESERVED_BIT);
	cpu.facts.maxphyaddr = 255;
	ck_assert_int_eq(walk_linear(&mem, &cpu, worlds[L4].linear, (struct walk_access){0}).reason,
		WALK_OK);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("walk");
	TCase *tcase = tcase_create("walk");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
		tcase, walk_gives_what_the_manual_says, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tcase, walk_shows_every_step);
	tcase_add_test(tcase, walk_names_the_reserved_bits);
	tcase_add_test(tcase, walk_survives_odd_facts);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
