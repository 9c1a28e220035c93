/* SPDX-License-Identifier: MIT */
/*
 * paging.c: page tables with small and large pages; how many levels and how wide the entries is the
 * architecture's (page_entry.h). SDM vol. 3, chapter 4 "Paging". The metadata of a table's frame
 * counts its entries, so that an empty one is known without looking at all of them.
 */
#include "paging.h"

#include "errno.h"
#include "memory.h"
#include "page_tables.h"
#include "string.h"

uint64_t table_level_size(unsigned level)
{
	return 1ull << (FRAME_SHIFT + TABLE_INDEX_BITS * (level - 1));
}

static unsigned entry_index(uint64_t virt, unsigned level)
{
	return virt >> (FRAME_SHIFT + TABLE_INDEX_BITS * (level - 1)) & (TABLE_ENTRIES - 1);
}

static bool is_user(uint64_t virt)
{
	return virt < USER_LIMIT;
}

static bool is_table(page_entry entry, unsigned level)
{
	return level > 1 && (entry & PTE_P) && !(entry & PTE_PS);
}

/* Metadata of the table that an entry stands in. */
struct frame *table_frame(const struct space *space, const page_entry *entry)
{
	uint64_t phys = (uintptr_t)entry - direct_map;

	return frames_used(space->frames, phys & ~(uint64_t)(FRAME_SIZE - 1));
}

/* Remembers the page table that an entry for `virt` stands in. Those of the kernel half can go
 * without this space being told. */
static void remember_table(struct space *space, uint64_t virt, const page_entry *entry)
{
	if (!is_user(virt))
		return;
	space->recent = virt / table_level_size(2);
	space->recent_table = (uintptr_t)entry & ~(uintptr_t)(PAGE_SIZE - 1);
}

static void forget_table(struct space *space)
{
	space->recent = SPACE_NO_RECENT;
}

/* The entry for `virt` at *level, or the one at which the way down there ends; *level tells which.
 */
page_entry *table_find_entry(struct space *space, uint64_t virt, unsigned *level)
{
	page_entry *entry;
	unsigned last = *level;

	if (last == 1 && virt / table_level_size(2) == space->recent)
		return (page_entry *)space->recent_table + entry_index(virt, 1);
	entry = (page_entry *)phys_pointer(space->root) + entry_index(virt, TABLE_LEVELS);

	/* Every access to a page comes by here, and jumps and variable shifts are not free. */
#pragma GCC unroll 3
	for (unsigned at = TABLE_LEVELS; at > 1; at--) {
		if (at == last || (*entry & (PTE_P | PTE_PS)) != PTE_P) {
			*level = at;
			return entry;
		}
		entry = (page_entry *)phys_pointer(*entry & ENTRY_ADDRESS) +
		        entry_index(virt, at - 1);
	}
	*level = 1;
	remember_table(space, virt, entry);
	return entry;
}

/* Hangs an empty table into an entry for `virt` at level `at`. */
static bool add_table(struct space *space, page_entry *entry, unsigned at, uint64_t virt)
{
	uint64_t table = frames_alloc_table(space->frames);

	if (table == FRAME_NONE)
		return false;
	*entry = (page_entry)(table | PTE_P | PTE_W | (is_user(virt) ? PTE_U : 0));
	table_frame(space, entry)->count++;
	if (at == TABLE_LEVELS && !is_user(virt)) {
		if (space->kernel_count < SPACE_KERNEL_ENTRIES)
			space->kernel_entries[space->kernel_count] =
				(uint16_t)entry_index(virt, at);
		space->kernel_count++;
	}
	return true;
}

/* The entry for `virt` at `level`, with every table on the way: 0, -ENOMEM, or -EEXIST (a large
 * page is there). */
int table_make_entry(struct space *space, uint64_t virt, unsigned level, page_entry **out)
{
	unsigned at = level;
	page_entry *entry = table_find_entry(space, virt, &at);

	while (at > level) {
		if (*entry & PTE_P)
			return -EEXIST;
		if (!add_table(space, entry, at, virt))
			return -ENOMEM;
		at--;
		entry = (page_entry *)phys_pointer(*entry & ENTRY_ADDRESS) + entry_index(virt, at);
	}
	*out = entry;
	return 0;
}

/* The entries for `virt` that point to tables, by their level; returns the lowest of those. */
static unsigned table_find_way(
	const struct space *space, uint64_t virt, page_entry *way[TABLE_LEVELS + 1])
{
	uint64_t table = space->root;
	unsigned level = TABLE_LEVELS;

	for (; level > 1; level--) {
		way[level] = (page_entry *)phys_pointer(table) + entry_index(virt, level);
		if (!is_table(*way[level], level))
			break;
		table = *way[level] & ENTRY_ADDRESS;
	}
	return level + 1;
}

/* Gives back the tables on the way to `virt` that have become empty. Those right below the root
 * stay in the kernel half: other spaces share them. */
void table_prune(struct space *space, uint64_t virt)
{
	page_entry *way[TABLE_LEVELS + 1];
	unsigned top = is_user(virt) ? TABLE_LEVELS : TABLE_LEVELS - 1;
	unsigned level = table_find_way(space, virt, way);

	for (; level <= top; level++) {
		page_entry *entry = way[level];
		uint64_t table = *entry & ENTRY_ADDRESS;

		if (frames_used(space->frames, table)->count)
			return;
		forget_table(space);
		*entry = 0;
		table_frame(space, entry)->count--;
		tlb_flush_page(space, virt);
		/* No entry is left, so every byte is 0. */
		frames_free_table(space->frames, table);
	}
}

page_entry table_leaf_bits(uint64_t virt, unsigned flags)
{
	page_entry bits = PTE_P;

	if (flags & MAP_WRITE)
		bits |= PTE_W;
	if (!(flags & MAP_EXEC))
		bits |= ENTRY_NX;
	if (flags & MAP_UNCACHED)
		bits |= PTE_PCD | PTE_PWT;
	/* The kernel never asks whether its own pages were touched: the CPU need not note it. */
	return bits | (is_user(virt) ? PTE_U : PTE_G | PTE_A | PTE_D);
}

static unsigned leaf_flags(page_entry entry)
{
	return (entry & PTE_W ? MAP_WRITE : 0) | (entry & ENTRY_NX ? 0 : MAP_EXEC) |
	       (entry & PTE_U ? MAP_USER : 0) | (entry & PTE_PCD ? MAP_UNCACHED : 0) |
	       (entry & PTE_D ? MAP_DIRTY : 0) | (entry & PTE_A ? MAP_ACCESSED : 0);
}

/* Whether [virt, virt + size) is a range of whole pages on one side of the gap of non-canonical
 * addresses. */
static bool range_valid(uint64_t virt, uint64_t size)
{
	uint64_t last = virt + size - 1;

	if (size == 0 || last < virt || last > ADDRESS_LAST || (virt | size) % PAGE_SIZE)
		return false;
	return last < USER_LIMIT || virt >= DIRECT_MAP;
}

/* Entries of one table from the one for `virt` on that `bytes` reach. */
static unsigned run_length(uint64_t virt, uint64_t bytes, unsigned level)
{
	uint64_t fit = TABLE_ENTRIES - entry_index(virt, level),
		 wanted = bytes / table_level_size(level);

	return (unsigned)(wanted < fit ? wanted : fit);
}

/* Fills n entries that are free. */
void table_fill(page_entry *entry, unsigned n, page_entry leaf, page_entry step)
{
#pragma GCC unroll 8
	for (unsigned i = 0; i < n; i++, leaf += step)
		entry[i] = leaf;
}

/* How many of n entries are free, before the first that is not. */
static unsigned free_run(const page_entry *entry, unsigned n)
{
	unsigned i = 0;

	while (i < n && !(entry[i] & PTE_P))
		i++;
	return i;
}

/* Maps as much as fits in one table; *done is set to the bytes mapped, also on failure. */
static int map_run(
	struct space *space, uint64_t virt, page_entry leaf, uint64_t bytes, uint64_t *done)
{
	bool large =
		(virt | (leaf & ENTRY_ADDRESS)) % LARGE_PAGE_SIZE == 0 && bytes >= LARGE_PAGE_SIZE;
	unsigned level = large ? LARGE_LEVEL : 1, n, filled;
	page_entry *entry;
	struct frame *table;
	int error = table_make_entry(space, virt, level, &entry);

	*done = 0;
	if (error)
		return error;
	table = table_frame(space, entry);
	n = run_length(virt, bytes, level);
	filled = table->count ? free_run(entry, n) : n;
	table_fill(
		entry, filled, large ? leaf | PTE_PS : leaf, (page_entry)table_level_size(level));
	table->count += filled;
	*done = filled * table_level_size(level);
	return filled == n ? 0 : -EEXIST;
}

int space_map(struct space *space, uint64_t virt, uint64_t phys, uint64_t size, unsigned flags)
{
	page_entry leaf = (page_entry)phys | table_leaf_bits(virt, flags);
	uint64_t mapped = 0, done;
	int error = 0;

	if (!range_valid(virt, size) || phys % PAGE_SIZE ||
		(phys + size - 1) & ~(ENTRY_ADDRESS | 0xfffull) ||
		is_user(virt) != !!(flags & MAP_USER))
		return -EINVAL;
	while (mapped < size && !error) {
		error = map_run(
			space, virt + mapped, leaf + (page_entry)mapped, size - mapped, &done);
		mapped += done;
	}
	if (error) {
		if (mapped)
			space_unmap(space, virt, mapped);
		table_prune(space, virt + mapped);
	}
	return error;
}

/* Whether `virt`, not the start of a large page, lies in one. */
static bool cuts_large_page(struct space *space, uint64_t virt)
{
	unsigned level = 1;
	page_entry entry = *table_find_entry(space, virt, &level);

	return (entry & PTE_P) && virt % table_level_size(level) != 0;
}

static bool range_changeable(struct space *space, uint64_t virt, uint64_t size)
{
	return range_valid(virt, size) && !cuts_large_page(space, virt) &&
	       !cuts_large_page(space, virt + size);
}

static unsigned clear_run(
	struct space *space, page_entry *entry, uint64_t virt, unsigned n, uint64_t step)
{
	unsigned cleared = 0;

	for (unsigned i = 0; i < n; i++, virt += step) {
		if (!(entry[i] & PTE_P))
			continue;
		entry[i] = 0;
		tlb_flush_page(space, virt);
		cleared++;
	}
	return cleared;
}

int space_unmap(struct space *space, uint64_t virt, uint64_t size)
{
	uint64_t done = 0;

	if (!range_changeable(space, virt, size))
		return -EINVAL;
	while (done < size) {
		unsigned level = 1, n = 1;
		page_entry *entry = table_find_entry(space, virt + done, &level);
		uint64_t step = table_level_size(level);

		if (*entry & PTE_P || level == 1) {
			n = run_length(virt + done, size - done, level);
			if (level > 1) /* the neighbours may be tables */
				n = 1;
			table_frame(space, entry)->count -=
				clear_run(space, entry, virt + done, n, step);
			table_prune(space, virt + done);
		}
		done += n * step - (virt + done) % step;
	}
	return 0;
}

int space_protect(struct space *space, uint64_t virt, uint64_t size, unsigned flags)
{
	page_entry bits = table_leaf_bits(virt, flags) & (PTE_W | ENTRY_NX);
	uint64_t done = 0;

	if (!range_changeable(space, virt, size))
		return -EINVAL;
	while (done < size) {
		unsigned level = 1;
		page_entry *entry = table_find_entry(space, virt + done, &level);

		if (!(*entry & PTE_P))
			return -ENOENT;
		*entry = (*entry & ~(page_entry)(PTE_W | ENTRY_NX)) | bits;
		tlb_flush_page(space, virt + done);
		done += table_level_size(level);
	}
	return 0;
}

int space_reserve(struct space *space, uint64_t virt)
{
	page_entry *entry;

	return table_make_entry(space, virt, TABLE_LEVELS - 1, &entry);
}

static struct translation translate_entry(page_entry entry, unsigned level, uint64_t virt)
{
	uint64_t size = table_level_size(level);

	return (struct translation){
		.phys = (entry & ENTRY_ADDRESS & ~(size - 1)) + virt % size,
		.size = size,
		.flags = leaf_flags(entry),
	};
}

bool space_translate(struct space *space, uint64_t virt, struct translation *out)
{
	unsigned level = 1;
	page_entry entry = *table_find_entry(space, virt, &level);

	if (!(entry & PTE_P) || (virt >= USER_LIMIT && virt < DIRECT_MAP))
		return false;
	*out = translate_entry(entry, level, virt);
	return true;
}

/* The levels above the last one allow everything. */
unsigned space_list_pages(
	struct space *space, uint64_t virt, unsigned n, unsigned flags, uint64_t pages[])
{
	const page_entry wanted =
		PTE_P | (flags & MAP_WRITE ? PTE_W : 0) | (flags & MAP_USER ? PTE_U : 0);
	unsigned level = 1, found = 0, fit;
	const page_entry *entry = table_find_entry(space, virt, &level);

	if (level > 1) {
		if ((*entry & wanted) != wanted)
			return 0;
		pages[0] = translate_entry(*entry, level, virt).phys;
		return 1;
	}
	fit = TABLE_ENTRIES - entry_index(virt, 1);
	for (n = n < fit ? n : fit; found < n && (entry[found] & wanted) == wanted; found++)
		pages[found] = entry[found] & ENTRY_ADDRESS;
	return found;
}

/* Whether a page goes on where the stretch that began with `first` stands now. */
static bool joins(const struct translation *first, uint64_t bytes, const struct translation *next)
{
	return bytes && next->size == first->size && next->flags == first->flags &&
	       next->phys == first->phys + bytes;
}

void space_walk(struct space *space, uint64_t from, uint64_t to, space_emit *emit, void *ctx)
{
	struct translation first = {0}, page;
	uint64_t start = 0, bytes = 0, at = from & ~(uint64_t)(PAGE_SIZE - 1);

	if (to > ADDRESS_LAST)
		to = ADDRESS_LAST;
	for (;;) {
		unsigned level = 1;
		page_entry entry;
		uint64_t step;

		if (at >= USER_LIMIT && at < DIRECT_MAP)
			at = DIRECT_MAP;
		entry = *table_find_entry(space, at, &level);
		step = table_level_size(level) - at % table_level_size(level);
		page = translate_entry(entry, level, at);
		if (bytes && !((entry & PTE_P) && joins(&first, bytes, &page))) {
			emit(ctx, start, bytes, &first);
			bytes = 0;
		}
		if (entry & PTE_P) {
			if (!bytes) {
				first = page;
				start = at;
			}
			bytes += step;
		}
		if (at + (step - 1) >= to)
			break;
		at += step;
	}
	if (bytes)
		emit(ctx, start, bytes, &first);
}

/* Of a root with 512 entries the kernel half uses a few, those that add_table() made, and copying
 * all is dear; where a root's entries can be large pages they are copied all. */
static bool shares_whole_half(const struct space *kernel)
{
	return LARGE_LEVEL == TABLE_LEVELS || kernel->kernel_count > SPACE_KERNEL_ENTRIES;
}

static void share_kernel_half(page_entry *root, const struct space *kernel)
{
	const page_entry *from = phys_pointer(kernel->root);

	if (shares_whole_half(kernel))
		memcpy(root + TABLE_ENTRIES / 2, from + TABLE_ENTRIES / 2,
			TABLE_ENTRIES / 2 * sizeof(*root));
	else
		for (unsigned i = 0; i < kernel->kernel_count; i++)
			root[kernel->kernel_entries[i]] = from[kernel->kernel_entries[i]];
}

static void unshare_kernel_half(page_entry *root, const struct space *kernel)
{
	if (shares_whole_half(kernel))
		memset(root + TABLE_ENTRIES / 2, 0, TABLE_ENTRIES / 2 * sizeof(*root));
	else
		for (unsigned i = 0; i < kernel->kernel_count; i++)
			root[kernel->kernel_entries[i]] = 0;
}

int space_init(struct space *space, struct frames *frames, const struct space *kernel)
{
	space->frames = frames;
	space->kernel_count = 0;
	space->kernel = kernel;
	forget_table(space);
	space->root = frames_alloc_table(frames);
	if (space->root == FRAME_NONE)
		return -ENOMEM;
	if (kernel)
		share_kernel_half(phys_pointer(space->root), kernel);
	return 0;
}

/* Empties the first `entries` entries of a table, and all tables that they point to; stops when
 * every one has been seen. */
static void free_tables(struct frames *frames, uint64_t table, unsigned level, unsigned entries)
{
	page_entry *entry = phys_pointer(table);
	uint32_t left = frames_used(frames, table)->count;

	for (unsigned i = 0; i < entries && left; i++) {
		if (!entry[i])
			continue;
		if (is_table(entry[i], level))
			free_tables(frames, entry[i] & ENTRY_ADDRESS, level - 1, TABLE_ENTRIES);
		entry[i] = 0;
		left--;
	}
	if (level < TABLE_LEVELS)
		frames_free_table(frames, table);
}

void space_deinit(struct space *space)
{
	free_tables(space->frames, space->root, TABLE_LEVELS, TABLE_ENTRIES / 2);
	unshare_kernel_half(phys_pointer(space->root), space->kernel);
	frames_free_table(space->frames, space->root);
	space->root = FRAME_NONE;
	forget_table(space);
}
