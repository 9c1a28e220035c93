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

#define WATCHDOG_TICK_MS 20

/* Starts the machine's tick in the calling thread. */
bool watchdog_start(timer_t *timer, struct error *err);
void watchdog_stop(timer_t timer);

/* To be called in a vCPU's thread whenever a signal has interrupted it; tick: SIGALRM was among
 * them. The machine's lock is held. */
void watchdog_look(struct vcpu *vcpu, bool tick);

#endif
