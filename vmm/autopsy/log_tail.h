/* SPDX-License-Identifier: MIT */
/*
 * log_tail.h: the end of the log that a guest keeps in its vmm_log_ring (guest_abi.h).
 */
#ifndef AUTOPSY_LOG_TAIL_H
#define AUTOPSY_LOG_TAIL_H

#include "evidence.h"

/* Copies the last bytes of the log, at most n, to buf and returns their number: 0 when there is no
 * log, it is empty, or it does not make sense. The bytes are the guest's: hostile. */
size_t log_tail_read(const struct evidence *evidence, char *buf, size_t n);

/* Where the last max lines begin in n bytes of log. */
size_t log_tail_lines(const char *log, size_t n, unsigned max);

#endif
