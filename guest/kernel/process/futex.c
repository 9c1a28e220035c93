/* SPDX-License-Identifier: MIT */
/*
 * futex.c: waiting for a word of the program's memory to change: futex(2). Locks with priority
 * inheritance do not exist.
 */
#include "process/futex.h"

#include "errno.h"
#include "mm.h"
#include "process/calls.h"
#include "process/user_time.h"
#include "thread.h"
#include "time.h"
#include "user.h"

enum {
	FUTEX_WAIT,
	FUTEX_WAKE,
	FUTEX_FD,
	FUTEX_REQUEUE,
	FUTEX_CMP_REQUEUE,
	FUTEX_WAKE_OP,
	FUTEX_WAIT_BITSET = 9,
	FUTEX_WAKE_BITSET,
};

#define FUTEX_PRIVATE        0x80
#define FUTEX_CLOCK_REALTIME 0x100
#define FUTEX_OPERATION      0x7f
#define FUTEX_ALL            UINT32_MAX

#define BUCKETS 64

/* Which word: of memory that is shared its physical address, else its address and whose memory. */
struct futex_key {
	const struct mm *mm; /* NULL: physical */
	uint64_t address;
};

struct futex_waiter {
	struct futex_waiter *next;
	struct futex_key key;
	uint32_t bits;
	bool woken; /* and in no queue any more */
	struct wait_queue queue;
};

static struct futex_waiter *buckets[BUCKETS];

static struct futex_waiter **bucket_of(const struct futex_key *key)
{
	uint64_t hash = (key->address >> 2 ^ (uintptr_t)key->mm >> 4) * 0x9e3779b97f4a7c15ull;

	return &buckets[hash >> 58];
}

static bool is_key(const struct futex_key *a, const struct futex_key *b)
{
	return a->mm == b->mm && a->address == b->address;
}

/* 0, -EINVAL or -EFAULT. */
static int find_key(uintptr_t address, bool private, struct futex_key *key)
{
	struct mm *mm = process_current()->mm;
	const struct area *area;
	struct translation page;

	*key = (struct futex_key){mm, address};
	if (address % sizeof(uint32_t))
		return -EINVAL;
	if (address >= USER_LIMIT)
		return -EFAULT;
	if (private)
		return 0;
	area = area_at(&mm->areas, address);
	if (!area)
		return -EFAULT;
	if (!(area->flags & AREA_SHARED))
		return 0;
	if (mm_touch(mm, address, AREA_READ) != MM_OK ||
		!space_translate(&mm->space, address, &page))
		return -EFAULT;
	*key = (struct futex_key){NULL, page.phys};
	return 0;
}

/* At the end: who came first is woken first. */
static void enqueue(struct futex_waiter *waiter)
{
	struct futex_waiter **link = bucket_of(&waiter->key);

	while (*link)
		link = &(*link)->next;
	waiter->next = NULL;
	*link = waiter;
}

static void dequeue(struct futex_waiter *waiter)
{
	struct futex_waiter **link = bucket_of(&waiter->key);

	while (*link != waiter)
		link = &(*link)->next;
	*link = waiter->next;
}

static void wake(struct futex_waiter *waiter)
{
	dequeue(waiter);
	waiter->woken = true;
	wait_wake(&waiter->queue);
}

/* At most n, of those with one of the bits; how many. */
static int64_t wake_some(const struct futex_key *key, int32_t n, uint32_t bits)
{
	struct futex_waiter *waiter = *bucket_of(key), *next;
	int64_t woken = 0;

	for (; waiter && (woken < n || !woken); waiter = next) {
		next = waiter->next;
		if (!is_key(&waiter->key, key) || !(waiter->bits & bits))
			continue;
		wake(waiter);
		woken++;
	}
	return woken;
}

static int64_t futex_wake(uintptr_t address, bool private, int32_t n, uint32_t bits)
{
	struct futex_key key;
	int error = find_key(address, private, &key);

	if (!bits)
		return -EINVAL;
	return error ? error : wake_some(&key, n, bits);
}

void futex_wake_one(uintptr_t address)
{
	futex_wake(address, false, 1, FUTEX_ALL);
}

static int64_t futex_wait(
	uintptr_t address, bool private, uint32_t expected, uint32_t bits, uint64_t until)
{
	struct futex_waiter waiter = {.bits = bits};
	struct wait_entry entry;
	uint32_t value;
	int error = bits ? find_key(address, private, &waiter.key) : -EINVAL;

	if (error)
		return error;
	if (user_read(&value, address, sizeof(value)))
		return -EFAULT;
	if (value != expected)
		return -EAGAIN;
	enqueue(&waiter);
	wait_prepare(&waiter.queue, &entry);
	while (!waiter.woken && !error)
		error = wait_sleep(until);
	wait_finish(&entry);
	if (waiter.woken)
		return 0;
	dequeue(&waiter);
	return error == -ERESTARTSYS && until != WAIT_FOREVER ? -ERESTARTNOHAND : error;
}

/* Wakes some who wait at one word, and lets others wait at another one instead. */
static int64_t requeue(struct syscall_args *args, bool private, bool compare)
{
	int32_t wakes = (int32_t)args->arg[2], moves = (int32_t)args->arg[3];
	struct futex_key from, to;
	struct futex_waiter *waiter, *next;
	int error = wakes < 0 || moves < 0 ? -EINVAL : find_key(args->arg[0], private, &from);
	int64_t done = 0;
	uint32_t value;

	if (!error)
		error = find_key(args->arg[4], private, &to);
	if (error)
		return error;
	if (compare && user_read(&value, args->arg[0], sizeof(value)))
		return -EFAULT;
	if (compare && value != (uint32_t)args->arg[5])
		return -EAGAIN;
	for (waiter = *bucket_of(&from); waiter; waiter = next) {
		next = waiter->next;
		if (!is_key(&waiter->key, &from))
			continue;
		if (done < wakes) {
			wake(waiter);
		} else if (done - wakes >= moves) {
			break;
		} else if (!is_key(&to, &from)) { /* else it would be met again and again */
			dequeue(waiter);
			waiter->key = to;
			enqueue(waiter);
		}
		done++;
	}
	return done;
}

/* FUTEX_WAKE_OP's: what becomes of the second word, and whether its old value asks for more. */
static int operate(uintptr_t address, uint32_t operation, bool *more)
{
	int32_t operand = (int32_t)(operation << 8) >> 20,
		compared = (int32_t)(operation << 20) >> 20;
	unsigned kind = operation >> 28, comparison = operation >> 24 & 0xf;
	int32_t old, value;

	if (user_read(&old, address, sizeof(old)))
		return -EFAULT;
	if (kind & 8)
		operand = (int32_t)(1u << (operand & 31));
	kind &= 7;
	if (kind > 4 || comparison > 5)
		return -ENOSYS;
	value = kind == 0   ? operand
	        : kind == 1 ? (int32_t)((uint32_t)old + (uint32_t)operand)
	        : kind == 2 ? old | operand
	        : kind == 3 ? old & ~operand
	                    : old ^ operand;
	*more = comparison == 0   ? old == compared
	        : comparison == 1 ? old != compared
	        : comparison == 2 ? old < compared
	        : comparison == 3 ? old <= compared
	        : comparison == 4 ? old > compared
	                          : old >= compared;
	return user_write(address, &value, sizeof(value));
}

static int64_t wake_operate(struct syscall_args *args, bool private)
{
	struct futex_key first, second;
	int error = find_key(args->arg[0], private, &first);
	bool more;
	int64_t woken;

	if (!error)
		error = find_key(args->arg[4], private, &second);
	if (!error)
		error = operate(args->arg[4], (uint32_t)args->arg[5], &more);
	if (error)
		return error;
	woken = wake_some(&first, (int32_t)args->arg[2], FUTEX_ALL);
	return more ? woken + wake_some(&second, (int32_t)args->arg[3], FUTEX_ALL) : woken;
}

/* When a wait ends, by time_ns(): the time is what is left, or (bit sets) a clock's. */
static int deadline(const struct syscall_args *args, unsigned operation, uint64_t *until)
{
	bool absolute = (operation & FUTEX_OPERATION) == FUTEX_WAIT_BITSET;
	uint64_t ns, base = time_ns();
	int error;

	*until = WAIT_FOREVER;
	if (!args->arg[3])
		return 0;
	error = time_read(args->arg[3], 1, &ns);
	if (error)
		return error;
	if (absolute)
		base = 0;
	if (absolute && operation & FUTEX_CLOCK_REALTIME)
		ns = ns > time_boot_ns() ? ns - time_boot_ns() : 0;
	*until = base + ns;
	return 0;
}

int64_t sys_futex(struct syscall_args *args)
{
	unsigned operation = (unsigned)args->arg[1], kind = operation & FUTEX_OPERATION;
	bool private = operation & FUTEX_PRIVATE;
	bool waits = kind == FUTEX_WAIT || kind == FUTEX_WAIT_BITSET;
	uint64_t until;
	int error = waits ? deadline(args, operation, &until) : 0;

	if (error)
		return error;
	if (operation & FUTEX_CLOCK_REALTIME && !waits)
		return -ENOSYS;
	switch (kind) {
	case FUTEX_WAIT:
		return futex_wait(args->arg[0], private, (uint32_t)args->arg[2], FUTEX_ALL, until);
	case FUTEX_WAIT_BITSET:
		return futex_wait(args->arg[0], private, (uint32_t)args->arg[2],
			(uint32_t)args->arg[5], until);
	case FUTEX_WAKE:
		return futex_wake(args->arg[0], private, (int32_t)args->arg[2], FUTEX_ALL);
	case FUTEX_WAKE_BITSET:
		return futex_wake(
			args->arg[0], private, (int32_t)args->arg[2], (uint32_t)args->arg[5]);
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
		return requeue(args, private, kind == FUTEX_CMP_REQUEUE);
	case FUTEX_WAKE_OP:
		return wake_operate(args, private);
	}
	return -ENOSYS;
}
