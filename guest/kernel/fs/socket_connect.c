/* SPDX-License-Identifier: MIT */
/*
 * socket_connect.c: system calls by which sockets find each other: bind, listen, connect, accept.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "fs/socket.h"
#include "process.h"

#define BACKLOG_MAX 4096

int64_t sys_bind(struct syscall_args *args)
{
	struct socket_name name;
	int error = 0;
	struct file *file = socket_file(args->arg[0], &error);

	if (!file)
		return error;
	error = socket_name_read(args->arg[1], args->arg[2], &name);
	if (!error)
		error = socket_bind(socket_of(file), &name);
	file_release(file);
	return error;
}

static int do_listen(struct socket *socket, unsigned backlog)
{
	const struct process *process = process_current();

	if (socket->type == SOCKET_DATAGRAM)
		return -EOPNOTSUPP;
	if (socket->name.length <= ADDRESS_FAMILY || socket->state == SOCKET_CONNECTED)
		return -EINVAL;
	socket->state = SOCKET_LISTENING;
	socket->backlog = backlog < BACKLOG_MAX ? backlog : BACKLOG_MAX;
	socket->ids = (struct socket_ids){
		process->pid, process->credentials.euid, process->credentials.egid};
	wait_wake(&socket->wait);
	return 0;
}

int64_t sys_listen(struct syscall_args *args)
{
	int error = 0;
	struct file *file = socket_file(args->arg[0], &error);

	if (!file)
		return error;
	error = do_listen(socket_of(file), (unsigned)args->arg[1]);
	file_release(file);
	return error;
}

/* Datagrams go there from now on, and come from nowhere else; an address of no family ends that. */
static int connect_datagram(struct socket *socket, const struct socket_name *name)
{
	struct socket *to = NULL;
	int error;

	if (name->length < ADDRESS_FAMILY)
		return -EINVAL;
	if (name->address.family) {
		error = socket_name_check(name);
		if (!error)
			error = socket_find(name, socket->type, &to);
		if (!error && to->peer && to->peer != socket)
			error = -EPERM;
		if (error)
			return error;
		socket_hold(to);
	}
	socket_put(socket->peer);
	socket->peer = to;
	socket->state = to ? SOCKET_CONNECTED : SOCKET_NEW;
	return 0;
}

/* A listening socket with room for one more, held, or a negated errno. */
static int wait_listener(
	struct socket *socket, const struct socket_name *name, unsigned flags, struct socket **out)
{
	struct socket *to;

	for (;;) {
		int error = socket_find(name, socket->type, &to);

		if (!error && (to->state != SOCKET_LISTENING || to->no_read))
			error = -ECONNREFUSED;
		if (error)
			return error;
		socket_hold(to);
		*out = to;
		if (!socket_backlog_full(to))
			return 0;
		error = socket_sleep(to, flags);
		socket_put(to);
		if (error)
			return error;
	}
}

static int check_connect(const struct socket *socket)
{
	return socket->state == SOCKET_NEW         ? 0
	       : socket->state == SOCKET_CONNECTED ? -EISCONN
	                                           : -EINVAL;
}

/* The other end is made at once, and waits for being accepted. */
static int connect_stream(struct socket *socket, const struct socket_name *name, unsigned flags)
{
	struct socket *listener, *end, **link;
	int error = socket_name_check(name);

	if (!error)
		error = wait_listener(socket, name, flags, &listener);
	if (error)
		return error;
	error = check_connect(socket);
	end = error ? NULL : socket_create(socket->type);
	if (end) {
		end->name = listener->name;
		end->ids = listener->ids;
		socket->ids.pid = process_current()->pid;
		socket_join(socket, end);
		for (link = &listener->pending; *link; link = &(*link)->pending_next)
			;
		*link = end;
		listener->pending_count++;
		wait_wake(&listener->wait);
	} else if (!error) {
		error = -ENOMEM;
	}
	socket_put(listener);
	return error;
}

int64_t sys_connect(struct syscall_args *args)
{
	struct socket_name name;
	int error = 0;
	struct file *file = socket_file(args->arg[0], &error);
	struct socket *socket;

	if (!file)
		return error;
	socket = socket_of(file);
	error = socket_name_read(args->arg[1], args->arg[2], &name);
	if (!error)
		error = socket->type == SOCKET_DATAGRAM
		                ? connect_datagram(socket, &name)
		                : connect_stream(socket, &name, socket_wait_flag(file));
	file_release(file);
	return error;
}

/* The oldest connection, taken out of the queue, or a negated errno. */
static int take_pending(struct socket *listener, unsigned flags, struct socket **out)
{
	int error = listener->type == SOCKET_DATAGRAM ? -EOPNOTSUPP : 0;

	if (!error && listener->state != SOCKET_LISTENING)
		error = -EINVAL;
	while (!error && !listener->pending) {
		error = listener->no_read ? -EINVAL : socket_sleep(listener, flags);
	}
	if (error)
		return error;
	*out = listener->pending;
	listener->pending = (*out)->pending_next;
	listener->pending_count--;
	wait_wake(&listener->wait);
	return 0;
}

static int64_t accept_flags(const struct syscall_args *args, uint64_t flags)
{
	struct socket_name name;
	struct socket *end = NULL;
	int error = flags & ~(uint64_t)(OPEN_NONBLOCK | OPEN_CLOEXEC) ? -EINVAL : 0, fd;
	struct file *file = error ? NULL : socket_file(args->arg[0], &error);

	if (!file)
		return error;
	/* Who has no room leaves the connection to others. */
	error = descriptor_left() ? take_pending(socket_of(file), socket_wait_flag(file), &end)
	                          : -EMFILE;
	file_release(file);
	if (error)
		return error;
	name = end->peer->name;
	fd = socket_add(end, flags);
	if (fd < 0)
		return fd;
	error = socket_name_write(args->arg[1], args->arg[2], &name);
	if (error)
		descriptor_close(fd);
	return error ? error : fd;
}

int64_t sys_accept(struct syscall_args *args)
{
	return accept_flags(args, 0);
}

int64_t sys_accept4(struct syscall_args *args)
{
	return accept_flags(args, (uint32_t)args->arg[3]);
}
