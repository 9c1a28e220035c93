/* SPDX-License-Identifier: MIT */
/*
 * calls.h: system calls that only i386 has.
 */
#ifndef I386_CALLS_H
#define I386_CALLS_H

#include "syscall.h"

syscall_fn sys_set_thread_area, sys_sigreturn;

#endif
