/* SPDX-License-Identifier: MIT */
/*
 * stdin_reader.h: brings stdin to the guest. A terminal is read from the start, for the sake of its
 * commands (Ctrl-a x); a pipe or a file from the guest's first look at its input on: a guest that
 * never looks leaves it untouched.
 */
#ifndef VMM_STDIN_READER_H
#define VMM_STDIN_READER_H

#include <pthread.h>
#include <stdbool.h>

#include "error.h"
#include "input.h"

/* All are called from the reader's thread, only notify with the lock held: who asks for the end may
 * mean somebody who holds it and waits. */
struct stdin_hooks {
	void (*notify)(void *ctx); /* input has come, or it has ended: raise interrupts */
	void (*quit)(void *ctx);   /* Ctrl-a x */
	void (*status)(void *ctx); /* Ctrl-a c: print a status line to stderr */
	void *ctx;
};

struct stdin_reader {
	struct input *input;
	pthread_mutex_t *lock;
	struct stdin_hooks hooks;
	int fd;
	int wake; /* eventfd: look around */
	bool terminal;
	bool escaped; /* the last byte was Ctrl-a */
	bool running; /* thread is valid */
	bool stop;
	pthread_t thread;
};

/* Starts, or with a pipe arranges for, the reading of fd into input under lock. Sets input's hooks.
 * fd may be closed. The pointers stay the caller's; hooks is copied. Not to be called with the lock
 * held. */
bool stdin_reader_start(struct stdin_reader *reader, int fd, struct input *input,
	pthread_mutex_t *lock, const struct stdin_hooks *hooks, struct error *err);

/* Stops reading and gives the terminal back. Not to be called with the lock held; no hook runs
 * afterwards. */
void stdin_reader_stop(struct stdin_reader *reader);

#endif
