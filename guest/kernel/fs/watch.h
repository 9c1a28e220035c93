/* SPDX-License-Identifier: MIT */
/*
 * watch.h: what the rest of the kernel tells the files that watch other things: timers, signals,
 * other files.
 */
#ifndef FS_WATCH_H
#define FS_WATCH_H

#include <stdint.h>

struct file;

/* Timers whose files can be read at `now`; when the next one can be, by time_ns(), UINT64_MAX:
 * never. */
uint64_t timerfd_expire(uint64_t now);

/* Some process got a signal. */
void signalfd_notify(void);

/* The file goes away: those that watch it forget it. */
void epoll_forget(struct file *file);

#endif
