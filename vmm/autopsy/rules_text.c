/* SPDX-License-Identifier: MIT */
/*
 * rules_text.c: the CPU runs a string of the image as code: what its letters do is chance.
 */
#include <string.h>

#include "rule.h"

#define TEXT_MAX 64u
#define TEXT_MIN 8u

static bool is_printable(char c)
{
	return (c >= ' ' && c <= '~') || c == '\r' || c == '\n' || c == '\t';
}

static bool read_byte(const struct findings *findings, uint64_t linear, char *c)
{
	return linear_read(
		       &findings->evidence->mem, &findings->cpu, linear, c, 1, linear_system_read)
	               .status == LINEAR_OK;
}

/* The bytes around RIP that are printable, up to a zero. Half of them must be small letters: rows
 * of push and pop are capital ones. */
static bool find_text(const struct findings *findings, char *text, uint64_t *begin)
{
	uint64_t at = findings->rip.address;
	unsigned n = 0, small = 0;
	bool ends;
	char c = ' ';

	while (findings->rip.address - at < TEXT_MAX / 2 && read_byte(findings, at - 1, &c) &&
		is_printable(c))
		at--;
	/* What stands before a string is no part of it. */
	if (findings->rip.has_symbol && at < findings->rip.address - findings->rip.symbol.offset)
		at = findings->rip.address - findings->rip.symbol.offset;
	*begin = at;
	while (n < TEXT_MAX - 1 && read_byte(findings, at + n, &c) && is_printable(c)) {
		small += c >= 'a' && c <= 'z';
		text[n++] = c < ' ' ? ' ' : c;
	}
	ends = !c || n == TEXT_MAX - 1;
	while (n && text[n - 1] == ' ')
		n--;
	text[n] = 0;
	return at + n > findings->rip.address && n >= TEXT_MIN && small * 2 >= n && ends;
}

static bool runs_text(const struct findings *findings)
{
	enum death death = findings->evidence->death;
	char text[TEXT_MAX];
	uint64_t begin;

	return findings->state_valid && !findings->code.differs &&
	       (death == DEATH_SHUTDOWN || death == DEATH_KVM_INTERNAL ||
		       death == DEATH_BOOT_EXCEPTION) &&
	       find_text(findings, text, &begin);
}

static void explain_text(const struct findings *findings, struct say *say)
{
	char text[TEXT_MAX];
	struct place place;
	uint64_t begin;

	find_text(findings, text, &begin);
	place = findings_place(findings, begin);
	say_add(say, "The CPU executes text, \"%s\" at ", text);
	say_data(say, &place);
	say_add(say, ", as if it were code: the code right before it runs on, or a jump or return "
		     "led there. It came to grief at ");
	say_data(say, &findings->rip);
	if (findings->first.source) {
		say_add(say, ", with ");
		say_vector(say, findings->first.event.vector);
	}
	say_add(say, ".");
}

const struct verdict_rule rules_text[] = {
	{.id = "executes-text",
		.matches = runs_text,
		.explain = explain_text,
		.repair = "End the code before it with a loop of cli and hlt, a jump or a return; "
			  "or find the jump that led there.",
		.explains_death = true,
		.infers = true},
	{0},
};
