/* SPDX-License-Identifier: MIT */
/*
 * out_of_memory.c: who goes when there is no memory for a page: not who comes last, which may be
 * anybody, but who has most.
 */
#include "process/out_of_memory.h"

#include "arch.h"
#include "log.h"
#include "mm.h"
#include "process.h"
#include "process/schedule.h"
#include "process/table.h"
#include "signal.h"

/* So often the others have their turns before one that does not end is given up. */
#define TURNS 64

static struct process *find_largest(void)
{
	const struct process *first = process_first();
	struct process *largest = NULL;

	for (struct process *p = process_after(first->pid); p; p = p->next) {
		if (p->mm && p->mm != first->mm &&
			(!largest || p->mm->resident > largest->mm->resident))
			largest = p;
	}
	return largest;
}

static bool has_memory(int32_t pid)
{
	const struct process *process = process_find(pid);

	return process && process->mm;
}

int32_t out_of_memory_choose(void)
{
	const struct process *self = process_current();
	struct process *largest = find_largest();

	if (!largest || largest->mm == self->mm)
		return 0;
	log_info("process %d (%s) is killed: it has most memory, %llu KiB, and %d (%s) needs "
		 "some\n",
		largest->pid, process_name(largest),
		(unsigned long long)largest->mm->resident * (PAGE_SIZE / 1024), self->pid,
		process_name(self));
	signal_send(largest, SIGKILL);
	return largest->pid;
}

bool out_of_memory_kill(void)
{
	int32_t pid = out_of_memory_choose();

	for (int turn = 0; turn < TURNS && has_memory(pid); turn++)
		schedule_yield();
	return pid && !has_memory(pid);
}
