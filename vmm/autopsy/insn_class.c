/* SPDX-License-Identifier: MIT */
/*
 * insn_class.c: what kind of instruction it is and what it demands of the CPU, from the decoder's
 * tables. Follows the exception tables of the SDM, vol. 2, 2.4 "AVX and SSE Instruction Exception
 * Classification", and vol. 3, tables 2-2 "Action Taken By x87 FPU Instructions for Different
 * Combinations of EM, MP, and TS" and 13-1.
 */
#include "insn.h"
#include "insn_zydis.h"

static enum insn_op single_op(const ZydisDecodedInstruction *in)
{
	static const struct {
		ZydisMnemonic mnemonic;
		enum insn_op op;
	} ops[] = {
		{ZYDIS_MNEMONIC_UD0, INSN_UD},
		{ZYDIS_MNEMONIC_UD1, INSN_UD},
		{ZYDIS_MNEMONIC_UD2, INSN_UD},
		{ZYDIS_MNEMONIC_HLT, INSN_HLT},
		{ZYDIS_MNEMONIC_INT, INSN_INT},
		{ZYDIS_MNEMONIC_INT1, INSN_INT1},
		{ZYDIS_MNEMONIC_INT3, INSN_INT3},
		{ZYDIS_MNEMONIC_INTO, INSN_INTO},
		{ZYDIS_MNEMONIC_BOUND, INSN_BOUND},
		{ZYDIS_MNEMONIC_IRET, INSN_IRET},
		{ZYDIS_MNEMONIC_IRETD, INSN_IRET},
		{ZYDIS_MNEMONIC_IRETQ, INSN_IRET},
		{ZYDIS_MNEMONIC_SYSCALL, INSN_SYSCALL},
		{ZYDIS_MNEMONIC_SYSRET, INSN_SYSRET},
		{ZYDIS_MNEMONIC_SYSENTER, INSN_SYSENTER},
		{ZYDIS_MNEMONIC_SYSEXIT, INSN_SYSEXIT},
		{ZYDIS_MNEMONIC_LMSW, INSN_LMSW},
		{ZYDIS_MNEMONIC_CLTS, INSN_CLTS},
		{ZYDIS_MNEMONIC_RDMSR, INSN_RDMSR},
		{ZYDIS_MNEMONIC_WRMSR, INSN_WRMSR},
		{ZYDIS_MNEMONIC_LGDT, INSN_LGDT},
		{ZYDIS_MNEMONIC_LIDT, INSN_LIDT},
		{ZYDIS_MNEMONIC_LLDT, INSN_LLDT},
		{ZYDIS_MNEMONIC_LTR, INSN_LTR},
		{ZYDIS_MNEMONIC_LDS, INSN_LOAD_SEGMENT},
		{ZYDIS_MNEMONIC_LES, INSN_LOAD_SEGMENT},
		{ZYDIS_MNEMONIC_LFS, INSN_LOAD_SEGMENT},
		{ZYDIS_MNEMONIC_LGS, INSN_LOAD_SEGMENT},
		{ZYDIS_MNEMONIC_LSS, INSN_LOAD_SEGMENT},
		{ZYDIS_MNEMONIC_SGDT, INSN_STORE_TABLE},
		{ZYDIS_MNEMONIC_SIDT, INSN_STORE_TABLE},
		{ZYDIS_MNEMONIC_SLDT, INSN_STORE_TABLE},
		{ZYDIS_MNEMONIC_STR, INSN_STORE_TABLE},
		{ZYDIS_MNEMONIC_SMSW, INSN_STORE_TABLE},
		{ZYDIS_MNEMONIC_CLI, INSN_CLI},
		{ZYDIS_MNEMONIC_STI, INSN_STI},
		{ZYDIS_MNEMONIC_IN, INSN_PORT},
		{ZYDIS_MNEMONIC_OUT, INSN_PORT},
		{ZYDIS_MNEMONIC_INSB, INSN_PORT},
		{ZYDIS_MNEMONIC_INSW, INSN_PORT},
		{ZYDIS_MNEMONIC_INSD, INSN_PORT},
		{ZYDIS_MNEMONIC_OUTSB, INSN_PORT},
		{ZYDIS_MNEMONIC_OUTSW, INSN_PORT},
		{ZYDIS_MNEMONIC_OUTSD, INSN_PORT},
		{ZYDIS_MNEMONIC_DIV, INSN_DIV},
		{ZYDIS_MNEMONIC_IDIV, INSN_IDIV},
		{ZYDIS_MNEMONIC_AAM, INSN_AAM},
		{ZYDIS_MNEMONIC_POPF, INSN_POPF},
		{ZYDIS_MNEMONIC_POPFD, INSN_POPF},
		{ZYDIS_MNEMONIC_POPFQ, INSN_POPF},
		{ZYDIS_MNEMONIC_PUSHF, INSN_PUSHF},
		{ZYDIS_MNEMONIC_PUSHFD, INSN_PUSHF},
		{ZYDIS_MNEMONIC_PUSHFQ, INSN_PUSHF},
		{ZYDIS_MNEMONIC_ENTER, INSN_ENTER},
		{ZYDIS_MNEMONIC_SWAPGS, INSN_SWAPGS},
		{ZYDIS_MNEMONIC_XGETBV, INSN_XGETBV},
		{ZYDIS_MNEMONIC_XSETBV, INSN_XSETBV},
		{ZYDIS_MNEMONIC_FXSAVE, INSN_FXSAVE},
		{ZYDIS_MNEMONIC_FXSAVE64, INSN_FXSAVE},
		{ZYDIS_MNEMONIC_FXRSTOR, INSN_FXSAVE},
		{ZYDIS_MNEMONIC_FXRSTOR64, INSN_FXSAVE},
		{ZYDIS_MNEMONIC_RDTSC, INSN_RDTSC},
		{ZYDIS_MNEMONIC_RDTSCP, INSN_RDTSC},
		{ZYDIS_MNEMONIC_RDPMC, INSN_RDPMC},
		{ZYDIS_MNEMONIC_CMPXCHG16B, INSN_CMPXCHG16B},
		{ZYDIS_MNEMONIC_STAC, INSN_STAC_CLAC},
		{ZYDIS_MNEMONIC_CLAC, INSN_STAC_CLAC},
		{ZYDIS_MNEMONIC_FWAIT, INSN_FWAIT},
		{ZYDIS_MNEMONIC_VMCALL, INSN_VMCALL},
		{ZYDIS_MNEMONIC_VMMCALL, INSN_VMCALL},
		{ZYDIS_MNEMONIC_MONITOR, INSN_MONITOR},
		{ZYDIS_MNEMONIC_MWAIT, INSN_MONITOR},
		{ZYDIS_MNEMONIC_RSM, INSN_RSM},
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (ops[i].mnemonic == in->mnemonic)
			return ops[i].op;
	return INSN_OTHER;
}

/* Families that a whole category or extension of the decoder stands for. */
static enum insn_op family_of(const ZydisDecodedInstruction *in)
{
	bool far = in->meta.branch_type == ZYDIS_BRANCH_TYPE_FAR;

	switch (in->meta.category) {
	case ZYDIS_CATEGORY_CALL:
		return far ? INSN_CALL_FAR : INSN_CALL;
	case ZYDIS_CATEGORY_RET:
		return far ? INSN_RET_FAR : INSN_RET;
	case ZYDIS_CATEGORY_UNCOND_BR:
		return far ? INSN_JUMP_FAR : INSN_JUMP;
	case ZYDIS_CATEGORY_COND_BR:
		return INSN_JUMP;
	case ZYDIS_CATEGORY_RDWRFSGS:
		return INSN_FSGSBASE;
	case ZYDIS_CATEGORY_XSAVE:
	case ZYDIS_CATEGORY_XSAVEOPT:
		return INSN_XSAVE;
	default:
		break;
	}
	if (in->meta.isa_ext == ZYDIS_ISA_EXT_VTX || in->meta.isa_ext == ZYDIS_ISA_EXT_SVM)
		return INSN_VIRTUAL;
	return INSN_OTHER;
}

enum insn_op insn_op_of(const ZydisDecodedInstruction *in)
{
	enum insn_op op = single_op(in);

	return op == INSN_OTHER ? family_of(in) : op;
}

static bool is_iopl_sensitive(enum insn_op op)
{
	return op == INSN_CLI || op == INSN_STI || op == INSN_PORT;
}

/* SDM vol. 3, 5.9 "Privileged Instructions"; the decoder's own mark lacks some. */
static bool is_privileged(const ZydisDecodedInstruction *in, enum insn_op op)
{
	switch (op) {
	case INSN_HLT:
	case INSN_LMSW:
	case INSN_CLTS:
	case INSN_RDMSR:
	case INSN_WRMSR:
	case INSN_LGDT:
	case INSN_LIDT:
	case INSN_LLDT:
	case INSN_LTR:
	case INSN_SYSRET:
	case INSN_SYSEXIT:
	case INSN_SWAPGS:
	case INSN_XSETBV:
		return true;
	case INSN_CLI:
	case INSN_STI:
	case INSN_PORT:
	case INSN_RDPMC:
	case INSN_RDTSC:
	case INSN_STORE_TABLE:
	case INSN_MONITOR:
	case INSN_VMCALL:
	case INSN_VIRTUAL:
	case INSN_STAC_CLAC:
	case INSN_RSM:
		return false;
	default:
		return in->attributes & ZYDIS_ATTRIB_IS_PRIVILEGED;
	}
}

static bool is_vector_register(ZydisRegisterClass class)
{
	return class == ZYDIS_REGCLASS_XMM || class == ZYDIS_REGCLASS_YMM ||
	       class == ZYDIS_REGCLASS_ZMM || class == ZYDIS_REGCLASS_MASK ||
	       class == ZYDIS_REGCLASS_TMM;
}

/* Which register file an instruction works on decides about CR0.EM, CR0.TS, CR4.OSFXSR and
 * CR4.OSXSAVE. */
static unsigned unit_flags(const ZydisDecodedInstruction *in, const ZydisDecodedOperand *operands)
{
	bool vector = in->meta.isa_set == ZYDIS_ISA_SET_SSEMXCSR ||
	              in->mnemonic == ZYDIS_MNEMONIC_VLDMXCSR ||
	              in->mnemonic == ZYDIS_MNEMONIC_VSTMXCSR ||
	              in->mnemonic == ZYDIS_MNEMONIC_VZEROALL ||
	              in->mnemonic == ZYDIS_MNEMONIC_VZEROUPPER;
	bool mmx = in->meta.isa_set == ZYDIS_ISA_SET_PENTIUMMMX ||
	           in->meta.isa_ext == ZYDIS_ISA_EXT_AMD3DNOW;

	if (in->meta.isa_ext == ZYDIS_ISA_EXT_X87 || in->meta.isa_set == ZYDIS_ISA_SET_SSE3X87 ||
		in->meta.isa_set == ZYDIS_ISA_SET_FCMOV)
		return INSN_X87;
	for (unsigned i = 0; i < in->operand_count; i++) {
		ZydisRegisterClass class;

		if (operands[i].type != ZYDIS_OPERAND_TYPE_REGISTER)
			continue;
		class = ZydisRegisterGetClass(operands[i].reg.value);
		vector |= is_vector_register(class);
		mmx |= class == ZYDIS_REGCLASS_MMX;
	}
	if (vector)
		return in->encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY ? INSN_SSE : INSN_AVX;
	return mmx ? INSN_MMX : 0;
}

unsigned insn_flags_of(
	const ZydisDecodedInstruction *in, const ZydisDecodedOperand *operands, enum insn_op op)
{
	unsigned flags = unit_flags(in, operands);

	if (is_privileged(in, op))
		flags |= INSN_PRIVILEGED;
	if (is_iopl_sensitive(op))
		flags |= INSN_IOPL;
	if (in->attributes & ZYDIS_ATTRIB_HAS_LOCK)
		flags |= INSN_LOCK;
	if (in->attributes &
		(ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE))
		flags |= INSN_REPEAT;
	return flags;
}

enum insn_feature insn_feature_of(const ZydisDecodedInstruction *in)
{
	switch (in->meta.isa_set) {
	case ZYDIS_ISA_SET_FXSAVE:
	case ZYDIS_ISA_SET_FXSAVE64:
		return INSN_NEEDS_FXSR;
	case ZYDIS_ISA_SET_SSE:
	case ZYDIS_ISA_SET_SSEMXCSR:
		return INSN_NEEDS_SSE;
	case ZYDIS_ISA_SET_SSE2:
	case ZYDIS_ISA_SET_SSE2MMX:
		return INSN_NEEDS_SSE2;
	case ZYDIS_ISA_SET_SSE3:
	case ZYDIS_ISA_SET_SSE3X87:
		return INSN_NEEDS_SSE3;
	case ZYDIS_ISA_SET_SSSE3:
	case ZYDIS_ISA_SET_SSSE3MMX:
		return INSN_NEEDS_SSSE3;
	case ZYDIS_ISA_SET_SSE4:
		return INSN_NEEDS_SSE41;
	case ZYDIS_ISA_SET_SSE42:
		return INSN_NEEDS_SSE42;
	case ZYDIS_ISA_SET_AVX:
	case ZYDIS_ISA_SET_AVX2:
		return INSN_NEEDS_AVX;
	case ZYDIS_ISA_SET_XSAVE:
		return INSN_NEEDS_XSAVE;
	case ZYDIS_ISA_SET_RDWRFSGS:
		return INSN_NEEDS_FSGSBASE;
	case ZYDIS_ISA_SET_SMAP:
		return INSN_NEEDS_SMAP;
	case ZYDIS_ISA_SET_I86:
	case ZYDIS_ISA_SET_I186:
	case ZYDIS_ISA_SET_I286REAL:
	case ZYDIS_ISA_SET_I286PROTECTED:
	case ZYDIS_ISA_SET_I386:
	case ZYDIS_ISA_SET_I486:
	case ZYDIS_ISA_SET_I486REAL:
	case ZYDIS_ISA_SET_PENTIUMREAL:
	case ZYDIS_ISA_SET_PPRO:
	case ZYDIS_ISA_SET_X87:
	case ZYDIS_ISA_SET_CMOV:
	case ZYDIS_ISA_SET_FCMOV:
	case ZYDIS_ISA_SET_FAT_NOP:
	case ZYDIS_ISA_SET_PENTIUMMMX:
	case ZYDIS_ISA_SET_PAUSE:
	case ZYDIS_ISA_SET_LONGMODE:
		return INSN_NEEDS_NOTHING;
	default:
		return INSN_NEEDS_OTHER;
	}
}

/* Legacy SSE instructions of exception type 4 that take any alignment: SDM vol. 2, table 2-21. */
static bool takes_any_alignment(ZydisMnemonic mnemonic)
{
	switch (mnemonic) {
	case ZYDIS_MNEMONIC_LDDQU:
	case ZYDIS_MNEMONIC_MOVDQU:
	case ZYDIS_MNEMONIC_MOVUPD:
	case ZYDIS_MNEMONIC_MOVUPS:
	case ZYDIS_MNEMONIC_PCMPESTRI:
	case ZYDIS_MNEMONIC_PCMPESTRM:
	case ZYDIS_MNEMONIC_PCMPISTRI:
	case ZYDIS_MNEMONIC_PCMPISTRM:
	case ZYDIS_MNEMONIC_MASKMOVDQU:
		return true;
	default:
		return false;
	}
}

uint16_t insn_alignment_of(const ZydisDecodedInstruction *in, enum insn_op op, uint32_t size)
{
	switch (in->meta.exception_class) {
	case ZYDIS_EXCEPTION_CLASS_SSE1:
	case ZYDIS_EXCEPTION_CLASS_SSE2:
	case ZYDIS_EXCEPTION_CLASS_SSE4:
		return size == 16 && !takes_any_alignment(in->mnemonic) ? 16 : 0;
	case ZYDIS_EXCEPTION_CLASS_AVX1:
	case ZYDIS_EXCEPTION_CLASS_E1:
	case ZYDIS_EXCEPTION_CLASS_E1NF:
		return size == 16 || size == 32 || size == 64 ? (uint16_t)size : 0;
	default:
		break;
	}
	if (op == INSN_FXSAVE || op == INSN_CMPXCHG16B)
		return 16;
	return op == INSN_XSAVE ? 64 : 0;
}
