/* SPDX-License-Identifier: MIT */
/*
 * fault.h: what traps ask of the process that runs.
 */
#ifndef PROCESS_FAULT_H
#define PROCESS_FAULT_H

#include <stdbool.h>
#include <stdint.h>

struct trap_frame;

/* A program's page fault: brings the page, or sends it SIGSEGV or SIGBUS. */
void process_page_fault(struct trap_frame *frame, uint64_t address);

/* The kernel touches a program's address: true when it works now. */
bool process_touch(uint64_t address, bool write);

/* A program's exception becomes a signal: true. False: it is the kernel's own. */
bool process_exception(struct trap_frame *frame);

/* Before a program goes on: others have their turn, signals are handled. */
void process_return(struct trap_frame *frame);

#endif
