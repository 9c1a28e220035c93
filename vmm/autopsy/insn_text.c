/* SPDX-License-Identifier: MIT */
/*
 * insn_text.c: a decoded instruction as text, in the syntax of the GNU tools or Intel's, with names
 * for addresses.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "insn.h"
#include "insn_zydis.h"

struct naming {
	insn_name_fn *name;
	void *ctx;
	uint64_t code_base; /* linear address of offset 0 in CS */
	bool linear64;
	ZydisFormatterFunc print_address;
};

static ZyanStatus append(ZydisFormatterBuffer *buffer, const char *text)
{
	ZyanString *string;
	ZyanStringView view;

	ZYAN_CHECK(ZydisFormatterBufferAppend(buffer, ZYDIS_TOKEN_SYMBOL));
	ZYAN_CHECK(ZydisFormatterBufferGetString(buffer, &string));
	ZYAN_CHECK(ZyanStringViewInsideBuffer(&view, text));
	return ZyanStringAppend(string, &view);
}

static ZyanStatus print_address(const ZydisFormatter *formatter, ZydisFormatterBuffer *buffer,
	ZydisFormatterContext *context)
{
	struct naming *naming = context->user_data;
	char name[96], text[100];
	ZyanU64 address;

	ZYAN_CHECK(naming->print_address(formatter, buffer, context));
	if (!naming->name || !ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(context->instruction,
				     context->operand, context->runtime_address, &address)))
		return ZYAN_STATUS_SUCCESS;
	address += naming->code_base;
	if (!naming->linear64)
		address = (uint32_t)address;
	if (!naming->name(naming->ctx, address, name, sizeof(name)))
		return ZYAN_STATUS_SUCCESS;
	snprintf(text, sizeof(text), " <%s>", name);
	return append(buffer, text);
}

/* The GNU tools mark the operand of an indirect branch with a star in front. Zydis 4.0 marks only
 * one without registers, and behind the segment. */
static void mark_indirect(char *buf, size_t size)
{
	char *star = strchr(buf, '*'), *operand = buf;

	if (star)
		memmove(star, star + 1, strlen(star));
	while (isalpha((unsigned char)*operand) && strchr(operand, ' ')) /* prefixes, mnemonic */
		operand = strchr(operand, ' ') + 1;
	if (strlen(buf) + 2 > size)
		return;
	memmove(operand + 1, operand, strlen(operand) + 1);
	*operand = '*';
}

static bool is_indirect(const ZydisDecodedInstruction *in, const ZydisDecodedOperand *operand)
{
	return (in->meta.category == ZYDIS_CATEGORY_CALL ||
		       in->meta.category == ZYDIS_CATEGORY_UNCOND_BR) &&
	       (operand->type == ZYDIS_OPERAND_TYPE_MEMORY ||
		       operand->type == ZYDIS_OPERAND_TYPE_REGISTER);
}

static void init_formatter(
	ZydisFormatter *formatter, enum insn_syntax syntax, struct naming *naming)
{
	const void *hook = (const void *)print_address;

	ZydisFormatterInit(formatter,
		syntax == INSN_ATT ? ZYDIS_FORMATTER_STYLE_ATT : ZYDIS_FORMATTER_STYLE_INTEL);
	ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE);
	ZydisFormatterSetProperty(
		formatter, ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE, ZYDIS_PADDING_DISABLED);
	ZydisFormatterSetProperty(
		formatter, ZYDIS_FORMATTER_PROP_ADDR_PADDING_RELATIVE, ZYDIS_PADDING_DISABLED);
	ZydisFormatterSetProperty(
		formatter, ZYDIS_FORMATTER_PROP_DISP_PADDING, ZYDIS_PADDING_DISABLED);
	ZydisFormatterSetProperty(
		formatter, ZYDIS_FORMATTER_PROP_IMM_PADDING, ZYDIS_PADDING_DISABLED);
	ZydisFormatterSetHook(formatter, ZYDIS_FORMATTER_FUNC_PRINT_ADDRESS_ABS, &hook);
	memcpy(&naming->print_address, &hook, sizeof(hook));
}

void insn_format(const struct insn *insn, const struct cpu_state *cpu, enum insn_syntax syntax,
	insn_name_fn *name, void *ctx, char *buf, size_t size)
{
	struct naming naming = {.name = name, .ctx = ctx, .linear64 = insn->bits == 64};
	ZydisDecoder decoder;
	ZydisDecodedInstruction in;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	ZydisFormatter formatter;

	if (!naming.linear64)
		naming.code_base = cpu->seg[SEG_CS].base;
	insn_decoder_init(&decoder, insn);
	init_formatter(&formatter, syntax, &naming);
	if (!insn->mnemonic[0] ||
		!ZYAN_SUCCESS(ZydisDecoderDecodeFull(
			&decoder, insn->bytes, insn->length, &in, operands)) ||
		!ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&formatter, &in, operands,
			in.operand_count_visible, buf, size, insn->rip, &naming)))
		snprintf(buf, size, "(bad)");
	else if (syntax == INSN_ATT && in.operand_count_visible && is_indirect(&in, operands))
		mark_indirect(buf, size);
}

const char *insn_reg_name(int reg, unsigned bits)
{
	if (reg == INSN_REG_RIP)
		return bits == 32 ? "eip" : "rip";
	if (reg < 0 || reg >= GPR_COUNT)
		return "";
	return ZydisRegisterGetString(ZydisRegisterEncode(bits == 64   ? ZYDIS_REGCLASS_GPR64
							  : bits == 32 ? ZYDIS_REGCLASS_GPR32
								       : ZYDIS_REGCLASS_GPR16,
		(ZyanU8)reg));
}

const char *insn_segment_name(enum x86_segment segment)
{
	static const char *const names[SEG_COUNT] = {"es", "cs", "ss", "ds", "fs", "gs"};

	return names[segment];
}

/* Only a segment that is not the operand's usual one is worth a word. */
static bool names_segment(const struct insn_mem *mem)
{
	if (mem->kind == INSN_MEM_STACK)
		return false;
	if (mem->kind == INSN_MEM_STRING)
		return mem->segment != SEG_DS;
	if (mem->base == GPR_RSP || mem->base == GPR_RBP)
		return mem->segment != SEG_SS;
	return mem->segment != SEG_DS;
}

void insn_format_mem(const struct insn *insn, unsigned i, char *buf, size_t size)
{
	const struct insn_mem *mem = &insn->mem[i];
	char disp[24] = "", index[24] = "", segment[8] = "";

	if (names_segment(mem) && !(insn->bits == 64 && mem->segment < SEG_FS))
		snprintf(segment, sizeof(segment), "%%%s:", insn_segment_name(mem->segment));
	if (mem->disp < 0)
		snprintf(disp, sizeof(disp), "-0x%llx", -(unsigned long long)mem->disp);
	else if (mem->disp || (mem->base == INSN_NO_REG && mem->index == INSN_NO_REG))
		snprintf(disp, sizeof(disp), "0x%llx", (unsigned long long)mem->disp);
	if (mem->index != INSN_NO_REG)
		snprintf(index, sizeof(index), ",%%%s,%u",
			insn_reg_name(mem->index, insn->address_bits), mem->scale);
	if (mem->base == INSN_NO_REG && !index[0])
		snprintf(buf, size, "%s%s", segment, disp);
	else
		snprintf(buf, size, "%s%s(%s%s%s)", segment, disp,
			mem->base == INSN_NO_REG ? "" : "%",
			insn_reg_name(mem->base, insn->address_bits), index);
}
