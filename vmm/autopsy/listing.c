/* SPDX-License-Identifier: MIT */
/*
 * listing.c: disassembling a few instructions before and after RIP.
 */
#include "listing.h"

#include <stdio.h>
#include <string.h>

#include "linear.h"

#define FUNCTION_MAX                                                                \
	32768 /* bytes before RIP that are decoded to find where instructions begin \
	       */

struct lister {
	const struct phys_mem *mem;
	const struct cpu_state *cpu;
	struct symbols *symbols;
};

static bool name_address(void *ctx, uint64_t linear, char *buf, size_t size)
{
	return symbols_format(ctx, linear, buf, size);
}

/* Linear address of CS:rip, as cpu_code_address() counts it. */
static uint64_t code_address(const struct cpu_state *cpu, uint64_t rip)
{
	struct cpu_state there = *cpu;

	there.rip = rip;
	return cpu_code_address(&there);
}

static size_t read_code(const struct lister *lister, uint64_t linear, uint8_t *bytes)
{
	size_t n = INSN_BYTES_MAX;

	while (n && linear_read(lister->mem, lister->cpu, linear, bytes, n, linear_system_read)
				    .status != LINEAR_OK)
		n--;
	return n;
}

/* False when no byte can be read there. What is no instruction is one byte of data. */
static bool list_one(const struct lister *lister, uint64_t rip, struct listing_line *line)
{
	struct insn insn;
	size_t n;

	*line = (struct listing_line){.address = code_address(lister->cpu, rip), .rip = rip};
	line->current = rip == lister->cpu->rip;
	n = read_code(lister, line->address, line->bytes);
	if (n == 0)
		return false;
	line->length = 1;
	if (insn_decode(lister->cpu, rip, line->bytes, n, &insn) != INSN_OK) {
		snprintf(line->text, sizeof(line->text), "(bad)");
		return true;
	}
	line->length = insn.length;
	if (line->current)
		insn_resolve(&insn, lister->cpu); /* registers are of here only */
	insn_format(&insn, lister->cpu, INSN_ATT, name_address, lister->symbols, line->text,
		sizeof(line->text));
	return true;
}

/* Keeps the last LISTING_BEFORE instructions before RIP; none when decoding misses RIP. */
static void list_before(const struct lister *lister, uint64_t start, struct listing *listing)
{
	uint64_t at = start;

	while (at < lister->cpu->rip) {
		struct listing_line line;

		if (!list_one(lister, at, &line)) {
			listing->count = 0;
			return;
		}
		if (listing->count == LISTING_BEFORE) {
			memmove(listing->line, listing->line + 1,
				(LISTING_BEFORE - 1) * sizeof(line));
			listing->count--;
		}
		listing->line[listing->count++] = line;
		at += line.length;
	}
	if (at != lister->cpu->rip)
		listing->count = 0;
}

/* Zeros behind the code say nothing, and are decoded as instructions all the same. */
static bool is_filler(const struct listing_line *line)
{
	return line->length == 2 && line->bytes[0] == 0 && line->bytes[1] == 0;
}

static bool begins_function(struct symbols *symbols, const struct listing_line *line)
{
	struct symbol symbol;

	return symbols_find_address(symbols, line->address, &symbol) &&
	       symbol.kind == SYMBOL_FUNCTION && symbol.offset == 0;
}

void listing_make(const struct phys_mem *mem, const struct cpu_state *cpu, struct symbols *symbols,
	struct listing *listing)
{
	const struct lister lister = {mem, cpu, symbols};
	uint64_t at = cpu->rip;
	struct symbol symbol;
	bool named = symbols_find_address(symbols, cpu_code_address(cpu), &symbol);

	listing->count = 0;
	if (named && symbol.kind == SYMBOL_FUNCTION && symbol.offset <= FUNCTION_MAX &&
		symbol.offset <= cpu->rip)
		list_before(&lister, cpu->rip - symbol.offset, listing);
	for (unsigned i = 0; i <= LISTING_AFTER; i++) {
		struct listing_line *line = &listing->line[listing->count];

		if (!list_one(&lister, at, line) ||
			(i > 0 && (is_filler(line) || (named && begins_function(symbols, line)))))
			return;
		listing->count++;
		at += line->length;
	}
}
