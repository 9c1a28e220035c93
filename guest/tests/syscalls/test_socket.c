/* SPDX-License-Identifier: MIT */
/*
 * test_socket.c: sockets between processes of one machine: unix(7).
 */
#include "suite.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int pair[2];

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	strcpy(address.sun_path, path);
	return address;
}

static int bind_to(int fd, const char *path)
{
	struct sockaddr_un address = address_of(path);

	return bind(fd, (struct sockaddr *)&address, sizeof(address));
}

static int connect_to(int fd, const char *path)
{
	struct sockaddr_un address = address_of(path);

	return connect(fd, (struct sockaddr *)&address, sizeof(address));
}

static int new_socket(int type)
{
	int fd = socket(AF_UNIX, type, 0);

	ck_assert_int_ge(fd, 0);
	return fd;
}

static int listener(const char *path, int backlog)
{
	int fd = new_socket(SOCK_STREAM);

	ck_assert_ok(bind_to(fd, path));
	ck_assert_ok(listen(fd, backlog));
	return fd;
}

START_TEST(kinds_of_sockets)
{
	struct stat status;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
	ck_assert_ok(fstat(fd, &status));
	ck_assert(S_ISSOCK(status.st_mode));
	ck_assert_fails(lseek(fd, 0, SEEK_SET), ESPIPE);
	ck_assert_fails(open("/proc/self/fd/3/x", O_RDONLY), ENOTDIR);
	ck_assert_fails(socket(99, SOCK_STREAM, 0), EAFNOSUPPORT);
	ck_assert_fails(socket(-1, SOCK_STREAM, 0), EAFNOSUPPORT);
	ck_assert_fails(socket(AF_UNIX, 11, 0), EINVAL);
	ck_assert_fails(socket(AF_UNIX, SOCK_RDM, 0), ESOCKTNOSUPPORT);
	ck_assert_fails(socket(AF_UNIX, SOCK_STREAM | 0x100, 0), EINVAL);
	ck_assert_fails(socket(AF_UNIX, SOCK_STREAM, 2), EPROTONOSUPPORT);
	ck_assert_fails(socketpair(99, SOCK_STREAM, 0, pair), EAFNOSUPPORT);
	ck_assert_fails(socketpair(AF_UNIX, SOCK_STREAM, 0, NULL), EFAULT);
	ck_assert_ok(socket(AF_UNIX, SOCK_RAW, 1));
}
END_TEST

START_TEST(pairs_talk)
{
	char out[16];
	int n = -1;

	ck_assert_ok(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ck_assert_int_eq(write(pair[0], "abc", 3), 3);
	ck_assert_int_eq(send(pair[0], "def", 3, 0), 3);
	ck_assert_ok(ioctl(pair[1], FIONREAD, &n));
	ck_assert_int_eq(n, 6);
	ck_assert_int_eq(recv(pair[1], out, 4, MSG_PEEK), 4);
	ck_assert_int_eq(recv(pair[1], out, 16, 0), 6);
	ck_assert_mem_eq(out, "abcdef", 6);
	ck_assert_int_eq(write(pair[1], "back", 4), 4);
	ck_assert_int_eq(read(pair[0], out, 2), 2);
	ck_assert_int_eq(read(pair[0], out, 16), 2);
	ck_assert_mem_eq(out, "ck", 2);
	ck_assert_fails(recv(pair[0], out, 1, MSG_DONTWAIT), EAGAIN);
	ck_assert_int_eq(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
	ck_assert_fails(read(pair[0], out, 1), EAGAIN);
	ck_assert_int_eq(read(pair[0], out, 0), 0);
	ck_assert_fails(connect_to(pair[0], "none"), ENOENT);
}
END_TEST

START_TEST(the_other_end_goes)
{
	char out[16];
	pid_t pid;

	ck_assert_ok(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ck_assert_int_eq(write(pair[1], "last", 4), 4);
	close(pair[1]);
	ck_assert_int_eq(read(pair[0], out, 16), 4);
	ck_assert_int_eq(read(pair[0], out, 16), 0);
	ck_assert_fails(send(pair[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	pid = must_fork();
	if (pid == 0)
		_exit(write(pair[0], "x", 1) != 1);
	ck_assert_int_eq(WTERMSIG(wait_status(pid)), SIGPIPE);
	/* What was not read is lost, and the writer learns of it. */
	ck_assert_ok(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ck_assert_int_eq(write(pair[0], "lost", 4), 4);
	close(pair[1]);
	ck_assert_fails(read(pair[0], out, 16), ECONNRESET);
	ck_assert_int_eq(read(pair[0], out, 16), 0);
}
END_TEST

START_TEST(ends_are_shut)
{
	char out[16];

	ck_assert_ok(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ck_assert_int_eq(write(pair[0], "abc", 3), 3);
	ck_assert_ok(shutdown(pair[0], SHUT_WR));
	ck_assert_fails(send(pair[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	ck_assert_int_eq(read(pair[1], out, 16), 3);
	ck_assert_int_eq(read(pair[1], out, 16), 0);
	ck_assert_int_eq(write(pair[1], "back", 4), 4);
	ck_assert_int_eq(read(pair[0], out, 16), 4);
	ck_assert_ok(shutdown(pair[0], SHUT_RD));
	ck_assert_fails(send(pair[1], "x", 1, MSG_NOSIGNAL), EPIPE);
	ck_assert_fails(shutdown(pair[0], 3), EINVAL);
	ck_assert_fails(shutdown(0, SHUT_RD), ENOTSOCK);
	ck_assert_fails(shutdown(99, SHUT_RD), EBADF);
}
END_TEST

/* More than a socket holds, through a child. */
START_TEST(much_goes_through)
{
	enum { TOTAL = 1 << 19 };
	static uint8_t block[50000];
	uint32_t sum = 0, expected = 0;
	pid_t pid;
	ssize_t n;

	ck_assert_ok(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	pid = must_fork();
	if (pid == 0) {
		close(pair[0]);
		for (uint32_t done = 0; done < TOTAL;) {
			size_t size = TOTAL - done < 50000 ? TOTAL - done : 50000;

			for (size_t i = 0; i < size; i++)
				block[i] = (uint8_t)((done + i) * 7 >> 3);
			if (write(pair[1], block, size) != (ssize_t)size)
				_exit(1);
			done += size;
		}
		_exit(0);
	}
	close(pair[1]);
	for (uint32_t i = 0; i < TOTAL; i++)
		expected += (uint8_t)(i * 7 >> 3) * (i % 1000 + 1);
	for (uint32_t at = 0; (n = read(pair[0], block, 7777)) > 0;) {
		for (ssize_t i = 0; i < n; i++, at++)
			sum += block[i] * (at % 1000 + 1);
	}
	ck_assert_uint_eq(sum, expected);
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 0);
}
END_TEST

START_TEST(a_full_socket_does_not_take_more)
{
	static char block[4096];
	struct pollfd poll_fd;
	size_t room = 0;
	ssize_t n;

	ck_assert_ok(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair));
	poll_fd = (struct pollfd){pair[0], POLLOUT | POLLIN, 0};
	ck_assert_int_eq(poll(&poll_fd, 1, 0), 1);
	ck_assert_int_eq(poll_fd.revents, POLLOUT);
	while ((n = write(pair[0], block, sizeof(block))) > 0)
		room += (size_t)n;
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_uint_ge(room, 65536);
	ck_assert_uint_le(room, 1 << 20);
	ck_assert_int_eq(poll(&poll_fd, 1, 0), 0);
	while (room) {
		n = read(pair[1], block, sizeof(block));
		ck_assert_int_gt(n, 0);
		room -= (size_t)n;
	}
	ck_assert_int_eq(poll(&poll_fd, 1, 0), 1);
	close(pair[1]);
	ck_assert_int_eq(poll(&poll_fd, 1, 0), 1);
	ck_assert_int_eq(poll_fd.revents, POLLIN | POLLOUT | POLLHUP);
}
END_TEST

START_TEST(servers_accept)
{
	struct sockaddr_un address;
	socklen_t length = sizeof(address);
	int server = listener("server", 5), client, end, type = 0;
	struct pollfd poll_fd = {server, POLLIN, 0};
	char out[16];
	pid_t pid;

	ck_assert_int_eq(poll(&poll_fd, 1, 0), 0);
	pid = must_fork();
	if (pid == 0) {
		client = new_socket(SOCK_STREAM);
		ck_assert_ok(bind_to(client, "client"));
		_exit(connect_to(client, "server") || write(client, "hello", 5) != 5 ||
			read(client, out, 16) != 6 || memcmp(out, "answer", 6) != 0);
	}
	end = accept4(server, (struct sockaddr *)&address, &length, SOCK_CLOEXEC);
	ck_assert_int_ge(end, 0);
	ck_assert_int_eq(fcntl(end, F_GETFD), FD_CLOEXEC);
	ck_assert_uint_eq(length, offsetof(struct sockaddr_un, sun_path) + 7);
	ck_assert_str_eq(address.sun_path, "client");
	ck_assert_int_eq(recv(end, out, 16, MSG_WAITALL & 0), 5);
	ck_assert_mem_eq(out, "hello", 5);
	ck_assert_int_eq(write(end, "answer", 6), 6);
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 0);
	length = sizeof(address);
	ck_assert_ok(getsockname(end, (struct sockaddr *)&address, &length));
	ck_assert_str_eq(address.sun_path, "server");
	length = sizeof(address);
	ck_assert_ok(getpeername(end, (struct sockaddr *)&address, &length));
	ck_assert_str_eq(address.sun_path, "client");
	length = sizeof(type);
	ck_assert_ok(getsockopt(end, SOL_SOCKET, SO_TYPE, &type, &length));
	ck_assert_int_eq(type, SOCK_STREAM);
	ck_assert_ok(getsockopt(server, SOL_SOCKET, SO_ACCEPTCONN, &type, &length));
	ck_assert_int_eq(type, 1);
	ck_assert_fails(getsockopt(end, SOL_SOCKET, 9999, &type, &length), ENOPROTOOPT);
}
END_TEST

START_TEST(connecting_needs_a_server)
{
	int fd = new_socket(SOCK_STREAM), server, data;
	struct sockaddr_un address = address_of("server");
	const struct sockaddr *to = (struct sockaddr *)&address;

	ck_assert_fails(connect_to(fd, "none"), ENOENT);
	ck_assert_fails(connect_to(fd, "/none/none"), ENOENT);
	make_file("file", "");
	ck_assert_fails(connect_to(fd, "file"), ECONNREFUSED);
	ck_assert_fails(connect_to(fd, "file/x"), ENOTDIR);
	ck_assert_fails(connect(fd, to, 1), EINVAL);
	ck_assert_fails(connect(fd, to, 200), EINVAL);
	ck_assert_fails(connect(fd, (struct sockaddr *)8, sizeof(address)), EFAULT);
	address.sun_family = AF_INET;
	ck_assert_fails(connect(fd, to, sizeof(address)), EINVAL);
	address.sun_family = AF_UNIX;
	server = new_socket(SOCK_STREAM);
	ck_assert_ok(bind_to(server, "server"));
	ck_assert_fails(connect(fd, to, sizeof(address)), ECONNREFUSED);
	ck_assert_ok(listen(server, 1));
	data = new_socket(SOCK_DGRAM);
	ck_assert_fails(connect(data, to, sizeof(address)), EPROTOTYPE);
	ck_assert_ok(connect(fd, to, sizeof(address)));
	ck_assert_fails(connect(fd, to, sizeof(address)), EISCONN);
	ck_assert_fails(connect(server, to, sizeof(address)), EINVAL);
	/* It is reset, since it was never accepted. */
	close(server);
	ck_assert_fails(read(fd, &address, 1), ECONNRESET);
	ck_assert_int_eq(unlink("server"), 0);
	ck_assert_fails(connect_to(new_socket(SOCK_STREAM), "server"), ENOENT);
}
END_TEST

START_TEST(accepting_needs_a_descriptor)
{
	const struct rlimit few = {16, 16};
	int server = listener("server", 1), client = new_socket(SOCK_STREAM), last = -1, fd;

	ck_assert_ok(connect_to(client, "server"));
	ck_assert_ok(setrlimit(RLIMIT_NOFILE, &few));
	while ((fd = dup(client)) >= 0)
		last = fd;
	ck_assert_fails(accept(server, NULL, NULL), EMFILE);
	ck_assert_ok(close(last));
	ck_assert_int_eq(accept(server, NULL, NULL), last);
}
END_TEST

START_TEST(accepting_needs_a_listener)
{
	int fd = new_socket(SOCK_STREAM), data = new_socket(SOCK_DGRAM), server;

	ck_assert_fails(accept(fd, NULL, NULL), EINVAL);
	ck_assert_fails(accept(data, NULL, NULL), EOPNOTSUPP);
	ck_assert_fails(accept(0, NULL, NULL), ENOTSOCK);
	ck_assert_fails(accept(99, NULL, NULL), EBADF);
	ck_assert_fails(listen(fd, 1), EINVAL);
	ck_assert_fails(listen(data, 1), EOPNOTSUPP);
	server = listener("server", 1);
	ck_assert_fails(accept4(server, NULL, NULL, 1), EINVAL);
	ck_assert_ok(fcntl(server, F_SETFL, O_NONBLOCK));
	ck_assert_fails(accept(server, NULL, NULL), EAGAIN);
	/* Two wait, one more than the backlog says. */
	ck_assert_ok(connect_to(new_socket(SOCK_STREAM), "server"));
	ck_assert_ok(connect_to(new_socket(SOCK_STREAM), "server"));
	ck_assert_fails(connect_to(new_socket(SOCK_STREAM | SOCK_NONBLOCK), "server"), EAGAIN);
	ck_assert_ok(accept(server, NULL, NULL));
	ck_assert_ok(connect_to(new_socket(SOCK_STREAM | SOCK_NONBLOCK), "server"));
	ck_assert_fails(read(server, &fd, 1), EINVAL);
	ck_assert_fails(send(server, &fd, 1, 0), ENOTCONN);
}
END_TEST

START_TEST(names_are_bound)
{
	struct sockaddr_un address;
	socklen_t length = sizeof(address);
	int fd = new_socket(SOCK_STREAM), other = new_socket(SOCK_STREAM);
	struct stat status;

	ck_assert_ok(getsockname(fd, (struct sockaddr *)&address, &length));
	ck_assert_uint_eq(length, 2);
	ck_assert_int_eq(address.sun_family, AF_UNIX);
	length = sizeof(address);
	ck_assert_fails(getpeername(fd, (struct sockaddr *)&address, &length), ENOTCONN);
	umask(027);
	ck_assert_ok(bind_to(fd, "name"));
	ck_assert_ok(stat("name", &status));
	ck_assert_int_eq(status.st_mode, S_IFSOCK | 0750);
	ck_assert_fails(open("name", O_RDWR), ENXIO);
	ck_assert_fails(bind_to(fd, "again"), EINVAL);
	ck_assert_fails(bind_to(other, "name"), EADDRINUSE);
	ck_assert_fails(bind_to(other, "none/name"), ENOENT);
	address = address_of("short");
	length = offsetof(struct sockaddr_un, sun_path) + 3;
	ck_assert_ok(bind(other, (struct sockaddr *)&address, length));
	ck_assert_ok(stat("sho", &status));
	length = 4;
	memset(&address, 0, sizeof(address));
	ck_assert_ok(getsockname(other, (struct sockaddr *)&address, &length));
	ck_assert_uint_eq(length, offsetof(struct sockaddr_un, sun_path) + 4);
	ck_assert_mem_eq(address.sun_path, "sh\0", 3);
	length = (socklen_t)-1;
	ck_assert_fails(getsockname(other, (struct sockaddr *)&address, &length), EINVAL);
	/* The name outlives the socket. */
	close(fd);
	ck_assert_ok(stat("name", &status));
}
END_TEST

START_TEST(abstract_names)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + 24;
	int server = new_socket(SOCK_STREAM), fd = new_socket(SOCK_STREAM);

	memset(address.sun_path + 1, 'z', 23);
	memcpy(address.sun_path + 1, &(pid_t){getpid()}, sizeof(pid_t));
	ck_assert_fails(connect(fd, (struct sockaddr *)&address, length), ECONNREFUSED);
	ck_assert_ok(bind(server, (struct sockaddr *)&address, length));
	ck_assert_ok(listen(server, 1));
	ck_assert_fails(bind(fd, (struct sockaddr *)&address, length), EADDRINUSE);
	ck_assert_fails(connect(fd, (struct sockaddr *)&address, length - 1), ECONNREFUSED);
	ck_assert_ok(connect(fd, (struct sockaddr *)&address, length));
	close(server);
	ck_assert_fails(connect(new_socket(SOCK_STREAM), (struct sockaddr *)&address, length),
		ECONNREFUSED);
	/* Any free one. */
	fd = new_socket(SOCK_DGRAM);
	ck_assert_ok(bind(fd, (struct sockaddr *)&address, sizeof(address.sun_family)));
	length = sizeof(address);
	ck_assert_ok(getsockname(fd, (struct sockaddr *)&address, &length));
	ck_assert_uint_eq(length, offsetof(struct sockaddr_un, sun_path) + 6);
	ck_assert_int_eq(address.sun_path[0], 0);
}
END_TEST

START_TEST(long_names_and_types)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX}, abstract = {AF_UNIX, "\0types"};
	int stream = new_socket(SOCK_STREAM), packets = new_socket(SOCK_DGRAM);
	int sender = new_socket(SOCK_DGRAM);
	char name[200];
	socklen_t size = sizeof(name);

	/* A path that fills the address gets a NUL behind it. */
	memset(name, 'x', sizeof(name));
	memset(address.sun_path, 'n', sizeof(address.sun_path));
	ck_assert_ok(bind(new_socket(SOCK_STREAM), (struct sockaddr *)&address, sizeof(address)));
	ck_assert_fails(bind(stream, (struct sockaddr *)&address, sizeof(address)), EADDRINUSE);
	memset(address.sun_path, 'm', sizeof(address.sun_path));
	ck_assert_ok(bind(stream, (struct sockaddr *)&address, sizeof(address)));
	ck_assert_ok(getsockname(stream, (struct sockaddr *)name, &size));
	ck_assert_uint_eq(size, sizeof(address) + 1);
	ck_assert_int_eq(name[109], 'm');
	ck_assert_int_eq(name[110], 0);
	ck_assert_int_eq(name[111], 'x');
	/* An abstract name is one for each type. */
	ck_assert_ok(bind(new_socket(SOCK_STREAM), (struct sockaddr *)&abstract, 8));
	ck_assert_fails(connect(sender, (struct sockaddr *)&abstract, 8), ECONNREFUSED);
	ck_assert_ok(bind(packets, (struct sockaddr *)&abstract, 8));
	ck_assert_ok(connect(sender, (struct sockaddr *)&abstract, 8));
	ck_assert_fails(connect(sender, (struct sockaddr *)&abstract, 1), EINVAL);
	ck_assert_int_eq(send(sender, "x", 1, 0), 1);
}
END_TEST

START_TEST(datagrams_keep_their_borders)
{
	struct sockaddr_un address = address_of("receiver"), from;
	socklen_t length = sizeof(from);
	int receiver = new_socket(SOCK_DGRAM), sender = new_socket(SOCK_DGRAM);
	static char big[300000];
	char out[16];

	ck_assert_ok(bind_to(receiver, "receiver"));
	ck_assert_fails(send(sender, "x", 1, 0), ENOTCONN);
	ck_assert_int_eq(
		sendto(sender, "one", 3, 0, (struct sockaddr *)&address, sizeof(address)), 3);
	ck_assert_ok(bind_to(sender, "sender"));
	ck_assert_ok(connect_to(sender, "receiver"));
	ck_assert_int_eq(send(sender, "two", 3, 0), 3);
	ck_assert_int_eq(send(sender, "", 0, 0), 0);
	ck_assert_int_eq(recvfrom(receiver, out, 2, 0, (struct sockaddr *)&from, &length), 2);
	/* The name of now, though it had none then. */
	ck_assert_str_eq(from.sun_path, "sender");
	length = sizeof(from);
	ck_assert_int_eq(
		recvfrom(receiver, out, 1, MSG_TRUNC, (struct sockaddr *)&from, &length), 3);
	ck_assert_str_eq(from.sun_path, "sender");
	ck_assert_int_eq(recv(receiver, out, 16, 0), 0);
	ck_assert_int_eq(sendto(new_socket(SOCK_DGRAM), "three", 5, 0, (struct sockaddr *)&address,
				 sizeof(address)),
		5);
	ck_assert_int_eq(recvfrom(receiver, out, 16, 0, (struct sockaddr *)&from, &length), 5);
	ck_assert_uint_eq(length, 0);
	ck_assert_fails(recv(receiver, out, 16, MSG_DONTWAIT), EAGAIN);
	ck_assert_fails(send(sender, big, sizeof(big), 0), EMSGSIZE);
	ck_assert_fails(listen(receiver, 1), EOPNOTSUPP);
	close(receiver);
	ck_assert_fails(send(sender, "x", 1, 0), ECONNREFUSED);
	ck_assert_fails(connect_to(sender, "receiver"), ECONNREFUSED);
	/* A target that is gone is told once. */
	ck_assert_ok(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	close(pair[1]);
	ck_assert_fails(send(pair[0], "x", 1, 0), ECONNREFUSED);
	ck_assert_fails(send(pair[0], "x", 1, 0), ENOTCONN);
}
END_TEST

START_TEST(datagrams_wait_for_room)
{
	char out[16];
	int sent = 0;
	pid_t pid;

	ck_assert_ok(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	while (send(pair[0], "message", 7, MSG_DONTWAIT) == 7)
		sent++;
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_ge(sent, 5);
	pid = must_fork();
	if (pid == 0)
		_exit(send(pair[0], "last", 4, 0) != 4);
	for (int i = 0; i < sent; i++)
		ck_assert_int_eq(recv(pair[1], out, 16, 0), 7);
	ck_assert_int_eq(recv(pair[1], out, 16, 0), 4);
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 0);
}
END_TEST

START_TEST(packets_in_sequence)
{
	char out[16];

	ck_assert_ok(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	ck_assert_int_eq(write(pair[0], "abc", 3), 3);
	ck_assert_int_eq(write(pair[0], "de", 2), 2);
	ck_assert_int_eq(read(pair[1], out, 16), 3);
	ck_assert_int_eq(read(pair[1], out, 16), 2);
	close(pair[0]);
	ck_assert_int_eq(read(pair[1], out, 16), 0);
	ck_assert_fails(recv(new_socket(SOCK_SEQPACKET), out, 16, 0), ENOTCONN);
}
END_TEST

START_TEST(signals_interrupt)
{
	int server = listener("server", 1);
	char out;

	ck_assert_ok(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	alarms_start(0);
	ck_assert_fails(read(pair[0], &out, 1), EINTR);
	ck_assert_fails(accept(server, NULL, NULL), EINTR);
	alarms_stop();
}
END_TEST

START_TEST(bad_addresses_of_sockets)
{
	struct sockaddr_un address;
	socklen_t length = sizeof(address);
	void *bad = (void *)8;
	int server = listener("server", 5);

	ck_assert_ok(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ck_assert_fails(send(pair[0], bad, 4, 0), EFAULT);
	ck_assert_int_eq(write(pair[0], "abcd", 4), 4);
	ck_assert_fails(recv(pair[1], bad, 4, 0), EFAULT);
	ck_assert_int_eq(recv(pair[1], &address, 4, 0), 4);
	ck_assert_fails(getsockname(pair[0], bad, &length), EFAULT);
	ck_assert_fails(getsockname(pair[0], (struct sockaddr *)&address, bad), EFAULT);
	ck_assert_fails(getsockopt(pair[0], SOL_SOCKET, SO_TYPE, bad, &length), EFAULT);
	ck_assert_fails(bind(pair[0], bad, 10), EFAULT);
	ck_assert_ok(connect_to(new_socket(SOCK_STREAM), "server"));
	ck_assert_fails(accept(server, (struct sockaddr *)&address, bad), EFAULT);
	ck_assert_fails(sendto(pair[0], "x", 1, 0, bad, 10), EFAULT);
}
END_TEST

TCase *socket_tests(void)
{
	TCase *tests = tcase_create("sockets");

	tcase_add_test(tests, kinds_of_sockets);
	tcase_add_test(tests, pairs_talk);
	tcase_add_test(tests, the_other_end_goes);
	tcase_add_test(tests, ends_are_shut);
	tcase_add_test(tests, much_goes_through);
	tcase_add_test(tests, a_full_socket_does_not_take_more);
	tcase_add_test(tests, servers_accept);
	tcase_add_test(tests, connecting_needs_a_server);
	tcase_add_test(tests, accepting_needs_a_descriptor);
	tcase_add_test(tests, accepting_needs_a_listener);
	tcase_add_test(tests, names_are_bound);
	tcase_add_test(tests, abstract_names);
	tcase_add_test(tests, long_names_and_types);
	tcase_add_test(tests, datagrams_keep_their_borders);
	tcase_add_test(tests, datagrams_wait_for_room);
	tcase_add_test(tests, packets_in_sequence);
	tcase_add_test(tests, signals_interrupt);
	tcase_add_test(tests, bad_addresses_of_sockets);
	return tests;
}
