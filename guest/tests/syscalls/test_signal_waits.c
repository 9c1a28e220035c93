/* SPDX-License-Identifier: MIT */
/*
 * test_signal_waits.c: waiting for signals, calls that signals interrupt, and timers that send
 * them.
 */
#include "suite.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t calls;
static siginfo_t seen;

static void count(int signal)
{
	calls++;
}

static void take(int signal, siginfo_t *info, void *context)
{
	calls++;
	seen = *info;
}

static void handle(int signal, int flags)
{
	struct sigaction action = {.sa_handler = count, .sa_flags = flags};

	ck_assert_ok(sigaction(signal, &action, NULL));
}

/* A child that sends the signals to its parent after a while, each 20 ms after the other. */
static pid_t send_later(int signal, int times)
{
	pid_t parent = getpid(), pid = must_fork();

	if (pid)
		return pid;
	while (times--) {
		sleep_ms(20);
		kill(parent, signal);
	}
	_exit(0);
}

START_TEST(read_is_interrupted)
{
	int ends[2];
	char byte;

	ck_assert_ok(pipe(ends));
	handle(SIGUSR1, 0);
	send_later(SIGUSR1, 1);
	ck_assert_fails(read(ends[0], &byte, 1), EINTR);
	ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(read_is_restarted)
{
	int ends[2];
	char byte = 0;
	pid_t parent = getpid(), pid;

	ck_assert_ok(pipe(ends));
	handle(SIGUSR1, SA_RESTART);
	pid = must_fork();
	if (pid == 0) {
		sleep_ms(20);
		kill(parent, SIGUSR1);
		sleep_ms(20);
		_exit(write(ends[1], "x", 1) != 1);
	}
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	ck_assert_int_eq(byte, 'x');
	ck_assert_int_eq(calls, 1);
	wait_status(pid);
}
END_TEST

START_TEST(wait_is_interrupted)
{
	pid_t pid;
	int status;

	handle(SIGUSR1, 0);
	pid = must_fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	send_later(SIGUSR1, 1);
	ck_assert_fails(waitpid(pid, &status, 0), EINTR);
	kill(pid, SIGKILL);
	wait_status(pid);
}
END_TEST

/* poll is never restarted, whatever the flags: signal(7). */
START_TEST(poll_is_interrupted)
{
	handle(SIGUSR1, SA_RESTART);
	send_later(SIGUSR1, 1);
	ck_assert_fails(poll(NULL, 0, -1), EINTR);
	send_later(SIGUSR1, 1);
	ck_assert_fails(pause(), EINTR);
	ck_assert_int_eq(calls, 2);
}
END_TEST

START_TEST(sleep_tells_what_is_left)
{
	struct timespec wanted = {100, 0}, left = {0, 0};

	handle(SIGUSR1, SA_RESTART);
	send_later(SIGUSR1, 1);
	ck_assert_fails(nanosleep(&wanted, &left), EINTR);
	ck_assert_int_ge(left.tv_sec, 90);
	ck_assert_int_lt(left.tv_sec, 100);
	send_later(SIGUSR1, 1);
	ck_assert_int_eq(clock_nanosleep(CLOCK_MONOTONIC, 0, &wanted, NULL), EINTR);
}
END_TEST

/* A stop is no signal for the program: the sleep goes on when it does. */
START_TEST(sleep_survives_a_stop)
{
	pid_t pid = must_fork();

	if (pid == 0) {
		struct timespec wanted = {0, 100000000};

		_exit(nanosleep(&wanted, NULL) ? errno : 0);
	}
	sleep_ms(20);
	kill(pid, SIGSTOP);
	sleep_ms(20);
	kill(pid, SIGCONT);
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 0);
}
END_TEST

START_TEST(suspend_with_another_mask)
{
	sigset_t set, empty, now;

	handle(SIGUSR1, 0);
	sigemptyset(&empty);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	ck_assert_int_eq(calls, 0);
	ck_assert_fails(sigsuspend(&empty), EINTR);
	ck_assert_int_eq(calls, 1);
	sigprocmask(SIG_BLOCK, NULL, &now);
	ck_assert(sigismember(&now, SIGUSR1));
}
END_TEST

START_TEST(wait_without_a_handler)
{
	struct timespec soon = {0, 20000000}, bad = {0, 1000000000};
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR2);
	ck_assert_int_eq(sigwaitinfo(&set, &info), SIGUSR2);
	ck_assert_int_eq(info.si_pid, getpid());
	ck_assert_fails(sigtimedwait(&set, &info, &soon), EAGAIN);
	ck_assert_fails(sigtimedwait(&set, &info, &bad), EINVAL);
	send_later(SIGUSR1, 1);
	ck_assert_int_eq(sigwaitinfo(&set, &info), SIGUSR1);
}
END_TEST

START_TEST(children_nobody_waits_for)
{
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	pid = must_fork();
	if (pid == 0)
		_exit(3);
	ck_assert_fails(waitpid(pid, NULL, 0), ECHILD);
	signal(SIGCHLD, SIG_DFL);
	pid = must_fork();
	if (pid == 0)
		_exit(3);
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 3);
}
END_TEST

START_TEST(stops_are_told_or_not)
{
	pid_t pid;
	int status;

	handle(SIGCHLD, SA_NOCLDSTOP | SA_RESTART);
	pid = must_fork();
	if (pid == 0) {
		raise(SIGSTOP);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert_int_eq(calls, 0);
	handle(SIGCHLD, SA_RESTART);
	kill(pid, SIGCONT);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_ge(calls, 1);
}
END_TEST

/* Whom nobody could continue is not stopped, but by force. */
START_TEST(orphans_are_not_stopped)
{
	const int signals[] = {SIGTSTP, SIGTTIN, SIGTTOU, SIGSTOP};
	int status;

	for (int i = 0; i < 4; i++) {
		pid_t pid = must_fork();

		if (pid == 0) {
			setsid();
			raise(signals[i]);
			_exit(3);
		}
		ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
		ck_assert_int_eq(status, i < 3 ? 3 << 8 : SIGSTOP << 8 | 0x7f);
		if (i < 3)
			continue;
		kill(pid, SIGCONT);
		ck_assert_int_eq(wait_status(pid), 3 << 8);
	}
	ck_assert_fails(waitid(P_PID, 0, NULL, WEXITED), EINVAL);
	ck_assert_fails(waitid(P_PGID, (id_t)-2, NULL, WEXITED), EINVAL);
}
END_TEST

START_TEST(alarms)
{
	struct itimerval timer = {{0, 0}, {100, 0}}, old;

	handle(SIGALRM, 0);
	ck_assert_uint_eq(alarm(100), 0);
	ck_assert_ok(setitimer(ITIMER_REAL, &timer, &old));
	ck_assert(old.it_value.tv_sec >= 90 && old.it_value.tv_sec <= 100);
	ck_assert_uint_eq(alarm(0) > 90, 1);
	ck_assert_ok(getitimer(ITIMER_REAL, &old));
	ck_assert(old.it_value.tv_sec == 0 && old.it_value.tv_usec == 0);
	timer = (struct itimerval){{0, 5000}, {0, 5000}};
	ck_assert_ok(setitimer(ITIMER_REAL, &timer, NULL));
	while (calls < 3)
		pause();
	memset(&timer, 0, sizeof(timer));
	ck_assert_ok(setitimer(ITIMER_REAL, &timer, NULL));
	ck_assert_fails(setitimer(17, &timer, NULL), EINVAL);
	timer.it_value.tv_usec = 1000000;
	ck_assert_fails(setitimer(ITIMER_REAL, &timer, NULL), EINVAL);
}
END_TEST

static int alarm_of_a_child(void)
{
	return (int)alarm(0);
}

START_TEST(alarms_are_not_inherited)
{
	alarm(100);
	ck_assert_int_eq(WEXITSTATUS(run_in_child(alarm_of_a_child)), 0);
	alarm(0);
}
END_TEST

START_TEST(posix_timers)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec time = {{0, 20000000}, {0, 20000000}}, left;
	struct sigaction action = {.sa_sigaction = take, .sa_flags = SA_SIGINFO};
	timer_t timer, second;

	event.sigev_value.sival_int = 4242;
	ck_assert_ok(sigaction(SIGUSR1, &action, NULL));
	ck_assert_ok(timer_create(CLOCK_MONOTONIC, &event, &timer));
	ck_assert_ok(timer_create(CLOCK_REALTIME, NULL, &second));
	ck_assert_ok(timer_settime(timer, 0, &time, NULL));
	while (calls < 3)
		pause();
	ck_assert_int_eq(seen.si_code, SI_TIMER);
	ck_assert_int_eq(seen.si_value.sival_int, 4242);
	ck_assert_ok(timer_gettime(timer, &left));
	ck_assert_int_eq(left.it_interval.tv_nsec, 20000000);
	ck_assert_ok(timer_delete(timer));
	ck_assert_fails(timer_gettime(timer, &left), EINVAL);
	ck_assert_fails(timer_create(77, &event, &timer), EINVAL);
	time.it_value.tv_nsec = 1000000000;
	ck_assert_fails(timer_settime(second, 0, &time, NULL), EINVAL);
	ck_assert_ok(timer_delete(second));
}
END_TEST

START_TEST(overruns_are_counted)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec time = {{0, 1000000}, {0, 1000000}};
	timer_t timer;
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ck_assert_ok(timer_create(CLOCK_MONOTONIC, &event, &timer));
	ck_assert_ok(timer_settime(timer, 0, &time, NULL));
	sleep_ms(50);
	ck_assert_int_eq(sigwaitinfo(&set, &info), SIGUSR1);
	ck_assert_int_gt(info.si_overrun, 5);
	ck_assert_ok(timer_delete(timer));
}
END_TEST

/* A signal that waits for another reason stays as it is. */
START_TEST(timers_leave_other_signals_alone)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec time = {{0, 1000000}, {0, 1000000}};
	timer_t timer;
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ck_assert_ok(kill(getpid(), SIGUSR1));
	ck_assert_ok(timer_create(CLOCK_MONOTONIC, &event, &timer));
	ck_assert_ok(timer_settime(timer, 0, &time, NULL));
	sleep_ms(20);
	ck_assert_int_eq(sigwaitinfo(&set, &info), SIGUSR1);
	ck_assert_int_eq(info.si_code, SI_USER);
	ck_assert_int_eq(info.si_pid, getpid());
	ck_assert_uint_eq(info.si_uid, getuid());
	ck_assert_ok(timer_delete(timer));
}
END_TEST

TCase *signal_wait_tests(void)
{
	TCase *tests = tcase_create("waits");

	tcase_add_test(tests, read_is_interrupted);
	tcase_add_test(tests, read_is_restarted);
	tcase_add_test(tests, wait_is_interrupted);
	tcase_add_test(tests, poll_is_interrupted);
	tcase_add_test(tests, sleep_tells_what_is_left);
	tcase_add_test(tests, sleep_survives_a_stop);
	tcase_add_test(tests, suspend_with_another_mask);
	tcase_add_test(tests, wait_without_a_handler);
	tcase_add_test(tests, children_nobody_waits_for);
	tcase_add_test(tests, stops_are_told_or_not);
	tcase_add_test(tests, orphans_are_not_stopped);
	tcase_add_test(tests, alarms);
	tcase_add_test(tests, alarms_are_not_inherited);
	tcase_add_test(tests, posix_timers);
	tcase_add_test(tests, overruns_are_counted);
	tcase_add_test(tests, timers_leave_other_signals_alone);
	return tests;
}
