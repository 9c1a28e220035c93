/* SPDX-License-Identifier: MIT */
/*
 * socket.c: sockets: bytes and datagrams from one to another. What was sent lies in the receiver's
 * queue; inode->data is the socket.
 */
#include "fs/socket.h"

#include "errno.h"
#include "memory.h"
#include "process.h"
#include "signal.h"
#include "string.h"
#include "thread.h"
#include "user.h"

#define PIECE    16384 /* most that one message of a stream holds */
#define OVERHEAD 512   /* of a message, beside its bytes */
#define DATAGRAM (SOCKET_BUFFER - 32)
#define WAITING  10 /* datagrams: more wait only for a moment */

#define POLL_RDHUP 0x2000
#define FIONREAD   0x541b

struct socket_message {
	struct socket_message *next;
	size_t size, taken;
	struct socket *from; /* held */
	uint8_t bytes[];
};

struct socket *socket_create(int type)
{
	const struct process *process = process_current();
	struct socket *socket = kzalloc(sizeof(*socket), "socket");

	if (!socket)
		return NULL;
	socket->refs = 1;
	socket->type = type;
	socket->name.length = ADDRESS_FAMILY;
	socket->ids = (struct socket_ids){
		process->pid, process->credentials.euid, process->credentials.egid};
	return socket;
}

void socket_hold(struct socket *socket)
{
	socket->refs++;
}

void socket_put(struct socket *socket)
{
	if (socket && --socket->refs == 0)
		kfree(socket);
}

void socket_join(struct socket *a, struct socket *b)
{
	socket_hold(a);
	socket_hold(b);
	a->peer = b;
	b->peer = a;
	a->state = b->state = SOCKET_CONNECTED;
}

static void drop_first(struct socket *socket)
{
	struct socket_message *message = socket->first;

	socket->first = message->next;
	if (!socket->first)
		socket->last = NULL;
	socket->messages--;
	socket->queued -= message->size + OVERHEAD;
	socket_put(message->from);
	kfree(message);
}

static void append(struct socket *socket, struct socket_message *message)
{
	message->next = NULL;
	if (socket->last)
		socket->last->next = message;
	else
		socket->first = message;
	socket->last = message;
	socket->messages++;
	socket->queued += message->size + OVERHEAD;
	wait_wake(&socket->wait);
}

/* Unread bytes are lost: the peer is told so. */
static void leave_peer(struct socket *socket, bool unheard)
{
	struct socket *peer = socket->peer;

	if (!peer)
		return;
	if (socket->type != SOCKET_DATAGRAM) {
		peer->no_read = peer->no_write = true;
		if (socket->first || unheard)
			peer->error = ECONNRESET;
	}
	wait_wake(&peer->wait);
	socket->peer = NULL;
	socket_put(peer);
}

void socket_close(struct socket *socket)
{
	struct socket *pending;

	socket->closed = true;
	socket_unbind(socket);
	leave_peer(socket, false);
	while (socket->first)
		drop_first(socket);
	while ((pending = socket->pending)) {
		socket->pending = pending->pending_next;
		leave_peer(pending, true);
		socket_close(pending);
		socket_put(pending);
	}
	wait_wake(&socket->wait);
}

int socket_sleep(struct socket *socket, unsigned flags)
{
	struct wait_entry entry;
	int error;

	if (flags & MESSAGE_DONT_WAIT)
		return -EAGAIN;
	wait_prepare(&socket->wait, &entry);
	error = wait_sleep(WAIT_FOREVER);
	wait_finish(&entry);
	return error;
}

static int take_error(struct socket *socket)
{
	int error = socket->error;

	socket->error = 0;
	return -error;
}

static bool is_full(const struct socket *receiver)
{
	return receiver->queued >= SOCKET_BUFFER ||
	       (receiver->type == SOCKET_DATAGRAM && receiver->messages > WAITING);
}

/* A datagram's target is gone: who had connected to it has no peer any more. */
static int refuse(struct socket *socket, const struct socket *to)
{
	if (socket->peer == to) {
		socket_put(socket->peer);
		socket->peer = NULL;
		socket->state = SOCKET_NEW;
	}
	return -ECONNREFUSED;
}

/* Where the bytes go now: 0, or why they cannot. */
static int check_target(struct socket *socket, const struct socket *to)
{
	if (socket->error)
		return take_error(socket);
	if (socket->type == SOCKET_DATAGRAM) {
		if (!to)
			return -ENOTCONN;
		if (to->closed)
			return refuse(socket, to);
		if (to->peer && to->peer != socket)
			return -EPERM;
		return socket->no_write || to->no_read ? -EPIPE : 0;
	}
	if (socket->no_write)
		return -EPIPE;
	if (!to || socket->state != SOCKET_CONNECTED)
		return -ENOTCONN;
	return to->closed || to->no_read ? -EPIPE : 0;
}

static int send_message(struct socket *socket, struct io *io, size_t n, struct socket *to)
{
	struct socket_message *message = kmalloc(sizeof(*message) + n, "socket message");

	if (!message)
		return -ENOBUFS;
	if (io_get(io, message->bytes, n)) {
		kfree(message);
		return -EFAULT;
	}
	message->size = n;
	message->taken = 0;
	message->from = socket;
	socket_hold(socket);
	append(to, message);
	return 0;
}

/* Until all is sent; datagrams go as a whole. */
static int send_all(struct socket *socket, struct io *io, unsigned flags, struct socket *to)
{
	bool whole = socket->type != SOCKET_STREAM, first = true;
	int error = 0;

	while (!error && (io->left || (whole && first))) {
		size_t n = whole || io->left < PIECE ? io->left : PIECE;

		error = check_target(socket, to);
		if (!error && is_full(to)) {
			/* Streams are woken by their peer, datagrams wait at their target. */
			error = socket_sleep(socket->type == SOCKET_DATAGRAM ? to : socket, flags);
		} else if (!error) {
			error = send_message(socket, io, n, to);
			first = false;
		}
	}
	return error;
}

int64_t socket_send(struct socket *socket, struct io *io, unsigned flags, struct socket *to)
{
	size_t before = io->left;
	int error;

	to = to ? to : socket->peer;
	if (socket->type != SOCKET_STREAM && io->left > DATAGRAM)
		return -EMSGSIZE;
	if (!to)
		return check_target(socket, to);
	socket_hold(to);
	error = send_all(socket, io, flags, to);
	socket_put(to);
	if (error && before != io->left)
		return (int64_t)(before - io->left);
	if (error == -EPIPE && socket->type == SOCKET_STREAM && !(flags & MESSAGE_NO_SIGNAL))
		signal_send_thread(thread_current(), SIGPIPE);
	return error ? error : (int64_t)before;
}

/* There is room again. */
static void wake_senders(struct socket *socket)
{
	wait_wake(&socket->wait);
	if (socket->peer)
		wait_wake(&socket->peer->wait);
}

/* Sleeps until something is there: 1, at the end 0, or a negated errno. */
static int wait_message(struct socket *socket, unsigned flags)
{
	int error = 0;

	while (!socket->first) {
		if (socket->error)
			return take_error(socket);
		if (socket->no_read)
			return 0;
		error = socket_sleep(socket, flags);
		if (error)
			return error;
	}
	return 1;
}

static int64_t receive_datagram(
	struct socket *socket, struct io *io, unsigned flags, struct socket_name *from)
{
	int result = wait_message(socket, flags);
	const struct socket_message *message = socket->first;
	size_t n, size;

	if (result <= 0)
		return result;
	size = message->size;
	n = io->left < size ? io->left : size;
	if (io_put(io, message->bytes, n))
		return -EFAULT;
	if (from)
		*from = message->from->name;
	if (!(flags & MESSAGE_PEEK)) {
		drop_first(socket);
		wake_senders(socket);
	}
	return (int64_t)(flags & MESSAGE_TRUNCATE ? size : n);
}

/* What lies there, from the beginning: bytes, or -EFAULT. */
static int64_t take_bytes(struct socket *socket, struct io *io, bool peek)
{
	struct socket_message *message = socket->first;
	size_t before = io->left;

	while (io->left && message) {
		size_t n = message->size - message->taken;

		if (n > io->left)
			n = io->left;
		if (io_put(io, message->bytes + message->taken, n))
			return before == io->left ? -EFAULT : (int64_t)(before - io->left);
		if (peek) {
			message = message->next;
			continue;
		}
		message->taken += n;
		if (message->taken == message->size)
			drop_first(socket);
		message = socket->first;
	}
	if (!peek)
		wake_senders(socket);
	return (int64_t)(before - io->left);
}

static int64_t receive_bytes(
	struct socket *socket, struct io *io, unsigned flags, struct socket_name *from)
{
	size_t before = io->left;
	int64_t n = 1;

	if (socket->state != SOCKET_CONNECTED)
		return -EINVAL;
	if (from)
		*from = socket->peer->name;
	while (io->left && n > 0) {
		n = wait_message(socket, flags);
		if (n > 0)
			n = take_bytes(socket, io, flags & MESSAGE_PEEK);
		if (!(flags & MESSAGE_WAIT_ALL) || flags & MESSAGE_PEEK)
			break;
	}
	return before != io->left ? (int64_t)(before - io->left) : n;
}

int64_t socket_receive(
	struct socket *socket, struct io *io, unsigned flags, struct socket_name *from)
{
	if (socket->type == SOCKET_STREAM)
		return io->left ? receive_bytes(socket, io, flags, from) : 0;
	if (socket->type == SOCKET_SEQPACKET && socket->state != SOCKET_CONNECTED)
		return -ENOTCONN;
	return receive_datagram(socket, io, flags, from);
}

static int64_t read_socket(struct file *file, struct io *io, uint64_t offset)
{
	return socket_receive(socket_of(file), io, socket_wait_flag(file), NULL);
}

static int64_t write_socket(struct file *file, struct io *io, uint64_t offset)
{
	return socket_send(socket_of(file), io, socket_wait_flag(file), NULL);
}

static bool can_send(const struct socket *socket)
{
	const struct socket *peer = socket->peer;

	/* Who sends to a datagram socket that does not answer is not told when it has room. */
	return !peer || (socket->type == SOCKET_DATAGRAM && peer->peer != socket) || !is_full(peer);
}

static unsigned poll_socket(struct file *file, struct poll_table *table)
{
	struct socket *socket = socket_of(file);
	unsigned events = 0;

	poll_wait(table, &socket->wait);
	if (socket->first || socket->pending || socket->no_read)
		events |= POLL_IN | POLL_RDNORM;
	if (socket->no_read)
		events |= POLL_RDHUP;
	if (socket->no_read && socket->no_write)
		events |= POLL_HUP;
	if (socket->error)
		events |= POLL_ERR;
	if (socket->type != SOCKET_DATAGRAM && socket->state == SOCKET_NEW)
		events |= POLL_HUP;
	if (socket->state != SOCKET_LISTENING && can_send(socket))
		events |= POLL_OUT | POLL_WRNORM;
	return events;
}

static int64_t socket_ioctl(struct file *file, unsigned request, uintptr_t argument)
{
	const struct socket *socket = socket_of(file);
	int32_t n = 0;

	if (request != FIONREAD)
		return -ENOTTY;
	if (socket->state == SOCKET_LISTENING)
		return -EINVAL;
	for (const struct socket_message *message = socket->first; message;
		message = socket->type == SOCKET_DATAGRAM ? NULL : message->next)
		n += (int32_t)(message->size - message->taken);
	return user_write(argument, &n, sizeof(n));
}

/* Not by way of /proc/PID/fd. */
static int open_socket(struct file *file)
{
	struct socket *socket = socket_of(file);

	if (socket->opened)
		return -ENXIO;
	socket->opened = true;
	return 0;
}

static void release_socket(struct file *file)
{
	socket_close(socket_of(file));
}

const struct file_ops socket_ops = {.open = open_socket,
	.release = release_socket,
	.read = read_socket,
	.write = write_socket,
	.poll = poll_socket,
	.ioctl = socket_ioctl};

static void destroy_socket(struct inode *inode)
{
	struct socket *socket = inode->data;

	if (!socket->closed)
		socket_close(socket);
	socket_put(socket);
}

int socket_open(struct socket *socket, unsigned flags, struct file **out)
{
	static const struct inode_ops socket_inode_ops = {.destroy = destroy_socket};
	struct inode *inode = inode_create(MODE_SOCKET | 0777, &socket_inode_ops, &socket_ops);

	if (!inode) {
		socket_close(socket);
		socket_put(socket);
		return -ENOMEM;
	}
	inode->data = socket;
	return file_create_nameless("socket:", inode, flags, out);
}
