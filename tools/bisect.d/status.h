/* SPDX-License-Identifier: MIT */
/*
 * status.h: exit statuses of bisect beyond those of vmm (error.h): docs/bisect.md.
 */
#ifndef BISECT_STATUS_H
#define BISECT_STATUS_H

#include "error.h"

/* As values of struct error's status, hence of its type. */
#define STATUS_OUTPUT    ((enum status)73) /* a result cannot be written */
#define STATUS_IDENTICAL ((enum status)85) /* GOOD and BAD do not differ */
#define STATUS_GOOD_DIES ((enum status)86) /* GOOD is bad */
#define STATUS_BAD_LIVES ((enum status)87) /* BAD is good */
#define STATUS_WAVERS    ((enum status)88) /* both die about as often */
#define STATUS_COMMAND \
	((enum status)89) /* a command of the user cannot be run, or builds neither */
#define STATUS_ELSEWHERE   ((enum status)90)  /* the cause is not in what this way can exchange */
#define STATUS_UNJUDGED    ((enum status)91)  /* GOOD or BAD cannot be judged: 125 */
#define STATUS_INTERRUPTED ((enum status)130) /* Ctrl-C */

#endif
