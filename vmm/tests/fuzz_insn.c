/* SPDX-License-Identifier: MIT */
/*
 * fuzz_insn.c: any bytes as an instruction in any mode with any registers.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "autopsy/insn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cpu_state cpu_for(uint8_t mode, uint8_t seed)
{
	struct cpu_state cpu = {.cr0 = mode & 1 ? CR0_PE : 0, .rflags = mode & 2 ? RFLAGS_VM : 2};

	cpu.efer = mode & 4 ? EFER_LMA : 0;
	cpu.seg[SEG_CS].l = mode & 8;
	cpu.seg[SEG_CS].db = mode & 16;
	cpu.seg[SEG_SS].db = mode & 32;
	for (unsigned i = 0; i < GPR_COUNT; i++)
		cpu.gpr[i] = (seed ^ i) * 0x0123456789abcdefull;
	return cpu;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cpu_state cpu;
	struct insn insn;
	char text[INSN_TEXT_MAX];

	if (size < 2)
		return 0;
	cpu = cpu_for(data[0], data[1]);
	if (insn_decode(&cpu, data[1] * 0x0101010101010101ull, data + 2, size - 2, &insn) !=
		INSN_OK)
		return 0;
	insn_resolve(&insn, &cpu);
	insn_format(&insn, &cpu, INSN_ATT, NULL, NULL, text, sizeof(text));
	insn_format(&insn, &cpu, INSN_INTEL, NULL, NULL, text, sizeof(text));
	for (unsigned i = 0; i < insn.mem_count; i++)
		insn_format_mem(&insn, i, text, sizeof(text));
	return 0;
}
