/* SPDX-License-Identifier: MIT */
/*
 * lapic.h: this CPU's local APIC: it delivers interrupts and has a timer.
 */
#ifndef LAPIC_H
#define LAPIC_H

#include <stdint.h>

/* Switched on, through MSRs where the CPU has x2APIC; the timer is off. */
void lapic_init(void);

/* Lets the interrupts of the 8259s through. */
void lapic_accept_pic(void);

/* The interrupt being handled is done. */
void lapic_acknowledge(void);

/* One VECTOR_TIMER interrupt `ns` nanoseconds from now; replaces one that is due. Callable from its
 * handler. */
void lapic_timer_arm(uint64_t ns);
void lapic_timer_stop(void);

#endif
