/* SPDX-License-Identifier: MIT */
/*
 * elf_reach.c: sizes from the neighbours.
 */
#include "elf_reach.h"

#include <string.h>

#include "autopsy/insn_zydis.h"

/* "name.label" is a place in "name": NASM's way to write local labels. */
static bool is_place_in(const struct elf_sym *place, const struct elf_sym *sym)
{
	size_t n = strlen(sym->name);

	return !place->sized && !strncmp(place->name, sym->name, n) && place->name[n] == '.';
}

/* GNU as fills 32-bit code with lea %esi, %esi of several lengths, too. */
static bool does_nothing(const ZydisDecodedInstruction *in, const ZydisDecodedOperand *operands)
{
	if (in->mnemonic == ZYDIS_MNEMONIC_NOP)
		return true;
	return in->mnemonic == ZYDIS_MNEMONIC_LEA && !operands[1].mem.disp.value &&
	       operands[1].mem.index == ZYDIS_REGISTER_NONE &&
	       operands[1].mem.base == operands[0].reg.value;
}

static bool goes_elsewhere(const ZydisDecodedInstruction *in)
{
	return in->meta.category == ZYDIS_CATEGORY_RET ||
	       in->meta.category == ZYDIS_CATEGORY_UNCOND_BR ||
	       in->meta.category == ZYDIS_CATEGORY_SYSRET || in->mnemonic == ZYDIS_MNEMONIC_UD2;
}

/* Up to the last instruction that does something. */
static void trim(struct elf_sym *sym, const ZydisDecoder *decoder)
{
	uint64_t at = 0;

	sym->falls = true;
	while (at < sym->slot) {
		ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
		ZydisDecodedInstruction in;
		bool ok = ZYAN_SUCCESS(ZydisDecoderDecodeFull(
			decoder, sym->bytes + at, sym->slot - at, &in, operands));

		at += ok ? in.length : 1;
		if (ok && does_nothing(&in, operands))
			continue;
		sym->size = at;
		sym->falls = !ok || !goes_elsewhere(&in);
	}
}

/* Takes the slots of the places in it. Returns the number of the symbol after those. */
static uint32_t take_places(struct elf_syms *syms, uint32_t i)
{
	struct elf_sym *sym = &syms->at[i];
	uint32_t next = i + 1;

	while (next < syms->count &&
		(syms->at[next].address == sym->address || is_place_in(&syms->at[next], sym))) {
		if (syms->at[next].address == sym->address + sym->slot)
			sym->slot += syms->at[next].slot;
		next++;
	}
	return next;
}

void elf_syms_reach(struct elf_syms *syms, unsigned bits)
{
	struct insn mode = {.bits = (uint8_t)bits};
	ZydisDecoder decoder;
	uint64_t end = 0; /* of what has an extent */
	uint32_t next;

	insn_decoder_init(&decoder, &mode);
	for (uint32_t i = 0; i < syms->count; i = next) {
		struct elf_sym *sym = &syms->at[i];

		next = i + 1;
		if (!sym->sized && sym->code && sym->bytes && sym->slot && sym->address >= end) {
			next = take_places(syms, i);
			trim(sym, &decoder);
			sym->sized = sym->guessed = sym->size != 0;
			end = sym->address + sym->slot;
		} else if (sym->sized && sym->address + sym->size > end) {
			end = sym->address + sym->size;
		}
	}
}
