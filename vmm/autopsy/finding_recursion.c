/* SPDX-License-Identifier: MIT */
/*
 * finding_recursion.c: a stack full of the same call, or of the same exception, from RSP up, and
 * whether it has left the memory in which it began. Only what comes at equal distances counts.
 */
#include "findings_parts.h"

#include <string.h>

#include "region.h"

#define PAGE       4096u
#define LOOK_WORDS 1024u     /* so far up from RSP the repetition must begin */
#define REPEATS    16u       /* equal distances that make a recursion */
#define FOLLOW_MAX 0x400000u /* bytes up to which it is followed */
#define WRAP_MAX   0x40000000ull

/* The page tables may be among what was overwritten: then by where the image was mapped. */
static bool read_stack(const struct findings *findings, uint64_t linear, void *buf, size_t n)
{
	const struct evidence *evidence = findings->evidence;

	if (linear_read(&evidence->mem, &findings->cpu, linear, buf, n, linear_system_read)
			.status == LINEAR_OK)
		return true;
	for (unsigned i = 0; i < evidence->region_count; i++) {
		const struct evidence_region *region = &evidence->regions[i];

		if (linear - region->linear < region->size)
			return phys_read(
				&evidence->mem, linear - region->linear + region->gpa, buf, n);
	}
	return false;
}

static bool read_word(const struct findings *findings, uint64_t linear, uint64_t *word)
{
	*word = 0;
	return read_stack(findings, linear, word, findings_word_size(findings));
}

/* The lowest word of the stack: RSP, or 0 when RSP has gone below it and there is no memory where
 * it is now. */
static uint64_t lowest_word(const struct findings *findings, bool *wrapped)
{
	uint64_t top = findings_stack_top(findings), word;
	uint64_t space = findings_word_size(findings) == 8 ? 0 : 1ull << 32;

	*wrapped = false;
	if (read_word(findings, top, &word))
		return top;
	if (space - top <= WRAP_MAX && read_word(findings, 0, &word)) {
		*wrapped = true;
		return top & (findings_word_size(findings) - 1);
	}
	return (top | (PAGE - 1)) + 1;
}

/* The stack may have grown over the call. */
bool findings_was_call(const struct findings *findings, uint64_t linear)
{
	uint8_t opcode = 0;

	return region_loaded(findings->evidence, linear - 5, &opcode, 1) && opcode == 0xe8;
}

/* A return address, or the RIP of an exception's frame, which has CS behind it. */
static bool is_repeated_kind(const struct findings *findings, uint64_t at, uint64_t word)
{
	uint64_t cs;
	struct insn call;

	if (findings_call_before(findings, word, &call) || findings_was_call(findings, word))
		return true;
	return read_word(findings, at + findings_word_size(findings), &cs) &&
	       cs == findings->cpu.seg[SEG_CS].selector &&
	       findings_place(findings, word).has_symbol;
}

/* How often word stands at linear and every stride above it. */
static unsigned count_repeats(const struct findings *findings, uint64_t linear, uint64_t stride,
	uint64_t word, unsigned max)
{
	uint64_t other;
	unsigned n = 0;

	while (n < max && read_word(findings, linear + n * stride, &other) && other == word)
		n++;
	return n;
}

/* Does word i begin such a row? Its stride is the distance to the next equal word. */
static bool begins_row(const struct findings *findings, const uint64_t *words, unsigned count,
	unsigned i, uint64_t low, uint64_t *stride)
{
	unsigned size = findings_word_size(findings), next = i + 1;
	uint64_t at = low + i * size;

	if (!words[i])
		return false;
	while (next < count && words[next] != words[i])
		next++;
	*stride = (next - i) * (uint64_t)size;
	/* A call takes two words at least: a row without gaps is a filled buffer. */
	return next < count && next > i + 1 &&
	       count_repeats(findings, at, *stride, words[i], REPEATS) == REPEATS &&
	       is_repeated_kind(findings, at, words[i]);
}

/* The call that leaves this word as return address, or the address that the frames have. */
static struct place origin(const struct findings *findings, uint64_t word)
{
	struct insn call;

	if (findings_call_before(findings, word, &call))
		return findings_place(findings, word - call.length);
	return findings_place(findings, findings_was_call(findings, word) ? word - 5 : word);
}

static bool find_row(
	const struct findings *findings, uint64_t low, struct recursion_finding *recursion)
{
	uint64_t words[LOOK_WORDS];
	unsigned size = findings_word_size(findings), count = 0;

	while (count < LOOK_WORDS && read_word(findings, low + count * size, &words[count]))
		count++;
	for (unsigned i = 0; i < count; i++) {
		uint64_t at = low + i * size, stride;

		if (!begins_row(findings, words, count, i, low, &stride))
			continue;
		recursion->count = count_repeats(
			findings, at, stride, words[i], (unsigned)(FOLLOW_MAX / stride));
		recursion->stride = stride;
		recursion->at = origin(findings, words[i]);
		recursion->is_call = recursion->at.address != words[i];
		/* What lies further below need not be of the same stack: a handler may have one of
		 * its own there. */
		recursion->low = findings_place(findings, at - low <= stride ? low : at);
		recursion->high = findings_place(findings, at + (recursion->count - 1) * stride);
		return true;
	}
	return false;
}

static bool is_code(const struct place *place)
{
	return place->has_segment &&
	       (!place->segment.writable || !strncmp(place->segment.section, ".text", 5));
}

static const char *how_left(const struct recursion_finding *recursion, bool wrapped)
{
	const struct place *low = &recursion->low, *high = &recursion->high;

	if (wrapped)
		return "it has gone down to address 0 and on from the top of the address space";
	if (is_code(low) && !is_code(high))
		return "it has grown down over data into code";
	if (low->has_symbol && high->has_symbol && low->symbol.address != high->symbol.address)
		return "it has grown down into other data";
	if (low->region != high->region)
		return "it has grown down into other memory";
	return NULL;
}

void findings_recursion(struct findings *findings)
{
	struct recursion_finding *recursion = &findings->recursion;
	bool wrapped;
	uint64_t low = lowest_word(findings, &wrapped);

	recursion->found = find_row(findings, low, recursion);
	if (recursion->found)
		recursion->how_left = how_left(recursion, wrapped);
}
