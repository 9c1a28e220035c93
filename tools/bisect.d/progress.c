/* SPDX-License-Identifier: MIT */
/*
 * progress.c: the line of progress and the signals of the user.
 */
#include "progress.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "machine.h"

#define PERIOD 0.1 /* seconds between two lines */

static void user_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
}

void progress_init(struct progress *progress, bool quiet)
{
	sigset_t set;

	*progress = (struct progress){.terminal = !quiet && isatty(STDERR_FILENO)};
	user_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void show(struct progress *progress)
{
	struct judge_counts counts = judge_counts(progress->judge);
	double rate = counts.seconds > 0 ? (double)counts.tries / counts.seconds : 0;

	fprintf(stderr, "\r\033[Kbisect: ");
	if (progress->left)
		fprintf(stderr, "%u %s%s suspected, ", progress->left, progress->what,
			progress->left == 1 ? "" : "s");
	else
		fprintf(stderr, "looking at GOOD and BAD, ");
	fprintf(stderr, "%llu tries, %.0f/s", counts.tries, rate);
	/* The verdict about each remaining suspect's removal comes on top, and is unknown. */
	if (progress->tries_left && rate > 0)
		fprintf(stderr, ", %u tries or %.1f s to the next find", progress->tries_left,
			progress->tries_left / rate);
	fflush(stderr);
	progress->shown = true;
}

bool progress_is_over(void *arg)
{
	static const struct timespec now;
	struct progress *progress = arg;
	sigset_t set;

	user_signals(&set);
	if (sigtimedwait(&set, NULL, &now) > 0) {
		/* The next one need not wait for the tries that are running. */
		pthread_sigmask(SIG_UNBLOCK, &set, NULL);
		__atomic_store_n(&progress->interrupted, true, __ATOMIC_RELEASE);
	}
	return __atomic_load_n(&progress->interrupted, __ATOMIC_ACQUIRE);
}

bool progress_look(void *arg)
{
	struct progress *progress = arg;
	double time = machine_now();
	bool over = progress_is_over(progress);

	if (progress->terminal && progress->judge && time - progress->last >= PERIOD) {
		progress->last = time;
		show(progress);
	}
	return !over;
}

void progress_tell(struct progress *progress, unsigned left, unsigned tries_left)
{
	progress->left = left;
	progress->tries_left = tries_left;
}

void progress_clear(struct progress *progress)
{
	if (progress->shown)
		fprintf(stderr, "\r\033[K");
	progress->shown = false;
}
