/* SPDX-License-Identifier: MIT */
/*
 * bufcon.h: port 0x501: one OUT hands a whole buffer to the console.
 */
#ifndef VMM_BUFCON_H
#define VMM_BUFCON_H

#include "bus.h"
#include "console.h"

/* How the chip reads guest memory: n bytes at guest-physical address gpa, or NULL when they are not
 * all RAM. */
struct guest_view {
	const void *(*at)(void *ctx, uint64_t gpa, uint64_t n);
	void *ctx;
};

enum bufcon_fault {
	BUFCON_FINE,
	BUFCON_BAD_SIZE,       /* not a 32-bit OUT */
	BUFCON_BAD_DESCRIPTOR, /* the struct vmm_console_buffer is not in RAM */
	BUFCON_BAD_BUFFER,     /* what it points to is not in RAM */
	BUFCON_BAD_FLAGS,
};

struct bufcon {
	struct console *console;
	struct guest_view view;
	/* Misuse by the guest, for the report. */
	uint64_t refused;        /* requests that were not carried out */
	enum bufcon_fault fault; /* of the last of them */
	uint64_t fault_gpa;      /* where the descriptor or the buffer was said to be */
	uint64_t fault_length;
};

/* Claims the port. console stays the caller's; view is copied. */
bool bufcon_init(struct bufcon *bufcon, struct bus *bus, struct console *console,
	const struct guest_view *view, struct error *err);

/* A fault in words: "its buffer is not in RAM". */
const char *bufcon_fault_name(enum bufcon_fault fault);

#endif
