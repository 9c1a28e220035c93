/* SPDX-License-Identifier: MIT */
/*
 * memtorture.c: random storms of mmap, munmap, mprotect, mremap, brk, fork and writes, checked
 * against what must be there. Every page that is mapped begins with its own address and a number
 * that only the process that wrote it knows.
 *
 *	memtorture [STEPS [SEED]]
 *	memtorture seconds SECONDS [SEED]
 *	memtorture hog			a child takes all memory there is, and dies of it
 *	memtorture fault		writes to 0x123, and dies of that
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE       4096ul
#define ARENA      0x200000000000ul /* places are fixed, so that they can be computed with */
#define SLOTS      256              /* pages of the arena */
#define GENERATION 6                /* of children below children at most */
#define BREAK_MAX  64

enum state { NONE, READ, WRITE };

/* What should be in each page of the arena; stamp 0: never written to. */
static struct {
	enum state state;
	uint64_t stamp;
} slots[SLOTS];

static uint64_t random_state, stamp;
static unsigned break_pages, depth;
static uint64_t *break_start;

/* xorshift64* */
static unsigned below(unsigned limit)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (unsigned)((random_state * 0x2545f4914f6cdd1d >> 32) % limit);
}

static void fail(const char *what, unsigned slot)
{
	printf("memtorture: %s at page %u, errno %d, depth %u\n", what, slot, errno, depth);
	fflush(stdout);
	_exit(1);
}

static uint64_t *page(unsigned slot)
{
	return (uint64_t *)(ARENA + slot * PAGE);
}

static void check(unsigned slot)
{
	const uint64_t *at = page(slot);
	uint64_t wanted = slots[slot].stamp;

	if (slots[slot].state == NONE)
		return;
	if (at[0] != wanted || at[511] != (wanted ? wanted ^ slot : 0))
		fail("the wrong contents", slot);
}

static void stamp_page(unsigned slot)
{
	slots[slot].stamp = ++stamp;
	page(slot)[0] = stamp;
	page(slot)[511] = stamp ^ slot;
}

/* A random range: *first and how many. */
static unsigned range(unsigned *first)
{
	unsigned n = 1 + below(24);

	*first = below(SLOTS);
	return *first + n > SLOTS ? SLOTS - *first : n;
}

static void map(void)
{
	unsigned first, n = range(&first);
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	if (mmap(page(first), n * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0) != page(first))
		fail("mmap", first);
	for (unsigned i = first; i < first + n; i++) {
		slots[i].state = WRITE;
		slots[i].stamp = 0;
	}
}

static void unmap(void)
{
	unsigned first, n = range(&first);

	if (munmap(page(first), n * PAGE))
		fail("munmap", first);
	for (unsigned i = first; i < first + n; i++)
		slots[i].state = NONE;
}

static void protect(void)
{
	unsigned first, n = range(&first);
	bool whole = true, write = below(2);

	for (unsigned i = first; i < first + n; i++)
		whole &= slots[i].state != NONE;
	if (mprotect(page(first), n * PAGE, write ? PROT_READ | PROT_WRITE : PROT_READ) == 0) {
		if (!whole)
			fail("mprotect of a hole", first);
	} else if (whole) {
		fail("mprotect", first);
	}
	/* With a hole Linux may have changed what lies before it: make it the same again. */
	for (unsigned i = first; i < first + n; i++) {
		if (slots[i].state == NONE)
			continue;
		if (!whole && mprotect(page(i), PAGE, write ? PROT_READ | PROT_WRITE : PROT_READ))
			fail("mprotect of one", i);
		slots[i].state = write ? WRITE : READ;
	}
}

static void forget(void)
{
	unsigned first, n = range(&first);

	for (unsigned i = first; i < first + n; i++) {
		if (slots[i].state == NONE)
			continue;
		if (madvise(page(i), PAGE, MADV_DONTNEED))
			fail("madvise", i);
		slots[i].stamp = 0;
	}
}

/* One page goes to where another was, or nothing. */
static void move(void)
{
	unsigned from = below(SLOTS), to = below(SLOTS);

	if (slots[from].state == NONE || from == to)
		return;
	/* The second word that is checked depends on the place. */
	if (slots[from].state == WRITE && slots[from].stamp)
		page(from)[511] = slots[from].stamp ^ to;
	else if (slots[from].stamp)
		return;
	if (mremap(page(from), PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, page(to)) != page(to))
		fail("mremap", from);
	slots[to] = slots[from];
	slots[from].state = NONE;
}

static void touch(void)
{
	unsigned first, n = range(&first);

	for (unsigned i = first; i < first + n; i++) {
		check(i);
		if (slots[i].state == WRITE)
			stamp_page(i);
	}
}

static void move_break(void)
{
	unsigned wanted = below(BREAK_MAX);

	for (unsigned i = 0; i < break_pages; i++)
		if (break_start[i * 512] != i + 1)
			fail("the wrong contents below the break", i);
	if (brk(break_start + wanted * 512))
		fail("brk", wanted);
	for (unsigned i = break_pages; i < wanted; i++) {
		if (break_start[i * 512])
			fail("the break's new page is not zero", i);
		break_start[i * 512] = i + 1;
	}
	break_pages = wanted;
}

static void steps(unsigned long n);

/* Children check and change their copies while the parent does the same with its own. */
static void multiply(void)
{
	unsigned children = 1 + below(3);
	pid_t pids[3];
	int status;

	if (depth == GENERATION)
		return;
	fflush(stdout);
	for (unsigned i = 0; i < children; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			fail("fork", i);
		if (pids[i] == 0) {
			depth++;
			random_state += i + 1;
			stamp += (uint64_t)(i + 1) << 40;
			steps(1 + below(12));
			_exit(0);
		}
	}
	for (int i = 0; i < 4; i++)
		touch();
	for (unsigned i = 0; i < children; i++) {
		if (waitpid(pids[i], &status, 0) != pids[i] || status)
			fail("a child", i);
	}
}

static void steps(unsigned long n)
{
	static void (*const storms[])(void) = {
		map, map, unmap, protect, forget, move, touch, touch, touch, move_break};

	while (n--) {
		if (below(depth ? 40 : 15) == 0)
			multiply();
		else
			storms[below(sizeof(storms) / sizeof(storms[0]))]();
	}
	for (unsigned i = 0; i < SLOTS; i++)
		check(i);
}

static void hog(void)
{
	for (;;) {
		char *more = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (more == MAP_FAILED)
			_exit(3);
		for (unsigned i = 0; i < 64; i++)
			more[i * PAGE] = 1;
	}
}

static int watch_hog(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		hog();
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 1;
	if (WIFSIGNALED(status))
		printf("memtorture: hog: killed by signal %d\n", WTERMSIG(status));
	else
		printf("memtorture: hog: status %d\n", WEXITSTATUS(status));
	return 0;
}

static void __attribute__((noinline)) write_to_0x123(void)
{
	*(volatile char *)0x123 = 1;
}

int main(int argc, char **argv)
{
	bool timed = argc > 2 && strcmp(argv[1], "seconds") == 0;
	unsigned long done = 0, count = argc > 1 ? strtoul(argv[1 + timed], NULL, 0) : 1000;
	unsigned long seed = argc > 2 + timed ? strtoul(argv[2 + timed], NULL, 0) : 1;
	time_t end = time(NULL) + (time_t)count;

	setvbuf(stdout, NULL, _IOLBF, 1024);
	if (argc > 1 && strcmp(argv[1], "hog") == 0)
		return watch_hog();
	if (argc > 1 && strcmp(argv[1], "fault") == 0)
		write_to_0x123();
	random_state = 0x9e3779b97f4a7c15 * (seed + 1);
	break_start = (uint64_t *)(((uintptr_t)sbrk(0) + PAGE - 1) & ~(PAGE - 1));
	if (brk(break_start))
		fail("brk", 0);
	while (timed ? time(NULL) < end : done < count) {
		steps(50);
		done += 50;
	}
	printf("memtorture: %lu steps from seed %lu\n", done, seed);
	return 0;
}
