/* SPDX-License-Identifier: MIT */
/*
 * verdict.h: the cause of a death in a sentence, and its repair in another: a table of rules over
 * the findings, most specific first.
 */
#ifndef AUTOPSY_VERDICT_H
#define AUTOPSY_VERDICT_H

#include "findings.h"

#define VERDICT_TEXT_MAX 1536
#define VERDICT_NOTES    16

/* A supporting statement. */
struct verdict_note {
	enum known known;
	char text[512];
};

struct verdict {
	const char *id;                /* literal; "unexplained" when no rule fits */
	enum known known;              /* how the cause is known */
	bool explained;                /* false for "unexplained" */
	bool on_purpose;               /* the guest meant it: no crash */
	char cause[VERDICT_TEXT_MAX];  /* whole sentences, one paragraph, no newline */
	char repair[VERDICT_TEXT_MAX]; /* likewise; "" when there is nothing to repair */
	struct verdict_note notes[VERDICT_NOTES + 1]; /* the last takes those that are too many */
	unsigned note_count;
	/* Knowing who wrote there would settle or sharpen the verdict. */
	bool wants_writer;
	uint64_t writer_gpa, writer_size;
};

/* A rule. explain appends its sentences, repair_more to those of repair. */
struct say;
struct verdict_rule {
	const char *id;
	bool (*matches)(const struct findings *findings);
	void (*explain)(const struct findings *findings, struct say *say);
	const char *repair;
	void (*repair_more)(const struct findings *findings, struct say *say);
	/* The memory whose writer would settle the matter, or NULL. */
	bool (*writer)(const struct findings *findings, uint64_t *gpa, uint64_t *size);
	bool on_purpose;
	bool explains_death; /* needs no first event: how the guest ended says it all */
	bool infers; /* the cause is a conclusion from what was seen; a writer that a second run
	                saw makes it a recovered one */
};

/* The rules of one theme, most specific first; ends with an id of NULL. */
extern const struct verdict_rule rules_mode[], rules_tables[], rules_memory[], rules_stack[],
	rules_paging[], rules_user[], rules_handlers[], rules_flow[], rules_pointers[],
	rules_units[], rules_control[], rules_segments[], rules_interrupts[], rules_hangs[],
	rules_entries[], rules_host[], rules_quirks[], rules_text[], rules_idt[], rules_overflow[],
	rules_purpose[], rules_real[], rules_null[], rules_unmapped[], rules_link[], rules_gdt[],
	rules_returns[], rules_fallback[];

/* The verdict; never fails. */
void verdict_make(struct verdict *verdict, const struct findings *findings);

/* The id of rule n over all themes in the order in which they are tried; NULL behind the last. */
const char *verdict_rule_id(unsigned n);

#endif
