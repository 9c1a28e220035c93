/* SPDX-License-Identifier: MIT */
/*
 * exec.c: execve. The new memory is complete before the old one goes, so whatever fails leaves the
 * caller as it was.
 */
#include "process/exec.h"

#include "arch.h"
#include "copy.h"
#include "errno.h"
#include "fpu.h"
#include "fs/files.h"
#include "memory.h"
#include "mm.h"
#include "pool.h"
#include "process.h"
#include "process/calls.h"
#include "process/elf.h"
#include "process/exec_stack.h"
#include "process/futex.h"
#include "process/table.h"
#include "process/timers.h"
#include "string.h"
#include "thread.h"
#include "user.h"

#define HEAD_SIZE     256
#define SCRIPT_LEVELS 4

/* All that execve works on. */
struct exec {
	const char *path; /* the file that is run: a script's interpreter, else the name */
	struct file *file;
	size_t head_size;
	struct exec_strings strings;
	struct elf_image image;
	struct mm *mm;
	/* Not cleared at the start. */
	char interpreter[HEAD_SIZE];
	char head[HEAD_SIZE];
	char name[EXEC_PATH_MAX]; /* what was to be run: a script's own */
};

static struct pool pool = POOL(struct exec, "exec");

static struct exec *exec_create(void)
{
	struct exec *exec = pool_take(&pool);

	if (exec) {
		memset(exec, 0, offsetof(struct exec, interpreter));
		exec->path = exec->name;
	}
	return exec;
}

static uint64_t page_down(uint64_t address)
{
	return address & ~(uint64_t)(PAGE_SIZE - 1);
}

static uint64_t page_up(uint64_t address)
{
	return page_down(address + PAGE_SIZE - 1);
}

/* What lies between the end of the file's bytes and the page's end must be zero. */
static int zero_tail(struct mm *mm, uint64_t from, uint64_t to)
{
	struct translation page;

	if (from == to)
		return 0;
	if (mm_touch(mm, from, AREA_WRITE) != MM_OK || !space_translate(&mm->space, from, &page))
		return -ENOMEM;
	phys_clear(page.phys, to - from);
	return 0;
}

static int map_segment(struct mm *mm, const struct elf_segment *segment, struct file *file)
{
	uint64_t start = page_down(segment->address), end = segment->address + segment->size;
	uint64_t file_end = segment->address + segment->file_size;
	uint64_t border = segment->file_size ? page_up(file_end) : start;
	int error = 0;

	if (border > start)
		error = mm_add(mm, start, border - start, segment->rights, file,
			page_down(segment->offset));
	if (!error && page_up(end) > border)
		error = mm_add(mm, border, page_up(end) - border, segment->rights, NULL, 0);
	if (!error && segment->file_size && segment->size > segment->file_size &&
		segment->rights & AREA_WRITE)
		error = zero_tail(mm, file_end, border < end ? border : end);
	return error;
}

static int load_image(struct exec *exec)
{
	uint8_t headers[ELF_PROGRAM_HEADERS * ELF_PROGRAM_HEADER_SIZE];
	size_t size;
	int error = elf_read_header(exec->head, exec->head_size, &exec->image);

	if (error)
		return error;
	size = exec->image.header_count * ELF_PROGRAM_HEADER_SIZE;
	if (file_read_at(exec->file, headers, size, exec->image.header_offset) != (int64_t)size)
		return -ENOEXEC;
	error = elf_read_segments(&exec->image, headers, PROGRAM_BIAS, MM_LOWEST, MM_MAP_TOP);
	if (error)
		return error;
	exec->mm = mm_create();
	if (!exec->mm)
		return -ENOMEM;
	for (unsigned i = 0; i < exec->image.segments && !error; i++)
		error = map_segment(exec->mm, &exec->image.segment[i], exec->file);
	exec->mm->brk_start = exec->mm->brk = page_up(exec->image.end);
	exec->mm->bias = exec->image.bias;
	exec->mm->executable = file_acquire(exec->file);
	return error;
}

/* The next word of a script's first line: its length, 0 at the end. */
static size_t script_word(const char *line, const char *end, const char **word, bool rest)
{
	size_t n = 0;

	while (line < end && (*line == ' ' || *line == '\t'))
		line++;
	*word = line;
	while (line + n < end && line[n] != '\n' && line[n] &&
		(rest || (line[n] != ' ' && line[n] != '\t')))
		n++;
	while (n && (line[n - 1] == ' ' || line[n - 1] == '\t'))
		n--;
	return n;
}

/* "#!interpreter argument": both go before the script's path, in place of argv[0]. */
static int use_interpreter(struct exec *exec)
{
	const char *end = exec->head + exec->head_size, *word, *argument;
	size_t n = script_word(exec->head + 2, end, &word, false);
	size_t m = script_word(word + n, end, &argument, true);
	int error;

	if (!n || word + n == end)
		return -ENOEXEC;
	error = exec_strings_drop_first(&exec->strings);
	if (!error)
		error = exec_strings_prepend(&exec->strings, exec->path, strlen(exec->path));
	if (!error && m)
		error = exec_strings_prepend(&exec->strings, argument, m);
	if (!error)
		error = exec_strings_prepend(&exec->strings, word, n);
	memcpy(exec->interpreter, word, n);
	exec->interpreter[n] = '\0';
	exec->path = exec->interpreter;
	return error;
}

static int open_file(struct exec *exec)
{
	int64_t n;
	int error = file_open_exec(exec->path, &exec->file);

	if (error)
		return error;
	n = file_read_at(exec->file, exec->head, HEAD_SIZE, 0);
	exec->head_size = n < 0 ? 0 : (size_t)n;
	return n < 0 ? (int)n : 0;
}

/* Up to memory and stack of the new program. */
static int prepare(struct exec *exec, const struct process *process)
{
	int error = open_file(exec);

	for (int level = 0;
		!error && exec->head_size > 2 && exec->head[0] == '#' && exec->head[1] == '!';
		level++) {
		if (level == SCRIPT_LEVELS)
			return -ELOOP;
		error = use_interpreter(exec);
		file_release(exec->file);
		exec->file = NULL;
		if (!error)
			error = open_file(exec);
	}
	if (!error)
		error = load_image(exec);
	if (!error)
		error = exec_stack_build(
			exec->mm, &exec->image, &exec->strings, exec->name, &process->credentials);
	return error;
}

static void take_name(struct thread *thread, const char *path)
{
	const char *name = path;

	for (const char *at = path; *at; at++) {
		if (*at == '/' && at[1])
			name = at + 1;
	}
	memset(thread->name, 0, PROCESS_NAME);
	memcpy(thread->name, name, strnlen(name, PROCESS_NAME - 1));
}

/* All registers but two are 0. One of them would be a function to be called at exit: ABI, "Process
 * Initialization". */
static void start(struct thread *thread, struct trap_frame *frame, const struct exec *exec)
{
	trap_frame_start(frame, exec->image.entry, exec->strings.stack_pointer);
	thread->tls = (struct cpu_tls){0};
	fpu_reset(thread->fpu);
	thread->process->mm = exec->mm;
	thread->clear_tid = thread->robust_list = 0;
	thread->signals.stack = thread->signals.stack_size = 0;
	take_name(thread, exec->name);
}

static void release(struct exec *exec)
{
	if (exec->file)
		file_release(exec->file);
	exec_strings_free(&exec->strings);
	pool_free(&pool, exec);
}

/* The other threads end; this one is the first from now on. False: it has to end, too. */
static bool end_others(struct thread *self)
{
	struct process *process = self->process;
	struct wait_entry entry;

	if (self->killed)
		return false;
	for (struct thread *thread = process->threads; thread; thread = thread->next) {
		if (thread != self)
			thread_kill(thread);
	}
	wait_prepare(&process->thread_events, &entry);
	while (process->thread_count > 1)
		wait_sleep_deaf();
	wait_finish(&entry);
	if (self->killed)
		return false;
	self->tid = process->pid;
	return true;
}

/* Who closes descriptors for a new program does so for himself alone. */
static int unshare_files(struct process *process)
{
	struct files *own;

	if (!files_are_shared(process->files))
		return 0;
	own = files_clone(process->files);
	if (!own)
		return -ENOMEM;
	files_drop(process->files);
	process->files = own;
	return 0;
}

static void replace(struct thread *thread, const struct exec *exec)
{
	struct process *process = thread->process;
	struct mm *old = process->mm;

	futex_leave(thread);
	start(thread, thread_frame(thread), exec);
	space_switch(&process->mm->space);
	cpu_set_tls(&thread->tls);
	fpu_restore(thread->fpu);
	mm_drop(old);
	files_close_on_exec(process->files);
	signals_reset(process->signals);
	timers_clear(process);
	process->has_execed = true;
	process_leave_vfork(process);
}

int64_t sys_execve(struct syscall_args *args)
{
	struct thread *thread = thread_current();
	struct exec *exec = exec_create();
	int64_t error;

	if (!exec)
		return -ENOMEM;
	error = user_string(exec->name, args->arg[0], sizeof(exec->name));
	if (error >= 0)
		error = exec_strings_read(&exec->strings, args->arg[1], args->arg[2]);
	if (error >= 0)
		error = prepare(exec, thread->process);
	if (error >= 0 && !end_others(thread))
		error = -EINTR;
	if (error >= 0)
		error = unshare_files(thread->process);
	if (error >= 0)
		replace(thread, exec);
	else if (exec->mm)
		mm_drop(exec->mm);
	release(exec);
	return error < 0 ? error : 0;
}

int exec_first(struct process *process, const char *const *words, unsigned count,
	const char *const *environment, unsigned environment_count)
{
	struct exec *exec = exec_create();
	size_t n;
	int error;

	if (!exec)
		return -ENOMEM;
	process->files = process->files ? process->files : files_create();
	process->fs = process->fs ? process->fs : fs_context_create();
	n = strnlen(words[0], EXEC_PATH_MAX - 1);
	memcpy(exec->name, words[0], n);
	exec->name[n] = '\0';
	error = process->files && process->fs ? 0 : -ENOMEM;
	if (!error)
		error = exec_strings_copy(
			&exec->strings, words, count, environment, environment_count);
	if (!error)
		error = prepare(exec, process);
	if (!error)
		start(process->threads, thread_start_frame(process->threads), exec);
	else if (exec->mm)
		mm_drop(exec->mm);
	release(exec);
	return error;
}
