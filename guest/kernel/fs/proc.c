/* SPDX-License-Identifier: MIT */
/*
 * proc.c: the tree of /proc: its root, a directory for each process, and there one for its
 * descriptors. inode->data is the node that an inode stands for, data2 its process and descriptor.
 */
#include "fs/proc.h"

#include "errno.h"
#include "format.h"
#include "fs/descriptors.h"
#include "memory.h"
#include "string.h"
#include "thread.h"

#define FIRST_SIZE  1024
#define ENTRIES     2 /* "." and ".." come first */
#define NUMBER_TEXT 12

static struct dentry *follow_descriptor(struct process *process, unsigned fd);

static const struct proc_node root_node = {"", MODE_DIR | 0555, NULL, NULL, NULL, false};
static const struct proc_node process_node = {"", MODE_DIR | 0555, NULL, NULL, NULL, false};
static const struct proc_node self_node = {"self", MODE_SYMLINK | 0777, NULL, NULL, NULL, false};
static const struct proc_node descriptor_node = {
	"", MODE_SYMLINK | 0700, NULL, follow_descriptor, NULL, false};

static const struct proc_node *node_of(const struct inode *inode)
{
	return inode->data;
}

static struct process *process_of(const struct inode *inode)
{
	int32_t pid = (int32_t)(uint32_t)inode->data2;
	struct process *process = pid ? process_find(pid) : process_current();
	const struct thread *thread = process ? NULL : thread_find(pid);

	return thread ? thread->process : process;
}

static unsigned descriptor_of(const struct inode *inode)
{
	return (unsigned)(inode->data2 >> 32);
}

static void emit(void *ctx, const char *bytes, size_t n)
{
	proc_bytes(ctx, bytes, n);
}

void proc_bytes(struct proc_text *text, const char *bytes, size_t n)
{
	size_t size = text->size ? text->size : FIRST_SIZE;
	char *data;

	while (size - text->used < n)
		size *= 2;
	if (size != text->size) {
		data = krealloc(text->data, size, "proc");
		if (!data) {
			text->failed = true;
			return;
		}
		text->data = data;
		text->size = size;
	}
	memcpy(text->data + text->used, bytes, n);
	text->used += n;
}

void proc_print(struct proc_text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	format_text(emit, text, format, args);
	va_end(args);
}

/* The text is made anew whenever it is read from its start. */
static int make_text(struct file *file)
{
	struct proc_text *text = file->data;
	struct process *process = process_of(file->inode);

	if (!process)
		return -ESRCH;
	if (!node_of(file->inode)->show)
		return -EIO;
	if (!text)
		text = file->data = kzalloc(sizeof(*text), "proc");
	if (!text)
		return -ENOMEM;
	text->used = 0;
	text->failed = false;
	node_of(file->inode)->show(text, process);
	return text->failed ? -ENOMEM : 0;
}

static int64_t text_read(struct file *file, struct io *io, uint64_t offset)
{
	const struct proc_text *text;
	int error = offset && file->data ? 0 : make_text(file);
	size_t n;

	if (error)
		return error;
	text = file->data;
	if (offset >= text->used)
		return 0;
	n = text->used - offset < io->left ? text->used - offset : io->left;
	return io_put(io, text->data + offset, n) ? -EFAULT : (int64_t)n;
}

static int64_t text_write(struct file *file, struct io *io, uint64_t offset)
{
	const struct proc_node *node = node_of(file->inode);
	size_t n = io->left;
	char byte;

	if (!node->command)
		return -EIO;
	if (!n)
		return 0;
	if (io_get(io, &byte, 1))
		return -EFAULT;
	node->command(byte);
	return (int64_t)n;
}

static void text_release(struct file *file)
{
	struct proc_text *text = file->data;

	if (text)
		kfree(text->data);
	kfree(text);
}

static int make_entry(struct dentry *dir, const struct proc_node *node, uint64_t which,
	const char *name, size_t n, struct dentry **out);

static bool is_name(const struct proc_node *node, const char *name, size_t n)
{
	return strlen(node->name) == n && memcmp(node->name, name, n) == 0;
}

/* A decimal number, or -1. */
static int64_t parse_number(const char *name, size_t n)
{
	int64_t value = 0;

	if (!n || n > 9 || (name[0] == '0' && n > 1))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		value = value * 10 + (name[i] - '0');
	}
	return value;
}

static int lookup_root(struct dentry *dir, const char *name, size_t n, struct dentry **out)
{
	int64_t pid = parse_number(name, n);

	for (unsigned i = 0; i < proc_system_count; i++)
		if (is_name(&proc_system_nodes[i], name, n))
			return make_entry(dir, &proc_system_nodes[i], 0, name, n, out);
	if (is_name(&self_node, name, n))
		return make_entry(dir, &self_node, 0, name, n, out);
	if (pid > 0 && process_find((int32_t)pid))
		return make_entry(dir, &process_node, (uint64_t)pid, name, n, out);
	return -ENOENT;
}

static int lookup_process(struct dentry *dir, const char *name, size_t n, struct dentry **out)
{
	for (unsigned i = 0; i < proc_process_count; i++)
		if (is_name(&proc_process_nodes[i], name, n))
			return make_entry(
				dir, &proc_process_nodes[i], dir->inode->data2, name, n, out);
	return -ENOENT;
}

static int lookup_thread(struct dentry *dir, const char *name, size_t n, struct dentry **out)
{
	int64_t tid = parse_number(name, n);
	const struct thread *thread = tid > 0 ? thread_find((int32_t)tid) : NULL;

	if (!thread || thread->process != process_of(dir->inode))
		return -ENOENT;
	return make_entry(dir, &process_node, (uint64_t)tid, name, n, out);
}

static struct file *file_of(const struct process *process, uint64_t fd)
{
	const struct files *files = process ? process->files : NULL;

	return files && fd < files->slots ? files->table[fd] : NULL;
}

static int lookup_descriptor(struct dentry *dir, const char *name, size_t n, struct dentry **out)
{
	int64_t fd = parse_number(name, n);

	if (fd < 0 || !file_of(process_of(dir->inode), (uint64_t)fd))
		return -ENOENT;
	return make_entry(
		dir, &descriptor_node, dir->inode->data2 | (uint64_t)fd << 32, name, n, out);
}

static int proc_lookup(struct dentry *dir, const char *name, size_t n, struct dentry **out)
{
	const struct proc_node *node = node_of(dir->inode);

	if (node == &root_node)
		return lookup_root(dir, name, n, out);
	if (!process_of(dir->inode))
		return -ENOENT;
	if (node == &process_node)
		return lookup_process(dir, name, n, out);
	return node->threads ? lookup_thread(dir, name, n, out)
	                     : lookup_descriptor(dir, name, n, out);
}

static int numbered_entry(struct dentry *dir, const struct proc_node *node, uint64_t which,
	unsigned number, struct dentry **out)
{
	char name[NUMBER_TEXT];
	size_t n = format_buffer(name, sizeof(name), "%u", number);
	int error = make_entry(dir, node, which, name, n, out);

	return error ? error : 1;
}

/* Fixed names, then "self", then processes by their pids. */
static int root_entry(struct dentry *dir, uint64_t *position, struct dentry **out)
{
	uint64_t i = *position - ENTRIES;
	const struct process *process;
	int error;

	if (i <= proc_system_count) {
		const struct proc_node *node =
			i == proc_system_count ? &self_node : &proc_system_nodes[i];

		error = make_entry(dir, node, 0, node->name, strlen(node->name), out);
		return error ? error : 1;
	}
	process = process_after((int32_t)(i - proc_system_count - 1));
	if (!process)
		return 0;
	*position = ENTRIES + proc_system_count + (uint64_t)process->pid;
	return numbered_entry(
		dir, &process_node, (uint32_t)process->pid, (unsigned)process->pid, out);
}

static int descriptor_entry(struct dentry *dir, uint64_t *position, struct dentry **out)
{
	const struct process *process = process_of(dir->inode);
	uint64_t fd = *position - ENTRIES;

	while (process && process->files && fd < process->files->slots && !file_of(process, fd))
		fd++;
	if (!file_of(process, fd))
		return 0;
	*position = fd + ENTRIES;
	return numbered_entry(
		dir, &descriptor_node, dir->inode->data2 | fd << 32, (unsigned)fd, out);
}

static int thread_entry(struct dentry *dir, uint64_t position, struct dentry **out)
{
	const struct process *process = process_of(dir->inode);
	const struct thread *thread = process ? process->threads : NULL;

	for (uint64_t i = ENTRIES; thread && i < position; i++)
		thread = thread->next;
	if (!thread)
		return 0;
	return numbered_entry(
		dir, &process_node, (uint32_t)thread->tid, (unsigned)thread->tid, out);
}

static int proc_entry(struct file *file, uint64_t *position, struct dentry **out)
{
	const struct proc_node *node = node_of(file->inode);
	uint64_t i = *position - ENTRIES;
	int error;

	if (node == &root_node)
		return root_entry(file->dentry, position, out);
	if (node->threads)
		return thread_entry(file->dentry, *position, out);
	if (node != &process_node)
		return descriptor_entry(file->dentry, position, out);
	if (i >= proc_process_count)
		return 0;
	node = &proc_process_nodes[i];
	error = make_entry(
		file->dentry, node, file->inode->data2, node->name, strlen(node->name), out);
	return error ? error : 1;
}

static struct dentry *follow_descriptor(struct process *process, unsigned fd)
{
	struct file *file = file_of(process, fd);

	if (!file)
		return NULL;
	dentry_get(file->dentry);
	return file->dentry;
}

static struct dentry *proc_follow(struct inode *inode)
{
	const struct proc_node *node = node_of(inode);
	struct process *process = process_of(inode);

	return node->follow && process ? node->follow(process, descriptor_of(inode)) : NULL;
}

static int64_t proc_readlink(struct inode *inode, char *to, size_t size)
{
	struct dentry *target;
	size_t n;

	if (node_of(inode) == &self_node)
		return (int64_t)format_buffer(to, size, "%d", process_current()->pid);
	target = proc_follow(inode);
	if (!target)
		return -ENOENT;
	n = dentry_show(target, context_current()->root, to, size);
	dentry_put(target);
	return n < size ? (int64_t)n : -ENAMETOOLONG;
}

static const struct inode_ops proc_inode_ops = {
	.lookup = proc_lookup, .readlink = proc_readlink, .follow = proc_follow, .read_only = true};
static const struct file_ops directory_ops = {.entry = proc_entry};
static const struct file_ops text_ops = {
	.read = text_read, .write = text_write, .release = text_release};

/* which: process and descriptor. */
static struct inode *make_inode(const struct proc_node *node, uint64_t which)
{
	uint32_t type = node->mode & MODE_TYPE;
	const struct file_ops *ops = type == MODE_DIR       ? &directory_ops
	                             : type == MODE_REGULAR ? &text_ops
	                                                    : NULL;
	struct inode *inode = inode_create(node->mode, &proc_inode_ops, ops);
	const struct process *process;

	if (!inode)
		return NULL;
	inode->data = (void *)node;
	inode->data2 = which;
	inode->links = type == MODE_DIR ? 2 : 1;
	process = which ? process_of(inode) : NULL;
	if (process) {
		inode->uid = process->credentials.euid;
		inode->gid = process->credentials.egid;
	}
	return inode;
}

static int make_entry(struct dentry *dir, const struct proc_node *node, uint64_t which,
	const char *name, size_t n, struct dentry **out)
{
	struct inode *inode = make_inode(node, which);
	struct dentry *dentry = dentry_create(dir, name, n, inode);

	if (!dentry)
		return -ENOMEM;
	inode->dev = dir->inode->dev;
	if (dentry_own_name(dentry)) {
		dentry_put(dentry);
		return -ENOMEM;
	}
	*out = dentry;
	return 0;
}

struct inode *proc_root(void)
{
	return make_inode(&root_node, 0);
}
