/* SPDX-License-Identifier: MIT */
/*
 * report_json.h: the report for programs: docs/report.schema.json tells what is in it.
 */
#ifndef AUTOPSY_REPORT_JSON_H
#define AUTOPSY_REPORT_JSON_H

#include "findings.h"
#include "verdict.h"

/* The report as one JSON object, UTF-8, NUL-terminated; free() it. NULL when there is no memory. */
char *report_json(const struct findings *findings, const struct verdict *verdict);

#endif
