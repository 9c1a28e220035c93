/* SPDX-License-Identifier: MIT */
/*
 * report_parts.h: the parts of the text report that explain, each whole lines at the end of text;
 * a part with nothing to tell writes nothing. Internal to the report.
 */
#ifndef AUTOPSY_REPORT_PARTS_H
#define AUTOPSY_REPORT_PARTS_H

#include "findings.h"
#include "sections.h"
#include "text.h"
#include "verdict.h"

/* "touch+0x4 (mm.c:12)", or the address: as far as the symbols know. The second with the file's
 * whole path. */
void report_place(struct text *text, const struct findings *findings, uint64_t linear);
void report_path(struct text *text, const struct findings *findings, uint64_t linear);

/* The source line at an address, on a line of its own, when its file is at hand. */
void report_source(struct text *text, const struct findings *findings, uint64_t linear);

/* The first event: what, where, why. */
void report_first(struct text *text, const struct findings *findings);
/* How the CPU went from the first event to its end. */
void report_chain(struct text *text, const struct findings *findings);
/* The statements that support the verdict, each with how it is known. */
void report_notes(struct text *text, const struct verdict *verdict);
/* The page walks that matter. */
void report_walks(struct text *text, const struct findings *findings);
/* Instructions around RIP with their source lines. */
void report_code(struct text *text, const struct findings *findings);
/* The backtrace, with inlined calls and how each frame was found. */
void report_calls(struct text *text, const struct findings *findings);
/* What the general registers point to. */
void report_pointers(struct text *text, const struct findings *findings);
/* The last single steps, the profile of a loop, the writes that a second run saw: with names. */
void report_trail(struct text *text, const struct findings *findings);
void report_samples(struct text *text, const struct findings *findings);
void report_writes(struct text *text, const struct findings *findings);

#endif
