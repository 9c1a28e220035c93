/* SPDX-License-Identifier: MIT */
/*
 * fuzz_symbols.c: any bytes as an ELF file, asked for everything the autopsy asks: at addresses
 * that its own segments hold, and at others.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "autopsy/cfi.h"
#include "autopsy/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_word(const void *ctx, uint64_t offset, uint64_t *value)
{
	const unsigned *word = ctx;

	*value = offset * 0x0123456789abcdef + *word;
	return offset & 64;
}

static void unwind(struct symbols *set, uint64_t address, unsigned word)
{
	struct cfi_frame frame = {.word = word, .known = 0xffff, .rip = address, .exact = true};

	for (unsigned i = 0; i < CFI_REGS_MAX; i++)
		frame.reg[i] = address + i;
	cfi_unwind(set, address, read_word, &word, &frame);
}

static void ask(struct symbols *set, uint64_t address)
{
	struct symbol symbol;
	struct symbol_segment segment;
	struct source_line line;
	struct source_frame frames[4];
	uint8_t buf[32];
	char text[64];

	symbols_find_address(set, address, &symbol);
	symbols_find_line(set, address, &line);
	symbols_find_inlines(set, address, frames, 4);
	symbols_find_segment(set, address, &segment);
	symbols_read(set, address, buf, sizeof(buf));
	symbols_format(set, address, text, sizeof(text));
	unwind(set, address, 4);
	unwind(set, address, 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t addresses[] = {
		0, 0x1000, 0x401000, 0x401010, 0xffffffff80100000, UINT64_MAX};
	struct symbols *set = symbols_create();
	char error[80];
	struct symbol main_symbol;

	if (set && symbols_add_memory(
			   set, "fuzz", data, size, 0, 0, UINT64_MAX, error, sizeof(error))) {
		for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
			ask(set, addresses[i]);
		if (symbols_find_name(set, "main", &main_symbol))
			ask(set, main_symbol.address);
	}
	symbols_destroy(set);
	return 0;
}
