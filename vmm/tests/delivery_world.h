/* SPDX-License-Identifier: MIT */
/*
 * delivery_world.h: what the tests of exception delivery share: a guest of 64 KiB, and a chain in
 * one line of text.
 */
#ifndef TESTS_DELIVERY_WORLD_H
#define TESTS_DELIVERY_WORLD_H

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "array_mem.h"
#include "autopsy/delivery.h"

#define RAM_SIZE 0x10000

static uint8_t bytes[RAM_SIZE];
static struct array_mem ram = {bytes, RAM_SIZE};
static struct phys_mem mem;
static struct cpu_state cpu;
static struct delivery_chain chain;

/* Writes a quadword, a doubleword. */
static inline void put(uint64_t gpa, uint64_t value)
{
	array_mem_put(&ram, gpa, value, 8);
}

static inline void put32(uint64_t gpa, uint32_t value)
{
	array_mem_put(&ram, gpa, value, 4);
}

/* Changes a world to CPL 3, in its user segments. */
static inline void enter_user(void)
{
	cpu.seg[SEG_CS].selector = cpu.efer & 0x400 ? 0x23 : 0x1b;
	cpu.seg[SEG_CS].dpl = 3;
	cpu.seg[SEG_SS].selector = cpu.efer & 0x400 ? 0x1b : 0x23;
	cpu.seg[SEG_SS].dpl = 3;
	cpu.rip = 0xc000;
	cpu.gpr[GPR_RSP] = 0xe000;
}

/* "#PF:2@b000 #DF:0 shutdown": vectors, error codes, CR2, and the end. */
static inline const char *chain_string(void)
{
	static const char *const ends[] = {
		"handled", "shutdown", "endless", "unknown", "overwrites", "limit"};
	static char text[600];
	const struct delivery_event *event;
	size_t used = 0;
	unsigned i;

	for (i = 0; i < chain.count; i++) {
		event = &chain.links[i].delivery.event;
		if (i == CHAIN_HEAD && chain.omitted)
			used += snprintf(text + used, sizeof(text) - used, "(%" PRIu64 " more) ",
				chain.omitted);
		used += snprintf(text + used, sizeof(text) - used, "%u", event->vector);
		if (event->has_error)
			used += snprintf(text + used, sizeof(text) - used, ":%x", event->error);
		if (event->kind == EVENT_EXCEPTION && event->vector == 14)
			used += snprintf(text + used, sizeof(text) - used, "@%" PRIx64, event->cr2);
		used += snprintf(text + used, sizeof(text) - used, " ");
	}
	snprintf(text + used, sizeof(text) - used, "%s", ends[chain.end]);
	return text;
}

/* Follow an exception; an interrupt. */
static inline const char *follow(uint8_t vector, uint32_t error, uint64_t cr2)
{
	delivery_chain(&mem, &cpu, delivery_exception(&cpu, vector, error, cr2), &chain);
	return chain_string();
}

static inline const char *follow_int(enum delivery_kind kind, uint8_t vector)
{
	delivery_chain(&mem, &cpu, (struct delivery_event){.kind = kind, .vector = vector}, &chain);
	return chain_string();
}

/* Why link number n (from 0) failed. */
static inline enum delivery_reason reason(unsigned link)
{
	return chain.links[link].delivery.reason;
}

/* Runs the tests; returns main()'s status. */
static inline int run_tests(const char *name, const TTest *const *const tests[], size_t count)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner = srunner_create(suite);
	size_t i;
	int failed;

	for (i = 0; i < count; i++)
		tcase_add_test(tcase, *tests[i]);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
