/* SPDX-License-Identifier: MIT */
/*
 * statx.c: the system call statx.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "fs/initrd.h"
#include "memory.h"
#include "user.h"

#define NS          1000000000ull
#define BASIC_STATS 0x7ffu
#define RESERVED    0x80000000u

struct statx_time {
	int64_t seconds;
	uint32_t nanoseconds, pad;
};

struct statx {
	uint32_t mask, block_size;
	uint64_t attributes;
	uint32_t links, uid, gid;
	uint16_t mode, pad;
	uint64_t ino, size, blocks, attributes_mask;
	struct statx_time accessed, born, changed, modified;
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t spare[14];
};
_Static_assert(sizeof(struct statx) == 256, "struct statx");

static struct statx_time time_of(uint64_t ns)
{
	return (struct statx_time){(int64_t)(ns / NS), (uint32_t)(ns % NS), 0};
}

int64_t sys_statx(struct syscall_args *args)
{
	struct inode *inode;
	struct statx out = {.mask = BASIC_STATS, .block_size = FRAME_SIZE};
	int error;

	if (args->arg[3] & RESERVED)
		return -EINVAL;
	error = inode_from_user((int)args->arg[0], args->arg[1], (unsigned)args->arg[2], &inode);
	if (error)
		return error;
	if (inode->more_names)
		initrd_finish();
	out.links = inode->links;
	out.uid = inode->uid;
	out.gid = inode->gid;
	out.mode = (uint16_t)inode->mode;
	out.ino = inode->number;
	out.size = inode->size;
	out.blocks = (inode->size + FRAME_SIZE - 1) / FRAME_SIZE * 8;
	out.accessed = time_of(inode->accessed);
	out.modified = time_of(inode->modified);
	out.changed = time_of(inode->changed);
	out.rdev_major = (uint32_t)(inode->rdev >> 8);
	out.rdev_minor = inode->rdev & 0xff;
	out.dev_minor = inode->dev;
	inode_put(inode);
	return user_write(args->arg[4], &out, sizeof(out));
}
