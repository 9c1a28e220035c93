/* SPDX-License-Identifier: MIT */
/*
 * guest_store.h: what the monitor writes into guest memory because the running guest asked for it.
 */
#ifndef VMM_GUEST_STORE_H
#define VMM_GUEST_STORE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * For the vCPU whose exit is being handled, of the struct machine that ctx is: writes n bytes to
 * gpa, all of them RAM: those at `from`, which may be guest memory that overlaps them, or, when
 * that is NULL, as many times `byte`. Such a write is seen by --watch and by checkpoints as the
 * guest's own would be. False, with nothing written, when there is no memory for that.
 */
bool guest_store(void *ctx, uint64_t gpa, const void *from, uint8_t byte, uint64_t n);

#endif
