/* SPDX-License-Identifier: MIT */
/*
 * threads.c: threads: birth and burial, and their kernel stacks. Some stacks that have been
 * used are kept for the next threads.
 */
#include "arch.h"
#include "fpu.h"
#include "memory.h"
#include "process/fault.h"
#include "process/table.h"
#include "string.h"
#include "thread.h"

#define STACK_ORDER 2
#define STACKS_KEPT 32 /* of those that nobody uses */
#define SLOTS       ((STACKS_END - STACKS) / STACK_STRIDE)
#define WORD_BITS   64

_Static_assert(STACK_SIZE == PAGE_SIZE << STACK_ORDER, "a stack is one block of frames");
_Static_assert(SLOTS % WORD_BITS == 0, "whole words");

/* What lies at the lowest address of a stack that nobody uses. */
struct free_stack {
	uintptr_t next;
};

static struct thread *dead;
static uintptr_t free_stacks;
static unsigned free_count;
static uint64_t slots[SLOTS / WORD_BITS]; /* where there is a stack: a bit each */

/* The first address without a stack; 0: there is none. */
static uintptr_t find_slot(void)
{
	size_t word = 0;

	while (word < SLOTS / WORD_BITS && !~slots[word])
		word++;
	if (word == SLOTS / WORD_BITS)
		return 0;
	return STACKS +
	       (word * WORD_BITS + (unsigned)__builtin_ctzll(~slots[word]) + 1) * STACK_STRIDE -
	       STACK_SIZE;
}

static void flip_slot(uintptr_t stack)
{
	size_t slot = (stack - STACKS) / STACK_STRIDE;

	slots[slot / WORD_BITS] ^= 1ull << slot % WORD_BITS;
}

static uintptr_t stack_create(void)
{
	uintptr_t stack = free_stacks;
	uint64_t phys;

	if (stack) {
		free_stacks = ((struct free_stack *)stack)->next;
		free_count--;
		return stack;
	}
	stack = find_slot();
	phys = stack ? frames_alloc(&kernel_frames, STACK_ORDER, OWNER_STACK) : FRAME_NONE;
	if (phys == FRAME_NONE)
		return 0;
	if (space_map(&kernel_space, stack, phys, STACK_SIZE, MAP_WRITE)) {
		frames_free(&kernel_frames, phys);
		return 0;
	}
	flip_slot(stack);
	return stack;
}

static void stack_give_back(uintptr_t stack)
{
	struct translation page;

	space_translate(&kernel_space, stack, &page);
	space_unmap(&kernel_space, stack, STACK_SIZE);
	frames_free(&kernel_frames, page.phys);
	flip_slot(stack);
}

static void stack_destroy(uintptr_t stack)
{
	if (free_count == STACKS_KEPT) {
		stack_give_back(stack);
		return;
	}
	((struct free_stack *)stack)->next = free_stacks;
	free_stacks = stack;
	free_count++;
}

void thread_stacks_drain(void)
{
	while (free_stacks) {
		uintptr_t stack = free_stacks;

		free_stacks = ((struct free_stack *)stack)->next;
		free_count--;
		stack_give_back(stack);
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
