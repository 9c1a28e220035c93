/* SPDX-License-Identifier: MIT */
/*
 * host_quirks.h: where one host's KVM differs from another's, and what vmm does about it.
 */
#ifndef VMM_HOST_QUIRKS_H
#define VMM_HOST_QUIRKS_H

#include "host_vm.h"

struct host_answer {
	const char *is;  /* what this KVM does */
	const char *vmm; /* what vmm does then */
};

/* How many quirks are known. */
unsigned host_quirk_count(void);

/* Tries the quirk with that index; name: what was tried. All are literals. */
struct host_answer host_quirk_try(struct host_vm *vm, unsigned index, const char **name);

#endif
