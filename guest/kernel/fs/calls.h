/* SPDX-License-Identifier: MIT */
/*
 * calls.h: system calls on files.
 */
#ifndef FS_CALLS_H
#define FS_CALLS_H

#include "syscall.h"

syscall_fn sys_write, sys_writev;

#endif
