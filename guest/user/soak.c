/* SPDX-License-Identifier: MIT */
/*
 * soak.c: memtorture, syscall_fuzz and storms of forks side by side, each begun again with the next
 * seed when it ends, for so many seconds. Status 0 when all of them ended well each time.
 *
 *	soak SECONDS
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS 3

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

static pid_t begin(int worker, unsigned seed)
{
	char text[16];
	pid_t pid = fork();

	if (pid)
		return pid;
	snprintf(text, sizeof(text), "%u", seed);
	switch (worker) {
	case 0:
		execl("/bin/memtorture", "memtorture", "200", text, NULL);
		break;
	case 1:
		execl("/bin/syscall_fuzz", "syscall_fuzz", "5000", text, NULL);
		break;
	default:
		_exit(storm(6));
	}
	_exit(127);
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 60);
	unsigned rounds[WORKERS] = {0}, running = 0, failures = 0;
	pid_t pids[WORKERS], pid;
	int status;

	for (; running < WORKERS; running++)
		pids[running] = begin((int)running, 1);
	while (running && (pid = wait(&status)) > 0) {
		for (int i = 0; i < WORKERS; i++) {
			if (pids[i] != pid)
				continue;
			rounds[i]++;
			failures += status != 0;
			if (status)
				printf("soak: worker %d, seed %u: status 0x%x\n", i, rounds[i],
					status);
			running--;
			if (time(NULL) < end) {
				pids[i] = begin(i, rounds[i] + 1);
				running++;
			}
		}
	}
	printf("soak: %u rounds of memtorture, %u of syscall_fuzz, %u storms of forks, %u "
	       "failures\n",
		rounds[0], rounds[1], rounds[2], failures);
	return failures != 0;
}
