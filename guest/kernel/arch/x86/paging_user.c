/* SPDX-License-Identifier: MIT */
/*
 * paging_user.c: the user half of an address space: pages come and go one by one, are counted by
 * their holders (pages.h), and are shared by fork.
 */
#include "arch.h"
#include "arch_cpu.h"
#include "errno.h"
#include "memory.h"
#include "page_tables.h"
#include "pages.h"

/* Visits the page tables that [from, to) reaches: *first is the entry for `from`, *n how many
 * entries from there on belong to the range. Returns where to go on; *n is 0 when there is no
 * table. */
static uint64_t next_run(
	struct space *space, uint64_t from, uint64_t to, page_entry **first, unsigned *n)
{
	unsigned level = 1;
	page_entry *entry = table_find_entry(space, from, &level);
	uint64_t span = level == 1 ? table_level_size(2) : table_level_size(level);
	uint64_t end = (from | (span - 1)) + 1;

	if (end > to)
		end = to;
	*first = entry;
	*n = level == 1 ? (unsigned)((end - from) >> FRAME_SHIFT) : 0;
	return end;
}

/* The first entry in use from entry i on, or n: most are empty, and where an emulator runs the
 * kernel a string instruction is the cheapest loop. */
static unsigned next_used(const page_entry *entry, unsigned i, unsigned n)
{
	const page_entry *at = entry + i;
	uintptr_t left = n - i;
	bool found;

	_Static_assert(sizeof(page_entry) == sizeof(uintptr_t), "SCAS compares whole entries");
	if (!left)
		return n;
	asm("repe scas" WORD_SUFFIX : "+D"(at), "+c"(left), "=@ccne"(found) : "a"(0ul), "m"(*at));
	return found ? (unsigned)(at - 1 - entry) : n;
}

static void flush(const struct space *space)
{
	if ((cr3_read() & ENTRY_ADDRESS) == space->root)
		cr3_write((uintptr_t)space->root);
}

int space_set_page(struct space *space, uint64_t virt, uint64_t phys, unsigned flags)
{
	page_entry *entry, old;
	int error = table_make_entry(space, virt, 1, &entry);

	if (error)
		return error;
	old = *entry;
	*entry = (page_entry)phys | table_leaf_bits(virt, flags | MAP_USER);
	if (old)
		tlb_flush_page(space, virt);
	else
		table_frame(space, entry)->count++;
	return 0;
}

int space_fill_pages(struct space *space, uint64_t virt, uint64_t phys, unsigned n, unsigned flags)
{
	page_entry leaf = (page_entry)phys | table_leaf_bits(virt, flags | MAP_USER), *entry;
	int error = table_make_entry(space, virt, 1, &entry);
	struct frame *table;
	unsigned filled = 0;

	if (error)
		return error;
	table = table_frame(space, entry);
	for (unsigned i = 0; i < n; i++) {
		unsigned end = table->count ? next_used(entry, i, n) : n;

		table_fill(entry + i, end - i, leaf + (page_entry)i * PAGE_SIZE, PAGE_SIZE);
		filled += end - i;
		i = end;
	}
	table->count += filled;
	return (int)filled;
}

/* Most entries of a program are of pages in place: what tells them stays in registers. */
static unsigned drop_run(page_entry *entry, unsigned n)
{
	const uint64_t in_place = boot.initrd, in_place_size = boot.initrd_size;
	page_entry *at = entry, *end = entry + n;
	unsigned dropped = 0;

	for (; at < end; at++) {
		uint64_t page = *at & ENTRY_ADDRESS;

		if (!*at) {
			at = entry + next_used(entry, (unsigned)(at - entry), n) - 1;
			continue;
		}
		*at = 0;
		dropped++;
		if (page - in_place >= in_place_size)
			page_put(page);
	}
	return dropped;
}

unsigned space_drop_pages(struct space *space, uint64_t from, uint64_t to)
{
	unsigned dropped = 0;

	while (from < to) {
		page_entry *entry;
		uint64_t next;
		unsigned n, present;

		next = next_run(space, from, to, &entry, &n);
		present = drop_run(entry, n);
		if (present && !(table_frame(space, entry)->count -= present))
			table_prune(space, from);
		dropped += present;
		from = next;
	}
	if (dropped)
		flush(space);
	return dropped;
}

/* Gives n entries of one table to the child's table, but for pages of files that it would find
 * again at the price of one fault for many. */
static unsigned share_run(page_entry *from, page_entry *to, unsigned n, page_entry keep)
{
	unsigned shared = 0;

	for (unsigned i = 0; (i = next_used(from, i, n)) < n; i++) {
		page_entry entry = from[i];

		if (page_in_place(entry & ENTRY_ADDRESS))
			continue;
		page_get(entry & ENTRY_ADDRESS);
		entry &= keep;
		from[i] = entry;
		to[i] = entry;
		shared++;
	}
	return shared;
}

int space_share_pages(
	struct space *space, struct space *child, uint64_t from, uint64_t to, bool writable)
{
	int shared = 0;

	while (from < to) {
		page_entry *entry, *copy;
		uint64_t next;
		unsigned n, present;
		int error;

		next = next_run(space, from, to, &entry, &n);
		if (n) {
			error = table_make_entry(child, from, 1, &copy);
			if (error)
				return error;
			present = share_run(
				entry, copy, n, writable ? ~(page_entry)0 : ~(page_entry)PTE_W);
			table_frame(child, copy)->count += present;
			shared += (int)present;
		}
		from = next;
	}
	if (shared && !writable)
		flush(space);
	return shared;
}

void space_restrict_pages(struct space *space, uint64_t from, uint64_t to, unsigned flags)
{
	while (from < to) {
		page_entry *entry;
		uint64_t next;
		unsigned n;

		next = next_run(space, from, to, &entry, &n);
		for (unsigned i = 0; i < n; i++) {
			if (!entry[i])
				continue;
			entry[i] = (entry[i] & ~(page_entry)(PTE_W | ENTRY_NX)) | PTE_P;
			if (!(flags & MAP_EXEC))
				entry[i] |= ENTRY_NX;
		}
		from = next;
	}
	flush(space);
}

/* What is not present but not 0 either is a page that waits for its rights. */
void space_hide_pages(struct space *space, uint64_t from, uint64_t to)
{
	while (from < to) {
		page_entry *entry;
		uint64_t next;
		unsigned n;

		next = next_run(space, from, to, &entry, &n);
		for (unsigned i = 0; i < n; i++)
			entry[i] &= ~(page_entry)(PTE_P | PTE_W);
		from = next;
	}
	flush(space);
}

int space_move_pages(struct space *space, uint64_t from, uint64_t to, uint64_t size)
{
	for (uint64_t done = 0; done < size; done += PAGE_SIZE) {
		unsigned level = 1;
		page_entry *entry = table_find_entry(space, from + done, &level), *target;
		int error;

		if (level != 1 || !*entry)
			continue;
		error = table_make_entry(space, to + done, 1, &target);
		if (error)
			return error;
		*target = *entry;
		table_frame(space, target)->count++;
		*entry = 0;
		table_frame(space, entry)->count--;
		table_prune(space, from + done);
	}
	flush(space);
	return 0;
}
