/* SPDX-License-Identifier: MIT */
/*
 * write_text.c: describing a write. The monitor often knows only the instruction behind the one
 * that wrote; that one is found by decoding the function from its start, or, without a symbol, by
 * trying the lengths that an instruction can have and asking which candidate writes to this very
 * address.
 */
#include "write_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backtrace.h"
#include "insn.h"
#include "linear.h"
#include "symbols_default.h"
#include "text.h"

#define CALLERS_MAX  6
#define FUNCTION_MAX 65536 /* bytes of a function that are decoded to find one instruction */

struct write_names {
	struct symbols *symbols;
};

struct write_names *write_names_open(const char *image, const char *symbols)
{
	struct write_names *names = calloc(1, sizeof(*names));

	if (!names)
		return NULL;
	names->symbols = symbols_create();
	if (!names->symbols) {
		free(names);
		return NULL;
	}
	symbols_add_default(names->symbols, image, symbols);
	return names;
}

void write_names_close(struct write_names *names)
{
	if (!names)
		return;
	symbols_destroy(names->symbols);
	free(names);
}

bool write_names_find(
	struct write_names *names, const char *name, uint64_t *address, uint64_t *size)
{
	struct symbol symbol;

	if (!symbols_find_name(names->symbols, name, &symbol))
		return false;
	*address = symbol.address;
	*size = symbol.size;
	return true;
}

/* Decodes the instruction at a RIP of the record's address space. */
static bool decode_at(const struct write_record *record, const struct phys_mem *mem, uint64_t rip,
	struct insn *insn)
{
	static const struct walk_access read = {.implicit_supervisor = true};
	struct cpu_state cpu = record->cpu;
	uint8_t bytes[INSN_BYTES_MAX];
	size_t n = sizeof(bytes);

	cpu.rip = rip;
	while (n &&
		linear_read(mem, &cpu, cpu_code_address(&cpu), bytes, n, read).status != LINEAR_OK)
		n--;
	if (!n || insn_decode(&cpu, rip, bytes, n, insn) != INSN_OK)
		return false;
	insn_resolve(insn, &cpu);
	return true;
}

/* Whether the instruction writes to the record's address with the registers as they are now. */
static bool writes_there(const struct insn *insn, const struct write_record *record)
{
	for (unsigned i = 0; i < insn->mem_count; i++)
		if (insn->mem[i].write && insn->mem[i].resolved &&
			insn->mem[i].linear == record->linear)
			return true;
	return false;
}

/* Is that where the write went? Without its linear address the place within the page must do. */
static bool is_there(uint64_t linear, const struct write_record *record)
{
	return record->linear ? linear == record->linear : !((linear ^ record->gpa) & 0xfff);
}

/* A repeated store stands at itself while it goes on; its pointer has moved on by one item. */
static bool is_repeated_store(const struct write_record *record, const struct phys_mem *mem)
{
	uint64_t moved = record->cpu.rflags & RFLAGS_DF ? -(uint64_t)record->size : record->size;
	struct insn insn;

	if (!decode_at(record, mem, record->rip, &insn) || !(insn.flags & INSN_REPEAT))
		return false;
	for (unsigned i = 0; i < insn.mem_count; i++)
		if (insn.mem[i].write && is_there(insn.mem[i].linear - moved, record))
			return true;
	return false;
}

static bool find_in_function(struct symbols *symbols, const struct write_record *record,
	const struct phys_mem *mem, uint64_t *rip)
{
	struct symbol symbol;
	struct insn insn;
	uint64_t at;

	if (!symbols_find_address(symbols, record->rip - 1, &symbol) ||
		symbol.kind == SYMBOL_OBJECT || record->rip - symbol.address > FUNCTION_MAX)
		return false;
	for (at = symbol.address; at < record->rip; at += insn.length) {
		if (!decode_at(record, mem, at, &insn))
			return false;
		*rip = at;
	}
	if (at != record->rip)
		return false;
	for (unsigned i = 0; i < insn.mem_count; i++)
		if (insn.mem[i].write)
			return true;
	return insn.flags & INSN_MORE_MEMORY;
}

static bool find_by_operand(
	const struct write_record *record, const struct phys_mem *mem, uint64_t *rip)
{
	unsigned found = 0;

	for (unsigned length = 1; record->linear && length <= INSN_BYTES_MAX; length++) {
		struct insn insn;

		if (!decode_at(record, mem, record->rip - length, &insn) || insn.length != length ||
			!writes_there(&insn, record))
			continue;
		*rip = record->rip - length;
		found++;
	}
	return found == 1;
}

bool write_find_insn(struct symbols *symbols, const struct write_record *record,
	const struct phys_mem *mem, uint64_t *rip)
{
	*rip = record->rip;
	return !record->rip_after || is_repeated_store(record, mem) ||
	       find_in_function(symbols, record, mem, rip) || find_by_operand(record, mem, rip);
}

static void add_place(struct text *text, struct write_names *names, uint64_t rip)
{
	struct source_line line;
	char name[SYMBOL_NAME_MAX + 32];

	text_add(text, "%016" PRIx64, rip);
	if (symbols_format(names->symbols, rip, name, sizeof(name)))
		text_add(text, " %s", name);
	if (symbols_find_line(names->symbols, rip, &line))
		text_add(text, " (%s:%u)", line.path, line.line);
}

static void add_value(
	struct text *text, const struct write_record *record, struct write_names *names)
{
	char name[SYMBOL_NAME_MAX + 32];
	uint64_t where = record->linear ? record->linear : record->gpa;

	text_add(text, "write to 0x%" PRIx64, where);
	if (record->linear && symbols_format(names->symbols, where, name, sizeof(name)))
		text_add(text, " %s", name);
	text_add(text, ", %" PRIu32 " bytes: ", record->size);
	if (record->old_unknown)
		text_add(text, "now 0x%" PRIx64, record->new_value);
	else
		text_add(text, "0x%" PRIx64 " -> 0x%" PRIx64, record->old_value, record->new_value);
}

/* The callers, as far as they are more than a guess. */
static void add_callers(struct text *text, struct write_names *names,
	const struct write_record *record, const struct phys_mem *mem, uint64_t rip)
{
	struct cpu_state cpu = record->cpu;
	struct backtrace trace;

	cpu.rip = rip;
	backtrace_make(mem, &cpu, names->symbols, &trace);
	for (unsigned i = 1; i < trace.count && i <= CALLERS_MAX && !trace.frame[i].guess; i++) {
		text_add(text, "\n  called from ");
		add_place(text, names, backtrace_lookup_address(&cpu, &trace.frame[i]));
	}
}

char *write_names_text(
	struct write_names *names, const struct write_record *record, const struct phys_mem *mem)
{
	struct text text;
	struct insn insn;
	uint64_t rip;
	bool sure = write_find_insn(names->symbols, record, mem, &rip);

	text_init(&text, false);
	add_value(&text, record, names);
	text_add(&text, "\n  by %s", sure ? "" : "the instruction before ");
	add_place(&text, names, rip);
	if (sure && decode_at(record, mem, rip, &insn)) {
		char code[INSN_TEXT_MAX];

		insn_format(&insn, &record->cpu, INSN_ATT, NULL, NULL, code, sizeof(code));
		text_add(&text, ": %s", code);
	}
	add_callers(&text, names, record, mem, rip);
	text_add(&text, "\n  CR3 0x%" PRIx64 "\n", record->cpu.cr3);
	return text_take(&text);
}
