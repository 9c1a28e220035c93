/* SPDX-License-Identifier: MIT */
/*
 * log_calls.c: syslog: programs read the kernel's log, and say what of it the console shows.
 */
#include "errno.h"
#include "log.h"
#include "process.h"
#include "process/calls.h"
#include "user.h"

#define PIECE 256

/* syslog(2)'s names begin with SYSLOG_ACTION_. */
enum {
	ACTION_CLOSE,
	ACTION_OPEN,
	ACTION_READ,
	ACTION_READ_ALL,
	ACTION_READ_CLEAR,
	ACTION_CLEAR,
	ACTION_CONSOLE_OFF,
	ACTION_CONSOLE_ON,
	ACTION_CONSOLE_LEVEL,
	ACTION_SIZE_UNREAD,
	ACTION_SIZE_BUFFER,
};

/* Linux's level 1 shows nothing but panics, 8 everything. */
#define LINUX_LEVELS 8

/* The log's last n bytes since it was cleared. */
static int64_t copy_log(uintptr_t to, size_t n, uint64_t cleared)
{
	uint64_t end = log_end(), from = end > n ? end - n : 0;
	size_t done = 0;

	if (from < cleared)
		from = cleared;
	if (end > log_capacity() && from < end - log_capacity())
		from = end - log_capacity();
	while (from + done < end) {
		char piece[PIECE];
		size_t left = (size_t)(end - from) - done;
		size_t got = log_read(from + done, piece, left < PIECE ? left : PIECE);

		if (user_write(to + done, piece, got))
			return -EFAULT;
		done += got;
	}
	return (int64_t)done;
}

static int set_level(uint64_t linux_level)
{
	if (linux_level < 1 || linux_level > LINUX_LEVELS)
		return -EINVAL;
	log_set_level((enum log_level)((linux_level - 1) * (LOG_LEVELS - 1) / (LINUX_LEVELS - 1)));
	return 0;
}

int64_t sys_syslog(struct syscall_args *args)
{
	static uint64_t cleared;
	int action = (int)args->arg[0];
	int32_t size = (int32_t)args->arg[2];
	int64_t result;

	if (!process_is_root() && action != ACTION_READ_ALL && action != ACTION_SIZE_BUFFER)
		return -EPERM;
	switch (action) {
	case ACTION_CLOSE:
	case ACTION_OPEN:
		return 0;
	case ACTION_READ_ALL:
	case ACTION_READ_CLEAR:
		if (!args->arg[1] || size < 0)
			return -EINVAL;
		result = copy_log(args->arg[1], (size_t)size, cleared);
		if (result >= 0 && action == ACTION_READ_CLEAR)
			cleared = log_end();
		return result;
	case ACTION_CLEAR:
		cleared = log_end();
		return 0;
	case ACTION_CONSOLE_OFF:
		log_set_level(LOG_PANIC);
		return 0;
	case ACTION_CONSOLE_ON:
		log_set_level(LOG_WARN);
		return 0;
	case ACTION_CONSOLE_LEVEL:
		return set_level(args->arg[2]);
	case ACTION_SIZE_BUFFER:
		return (int64_t)log_capacity();
	}
	return -EINVAL;
}
