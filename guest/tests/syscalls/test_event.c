/* SPDX-License-Identifier: MIT */
/*
 * test_event.c: files that stand for events: eventfd, timerfd, signalfd, epoll; and scheduling
 * policies.
 */
#include "suite.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* The compiler would warn. */
static void *volatile bad_address = (void *)8;

static short events_of(int fd)
{
	struct pollfd poll_fd = {fd, POLLIN | POLLOUT, 0};

	ck_assert_int_ge(poll(&poll_fd, 1, 0), 0);
	return poll_fd.revents;
}

START_TEST(eventfd_counts)
{
	int fd = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC), other = eventfd(2, EFD_SEMAPHORE);
	char name[64], link[64] = "";
	uint64_t value;
	pid_t pid;

	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	ck_assert_int_gt(readlink(name, link, sizeof(link) - 1), 0);
	ck_assert_str_eq(link, "anon_inode:[eventfd]");
	ck_assert_int_eq(events_of(fd), POLLIN | POLLOUT);
	ck_assert_int_eq(eventfd_write(fd, 4), 0);
	ck_assert_int_eq(eventfd_read(fd, &value), 0);
	ck_assert_uint_eq(value, 7);
	ck_assert_int_eq(events_of(fd), POLLOUT);
	ck_assert_fails(read(fd, &value, 8), EAGAIN);
	ck_assert_fails(read(fd, &value, 7), EINVAL);
	value = ~0ull;
	ck_assert_fails(write(fd, &value, 8), EINVAL);
	ck_assert_fails(write(fd, &value, 4), EINVAL);
	ck_assert_fails(write(fd, bad_address, 8), EFAULT);
	ck_assert_int_eq(eventfd_write(fd, ~0ull - 1), 0);
	ck_assert_int_eq(events_of(fd), POLLIN);
	ck_assert_fails(eventfd_write(fd, 1), EAGAIN);
	ck_assert_int_eq(eventfd_read(other, &value), 0);
	ck_assert_uint_eq(value, 1);
	ck_assert_int_eq(eventfd_read(other, &value), 0);
	pid = must_fork();
	if (pid == 0) {
		sleep_ms(10);
		_exit(eventfd_write(other, 1));
	}
	ck_assert_int_eq(eventfd_read(other, &value), 0);
	ck_assert_int_eq(wait_status(pid), 0);
	ck_assert_fails(eventfd(0, 0x100), EINVAL);
}
END_TEST

START_TEST(timerfd_ticks)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), slow, ends[2];
	struct itimerspec once = {.it_value = {0, 10000000}}, now;
	struct itimerspec often = {{0, 5000000}, {0, 5000000}}, bad = {.it_value = {0, -1}};
	struct itimerspec past = {.it_value = {1, 0}}, far = {{7, 0}, {1000, 0}};
	uint64_t ticks = 0;

	ck_assert_int_ge(fd, 0);
	ck_assert_fails(read(fd, &ticks, 8), EAGAIN);
	ck_assert_ok(timerfd_settime(fd, 0, &once, NULL));
	ck_assert_int_eq(poll(&(struct pollfd){fd, POLLIN, 0}, 1, 10000), 1);
	ck_assert_fails(read(fd, &ticks, 7), EINVAL);
	ck_assert_int_eq(read(fd, &ticks, 8), 8);
	ck_assert_uint_eq(ticks, 1);
	ck_assert_fails(read(fd, &ticks, 8), EAGAIN);
	ck_assert_int_eq(fcntl(fd, F_SETFL, 0), 0);
	ck_assert_ok(timerfd_settime(fd, 0, &often, NULL));
	sleep_ms(30);
	ck_assert_int_eq(read(fd, &ticks, 8), 8);
	ck_assert_uint_ge(ticks, 3);
	ck_assert_int_eq(read(fd, &ticks, 8), 8);
	ck_assert_ok(timerfd_settime(fd, 0, &far, &now));
	ck_assert_int_eq(now.it_interval.tv_nsec, 5000000);
	ck_assert_ok(timerfd_gettime(fd, &now));
	ck_assert_int_eq(now.it_interval.tv_sec, 7);
	ck_assert_int_ge(now.it_value.tv_sec, 900);
	slow = timerfd_create(CLOCK_REALTIME, 0);
	ck_assert_ok(timerfd_settime(slow, TFD_TIMER_ABSTIME, &past, NULL));
	ck_assert_int_eq(read(slow, &ticks, 8), 8);
	ck_assert_fails(timerfd_settime(fd, 0, &bad, NULL), EINVAL);
	ck_assert_fails(timerfd_settime(fd, 0x100, &once, NULL), EINVAL);
	ck_assert_fails(timerfd_settime(fd, 0, bad_address, NULL), EFAULT);
	ck_assert_fails(timerfd_settime(99, 0, &once, NULL), EBADF);
	ck_assert_ok(pipe(ends));
	ck_assert_fails(timerfd_settime(ends[0], 0, &once, NULL), EINVAL);
	ck_assert_fails(timerfd_gettime(ends[0], &now), EINVAL);
	ck_assert_fails(timerfd_create(99, 0), EINVAL);
	ck_assert_fails(timerfd_create(CLOCK_MONOTONIC, 0x100), EINVAL);
	ck_assert_fails(write(fd, &ticks, 8), EINVAL);
}
END_TEST

START_TEST(signalfd_reads_signals)
{
	struct signalfd_siginfo info[2];
	sigset_t set, all;
	int fd;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGCHLD);
	ck_assert_ok(sigprocmask(SIG_BLOCK, &set, NULL));
	fd = signalfd(-1, &set, SFD_NONBLOCK);
	ck_assert_int_ge(fd, 0);
	ck_assert_fails(read(fd, info, sizeof(info)), EAGAIN);
	ck_assert_fails(read(fd, info, 100), EINVAL);
	ck_assert_int_eq(events_of(fd), 0);
	ck_assert_ok(kill(getpid(), SIGUSR2));
	ck_assert_ok(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 77}));
	ck_assert_int_eq(events_of(fd), POLLIN);
	ck_assert_int_eq(read(fd, info, sizeof(info)), sizeof(info));
	ck_assert_uint_eq(info[0].ssi_signo, SIGUSR1);
	ck_assert_int_eq(info[0].ssi_code, SI_QUEUE);
	ck_assert_int_eq(info[0].ssi_int, 77);
	ck_assert_uint_eq(info[1].ssi_signo, SIGUSR2);
	ck_assert_uint_eq(info[1].ssi_pid, (uint32_t)getpid());
	ck_assert_int_eq(fcntl(fd, F_SETFL, 0), 0);
	pid = must_fork();
	if (pid == 0) {
		sleep_ms(10);
		_exit(5);
	}
	ck_assert_int_eq(read(fd, info, sizeof(info)), sizeof(info[0]));
	ck_assert_uint_eq(info[0].ssi_signo, SIGCHLD);
	ck_assert_int_eq(info[0].ssi_code, CLD_EXITED);
	ck_assert_int_eq(info[0].ssi_status, 5);
	ck_assert_uint_eq(info[0].ssi_pid, (uint32_t)pid);
	wait_status(pid);
	/* Another set for the same file. */
	sigemptyset(&all);
	ck_assert_int_eq(signalfd(fd, &all, 0), fd);
	raise(SIGUSR1);
	ck_assert_int_eq(events_of(fd), 0);
	ck_assert_fails(signalfd(0, &set, 0), EINVAL);
	ck_assert_fails(signalfd(99, &set, 0), EBADF);
	ck_assert_fails(signalfd(-1, &set, 0x100), EINVAL);
	ck_assert_fails(syscall(SYS_signalfd4, -1, &set, 4, 0), EINVAL);
	ck_assert_fails(syscall(SYS_signalfd4, -1, 8, 8, 0), EFAULT);
}
END_TEST

static int epoll;

static void watch(int operation, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.u64 = 0x123456789abcdef0 + fd};

	ck_assert_ok(epoll_ctl(epoll, operation, fd, &event));
}

/* What epoll says without waiting: of one file, or nothing. */
static uint32_t told(int fd)
{
	struct epoll_event events[4];
	int n = epoll_wait(epoll, events, 4, 0);

	ck_assert_int_ge(n, 0);
	ck_assert_int_le(n, 1);
	if (n)
		ck_assert_uint_eq(events[0].data.u64, 0x123456789abcdef0 + fd);
	return n ? events[0].events : 0;
}

START_TEST(epoll_tells_levels)
{
	int ends[2], copy;
	char byte;

	epoll = epoll_create1(EPOLL_CLOEXEC);
	ck_assert_int_eq(fcntl(epoll, F_GETFD), FD_CLOEXEC);
	ck_assert_ok(pipe(ends));
	watch(EPOLL_CTL_ADD, ends[0], EPOLLIN);
	ck_assert_uint_eq(told(ends[0]), 0);
	ck_assert_int_eq(events_of(epoll), 0);
	ck_assert_int_eq(write(ends[1], "ab", 2), 2);
	ck_assert_int_eq(events_of(epoll), POLLIN);
	ck_assert_uint_eq(told(ends[0]), EPOLLIN);
	ck_assert_uint_eq(told(ends[0]), EPOLLIN);
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	ck_assert_uint_eq(told(ends[0]), EPOLLIN);
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	ck_assert_uint_eq(told(ends[0]), 0);
	ck_assert_int_eq(write(ends[1], "c", 1), 1);
	watch(EPOLL_CTL_MOD, ends[0], 0);
	ck_assert_uint_eq(told(ends[0]), 0);
	watch(EPOLL_CTL_MOD, ends[0], EPOLLIN);
	ck_assert_uint_eq(told(ends[0]), EPOLLIN);
	close(ends[1]);
	ck_assert_uint_eq(told(ends[0]), EPOLLIN | EPOLLHUP);
	/* As long as a copy is open it is watched. */
	copy = dup(ends[0]);
	close(ends[0]);
	ck_assert_uint_eq(told(ends[0]), EPOLLIN | EPOLLHUP);
	close(copy);
	ck_assert_uint_eq(told(ends[0]), 0);
}
END_TEST

START_TEST(epoll_tells_edges)
{
	int ends[2];
	char byte[2];

	epoll = epoll_create1(0);
	ck_assert_ok(pipe(ends));
	watch(EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLET);
	ck_assert_int_eq(write(ends[1], "a", 1), 1);
	ck_assert_uint_eq(told(ends[0]), EPOLLIN);
	ck_assert_uint_eq(told(ends[0]), 0);
	ck_assert_int_eq(write(ends[1], "b", 1), 1);
	ck_assert_uint_eq(told(ends[0]), EPOLLIN);
	ck_assert_int_eq(read(ends[0], byte, 2), 2);
	ck_assert_int_eq(write(ends[1], "c", 1), 1);
	ck_assert_uint_eq(told(ends[0]), EPOLLIN);
	ck_assert_uint_eq(told(ends[0]), 0);
	watch(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT);
	ck_assert_uint_eq(told(ends[0]), EPOLLIN);
	ck_assert_uint_eq(told(ends[0]), 0);
	ck_assert_int_eq(write(ends[1], "d", 1), 1);
	ck_assert_uint_eq(told(ends[0]), 0);
	watch(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT);
	ck_assert_uint_eq(told(ends[0]), EPOLLIN);
}
END_TEST

START_TEST(epoll_waits)
{
	struct timespec none = {0, 0};
	struct epoll_event events[4];
	int fds[3], pair[2], timer = timerfd_create(CLOCK_MONOTONIC, 0);
	struct itimerspec soon = {.it_value = {0, 10000000}};
	pid_t pid;

	epoll = epoll_create1(0);
	ck_assert_int_eq(epoll_wait(epoll, events, 4, 10), 0);
	for (int i = 0; i < 3; i++) {
		fds[i] = eventfd(0, 0);
		watch(EPOLL_CTL_ADD, fds[i], EPOLLIN);
	}
	pid = must_fork();
	if (pid == 0) {
		sleep_ms(10);
		_exit(eventfd_write(fds[1], 1));
	}
	ck_assert_int_eq(epoll_wait(epoll, events, 4, -1), 1);
	ck_assert_uint_eq(events[0].data.u64, 0x123456789abcdef0 + fds[1]);
	wait_status(pid);
	/* With room for one, all have their turn. */
	eventfd_write(fds[0], 1);
	eventfd_write(fds[2], 1);
	ck_assert_int_eq(epoll_wait(epoll, events, 1, -1), 1);
	ck_assert_int_eq(epoll_wait(epoll, events + 1, 1, -1), 1);
	ck_assert_int_eq(epoll_wait(epoll, events + 2, 1, -1), 1);
	ck_assert_uint_eq(events[0].data.u64 + events[1].data.u64 + events[2].data.u64,
		3 * 0x123456789abcdef0 + fds[0] + fds[1] + fds[2]);
	for (int i = 0; i < 3; i++)
		ck_assert_ok(epoll_ctl(epoll, EPOLL_CTL_DEL, fds[i], NULL));
	ck_assert_int_eq(epoll_wait(epoll, events, 4, 0), 0);
	watch(EPOLL_CTL_ADD, timer, EPOLLIN);
	ck_assert_ok(timerfd_settime(timer, 0, &soon, NULL));
	ck_assert_int_eq(epoll_wait(epoll, events, 4, 10000), 1);
	ck_assert_ok(epoll_ctl(epoll, EPOLL_CTL_DEL, timer, NULL));
	ck_assert_ok(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	watch(EPOLL_CTL_ADD, pair[0], EPOLLIN | EPOLLRDHUP);
	ck_assert_uint_eq(told(pair[0]), 0);
	shutdown(pair[1], SHUT_WR);
	ck_assert_uint_eq(told(pair[0]), EPOLLIN | EPOLLRDHUP);
	ck_assert_int_eq(syscall(SYS_epoll_pwait2, epoll, events, 4, &none, NULL, 8), 1);
}
END_TEST

/* What nobody asked for is told all the same, until a single shot is fired. */
START_TEST(epoll_tells_the_end)
{
	struct epoll_event event = {.events = 0}, out;
	int ends[2], fd = epoll_create1(0);

	ck_assert_ok(pipe(ends));
	ck_assert_ok(epoll_ctl(fd, EPOLL_CTL_ADD, ends[0], &event));
	ck_assert_int_eq(write(ends[1], "x", 1), 1);
	ck_assert_int_eq(epoll_wait(fd, &out, 1, 0), 0);
	close(ends[1]);
	ck_assert_int_eq(epoll_wait(fd, &out, 1, 0), 1);
	ck_assert_uint_eq(out.events, EPOLLHUP);
	event.events = EPOLLONESHOT;
	ck_assert_ok(epoll_ctl(fd, EPOLL_CTL_MOD, ends[0], &event));
	ck_assert_int_eq(epoll_wait(fd, &out, 1, 0), 1);
	ck_assert_int_eq(epoll_wait(fd, &out, 1, 0), 0);
	ck_assert_fails(epoll_ctl(fd, EPOLL_CTL_ADD, open(".", O_PATH), &event), EBADF);
}
END_TEST

START_TEST(epoll_errors)
{
	struct epoll_event event = {.events = EPOLLIN};
	int ends[2], file = open("file", O_RDWR | O_CREAT, 0600);

	epoll = epoll_create(1);
	ck_assert_ok(pipe(ends));
	ck_assert_fails(epoll_create(0), EINVAL);
	ck_assert_fails(epoll_create1(1), EINVAL);
	ck_assert_fails(epoll_ctl(99, EPOLL_CTL_ADD, ends[0], &event), EBADF);
	ck_assert_fails(epoll_ctl(epoll, EPOLL_CTL_ADD, 99, &event), EBADF);
	ck_assert_fails(epoll_ctl(ends[0], EPOLL_CTL_ADD, ends[1], &event), EINVAL);
	ck_assert_fails(epoll_ctl(epoll, EPOLL_CTL_ADD, epoll, &event), EINVAL);
	ck_assert_fails(epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event), EPERM);
	ck_assert_fails(epoll_ctl(epoll, EPOLL_CTL_MOD, ends[0], &event), ENOENT);
	ck_assert_fails(epoll_ctl(epoll, EPOLL_CTL_DEL, ends[0], &event), ENOENT);
	ck_assert_fails(epoll_ctl(epoll, 9, ends[0], &event), EINVAL);
	ck_assert_fails(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], bad_address), EFAULT);
	ck_assert_ok(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event));
	ck_assert_fails(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event), EEXIST);
	ck_assert_fails(epoll_wait(epoll, &event, 0, 0), EINVAL);
	ck_assert_fails(epoll_wait(ends[0], &event, 1, 0), EINVAL);
	ck_assert_fails(epoll_wait(99, &event, 1, 0), EBADF);
	ck_assert_int_eq(write(ends[1], "x", 1), 1);
	ck_assert_fails(epoll_wait(epoll, bad_address, 1, 0), EFAULT);
	ck_assert_int_eq(epoll_wait(epoll, &event, 1, 0), 1);
	ck_assert_ok(epoll_ctl(epoll, EPOLL_CTL_DEL, ends[0], NULL));
	alarms_start(SA_RESTART);
	ck_assert_fails(epoll_wait(epoll, &event, 1, -1), EINTR);
	alarms_stop();
	ck_assert_fails(read(epoll, &event, 1), EINVAL);
}
END_TEST

START_TEST(policies)
{
	struct sched_param param = {.sched_priority = 5};
	struct timespec slice;
	cpu_set_t set;

	ck_assert_int_eq(sched_getscheduler(0), SCHED_OTHER);
	ck_assert_ok(sched_getparam(0, &param));
	ck_assert_int_eq(param.sched_priority, 0);
	ck_assert_ok(sched_setscheduler(0, SCHED_BATCH, &param));
	ck_assert_int_eq(sched_getscheduler(getpid()), SCHED_BATCH);
	ck_assert_ok(sched_setparam(0, &param));
	param.sched_priority = 1;
	ck_assert_fails(sched_setparam(0, &param), EINVAL);
	ck_assert_fails(sched_setscheduler(0, SCHED_OTHER, &param), EINVAL);
	ck_assert_fails(sched_setscheduler(0, 99, &param), EINVAL);
	ck_assert_fails(sched_setscheduler(0, SCHED_OTHER, NULL), EINVAL);
	ck_assert_fails(sched_setscheduler(0, SCHED_OTHER, bad_address), EFAULT);
	ck_assert_fails(sched_setscheduler(-1, SCHED_OTHER, &param), EINVAL);
	ck_assert_fails(sched_getscheduler(999999), ESRCH);
	ck_assert_fails(sched_getparam(0, NULL), EINVAL);
	ck_assert_int_eq(sched_get_priority_max(SCHED_FIFO), 99);
	ck_assert_int_eq(sched_get_priority_min(SCHED_RR), 1);
	ck_assert_int_eq(sched_get_priority_max(SCHED_OTHER), 0);
	ck_assert_fails(sched_get_priority_max(99), EINVAL);
	ck_assert_ok(sched_rr_get_interval(0, &slice));
	ck_assert_ok(sched_getaffinity(0, sizeof(set), &set));
	ck_assert(CPU_ISSET(0, &set));
	CPU_ZERO(&set);
	ck_assert_fails(sched_setaffinity(0, sizeof(set), &set), EINVAL);
	CPU_SET(0, &set);
	ck_assert_ok(sched_setaffinity(0, sizeof(set), &set));
	ck_assert_fails(sched_setaffinity(0, sizeof(set), bad_address), EFAULT);
	ck_assert_fails(sched_setaffinity(999999, sizeof(set), &set), ESRCH);
}
END_TEST

TCase *event_tests(void)
{
	TCase *tests = tcase_create("events");

	tcase_add_test(tests, eventfd_counts);
	tcase_add_test(tests, timerfd_ticks);
	tcase_add_test(tests, signalfd_reads_signals);
	tcase_add_test(tests, epoll_tells_levels);
	tcase_add_test(tests, epoll_tells_edges);
	tcase_add_test(tests, epoll_waits);
	tcase_add_test(tests, epoll_tells_the_end);
	tcase_add_test(tests, epoll_errors);
	tcase_add_test(tests, policies);
	return tests;
}
