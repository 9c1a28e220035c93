/* SPDX-License-Identifier: MIT */
/*
 * socket.h: sockets of the family AF_UNIX: unix(7).
 */
#ifndef FS_SOCKET_H
#define FS_SOCKET_H

#include "fs/vfs.h"

#define SOCKET_STREAM    1
#define SOCKET_DATAGRAM  2
#define SOCKET_RAW       3 /* the same */
#define SOCKET_SEQPACKET 5

#define SOCKET_BUFFER 212992 /* bytes that wait in one, with SOCKET_OVERHEAD for each message */

#define FAMILY_UNIX 1

#define ADDRESS_FAMILY 2 /* bytes */
#define ADDRESS_PATH   108

/* Linux's struct sockaddr_un, and a NUL behind a path that fills it. */
struct socket_address {
	uint16_t family;
	char path[ADDRESS_PATH + 1];
};
#define ADDRESS_SIZE (ADDRESS_FAMILY + ADDRESS_PATH) /* as programs have it */

/* An address of `length` bytes, ADDRESS_FAMILY: none; without a NUL at its end. */
struct socket_name {
	uint32_t length;
	struct socket_address address;
};

struct socket_ids {
	int32_t pid;
	uint32_t uid, gid;
};

struct socket_message;

enum socket_state { SOCKET_NEW, SOCKET_LISTENING, SOCKET_CONNECTED };

struct socket {
	unsigned refs;
	int type;
	enum socket_state state;
	bool opened, closed;     /* a file is there; it is gone */
	bool no_read, no_write;  /* shut down */
	int error;               /* to be told once */
	struct socket *peer;     /* held; datagrams: where they go by default */
	struct socket_name name; /* as bind() has it */
	struct inode *node;      /* held: what the name is in the tree; NULL: an abstract one */
	struct socket *bound_next;
	struct socket *pending, *pending_next; /* ends of connections nobody accepted yet: held */
	unsigned pending_count, backlog;
	struct socket_message *first, *last; /* received */
	unsigned messages;
	size_t queued;
	struct socket_ids ids; /* who made it, or made it listen */
	struct wait_queue wait;
};

extern const struct file_ops socket_ops;

static inline struct socket *socket_of(const struct file *file)
{
	return file->inode->data;
}

/* A new one, held by the caller; NULL: no memory. */
struct socket *socket_create(int type);
void socket_hold(struct socket *socket);
void socket_put(struct socket *socket);

/* The file of a socket takes over the caller's hold, also when it fails: 0 or -ENOMEM. */
int socket_open(struct socket *socket, unsigned flags, struct file **out);

/* Two that talk to each other. */
void socket_join(struct socket *a, struct socket *b);

/* No more of it: the peer learns of it, who waits for being accepted too. */
void socket_close(struct socket *socket);

/* flags of recv() and send(). */
#define MESSAGE_PEEK      0x02u
#define MESSAGE_TRUNCATE  0x20u
#define MESSAGE_DONT_WAIT 0x40u
#define MESSAGE_WAIT_ALL  0x100u
#define MESSAGE_NO_SIGNAL 0x4000u

/* Bytes sent, or a negated errno. to: a datagram's target, or NULL: the peer. */
int64_t socket_send(struct socket *socket, struct io *io, unsigned flags, struct socket *to);

/* Bytes received, 0 at the end, or a negated errno. *from (unless NULL) tells who sent them. */
int64_t socket_receive(
	struct socket *socket, struct io *io, unsigned flags, struct socket_name *from);

/* What O_NONBLOCK is among them. */
static inline unsigned socket_wait_flag(const struct file *file)
{
	return file->flags & OPEN_NONBLOCK ? MESSAGE_DONT_WAIT : 0;
}

/* Waits until woken: 0, or why not. */
int socket_sleep(struct socket *socket, unsigned flags);

/* Connections wait for being accepted up to a limit. */
static inline bool socket_backlog_full(const struct socket *socket)
{
	return socket->pending_count > socket->backlog;
}

/* The name that an address gives, as bind() and connect() read it: 0 or -EINVAL. */
int socket_name_check(const struct socket_name *name);

/* Gives the socket that name, or any abstract one when it is empty: 0 or a negated errno. */
int socket_bind(struct socket *socket, const struct socket_name *name);
void socket_unbind(struct socket *socket);

/* The socket of that name and type, not held: 0 or a negated errno. */
int socket_find(const struct socket_name *name, int type, struct socket **out);

/* What its system calls share (socket_calls.c): the file of a socket, held, or NULL with *error; a
 * descriptor for a socket, whose hold it takes over (flags: as socket() has them); an address as
 * programs give it; an address and its length as they take it, as much as there is room for. */
struct file *socket_file(uint64_t fd, int *error);
int socket_add(struct socket *socket, uint64_t flags);
int socket_name_read(uintptr_t from, uint64_t length, struct socket_name *name);
int socket_name_write(uintptr_t to, uintptr_t length_word, const struct socket_name *name);

#endif
