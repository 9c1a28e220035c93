/* SPDX-License-Identifier: MIT */
/*
 * test_pipe.c: pipes, copies of descriptors, poll and select.
 */
#include "suite.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2];

static void open_pipe(void)
{
	ck_assert_ok(pipe(ends));
}

START_TEST(bytes_go_through)
{
	char out[16] = "";
	int n = -1;

	open_pipe();
	ck_assert_int_eq(write(ends[1], "abc", 3), 3);
	ck_assert_int_eq(write(ends[1], "def", 3), 3);
	ck_assert_ok(ioctl(ends[0], FIONREAD, &n));
	ck_assert_int_eq(n, 6);
	ck_assert_int_eq(read(ends[0], out, 4), 4);
	ck_assert_mem_eq(out, "abcd", 4);
	ck_assert_int_eq(read(ends[0], out, 16), 2);
	close(ends[1]);
	ck_assert_int_eq(read(ends[0], out, 16), 0);
	ck_assert_fails(write(ends[0], "x", 1), EBADF);
	ck_assert_fails(lseek(ends[0], 0, SEEK_SET), ESPIPE);
	ck_assert_fails(pread(ends[0], out, 1, 0), ESPIPE);
}
END_TEST

START_TEST(nobody_reads)
{
	pid_t pid;

	open_pipe();
	close(ends[0]);
	pid = must_fork();
	if (pid == 0)
		_exit(write(ends[1], "x", 1) != 1);
	ck_assert_int_eq(WTERMSIG(wait_status(pid)), SIGPIPE);
	signal(SIGPIPE, SIG_IGN);
	ck_assert_fails(write(ends[1], "x", 1), EPIPE);
}
END_TEST

START_TEST(without_waiting)
{
	static char block[65536];
	size_t room = 0;
	char byte;
	ssize_t n;

	ck_assert_ok(pipe2(ends, O_NONBLOCK | O_CLOEXEC));
	ck_assert_int_eq(fcntl(ends[0], F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fcntl(ends[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	ck_assert_fails(read(ends[0], &byte, 1), EAGAIN);
	while ((n = write(ends[1], block, 1000)) > 0)
		room += (size_t)n;
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_uint_ge(room, 60000);
	ck_assert_fails(write(ends[1], block, 4096), EAGAIN);
	ck_assert_int_eq(fcntl(ends[1], F_GETPIPE_SZ), 65536);
	ck_assert_fails(pipe2(ends, 0x4000000), EINVAL);
}
END_TEST

/* More than the pipe holds, through a child. */
START_TEST(much_goes_through)
{
	enum { TOTAL = 1 << 20 };
	static uint8_t block[5000];
	uint32_t sum = 0, expected = 0;
	pid_t pid;
	ssize_t n;

	open_pipe();
	pid = must_fork();
	if (pid == 0) {
		close(ends[0]);
		for (uint32_t done = 0; done < TOTAL;) {
			size_t size = TOTAL - done < 5000 ? TOTAL - done : 5000;

			for (size_t i = 0; i < size; i++)
				block[i] = (uint8_t)((done + i) * 7 >> 3);
			if (write(ends[1], block, size) != (ssize_t)size)
				_exit(1);
			done += size;
		}
		_exit(0);
	}
	close(ends[1]);
	for (uint32_t i = 0; i < TOTAL; i++)
		expected += (uint8_t)(i * 7 >> 3) * (i % 1000 + 1);
	for (uint32_t at = 0; (n = read(ends[0], block, 777)) > 0;) {
		for (ssize_t i = 0; i < n; i++, at++)
			sum += block[i] * (at % 1000 + 1);
	}
	ck_assert_uint_eq(sum, expected);
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 0);
}
END_TEST

START_TEST(descriptors_are_copied)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600), copy = dup(fd), far;

	ck_assert_int_gt(copy, fd);
	ck_assert_int_eq(write(fd, "abc", 3), 3);
	ck_assert_int_eq(lseek(copy, 0, SEEK_CUR), 3);
	ck_assert_int_eq(dup2(fd, 50), 50);
	ck_assert_int_eq(dup2(fd, fd), fd);
	ck_assert_int_eq(fcntl(50, F_GETFD), 0);
	ck_assert_int_eq(dup3(fd, 50, O_CLOEXEC), 50);
	ck_assert_int_eq(fcntl(50, F_GETFD), FD_CLOEXEC);
	ck_assert_fails(dup3(fd, fd, 0), EINVAL);
	ck_assert_fails(dup3(fd, 51, 1), EINVAL);
	far = fcntl(fd, F_DUPFD, 30);
	ck_assert_int_eq(far, 30);
	ck_assert_int_eq(fcntl(fd, F_DUPFD_CLOEXEC, 30), 31);
	ck_assert_int_eq(fcntl(31, F_GETFD), FD_CLOEXEC);
	ck_assert_fails(dup(99), EBADF);
	ck_assert_fails(dup2(99, 5), EBADF);
	ck_assert_fails(dup2(fd, -1), EBADF);
	ck_assert_fails(dup2(fd, 1 << 28), EBADF);
	ck_assert_fails(close(99), EBADF);
	ck_assert_ok(close(fd));
	ck_assert_int_eq(write(copy, "d", 1), 1);
	/* The lowest free number is taken. */
	ck_assert_int_eq(open("/dev/null", O_RDONLY), fd);
}
END_TEST

START_TEST(vectors)
{
	char a[3], b[5];
	struct iovec out[3] = {{"ab", 2}, {"", 0}, {"cdefg", 5}}, in[2] = {{a, 3}, {b, 5}};

	open_pipe();
	ck_assert_int_eq(writev(ends[1], out, 3), 7);
	ck_assert_int_eq(readv(ends[0], in, 2), 7);
	ck_assert_mem_eq(a, "abc", 3);
	ck_assert_mem_eq(b, "defg", 4);
	ck_assert_fails(syscall(SYS_writev, ends[1], out, -1), EINVAL);
	ck_assert_fails(syscall(SYS_writev, ends[1], out, 1025), EINVAL);
	ck_assert_int_eq(writev(ends[1], out, 0), 0);
}
END_TEST

/* Vectors are one transfer: nobody waits for what the last of them could have, too. */
START_TEST(vectors_are_one)
{
	const struct iovec *volatile nowhere = (void *)8;
	char a[4] = "abc", b[8] = "";
	struct iovec two[2] = {{a, 4}, {b, 8}}, bad[2] = {{a, 4}, {(void *)8, 4}};
	int pair[2], file = open("file", O_RDWR | O_CREAT, 0600);

	open_pipe();
	ck_assert_int_eq(write(ends[1], "defg", 4), 4);
	ck_assert_int_eq(readv(ends[0], two, 2), 4);
	ck_assert_mem_eq(a, "defg", 4);
	ck_assert_fails(writev(ends[1], bad, 2), EFAULT);
	ck_assert_fails(writev(ends[0], two, 2), EBADF);
	ck_assert_fails(writev(ends[1], nowhere, 1), EFAULT);
	ck_assert_int_eq(writev(ends[1], two, 0), 0);
	two[1].iov_len = (size_t)-1;
	ck_assert_fails(writev(ends[1], two, 2), EINVAL);
	ck_assert_ok(ioctl(ends[0], FIONREAD, &pair[0]));
	ck_assert_int_eq(pair[0], 0);
	two[1].iov_len = 8;
	ck_assert_ok(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	ck_assert_int_eq(writev(pair[0], two, 2), 12);
	ck_assert_int_eq(write(pair[0], "x", 1), 1);
	ck_assert_int_eq(readv(pair[1], two, 2), 12);
	ck_assert_int_eq(readv(pair[1], two, 2), 1);
	ck_assert_int_eq(a[0], 'x');
	ck_assert_int_eq(writev(file, bad, 2), 4);
	ck_assert_int_eq(pwritev(file, two, 2, 4090), 12);
	ck_assert_int_eq(preadv(file, bad, 2, 4098), 4);
}
END_TEST

START_TEST(poll_says_what_is_ready)
{
	struct pollfd fds[3];
	char byte;

	open_pipe();
	fds[0] = (struct pollfd){ends[0], POLLIN, 0};
	fds[1] = (struct pollfd){ends[1], POLLOUT, 0};
	fds[2] = (struct pollfd){-1, POLLIN, 99};
	ck_assert_int_eq(poll(fds, 3, 0), 1);
	ck_assert_int_eq(fds[0].revents, 0);
	ck_assert_int_eq(fds[1].revents, POLLOUT);
	ck_assert_int_eq(fds[2].revents, 0);
	ck_assert_int_eq(write(ends[1], "x", 1), 1);
	ck_assert_int_eq(poll(fds, 1, -1), 1);
	ck_assert_int_eq(fds[0].revents, POLLIN);
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	ck_assert_int_eq(poll(fds, 1, 10), 0);
	close(ends[1]);
	ck_assert_int_eq(poll(fds, 1, -1), 1);
	ck_assert_int_eq(fds[0].revents, POLLHUP);
	close(ends[0]);
	ck_assert_int_eq(poll(fds, 1, -1), 1);
	ck_assert_int_eq(fds[0].revents, POLLNVAL);
}
END_TEST

START_TEST(poll_wakes)
{
	struct pollfd fd;
	pid_t pid;

	open_pipe();
	pid = must_fork();
	if (pid == 0) {
		sleep_ms(20);
		_exit(write(ends[1], "x", 1) != 1);
	}
	fd = (struct pollfd){ends[0], POLLIN, 0};
	ck_assert_int_eq(poll(&fd, 1, 30000), 1);
	ck_assert_int_eq(fd.revents, POLLIN);
	wait_status(pid);
}
END_TEST

START_TEST(select_says_what_is_ready)
{
	fd_set in, out;
	struct timeval none = {0, 0}, soon = {0, 10000}, bad = {0, -1};
	int n;

	open_pipe();
	n = ends[1] + 1;
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(ends[0], &in);
	FD_SET(ends[1], &out);
	ck_assert_int_eq(select(n, &in, &out, NULL, &none), 1);
	ck_assert(!FD_ISSET(ends[0], &in) && FD_ISSET(ends[1], &out));
	ck_assert_int_eq(write(ends[1], "x", 1), 1);
	FD_SET(ends[0], &in);
	ck_assert_int_eq(select(n, &in, &out, NULL, NULL), 2);
	ck_assert(FD_ISSET(ends[0], &in) && FD_ISSET(ends[1], &out));
	ck_assert_int_eq(select(0, NULL, NULL, NULL, &soon), 0);
	ck_assert_fails(select(-1, NULL, NULL, NULL, &none), EINVAL);
	ck_assert_fails(select(n, &in, NULL, NULL, &bad), EINVAL);
	close(ends[0]);
	FD_ZERO(&in);
	FD_SET(ends[0], &in);
	ck_assert_fails(select(n, &in, NULL, NULL, &none), EBADF);
}
END_TEST

static void nothing(int signal)
{
}

/* A signal that is blocked but for the time of the call. */
START_TEST(waiting_with_another_mask)
{
	struct sigaction action = {.sa_handler = nothing};
	struct timespec long_time = {30, 0};
	sigset_t set, empty;

	ck_assert_ok(sigaction(SIGUSR1, &action, NULL));
	sigemptyset(&empty);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	ck_assert_fails(pselect(0, NULL, NULL, NULL, &long_time, &empty), EINTR);
	raise(SIGUSR1);
	ck_assert_fails(ppoll(NULL, 0, &long_time, &empty), EINTR);
}
END_TEST

START_TEST(named_pipes)
{
	char out[4];
	pid_t pid;
	int fd;

	ck_assert_ok(mkfifo("fifo", 0600));
	ck_assert_fails(mkfifo("fifo", 0600), EEXIST);
	ck_assert_fails(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
	pid = must_fork();
	if (pid == 0) {
		fd = open("fifo", O_WRONLY);
		_exit(write(fd, "abcd", 4) != 4);
	}
	fd = open("fifo", O_RDONLY);
	ck_assert_int_eq(read(fd, out, 4), 4);
	ck_assert_mem_eq(out, "abcd", 4);
	ck_assert_int_eq(read(fd, out, 4), 0);
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 0);
}
END_TEST

TCase *pipe_tests(void)
{
	TCase *tests = tcase_create("pipes");

	tcase_add_test(tests, bytes_go_through);
	tcase_add_test(tests, nobody_reads);
	tcase_add_test(tests, without_waiting);
	tcase_add_test(tests, much_goes_through);
	tcase_add_test(tests, descriptors_are_copied);
	tcase_add_test(tests, vectors);
	tcase_add_test(tests, vectors_are_one);
	tcase_add_test(tests, poll_says_what_is_ready);
	tcase_add_test(tests, poll_wakes);
	tcase_add_test(tests, select_says_what_is_ready);
	tcase_add_test(tests, waiting_with_another_mask);
	tcase_add_test(tests, named_pipes);
	return tests;
}
