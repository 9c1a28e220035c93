/* SPDX-License-Identifier: MIT */
/*
 * relocate.c: finds the addresses in instructions and words, and rewrites them.
 */
#include "relocate.h"

#include <string.h>

#include "autopsy/insn_zydis.h"

/* A field of an instruction. */
struct field {
	uint64_t at;    /* offset in the code */
	unsigned size;  /* bytes */
	uint64_t value; /* the address it holds */
	uint64_t base;  /* what a relative one is added to, in the old program; else 0 */
	bool relative;
	bool sign_extended; /* 4 bytes that stand for 8 */
};

static bool is_inside(const struct relocation *relocation, uint64_t address)
{
	return address - relocation->old < relocation->size;
}

static bool leave_open(struct relocate_open *open, const struct field *field, uint64_t old)
{
	if (open->count == RELOCATE_OPEN_MAX)
		return false;
	open->field[open->count].offset = (uint32_t)field->at;
	open->field[open->count].size = field->size;
	open->field[open->count].relative = field->relative;
	open->field[open->count].end = (uint32_t)(field->base - old);
	open->field[open->count++].value = field->value;
	return true;
}

/* Whether so many bytes can hold the value. */
static bool fits(const struct field *field, uint64_t value)
{
	if (field->size == 8)
		return true;
	if (field->size == 1 && field->relative)
		return (int64_t)value == (int8_t)value;
	if (field->size != 4)
		return false;
	if (field->relative || field->sign_extended)
		return (int64_t)value == (int32_t)value;
	return value == (uint32_t)value;
}

static bool rewrite(const struct relocation *relocation, const struct field *field, uint8_t *to,
	struct relocate_open *open)
{
	uint64_t shift = relocation->now - relocation->old, target, value;

	if (is_inside(relocation, field->value)) {
		if (field->relative)
			return true;
		target = field->value + shift;
	} else if (!relocation->map(relocation->ctx, field->value, &target)) {
		return leave_open(open, field, relocation->old);
	}
	value = field->relative ? target - (field->base + shift) : target;
	if (!fits(field, value))
		return leave_open(open, field, relocation->old);
	memcpy(to + field->at, &value, field->size);
	return true;
}

static uint64_t extend(uint64_t value, unsigned size)
{
	return size == 4 ? (uint64_t)(int32_t)value : value;
}

/* An absolute field of 4 or 8 bytes that may be an address. */
static bool rewrite_absolute(const struct relocation *relocation, struct field *field,
	uint64_t value, bool long_mode, uint8_t *to, struct relocate_open *open)
{
	field->value = extend(value, field->size);
	field->sign_extended = long_mode && field->size == 4;
	if (!long_mode || !relocation->is_address(relocation->ctx, field->value)) {
		field->value = field->size == 4 ? (uint32_t)value : value;
		field->sign_extended = false;
	}
	if (!relocation->is_address(relocation->ctx, field->value))
		return true;
	return rewrite(relocation, field, to, open);
}

static bool rewrite_displacement(const struct relocation *relocation,
	const ZydisDecodedInstruction *in, uint64_t at, uint8_t *to, struct relocate_open *open)
{
	bool long_mode = in->machine_mode == ZYDIS_MACHINE_MODE_LONG_64;
	struct field field = {.at = at + in->raw.disp.offset, .size = in->raw.disp.size / 8};

	if (field.size < 4)
		return true;
	/* SDM vol. 2, table 2-7 "RIP-Relative Addressing". */
	if (long_mode && in->attributes & ZYDIS_ATTRIB_HAS_MODRM && in->raw.modrm.mod == 0 &&
		in->raw.modrm.rm == 5) {
		field.relative = true;
		field.base = relocation->old + at + in->length;
		field.value = field.base + (uint64_t)in->raw.disp.value;
		return rewrite(relocation, &field, to, open);
	}
	return rewrite_absolute(
		relocation, &field, (uint64_t)in->raw.disp.value, long_mode, to, open);
}

static bool rewrite_immediate(const struct relocation *relocation,
	const ZydisDecodedInstruction *in, unsigned i, uint64_t at, uint8_t *to,
	struct relocate_open *open)
{
	bool long_mode = in->machine_mode == ZYDIS_MACHINE_MODE_LONG_64;
	struct field field = {.at = at + in->raw.imm[i].offset, .size = in->raw.imm[i].size / 8};

	if (in->raw.imm[i].is_relative) {
		field.relative = true;
		field.base = relocation->old + at + in->length;
		field.value = field.base + (uint64_t)in->raw.imm[i].value.s;
		if (!long_mode)
			field.value = (uint32_t)field.value;
		return rewrite(relocation, &field, to, open);
	}
	if (field.size < 4)
		return true;
	return rewrite_absolute(relocation, &field, in->raw.imm[i].value.u, long_mode, to, open);
}

static bool rewrite_insn(const struct relocation *relocation, const ZydisDecodedInstruction *in,
	uint64_t at, uint8_t *to, struct relocate_open *open)
{
	if (in->raw.disp.size && !rewrite_displacement(relocation, in, at, to, open))
		return false;
	for (unsigned i = 0; i < 2; i++)
		if (in->raw.imm[i].size && !rewrite_immediate(relocation, in, i, at, to, open))
			return false;
	return true;
}

bool relocate_code(const struct relocation *relocation, uint8_t *to, struct relocate_open *open)
{
	bool is64 = relocation->cpu->efer != 0;
	struct insn mode = {.bits = is64 ? 64 : 32, .compat = false};
	ZydisDecoder decoder;
	uint64_t at = 0;

	insn_decoder_init(&decoder, &mode);
	memcpy(to, relocation->from, relocation->size);
	open->count = 0;
	while (at < relocation->size) {
		ZydisDecodedInstruction in;

		if (ZYAN_FAILED(ZydisDecoderDecodeInstruction(
			    &decoder, NULL, relocation->from + at, relocation->size - at, &in))) {
			at++;
			continue;
		}
		if (!rewrite_insn(relocation, &in, at, to, open))
			return false;
		at += in.length;
	}
	return true;
}

bool relocate_data(
	const struct relocation *relocation, unsigned word, uint8_t *to, struct relocate_open *open)
{
	uint64_t at = (word - relocation->old % word) % word;

	memcpy(to, relocation->from, relocation->size);
	open->count = 0;
	for (; at + word <= relocation->size; at += word) {
		struct field field = {.at = at, .size = word};

		memcpy(&field.value, relocation->from + at, word);
		if (relocation->is_address(relocation->ctx, field.value) &&
			!rewrite(relocation, &field, to, open))
			return false;
	}
	return true;
}
