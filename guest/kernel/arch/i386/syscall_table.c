/* SPDX-License-Identifier: MIT */
/*
 * syscall_table.c: every system call that there is, by Linux's number for i386.
 */
#include "calls.h"
#include "process/calls.h"
#include "syscall.h"

const struct syscall syscall_table[] = {
	[1] = {"exit", sys_exit},
	[20] = {"getpid", sys_getpid},
	[119] = {"sigreturn", sys_sigreturn},
	[173] = {"rt_sigreturn", sys_rt_sigreturn},
	[243] = {"set_thread_area", sys_set_thread_area},
};

const unsigned syscall_count = sizeof(syscall_table) / sizeof(syscall_table[0]);
