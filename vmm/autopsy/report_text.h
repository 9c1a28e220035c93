/* SPDX-License-Identifier: MIT */
/*
 * report_text.h: the report for a person: cause and repair first, then what they rest on.
 */
#ifndef AUTOPSY_REPORT_TEXT_H
#define AUTOPSY_REPORT_TEXT_H

#include "findings.h"
#include "verdict.h"

/* The report in whole lines, NUL-terminated; free() it. What comes before the first empty line is
 * the answer, the rest the evidence. With colour ANSI sequences are in it. NULL when there is no
 * memory at all. */
char *report_text(const struct findings *findings, const struct verdict *verdict, bool colour);

#endif
