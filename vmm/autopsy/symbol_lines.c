/* SPDX-License-Identifier: MIT */
/*
 * symbol_lines.c: asks libdw for source lines and inlined calls. Follows DWARF 5, 6.2 "Line Number
 * Information" and 3.3.8 "Inlinable and Inlined Subroutines"; versions 2 to 4 are read too. libdw
 * is given little chance to run away on a hostile file: compressed sections are checked before it
 * inflates them, other files are never opened, trees are walked here with a bounded depth and a
 * budget.
 */
#include "symbol_lines.h"

#include <dwarf.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "dwarf_guard.h"
#include "symbol_file.h"

#define UNITS_MAX  (1u << 20)
#define RANGES_MAX (1u << 22)
#define DEPTH_MAX  48
#define DIES_MAX   (1u << 24) /* entries and ranges looked at, over all searches in one file */
#define INLINE_MAX 64

/* A stretch of code and the compilation unit that it belongs to. */
struct unit_range {
	uint64_t start, end;
	Dwarf_CU *unit;
};

struct line_table {
	Elf *elf;
	Dwarf *dwarf;
	Dwarf_CFI *eh_frame;
	bool eh_frame_tried;
	struct unit_range *ranges;
	size_t range_count, range_room;
	unsigned budget;
};

static bool add_range(struct line_table *table, uint64_t start, uint64_t end, Dwarf_CU *unit)
{
	if (start >= end)
		return true;
	if (table->range_count == table->range_room) {
		size_t room = table->range_room ? table->range_room * 2 : 64;
		struct unit_range *grown;

		if (room > RANGES_MAX)
			return false;
		grown = realloc(table->ranges, room * sizeof(*grown));
		if (!grown)
			return false;
		table->ranges = grown;
		table->range_room = room;
	}
	table->ranges[table->range_count++] = (struct unit_range){start, end, unit};
	return true;
}

static bool add_unit(struct line_table *table, Dwarf_CU *unit, Dwarf_Die *die)
{
	Dwarf_Addr base = 0, start, end;
	ptrdiff_t offset = 0;

	while ((offset = dwarf_ranges(die, offset, &base, &start, &end)) > 0)
		if (!add_range(table, start, end, unit))
			return false;
	return true;
}

/* Split DWARF is refused as a whole: libdw would open the files that it names. */
static bool is_split(uint8_t type, Dwarf_Die *die)
{
	return type == DW_UT_skeleton || type == DW_UT_split_compile || type == DW_UT_split_type ||
	       dwarf_hasattr(die, DW_AT_dwo_name) || dwarf_hasattr(die, DW_AT_GNU_dwo_name);
}

static bool index_units(struct line_table *table)
{
	Dwarf_CU *unit = NULL, *next;
	Dwarf_Half version;
	uint8_t type;
	Dwarf_Die die;

	for (unsigned n = 0; n < UNITS_MAX; n++) {
		if (dwarf_get_units(table->dwarf, unit, &next, &version, &type, &die, NULL) != 0)
			return true;
		unit = next;
		if (!die.addr || dwarf_tag(&die) != DW_TAG_compile_unit)
			continue;
		if (is_split(type, &die) || !add_unit(table, unit, &die))
			return false;
	}
	return true;
}

struct line_table *line_table_open(Elf *elf, size_t file_size)
{
	struct line_table *table;

	if (!dwarf_guard_sections(elf))
		return NULL;
	table = calloc(1, sizeof(*table));
	if (!table)
		return NULL;
	table->elf = elf;
	table->budget = DIES_MAX;
	table->dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	if (!table->dwarf)
		return table;
	if (!dwarf_guard_abbreviations(elf, table->dwarf) || !index_units(table)) {
		dwarf_end(table->dwarf);
		table->dwarf = NULL;
		table->range_count = 0;
	}
	return table;
}

void line_table_close(struct line_table *table)
{
	if (!table)
		return;
	dwarf_cfi_end(table->eh_frame);
	dwarf_end(table->dwarf);
	free(table->ranges);
	free(table);
}

Dwarf_CFI *line_table_eh_frame(struct line_table *table)
{
	if (!table->eh_frame_tried) {
		table->eh_frame_tried = true;
		table->eh_frame = dwarf_getcfi_elf(table->elf);
	}
	return table->eh_frame;
}

Dwarf_CFI *line_table_debug_frame(struct line_table *table)
{
	return table->dwarf ? dwarf_getcfi(table->dwarf) : NULL;
}

/* The narrowest range wins: units of discarded sections start at 0 and may span others. */
static Dwarf_CU *find_unit(const struct line_table *table, uint64_t addr)
{
	const struct unit_range *best = NULL;

	for (size_t i = 0; i < table->range_count; i++) {
		const struct unit_range *r = &table->ranges[i];

		if (addr < r->start || addr >= r->end)
			continue;
		if (!best || r->end - r->start < best->end - best->start)
			best = r;
	}
	return best ? best->unit : NULL;
}

static bool find_unit_die(struct line_table *table, uint64_t addr, Dwarf_Die *die)
{
	Dwarf_CU *unit = find_unit(table, addr);

	return unit && !dwarf_cu_info(unit, NULL, NULL, die, NULL, NULL, NULL, NULL) && die->addr;
}

static bool fill_line(Dwarf_Die *unit, uint64_t addr, struct source_line *out)
{
	Dwarf_Line *line = dwarf_getsrc_die(unit, addr);
	const char *path = line ? dwarf_linesrc(line, NULL, NULL) : NULL;
	int number = 0, column = 0;

	if (!path || dwarf_lineno(line, &number) || number <= 0)
		return false;
	if (dwarf_linecol(line, &column) || column < 0)
		column = 0;
	*out = (struct source_line){.line = (unsigned)number, .column = (unsigned)column};
	escape_name(out->path, sizeof(out->path), path);
	return true;
}

bool line_table_find(struct line_table *table, uint64_t addr, struct source_line *out)
{
	Dwarf_Die unit;

	return find_unit_die(table, addr, &unit) && fill_line(&unit, addr, out);
}

/* A search for the scopes that hold an address: subprogram first, inlined calls inwards. */
struct scope_search {
	uint64_t addr;
	unsigned *budget; /* the table's */
	Dwarf_Die found[INLINE_MAX];
	unsigned count;
};

static bool covers(struct scope_search *search, Dwarf_Die *die)
{
	Dwarf_Addr base = 0, start, end;
	ptrdiff_t offset = 0;

	while ((offset = dwarf_ranges(die, offset, &base, &start, &end)) > 0) {
		if (search->addr >= start && search->addr < end)
			return true;
		if (!*search->budget || !--*search->budget)
			return false;
	}
	return false;
}

/* Containers whose children may hold functions, although they have no addresses themselves. */
static bool is_container(int tag)
{
	return tag == DW_TAG_namespace || tag == DW_TAG_module || tag == DW_TAG_structure_type ||
	       tag == DW_TAG_class_type || tag == DW_TAG_union_type;
}

/* The tree is walked depth first with an explicit stack of bounded depth. */
static void search_scopes(struct scope_search *search, Dwarf_Die *unit)
{
	Dwarf_Die stack[DEPTH_MAX];
	unsigned depth = 0;

	if (dwarf_child(unit, &stack[0]) != 0)
		return;
	while (*search->budget && (*search->budget)--) {
		Dwarf_Die *die = &stack[depth];
		int tag = dwarf_tag(die);
		bool code = tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
		bool inside = (code || tag == DW_TAG_lexical_block) && covers(search, die);

		if (inside && code) {
			if (search->count == INLINE_MAX)
				return;
			search->found[search->count++] = *die;
		}
		if ((inside || (is_container(tag) && !search->count)) && depth + 1 < DEPTH_MAX &&
			dwarf_child(die, &stack[depth + 1]) == 0) {
			depth++;
			continue;
		}
		if (inside)
			return;
		while (dwarf_siblingof(&stack[depth], &stack[depth]) != 0) {
			/* What covers the address has been entered: beside it lies nothing that
			 * does. */
			if (depth == 0 || search->count)
				return;
			depth--;
		}
	}
}

static const char *name_of(Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);

	return name && *name ? name : "?";
}

/* Where an inlined function was called. */
static bool fill_call_site(Dwarf_Die *unit, Dwarf_Die *call, struct source_line *out)
{
	Dwarf_Attribute attr;
	Dwarf_Word file, line, column = 0;
	Dwarf_Files *files;
	size_t count;
	const char *path;

	if (dwarf_formudata(dwarf_attr(call, DW_AT_call_file, &attr), &file) ||
		dwarf_formudata(dwarf_attr(call, DW_AT_call_line, &attr), &line) ||
		dwarf_getsrcfiles(unit, &files, &count) || file >= count || line > UINT32_MAX)
		return false;
	if (dwarf_formudata(dwarf_attr(call, DW_AT_call_column, &attr), &column) ||
		column > UINT32_MAX)
		column = 0;
	path = dwarf_filesrc(files, (size_t)file, NULL, NULL);
	if (!path)
		return false;
	*out = (struct source_line){.line = (unsigned)line, .column = (unsigned)column};
	escape_name(out->path, sizeof(out->path), path);
	return true;
}

unsigned line_table_inlines(
	struct line_table *table, uint64_t addr, struct source_frame *out, unsigned max)
{
	struct scope_search search = {.addr = addr, .budget = &table->budget};
	Dwarf_Die unit;
	unsigned n = 0;

	if (!find_unit_die(table, addr, &unit))
		return 0;
	search_scopes(&search, &unit);
	for (unsigned i = search.count; i-- > 0 && n < max; n++) {
		struct source_frame *frame = &out[n];

		*frame = (struct source_frame){.has_line = false};
		escape_name(frame->function, sizeof(frame->function), name_of(&search.found[i]));
		frame->has_line = n == 0 ? fill_line(&unit, addr, &frame->at)
		                         : fill_call_site(&unit, &search.found[i + 1], &frame->at);
	}
	return n;
}
