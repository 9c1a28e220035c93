/* SPDX-License-Identifier: MIT */
/*
 * poll.h: waiting until one of many files is ready.
 */
#ifndef FS_POLL_H
#define FS_POLL_H

#include "fs/vfs.h"

/* Fills in revents: how many of n are ready, 0 at time_ns() `until`, or a negated errno
 * (-ERESTARTNOHAND when a signal came). */
int64_t poll_files(struct abi_pollfd *polls, unsigned n, uint64_t until);

/* The signal mask that ppoll and pselect6 wait with; NULL: the old one stays. 0 or a negated errno.
 */
int poll_use_mask(uintptr_t mask, uint64_t size);

#endif
