/* SPDX-License-Identifier: MIT */
/*
 * power.h: how the machine ends.
 */
#ifndef KERNEL_POWER_H
#define KERNEL_POWER_H

/* Ends the machine; status (0 to 255) becomes vmm's own. Elsewhere only "0 or not" can be told. */
void power_off(int status) __attribute__((noreturn));

/* Tells the monitor that the kernel panicked (pvpanic), then stops for good. A function of its own
 * in every report. */
void power_panic(void) __attribute__((noreturn, noinline));

#endif
