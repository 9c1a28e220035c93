/* SPDX-License-Identifier: MIT */
/*
 * table.c: the list of all processes by pid, and their kernel stacks. Stacks that have been used
 * are kept for the next process.
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
#include "time.h"

#define PID_LIMIT    32768
#define FPU_SIZE     512
#define STACK_ORDER  2
#define FPU_CONTROL  0x37f  /* FINIT's */
#define FPU_MXCSR    0x1f80 /* the CPU's after reset */
#define FPU_MXCSR_AT 24

_Static_assert(STACK_SIZE == PAGE_SIZE << STACK_ORDER, "a stack is one block of frames");

/* What lies at the lowest address of a stack that nobody uses. */
struct free_stack {
	uintptr_t next;
};

static struct process *processes;
static int32_t last_pid;
static struct process *dead;
static uintptr_t free_stacks, next_stack = STACKS + STACK_STRIDE - STACK_SIZE;

static uintptr_t stack_create(void)
{
	uintptr_t stack = free_stacks;
	uint64_t phys;

	if (stack) {
		free_stacks = ((struct free_stack *)stack)->next;
		return stack;
	}
	if (next_stack + STACK_SIZE > STACKS_END)
		return 0;
	phys = frames_alloc(&kernel_frames, STACK_ORDER, OWNER_STACK);
	if (phys == FRAME_NONE)
		return 0;
	if (space_map(&kernel_space, next_stack, phys, STACK_SIZE, MAP_WRITE)) {
		frames_free(&kernel_frames, phys);
		return 0;
	}
	stack = next_stack;
	next_stack += STACK_STRIDE;
	return stack;
}

static void stack_destroy(uintptr_t stack)
{
	((struct free_stack *)stack)->next = free_stacks;
	free_stacks = stack;
}

void process_stacks_drain(void)
{
	while (free_stacks) {
		uintptr_t stack = free_stacks;
		struct translation page;

		free_stacks = ((struct free_stack *)stack)->next;
		space_translate(&kernel_space, stack, &page);
		space_unmap(&kernel_space, stack, STACK_SIZE);
		frames_free(&kernel_frames, page.phys);
	}
}

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

bool process_is_root(void)
{
	return process_current()->credentials.euid == 0;
}

/* A pid is free when neither process, group nor session has it. */
static bool pid_is_free(int32_t pid)
{
	for (const struct process *p = processes; p; p = p->next) {
		if (p->pid == pid || p->group == pid || p->session == pid)
			return false;
	}
	return true;
}

static int32_t new_pid(void)
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
	memcpy(process->name, parent->name, PROCESS_NAME);
	process->group = parent->group;
	process->session = parent->session;
	process->credentials = parent->credentials;
	process->group_count = parent->group_count;
	memcpy(process->groups, parent->groups, parent->group_count * sizeof(uint32_t));
	process->terminal = parent->terminal;
	process->tls = parent->tls;
	process->nice = parent->nice;
	memcpy(process->limits, parent->limits, sizeof(process->limits));
	memcpy(process->fpu, parent->fpu, FPU_SIZE);
}

void process_reset_fpu(struct process *process)
{
	memset(process->fpu, 0, FPU_SIZE);
	*(uint16_t *)process->fpu = FPU_CONTROL;
	*(uint32_t *)(process->fpu + FPU_MXCSR_AT) = FPU_MXCSR;
}

struct process *process_create(struct process *parent)
{
	struct process *process = kzalloc(sizeof(*process), "process");

	if (!process)
		return NULL;
	process->stack = stack_create();
	process->fpu = kmalloc(FPU_SIZE, "fpu");
	process->signals = signals_create(parent ? parent->signals : NULL);
	process->pid = new_pid();
	if (!process->stack || !process->fpu || !process->signals || !process->pid) {
		process_destroy(process);
		return NULL;
	}
	process->parent = parent;
	process->state = PROCESS_STOPPED;
	process->start_ns = time_ns();
	process->sleep_until = WAIT_FOREVER;
	process->exit_signal = SIGCHLD;
	if (parent) {
		inherit(process, parent);
	} else {
		process->group = process->session = process->pid;
		limits_init(process->limits);
		process_reset_fpu(process);
	}
	insert(process);
	return process;
}

void process_destroy(struct process *process)
{
	remove(process);
	if (process->stack)
		stack_destroy(process->stack);
	timers_clear(process);
	kfree(process->fpu);
	kfree(process->signals);
	kfree(process);
}

void process_bury_later(struct process *process)
{
	remove(process);
	process->run_next = dead;
	dead = process;
}

void process_bury(void)
{
	while (dead && dead != process_current()) {
		struct process *process = dead;

		dead = process->run_next;
		process_destroy(process);
	}
}

struct trap_frame *process_start_frame(struct process *process)
{
	struct trap_frame *frame = (struct trap_frame *)(process->stack + STACK_SIZE) - 1;
	uintptr_t *words = (uintptr_t *)frame - CONTEXT_WORDS - 1;

	memset(words, 0, CONTEXT_WORDS * sizeof(*words));
	words[CONTEXT_WORDS] = (uintptr_t)trap_return;
	process->stack_pointer = (uintptr_t)words;
	return frame;
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
