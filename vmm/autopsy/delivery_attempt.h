/* SPDX-License-Identifier: MIT */
/*
 * delivery_attempt.h: one delivery in the making, shared by the files that model it. Steps return
 * false when the delivery ends there.
 */
#ifndef AUTOPSY_DELIVERY_ATTEMPT_H
#define AUTOPSY_DELIVERY_ATTEMPT_H

#include "delivery.h"

struct attempt {
	const struct phys_mem *mem;
	const struct cpu_state *cpu;
	bool external; /* EXT of error codes: SDM vol. 3, 6.13 "Error Code" */
	struct delivery *delivery;
	struct cpu_state after;
};

/* The delivery raises vector with this error code. Returns false. */
bool attempt_fail(
	struct attempt *attempt, enum delivery_reason reason, uint8_t vector, uint32_t error);

/* An access of the CPU failed: #PF, or vector and error when the address is not canonical, or
 * nobody knows. Returns false. */
bool attempt_fail_access(struct attempt *attempt, enum delivery_reason reason,
	const struct linear_result *access, uint8_t vector, uint32_t error);

/* This is where the model ends. Returns false. */
bool attempt_unknown(struct attempt *attempt, enum delivery_reason reason);

/* Chooses the stack: the current one, or one from the TSS. Needs gate and target. */
bool stack_choose(struct attempt *attempt);

/* Checks limits or canonical form of the frame's place. */
bool stack_check_room(struct attempt *attempt);

/* Writes the frame, on paper. */
bool stack_push(struct attempt *attempt);

#endif
