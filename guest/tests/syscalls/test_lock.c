/* SPDX-License-Identifier: MIT */
/*
 * test_lock.c: locks on files: who gets which bytes, who waits, and when they are given back.
 */
#include "suite.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static struct flock range(short type, off_t start, off_t length)
{
	return (struct flock){.l_type = type, .l_start = start, .l_len = length};
}

static int lock(int fd, int command, short type, off_t start, off_t length)
{
	struct flock flock = range(type, start, length);

	return fcntl(fd, command, &flock);
}

static int open_file(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	ck_assert_ok(fd);
	return fd;
}

/* What keeps a child of ours from writing the bytes from `start` on. */
static struct flock ask_in_child(int fd, off_t start, off_t length)
{
	struct flock flock = range(F_WRLCK, start, length);
	int ends[2];
	pid_t pid;

	ck_assert_ok(pipe(ends));
	pid = must_fork();
	if (pid == 0) {
		fcntl(fd, F_GETLK, &flock);
		_exit(write(ends[1], &flock, sizeof(flock)) != sizeof(flock));
	}
	ck_assert_int_eq(wait_status(pid), 0);
	ck_assert_int_eq(read(ends[0], &flock, sizeof(flock)), sizeof(flock));
	close(ends[0]);
	close(ends[1]);
	return flock;
}

static void expect_held(int fd, off_t at, short type, off_t start, off_t length)
{
	struct flock held = ask_in_child(fd, at, 1);

	ck_assert_int_eq(held.l_type, type);
	if (type == F_UNLCK)
		return;
	ck_assert_int_eq(held.l_start, start);
	ck_assert_int_eq(held.l_len, length);
	ck_assert_int_eq(held.l_pid, getpid());
	ck_assert_int_eq(held.l_whence, SEEK_SET);
}

START_TEST(bytes_are_locked)
{
	int fd = open_file();

	ck_assert_ok(lock(fd, F_SETLK, F_WRLCK, 10, 20));
	expect_held(fd, 9, F_UNLCK, 0, 0);
	expect_held(fd, 10, F_WRLCK, 10, 20);
	expect_held(fd, 29, F_WRLCK, 10, 20);
	expect_held(fd, 30, F_UNLCK, 0, 0);
	/* One in the middle, of another kind; then what lies before is joined. */
	ck_assert_ok(lock(fd, F_SETLK, F_RDLCK, 15, 5));
	expect_held(fd, 14, F_WRLCK, 10, 5);
	expect_held(fd, 15, F_RDLCK, 15, 5);
	expect_held(fd, 20, F_WRLCK, 20, 10);
	ck_assert_ok(lock(fd, F_SETLK, F_WRLCK, 15, 5));
	expect_held(fd, 17, F_WRLCK, 10, 20);
	ck_assert_ok(lock(fd, F_SETLK, F_UNLCK, 12, 2));
	expect_held(fd, 13, F_UNLCK, 0, 0);
	expect_held(fd, 11, F_WRLCK, 10, 2);
	ck_assert_ok(lock(fd, F_SETLK, F_WRLCK, 100, 0));
	expect_held(fd, 1 << 20, F_WRLCK, 100, 0);
	ck_assert_ok(lock(fd, F_SETLK, F_UNLCK, 0, 0));
	expect_held(fd, 1 << 20, F_UNLCK, 0, 0);
	ck_assert_ok(lock(fd, F_SETLK, F_WRLCK, 10, -4));
	expect_held(fd, 6, F_WRLCK, 6, 4);
}
END_TEST

START_TEST(bad_ranges_are_refused)
{
	int fd = open_file(), reader = open("file", O_RDONLY);
	struct flock odd = range(F_WRLCK, 5, 0);

	ck_assert_fails(lock(fd, F_SETLK, F_WRLCK, -1, 0), EINVAL);
	ck_assert_fails(lock(fd, F_SETLK, F_WRLCK, 3, -4), EINVAL);
	ck_assert_fails(lock(fd, F_SETLK, 3, 0, 0), EINVAL);
	ck_assert_fails(lock(fd, F_GETLK, F_UNLCK, 0, 0), EINVAL);
	ck_assert_fails(lock(reader, F_SETLK, F_WRLCK, 0, 0), EBADF);
	ck_assert_fails(fcntl(fd, F_SETLK, NULL), EFAULT);
	odd.l_whence = 3;
	ck_assert_fails(fcntl(fd, F_SETLK, &odd), EINVAL);
	odd.l_whence = SEEK_CUR;
	ck_assert_int_eq(lseek(fd, 100, SEEK_SET), 100);
	ck_assert_ok(fcntl(fd, F_SETLK, &odd));
	expect_held(fd, 105, F_WRLCK, 105, 0);
	ck_assert_fails(flock(fd, 0), EINVAL);
	ck_assert_fails(flock(-1, LOCK_SH), EBADF);
}
END_TEST

/* Bit 0 and up: what a child may do to bytes that its parent reads. */
static int try_in_child(void)
{
	int fd = open("file", O_RDWR);
	int got = lock(fd, F_SETLK, F_RDLCK, 0, 1) == 0;

	got |= (lock(fd, F_SETLK, F_WRLCK, 0, 1) == 0) << 1;
	got |= (errno == EAGAIN || errno == EACCES) << 2;
	got |= (lock(fd, F_SETLK, F_WRLCK, 1, 1) == 0) << 3;
	return got;
}

START_TEST(readers_share)
{
	int fd = open_file();

	ck_assert_ok(lock(fd, F_SETLK, F_RDLCK, 0, 1));
	ck_assert_int_eq(WEXITSTATUS(run_in_child(try_in_child)), 13);
	/* Closing any descriptor of the file gives all locks back; dup counts, too. */
	close(dup(fd));
	expect_held(fd, 0, F_UNLCK, 0, 0);
	ck_assert_ok(lock(fd, F_SETLK, F_WRLCK, 0, 1));
	close(open("file", O_RDONLY));
	expect_held(fd, 0, F_UNLCK, 0, 0);
}
END_TEST

static int write_when_free(void)
{
	return lock(open("file", O_RDWR), F_SETLKW, F_WRLCK, 0, 0) ? errno : 77;
}

static void alarmed(int signal)
{
}

static int give_up(void)
{
	sigaction(SIGALRM, &(struct sigaction){.sa_handler = alarmed}, NULL);
	ualarm(50000, 50000);
	return write_when_free();
}

START_TEST(writers_wait)
{
	int fd = open_file();
	pid_t pid;

	ck_assert_ok(lock(fd, F_SETLK, F_RDLCK, 0, 1));
	ck_assert_int_eq(WEXITSTATUS(run_in_child(give_up)), EINTR);
	pid = must_fork();
	if (pid == 0)
		_exit(write_when_free());
	sleep_ms(50);
	ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), 0);
	ck_assert_ok(lock(fd, F_SETLK, F_UNLCK, 0, 0));
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 77);
	/* It has ended, so its lock is gone. */
	ck_assert_ok(lock(fd, F_SETLK, F_WRLCK, 0, 0));
}
END_TEST

START_TEST(a_circle_is_refused)
{
	int fd = open_file();
	pid_t pid;

	ck_assert_ok(lock(fd, F_SETLK, F_WRLCK, 0, 1));
	pid = must_fork();
	if (pid == 0) {
		if (lock(fd, F_SETLK, F_WRLCK, 1, 1))
			_exit(1);
		_exit(lock(fd, F_SETLKW, F_WRLCK, 0, 1) ? 2 : 0);
	}
	sleep_ms(100);
	ck_assert_fails(lock(fd, F_SETLKW, F_WRLCK, 1, 1), EDEADLK);
	ck_assert_ok(lock(fd, F_SETLK, F_UNLCK, 0, 1));
	ck_assert_int_eq(wait_status(pid), 0);
}
END_TEST

START_TEST(open_files_own_locks)
{
	int first = open_file(), second = open_file(), copy = dup(first);
	struct flock flock = range(F_WRLCK, 0, 1);

	ck_assert_ok(lock(first, F_OFD_SETLK, F_WRLCK, 0, 1));
	ck_assert_fails(lock(second, F_OFD_SETLK, F_WRLCK, 0, 1), EAGAIN);
	ck_assert_ok(fcntl(second, F_OFD_GETLK, &flock));
	ck_assert_int_eq(flock.l_type, F_WRLCK);
	ck_assert_int_eq(flock.l_pid, -1);
	ck_assert_fails(lock(first, F_SETLK, F_WRLCK, 0, 1), EAGAIN);
	close(first);
	ck_assert_fails(lock(second, F_OFD_SETLK, F_WRLCK, 0, 1), EAGAIN);
	close(copy);
	ck_assert_ok(lock(second, F_OFD_SETLK, F_WRLCK, 0, 1));
}
END_TEST

START_TEST(whole_files_are_locked)
{
	int first = open_file(), second = open_file(), third = open_file();

	ck_assert_ok(flock(first, LOCK_SH));
	ck_assert_ok(flock(second, LOCK_SH | LOCK_NB));
	ck_assert_fails(flock(second, LOCK_EX | LOCK_NB), EWOULDBLOCK);
	/* That has cost it what it had. */
	ck_assert_ok(flock(first, LOCK_EX | LOCK_NB));
	ck_assert_fails(flock(third, LOCK_SH | LOCK_NB), EWOULDBLOCK);
	ck_assert_ok(lock(third, F_SETLK, F_WRLCK, 0, 0));
	ck_assert_ok(flock(first, LOCK_UN));
	ck_assert_ok(flock(third, LOCK_EX));
	close(third);
	ck_assert_ok(flock(first, LOCK_EX | LOCK_NB));
}
END_TEST

TCase *lock_tests(void)
{
	TCase *tests = tcase_create("locks");

	tcase_add_test(tests, bytes_are_locked);
	tcase_add_test(tests, bad_ranges_are_refused);
	tcase_add_test(tests, readers_share);
	tcase_add_test(tests, writers_wait);
	tcase_add_test(tests, a_circle_is_refused);
	tcase_add_test(tests, open_files_own_locks);
	tcase_add_test(tests, whole_files_are_locked);
	return tests;
}
