/* SPDX-License-Identifier: MIT */
/*
 * json_parts.h: the parts of the JSON report, each a new value. Internal to the report.
 */
#ifndef AUTOPSY_JSON_PARTS_H
#define AUTOPSY_JSON_PARTS_H

#include "findings.h"
#include "json_value.h"
#include "verdict.h"

/* Puts "symbol", "offset", "file" and "line" of an address into object; null when not known. */
void json_put_place(json_t *object, const struct findings *findings, uint64_t linear);

/* The chain of deliveries. */
json_t *json_chain(const struct findings *findings);
/* One page walk. */
json_t *json_walk(const struct walk *walk);

/* All registers of one CPU. */
json_t *json_cpu(const struct cpu_state *cpu);

/* Instructions around RIP; callers. */
json_t *json_code(const struct findings *findings);
json_t *json_backtrace(const struct findings *findings);
/* Writes, single steps and samples, with names. */
json_t *json_writes(const struct findings *findings);
json_t *json_trail(const struct findings *findings);
json_t *json_samples(const struct findings *findings);

/* The machine: exits, unclaimed ports, regions, the end of the log. */
json_t *json_exits(const struct evidence *evidence);
json_t *json_unclaimed(const struct evidence *evidence);
json_t *json_regions(const struct evidence *evidence);
json_t *json_log(const struct evidence *evidence);

#endif
