/* SPDX-License-Identifier: MIT */
/*
 * insn_address.c: effective and linear addresses of a decoded instruction's operands: SDM vol.
 * 1, 3.7.5 "Specifying an Offset" and 6.2 "Stacks", vol. 3, 3.4 "Logical and Linear Addresses". And
 * the CPUID features that instructions need.
 */
#include "insn.h"

#include <string.h>

static uint64_t mask_bits(uint64_t value, unsigned bits)
{
	return bits >= 64 ? value : value & ((1ull << bits) - 1);
}

/* The size of the stack pointer: SDM vol. 1, 6.2.3 "Address-Size Attributes for Stack Accesses". */
static unsigned stack_bits(const struct insn *insn, const struct cpu_state *cpu)
{
	if (insn->bits == 64)
		return 64;
	return cpu->seg[SEG_SS].db ? 32 : 16;
}

static uint64_t to_linear(const struct insn *insn, const struct cpu_state *cpu,
	enum x86_segment segment, uint64_t offset)
{
	if (insn->bits != 64)
		return (uint32_t)(cpu->seg[segment].base + offset);
	if (segment == SEG_FS || segment == SEG_GS)
		return cpu->seg[segment].base + offset;
	return offset;
}

static uint64_t register_value(const struct insn *insn, const struct cpu_state *cpu, int reg)
{
	if (reg == INSN_REG_RIP)
		return insn->rip + insn->length;
	return reg >= 0 && reg < GPR_COUNT ? cpu->gpr[reg] : 0;
}

static bool is_bit_test(const struct insn *insn)
{
	return !strcmp(insn->mnemonic, "bt") || !strcmp(insn->mnemonic, "bts") ||
	       !strcmp(insn->mnemonic, "btr") || !strcmp(insn->mnemonic, "btc");
}

/* bt with a register as bit offset reaches beyond the operand: SDM vol. 2, "BT—Bit Test". */
static uint64_t bit_test_step(const struct insn *insn, const struct cpu_state *cpu)
{
	unsigned bits = insn->gpr_bytes * 8u;
	int64_t offset = (int64_t)insn_gpr_value(insn, cpu);

	if (!insn->has_gpr || insn->has_imm || !bits)
		return 0;
	if (bits < 64)
		offset = (int64_t)((uint64_t)offset << (64 - bits)) >> (64 - bits);
	return (uint64_t)(offset >> (bits == 64 ? 6 : bits == 32 ? 5 : 4)) * (bits / 8);
}

static bool is_pop(const struct insn *insn)
{
	return !strcmp(insn->mnemonic, "pop");
}

static uint64_t data_offset(
	const struct insn *insn, const struct cpu_state *cpu, const struct insn_mem *mem)
{
	uint64_t offset = register_value(insn, cpu, mem->base) + (uint64_t)mem->disp;
	uint64_t index = register_value(insn, cpu, mem->index);

	if (!strcmp(insn->mnemonic, "xlat"))
		index &= 0xff;
	offset += index * mem->scale;
	if (is_bit_test(insn))
		offset += bit_test_step(insn, cpu);
	/* pop to memory through the stack pointer uses its value after the pop: SDM vol. 2, "POP".
	 */
	if (is_pop(insn) && mem->base == GPR_RSP)
		offset += insn->operand_bits / 8u;
	return mask_bits(offset, insn->address_bits);
}

static uint64_t stack_offset(
	const struct insn *insn, const struct cpu_state *cpu, const struct insn_mem *mem)
{
	uint64_t pointer = register_value(insn, cpu, mem->base);

	if (mem->write)
		pointer -= mem->size;
	return mask_bits(pointer, stack_bits(insn, cpu));
}

static bool count_is_zero(const struct insn *insn, const struct cpu_state *cpu)
{
	return (insn->flags & INSN_REPEAT) && !mask_bits(cpu->gpr[GPR_RCX], insn->address_bits);
}

static void resolve_mem(struct insn *insn, const struct cpu_state *cpu, struct insn_mem *mem)
{
	mem->offset = mem->kind == INSN_MEM_STACK ? stack_offset(insn, cpu, mem)
	                                          : data_offset(insn, cpu, mem);
	mem->linear = to_linear(insn, cpu, mem->segment, mem->offset);
	mem->inactive = mem->kind == INSN_MEM_STRING && count_is_zero(insn, cpu);
	mem->resolved = true;
}

void insn_resolve(struct insn *insn, const struct cpu_state *cpu)
{
	for (unsigned i = 0; i < insn->mem_count; i++)
		resolve_mem(insn, cpu, &insn->mem[i]);
	if ((insn->op == INSN_CALL || insn->op == INSN_JUMP) && insn->target_mem < 0 &&
		insn->has_gpr && !(insn->flags & INSN_TARGET)) {
		insn->target = insn_gpr_value(insn, cpu);
		insn->flags |= INSN_TARGET;
	}
}

uint64_t insn_gpr_value(const struct insn *insn, const struct cpu_state *cpu)
{
	uint64_t value;

	if (!insn->has_gpr || insn->gpr >= GPR_COUNT)
		return 0;
	value = cpu->gpr[insn->gpr];
	if (insn->gpr_high)
		value >>= 8;
	return mask_bits(value, insn->gpr_bytes * 8u);
}

const char *insn_feature_name(enum insn_feature feature)
{
	static const char *const names[] = {
		[INSN_NEEDS_FXSR] = "FXSR",
		[INSN_NEEDS_SSE] = "SSE",
		[INSN_NEEDS_SSE2] = "SSE2",
		[INSN_NEEDS_SSE3] = "SSE3",
		[INSN_NEEDS_SSSE3] = "SSSE3",
		[INSN_NEEDS_SSE41] = "SSE4.1",
		[INSN_NEEDS_SSE42] = "SSE4.2",
		[INSN_NEEDS_AVX] = "AVX",
		[INSN_NEEDS_XSAVE] = "XSAVE",
		[INSN_NEEDS_FSGSBASE] = "FSGSBASE",
		[INSN_NEEDS_SMAP] = "SMAP",
		[INSN_NEEDS_OTHER] = NULL,
	};

	return names[feature];
}

bool insn_feature_present(enum insn_feature feature, const struct cpu_facts *facts)
{
	switch (feature) {
	case INSN_NEEDS_FXSR:
		return facts->fxsr;
	case INSN_NEEDS_SSE:
		return facts->sse;
	case INSN_NEEDS_SSE2:
		return facts->sse2;
	case INSN_NEEDS_SSE3:
		return facts->sse3;
	case INSN_NEEDS_SSSE3:
		return facts->ssse3;
	case INSN_NEEDS_SSE41:
		return facts->sse41;
	case INSN_NEEDS_SSE42:
		return facts->sse42;
	case INSN_NEEDS_AVX:
		return facts->avx;
	case INSN_NEEDS_XSAVE:
		return facts->xsave;
	case INSN_NEEDS_FSGSBASE:
		return facts->fsgsbase;
	case INSN_NEEDS_SMAP:
		return facts->smap;
	default:
		return true;
	}
}
