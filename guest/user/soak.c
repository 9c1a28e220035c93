/* SPDX-License-Identifier: MIT */
/*
 * soak.c: memtorture, syscall_fuzz, vectors and storms of forks side by side, each begun again with
 * the next seed when it ends, for so many seconds. Status 0 when all of them ended well each time.
 *
 *	soak SECONDS [SEED]
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS 4

/* A tree of processes: each has two children while there is depth left. */
static int storm(unsigned depth)
{
	int status, wrong = 0;

	for (int i = 0; depth && i < 2; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(storm(depth - 1));
	}
	while (wait(&status) > 0)
		wrong |= status != 0;
	return wrong;
}

/* syscall_fuzz is root, and what it calls with /dev/null or with its own /proc/self/exe is done:
 * what others need is held open, and may be executed again. */
static pid_t begin(int worker, unsigned seed, int null)
{
	char text[16];
	pid_t pid;

	chmod("/bin/syscall_fuzz", 0755);
	pid = fork();
	if (pid)
		return pid;
	snprintf(text, sizeof(text), "%u", seed);
	switch (worker) {
	case 0:
		execl("/bin/memtorture", "memtorture", "200", text, NULL);
		break;
	case 1:
		execl("/bin/syscall_fuzz", "syscall_fuzz", "1000", text, NULL);
		break;
	case 2:
		dup2(null, STDOUT_FILENO);
		execl("/bin/vectors", "vectors", "100", "2", NULL);
		break;
	default:
		_exit(storm(6));
	}
	_exit(127);
}

/* The calls of syscall_fuzz may set the other clock. */
static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

int main(int argc, char **argv)
{
	time_t end = now() + (argc > 1 ? atoi(argv[1]) : 60);
	unsigned first = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
	unsigned rounds[WORKERS] = {0}, running = 0, failures = 0;
	pid_t pids[WORKERS], pid;
	int status, null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	for (; running < WORKERS; running++)
		pids[running] = begin((int)running, first, null);
	while (running && (pid = wait(&status)) > 0) {
		for (int i = 0; i < WORKERS; i++) {
			if (pids[i] != pid)
				continue;
			rounds[i]++;
			failures += status != 0;
			if (status)
				printf("soak: worker %d, seed %u: status 0x%x\n", i,
					first + rounds[i] - 1, status);
			running--;
			if (now() < end) {
				pids[i] = begin(i, first + rounds[i], null);
				running++;
			}
		}
	}
	printf("soak: %u rounds of memtorture, %u of syscall_fuzz, %u of vectors, %u storms of "
	       "forks, %u failures\n",
		rounds[0], rounds[1], rounds[2], rounds[3], failures);
	return failures != 0;
}
