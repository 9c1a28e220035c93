/* SPDX-License-Identifier: MIT */
/*
 * insn.c: decodes an instruction with Zydis and boils it down to struct insn. Which demands an
 * instruction makes follows the exception tables of the SDM, vol. 2, 2.4 "AVX and SSE Instruction
 * Exception Classification", and vol. 3, tables 13-1 and 2-2. Not modelled: MVEX, protection keys,
 * control-flow enforcement.
 */
#include "insn.h"

#include <string.h>

#include "insn_zydis.h"

void insn_decoder_init(ZydisDecoder *decoder, const struct insn *insn)
{
	if (insn->bits == 64)
		ZydisDecoderInit(decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	else if (insn->bits == 32)
		ZydisDecoderInit(decoder,
			insn->compat ? ZYDIS_MACHINE_MODE_LONG_COMPAT_32
				     : ZYDIS_MACHINE_MODE_LEGACY_32,
			ZYDIS_STACK_WIDTH_32);
	else if (insn->real)
		ZydisDecoderInit(decoder, ZYDIS_MACHINE_MODE_REAL_16, ZYDIS_STACK_WIDTH_16);
	else
		ZydisDecoderInit(decoder,
			insn->compat ? ZYDIS_MACHINE_MODE_LONG_COMPAT_16
				     : ZYDIS_MACHINE_MODE_LEGACY_16,
			ZYDIS_STACK_WIDTH_16);
	/* Near branches in 64-bit mode heed the operand-size prefix on AMD's CPUs only. */
	ZydisDecoderEnableMode(decoder, ZYDIS_DECODER_MODE_AMD_BRANCHES, insn->amd);
}

static enum x86_segment segment_of(ZydisRegister reg)
{
	switch (reg) {
	case ZYDIS_REGISTER_ES:
		return SEG_ES;
	case ZYDIS_REGISTER_CS:
		return SEG_CS;
	case ZYDIS_REGISTER_SS:
		return SEG_SS;
	case ZYDIS_REGISTER_FS:
		return SEG_FS;
	case ZYDIS_REGISTER_GS:
		return SEG_GS;
	default:
		return SEG_DS;
	}
}

static bool is_gpr(ZydisRegister reg)
{
	ZydisRegisterClass class = ZydisRegisterGetClass(reg);

	return class == ZYDIS_REGCLASS_GPR8 || class == ZYDIS_REGCLASS_GPR16 ||
	       class == ZYDIS_REGCLASS_GPR32 || class == ZYDIS_REGCLASS_GPR64;
}

/* Number of a general register; vector indices and absent ones are INSN_NO_REG. */
static int8_t gpr_of(ZydisRegister reg)
{
	if (ZydisRegisterGetClass(reg) == ZYDIS_REGCLASS_IP)
		return INSN_REG_RIP;
	if (!is_gpr(reg))
		return INSN_NO_REG;
	if (reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH)
		return (int8_t)(reg - ZYDIS_REGISTER_AH);
	return (int8_t)ZydisRegisterGetId(
		ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg));
}

/* Hints and no-ops name memory without touching it. */
static bool touches_memory(const ZydisDecodedInstruction *in, const ZydisDecodedOperand *operand)
{
	if (operand->mem.type != ZYDIS_MEMOP_TYPE_MEM && operand->mem.type != ZYDIS_MEMOP_TYPE_VSIB)
		return false;
	if (in->mnemonic == ZYDIS_MNEMONIC_INVLPG)
		return false;
	switch (in->meta.category) {
	case ZYDIS_CATEGORY_NOP:
	case ZYDIS_CATEGORY_WIDENOP:
	case ZYDIS_CATEGORY_PREFETCH:
	case ZYDIS_CATEGORY_PREFETCHWT1:
	case ZYDIS_CATEGORY_CLDEMOTE:
		return false;
	default:
		return operand->actions != 0;
	}
}

static enum insn_mem_kind mem_kind_of(
	const ZydisDecodedInstruction *in, const ZydisDecodedOperand *operand)
{
	if (in->meta.category == ZYDIS_CATEGORY_STRINGOP ||
		in->meta.category == ZYDIS_CATEGORY_IOSTRINGOP)
		return INSN_MEM_STRING;
	if (operand->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN &&
		(gpr_of(operand->mem.base) == GPR_RSP || in->mnemonic == ZYDIS_MNEMONIC_LEAVE))
		return INSN_MEM_STACK;
	return INSN_MEM_DATA;
}

/* Masked and gathering accesses may leave memory alone; the repeated and compared ones of the base
 * set may not. */
static bool is_conditional(const ZydisDecodedInstruction *in, const ZydisDecodedOperand *operand)
{
	if (operand->mem.type == ZYDIS_MEMOP_TYPE_VSIB ||
		in->avx.mask.mode > ZYDIS_MASK_MODE_DISABLED)
		return true;
	return in->mnemonic == ZYDIS_MNEMONIC_ARPL || in->mnemonic == ZYDIS_MNEMONIC_MASKMOVDQU ||
	       in->mnemonic == ZYDIS_MNEMONIC_MASKMOVQ ||
	       in->mnemonic == ZYDIS_MNEMONIC_VMASKMOVDQU ||
	       in->mnemonic == ZYDIS_MNEMONIC_VMASKMOVPS ||
	       in->mnemonic == ZYDIS_MNEMONIC_VMASKMOVPD ||
	       in->mnemonic == ZYDIS_MNEMONIC_VPMASKMOVD ||
	       in->mnemonic == ZYDIS_MNEMONIC_VPMASKMOVQ;
}

static void add_mem(
	struct insn *out, const ZydisDecodedInstruction *in, const ZydisDecodedOperand *operand)
{
	struct insn_mem *mem;

	if (!touches_memory(in, operand))
		return;
	if (out->mem_count == INSN_MEM_MAX) {
		out->flags |= INSN_MORE_MEMORY;
		return;
	}
	mem = &out->mem[out->mem_count++];
	*mem = (struct insn_mem){
		.kind = mem_kind_of(in, operand),
		.segment = segment_of(operand->mem.segment),
		.base = gpr_of(operand->mem.base),
		.index = gpr_of(operand->mem.index),
		.scale = operand->mem.scale,
		.disp = operand->mem.disp.has_displacement ? operand->mem.disp.value : 0,
		.size = operand->size / 8u,
		.read = operand->actions & ZYDIS_OPERAND_ACTION_MASK_READ,
		.write = operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE,
		.conditional = is_conditional(in, operand),
	};
	if (in->meta.isa_ext == ZYDIS_ISA_EXT_CLFSH ||
		in->meta.isa_ext == ZYDIS_ISA_EXT_CLFLUSHOPT ||
		in->meta.isa_ext == ZYDIS_ISA_EXT_CLWB)
		mem->size = 1; /* the line around that byte, wherever it starts */
	mem->align = insn_alignment_of(in, out->op, mem->size);
	if (in->mnemonic == ZYDIS_MNEMONIC_XLAT) {
		mem->index = GPR_RAX;
		mem->scale = 1;
	}
}

static void add_register(struct insn *out, const ZydisDecodedOperand *operand)
{
	ZydisRegister reg = operand->reg.value;
	bool write = operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE;

	if (operand->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN)
		return;
	switch (ZydisRegisterGetClass(reg)) {
	case ZYDIS_REGCLASS_CONTROL:
		out->op = write ? INSN_WRITE_CR : INSN_READ_CR;
		out->system_reg = (uint8_t)(reg - ZYDIS_REGISTER_CR0);
		break;
	case ZYDIS_REGCLASS_DEBUG:
		out->op = write ? INSN_WRITE_DR : INSN_READ_DR;
		out->system_reg = (uint8_t)(reg - ZYDIS_REGISTER_DR0);
		break;
	case ZYDIS_REGCLASS_SEGMENT:
		if (write && (out->op == INSN_OTHER || out->op == INSN_LOAD_SEGMENT)) {
			out->op = INSN_LOAD_SEGMENT;
			out->system_reg = (uint8_t)segment_of(reg);
		}
		break;
	default:
		if (out->has_gpr || !is_gpr(reg))
			break;
		out->has_gpr = true;
		out->gpr = (uint8_t)gpr_of(reg);
		out->gpr_bytes = (uint8_t)(operand->size / 8);
		out->gpr_high = reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH;
		break;
	}
}

static void add_immediate(
	struct insn *out, const ZydisDecodedInstruction *in, const ZydisDecodedOperand *operand)
{
	if (operand->imm.is_relative) {
		ZyanU64 target;

		if (!ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(in, operand, out->rip, &target)))
			return;
		out->target = target;
		out->flags |= INSN_TARGET;
	} else if (!out->has_imm) {
		out->has_imm = true;
		out->imm = operand->imm.value.u;
	}
}

static void add_operands(
	struct insn *out, const ZydisDecodedInstruction *in, const ZydisDecodedOperand *operands)
{
	for (unsigned i = 0; i < in->operand_count; i++) {
		const ZydisDecodedOperand *operand = &operands[i];

		if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY) {
			add_mem(out, in, operand);
		} else if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER) {
			add_register(out, operand);
		} else if (operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
			add_immediate(out, in, operand);
		} else if (operand->type == ZYDIS_OPERAND_TYPE_POINTER) {
			out->far_selector = operand->ptr.segment;
			out->target = operand->ptr.offset;
			out->flags |= INSN_TARGET;
		}
	}
}

static bool is_indirect_branch(const struct insn *insn)
{
	return (insn->op == INSN_CALL || insn->op == INSN_JUMP || insn->op == INSN_RET ||
		       insn->op == INSN_CALL_FAR || insn->op == INSN_JUMP_FAR ||
		       insn->op == INSN_RET_FAR || insn->op == INSN_IRET) &&
	       !(insn->flags & INSN_TARGET);
}

/* The operand that is read for a target: the pointer of call and jmp, the stack of ret. */
static void find_target(struct insn *out)
{
	out->target_mem = -1;
	if (!is_indirect_branch(out))
		return;
	for (unsigned i = 0; i < out->mem_count && out->target_mem < 0; i++)
		if (out->mem[i].read)
			out->target_mem = (int8_t)i;
}

/*
 * What the decoder's operands leave out: descriptors, frames of inner levels, the
 * state-component-dependent size of XSAVE areas. The size of an IRET frame is that of the shortest
 * form: three slots, five in 64-bit mode.
 */
static void fix_memory(struct insn *out, const ZydisDecodedInstruction *in)
{
	bool narrow = out->amd && out->bits == 64 &&
	              (in->attributes & ZYDIS_ATTRIB_HAS_OPERANDSIZE) && !in->raw.rex.W;

	/* The decoder knows this of call and jmp only. */
	if (out->op == INSN_RET && narrow && out->mem_count) {
		out->operand_bits = 16;
		out->mem[0].size = 2;
	}
	switch (out->op) {
	case INSN_IRET:
		if (out->mem_count)
			out->mem[0].size = (out->bits == 64 ? 5u : 3u) * (out->operand_bits / 8u);
		out->flags |= INSN_MORE_MEMORY;
		break;
	case INSN_XSAVE:
	case INSN_INT:
	case INSN_INT1:
	case INSN_INT3:
	case INSN_INTO:
	case INSN_ENTER:
	case INSN_CALL_FAR:
	case INSN_JUMP_FAR:
	case INSN_RET_FAR:
	case INSN_LTR:
	case INSN_LLDT:
	case INSN_LOAD_SEGMENT:
	case INSN_VIRTUAL:
		out->flags |= INSN_MORE_MEMORY;
		break;
	default:
		break;
	}
}

static enum insn_status status_of(ZyanStatus status)
{
	switch (status) {
	case ZYDIS_STATUS_NO_MORE_DATA:
		return INSN_TRUNCATED;
	case ZYDIS_STATUS_INSTRUCTION_TOO_LONG:
		return INSN_TOO_LONG;
	case ZYDIS_STATUS_ILLEGAL_LOCK:
		return INSN_BAD_LOCK;
	default:
		return INSN_INVALID;
	}
}

enum insn_status insn_decode(
	const struct cpu_state *cpu, uint64_t rip, const void *bytes, size_t n, struct insn *out)
{
	ZydisDecoder decoder;
	ZydisDecodedInstruction in;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	ZyanStatus status;

	*out = (struct insn){.rip = rip, .bits = (uint8_t)cpu_code_bits(cpu), .target_mem = -1};
	out->real = !(cpu->cr0 & CR0_PE) || (cpu->rflags & RFLAGS_VM);
	out->compat = cpu_long_mode(cpu);
	out->amd = cpu->facts.amd;
	out->length = (uint8_t)(n < INSN_BYTES_MAX ? n : INSN_BYTES_MAX);
	memcpy(out->bytes, bytes, out->length);
	insn_decoder_init(&decoder, out);
	status = ZydisDecoderDecodeFull(&decoder, out->bytes, out->length, &in, operands);
	if (!ZYAN_SUCCESS(status)) {
		if (status == ZYDIS_STATUS_NO_MORE_DATA && out->length == INSN_BYTES_MAX)
			return INSN_TOO_LONG;
		return status_of(status);
	}
	out->length = in.length;
	memset(out->bytes + in.length, 0, sizeof(out->bytes) - in.length);
	out->operand_bits = in.operand_width;
	out->address_bits = in.address_width;
	strncpy(out->mnemonic, ZydisMnemonicGetString(in.mnemonic), sizeof(out->mnemonic) - 1);
	out->op = insn_op_of(&in);
	out->flags = insn_flags_of(&in, operands, out->op);
	out->feature = insn_feature_of(&in);
	add_operands(out, &in, operands);
	find_target(out);
	fix_memory(out, &in);
	return INSN_OK;
}
