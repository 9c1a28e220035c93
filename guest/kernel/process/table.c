/* SPDX-License-Identifier: MIT */
/*
 * table.c: the list of all processes by pid: birth and burial, and the numbers of processes and
 * threads.
 */
#include "process/table.h"

#include "arch.h"
#include "errno.h"
#include "memory.h"
#include "mm.h"
#include "process.h"
#include "process/signals.h"
#include "process/timers.h"
#include "string.h"
#include "thread.h"
#include "time.h"

#define PID_LIMIT 32768

static struct process *processes;
static int32_t last_pid;
static struct process *dead;

struct process *process_first(void)
{
	return processes;
}

struct process *process_after(int32_t pid)
{
	struct process *process = processes;

	while (process && process->pid <= pid)
		process = process->next;
	return process;
}

struct process *process_find(int32_t pid)
{
	struct process *process = process_after(pid - 1);

	return process && process->pid == pid ? process : NULL;
}

bool process_group_exists(int32_t group, int32_t session)
{
	for (const struct process *p = processes; p; p = p->next) {
		if (p->group == group && p->session == session)
			return true;
	}
	return false;
}

bool process_group_is_orphaned(int32_t group, const struct process *leaving)
{
	for (const struct process *p = processes; p; p = p->next) {
		if (p->group == group && p != leaving && !p->zombie && p->parent &&
			p->parent->group != group && p->parent->session == p->session &&
			p->parent != leaving)
			return false;
	}
	return true;
}

bool process_is_root(void)
{
	return process_current()->credentials.euid == 0;
}

/* A pid is free when neither process, thread, group nor session has it. */
static bool pid_is_free(int32_t pid)
{
	for (const struct process *p = processes; p; p = p->next) {
		if (p->pid == pid || p->group == pid || p->session == pid)
			return false;
		for (const struct thread *t = p->threads; t; t = t->next) {
			if (t->tid == pid)
				return false;
		}
	}
	return true;
}

int32_t process_new_pid(void)
{
	for (int tries = 0; tries < PID_LIMIT; tries++) {
		last_pid = last_pid + 1 < PID_LIMIT ? last_pid + 1 : 2;
		if (pid_is_free(last_pid))
			return last_pid;
	}
	return 0;
}

static void insert(struct process *process)
{
	struct process **link = &processes;

	while (*link && (*link)->pid < process->pid)
		link = &(*link)->next;
	process->next = *link;
	*link = process;
}

static void remove(struct process *process)
{
	struct process **link = &processes;

	while (*link && *link != process)
		link = &(*link)->next;
	if (*link)
		*link = process->next;
}

static void inherit(struct process *process, const struct process *parent)
{
	process->group = parent->group;
	process->session = parent->session;
	process->credentials = parent->credentials;
	process->group_count = parent->group_count;
	memcpy(process->groups, parent->groups, parent->group_count * sizeof(uint32_t));
	process->terminal = parent->terminal;
	process->nice = parent->nice;
	process->policy = parent->policy;
	process->priority = parent->priority;
	memcpy(process->limits, parent->limits, sizeof(process->limits));
}

struct process *process_create(struct process *parent, const struct thread *like)
{
	struct process *process = kzalloc(sizeof(*process), "process");

	if (!process)
		return NULL;
	process->signals = signals_create(parent ? parent->signals : NULL);
	process->pid = process_new_pid();
	if (!process->signals || !process->pid || !thread_create(process, process->pid, like)) {
		process_destroy(process);
		return NULL;
	}
	process->parent = parent;
	process->start_ns = time_ns();
	process->exit_signal = SIGCHLD;
	if (parent) {
		inherit(process, parent);
	} else {
		process->group = process->session = process->pid;
		limits_init(process->limits);
	}
	insert(process);
	return process;
}

void process_destroy(struct process *process)
{
	remove(process);
	if (process->threads)
		thread_destroy(process->threads);
	timers_clear(process);
	kfree(process->signals);
	kfree(process);
}

void process_bury_later(struct process *process)
{
	remove(process);
	process->next = dead;
	dead = process;
}

void process_bury(void)
{
	thread_bury();
	while (dead) {
		struct process *process = dead;

		dead = process->next;
		process_destroy(process);
	}
}

const char *process_name(const struct process *process)
{
	return process->threads->name;
}

/* Part of the strings that exec put on the stack. */
static size_t peek_strings(
	struct process *process, uint64_t start, uint64_t end, size_t offset, char *to, size_t n)
{
	if (offset >= end - start)
		return 0;
	if (n > end - start - offset)
		n = end - start - offset;
	return mm_peek(process->mm, start + offset, to, n);
}

size_t process_arguments(struct process *process, size_t offset, char *to, size_t n)
{
	const struct mm *mm = process->mm;

	return mm ? peek_strings(process, mm->arguments, mm->arguments_end, offset, to, n) : 0;
}

size_t process_environment(struct process *process, size_t offset, char *to, size_t n)
{
	const struct mm *mm = process->mm;

	return mm ? peek_strings(process, mm->arguments_end, mm->environment_end, offset, to, n)
	          : 0;
}
