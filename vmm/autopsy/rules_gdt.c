/* SPDX-License-Identifier: MIT */
/*
 * rules_gdt.c: GDTR, and what is where it leads to.
 */
#include <inttypes.h>
#include <string.h>

#include "rule.h"

#define POINTER 8u /* bytes of a padded limit and base in 32-bit code */

/* Does the instruction at RIP load a segment register, as far as it comes? */
static bool needs_gdt(const struct findings *findings)
{
	if (findings->insn.decoded != INSN_OK)
		return false;
	switch (findings->insn.insn.op) {
	case INSN_JUMP_FAR:
	case INSN_CALL_FAR:
	case INSN_RET_FAR:
	case INSN_IRET:
	case INSN_LOAD_SEGMENT:
	case INSN_LTR:
	case INSN_LLDT:
		return true;
	default:
		return false;
	}
}

/* GDTR's base is where no RAM is, through mapped pages or without paging. What the CPU reads there
 * is the host's affair: zeros, ones, or a KVM that tries again for ever. */
static bool outside_ram(const struct findings *findings)
{
	const struct table_finding *gdt = &findings->table[TABLE_GDT];

	return findings->state_valid && findings->evidence->death != DEATH_PANIC && gdt->loaded &&
	       !gdt->readable && gdt->access.status == LINEAR_OUTSIDE_RAM &&
	       findings->cpu.cr0 & CR0_PE && needs_gdt(findings);
}

/* Limit, two bytes of padding, base: lgdt takes the padding and half of the base for a base. */
static bool is_padded_pointer(const struct findings *findings, const uint8_t *bytes, uint32_t *base)
{
	const struct cpu_table *gdtr = &findings->cpu.gdtr;
	uint64_t null;
	uint16_t limit;

	memcpy(&limit, bytes, sizeof(limit));
	memcpy(base, bytes + 4, sizeof(*base));
	return limit == gdtr->limit && !bytes[2] && !bytes[3] && *base &&
	       gdtr->base == *base << 16 &&
	       linear_read(&findings->evidence->mem, &findings->cpu, *base, &null, sizeof(null),
		       linear_system_read)
	                       .status == LINEAR_OK &&
	       !null;
}

/* Looks for such a pointer in the image as it is now. */
static bool find_padded_pointer(const struct findings *findings, uint64_t *at, uint32_t *base)
{
	const struct evidence *evidence = findings->evidence;
	uint8_t page[4096 + POINTER];

	for (unsigned i = 0; i < evidence->region_count; i++) {
		const struct evidence_region *region = &evidence->regions[i];

		for (uint64_t from = 0; !region->monitor && from + POINTER <= region->size;
			from += 4096) {
			uint64_t left = region->size - from;
			size_t n = left < sizeof(page) ? (size_t)left : sizeof(page);

			if (!phys_read(&evidence->mem, region->gpa + from, page, n))
				continue;
			for (size_t k = 0; k + POINTER <= n; k += 2)
				if (is_padded_pointer(findings, page + k, base)) {
					*at = region->linear + from + k;
					return true;
				}
		}
	}
	return false;
}

static void say_padded_pointer(const struct findings *findings, struct say *say)
{
	struct place pointer, table;
	uint32_t base;
	uint64_t at;

	if (cpu_code_bits(&findings->cpu) != 32 || !find_padded_pointer(findings, &at, &base))
		return;
	pointer = findings_place(findings, at);
	table = findings_place(findings, base);
	say_add(say, " The structure at ");
	say_data(say, &pointer);
	say_add(say, " has that limit, two bytes of padding, and then the address that is meant, ");
	say_data(say, &table);
	say_add(say, "; the CPU wants it right behind the limit.");
}

static void explain_outside(const struct findings *findings, struct say *say)
{
	say_add(say,
		"GDTR has base 0x%" PRIx64
		" (limit 0x%x), where no RAM is: there is no descriptor for what ",
		findings->cpu.gdtr.base, findings->cpu.gdtr.limit);
	say_place(say, &findings->rip);
	say_add(say, ", %s, loads.", findings->insn_text);
	say_padded_pointer(findings, say);
}

static bool gdt_empty(const struct findings *findings)
{
	return !rule_find_code_segment(findings, NULL) &&
	       (rule_why(findings) == FAULT_SELECTOR_TYPE ||
		       rule_why(findings) == FAULT_SELECTOR_NOT_PRESENT ||
		       rule_why(findings) == FAULT_SELECTOR_PRIVILEGE) &&
	       findings->first.reason.has_descriptor && !findings->first.reason.descriptor.low &&
	       !selector_is_ldt(findings->first.reason.selector);
}

static void explain_gdt_empty(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	say_add(say, ": descriptor 0x%02x in the GDT at ", findings->first.reason.selector & ~7u);
	say_data(say, &findings->table[TABLE_GDT].base);
	say_add(say, " is empty%s.",
		findings->table[TABLE_GDT].zero ? ", and so is the whole table: GDTR's base does "
						  "not point to the GDT"
						: "");
	say_padded_pointer(findings, say);
	say_delivery(say, findings);
}

/* A descriptor whose reserved or impossible fields no GDT builder writes, in a table that has no
 * null descriptor at its beginning either. */
static bool gdt_garbage(const struct findings *findings)
{
	const struct cpu_state *cpu = &findings->cpu;
	uint64_t entry;
	char text[16];

	if (rule_why(findings) != FAULT_SELECTOR_TYPE &&
		rule_why(findings) != FAULT_SELECTOR_NOT_PRESENT &&
		rule_why(findings) != FAULT_SELECTOR_PRIVILEGE)
		return false;
	if (!findings->first.reason.has_descriptor ||
		selector_is_ldt(findings->first.reason.selector))
		return false;
	if (linear_read(
		    &findings->evidence->mem, cpu, cpu->gdtr.base, &entry, 8, linear_system_read)
			.status != LINEAR_OK)
		return false;
	return entry != 0 && (rule_is_text(entry, text, sizeof(text)) ||
				     entry == findings->first.reason.descriptor.low);
}

static void explain_gdt_garbage(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	say_add(say,
		": the GDT at 0x%" PRIx64 " is no GDT (its descriptor 0x%02x is 0x%016" PRIx64
		", its null descriptor is not zero either): that memory has other content, or "
		"never was the kernel's own table.",
		findings->cpu.gdtr.base, findings->first.reason.selector & ~7u,
		findings->first.reason.descriptor.low);
	say_writer(say, findings);
	say_delivery(say, findings);
}

const struct verdict_rule rules_gdt[] = {
	{.id = "gdt-outside-ram",
		.matches = outside_ram,
		.explain = explain_outside,
		.repair = "Give lgdt the address of a packed structure (__attribute__((packed))): "
			  "two bytes of "
			  "limit, then at once the table's linear address.",
		.explains_death = true,
		.infers = true},
	{.id = "gdt-garbage",
		.matches = gdt_garbage,
		.explain = explain_gdt_garbage,
		.repair = "Load a GDT of your own (lgdt) before the first load of a segment "
			  "register: "
			  "a loader's GDT may be gone.",
		.infers = true},
	{.id = "gdt-empty",
		.matches = gdt_empty,
		.explain = explain_gdt_empty,
		.repair = "Put the linear address of the filled GDT into GDTR: with a segment base "
			  "or "
			  "before relocation it is not the label's own value.",
		.infers = true},
	{0},
};
