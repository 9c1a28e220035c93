/* SPDX-License-Identifier: MIT */
/*
 * desc.c: descriptors and gates, from bytes to fields, and their fetch through page tables. Follows
 * SDM vol. 3, 3.4 "Logical and Linear Addresses", 3.5 "System Descriptor Types" and 6.11 "IDT
 * Descriptors".
 */
#include <string.h>

#include "desc.h"

#define TYPE_CODE       8 /* with s = 1: SDM vol. 3, table 3-1 */
#define TYPE_CONFORMING 4
#define TYPE_WRITABLE   2

struct desc desc_decode(uint64_t low, uint64_t high, bool wide)
{
	struct desc desc = {.low = low, .high = wide ? high : 0, .wide = wide};

	desc.type = low >> 40 & 15;
	desc.s = low >> 44 & 1;
	desc.dpl = low >> 45 & 3;
	desc.present = low >> 47 & 1;
	desc.avl = low >> 52 & 1;
	desc.l = low >> 53 & 1;
	desc.db = low >> 54 & 1;
	desc.g = low >> 55 & 1;
	desc.base = (low >> 16 & 0xffffff) | (low >> 56) << 24;
	if (wide)
		desc.base |= high << 32;
	desc.limit = (low & 0xffff) | (low >> 32 & 0xf0000);
	if (desc.g)
		desc.limit = desc.limit << 12 | 0xfff;
	return desc;
}

bool desc_is_code(const struct desc *desc)
{
	return desc->s && (desc->type & TYPE_CODE);
}

bool desc_is_conforming(const struct desc *desc)
{
	return desc_is_code(desc) && (desc->type & TYPE_CONFORMING);
}

bool desc_is_writable(const struct desc *desc)
{
	return desc->s && !(desc->type & TYPE_CODE) && (desc->type & TYPE_WRITABLE);
}

static const char *segment_name(const struct desc *desc)
{
	if (!desc_is_code(desc))
		return desc_is_writable(desc) ? "data segment" : "read-only data segment";
	if (desc->l)
		return desc->db ? "code segment with both L and D set" : "64-bit code segment";
	return desc->db ? "32-bit code segment" : "16-bit code segment";
}

const char *desc_kind_name(const struct desc *desc)
{
	static const char *const names[16] = {
		[DESC_TSS16_AVAIL] = "available 16-bit TSS",
		[DESC_LDT] = "LDT",
		[DESC_TSS16_BUSY] = "busy 16-bit TSS",
		[DESC_CALL16] = "16-bit call gate",
		[DESC_TASK_GATE] = "task gate",
		[DESC_INT16] = "16-bit interrupt gate",
		[DESC_TRAP16] = "16-bit trap gate",
		[DESC_TSS_AVAIL] = "available TSS",
		[DESC_TSS_BUSY] = "busy TSS",
		[DESC_CALL] = "call gate",
		[DESC_INT] = "interrupt gate",
		[DESC_TRAP] = "trap gate",
	};

	if (desc->s)
		return segment_name(desc);
	if (desc->low == 0)
		return "empty descriptor";
	return names[desc->type] ? names[desc->type] : "reserved system type";
}

/* Reads n bytes of a descriptor at the offset of lookup's selector; false when that ends the
 * lookup. */
static bool desc_read(struct desc_lookup *lookup, const struct phys_mem *mem,
	const struct cpu_state *cpu, void *buf, unsigned skip, unsigned n)
{
	uint32_t offset = (lookup->selector & 0xfff8) + skip;

	if (offset + n - 1 > lookup->limit) {
		lookup->status = DESC_BEYOND_LIMIT;
		return false;
	}
	lookup->access = linear_read(mem, cpu, lookup->table + offset, buf, n, linear_system_read);
	if (lookup->access.status == LINEAR_OK)
		return true;
	lookup->status = DESC_UNREADABLE;
	return false;
}

struct desc_lookup desc_lookup(
	const struct phys_mem *mem, const struct cpu_state *cpu, uint16_t selector)
{
	struct desc_lookup lookup = {.selector = selector};
	uint64_t low, high;
	struct desc desc;

	if (selector_is_null(selector)) {
		lookup.status = DESC_NULL_SELECTOR;
		return lookup;
	}
	if (selector_is_ldt(selector) && (cpu->ldtr.unusable || !cpu->ldtr.present)) {
		lookup.status = DESC_NO_LDT;
		return lookup;
	}
	lookup.table = selector_is_ldt(selector) ? cpu->ldtr.base : cpu->gdtr.base;
	lookup.limit = selector_is_ldt(selector) ? cpu->ldtr.limit : cpu->gdtr.limit;
	lookup.address = lookup.table + (selector & 0xfff8);
	if (!desc_read(&lookup, mem, cpu, &low, 0, 8))
		return lookup;
	desc = desc_decode(low, 0, false);
	if (!desc.s && cpu_long_mode(cpu)) {
		if (!desc_read(&lookup, mem, cpu, &high, 8, 8))
			return lookup;
		desc = desc_decode(low, high, true);
	}
	lookup.desc = desc;
	return lookup;
}

struct cpu_segment desc_to_segment(const struct desc *desc, uint16_t selector)
{
	return (struct cpu_segment){
		.base = desc->base,
		.limit = desc->limit,
		.selector = selector,
		.type = desc->type,
		.s = desc->s,
		.present = desc->present,
		.avl = desc->avl,
		.l = desc->l,
		.db = desc->db,
		.g = desc->g,
		.dpl = desc->dpl,
	};
}

static enum gate_kind gate_kind(uint8_t type, bool s, bool wide)
{
	if (s)
		return GATE_INVALID;
	switch (type) {
	case DESC_INT:
		return GATE_INTERRUPT;
	case DESC_TRAP:
		return GATE_TRAP;
	case DESC_INT16:
		return wide ? GATE_INVALID : GATE_INTERRUPT;
	case DESC_TRAP16:
		return wide ? GATE_INVALID : GATE_TRAP;
	case DESC_TASK_GATE:
		return wide ? GATE_INVALID : GATE_TASK;
	default:
		return GATE_INVALID;
	}
}

static uint16_t get16(const uint8_t *p)
{
	return p[0] | p[1] << 8;
}

static uint32_t get32(const uint8_t *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

struct gate gate_decode(const uint8_t *raw, unsigned size)
{
	struct gate gate = {.size = size};

	memcpy(gate.raw, raw, size);
	gate.offset = get16(raw);
	gate.selector = get16(raw + 2);
	if (size == 4) {
		gate.kind = GATE_VECTOR;
		gate.bits = 16;
		gate.present = true;
		return gate;
	}
	gate.type = raw[5] & 15;
	gate.s = raw[5] >> 4 & 1;
	gate.dpl = raw[5] >> 5 & 3;
	gate.present = raw[5] >> 7;
	gate.kind = gate_kind(gate.type, gate.s, size == 16);
	gate.bits = size == 16 ? 64 : gate.type & 8 ? 32 : 16;
	/* The upper half of the offset is there in 32- and 64-bit gates only; 16-bit gates reserve
	 * it. */
	if (gate.bits > 16)
		gate.offset |= (uint32_t)get16(raw + 6) << 16;
	if (size == 16) {
		gate.ist = raw[4] & 7;
		gate.offset |= (uint64_t)get32(raw + 8) << 32;
	}
	return gate;
}

unsigned gate_size(const struct cpu_state *cpu)
{
	if (cpu_long_mode(cpu))
		return 16;
	return cpu->cr0 & CR0_PE ? 8 : 4;
}

struct gate_lookup gate_lookup(
	const struct phys_mem *mem, const struct cpu_state *cpu, uint8_t vector)
{
	unsigned size = gate_size(cpu);
	struct gate_lookup lookup = {.address = cpu->idtr.base + vector * size};
	uint8_t raw[16];

	if (vector * size + size - 1 > cpu->idtr.limit) {
		lookup.status = GATE_BEYOND_LIMIT;
		return lookup;
	}
	lookup.access = linear_read(mem, cpu, lookup.address, raw, size, linear_system_read);
	if (lookup.access.status != LINEAR_OK) {
		lookup.status = GATE_UNREADABLE;
		return lookup;
	}
	lookup.gate = gate_decode(raw, size);
	return lookup;
}

const char *gate_kind_name(enum gate_kind kind)
{
	static const char *const names[] = {
		[GATE_INVALID] = "no gate",
		[GATE_VECTOR] = "real-mode vector",
		[GATE_TASK] = "task gate",
		[GATE_INTERRUPT] = "interrupt gate",
		[GATE_TRAP] = "trap gate",
	};

	return names[kind];
}
