/* SPDX-License-Identifier: MIT */
/*
 * test_race.c: what one does to files, words and timers while another is in the middle of it.
 */
#include "suite.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define MUCH ((size_t)32 << 20)

static atomic_int ready, word;
static int fd;

static void start(pthread_t *thread, void *(*body)(void *), void *argument)
{
	ck_assert_int_eq(pthread_create(thread, NULL, body, argument), 0);
}

static void *lock_it(void *unused)
{
	struct flock lock = {.l_type = F_WRLCK};

	ready = 1;
	return (void *)(uintptr_t)(fcntl(fd, F_SETLKW, &lock) == -1 && errno == EBADF);
}

/* Whoever closes a file has no lock on it, one that he waits for included. */
START_TEST(files_are_closed_while_a_lock_is_waited_for)
{
	struct flock lock = {.l_type = F_WRLCK};
	pthread_t thread;
	void *refused;
	int ends[2], c;
	pid_t pid;

	fd = open("file", O_RDWR | O_CREAT, 0600);
	ck_assert_ok(pipe(ends));
	pid = must_fork();
	if (pid == 0) {
		close(ends[1]);
		fcntl(fd, F_SETLK, &lock);
		close(fd);
		fd = open("file", O_RDWR);
		fcntl(fd, F_SETLK, &lock);
		_exit(read(ends[0], &c, 1) != 0);
	}
	while (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK)
		lock.l_type = F_WRLCK;
	start(&thread, lock_it, NULL);
	while (!ready)
		sched_yield();
	sleep_ms(20);
	ck_assert_ok(close(fd));
	close(ends[1]);
	ck_assert_int_eq(wait_status(pid), 0);
	pthread_join(thread, &refused);
	ck_assert(refused);
	pid = must_fork();
	if (pid == 0) {
		lock = (struct flock){.l_type = F_WRLCK};
		_exit(fcntl(open("file", O_RDWR), F_SETLK, &lock) != 0);
	}
	ck_assert_int_eq(wait_status(pid), 0);
}
END_TEST

static void *write_much(void *bytes)
{
	ready = 1;
	return (void *)(uintptr_t)(write(fd, bytes, MUCH) > 0);
}

/* Once it is sealed nothing changes any more, not even by a write that has begun. */
START_TEST(files_are_sealed_while_they_are_written)
{
	void *bytes = must_map(MUCH), *written;
	struct stat then = {0}, now;
	pthread_t thread;

	memset(bytes, 1, MUCH);
	fd = memfd_create("sealed", MFD_ALLOW_SEALING);
	ck_assert_int_ge(fd, 0);
	start(&thread, write_much, bytes);
	while (!ready || !then.st_size) {
		sched_yield();
		fstat(fd, &then);
	}
	ck_assert_ok(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	fstat(fd, &then);
	pthread_join(thread, &written);
	ck_assert(written);
	fstat(fd, &now);
	ck_assert_int_eq(now.st_size, then.st_size);
	ck_assert_fails(pwrite(fd, "x", 1, 0), EPERM);
}
END_TEST

static void *wait_for_word(void *unused)
{
	ready++;
	syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL);
	return NULL;
}

static int count_waiters(void)
{
	return (int)syscall(SYS_futex, &word, FUTEX_REQUEUE, 0, INT32_MAX, &word);
}

/* Every waiter is met once. */
START_TEST(waiters_are_moved_to_where_they_are)
{
	pthread_t threads[3];

	for (int i = 0; i < 3; i++)
		start(&threads[i], wait_for_word, NULL);
	while (count_waiters() != 3)
		sched_yield();
	ck_assert_int_eq(syscall(SYS_futex, &word, FUTEX_WAKE, 1), 1);
	ck_assert_int_eq(count_waiters(), 2);
	ck_assert_int_eq(syscall(SYS_futex, &word, FUTEX_WAKE, INT32_MAX), 2);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
}
END_TEST

/* Programs go on whatever timers there are. */
START_TEST(timers_are_faster_than_anything)
{
	const struct itimerspec often = {{0, 1}, {0, 1}};
	uint64_t ticks;

	fd = timerfd_create(CLOCK_MONOTONIC, 0);
	ck_assert_ok(timerfd_settime(fd, 0, &often, NULL));
	for (volatile int i = 0; i < 10000000; i++)
		;
	ck_assert_int_eq(read(fd, &ticks, sizeof(ticks)), sizeof(ticks));
	ck_assert_uint_ge(ticks, 1000000);
}
END_TEST

/* A parent can be killed while its child has its memory. */
START_TEST(parents_end_while_they_wait_for_a_vfork)
{
	int up[2], down[2], c;
	pid_t pid;

	ck_assert_ok(pipe(up));
	ck_assert_ok(pipe(down));
	pid = must_fork();
	if (pid == 0) {
		close(down[1]);
		if (vfork() == 0) {
			c = write(up[1], "x", 1) != 1 || read(down[0], &c, 1) != 0;
			_exit(c);
		}
		_exit(1);
	}
	ck_assert_int_eq(read(up[0], &c, 1), 1);
	ck_assert_ok(kill(pid, SIGKILL));
	ck_assert_int_eq(wait_status(pid), SIGKILL);
	close(down[1]);
}
END_TEST

TCase *race_tests(void)
{
	TCase *tests = tcase_create("races");

	tcase_add_test(tests, files_are_closed_while_a_lock_is_waited_for);
	tcase_add_test(tests, files_are_sealed_while_they_are_written);
	tcase_add_test(tests, waiters_are_moved_to_where_they_are);
	tcase_add_test(tests, timers_are_faster_than_anything);
	tcase_add_test(tests, parents_end_while_they_wait_for_a_vfork);
	return tests;
}
