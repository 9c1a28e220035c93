/* SPDX-License-Identifier: MIT */
/*
 * insn_zydis.h: what the files of the instruction decoder share of the decoder library.
 */
#ifndef AUTOPSY_INSN_ZYDIS_H
#define AUTOPSY_INSN_ZYDIS_H

#include <Zydis/Zydis.h>

#include "insn.h"

/* A decoder for the mode that insn's bits, real, compat and amd tell. */
void insn_decoder_init(ZydisDecoder *decoder, const struct insn *insn);

/* INSN_OTHER for what has no exceptions of its own. mov to and from system registers is told by its
 * operands. */
enum insn_op insn_op_of(const ZydisDecodedInstruction *in);
/* INSN_PRIVILEGED to INSN_REPEAT. */
unsigned insn_flags_of(
	const ZydisDecodedInstruction *in, const ZydisDecodedOperand *operands, enum insn_op op);
/* What CPUID must offer for it. */
enum insn_feature insn_feature_of(const ZydisDecodedInstruction *in);
/* Alignment that the instruction demands of a memory operand of size bytes; 0: none. */
uint16_t insn_alignment_of(const ZydisDecodedInstruction *in, enum insn_op op, uint32_t size);

#endif
