/* SPDX-License-Identifier: MIT */
/*
 * watchdog.h: the tick: --timeout, console lines that wait, and guests that can never run again.
 */
#ifndef VMM_WATCHDOG_H
#define VMM_WATCHDOG_H

#include <stdbool.h>
#include <time.h>

#include "error.h"
#include "vcpu.h"

#define WATCHDOG_TICK 0.02 /* seconds */

/* A timer that sends the tick to the calling thread; it does nothing until it is set. */
bool watchdog_create(timer_t *timer, struct error *err);
/* By the thread that created it; no tick comes afterwards. */
void watchdog_stop(timer_t timer);

/* The first tick after so many seconds (0: never), then one every period seconds (0: no more). */
void watchdog_set(timer_t timer, double first, double period);

/* To be called in a vCPU's thread whenever a signal has interrupted it; tick: SIGALRM was among
 * them. The machine's lock is held. */
void watchdog_look(struct vcpu *vcpu, bool tick);

/* For runs with a tick of their own: helps a vCPU on that hangs at a watched page. */
void watchdog_unstick(struct vcpu *vcpu);

#endif
