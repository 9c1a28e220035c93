/* SPDX-License-Identifier: MIT */
/*
 * fuzz.h: parts of syscall_fuzz: what each call takes, and arguments of a kind.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* What an argument may be: a letter of struct fuzz_call's kinds.
 *
 *	d  descriptor             D  the same, or AT_FDCWD      p  path
 *	b  buffer                 i  a structure                n  length
 *	o  offset                 f  flags                      c  small number
 *	s  signal                 t  process or group           m  address to map at
 *	M  length to map          r  rights                     v  iovec
 *	T  time                   K  set of signals             A  argument vector
 *	S  struct sigaction       8  the size of a signal set   x  anything
 */
struct fuzz_call {
	short number;
	const char *kinds;
	unsigned rarity; /* called once in so many times; 0: always */
};

extern const struct fuzz_call fuzz_calls[];
extern const size_t fuzz_call_count;

void fuzz_seed(uint64_t seed);
uint64_t fuzz_random(void);

/* Memory for pointers to point into; part of it is shared by whoever is forked after the first
 * call. Again: whatever was done to it is undone. 0, or -1 when there is no memory. */
int fuzz_arena(void);

/* A value for a kind, mostly; anything sometimes. */
unsigned long fuzz_argument(char kind);

/* Fills n bytes with what calls might take for numbers, addresses, lengths. */
void fuzz_scribble(void *to, size_t n);

#endif
