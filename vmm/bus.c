/* SPDX-License-Identifier: MIT */
/*
 * bus.c: brings one access to the device that claims its address. Accesses that nobody claims read
 * as all ones, as a floating bus does, and are counted for the report. Not modelled: alignment
 * faults, bus cycles narrower than a byte.
 */
#include "bus.h"

static uint64_t all_ones(unsigned size)
{
	return size >= 8 ? ~0ull : (1ull << (8 * size)) - 1;
}

static bool ranges_overlap(const struct bus_range *a, const struct bus_range *b)
{
	return a->base - b->base < b->length || b->base - a->base < a->length;
}

bool bus_claim(struct bus *bus, const struct bus_range *range, struct error *err)
{
	const char *space = bus->mmio ? "address" : "port";

	if (!range->length || range->base + (range->length - 1) < range->base)
		return error_set(err, STATUS_BUG, "%s: claims an impossible range at %s 0x%llx",
			range->owner, space, (unsigned long long)range->base);
	for (unsigned i = 0; i < bus->count; i++)
		if (ranges_overlap(range, &bus->ranges[i]))
			return error_set(err, STATUS_BUG, "%s and %s both claim %s 0x%llx",
				bus->ranges[i].owner, range->owner, space,
				(unsigned long long)range->base);
	if (bus->count == BUS_RANGES)
		return error_set(err, STATUS_BUG, "%s: more than %d devices claim a %s",
			range->owner, BUS_RANGES, space);
	bus->ranges[bus->count++] = *range;
	return true;
}

const struct bus_range *bus_find(const struct bus *bus, uint64_t where)
{
	for (unsigned i = 0; i < bus->count; i++)
		if (where - bus->ranges[i].base < bus->ranges[i].length)
			return &bus->ranges[i];
	return NULL;
}

static struct unclaimed *unclaimed_entry(struct bus *bus, uint64_t where)
{
	struct unclaimed *entry;

	for (unsigned i = 0; i < bus->unclaimed_count; i++)
		if (bus->unclaimed[i].where == where)
			return &bus->unclaimed[i];
	if (bus->unclaimed_count == UNCLAIMED_MAX)
		return NULL;
	entry = &bus->unclaimed[bus->unclaimed_count++];
	*entry = (struct unclaimed){.where = where, .mmio = bus->mmio};
	return entry;
}

static void access_nobody(struct bus *bus, uint64_t where, struct io *io)
{
	struct unclaimed *entry = unclaimed_entry(bus, where);

	if (!entry)
		bus->unclaimed_other++;
	else if (io->write)
		entry->writes++;
	else
		entry->reads++;
}

static void access_range(const struct bus_range *range, uint64_t where, struct io *io)
{
	io->offset = where - range->base;
	range->access(range->device, io);
	io->value &= all_ones(io->size);
}

static const struct bus_range *find_8bit(const struct bus *bus, uint64_t where)
{
	const struct bus_range *range = bus_find(bus, where);

	return range && range->width == 1 ? range : NULL;
}

static bool touches_8bit(const struct bus *bus, uint64_t where, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		if (find_8bit(bus, where + i))
			return true;
	return false;
}

/* What an ISA bus makes of a wide access to 8-bit chips: one cycle a byte, lowest address first. */
static void access_bytes(struct bus *bus, uint64_t where, struct io *io)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < io->size; i++) {
		struct io byte = {.size = 1, .write = io->write, .value = 0xff};
		const struct bus_range *range = find_8bit(bus, where + i);

		if (io->write)
			byte.value = io->value >> (8 * i) & 0xff;
		if (range)
			access_range(range, where + i, &byte);
		else
			access_nobody(bus, where + i, &byte);
		value |= byte.value << (8 * i);
	}
	io->value = value;
}

void bus_access(struct bus *bus, uint64_t where, struct io *io)
{
	const struct bus_range *range = bus_find(bus, where);

	if (!io->write)
		io->value = all_ones(io->size);
	io->value &= all_ones(io->size);
	if (range && (range->width == 0 || io->size == 1))
		access_range(range, where, io);
	else if (io->size > 1 && touches_8bit(bus, where, io->size))
		access_bytes(bus, where, io);
	else
		access_nobody(bus, where, io);
}
