/* SPDX-License-Identifier: MIT */
/*
 * syscall_fuzz.c: random system calls with random arguments, while signals arrive, in groups of
 * children that share memory, files and a directory, and may die of it. Not called is what ends the
 * machine, moves the console's log, or reaches processes outside of the group.
 *
 *	syscall_fuzz [CALLS [SEED]]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "fuzz.h"

#define NUMBERS     512
#define PER_CHILD   2000
#define SECOND      0x10000000 /* what a second thread's seed is more */
#define REFRESH     32 /* calls after which signals, memory and directory are put right again */
#define RACERS      3
#define LATE_US     100000
#define LATE_TICKS  2 /* a group that gets no further for so long is killed */
#define TICK_US     20000
#define STACK_BYTES 65536
#define FAR_AWAY    ((void *)0x20000000) /* from all that random addresses are near to */

static struct shared {
	unsigned long calls, steps; /* steps: whatever takes long */
	int go;
} * shared;

static struct fuzz_call table[NUMBERS];
static __thread sigjmp_buf back;
static char signal_stack[STACK_BYTES];
static char directory[64];
static volatile sig_atomic_t ticks;
static __thread pid_t me;

/* Signal frames are arguments of a system call, too. */
static void on_signal(int number, siginfo_t *info, void *context)
{
	if (fuzz_random() % 32)
		return;
	fuzz_scribble((char *)context + fuzz_random() % 30 * sizeof(long),
		(1 + fuzz_random() % 4) * sizeof(long));
}

/* Whoever was cloned is not to go on as this one. */
static void only_me(void)
{
	if (syscall(SYS_gettid) != me)
		syscall(SYS_exit, 0);
}

static void on_fault(int number, siginfo_t *info, void *context)
{
	only_me();
	siglongjmp(back, 1);
}

static void handle(int number, void (*function)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = {.sa_sigaction = function, .sa_flags = SA_SIGINFO | flags};

	sigaction(number, &action, NULL);
}

static void step(void)
{
	__atomic_add_fetch(&shared->steps, 1, __ATOMIC_RELAXED);
}

static void arrange_signals(void)
{
	const struct itimerval tick = {{0, TICK_US}, {0, TICK_US}};
	const stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof(signal_stack)};
	sigset_t none;

	step();
	sigaltstack(&stack, NULL);
	handle(SIGALRM, on_signal, 0);
	handle(SIGUSR1, on_signal, SA_RESTART);
	handle(SIGUSR2, on_signal, SA_ONSTACK | SA_NODEFER);
	handle(SIGSEGV, on_fault, SA_ONSTACK | SA_NODEFER);
	handle(SIGBUS, on_fault, SA_ONSTACK | SA_NODEFER);
	handle(SIGILL, on_fault, SA_ONSTACK | SA_NODEFER);
	handle(SIGFPE, on_fault, SA_ONSTACK | SA_NODEFER);
	handle(SIGPIPE, on_signal, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
}

static void refresh(void)
{
	arrange_signals();
	if (fuzz_arena())
		_exit(1);
	(void)!chdir(directory);
}

/* One descriptor of each kind, from 0 on. */
static void open_files(void)
{
	static const char *const names[] = {"/dev/zero", "/dev/null", ".", "a", "/proc/self/maps",
		"/proc", "/dev/urandom", "b", "/dev/full", "/proc/self/status"};
	int ends[2];

	for (int fd = 0; fd < 32; fd++)
		close(fd);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (open(names[i], O_RDWR | O_CREAT, 0666) < 0)
			(void)!open(names[i], O_RDONLY);
		step();
	}
	(void)!open("/dev/tty", O_RDONLY | O_NONBLOCK);
	(void)!pipe(ends);
	(void)!pipe2(ends, O_NONBLOCK);
}

/* Nobody outside of the group is touched, nor the log, nor what is mounted: there must be a /tmp.
 */
static int is_harmful(long number, const unsigned long *arguments)
{
	int whom = (int)arguments[0];

	switch (number) {
	case SYS_reboot:
	case SYS_setpgid:
	case SYS_setsid:
	case SYS_sethostname:
	case SYS_setdomainname:
	case SYS_syslog:
		return 1;
	case SYS_mount:
	case SYS_umount2:
	case SYS_pivot_root:
		return 1;
	case SYS_kill:
	case SYS_tkill:
	case SYS_tgkill:
	case SYS_rt_sigqueueinfo:
	case SYS_rt_tgsigqueueinfo:
	case SYS_prlimit64:
	case SYS_ptrace:
		return whom != getpid() && whom != -getpgrp() && whom != 0;
	}
	return 0;
}

static void call(void)
{
	static const struct fuzz_call anything = {0, "xxxxxx", 0};
	long number = (long)(fuzz_random() % NUMBERS);
	const struct fuzz_call *what = table[number].kinds ? &table[number] : &anything;
	unsigned long arguments[6];
	size_t known = strlen(what->kinds);

	if (what->rarity && fuzz_random() % what->rarity)
		return;
	for (size_t i = 0; i < 6; i++)
		arguments[i] = fuzz_argument(i < known ? what->kinds[i] : 'x');
	if (is_harmful(number, arguments))
		return;
	__atomic_add_fetch(&shared->calls, 1, __ATOMIC_RELAXED);
	step();
	if (number == SYS_vfork) {
		if (vfork() == 0)
			_exit(0);
		return;
	}
	syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
		arguments[5]);
	only_me();
	switch (number) {
	case SYS_alarm:
	case SYS_setitimer:
	case SYS_rt_sigaction:
	case SYS_rt_sigprocmask:
		arrange_signals();
	}
}

static void race(uint64_t seed)
{
	volatile int i = 0, faults = 0;

	fuzz_seed(seed);
	me = (pid_t)syscall(SYS_gettid);
	/* Where refresh() itself faults there is nothing to go on with. */
	if (sigsetjmp(back, 1) && ++faults > 4 * PER_CHILD)
		_exit(0);
	for (; i < PER_CHILD; i++) {
		if (i % REFRESH == 0)
			refresh();
		call();
	}
	_exit(0);
}

static void *thread(void *seed)
{
	race((uintptr_t)seed);
	return NULL;
}

/* Every second one has a second thread. */
static void racer(uint64_t seed)
{
	pthread_t second;

	while (!__atomic_load_n(&shared->go, __ATOMIC_ACQUIRE))
		sched_yield();
	if (chdir(directory))
		_exit(1);
	open_files();
	refresh();
	if (seed % 2)
		pthread_create(&second, NULL, thread, (void *)(uintptr_t)(seed + SECOND));
	race(seed);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	return remove(path);
}

static void on_tick(int number)
{
	ticks++;
}

/* Waits for them and for what they leave behind when this is the first process. Who has lost count
 * of his calls does not go on for ever. */
static void wait_for(pid_t group)
{
	const struct itimerval tick = {{0, LATE_US}, {0, LATE_US}}, never = {{0, 0}, {0, 0}};
	unsigned long seen = shared->steps;

	ticks = 0;
	setitimer(ITIMER_REAL, &tick, NULL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {
		if (ticks < LATE_TICKS)
			continue;
		if (shared->steps == seen || shared->calls > 2 * RACERS * PER_CHILD)
			kill(-group, SIGKILL);
		seen = shared->steps;
		ticks = 0;
	}
	setitimer(ITIMER_REAL, &never, NULL);
}

static int group_of(unsigned racers, uint64_t seed)
{
	pid_t group = 0;

	shared->go = 0;
	mkdir("/tmp", 0777); /* the last group may have renamed it */
	mkdir(directory, 0777);
	for (unsigned i = 0; i < racers; i++) {
		pid_t pid = fork();

		if (pid == 0)
			racer(seed * RACERS + i);
		if (pid < 0)
			break;
		if (!group)
			group = pid;
		setpgid(pid, group);
	}
	__atomic_store_n(&shared->go, 1, __ATOMIC_RELEASE);
	if (!group)
		return -1;
	wait_for(group);
	nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}

int main(int argc, char **argv)
{
	const struct sigaction action = {.sa_handler = on_tick};
	unsigned long calls = argc > 1 ? strtoul(argv[1], NULL, 0) : 10000;
	unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;
	unsigned long done = 0;
	struct utsname system;

	/* Started by a random execve. */
	if (argc < 1 || !strstr(argv[0], "syscall_fuzz"))
		return 0;
	if (uname(&system) || strcmp(system.nodename, "vmm") != 0) {
		fprintf(stderr, "syscall_fuzz: only for the guest kernel: it renames /bin\n");
		return 2;
	}
	shared = mmap(FAR_AWAY, 4096, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (shared == MAP_FAILED || fuzz_arena()) {
		perror("syscall_fuzz");
		return 1;
	}
	for (size_t i = 0; i < fuzz_call_count; i++) {
		if (fuzz_calls[i].number < NUMBERS)
			table[fuzz_calls[i].number] = fuzz_calls[i];
	}
	snprintf(directory, sizeof(directory), "/tmp/syscall_fuzz.%d", (int)getpid());
	sigaction(SIGALRM, &action, NULL);
	/* Somebody may make a background process's output stop it. */
	signal(SIGTTOU, SIG_IGN);
	for (uint64_t i = 0; done < calls; i++) {
		shared->calls = 0;
		if (group_of(1 + (unsigned)(i % RACERS), (uint64_t)seed << 32 | i)) {
			perror("syscall_fuzz");
			return 1;
		}
		/* A group that wrote into the counter does not count. */
		if (shared->calls <= 2 * RACERS * PER_CHILD)
			done += shared->calls;
	}
	printf("syscall_fuzz: %lu calls from seed %lu\n", calls, seed);
	return 0;
}
