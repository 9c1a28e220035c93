/* SPDX-License-Identifier: MIT */
/*
 * start.c: the first process: the program that init= names, with what follows on the command line
 * as its arguments. When it ends, everything ends.
 */
#include "process/start.h"

#include "arch.h"
#include "boot.h"
#include "errno.h"
#include "fpu.h"
#include "fs/files.h"
#include "log.h"
#include "memory.h"
#include "mm.h"
#include "pool.h"
#include "process.h"
#include "process/calls.h"
#include "process/exec.h"
#include "process/schedule.h"
#include "process/signals.h"
#include "process/table.h"
#include "string.h"

#define ARGUMENTS_MAX 32

/* As shells have it. */
#define STATUS_NOT_RUN   126
#define STATUS_NOT_FOUND 127

static int32_t end_status;

bool programs_wanted(void)
{
	size_t length;

	if (boot_option("init", &length))
		return true;
	return boot.initrd_size >= 6 && memcmp(phys_pointer(boot.initrd), "070701", 6) == 0;
}

/* Cuts the command line behind init= into words, in place; quotes keep blanks together. */
static unsigned split_words(char *text, const char **words, unsigned max)
{
	unsigned n = 0;
	char *to = text;

	while (n < max) {
		char quote = 0;

		while (*text == ' ')
			text++;
		if (!*text)
			break;
		words[n++] = to;
		for (; *text && (quote || *text != ' '); text++) {
			if (quote ? *text == quote : *text == '\'' || *text == '"')
				quote = quote ? 0 : *text;
			else
				*to++ = *text;
		}
		if (*text)
			text++;
		*to++ = '\0';
	}
	return n;
}

static int start_first(struct process *process, char *line)
{
	static const char *const defaults[] = {"/init", "/sbin/init", "/bin/sh", "/bin/init"};
	/* The last is for a KVM that lets programs use AVX and emulates CPL 0: when it comes to
	 * emulate a program's instruction, too, as for a write to what was a page table, it knows
	 * SSE only. */
	static const char *const environment[] = {"HOME=/", "PATH=/bin:/sbin:/usr/bin:/usr/sbin",
		"TERM=linux",
		"GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512BW,-AVX512VL,"
		"-AVX_Fast_Unaligned_Load,-XSAVE,-XSAVEC"};
	const unsigned variables = sizeof(environment) / sizeof(environment[0]) - !fpu_is_wide();
	const char *words[ARGUMENTS_MAX];
	unsigned count = split_words(line, words, ARGUMENTS_MAX);
	int error = -ENOENT;

	if (count)
		return exec_first(process, words, count, environment, variables);
	for (unsigned i = 0; i < 4 && error == -ENOENT; i++)
		error = exec_first(process, defaults + i, 1, environment, variables);
	return error;
}

/* Everyone else is killed and buried before the first process ends. */
void process_first_ends(int32_t status)
{
	struct process *self = process_current(), *p;
	struct wait_entry entry;
	struct mm *mm = self->mm;

	self->signals->actions[SIGCHLD - 1] = (struct signal_action){0};
	wait_prepare(&self->child_events, &entry);
	while (process_after(1)) {
		for (p = process_after(1); p; p = p->next)
			signal_send(p, SIGKILL);
		for (p = process_after(1); p; p = process_after(p->pid)) {
			if (p->zombie)
				break;
		}
		if (p)
			process_destroy(p);
		else
			wait_sleep_deaf();
	}
	wait_finish(&entry);
	end_status = status;
	files_drop(self->files);
	fs_context_drop(self->fs);
	space_switch(&kernel_space);
	self->mm = NULL;
	mm_drop(mm);
	self->zombie = true;
	schedule_stop();
}

/* The heap keeps what it once got, with its page tables, unless those have been there from the
 * start.
 */
static uint32_t frames_in_reach(void)
{
	uint64_t tables = TOP_LEVEL_SIZE == LARGE_PAGE_SIZE
	                          ? 0
	                          : (kernel_heap.end - kernel_heap.base) / LARGE_PAGE_SIZE;

	return kernel_frames.free + kernel_frames.owned[OWNER_HEAP] + (uint32_t)tables;
}

static void check_leaks(uint32_t before, size_t blocks)
{
	uint32_t after = frames_in_reach();

	if (after == before && kernel_heap.stats.used_blocks == blocks) {
		log_info("memory: every frame came back\n");
		return;
	}
	log_error("memory: %d frames and %zu blocks of the heap were lost\n", (int)(before - after),
		kernel_heap.stats.used_blocks - blocks);
	memory_show_use(LOG_ERROR);
}

/* What a first process that never ran holds. */
static void give_back(struct process *first)
{
	if (first->files)
		files_drop(first->files);
	if (first->fs)
		fs_context_drop(first->fs);
}

int programs_run(void)
{
	char *line = kzalloc(BOOT_COMMAND_LINE, "command line");
	uint32_t before;
	size_t length, blocks = kernel_heap.stats.used_blocks;
	const char *given = boot_option("init", &length);
	struct process *first;
	int error = -ENOMEM;

	fpu_init();
	before = frames_in_reach();
	fs_init();
	schedule_init();
	first = process_create(NULL, NULL);
	if (!line || !first)
		return STATUS_NOT_RUN;
	if (given)
		memcpy(line, given, strlen(given));
	schedule_begin(first->threads);
	terminal_give(first);
	error = start_first(first, line);
	if (error) {
		log_error("init: %s: error %d\n", *line ? line : "none found", -error);
		error = error == -ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUN;
		give_back(first);
	} else {
		schedule_run();
		error = end_status & 0x7f ? 128 + (end_status & 0x7f) : end_status >> 8;
	}
	process_bury();
	process_destroy(first);
	fs_deinit();
	thread_stacks_drain();
	pools_drain();
	check_leaks(before, blocks);
	kfree(line);
	return error;
}
