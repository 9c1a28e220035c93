/* SPDX-License-Identifier: MIT */
/*
 * stack_look.c: what words on a stack look like: return addresses and exception frames. Follows SDM
 * vol. 1, 6.4.2 "Calling and Returning", vol. 3, 6.12.1 "Exception- or Interrupt-Handler
 * Procedures" and 6.14.2 "64-Bit Mode Stack Frame".
 */
#include <string.h>

#include "desc.h"
#include "insn.h"
#include "unwind.h"
#include "walk.h"

#define CALL_BYTES_MAX 8

/* Reads at a linear address whatever the rights, page by page. */
static bool peek(const struct unwind *unwind, uint64_t linear, void *buf, size_t n)
{
	uint8_t *bytes = buf;

	while (n > 0) {
		struct walk walk =
			walk_linear(unwind->mem, unwind->cpu, linear, (struct walk_access){0});
		size_t part = 4096 - (linear & 4095);

		if (part > n)
			part = n;
		if (!walk.translated || !phys_read(unwind->mem, walk.gpa, bytes, part))
			return false;
		bytes += part;
		linear += part;
		n -= part;
	}
	return true;
}

static uint64_t to_linear(const struct unwind *unwind, enum x86_segment segment, uint64_t offset)
{
	if (unwind->word == 8)
		return offset;
	return (uint32_t)(unwind->cpu->seg[segment].base + offset);
}

bool unwind_read_stack(const struct unwind *unwind, uint64_t offset, void *buf, size_t n)
{
	return peek(unwind, to_linear(unwind, SEG_SS, offset), buf, n);
}

bool unwind_read_word(const struct unwind *unwind, uint64_t offset, uint64_t *value)
{
	*value = 0;
	return unwind_read_stack(unwind, offset, value, unwind->word);
}

bool unwind_decode(const struct unwind *unwind, uint64_t linear, struct insn *insn)
{
	uint8_t bytes[INSN_BYTES_MAX];
	size_t n = sizeof(bytes);

	/* Near the end of a page fewer bytes may be there. */
	while (n && !peek(unwind, linear, bytes, n))
		n--;
	return n && insn_decode(unwind->cpu, linear, bytes, n, insn) == INSN_OK;
}

bool unwind_is_code(const struct unwind *unwind, uint64_t rip)
{
	uint64_t linear = to_linear(unwind, SEG_CS, rip);
	struct walk walk =
		walk_linear(unwind->mem, unwind->cpu, linear, (struct walk_access){.fetch = true});
	struct symbol_segment segment;
	uint8_t byte;

	if (!walk.translated || !walk.rights.execute)
		return false;
	/* Without paging everything is executable: ask the file, where it knows. */
	if (unwind->symbols && symbols_find_segment(unwind->symbols, linear, &segment))
		return segment.executable;
	return phys_read(unwind->mem, walk.gpa, &byte, 1);
}

/* Most bytes can be told from a call without decoding: after prefixes comes e8, 9a or ff. */
static bool may_be_call(const uint8_t *bytes, unsigned n)
{
	static const uint8_t prefixes[] = {
		0x66, 0x67, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65};
	unsigned i = 0;

	while (i < n && (memchr(prefixes, bytes[i], sizeof(prefixes)) || (bytes[i] & 0xf0) == 0x40))
		i++;
	return i < n && (bytes[i] == 0xe8 || bytes[i] == 0x9a || bytes[i] == 0xff);
}

bool unwind_is_return_address(const struct unwind *unwind, uint64_t rip)
{
	uint8_t bytes[CALL_BYTES_MAX];
	struct insn insn;
	unsigned have = CALL_BYTES_MAX;

	if (!unwind_is_code(unwind, rip))
		return false;
	/* Near the start of a mapping fewer bytes may be there. */
	while (have >= 2 && !peek(unwind, to_linear(unwind, SEG_CS, rip - have),
				    bytes + CALL_BYTES_MAX - have, have))
		have--;
	for (unsigned n = 2; n <= have; n++) {
		const uint8_t *from = bytes + CALL_BYTES_MAX - n;

		if (may_be_call(from, n) &&
			insn_decode(unwind->cpu, rip - n, from, n, &insn) == INSN_OK &&
			insn.length == n && (insn.op == INSN_CALL || insn.op == INSN_CALL_FAR))
			return true;
	}
	return false;
}

/* Bit 1 of RFLAGS is always 1; bits 3, 5, 15 and 22 to 63 are always 0: SDM vol. 3, 2.3. */
static bool is_flags(uint64_t value)
{
	return (value & 2) && !(value & ~0x3f7fd7ull);
}

static bool is_segment(const struct unwind *unwind, uint64_t value, bool code)
{
	struct desc_lookup found;

	if (value > UINT16_MAX || selector_is_null((uint16_t)value))
		return false;
	found = desc_lookup(unwind->mem, unwind->cpu, (uint16_t)value);
	if (found.status != DESC_OK || !found.desc.present)
		return false;
	return code ? desc_is_code(&found.desc) : desc_is_writable(&found.desc);
}

/* SS may be null in 64-bit mode when the interrupted code is not in user mode. */
static bool is_stack_segment(const struct unwind *unwind, uint64_t ss, uint64_t cs)
{
	if (unwind->word == 8 && ss == 0 && (cs & 3) == 0)
		return true;
	return (ss & 3) == (cs & 3) && is_segment(unwind, ss, false);
}

bool unwind_is_interrupt_frame(
	const struct unwind *unwind, uint64_t offset, struct unwind_interrupt *out)
{
	unsigned word = unwind->word;
	uint64_t slot[5] = {0};
	bool outer;

	/* The flags are the most telling: most words end here. */
	for (unsigned i = 3; i-- > 0;)
		if (!unwind_read_word(unwind, offset + i * word, &slot[i]) ||
			(i == 2 && !is_flags(slot[2])) ||
			(i == 1 && !is_segment(unwind, slot[1], true)))
			return false;
	outer = word == 8 || (slot[1] & 3) > (unwind->cpu->seg[SEG_CS].selector & 3u);
	for (unsigned i = 3; outer && i < 5; i++)
		if (!unwind_read_word(unwind, offset + i * word, &slot[i]))
			return false;
	if (outer && (!is_stack_segment(unwind, slot[4], slot[1]) ||
			     !linear_canonical(unwind->cpu, slot[3])))
		return false;
	if (!linear_canonical(unwind->cpu, slot[0]))
		return false;
	*out = (struct unwind_interrupt){slot[0], slot[3], outer, (outer ? 5 : 3) * word};
	return true;
}
