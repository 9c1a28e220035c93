/* SPDX-License-Identifier: MIT */
/*
 * bench_calls.c: what the ordinary things of a Unix cost, in nanoseconds each: a line "NAME NS" on
 * stdout for every one. Static, for the guest kernel and for the host's Linux.
 *
 *	bench_calls [MILLISECONDS]	how long each thing is repeated (50)
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE      4096
#define MAP_PAGES 64
#define CHUNK     65536
#define BATCHES   5

static char self[256]; /* this program's file */
static char chunk[CHUNK];

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Each does its thing n times. */

static void null_call(unsigned n)
{
	while (n--)
		syscall(SYS_getppid);
}

static void read_zero(unsigned n)
{
	int fd = open("/dev/zero", O_RDONLY);

	while (n--)
		if (read(fd, chunk, 1) != 1)
			die("read");
	close(fd);
}

static void open_close(unsigned n)
{
	while (n--)
		close(open("/dev/null", O_RDONLY));
}

static void nothing(int signal)
{
}

static void handle_signal(unsigned n)
{
	signal(SIGUSR1, nothing);
	while (n--)
		kill(getpid(), SIGUSR1);
}

static void page_fault(unsigned n)
{
	for (unsigned done = 0; done < n; done += MAP_PAGES) {
		char *map = mmap(NULL, MAP_PAGES * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (map == MAP_FAILED)
			die("mmap");
		for (unsigned i = 0; i < MAP_PAGES; i++)
			map[i * PAGE] = 1;
		munmap(map, MAP_PAGES * PAGE);
	}
}

static void map_unmap(unsigned n)
{
	while (n--)
		munmap(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), PAGE);
}

static void write_null(unsigned n)
{
	int fd = open("/dev/null", O_WRONLY);

	while (n--)
		if (write(fd, chunk, 1) != 1)
			die("write");
	close(fd);
}

/* A byte there and one back: two switches of processes. */
static void pipe_round_trip(unsigned n)
{
	int there[2], back[2];
	char byte;
	pid_t pid;

	if (pipe(there) || pipe(back) || (pid = fork()) < 0)
		die("pipe");
	if (pid == 0) {
		close(there[1]);
		while (read(there[0], &byte, 1) == 1)
			if (write(back[1], &byte, 1) != 1)
				break;
		_exit(0);
	}
	while (n--) {
		if (write(there[1], "x", 1) != 1 || read(back[0], &byte, 1) != 1)
			die("pipe");
	}
	close(there[1]);
	close(there[0]);
	close(back[0]);
	close(back[1]);
	waitpid(pid, NULL, 0);
}

/* 64 KiB through a pipe, written and read by one process. */
static void pipe_64k(unsigned n)
{
	int ends[2];

	if (pipe(ends))
		die("pipe");
	while (n--) {
		if (write(ends[1], chunk, CHUNK) != CHUNK || read(ends[0], chunk, CHUNK) != CHUNK)
			die("pipe");
	}
	close(ends[0]);
	close(ends[1]);
}

/* Two processes that only give way to each other; n is the number of switches. */
static void context_switch(unsigned n)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	for (unsigned i = 0; i < n / 2; i++)
		sched_yield();
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
}

static void fork_wait(unsigned n)
{
	while (n--) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			die("fork");
	}
}

static void fork_exec_wait(unsigned n)
{
	while (n--) {
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			execl(self, "bench_calls", "0", NULL);
			_exit(1);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			die("exec");
	}
}

static const struct {
	const char *name;
	void (*run)(unsigned n);
	unsigned first; /* how often to begin with */
} things[] = {
	{"null-call", null_call, 64},
	{"read-1", read_zero, 64},
	{"write-1", write_null, 64},
	{"open-close", open_close, 64},
	{"signal", handle_signal, 32},
	{"page-fault", page_fault, 64},
	{"mmap-munmap", map_unmap, 32},
	{"pipe-round-trip", pipe_round_trip, 32},
	{"pipe-64k", pipe_64k, 4},
	{"context-switch", context_switch, 64},
	{"fork-wait", fork_wait, 2},
	{"fork-exec-wait", fork_exec_wait, 2},
};

/* The best of some batches, each of about a fifth of the time. */
static uint64_t measure(void (*run)(unsigned n), unsigned n, uint64_t budget)
{
	uint64_t start, took, best;

	for (;;) {
		start = now_ns();
		run(n);
		took = now_ns() - start;
		if (took >= budget / BATCHES / 2 || n > 1u << 24)
			break;
		n *= 2;
	}
	best = took;
	for (int i = 1; i < BATCHES; i++) {
		start = now_ns();
		run(n);
		took = now_ns() - start;
		if (took < best)
			best = took;
	}
	return best / n;
}

int main(int argc, char **argv)
{
	uint64_t budget = (argc > 1 ? strtoull(argv[1], NULL, 0) : 50) * 1000000;
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (!budget)
		return 0;
	if (length < 0)
		die("/proc/self/exe");
	for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
		printf("%s %llu\n", things[i].name,
			(unsigned long long)measure(things[i].run, things[i].first, budget));
		fflush(stdout);
	}
	return 0;
}
