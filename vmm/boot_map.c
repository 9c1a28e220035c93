/* SPDX-License-Identifier: MIT */
/*
 * boot_map.c: building the boot page tables in guest memory.
 */
#include "boot_map.h"

#include <inttypes.h>

#include "layout.h"
#include "x86.h"

#define LARGE_PAGE 0x200000ull
#define PSE_PAGE   0x400000ull

static bool take_table(struct boot_map *map, uint64_t *table, struct error *err)
{
	if (map->next < LAYOUT_PAGE || !memory_at(map->mem, map->next - LAYOUT_PAGE, LAYOUT_PAGE))
		return error_set(err, STATUS_USAGE,
			"--memory: too little RAM for the page tables that map it");
	map->next -= LAYOUT_PAGE;
	*table = map->next;
	return true;
}

bool boot_map_init(struct boot_map *map, const struct guest_mem *mem, bool pse, uint64_t end,
	struct error *err)
{
	*map = (struct boot_map){.mem = mem, .pse = pse, .next = end};
	return take_table(map, &map->root, err);
}

/* Entry for linear at a level (3: PML4, 2: PDPT, 1: PD, 0: PT) of the table at gpa. */
static uint64_t *entry_at(const struct boot_map *map, uint64_t table, uint64_t linear, int level)
{
	uint64_t index = linear >> (12 + 9 * level) & 511;

	return memory_at(map->mem, table + index * 8, 8);
}

/* Goes down to the entry that maps linear at level leaf, adding tables on the way. NULL: no memory,
 * or a large page is already there. */
static uint64_t *descend(struct boot_map *map, uint64_t linear, int leaf, struct error *err)
{
	uint64_t table = map->root;

	for (int level = 3; level > leaf; level--) {
		uint64_t *entry = entry_at(map, table, linear, level);

		if (*entry & PTE_PS) {
			error_set(err, STATUS_IMAGE, "inside a page of 2 MiB");
			return NULL;
		}
		if (!*entry) {
			if (!take_table(map, &table, err))
				return NULL;
			*entry = table | PTE_P | PTE_W | PTE_A;
		}
		table = *entry & PTE_ADDR;
	}
	return entry_at(map, table, linear, leaf);
}

static bool refuse_taken(const char *what, uint64_t linear, uint64_t gpa, struct error *err)
{
	return error_set(err, STATUS_IMAGE,
		"%s wants linear address 0x%" PRIx64 " for guest-physical 0x%" PRIx64
		", but that address is taken by other memory",
		what, linear, gpa);
}

static bool map_page(struct boot_map *map, uint64_t linear, uint64_t gpa, int leaf,
	const char *what, struct error *err)
{
	uint64_t value = gpa | PTE_P | PTE_W | PTE_A | PTE_D | (leaf ? PTE_PS : 0);
	uint64_t *entry = descend(map, linear, leaf, err);

	if (!entry && err->status != STATUS_IMAGE)
		return false;
	if (!entry || (*entry && *entry != value))
		return refuse_taken(what, linear, gpa, err);
	*entry = value;
	return true;
}

static bool refuse_congruence(
	const char *what, uint64_t linear, uint64_t gpa, const char *page, struct error *err)
{
	return error_set(err, STATUS_IMAGE,
		"%s: virtual address 0x%" PRIx64 " and physical address 0x%" PRIx64
		" differ within a page%s: align both alike",
		what, linear, gpa, page);
}

static bool map_directory(struct boot_map *map, uint64_t linear, uint64_t gpa, uint64_t size,
	const char *what, struct error *err)
{
	uint64_t end = linear + size - 1;

	if (end >> 32 || (gpa + size - 1) >> 32)
		return error_set(err, STATUS_IMAGE,
			"%s: linear addresses 0x%" PRIx64 " to 0x%" PRIx64
			" for guest-physical 0x%" PRIx64 " are not below 4 GiB, as 32-bit paging "
			"wants them",
			what, linear, end, gpa);
	if ((linear ^ gpa) & (PSE_PAGE - 1))
		return refuse_congruence(what, linear, gpa, " of 4 MiB", err);
	gpa &= ~(PSE_PAGE - 1);
	for (linear &= ~(PSE_PAGE - 1); linear <= end; linear += PSE_PAGE, gpa += PSE_PAGE) {
		uint32_t *entry = memory_at(map->mem, map->root + linear / PSE_PAGE * 4, 4);
		uint32_t value = (uint32_t)gpa | PTE_P | PTE_W | PTE_A | PTE_D | PTE_PS;

		if (*entry && *entry != value)
			return refuse_taken(what, linear, gpa, err);
		*entry = value;
	}
	return true;
}

bool boot_map_range(struct boot_map *map, uint64_t linear, uint64_t gpa, uint64_t size,
	const char *what, struct error *err)
{
	uint64_t end = linear + size - 1;

	if (map->pse)
		return map_directory(map, linear, gpa, size, what, err);
	if ((int64_t)(linear << 16) >> 16 != (int64_t)linear ||
		(int64_t)(end << 16) >> 16 != (int64_t)end || (linear ^ end) >> 63)
		return error_set(err, STATUS_IMAGE,
			"%s: linear addresses 0x%" PRIx64 " to 0x%" PRIx64 " are not canonical",
			what, linear, end);
	if ((linear ^ gpa) & (LAYOUT_PAGE - 1))
		return refuse_congruence(what, linear, gpa, "", err);
	end |= LAYOUT_PAGE - 1;
	gpa &= ~(LAYOUT_PAGE - 1);
	linear &= ~(LAYOUT_PAGE - 1);
	for (;;) {
		bool large = !((linear | gpa) & (LARGE_PAGE - 1)) && end - linear >= LARGE_PAGE - 1;
		uint64_t step = large ? LARGE_PAGE : LAYOUT_PAGE;

		if (!map_page(map, linear, gpa, large, what, err))
			return false;
		if (end - linear < step)
			return true;
		linear += step;
		gpa += step;
	}
}
