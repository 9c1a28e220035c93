/* SPDX-License-Identifier: MIT */
/*
 * session.h: one bisection, from the two inputs to the answer.
 */
#ifndef BISECT_SESSION_H
#define BISECT_SESSION_H

#include "options.h"

/* Prints the answer on stdout. False with err when there is none. */
bool session_bisect(const struct options *options, struct error *err);

#endif
