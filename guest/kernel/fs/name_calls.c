/* SPDX-License-Identifier: MIT */
/*
 * name_calls.c: system calls that make, remove and move names.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "memory.h"
#include "process.h"
#include "string.h"

#define RENAME_NO_REPLACE 1u

static uint32_t type_of(const struct dentry *dentry)
{
	return dentry->inode->mode & MODE_TYPE;
}

/* Whether the current process may change the names in a directory. */
static int may_change(const struct dentry *dir)
{
	if (dir->inode->ops != &ram_inode_ops)
		return -EPERM;
	if (!dir->in_tree && !dir->is_root) /* removed, but somebody's working directory */
		return -ENOENT;
	return inode_may(dir->inode, MAY_WRITE | MAY_EXEC);
}

/* Whether it may remove that name: in sticky directories only owners may. */
static int may_remove(const struct dentry *dentry)
{
	const struct inode *dir = dentry->parent->inode;
	uint32_t uid = process_current()->credentials.euid;
	int error = may_change(dentry->parent);

	if (!error && dir->mode & MODE_STICKY && uid && uid != dir->uid &&
		uid != dentry->inode->uid)
		error = -EPERM;
	return error;
}

/* After a walk with WALK_STOP: whether the name does not exist and may. 0 or a negated errno. */
static int check_new(struct walk *walk, bool directory)
{
	int error = walk->parent ? walk_last(walk) : -EEXIST;

	if (!error)
		return -EEXIST;
	return error == -ENOENT && !(walk->slash && !directory) ? may_change(walk->parent) : error;
}

/* Walks to where a new name is to be: 0, with a name that does not exist yet, or a negated errno.
 */
static int walk_to_new(int at, uintptr_t path, bool directory, struct user_walk *walk)
{
	int error = user_walk(at, path, WALK_STOP, walk);

	if (error)
		return error;
	error = check_new(&walk->walk, directory);
	if (error)
		user_walk_done(walk);
	return error;
}

/* Gives an inode, taken over, the name that a walk found. */
static int add_inode(struct walk *walk, struct inode *inode)
{
	if (!inode)
		return -ENOSPC;
	inode->uid = process_current()->credentials.euid;
	inode->gid = process_current()->credentials.egid;
	return ram_add(walk->parent, walk->name, walk->length, inode, NULL);
}

int name_inode(const char *path, struct inode *inode)
{
	const struct fs_context *context = context_current();
	struct walk walk;
	int error = walk_path(context, context->cwd, path, WALK_STOP, &walk);

	if (error) {
		inode_put(inode);
		return error;
	}
	error = check_new(&walk, false);
	if (error)
		inode_put(inode);
	else
		error = add_inode(&walk, inode);
	walk_done(&walk);
	return error;
}

static int64_t make_node(int at, uintptr_t path, uint32_t mode, uint64_t rdev)
{
	struct user_walk walk;
	int error = walk_to_new(at, path, (mode & MODE_TYPE) == MODE_DIR, &walk);

	if (error)
		return error;
	error = add_inode(&walk.walk, ram_inode(mode & ~context_current()->umask, rdev));
	user_walk_done(&walk);
	return error;
}

int64_t sys_mkdir(struct syscall_args *args)
{
	return make_node(AT_CWD, args->arg[0], MODE_DIR | (args->arg[1] & 01777), 0);
}

int64_t sys_mkdirat(struct syscall_args *args)
{
	return make_node((int)args->arg[0], args->arg[1], MODE_DIR | (args->arg[2] & 01777), 0);
}

static int64_t mknod_at(int at, uintptr_t path, uint32_t mode, uint64_t rdev)
{
	uint32_t type = mode & MODE_TYPE;

	if (type == MODE_DIR)
		return -EPERM;
	if (!type)
		type = MODE_REGULAR;
	if (type != MODE_REGULAR && type != MODE_FIFO && type != MODE_CHAR && type != MODE_BLOCK &&
		type != MODE_SOCKET)
		return -EINVAL;
	if ((type == MODE_CHAR || type == MODE_BLOCK) && !process_is_root())
		return -EPERM;
	return make_node(at, path, type | (mode & 07777), (uint32_t)rdev);
}

int64_t sys_mknod(struct syscall_args *args)
{
	return mknod_at(AT_CWD, args->arg[0], (uint32_t)args->arg[1], args->arg[2]);
}

int64_t sys_mknodat(struct syscall_args *args)
{
	return mknod_at((int)args->arg[0], args->arg[1], (uint32_t)args->arg[2], args->arg[3]);
}

static int64_t symlink_at(uintptr_t target, int at, uintptr_t path)
{
	struct user_walk walk;
	char *text = NULL;
	int error = path_from_user(target, &text);

	if (error)
		return error;
	error = text[0] ? walk_to_new(at, path, false, &walk) : -ENOENT;
	if (!error) {
		error = walk.walk.slash
		                ? -ENOENT
		                : add_inode(&walk.walk, ram_symlink(text, strlen(text), false));
		user_walk_done(&walk);
	}
	path_free(text);
	return error;
}

int64_t sys_symlink(struct syscall_args *args)
{
	return symlink_at(args->arg[0], AT_CWD, args->arg[1]);
}

int64_t sys_symlinkat(struct syscall_args *args)
{
	return symlink_at(args->arg[0], (int)args->arg[1], args->arg[2]);
}

static int64_t link_at(int from_at, uintptr_t from, int at, uintptr_t path, unsigned flags)
{
	struct inode *inode;
	struct user_walk walk;
	int error;

	if (flags & ~(unsigned)(AT_FOLLOW | AT_EMPTY))
		return -EINVAL;
	error = inode_from_user(
		from_at, from, (flags & AT_FOLLOW ? 0 : AT_NOFOLLOW) | (flags & AT_EMPTY), &inode);
	if (error)
		return error;
	error = walk_to_new(at, path, false, &walk);
	if (!error) {
		if ((inode->mode & MODE_TYPE) == MODE_DIR)
			error = -EPERM;
		else if (inode->ops != &ram_inode_ops || inode->dev != walk.walk.parent->inode->dev)
			error = -EXDEV;
		else if (!inode->links)
			error = -ENOENT;
		if (!error) {
			inode_get(inode);
			error = ram_add(
				walk.walk.parent, walk.walk.name, walk.walk.length, inode, NULL);
			inode->changed = fs_now();
		}
		user_walk_done(&walk);
	}
	inode_put(inode);
	return error;
}

int64_t sys_link(struct syscall_args *args)
{
	return link_at(AT_CWD, args->arg[0], AT_CWD, args->arg[1], 0);
}

int64_t sys_linkat(struct syscall_args *args)
{
	return link_at((int)args->arg[0], args->arg[1], (int)args->arg[2], args->arg[3],
		(unsigned)args->arg[4]);
}

static int remove_directory(struct dentry *dentry)
{
	int error;

	if (type_of(dentry) != MODE_DIR)
		return -ENOTDIR;
	if (dentry->is_root)
		return -EBUSY;
	error = may_remove(dentry);
	if (error)
		return error;
	if (dentry->children)
		return -ENOTEMPTY;
	ram_remove(dentry);
	return 0;
}

static int remove_file(const struct walk *walk)
{
	int error;

	if (type_of(walk->dentry) == MODE_DIR)
		return -EISDIR;
	if (walk->slash)
		return -ENOTDIR;
	error = may_remove(walk->dentry);
	if (!error)
		ram_remove(walk->dentry);
	return error;
}

/* Why a path that does not end with a name cannot be removed. */
static int no_name(const struct walk *walk, bool directory)
{
	if (!directory)
		return -EISDIR;
	return walk->end == WALK_END_DOT      ? -EINVAL
	       : walk->end == WALK_END_DOTDOT ? -ENOTEMPTY
	                                      : -EBUSY;
}

static int64_t remove_at(int at, uintptr_t path, bool directory)
{
	struct user_walk walk;
	int error = user_walk(at, path, WALK_STOP, &walk);

	if (error)
		return error;
	if (!walk.walk.parent)
		error = no_name(&walk.walk, directory);
	else
		error = walk_last(&walk.walk);
	if (!error)
		error = directory ? remove_directory(walk.walk.dentry) : remove_file(&walk.walk);
	user_walk_done(&walk);
	return error;
}

int64_t sys_rmdir(struct syscall_args *args)
{
	return remove_at(AT_CWD, args->arg[0], true);
}

int64_t sys_unlink(struct syscall_args *args)
{
	return remove_at(AT_CWD, args->arg[0], false);
}

int64_t sys_unlinkat(struct syscall_args *args)
{
	if (args->arg[2] & ~(uint64_t)AT_REMOVE_DIRECTORY)
		return -EINVAL;
	return remove_at((int)args->arg[0], args->arg[1], args->arg[2] != 0);
}

/* What is there already must be of the same kind, and go. */
static int may_replace(const struct dentry *from, const struct dentry *to)
{
	int error = may_remove(to);

	if (error)
		return error;
	if (to->is_root)
		return -EBUSY;
	if (type_of(to) == MODE_DIR && type_of(from) != MODE_DIR)
		return -EISDIR;
	if (type_of(to) != MODE_DIR && type_of(from) == MODE_DIR)
		return -ENOTDIR;
	return to->children ? -ENOTEMPTY : 0;
}

/* Both names are looked up; the target may be missing. */
static int may_rename(const struct walk *from, const struct walk *to, unsigned flags)
{
	const struct dentry *dentry = from->dentry;
	int error;

	if (to->dentry && flags & RENAME_NO_REPLACE)
		return -EEXIST;
	if ((from->slash || to->slash) && type_of(dentry) != MODE_DIR)
		return -ENOTDIR;
	if (dentry_is_below(to->parent, dentry))
		return -EINVAL;
	if (to->dentry && dentry_is_below(from->parent, to->dentry))
		return -ENOTEMPTY;
	if (dentry->is_root)
		return -EBUSY;
	if (to->dentry && to->dentry->inode == dentry->inode)
		return 0;
	error = may_remove(dentry);
	if (error)
		return error;
	return to->dentry ? may_replace(dentry, to->dentry) : may_change(to->parent);
}

static int rename_walked(struct walk *from, struct walk *to, unsigned flags)
{
	int error;

	if (!from->parent || !to->parent)
		return -EBUSY;
	if (from->parent->inode->dev != to->parent->inode->dev)
		return -EXDEV;
	error = walk_last(from);
	if (error)
		return error;
	error = walk_last(to);
	if (error && error != -ENOENT)
		return error;
	error = may_rename(from, to, flags);
	if (error || (to->dentry && to->dentry->inode == from->dentry->inode))
		return error;
	error = ram_move(from->dentry, to->parent, to->name, to->length);
	if (!error && to->dentry)
		ram_remove(to->dentry);
	return error;
}

static int64_t rename_at(int from_at, uintptr_t from, int to_at, uintptr_t to, unsigned flags)
{
	struct user_walk source, target;
	int error;

	if (flags & ~RENAME_NO_REPLACE)
		return -EINVAL;
	error = user_walk(from_at, from, WALK_STOP, &source);
	if (error)
		return error;
	error = user_walk(to_at, to, WALK_STOP, &target);
	if (!error) {
		error = rename_walked(&source.walk, &target.walk, flags);
		user_walk_done(&target);
	}
	user_walk_done(&source);
	return error;
}

int64_t sys_rename(struct syscall_args *args)
{
	return rename_at(AT_CWD, args->arg[0], AT_CWD, args->arg[1], 0);
}

int64_t sys_renameat(struct syscall_args *args)
{
	return rename_at((int)args->arg[0], args->arg[1], (int)args->arg[2], args->arg[3], 0);
}

int64_t sys_renameat2(struct syscall_args *args)
{
	return rename_at((int)args->arg[0], args->arg[1], (int)args->arg[2], args->arg[3],
		(unsigned)args->arg[4]);
}
