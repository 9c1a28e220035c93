/* SPDX-License-Identifier: MIT */
/*
 * console.h: the guest's output on its way to stdout, in the order in which the guest made it, and
 * the search for what --expect asks for. Lines are written whole; a partial line waits for
 * console_flush().
 */
#ifndef VMM_CONSOLE_H
#define VMM_CONSOLE_H

#include <pthread.h>
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "tagger.h"

#define CONSOLE_BUFFER 8192
#define CONSOLE_LINE   1024

struct console {
	int fd;      /* -1: output is suppressed */
	int out;     /* what is written to: fd, or its file opened anew so that no write blocks */
	bool socket; /* the same for a socket, which cannot be opened anew */
	/* Asked while the reader takes nothing, which it has done for so many seconds: true to give
	 * up. NULL: waits for ever. */
	bool (*stop)(void *ctx, double seconds);
	void *ctx;
	uint64_t lost; /* bytes that the reader did not take; after them all output is dropped */
	bool closed;   /* the reader went away (EPIPE) */
	int error;     /* errno of the write that failed, EPIPE included; 0: none. Later output is
	                  dropped */
	uint8_t buffer[CONSOLE_BUFFER];
	size_t used;
	uint64_t total; /* bytes ever written by the guest */
	/* Of one guest among several: NULL otherwise. The lock is that of the stdout they share. */
	struct tagger *tagger;
	pthread_mutex_t *turn;
	bool expecting, matched;
	regex_t expect;
	char line[CONSOLE_LINE]; /* the current line, for matching; longer lines are cut */
	size_t line_used;
};

/* expect may be NULL; an invalid regular expression (POSIX extended) is a usage error. */
bool console_init(struct console *console, int fd, const char *expect, struct error *err);
/* Has console_write() and console_flush() ask stop() while the reader takes nothing. */
void console_set_stop(struct console *console, bool (*stop)(void *ctx, double seconds), void *ctx);
/* From now on the output comes in whole lines behind a tag, and a line waits for its end. turn is
 * held while lines are written. Both are the caller's. */
void console_tag(struct console *console, struct tagger *tagger, pthread_mutex_t *turn);
/* Flushes and frees; the descriptor stays open. */
void console_deinit(struct console *console);
/* Takes n bytes of output and writes all whole lines of it. Waits while the reader is slow:
 * nothing is lost unless stop() says so. */
void console_write(struct console *console, const void *bytes, size_t n);
/* Writes the unfinished line as well. */
void console_flush(struct console *console);
/* Matches the unfinished last line too: called when the guest has ended. */
void console_finish(struct console *console);

#endif
