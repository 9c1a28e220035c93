/* SPDX-License-Identifier: MIT */
/*
 * device.c: /dev/null, zero, full, random and urandom; and who serves which device number.
 */
#include "arch.h"
#include "errno.h"
#include "fs/pipe.h"
#include "fs/tty.h"
#include "fs/vfs.h"
#include "random.h"
#include "thread.h"

#define ZEROS 65536 /* between two looks at whether others want to run */

static int64_t read_nothing(struct file *file, struct io *io, uint64_t offset)
{
	return 0;
}

static int64_t write_nowhere(struct file *file, struct io *io, uint64_t offset)
{
	return (int64_t)io->left;
}

static int64_t write_full(struct file *file, struct io *io, uint64_t offset)
{
	return io->left ? -ENOSPC : 0;
}

static int64_t read_zeros(struct file *file, struct io *io, uint64_t offset)
{
	size_t before = io->left;

	while (io->left) {
		size_t n = io_stretch(io, io->left < ZEROS ? io->left : ZEROS);

		if (io_zero(io, n))
			return before == io->left ? -EFAULT : (int64_t)(before - io->left);
		if (thread_is_ending(thread_current()))
			break;
		if (io->left && !io->kernel)
			wait_breathe();
	}
	return (int64_t)(before - io->left);
}

static int64_t read_random(struct file *file, struct io *io, uint64_t offset)
{
	size_t before = io->left;
	uint8_t bytes[64];

	while (io->left) {
		size_t n = io->left < sizeof(bytes) ? io->left : sizeof(bytes);

		random_bytes(bytes, n);
		if (io_put(io, bytes, n))
			return before == io->left ? -EFAULT : (int64_t)(before - io->left);
		if (io->left)
			wait_breathe();
	}
	return (int64_t)before;
}

const struct file_ops *device_ops(uint32_t mode, uint64_t rdev)
{
	static const struct file_ops memory_devices[] = {
		[3] = {.read = read_nothing, .write = write_nowhere},
		[5] = {.read = read_zeros, .write = write_nowhere},
		[7] = {.read = read_zeros, .write = write_full},
		[8] = {.read = read_random, .write = write_nowhere},
		[9] = {.read = read_random, .write = write_nowhere},
	};
	uint64_t minor = rdev & 0xff;

	if ((mode & MODE_TYPE) == MODE_FIFO)
		return &fifo_ops;
	if ((mode & MODE_TYPE) != MODE_CHAR)
		return NULL;
	if (rdev >> 8 == 1 && minor < sizeof(memory_devices) / sizeof(memory_devices[0]) &&
		memory_devices[minor].read)
		return &memory_devices[minor];
	if (rdev >> 8 == 4 || rdev >> 8 == 5)
		return &tty_ops;
	return NULL;
}
