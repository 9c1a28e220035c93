/* SPDX-License-Identifier: MIT */
/*
 * socket_calls.c: system calls on sockets. There is the family AF_UNIX.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "fs/socket.h"
#include "memory.h"
#include "process.h"
#include "string.h"
#include "user.h"

#define TYPE_MASK   0xf
#define TYPES       11
#define FAMILIES    46
#define ADDRESS_MAX 128 /* Linux's struct sockaddr_storage */

enum { SHUT_READ, SHUT_WRITE, SHUT_BOTH };

#define LEVEL_SOCKET   1
#define OPT_REUSEADDR  2
#define OPT_TYPE       3
#define OPT_ERROR      4
#define OPT_SNDBUF     7
#define OPT_RCVBUF     8
#define OPT_KEEPALIVE  9
#define OPT_PEERCRED   17
#define OPT_ACCEPTCONN 30
#define OPT_PROTOCOL   38
#define OPT_DOMAIN     39

struct file *socket_file(uint64_t fd, int *error)
{
	struct file *file = descriptor_file((int)fd);

	if (!file || file->flags & OPEN_PATH)
		*error = -EBADF;
	else if (file->ops != &socket_ops)
		*error = -ENOTSOCK;
	else
		return file_acquire(file);
	return NULL;
}

int socket_name_read(uintptr_t from, uint64_t length, struct socket_name *name)
{
	char raw[ADDRESS_MAX];

	if ((int32_t)length < 0 || (uint32_t)length > ADDRESS_MAX)
		return -EINVAL;
	if (user_read(raw, from, (uint32_t)length))
		return -EFAULT;
	*name = (struct socket_name){.length = (uint32_t)length};
	memcpy(&name->address, raw, name->length < ADDRESS_SIZE ? name->length : ADDRESS_SIZE);
	return 0;
}

int socket_name_write(uintptr_t to, uintptr_t length_word, const struct socket_name *name)
{
	struct socket_address address = name->address;
	int32_t room;

	if (!to)
		return 0;
	if (user_read(&room, length_word, sizeof(room)))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	address.family = FAMILY_UNIX;
	if (user_write(to, &address, (uint32_t)room < name->length ? (uint32_t)room : name->length))
		return -EFAULT;
	return user_write(length_word, &name->length, sizeof(name->length));
}

/* What socket(), socketpair() are given: 0 with the type proper, or a negated errno. */
static int check_kind(const struct syscall_args *args, int *type)
{
	int family = (int)args->arg[0], protocol = (int)args->arg[2];

	*type = (int)args->arg[1] & TYPE_MASK;
	if ((unsigned)args->arg[1] & ~(TYPE_MASK | OPEN_NONBLOCK | OPEN_CLOEXEC))
		return -EINVAL;
	if (family < 0 || family >= FAMILIES)
		return -EAFNOSUPPORT;
	if (*type >= TYPES)
		return -EINVAL;
	if (family != FAMILY_UNIX)
		return -EAFNOSUPPORT;
	if (protocol && protocol != FAMILY_UNIX)
		return -EPROTONOSUPPORT;
	if (*type == SOCKET_RAW)
		*type = SOCKET_DATAGRAM;
	return *type == SOCKET_STREAM || *type == SOCKET_DATAGRAM || *type == SOCKET_SEQPACKET
	               ? 0
	               : -ESOCKTNOSUPPORT;
}

int socket_add(struct socket *socket, uint64_t flags)
{
	struct file *file;
	int fd = socket_open(socket, (unsigned)flags & OPEN_NONBLOCK, &file);

	return fd ? fd : descriptor_give(file, 0, flags & OPEN_CLOEXEC);
}

int64_t sys_socket(struct syscall_args *args)
{
	struct socket *socket;
	int type, error = check_kind(args, &type);

	if (error)
		return error;
	socket = socket_create(type);
	return socket ? socket_add(socket, args->arg[1]) : -ENOBUFS;
}

int64_t sys_socketpair(struct syscall_args *args)
{
	struct socket *ends[2];
	int32_t fds[2];
	int type, error = check_kind(args, &type);

	if (error)
		return error;
	if (user_zero(args->arg[3], sizeof(fds)))
		return -EFAULT;
	ends[0] = socket_create(type);
	ends[1] = socket_create(type);
	if (!ends[0] || !ends[1]) {
		socket_put(ends[0]);
		socket_put(ends[1]);
		return -ENOBUFS;
	}
	socket_join(ends[0], ends[1]);
	fds[0] = socket_add(ends[0], args->arg[1]);
	fds[1] = socket_add(ends[1], args->arg[1]);
	if (fds[0] >= 0 && fds[1] >= 0)
		return user_write(args->arg[3], fds, sizeof(fds));
	error = fds[0] < 0 ? fds[0] : fds[1];
	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			descriptor_close(fds[i]);
	}
	return error;
}

static int64_t tell_name(const struct syscall_args *args, bool peer)
{
	int error = 0;
	struct file *file = socket_file(args->arg[0], &error);
	const struct socket *socket;

	if (!file)
		return error;
	socket = peer ? socket_of(file)->peer : socket_of(file);
	if (!socket)
		error = -ENOTCONN;
	else
		error = args->arg[1] ? socket_name_write(args->arg[1], args->arg[2], &socket->name)
		                     : -EFAULT;
	file_release(file);
	return error;
}

int64_t sys_getsockname(struct syscall_args *args)
{
	return tell_name(args, false);
}

int64_t sys_getpeername(struct syscall_args *args)
{
	return tell_name(args, true);
}

static int64_t send_to(
	struct socket *socket, struct io *io, unsigned flags, const struct socket_name *name)
{
	struct socket *to = NULL;
	int error;
	int64_t n;

	if (!name)
		return socket_send(socket, io, flags, NULL);
	if (socket->type != SOCKET_DATAGRAM)
		return socket->state == SOCKET_CONNECTED ? -EISCONN : -EOPNOTSUPP;
	error = socket_name_check(name);
	if (!error)
		error = socket_find(name, socket->type, &to);
	if (error)
		return error;
	socket_hold(to);
	n = socket_send(socket, io, flags, to);
	socket_put(to);
	return n;
}

int64_t sys_sendto(struct syscall_args *args)
{
	struct io io = io_of_program(args->arg[1], args->arg[2]);
	struct socket_name name;
	int error = 0;
	struct file *file = socket_file(args->arg[0], &error);
	bool named = args->arg[4] && (uint32_t)args->arg[5];
	int64_t n = 0;

	if (!file)
		return error;
	if (io.left > TRANSFER_MAX)
		io.left = TRANSFER_MAX;
	if (args->arg[4])
		n = socket_name_read(args->arg[4], args->arg[5], &name);
	if (!n)
		n = send_to(socket_of(file), &io, (unsigned)args->arg[3] | socket_wait_flag(file),
			named ? &name : NULL);
	file_release(file);
	return n;
}

int64_t sys_recvfrom(struct syscall_args *args)
{
	struct io io = io_of_program(args->arg[1], args->arg[2]);
	struct socket_name name = {.length = 0};
	int error = 0;
	struct file *file = socket_file(args->arg[0], &error);
	int64_t n;

	if (!file)
		return error;
	if (io.left > TRANSFER_MAX)
		io.left = TRANSFER_MAX;
	n = socket_receive(
		socket_of(file), &io, (unsigned)args->arg[3] | socket_wait_flag(file), &name);
	file_release(file);
	if (n < 0)
		return n;
	/* Who has no name is told to have none. */
	if (name.length <= ADDRESS_FAMILY)
		name.length = 0;
	error = socket_name_write(args->arg[4], args->arg[5], &name);
	return error ? error : n;
}

int64_t sys_shutdown(struct syscall_args *args)
{
	uint32_t how = (uint32_t)args->arg[1];
	bool reads = how != SHUT_WRITE, writes = how != SHUT_READ;
	int error = 0;
	struct file *file = socket_file(args->arg[0], &error);
	struct socket *socket, *peer;

	if (!file)
		return error;
	if (how > SHUT_BOTH) {
		file_release(file);
		return -EINVAL;
	}
	socket = socket_of(file);
	peer = socket->type == SOCKET_DATAGRAM ? NULL : socket->peer;
	socket->no_read |= reads;
	socket->no_write |= writes;
	wait_wake(&socket->wait);
	if (peer) {
		peer->no_write |= reads;
		peer->no_read |= writes;
		wait_wake(&peer->wait);
	}
	file_release(file);
	return 0;
}

/* What getsockopt() says, at most 12 bytes: how many, or a negated errno. */
static int get_option(struct socket *socket, uint64_t option, int32_t *out)
{
	const struct socket *peer = socket->peer;
	const struct socket_ids nobody = {0, UINT32_MAX, UINT32_MAX};

	*out = 0;
	switch (option) {
	case OPT_TYPE:
		*out = socket->type;
		break;
	case OPT_ERROR:
		*out = socket->error;
		socket->error = 0;
		break;
	case OPT_SNDBUF:
	case OPT_RCVBUF:
		*out = SOCKET_BUFFER;
		break;
	case OPT_DOMAIN:
		*out = FAMILY_UNIX;
		break;
	case OPT_ACCEPTCONN:
		*out = socket->state == SOCKET_LISTENING;
		break;
	case OPT_REUSEADDR:
	case OPT_KEEPALIVE:
	case OPT_PROTOCOL:
		break;
	case OPT_PEERCRED:
		memcpy(out, peer ? &peer->ids : &nobody, sizeof(nobody));
		return sizeof(nobody);
	default:
		return -ENOPROTOOPT;
	}
	return sizeof(*out);
}

int64_t sys_getsockopt(struct syscall_args *args)
{
	int32_t out[3], room;
	int error = 0, n;
	struct file *file = socket_file(args->arg[0], &error);

	if (!file)
		return error;
	n = (int)args->arg[1] == LEVEL_SOCKET ? get_option(socket_of(file), args->arg[2], out)
	                                      : -EOPNOTSUPP;
	file_release(file);
	if (n < 0)
		return n;
	if (user_read(&room, args->arg[4], sizeof(room)))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	room = room < n ? room : n;
	if (user_write(args->arg[3], out, (size_t)room))
		return -EFAULT;
	return user_write(args->arg[4], &room, sizeof(room));
}

/* What makes no difference between processes of one machine is agreed to. */
int64_t sys_setsockopt(struct syscall_args *args)
{
	int error = 0;
	int32_t value;
	struct file *file = socket_file(args->arg[0], &error);

	if (!file)
		return error;
	file_release(file);
	if ((int)args->arg[1] != LEVEL_SOCKET)
		return -EOPNOTSUPP;
	if ((int32_t)args->arg[4] < (int32_t)sizeof(value))
		return -EINVAL;
	if (user_read(&value, args->arg[3], sizeof(value)))
		return -EFAULT;
	switch (args->arg[2]) {
	case OPT_REUSEADDR:
	case OPT_SNDBUF:
	case OPT_RCVBUF:
	case OPT_KEEPALIVE:
		return 0;
	}
	return -ENOPROTOOPT;
}
