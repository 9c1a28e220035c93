/* SPDX-License-Identifier: MIT */
/*
 * power.h: how a guest's own wish to end reaches the vCPU loop from whichever device it used.
 */
#ifndef VMM_POWER_H
#define VMM_POWER_H

#include <stdbool.h>

enum power_why { POWER_ON, POWER_OFF, POWER_EXIT, POWER_RESET, POWER_PANIC };

struct power {
	enum power_why why; /* POWER_ON: the guest runs */
	int status;         /* POWER_EXIT: the guest's own exit status, 0 to 255 */
	const char *device; /* which device asked: a literal */
};

/* The first request counts. */
static inline void power_request(
	struct power *power, enum power_why why, int status, const char *device)
{
	if (power->why != POWER_ON)
		return;
	power->why = why;
	power->status = status;
	power->device = device;
}

#endif
