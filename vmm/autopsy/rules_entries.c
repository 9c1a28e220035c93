/* SPDX-License-Identifier: MIT */
/*
 * rules_entries.c: entries of page tables that were made of the wrong thing: a virtual address, an
 * address between two large pages, a large page without its bit.
 */
#include <inttypes.h>
#include <string.h>

#include "rule.h"

#define PAGE 4096u

/* The walk that stops, of the next instruction or of what the first event is about, or NULL. */
static const struct walk *stopped_walk(const struct findings *findings)
{
	if (!findings->paging.stops || findings->evidence->death == DEATH_PANIC)
		return NULL;
	return findings->paging.is_rip || rule_first_is(findings, VEC_PF) ? &findings->paging.walk
	                                                                  : NULL;
}

/* The entry whose address is wrong: the CPU refuses it, or finds no memory where it leads. */
static const struct walk_step *wrong_address(const struct findings *findings)
{
	const struct walk *walk = stopped_walk(findings);

	if (walk && walk->reason == WALK_RESERVED_BIT)
		return &walk->step[walk->guilty];
	if (walk && walk->reason == WALK_TABLE_OUTSIDE_RAM && walk->guilty > 0)
		return &walk->step[walk->guilty - 1];
	return NULL;
}

/* The region of the image that is mapped at the address and lies elsewhere, or NULL. */
static const struct evidence_region *region_of_linear(
	const struct evidence *evidence, uint64_t linear)
{
	for (unsigned i = 0; i < evidence->region_count; i++)
		if (evidence->regions[i].linear != evidence->regions[i].gpa &&
			linear - evidence->regions[i].linear < evidence->regions[i].size)
			return &evidence->regions[i];
	return NULL;
}

/* Bits 63 to 47 all ones are no flags that anybody sets, but an address of the upper half. Nothing
 * but ones is no address either. */
static bool is_upper_half(uint64_t entry)
{
	return entry >> 47 == 0x1ffff && (entry | 0xfff) != UINT64_MAX;
}

static bool entry_virtual(const struct findings *findings)
{
	const struct walk_step *step = wrong_address(findings);

	return step && (is_upper_half(step->entry) ||
			       region_of_linear(findings->evidence, step->entry & ~0xfffull));
}

static void say_when(const struct findings *findings, struct say *say)
{
	if (findings->first.source) {
		say_add(say, " There ");
		say_first(say, findings);
		say_add(say, ".");
		say_delivery(say, findings);
		return;
	}
	say_add(say, " The guest was at ");
	say_place(say, &findings->rip);
	say_add(say, ".");
}

static void explain_virtual(const struct findings *findings, struct say *say)
{
	const struct walk_step *step = wrong_address(findings);
	uint64_t address = step->entry & ~0xfffull;
	const struct evidence_region *region = region_of_linear(findings->evidence, address);
	struct place place = findings_place(findings, address);

	say_add(say, "%s %u at 0x%" PRIx64 " = 0x%" PRIx64 " holds a virtual address (0x%" PRIx64,
		walk_level_name(step->level), step->index, step->gpa, step->entry, address);
	if (place.has_symbol)
		say_add(say, ", %s", place.symbol.name);
	say_add(say, "): the CPU wants the physical one");
	if (region)
		say_add(say, ", 0x%" PRIx64, address - region->linear + region->gpa);
	say_add(say, ".");
	say_when(findings, say);
}

static uint64_t page_size_at(const struct walk *walk, enum walk_level level)
{
	if (level == WALK_PDE)
		return walk->mode < PAGING_PAE ? 0x400000 : 0x200000;
	return level == WALK_PDPTE ? 0x40000000 : PAGE;
}

static const char *page_size_name(uint64_t size)
{
	return size == 0x40000000 ? "1 GiB" : size == 0x400000 ? "4 MiB" : "2 MiB";
}

/* The large page whose address bits below its size are set, or NULL. */
static const struct walk_step *between_pages(const struct findings *findings)
{
	const struct walk *walk = stopped_walk(findings);
	const struct walk_step *step;

	if (!walk || walk->reason != WALK_RESERVED_BIT || walk->mode < PAGING_PAE)
		return NULL;
	step = &walk->step[walk->guilty];
	if (!step->leaf || step->level == WALK_PTE ||
		step->reserved & ~(page_size_at(walk, step->level) - 1))
		return NULL;
	return step;
}

/* The address of the page that is wanted, as a signed int of 32 bits becomes 64: at its own address
 * a page beyond 2 GiB has bit 31 set. */
static const struct walk_step *sign_extended(const struct findings *findings)
{
	const struct walk *walk = stopped_walk(findings);
	const struct walk_step *step = wrong_address(findings);
	uint64_t size;

	if (!step || !step->leaf || walk->mode < PAGING_PAE || walk->linear >> 32 ||
		step->entry >> 31 != 0x1ffffffff)
		return NULL;
	size = page_size_at(walk, step->level);
	return ((step->entry ^ walk->linear) & 0xffffffff & ~(size - 1)) == 0 ? step : NULL;
}

static bool entry_extended(const struct findings *findings)
{
	return sign_extended(findings) != NULL;
}

static void explain_extended(const struct findings *findings, struct say *say)
{
	const struct walk_step *step = sign_extended(findings);

	say_add(say,
		"%s %u at 0x%" PRIx64 " = 0x%" PRIx64
		": its lower 32 bits, 0x%x, are right for a page that is mapped at its own address "
		"(0x%" PRIx64
		"), but bits 63 to 32 are ones. Such an entry comes from an address that was "
		"computed as a signed 32-bit number, which is negative from 0x80000000 on, and "
		"then made 64 bits wide.",
		walk_level_name(step->level), step->index, step->gpa, step->entry,
		(uint32_t)step->entry, findings->paging.walk.linear);
	say_when(findings, say);
}

static bool misaligned(const struct findings *findings)
{
	return between_pages(findings) != NULL;
}

static void explain_misaligned(const struct findings *findings, struct say *say)
{
	const struct walk_step *step = between_pages(findings);
	uint64_t size = page_size_at(&findings->paging.walk, step->level);

	say_add(say,
		"%s %u at 0x%" PRIx64 " = 0x%" PRIx64
		" maps a %s page (PS=1) to physical address 0x%" PRIx64
		", which is not a multiple of %s: bits 13 to %u must be 0.",
		walk_level_name(step->level), step->index, step->gpa, step->entry,
		page_size_name(size), (uint64_t)(step->entry & PTE_ADDR & ~0x1000ull),
		page_size_name(size), size == 0x200000 ? 20 : 29);
	say_when(findings, say);
}

static void repair_misaligned(const struct findings *findings, struct say *say)
{
	const struct walk_step *step = between_pages(findings);
	const char *size = page_size_name(page_size_at(&findings->paging.walk, step->level));

	say_add(say,
		"The physical address of a %s page must be %s aligned; map what lies elsewhere in "
		"4 KiB pages.",
		size, size);
}

static bool read_entry(
	const struct findings *findings, const struct walk *walk, uint64_t gpa, uint64_t *entry)
{
	*entry = 0;
	return phys_read(&findings->evidence->mem, gpa, entry, walk->mode < PAGING_PAE ? 4 : 8);
}

/* A neighbour leads exactly one large page further: tables lie closer. */
static bool has_stride(
	const struct findings *findings, const struct walk *walk, const struct walk_step *step)
{
	uint64_t size = page_size_at(walk, step->level), other;
	unsigned width = walk->mode < PAGING_PAE ? 4 : 8;

	for (int side = -1; side <= 1; side += 2) {
		uint64_t gpa = step->gpa + (uint64_t)(side * (int)width);

		if ((gpa ^ step->gpa) / PAGE == 0 && read_entry(findings, walk, gpa, &other) &&
			other & PTE_P && !(other & PTE_PS) &&
			(other & PTE_ADDR) == (step->entry & PTE_ADDR) + (uint64_t)side * size)
			return true;
	}
	return false;
}

/* Most of what is there is no entry that anybody makes. */
static bool is_no_table(const struct findings *findings, const struct walk *walk, uint64_t table)
{
	unsigned width = walk->mode < PAGING_PAE ? 4 : 8, used = 0, bad = 0;
	uint64_t top = 1ull << findings->cpu.facts.maxphyaddr, entry;

	for (unsigned i = 0; i < PAGE / width; i++) {
		if (!read_entry(findings, walk, table + i * width, &entry))
			return false;
		used += entry != 0;
		bad += entry && (!(entry & PTE_P) || (entry & PTE_ADDR) >= top);
	}
	return bad >= 4 && bad * 2 > used;
}

/* Is the table just where the page would be that is wanted: at its own address, or as far from it
 * as the image is? */
static bool is_own_frame(
	const struct findings *findings, const struct walk *walk, uint64_t frame, uint64_t size)
{
	const struct evidence_region *region = region_of_linear(findings->evidence, walk->linear);
	uint64_t wanted = region ? walk->linear - region->linear + region->gpa : walk->linear;

	return (wanted & ~(size - 1)) == frame;
}

static const struct walk_step *without_ps(const struct findings *findings, const struct walk *walk)
{
	for (unsigned i = 0; i + 1 < walk->step_count; i++) {
		const struct walk_step *step = &walk->step[i];
		uint64_t size = page_size_at(walk, step->level), frame = step->entry & PTE_ADDR;

		if (step->level < WALK_PDE || step->level > WALK_PDPTE || step->leaf ||
			walk->mode == PAGING_32BIT || frame & (size - 1) ||
			(step->level == WALK_PDPTE && !findings->cpu.facts.gib_pages))
			continue;
		if (has_stride(findings, walk, step) ||
			(is_own_frame(findings, walk, frame, size) &&
				is_no_table(findings, walk, frame)))
			return step;
	}
	return NULL;
}

/* Such a table may also lead somewhere: then the CPU executes, or reads, what is there. */
static const struct walk_step *find_without_ps(const struct findings *findings, struct walk *walk)
{
	const struct walk_step *step;

	*walk = walk_linear(&findings->evidence->mem, &findings->cpu, findings->rip.address,
		(struct walk_access){.fetch = true});
	step = without_ps(findings, walk);
	if (step || !findings->first.has_walk)
		return step;
	*walk = findings->first.walk;
	return without_ps(findings, walk);
}

static bool ps_missing(const struct findings *findings)
{
	struct walk walk;

	return findings->state_valid && findings->first.source &&
	       findings->evidence->death == DEATH_SHUTDOWN && find_without_ps(findings, &walk);
}

static void explain_ps_missing(const struct findings *findings, struct say *say)
{
	struct walk walk;
	const struct walk_step *step = find_without_ps(findings, &walk);
	uint64_t frame = step->entry & PTE_ADDR;
	char text[160];

	say_add(say,
		"%s %u at 0x%" PRIx64 " = 0x%" PRIx64 " is meant as a %s page but lacks PS (bit 7)",
		walk_level_name(step->level), step->index, step->gpa, step->entry,
		page_size_name(page_size_at(&walk, step->level)));
	if (has_stride(findings, &walk, step))
		say_add(say, ", as its neighbour shows, whose address is one such page away");
	say_add(say,
		": the CPU takes the contents of that page, at 0x%" PRIx64
		", for the next page table",
		frame);
	if (!walk.allowed)
		say_add(say, " (%s)", walk_describe(&walk, text, sizeof(text)));
	say_add(say, ".");
	say_when(findings, say);
}

const struct verdict_rule rules_entries[] = {
	{.id = "table-entry-sign-extended",
		.matches = entry_extended,
		.explain = explain_extended,
		.repair = "Compute the address in 64 bits: cast before the shift or product, as in "
			  "(uint64_t)index << 21.",
		.infers = true},
	{.id = "table-entry-virtual",
		.matches = entry_virtual,
		.explain = explain_virtual,
		.repair = "Put physical addresses into page-table entries (and CR3): subtract the "
			  "offset between the kernel's virtual and physical addresses first.",
		.infers = true},
	{.id = "large-page-misaligned",
		.matches = misaligned,
		.explain = explain_misaligned,
		.repair_more = repair_misaligned},
	{.id = "large-page-bit-missing",
		.matches = ps_missing,
		.explain = explain_ps_missing,
		.repair = "Set PS (bit 7) in entries that map a large page (0x83 instead of 0x03), "
			  "or let them point to a page table.",
		.infers = true},
	{0},
};
