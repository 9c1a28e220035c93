/* SPDX-License-Identifier: MIT */
/*
 * syscall_fuzz.c: random system calls with random arguments, in children that may die of them;
 * every second one has several threads that do so. Not
 * called is what ends the machine or all of its processes, or sleeps for good.
 *
 *	syscall_fuzz [CALLS [SEED]]
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NUMBERS   450
#define PER_CHILD 200
#define SECONDS   5

#define THREADS 2 /* more than one, in every second child */

static __thread uint64_t state;
static char memory[65536];

/* xorshift64* */
static uint64_t random_word(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1d;
}

static uint64_t random_argument(void)
{
	static const uint64_t special[] = {0, 1, 2, 0xfff, 0x1000, 0x7fffffff, 0x80000000,
		0x7fffffffefff, 0x800000000000, 0xffff800000000000, 0xffffffff80100000,
		0xfffffffffffff000, ~0ull};

	switch (random_word() % 4) {
	case 0:
		return special[random_word() % (sizeof(special) / sizeof(special[0]))];
	case 1:
		return (uint64_t)(uintptr_t)memory + random_word() % sizeof(memory);
	case 2:
		return random_word() % 64;
	default:
		return random_word() >> random_word() % 64;
	}
}

static int is_excluded(long number)
{
	static const long excluded[] = {SYS_exit, SYS_exit_group, SYS_reboot, SYS_kill, SYS_tkill,
		SYS_tgkill, SYS_fork, SYS_vfork, SYS_clone, SYS_clone3, SYS_pause, SYS_alarm,
		SYS_setitimer, SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_rt_sigqueueinfo,
		SYS_rt_tgsigqueueinfo, SYS_setsid, SYS_setpgid, SYS_sethostname};

	for (size_t i = 0; i < sizeof(excluded) / sizeof(excluded[0]); i++) {
		if (number == excluded[i])
			return 1;
	}
	return 0;
}

static void call_at_random(void)
{
	for (int i = 0; i < PER_CHILD; i++) {
		long number = (long)(random_word() % NUMBERS);

		if (!is_excluded(number))
			syscall(number, random_argument(), random_argument(), random_argument(),
				random_argument(), random_argument(), random_argument());
	}
}

static void *other_thread(void *seed)
{
	state = (uintptr_t)seed;
	call_at_random();
	return NULL;
}

static void child(int threads)
{
	pthread_t thread;

	alarm(SECONDS);
	for (int i = 0; i < threads; i++)
		pthread_create(&thread, NULL, other_thread, (void *)(uintptr_t)random_word());
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	call_at_random();
	_exit(0);
}

int main(int argc, char **argv)
{
	unsigned long calls = argc > 1 ? strtoul(argv[1], NULL, 0) : 10000;
	unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;

	for (unsigned long done = 0; done < calls; done += PER_CHILD) {
		pid_t pid = fork();

		state = 0x9e3779b97f4a7c15 * (seed + done + 1);
		if (pid == 0)
			child(done / PER_CHILD % 2 ? THREADS : 0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid) {
			perror("syscall_fuzz");
			return 1;
		}
	}
	printf("syscall_fuzz: %lu calls from seed %lu\n", calls, seed);
	return 0;
}
