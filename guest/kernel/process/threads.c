/* SPDX-License-Identifier: MIT */
/*
 * threads.c: threads: birth and burial, and their kernel stacks. Stacks that have been used are
 * kept for the next thread.
 */
#include "arch.h"
#include "fpu.h"
#include "memory.h"
#include "process/fault.h"
#include "process/table.h"
#include "string.h"
#include "thread.h"

#define STACK_ORDER 2

_Static_assert(STACK_SIZE == PAGE_SIZE << STACK_ORDER, "a stack is one block of frames");

/* What lies at the lowest address of a stack that nobody uses. */
struct free_stack {
	uintptr_t next;
};

static struct thread *dead;
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

void thread_stacks_drain(void)
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

struct thread *thread_find(int32_t tid)
{
	for (const struct process *p = process_after(0); p; p = p->next) {
		for (struct thread *t = p->zombie ? NULL : p->threads; t; t = t->next) {
			if (t->tid == tid)
				return t;
		}
	}
	return NULL;
}

static void inherit(struct thread *thread, const struct thread *like)
{
	memcpy(thread->name, like->name, PROCESS_NAME);
	fpu_copy(thread->fpu, like->fpu);
	thread->tls = like->tls;
	thread->signals.blocked = like->signals.blocked;
	thread->signals.stack = like->signals.stack;
	thread->signals.stack_size = like->signals.stack_size;
}

static void append(struct process *process, struct thread *thread)
{
	struct thread **link = &process->threads;

	while (*link)
		link = &(*link)->next;
	*link = thread;
	process->thread_count++;
}

struct thread *thread_create(struct process *process, int32_t tid, const struct thread *like)
{
	struct thread *thread = kmalloc(sizeof(*thread), "thread");

	if (!thread)
		return NULL;
	memset(thread, 0, offsetof(struct thread, signals.queue.info));
	thread->stack = stack_create();
	thread->fpu = fpu_create();
	if (!thread->stack || !thread->fpu) {
		thread_destroy(thread);
		return NULL;
	}
	thread->process = process;
	thread->tid = tid;
	thread->state = THREAD_STOPPED;
	thread->sleep_until = UINT64_MAX;
	if (like)
		inherit(thread, like);
	append(process, thread);
	return thread;
}

void thread_leave(struct thread *thread)
{
	struct thread **link = &thread->process->threads;

	while (*link != thread)
		link = &(*link)->next;
	*link = thread->next;
	thread->process->thread_count--;
}

void thread_destroy(struct thread *thread)
{
	if (thread->stack)
		stack_destroy(thread->stack);
	fpu_destroy(thread->fpu);
	kfree(thread);
}

void thread_bury_later(struct thread *thread)
{
	thread->run_next = dead;
	dead = thread;
}

void thread_bury(void)
{
	while (dead) {
		struct thread *thread = dead;

		dead = thread->run_next;
		thread_destroy(thread);
	}
}

struct trap_frame *thread_frame(const struct thread *thread)
{
	return (struct trap_frame *)(thread->stack + STACK_SIZE) - 1;
}

/* What a new thread does first. It may be to end already. */
static void begin(void)
{
	process_bury();
	process_return(thread_frame(thread_current()));
}

struct trap_frame *thread_start_frame(struct thread *thread)
{
	struct trap_frame *frame = thread_frame(thread);
	uintptr_t *words = (uintptr_t *)frame - CONTEXT_WORDS - 2;

	memset(words, 0, CONTEXT_WORDS * sizeof(*words));
	words[CONTEXT_WORDS] = (uintptr_t)begin;
	words[CONTEXT_WORDS + 1] = (uintptr_t)trap_return;
	thread->stack_pointer = (uintptr_t)words;
	return frame;
}
