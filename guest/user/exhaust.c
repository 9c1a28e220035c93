/* SPDX-License-Identifier: MIT */
/*
 * exhaust.c: takes all there is of one thing after the other: processes, memory, files,
 * directories, names, pipes. Calls must fail or one that has much must die; afterwards a process
 * can do its work again, with nothing left over. For machines with little memory, as process 1.
 *
 *	exhaust
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACKS_KIB 1024ul /* that few processes need */
#define MANY       20000
#define CHUNK      65536
#define PAGE       4096
#define SOME       ((size_t)1 << 20)

static char chunk[CHUNK];

/* Each ends with 0 when something failed as it should, 1 when all was granted, 2 when it went wrong
 * otherwise. */
static int is_refusal(void)
{
	return errno == ENOMEM || errno == EAGAIN || errno == ENOSPC || errno == EMFILE ||
	       errno == ENFILE;
}

static int forks(void)
{
	for (int i = 0; i < MANY; i++) {
		pid_t pid = fork();

		if (pid == 0)
			for (;;)
				pause();
		if (pid < 0)
			return is_refusal() ? 0 : 2;
	}
	return 1;
}

static int memory(void)
{
	for (int i = 0; i < MANY; i++) {
		char *at = mmap(NULL, 16 * CHUNK, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (at == MAP_FAILED)
			return is_refusal() ? 0 : 2;
		memset(at, 1, 16 * CHUNK);
	}
	return 1;
}

static int shared_memory(void)
{
	for (int i = 0; i < MANY; i++) {
		if (mmap(NULL, 16 * CHUNK, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
			    0) == MAP_FAILED)
			return is_refusal() ? 0 : 2;
	}
	return 1;
}

static int file(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600), result = 1;

	for (int i = 0; i < MANY && result == 1; i++) {
		ssize_t n = write(fd, chunk, CHUNK);

		if (n < 0)
			result = is_refusal() ? 0 : 2;
	}
	unlink("file");
	return result;
}

static int directories(void)
{
	int result = 1, depth = 0;
	char name[256];

	memset(name, 'd', sizeof(name) - 1);
	name[255] = '\0';
	for (; depth < 4 * MANY && result == 1; depth++) {
		if (mkdir(name, 0700) || chdir(name))
			result = is_refusal() ? 0 : 2;
	}
	/* Where it ended there may be one more, into which nobody could go. */
	for (rmdir(name); depth > 0; depth--) {
		if (chdir("..") == 0)
			rmdir(name);
	}
	return result;
}

static int names(void)
{
	char name[256];
	int result = 1, made = 0;

	memset(name, 'n', sizeof(name) - 1);
	name[255] = '\0';
	for (; made < 4 * MANY && result == 1; made++) {
		snprintf(name, 8, "%07d", made);
		name[7] = 'n';
		if (mknod(name, S_IFREG | 0600, 0))
			result = is_refusal() ? 0 : 2;
	}
	while (made-- > 0) {
		snprintf(name, 8, "%07d", made);
		name[7] = 'n';
		unlink(name);
	}
	return result;
}

/* Full pipes, each process as many as it may have. */
static int pipes(void)
{
	int ends[2];

	for (int i = 0; i < MANY; i++) {
		if (pipe2(ends, O_NONBLOCK) == 0) {
			while (write(ends[1], chunk, 4096) > 0)
				;
			continue;
		}
		if (errno != EMFILE)
			return is_refusal() ? 0 : 2;
		switch (fork()) {
		case -1:
			return is_refusal() ? 0 : 2;
		case 0:
			for (int fd = 3; fd < 4096; fd++)
				close(fd);
			break;
		default:
			for (;;)
				pause();
		}
	}
	return 1;
}

/* Programs that are begun while there is no memory for them. */
static int programs(void)
{
	char *const argv[] = {"hello", NULL};
	int refused = 0;

	for (int i = 0; i < 40; i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			(void)!freopen("/dev/null", "w", stdout);
			execv("/bin/hello", argv);
			_exit(99);
		}
		refused += pid < 0;
		if (pid > 0 && waitpid(pid, &status, 0) == pid)
			refused += status != 7 << 8;
		if (mmap(NULL, 16 * CHUNK, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) == MAP_FAILED &&
			mmap(NULL, CHUNK / 4, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				-1, 0) == MAP_FAILED &&
			refused)
			return 0;
	}
	return refused ? 0 : 1;
}

static const struct {
	const char *name;
	int (*take)(void);
} things[] = {
	{"forks", forks},
	{"memory", memory},
	{"shared memory", shared_memory},
	{"a file", file},
	{"directories", directories},
	{"names", names},
	{"pipes", pipes},
	{"programs", programs},
};

/* What a process needs to live. */
static int works(void)
{
	int ends[2], status;
	char out = 0;
	pid_t pid;

	if (pipe(ends) || (pid = fork()) < 0)
		return 0;
	if (pid == 0)
		_exit(write(ends[1], "x", 1) != 1);
	if (waitpid(pid, &status, 0) != pid || status || read(ends[0], &out, 1) != 1)
		return 0;
	close(ends[0]);
	close(ends[1]);
	return out == 'x';
}

/* Stacks of the processes that are gone can be used for something else: KiB. */
static unsigned long kernel_stacks(void)
{
	FILE *from = fopen("/proc/meminfo", "r");
	unsigned long kib = STACKS_KIB + 1;
	char line[80];

	while (from && fgets(line, sizeof(line), from))
		sscanf(line, "KernelStack: %lu", &kib);
	if (from)
		fclose(from);
	return kib;
}

static int try(const char *name, int (*take)(void))
{
	int status = 0, good;
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		_exit(take());
	}
	if (pid < 0)
		return 1;
	setpgid(pid, pid);
	/* The group's first dies or ends; what it leaves behind goes with it. */
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	good = (status == 0 || status == SIGKILL) && works() && kernel_stacks() <= STACKS_KIB;
	if (!good)
		printf("exhaust: %s: status 0x%x\n", name, status);
	return !good;
}

static void hoard(void)
{
	while (mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) !=
		MAP_FAILED)
		;
	kill(getppid(), SIGUSR1);
	for (;;)
		pause();
}

/* One has all there is and does nothing: he goes, not the first process, which needs some. */
static int another_needs_some(void)
{
	int status = 0, unmapped;
	sigset_t set;
	pid_t pid;
	char *at;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pid = fork();
	if (pid == 0)
		hoard();
	sigwaitinfo(&set, NULL);
	at = mmap(NULL, SOME, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pid < 0 || at == MAP_FAILED)
		return 1;
	memset(at, 1, SOME);
	unmapped = munmap(at, SOME) == 0;
	if (waitpid(pid, &status, 0) == pid && status == SIGKILL && unmapped && works())
		return 0;
	printf("exhaust: another needs some: status 0x%x\n", status);
	return 1;
}

int main(void)
{
	int wrong = 0;

	if (mkdir("/tmp/exhaust", 0700) || chdir("/tmp/exhaust")) {
		perror("exhaust: /tmp/exhaust");
		return 1;
	}
	for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++)
		wrong += try(things[i].name, things[i].take);
	wrong += another_needs_some();
	if (chdir("/") || rmdir("/tmp/exhaust")) {
		perror("exhaust: something is left");
		wrong++;
	}
	printf("exhaust: %d of %zu wrong\n", wrong, sizeof(things) / sizeof(things[0]) + 1);
	return wrong != 0;
}
