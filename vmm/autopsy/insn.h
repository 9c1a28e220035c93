/* SPDX-License-Identifier: MIT */
/*
 * insn.h: one decoded instruction, as far as its exceptions ask: what it is, which memory it
 * touches with which rights, what it demands of the CPU's mode. Decoding needs bytes and the CPU's
 * mode, addresses need its registers too. The decoder library does not show here.
 */
#ifndef AUTOPSY_INSN_H
#define AUTOPSY_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu_state.h"

#define INSN_BYTES_MAX 15
#define INSN_MEM_MAX   4
#define INSN_TEXT_MAX  160

enum insn_status {
	INSN_OK,
	INSN_TRUNCATED, /* more bytes than given would be needed */
	INSN_INVALID,   /* no such instruction in this mode */
	INSN_BAD_LOCK,  /* a lock prefix where none may stand */
	INSN_TOO_LONG,  /* more than 15 bytes */
};

/* Instructions that have exceptions of their own. */
enum insn_op {
	INSN_OTHER,
	INSN_UD, /* ud0, ud1, ud2 */
	INSN_HLT,
	INSN_INT, /* int n; vector in imm */
	INSN_INT1,
	INSN_INT3,
	INSN_INTO,
	INSN_BOUND,
	INSN_IRET,
	INSN_CALL, /* near */
	INSN_RET,  /* near */
	INSN_JUMP, /* near, conditional or not */
	INSN_CALL_FAR,
	INSN_JUMP_FAR,
	INSN_RET_FAR,
	INSN_SYSCALL,
	INSN_SYSRET,
	INSN_SYSENTER,
	INSN_SYSEXIT,
	INSN_READ_CR, /* mov from %crN */
	INSN_WRITE_CR,
	INSN_READ_DR,
	INSN_WRITE_DR,
	INSN_LMSW,
	INSN_CLTS,
	INSN_RDMSR,
	INSN_WRMSR,
	INSN_LGDT,
	INSN_LIDT,
	INSN_LLDT,
	INSN_LTR,
	INSN_LOAD_SEGMENT, /* mov and pop to a segment register, lds and its kin */
	INSN_STORE_TABLE,  /* sgdt, sidt, sldt, str, smsw: CR4.UMIP */
	INSN_CLI,
	INSN_STI,
	INSN_PORT, /* in, out and their string forms */
	INSN_DIV,
	INSN_IDIV,
	INSN_AAM,
	INSN_POPF,
	INSN_PUSHF,
	INSN_ENTER,
	INSN_SWAPGS,
	INSN_XGETBV,
	INSN_XSETBV,
	INSN_XSAVE, /* xsave, xrstor and their kin */
	INSN_FXSAVE,
	INSN_RDTSC,
	INSN_RDPMC,
	INSN_FSGSBASE, /* rdfsbase and its kin */
	INSN_CMPXCHG16B,
	INSN_STAC_CLAC,
	INSN_FWAIT,
	INSN_VMCALL,  /* vmcall, vmmcall */
	INSN_VIRTUAL, /* other VMX and SVM instructions */
	INSN_MONITOR,
	INSN_RSM,
};

enum {
	INSN_PRIVILEGED = 1 << 0, /* CPL 0 only */
	INSN_IOPL = 1 << 1,       /* CPL <= IOPL, or for ports the I/O bitmap */
	INSN_X87 = 1 << 2,
	INSN_MMX = 1 << 3,
	INSN_SSE = 1 << 4, /* legacy encoding with XMM registers or MXCSR: CR4.OSFXSR */
	INSN_AVX =
		1 << 5, /* VEX, EVEX or XOP encoding with vector or mask registers: CR4.OSXSAVE */
	INSN_LOCK = 1 << 6,
	INSN_REPEAT = 1 << 7,
	INSN_TARGET =
		1
		<< 8, /* target is set: a direct branch, or an indirect one after insn_resolve() */
	INSN_MORE_MEMORY =
		1 << 9, /* touches memory beyond what mem[] says: descriptors, frames, gathers */
};

/* What CPUID must offer; INSN_NEEDS_OTHER: something that struct cpu_facts does not know of. */
enum insn_feature {
	INSN_NEEDS_NOTHING,
	INSN_NEEDS_FXSR,
	INSN_NEEDS_SSE,
	INSN_NEEDS_SSE2,
	INSN_NEEDS_SSE3,
	INSN_NEEDS_SSSE3,
	INSN_NEEDS_SSE41,
	INSN_NEEDS_SSE42,
	INSN_NEEDS_AVX,
	INSN_NEEDS_XSAVE,
	INSN_NEEDS_FSGSBASE,
	INSN_NEEDS_SMAP,
	INSN_NEEDS_OTHER,
};

#define INSN_NO_REG  (-1)
#define INSN_REG_RIP 16

enum insn_mem_kind {
	INSN_MEM_DATA,   /* an operand of the instruction's text */
	INSN_MEM_STACK,  /* pushed or popped */
	INSN_MEM_STRING, /* through rsi or rdi */
};

/* A memory operand. offset and linear are set by insn_resolve(). */
struct insn_mem {
	enum insn_mem_kind kind;
	enum x86_segment segment;
	int8_t base, index; /* enum x86_gpr, INSN_REG_RIP or INSN_NO_REG */
	uint8_t scale;
	int64_t disp;
	uint32_t size;  /* in bytes */
	uint16_t align; /* 0, or the alignment without which #GP(0) comes */
	bool read, write;
	bool conditional; /* a mask or vector index decides what is touched */
	bool resolved;    /* offset and linear are right */
	bool inactive;    /* a repeat count of 0: nothing is touched */
	uint64_t offset;  /* effective address, within the segment */
	uint64_t linear;
};

struct insn {
	uint64_t rip; /* offset in CS */
	uint8_t bytes[INSN_BYTES_MAX];
	uint8_t length;
	uint8_t bits; /* of the code segment: 16, 32, 64 */
	bool real;    /* decoded for real or virtual-8086 mode */
	bool compat;  /* EFER.LMA */
	bool amd;     /* decoded as AMD CPUs do */
	enum insn_op op;
	unsigned flags;
	enum insn_feature feature;
	uint8_t operand_bits, address_bits;
	char mnemonic[16];
	struct insn_mem mem[INSN_MEM_MAX];
	unsigned mem_count;
	/* The (first) general register among the visible operands. */
	bool has_gpr, gpr_high; /* gpr_high: ah, ch, dh, bh */
	uint8_t gpr, gpr_bytes;
	uint8_t system_reg; /* number of the control or debug register, or enum x86_segment */
	bool has_imm;
	uint64_t imm;          /* first immediate */
	uint16_t far_selector; /* of a direct far branch; its offset is target */
	uint64_t target;
	int8_t target_mem; /* index in mem[] of the operand that holds the target, or -1 */
};

/*
 * Decodes the n bytes at CS:rip for the mode that cpu is in. Fills in everything that needs no
 * register. On failure only rip, bits, bytes and length (the bytes looked at) are set.
 */
enum insn_status insn_decode(
	const struct cpu_state *cpu, uint64_t rip, const void *bytes, size_t n, struct insn *out);

/* Computes addresses, and the target of a branch through a register, from the registers in cpu. */
void insn_resolve(struct insn *insn, const struct cpu_state *cpu);

/* Value of insn's general register, cut to its size; 0 when it has none. */
uint64_t insn_gpr_value(const struct insn *insn, const struct cpu_state *cpu);

/* Writes "name+0x12" for a linear address to buf and returns true, or returns false. */
typedef bool insn_name_fn(void *ctx, uint64_t linear, char *buf, size_t size);

enum insn_syntax { INSN_ATT, INSN_INTEL };

/* The instruction as text; addresses get " <name>" where name (may be NULL) knows one. */
void insn_format(const struct insn *insn, const struct cpu_state *cpu, enum insn_syntax syntax,
	insn_name_fn *name, void *ctx, char *buf, size_t size);

/* "16(%rsp)": operand i of mem[] in AT&T syntax, without the access's size. */
void insn_format_mem(const struct insn *insn, unsigned i, char *buf, size_t size);

/* "rax", "xmm"-free: the name of a general register as used for addresses of that many bits; "rip"
 * for INSN_REG_RIP. */
const char *insn_reg_name(int reg, unsigned bits);

/* "ds" */
const char *insn_segment_name(enum x86_segment segment);

/* "SSE2"; NULL for INSN_NEEDS_NOTHING and INSN_NEEDS_OTHER. */
const char *insn_feature_name(enum insn_feature feature);

/* Whether cpu_facts grant the feature; true when they cannot tell. */
bool insn_feature_present(enum insn_feature feature, const struct cpu_facts *facts);

#endif
