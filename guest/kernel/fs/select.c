/* SPDX-License-Identifier: MIT */
/*
 * select.c: select and pselect6, by way of poll.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "fs/poll.h"
#include "memory.h"
#include "process/user_time.h"
#include "string.h"
#include "time.h"
#include "user.h"

#define WORD_BITS 64
#define WORDS     (DESCRIPTORS / WORD_BITS)

/* To read, to write, and out-of-band: which events mean what, as Linux has it. */
static const struct {
	uint16_t ask, events;
} kinds[3] = {
	{POLL_IN | POLL_RDNORM, POLL_IN | POLL_RDNORM | POLL_HUP | POLL_ERR},
	{POLL_OUT | POLL_WRNORM, POLL_OUT | POLL_WRNORM | POLL_ERR},
	{POLL_PRI, POLL_PRI},
};

struct select {
	unsigned n; /* descriptors below this are looked at */
	uint64_t sets[3][WORDS];
	unsigned used;
	struct abi_pollfd polls[DESCRIPTORS];
};

static size_t set_size(const struct select *select)
{
	size_t bits = 8 * sizeof(user_ulong);

	return (select->n + bits - 1) / bits * sizeof(user_ulong);
}

static bool is_set(const struct select *select, int kind, unsigned fd)
{
	return select->sets[kind][fd / WORD_BITS] >> fd % WORD_BITS & 1;
}

static int read_sets(struct select *select, const uint64_t *from)
{
	for (int kind = 0; kind < 3; kind++)
		if (from[kind] && user_read(select->sets[kind], from[kind], set_size(select)))
			return -EFAULT;
	for (unsigned fd = 0; fd < select->n; fd++) {
		struct abi_pollfd poll = {.fd = (int)fd};

		for (int kind = 0; kind < 3; kind++)
			poll.events |= is_set(select, kind, fd) ? kinds[kind].ask : 0;
		if (poll.events && !descriptor_file((int)fd))
			return -EBADF;
		if (poll.events)
			select->polls[select->used++] = poll;
	}
	return 0;
}

/* How many bits are set. */
static int64_t write_sets(struct select *select, const uint64_t *to)
{
	uint64_t out[3][WORDS] = {{0}};
	int64_t bits = 0;

	for (unsigned i = 0; i < select->used; i++) {
		const struct abi_pollfd *poll = &select->polls[i];
		unsigned fd = (unsigned)poll->fd;

		for (int kind = 0; kind < 3; kind++) {
			if (!is_set(select, kind, fd) || !(poll->revents & kinds[kind].events))
				continue;
			out[kind][fd / WORD_BITS] |= 1ull << fd % WORD_BITS;
			bits++;
		}
	}
	for (int kind = 0; kind < 3; kind++)
		if (to[kind] && user_write(to[kind], out[kind], set_size(select)))
			return -EFAULT;
	return bits;
}

static int64_t select_until(int32_t n, const uint64_t *sets, uint64_t until)
{
	struct select *select;
	int64_t result;

	if (n < 0)
		return -EINVAL;
	select = kmalloc(sizeof(*select), "select");
	if (!select)
		return -ENOMEM;
	memset(select, 0, offsetof(struct select, polls));
	select->n = n < DESCRIPTORS ? (unsigned)n : DESCRIPTORS;
	result = read_sets(select, sets);
	if (!result)
		result = poll_files(select->polls, select->used, until);
	if (result >= 0)
		result = write_sets(select, sets);
	kfree(select);
	return result;
}

/* The timeout tells afterwards what is left of it. */
int64_t sys_select(struct syscall_args *args)
{
	user_long time[2] = {0, 0};
	int64_t result;
	uint64_t until = WAIT_FOREVER, now;

	if (args->arg[4]) {
		if (user_read(time, args->arg[4], sizeof(time)))
			return -EFAULT;
		if (time[0] < 0 || time[1] < 0)
			return -EINVAL;
		if (time[0] < INT32_MAX)
			until = time_ns() + (uint64_t)time[0] * NS_PER_SECOND +
			        (uint64_t)time[1] % (1000 * NS_PER_SECOND) * 1000;
		if (!time[0] && !time[1])
			until = 0;
	}
	result = select_until((int32_t)args->arg[0], &args->arg[1], until);
	if (args->arg[4] && until != WAIT_FOREVER) {
		now = time_ns();
		now = until > now ? until - now : 0;
		time[0] = (user_long)(now / NS_PER_SECOND);
		time[1] = (user_long)(now % NS_PER_SECOND / 1000);
		user_write(args->arg[4], time, sizeof(time));
	}
	return result;
}

int64_t sys_pselect6(struct syscall_args *args)
{
	user_ulong mask[2] = {0, 0};
	uint64_t until;
	int error = time_deadline(args->arg[4], &until);

	if (!error && args->arg[5] && user_read(mask, args->arg[5], sizeof(mask)))
		error = -EFAULT;
	if (!error)
		error = poll_use_mask(mask[0], mask[1]);
	return error ? error : select_until((int32_t)args->arg[0], &args->arg[1], until);
}
