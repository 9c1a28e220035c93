/* SPDX-License-Identifier: MIT */
/*
 * copier.h: port 0x503: one OUT copies or fills guest memory. Where KVM emulates the kernel, each
 * round of a `rep movs` is as dear as an instruction, and this port is worth its exit.
 */
#ifndef VMM_COPIER_H
#define VMM_COPIER_H

#include "bus.h"

/* How the chip reaches guest memory. */
struct copier_memory {
	/* n bytes at guest-physical address gpa, or NULL when they are not all RAM. */
	const void *(*at)(void *ctx, uint64_t gpa, uint64_t n);
	/* Writes n bytes to gpa, which are RAM: those at `from`, which may overlap them, or, when
	 * that is NULL, as many times `byte`. False, with nothing written: no memory for it. */
	bool (*store)(void *ctx, uint64_t gpa, const void *from, uint8_t byte, uint64_t n);
	void *ctx;
};

struct copier {
	struct copier_memory memory;
};

/* Claims the port. memory is copied. */
bool copier_init(struct copier *copier, struct bus *bus, const struct copier_memory *memory,
	struct error *err);

#endif
