/* SPDX-License-Identifier: MIT */
/*
 * socket_names.c: addresses of sockets: names in the tree of files, and abstract ones, which begin
 * with a NUL and belong to nobody.
 */
#include "errno.h"
#include "format.h"
#include "fs/descriptors.h"
#include "fs/socket.h"
#include "string.h"

#define AUTO_NAMES (1u << 20)

static struct socket *bound;

static bool is_abstract(const struct socket_name *name)
{
	return !name->address.path[0];
}

int socket_name_check(const struct socket_name *name)
{
	return name->length <= ADDRESS_FAMILY || name->length > ADDRESS_SIZE ||
	                       name->address.family != FAMILY_UNIX
	               ? -EINVAL
	               : 0;
}

static size_t path_length(const struct socket_name *name)
{
	return strnlen(name->address.path, name->length - ADDRESS_FAMILY);
}

static void remember(struct socket *socket, const struct socket_name *name, struct inode *node)
{
	socket->name = *name;
	socket->node = node;
	socket->bound_next = bound;
	bound = socket;
}

void socket_unbind(struct socket *socket)
{
	struct socket **link = &bound;

	while (*link && *link != socket)
		link = &(*link)->bound_next;
	if (*link)
		*link = socket->bound_next;
	inode_put(socket->node);
	socket->node = NULL;
}

/* Sockets of other types have names of their own. */
static struct socket *find_abstract(const struct socket_name *name, int type)
{
	struct socket *socket = bound;

	while (socket &&
		(socket->node || socket->type != type || socket->name.length != name->length ||
			memcmp(&socket->name.address, &name->address, name->length) != 0))
		socket = socket->bound_next;
	return socket;
}

static int bind_any(struct socket *socket)
{
	struct socket_name name = {.address.family = FAMILY_UNIX};
	static uint32_t last;

	for (uint32_t tries = 0; tries < AUTO_NAMES; tries++) {
		last = (last + 1) % AUTO_NAMES;
		format_buffer(name.address.path + 1, ADDRESS_PATH - 1, "%05x", last);
		name.length = ADDRESS_FAMILY + 6;
		if (!find_abstract(&name, socket->type)) {
			remember(socket, &name, NULL);
			return 0;
		}
	}
	return -ENOSPC;
}

static int bind_path(struct socket *socket, struct socket_name *name)
{
	char path[ADDRESS_PATH + 1] = "";
	size_t n = path_length(name);
	struct inode *node = ram_inode(MODE_SOCKET | (0777 & ~context_current()->umask), 0);
	int error;

	if (!node)
		return -ENOMEM;
	memcpy(path, name->address.path, n);
	inode_get(node);
	error = name_inode(path, node);
	if (error) {
		inode_put(node);
		return error == -EEXIST ? -EADDRINUSE : error;
	}
	name->length = (uint32_t)(ADDRESS_FAMILY + n + 1);
	remember(socket, name, node);
	return 0;
}

int socket_bind(struct socket *socket, const struct socket_name *wanted)
{
	struct socket_name name = *wanted;

	if (name.length == ADDRESS_FAMILY && name.address.family == FAMILY_UNIX)
		return socket->name.length > ADDRESS_FAMILY ? 0 : bind_any(socket);
	if (socket_name_check(&name))
		return -EINVAL;
	if (socket->name.length > ADDRESS_FAMILY)
		return -EINVAL;
	if (!is_abstract(&name))
		return bind_path(socket, &name);
	if (find_abstract(&name, socket->type))
		return -EADDRINUSE;
	remember(socket, &name, NULL);
	return 0;
}

static int find_node(const struct socket_name *name, struct socket **out)
{
	const struct fs_context *context = context_current();
	char path[ADDRESS_PATH + 1] = "";
	struct inode *node;
	struct walk walk;
	int error;

	memcpy(path, name->address.path, path_length(name));
	error = walk_path(context, context->cwd, path, 0, &walk);
	if (error)
		return error;
	node = walk.dentry->inode;
	error = inode_may(node, MAY_WRITE);
	*out = bound;
	while (*out && (*out)->node != node)
		*out = (*out)->bound_next;
	walk_done(&walk);
	return error || *out ? error : -ECONNREFUSED;
}

int socket_find(const struct socket_name *name, int type, struct socket **out)
{
	int error = 0;

	if (is_abstract(name)) {
		*out = find_abstract(name, type);
		error = *out ? 0 : -ECONNREFUSED;
	} else {
		error = find_node(name, out);
	}
	if (!error && (*out)->type != type)
		error = -EPROTOTYPE;
	return error;
}
