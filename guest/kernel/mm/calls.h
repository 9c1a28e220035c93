/* SPDX-License-Identifier: MIT */
/*
 * calls.h: system calls on memory.
 */
#ifndef MM_CALLS_H
#define MM_CALLS_H

#include "syscall.h"

syscall_fn sys_brk;
syscall_fn sys_madvise;
syscall_fn sys_mincore;
syscall_fn sys_mmap;
syscall_fn sys_mprotect;
syscall_fn sys_mremap;
syscall_fn sys_msync;
syscall_fn sys_munmap;

#endif
