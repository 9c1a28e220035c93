/* SPDX-License-Identifier: MIT */
/*
 * crash.c: deaths on request.
 */
#include "crash.h"

#include "arch.h"
#include "boot.h"
#include "log.h"
#include "memory.h"
#include "string.h"

#define UNMAPPED ((uintptr_t)USER_UNUSED + 0x550)

static void crash_page_fault(void)
{
	*(volatile uint32_t *)UNMAPPED = 1;
}

static void crash_general_protection(void)
{
	cpu_violate_protection();
}

static void crash_invalid_opcode(void)
{
	asm volatile("ud2");
}

/* A stack that is not mapped: the push faults, and so does the delivery of that fault. The function
 * has a frame, so that its caller can still be found. */
static void crash_double_fault(void)
{
	cpu_push_onto(UNMAPPED, (uintptr_t)__builtin_frame_address(0));
}

static unsigned recurse(volatile unsigned *depth)
{
	volatile unsigned here = *depth + 1;

	/* Never reached; the compiler does not know. */
	if (here == 0)
		return 0;
	return recurse(&here) + *depth;
}

static void crash_stack(void)
{
	volatile unsigned depth = 0;

	recurse(&depth);
}

static void crash_heap(void)
{
	uint8_t *block = kmalloc(24, "crash");

	memset(block, 0xaa, 25);
	kfree(block);
}

static const struct {
	const char *name;
	void (*crash)(void);
} crashes[] = {
	{"pf", crash_page_fault},
	{"gp", crash_general_protection},
	{"ud", crash_invalid_opcode},
	{"df", crash_double_fault},
	{"stack", crash_stack},
	{"heap", crash_heap},
};

void crash_on_purpose(void)
{
	size_t length;
	const char *wanted = boot_option("panic", &length);

	if (!wanted)
		return;
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
		if (boot_option_is("panic", crashes[i].name))
			crashes[i].crash();
	}
	log_warn("panic=%.*s: not known\n", (int)length, wanted);
}
