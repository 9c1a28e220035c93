/* SPDX-License-Identifier: MIT */
/*
 * rules_link.c: images that lie elsewhere than where they were linked for.
 */
#include <inttypes.h>

#include "rule.h"

static bool is_elsewhere(const struct findings *findings)
{
	return findings->link.used && findings->evidence->death != DEATH_PANIC;
}

static void explain_elsewhere(const struct findings *findings, struct say *say)
{
	const struct link_finding *link = &findings->link;

	say_add(say,
		"The image is not where it was linked for: its symbols' file has %s at 0x%" PRIx64
		", and it was loaded to 0x%" PRIx64
		". So every absolute address in it is wrong by 0x%" PRIx64 ": ",
		link->at.symbol.name, link->linked, link->at.address,
		(int64_t)link->by < 0 ? -link->by : link->by);
	say_place(say, &link->user);
	say_add(say,
		link->by_pointer ? " (%s) goes through a pointer that has %s at 0x%" PRIx64
				   "; it is at 0x%" PRIx64 "."
				 : " (%s) takes %s to be at 0x%" PRIx64 "; it is at 0x%" PRIx64 ".",
		link->insn, link->meant.name, link->meant.address - link->by, link->meant.address);
	if (findings->first.source) {
		say_add(say, " ");
		say_first(say, findings);
		say_add(say, ".");
	}
}

const struct verdict_rule rules_link[] = {
	{.id = "image-not-where-linked",
		.matches = is_elsewhere,
		.explain = explain_elsewhere,
		.repair = "Link it for where it is loaded (the linker script's address, ld -Ttext, "
			  "org in NASM), "
			  "or load it where it is linked for (--load, --virt).",
		.explains_death = true,
		.infers = true},
	{0},
};
