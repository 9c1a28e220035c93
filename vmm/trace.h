/* SPDX-License-Identifier: MIT */
/*
 * trace.h: --trace: a line for each event of the chosen kinds, to stderr or to a file.
 */
#ifndef VMM_TRACE_H
#define VMM_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "config.h"
#include "error.h"

struct vcpu;

struct trace {
	unsigned mask; /* TRACE_* of config.h; 0: nothing is traced */
	FILE *to;
	const char *prefix; /* of each line: "vmm: " on stderr */
	double start;       /* CLOCK_MONOTONIC seconds that count as 0 */
};

/* Opens the file that the configuration names. STATUS_INPUT when it cannot be written. */
bool trace_open(struct trace *trace, const struct config *config, struct error *err);
void trace_close(struct trace *trace);

/* Logs the exit that vcpu->run describes, after it was handled, so that reads show what was given.
 */
void trace_exit(const struct trace *trace, const struct vcpu *vcpu);

/* Logs a change of an interrupt line. */
void trace_irq(const struct trace *trace, unsigned irq, bool level);

#endif
