/* SPDX-License-Identifier: MIT */
/*
 * fs_host.h: the kernel's file systems in a program of the host.
 */
#ifndef GUEST_TESTS_FS_HOST_H
#define GUEST_TESTS_FS_HOST_H

/* An empty root, and a process in it. */
void fs_host_start(void);

/* Gives all back; fails the test when something stays behind. */
void fs_host_end(void);

#endif
