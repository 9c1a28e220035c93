/* SPDX-License-Identifier: MIT */
/*
 * host.h: --host: what this host's KVM can do, found out by trying.
 */
#ifndef VMM_HOST_H
#define VMM_HOST_H

#include <stdbool.h>

#include "error.h"

/* Prints one line a fact to stdout. False with err when KVM cannot be used at all. */
bool host_print(struct error *err);

#endif
