/* SPDX-License-Identifier: MIT */
/*
 * fuzz_arguments.c: random arguments: addresses beside borders of pages and of the user half,
 * paths, lengths, structures. Lengths are small or more than there is, so that calls rather fail
 * than eat all memory: that is memtorture's job.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define PAGE      4096ul
#define PAGES     16
#define SHARED    4  /* pages that racing children share, at the arena's start */
#define READ_ONLY 8  /* this page cannot be written */
#define NO_ACCESS 10 /* this one not read */
#define HOLE      12 /* this one is not there */
#define SMALL_MAX (256 * 1024ul)
#define COUNT(x)  (sizeof(x) / sizeof((x)[0]))
#define ONE_IN(n) (fuzz_random() % (n) == 0)
#define ONE_OF(x) ((x)[fuzz_random() % COUNT(x)])

static __thread uint64_t state;
static char *arena;
static char long_name[300], long_path[PATH_MAX + 32];

void fuzz_seed(uint64_t seed)
{
	state = 0x9e3779b97f4a7c15 * (seed + 1);
}

/* xorshift64* */
uint64_t fuzz_random(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1d >> 16;
}

static unsigned long any_word(void)
{
	return (unsigned long)(fuzz_random() << 16 ^ fuzz_random());
}

static unsigned long special(void)
{
	static const uint64_t words[] = {0, 1, 2, 0xfff, 0x1000, 0x7fffffff, 0x80000000, 0xffffffff,
		0x7ffffffff000, 0x7fffffffefff, 0x7fffffffffff, 0x800000000000, 0x800000000001,
		0xffff7fffffffffff, 0xffff800000000000, 0xffff800000200000, 0xffffc00000000000,
		0xffffe00000004000, 0xffffffff80100000, 0x7ffffffffffff000, 0x7fffffffffffffff,
		0x8000000000000000, 0xfffffffffffff000, ~0ull, ~0ull - 7, 0x80100000, 0x7ffff000,
		0xe0000000, 0xfffff000};

	return (unsigned long)ONE_OF(words);
}

int fuzz_arena(void)
{
	const int rights = PROT_READ | PROT_WRITE, flags = MAP_ANONYMOUS | MAP_FIXED;

	if (!arena) {
		char *at = mmap(NULL, PAGES * PAGE, rights, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

		if (at == MAP_FAILED)
			return -1;
		arena = at;
		memset(long_name, 'n', sizeof(long_name) - 1);
		for (size_t i = 0; i + 2 < sizeof(long_path); i += 2)
			memcpy(long_path + i, "./", 2);
	}
	if (mmap(arena + SHARED * PAGE, (PAGES - SHARED) * PAGE, rights, MAP_PRIVATE | flags, -1,
		    0) == MAP_FAILED)
		return -1;
	mprotect(arena + READ_ONLY * PAGE, PAGE, PROT_READ);
	mprotect(arena + NO_ACCESS * PAGE, PAGE, PROT_NONE);
	munmap(arena + HOLE * PAGE, PAGE);
	return 0;
}

/* n bytes that can be written, at the end of what can be sometimes. */
static char *room(size_t n)
{
	static const unsigned char last[] = {READ_ONLY, NO_ACCESS, HOLE};

	if (ONE_IN(3))
		return arena + ONE_OF(last) * PAGE - n;
	return arena + fuzz_random() % (READ_ONLY * PAGE - n);
}

static unsigned long pointer(void)
{
	switch (fuzz_random() % 16) {
	case 0:
		return special();
	case 1: /* across a border */
		return (unsigned long)arena + (1 + fuzz_random() % PAGES) * PAGE -
		       fuzz_random() % 64;
	case 2:
		return 0;
	default:
		return (unsigned long)room(512);
	}
}

static unsigned long length(void)
{
	static const uint64_t huge[] = {0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
		0x7ffffffffffff000, 0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffff000,
		~0ull};

	switch (fuzz_random() % 8) {
	case 0:
		return (unsigned long)ONE_OF(huge);
	case 1:
		return fuzz_random() % SMALL_MAX;
	case 2:
		return fuzz_random() % 16 * PAGE;
	default:
		return fuzz_random() % 600;
	}
}

static unsigned long small(void)
{
	return ONE_IN(16) ? special() : fuzz_random() % 32;
}

void fuzz_scribble(void *to, size_t n)
{
	for (; n >= sizeof(long); n -= sizeof(long), to = (char *)to + sizeof(long)) {
		unsigned long word;

		switch (fuzz_random() % 8) {
		case 0:
			word = special();
			break;
		case 1:
			word = any_word();
			break;
		case 2:
			word = (unsigned long)arena + fuzz_random() % (PAGES * PAGE);
			break;
		default:
			word = fuzz_random() % 16;
		}
		memcpy(to, &word, sizeof(word));
	}
}

static const char *name(void)
{
	static const char *const names[] = {"a", "b", "c", "d", "d/e", "d/f", "d/../a", "d/e/g",
		"./b", "link", "loop", "loop/a", ".", "..", "", "/", "//", "/tmp", "a/", "none/x",
		"/proc/self/maps", "/proc/self/status", "/proc/self/fd/3", "/proc/self/fd",
		"/proc/self/exe", "/proc/self/stat", "/proc/self/cwd", "/proc/self/environ",
		"/proc/1/cmdline", "/proc/meminfo", "/proc", "/proc/mounts", "/dev", "/dev/null",
		"/dev/zero", "/dev/full", "/dev/urandom", "/bin/hello", "proc", "ramfs", "tmpfs"};

	switch (fuzz_random() % 32) {
	case 0:
		return long_name + fuzz_random() % 64;
	case 1:
		return long_path + fuzz_random() % 64;
	default:
		return ONE_OF(names);
	}
}

static unsigned long path(void)
{
	const char *text = name();
	size_t size = strlen(text) + 1;
	char *to;

	if (ONE_IN(16))
		return pointer();
	/* Without its end, before a page that cannot be read. */
	if (ONE_IN(32))
		size--;
	if (size > PAGE)
		return (unsigned long)text;
	to = ONE_IN(4) ? arena + NO_ACCESS * PAGE - size : room(size);
	if (to + size > arena + READ_ONLY * PAGE && to < arena + (READ_ONLY + 1) * PAGE)
		return (unsigned long)text;
	memcpy(to, text, size);
	return (unsigned long)to;
}

static unsigned long vector(void)
{
	struct iovec *to = (struct iovec *)((unsigned long)room(8 * sizeof(*to)) & ~7ul);

	for (int i = 0; i < 8; i++)
		to[i] = (struct iovec){(void *)pointer(), length()};
	return ONE_IN(16) ? pointer() : (unsigned long)to;
}

static unsigned long moment(void)
{
	long *to = (long *)((unsigned long)room(4 * sizeof(*to)) & ~7ul);

	for (int i = 0; i < 4; i++)
		to[i] = i % 2 ? (long)(fuzz_random() % 2000000) : (long)ONE_IN(8);
	if (ONE_IN(8))
		fuzz_scribble(to, 4 * sizeof(*to));
	return ONE_IN(8) ? pointer() : (unsigned long)to;
}

static unsigned long arguments(void)
{
	unsigned long *to = (unsigned long *)((unsigned long)room(9 * sizeof(*to)) & ~7ul);

	for (int i = 0; i < 8; i++)
		to[i] = ONE_IN(4) ? 0 : path();
	to[8] = 0;
	return ONE_IN(4) ? pointer() : (unsigned long)to;
}

static unsigned long structure(size_t n)
{
	char *to = room(n);

	fuzz_scribble(to, n);
	return ONE_IN(16) ? pointer() : (unsigned long)to;
}

/* Rarely with the tick's signal: who sleeps without it sleeps long. */
static unsigned long signal_set(void)
{
	char *to = room(32);
	unsigned long first;

	fuzz_scribble(to, 32);
	memcpy(&first, to, sizeof(first));
	if (!ONE_IN(64))
		first &= ~(1ul << (SIGALRM - 1));
	memcpy(to, &first, sizeof(first));
	return ONE_IN(16) ? pointer() : (unsigned long)to;
}

/* The arena, and now and then this very stack and code. */
static unsigned long map_address(void)
{
	unsigned long here = (unsigned long)&here;

	switch (fuzz_random() % 32) {
	case 0:
		return special();
	case 1:
		return (here & ~(PAGE - 1)) - fuzz_random() % 64 * PAGE;
	case 2:
		return ONE_IN(4) ? (unsigned long)map_address & ~(PAGE - 1) : 0;
	case 3:
		return any_word();
	case 4:
		return any_word() & ~(PAGE - 1);
	default:
		return (unsigned long)arena + fuzz_random() % (2 * PAGES) * PAGE;
	}
}

static unsigned long flags(void)
{
	unsigned long bits = 0;

	for (unsigned n = (unsigned)(fuzz_random() % 4); n; n--)
		bits |= 1ul << fuzz_random() % (ONE_IN(8) ? 8 * sizeof(bits) : 20);
	return bits;
}

static unsigned long a_signal(void)
{
	static const unsigned char gentle[] = {
		0, SIGALRM, SIGUSR1, SIGUSR2, SIGCHLD, SIGURG, SIGCONT, SIGWINCH};

	return ONE_IN(16) ? fuzz_random() % 70 : ONE_OF(gentle);
}

static unsigned long somebody(void)
{
	switch (fuzz_random() % 8) {
	case 0:
		return special();
	case 1:
		return (unsigned long)(-(long)getpgrp());
	case 2:
		return (unsigned long)-1l;
	case 3:
		return fuzz_random() % 1000;
	default:
		return (unsigned long)getpid();
	}
}

static unsigned long any(void)
{
	switch (fuzz_random() % 4) {
	case 0:
		return special();
	case 1:
		return pointer();
	case 2:
		return small();
	default:
		return any_word() >> fuzz_random() % (8 * sizeof(long));
	}
}

unsigned long fuzz_argument(char kind)
{
	if (ONE_IN(12))
		return any();
	switch (kind) {
	case 'D':
		if (ONE_IN(2))
			return (unsigned long)AT_FDCWD;
		return fuzz_random() % 24;
	case 'd':
		return fuzz_random() % 24;
	case 'p':
		return path();
	case 'b':
		return pointer();
	case 'i':
		return structure(128);
	case 'K':
		return signal_set();
	case 'S':
		return structure(32);
	case 'n':
		return length();
	case 'o':
		return ONE_IN(2) ? fuzz_random() % SMALL_MAX : length();
	case 'f':
		return flags();
	case 'c':
		return small();
	case 's':
		return a_signal();
	case 't':
		return somebody();
	case 'm':
		return map_address();
	case 'M':
		return ONE_IN(8) ? length() : (1 + fuzz_random() % 8) * PAGE;
	case 'r':
		return fuzz_random() % 8;
	case 'v':
		return vector();
	case 'T':
		return moment();
	case 'A':
		return arguments();
	case '8':
		return 8;
	default:
		return any();
	}
}
