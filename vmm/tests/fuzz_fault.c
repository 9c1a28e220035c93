/* SPDX-License-Identifier: MIT */
/*
 * fuzz_fault.c: any registers and any memory: every exception explained, every stack unwound. The
 * input is the registers and then RAM that repeats all over the first 4 GiB, so that page tables
 * and descriptors are found anywhere.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "autopsy/backtrace.h"
#include "autopsy/fault_reason.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct ram {
	const uint8_t *bytes;
	size_t size;
};

static bool read_ram(const void *ctx, uint64_t gpa, void *buf, size_t n)
{
	const struct ram *ram = ctx;
	uint8_t *to = buf;

	if (!ram->size || gpa >> 32)
		return false;
	for (size_t i = 0; i < n; i++)
		to[i] = ram->bytes[(gpa + i) % ram->size];
	return true;
}

/* The modes are forced, so that not all inputs end in the first check. */
static struct cpu_state cpu_from(const uint8_t *data)
{
	struct cpu_state cpu = {0};

	for (unsigned i = 0; i < GPR_COUNT; i++)
		cpu.gpr[i] = (uint64_t)data[i] * 0x0101 << (data[i] & 31);
	cpu.rip = data[16] * 16u;
	cpu.rflags = 2 | (uint64_t)data[17] << 12;
	cpu.cr0 = (data[18] & 1 ? 0x80010031 : data[18] & 2 ? 0x11 : 0x10) | (data[18] & 0xc);
	cpu.cr4 = (uint64_t)data[19] << 5 | (data[18] & 0x10 ? 0x200000 : 0);
	cpu.efer = data[18] & 0x20 ? 0xd01 : 0;
	cpu.cr3 = data[20] * 0x1000u;
	cpu.cr2 = cpu.gpr[data[21] % GPR_COUNT];
	cpu.gdtr = (struct cpu_table){data[22] * 8u, data[23] * 8u + 7};
	cpu.idtr = (struct cpu_table){data[24] * 8u, 0xfff};
	for (unsigned i = 0; i < SEG_COUNT; i++)
		cpu.seg[i] = (struct cpu_segment){.limit = data[25] & 1 ? 0xffffffff : 0xffff,
			.selector = (uint16_t)(data[26] * 8u),
			.type = data[27] & 15,
			.s = true,
			.present = true,
			.dpl = data[18] >> 6,
			.db = true};
	cpu.seg[SEG_CS].l = data[18] & 0x20;
	cpu.tr = (struct cpu_segment){.base = data[28] * 16u, .limit = 0x67 + data[29]};
	cpu.facts = (struct cpu_facts){.maxphyaddr = 36, .nx = true, .long_mode = true};
	return cpu;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ram ram;
	struct phys_mem mem = {read_ram, &ram};
	struct cpu_state cpu;
	struct fault_analysis analysis;
	struct backtrace trace;

	if (size < 33)
		return 0;
	ram = (struct ram){data + 32, size - 32};
	cpu = cpu_from(data);
	fault_predict(&mem, &cpu, &analysis);
	for (unsigned vector = 0; vector < EXCEPTION_VECTORS; vector++)
		fault_pick(&analysis, &cpu, (uint8_t)vector, vector & 8, data[30]);
	fault_expected(&analysis);
	/* A backtrace takes a hundred times as long. */
	if (!(data[31] & 15))
		backtrace_make(&mem, &cpu, NULL, &trace);
	return 0;
}
