/* SPDX-License-Identifier: MIT */
/*
 * tss.c: stack pointers in the TSS. Follows SDM vol. 3, 8.2.1 "Task-State Segment (TSS)", 8.6
 * "16-Bit Task-State Segment (TSS)" and 8.7 "Task Management in 64-bit Mode"; the limit checks are
 * those of vol. 2, "INT n".
 */
#include <string.h>

#include "tss.h"

enum tss_format tss_format(const struct cpu_state *cpu)
{
	if (cpu_long_mode(cpu))
		return TSS_64;
	return cpu->tr.type == DESC_TSS16_AVAIL || cpu->tr.type == DESC_TSS16_BUSY ? TSS_16
	                                                                           : TSS_32;
}

static struct tss_stack tss_stack_read(
	const struct phys_mem *mem, const struct cpu_state *cpu, struct tss_slot slot)
{
	struct tss_stack stack = {.slot = slot, .address = cpu->tr.base + slot.offset};
	uint8_t raw[8] = {0};
	uint32_t esp;

	if (slot.offset + slot.size - 1 > cpu->tr.limit) {
		stack.status = TSS_BEYOND_LIMIT;
		return stack;
	}
	stack.access = linear_read(mem, cpu, stack.address, raw, slot.size, linear_system_read);
	if (stack.access.status != LINEAR_OK) {
		stack.status = TSS_UNREADABLE;
		return stack;
	}
	memcpy(&esp, raw, sizeof(esp));
	switch (tss_format(cpu)) {
	case TSS_64:
		memcpy(&stack.sp, raw, sizeof(stack.sp));
		break;
	case TSS_32:
		stack.sp = esp;
		memcpy(&stack.ss, raw + 4, sizeof(stack.ss));
		break;
	case TSS_16:
		stack.sp = esp & 0xffff;
		memcpy(&stack.ss, raw + 2, sizeof(stack.ss));
		break;
	}
	return stack;
}

struct tss_stack tss_stack_level(
	const struct phys_mem *mem, const struct cpu_state *cpu, unsigned level)
{
	static const struct {
		struct tss_slot first;
		unsigned stride;
	} layout[] = {
		[TSS_16] = {{2, 4}, 4},
		[TSS_32] = {{4, 6}, 8},
		[TSS_64] = {{4, 8}, 8},
	};
	enum tss_format format = tss_format(cpu);
	struct tss_slot slot = layout[format].first;

	slot.offset += level * layout[format].stride;
	return tss_stack_read(mem, cpu, slot);
}

struct tss_stack tss_stack_ist(
	const struct phys_mem *mem, const struct cpu_state *cpu, unsigned ist)
{
	return tss_stack_read(mem, cpu, (struct tss_slot){.offset = 28 + 8 * ist, .size = 8});
}
