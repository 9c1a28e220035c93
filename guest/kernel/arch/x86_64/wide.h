/* SPDX-License-Identifier: MIT */
/*
 * wide.h: registers wider than SSE's, where programs have them although CR4.OSXSAVE is off: on a
 * KVM that runs CPL 3 natively, with its host's XCR0 and CPUID, and emulates CPL 0 without XSAVE.
 * There XSAVE and XRSTOR, which need no privilege, are carried out at CPL 3, in an address space
 * that has nothing in its user half but that code and the areas.
 */
#ifndef WIDE_H
#define WIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trap_frame;

/* Bits of XCR0 and of an area's header. */
#define WIDE_X87 1ull
#define WIDE_SSE 2ull

/* The first component behind those two; bits from here on are none. */
#define WIDE_FIRST 2
#define WIDE_END   20

/* Asks at CPL 3 for XCR0. Where that is an invalid opcode, as it must be, nothing is to be done. */
void wide_init(void);

/* Bytes of an area, at most a page; 0: FXSAVE is enough. */
size_t wide_size(void);

/* The part of XCR0 that areas have. */
uint64_t wide_features(void);

/* Where the component of bit `i` of XCR0 lies in an area; size 0: areas do not have it. */
struct wide_part {
	uint16_t offset, size;
};

struct wide_part wide_part(unsigned i);

/* An area, not filled; NULL: no memory. */
uint8_t *wide_create(void);
void wide_destroy(uint8_t *area);

/* Saves the registers to `from`, then loads them from `to`; either may be NULL. */
void wide_switch(uint8_t *from, const uint8_t *to);

/* Of every exception but page faults: whether it ended a stay at CPL 3 and is done with.
 * Breakpoints that end one do not come so far. */
bool wide_trap(struct trap_frame *frame);

/* The handler of breakpoints. */
extern const uint8_t wide_breakpoint[];

#endif
