/* SPDX-License-Identifier: MIT */
/*
 * boot_trap.c: reading the frame that exception delivery pushed. Follows SDM vol. 3, 6.12
 * "Exception and Interrupt Handling" and 6.14 "Exception and Interrupt Handling in 64-bit Mode".
 * Not modelled: virtual-8086 mode.
 */
#include "boot_trap.h"

#include <string.h>

#include "desc.h"
#include "exception.h"
#include "linear.h"

#define STUB_STRIDE 8 /* the boot protocol's: docs/boot-protocol.md */

struct frame {
	uint64_t error, rip, whole_cs, cs, rflags, rsp, ss;
	bool has_stack; /* RSP and SS were pushed */
};

static uint64_t word_at(const uint8_t *bytes, unsigned index, unsigned size)
{
	uint64_t value = 0;

	memcpy(&value, bytes + index * size, size);
	return value;
}

static bool read_words(const struct evidence *evidence, const struct cpu_state *cpu, uint64_t at,
	uint8_t *bytes, size_t n)
{
	return linear_read(&evidence->mem, cpu, at, bytes, n, linear_system_read).status ==
	       LINEAR_OK;
}

/* Words of 8, 4 or 2 bytes: [error] rip cs rflags [rsp ss]. No more is read than was pushed: the
 * frame may be the last of RAM. */
static bool read_frame(const struct evidence *evidence, const struct cpu_state *cpu, bool has_error,
	struct frame *frame)
{
	unsigned size = cpu_long_mode(cpu) ? 8 : cpu->cr0 & CR0_PE ? 4 : 2;
	const struct cpu_segment *ss = &cpu->seg[SEG_SS];
	uint64_t at = size == 8 ? cpu->gpr[GPR_RSP] : ss->base + (uint32_t)cpu->gpr[GPR_RSP];
	unsigned n = has_error ? 4 : 3, i = 0;
	uint8_t bytes[6 * 8];

	*frame = (struct frame){0};
	if (!read_words(evidence, cpu, at, bytes, n * size))
		return false;
	frame->error = has_error ? word_at(bytes, i++, size) : 0;
	frame->rip = word_at(bytes, i++, size);
	frame->whole_cs = word_at(bytes, i++, size);
	frame->cs = frame->whole_cs & 0xffff;
	frame->rflags = word_at(bytes, i++, size);
	frame->has_stack = size == 8 || (size == 4 && (frame->cs & 3) != cpu_cpl(cpu));
	frame->rsp = cpu->gpr[GPR_RSP] + n * size;
	if (!frame->has_stack)
		return true;
	if (!read_words(evidence, cpu, at + n * size, bytes, 2 * size))
		return false;
	frame->rsp = word_at(bytes, 0, size);
	frame->ss = word_at(bytes, 1, size) & 0xffff;
	return true;
}

/* The hidden part of a segment register that was saved, from the descriptor that the selector names
 * now. */
static void restore_segment(const struct evidence *evidence, struct cpu_state *cpu,
	struct cpu_segment *segment, uint16_t selector)
{
	struct desc_lookup lookup;

	if (selector == segment->selector)
		return;
	if (!(cpu->cr0 & CR0_PE)) {
		segment->selector = selector;
		segment->base = (uint32_t)selector << 4;
		return;
	}
	lookup = desc_lookup(&evidence->mem, cpu, selector);
	if (lookup.status == DESC_OK)
		*segment = desc_to_segment(&lookup.desc, selector);
	segment->selector = selector;
	segment->dpl = selector & 3;
}

/* An interrupt that the PIC sends with an exception's vector, or int n, pushes no error code: then
 * the frame has CS and RFLAGS where RIP and CS would be. */
static bool lacks_error(const struct evidence *evidence, const struct cpu_state *cpu)
{
	struct frame frame;

	return read_frame(evidence, cpu, false, &frame) &&
	       (frame.cs & 0xfffc) == (cpu->seg[SEG_CS].selector & 0xfffc) &&
	       frame.whole_cs <= 0xffff && frame.rflags & RFLAGS_FIXED && !(frame.rflags >> 22) &&
	       (cpu->cr0 & CR0_PE);
}

bool boot_trap_undo(struct evidence *evidence, struct cpu_state *cpu, uint64_t stubs)
{
	uint64_t vector = (cpu_code_address(cpu) - stubs) / STUB_STRIDE;
	bool has_error = cpu->cr0 & CR0_PE && exception_has_error((uint8_t)vector);
	struct frame frame;

	if (vector >= EXCEPTION_VECTORS)
		return false;
	evidence->boot_vector = (uint8_t)vector;
	has_error = has_error && !lacks_error(evidence, cpu);
	if (!read_frame(evidence, cpu, has_error, &frame))
		return false;
	evidence->boot_has_error = has_error;
	evidence->boot_error = (uint32_t)frame.error;
	cpu->rip = frame.rip;
	cpu->rflags = frame.rflags;
	cpu->gpr[GPR_RSP] = frame.rsp;
	restore_segment(evidence, cpu, &cpu->seg[SEG_CS], (uint16_t)frame.cs);
	if (frame.has_stack)
		restore_segment(evidence, cpu, &cpu->seg[SEG_SS], (uint16_t)frame.ss);
	return true;
}
