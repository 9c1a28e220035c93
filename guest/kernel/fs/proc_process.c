/* SPDX-License-Identifier: MIT */
/*
 * proc_process.c: what /proc tells of one process: proc(5).
 */
#include "errno.h"
#include "fs/descriptors.h"
#include "fs/proc.h"
#include "memory.h"
#include "mm.h"
#include "process.h"
#include "process/schedule.h"
#include "thread.h"

#define NS_PER_TICK 10000000ull
#define PATH_SIZE   512
#define KIB_SHIFT   10

/* Begins with the state's letter. */
static const char *state_name(const struct process *process)
{
	static const char *const names[] = {
		[THREAD_RUNNABLE] = "R (running)",
		[THREAD_SLEEPING] = "S (sleeping)",
		[THREAD_SLEEPING_DEAF] = "D (disk sleep)",
		[THREAD_STOPPED] = "T (stopped)",
		[THREAD_DEAD] = "Z (zombie)",
	};

	return names[process->stopped ? THREAD_STOPPED : process->threads->state];
}

static uint64_t virtual_bytes(const struct process *process)
{
	return process->mm ? process->mm->areas.pages * PAGE_SIZE : 0;
}

static uint64_t resident_pages(const struct process *process)
{
	return process->mm ? process->mm->resident : 0;
}

/* Strings, each with its NUL. */
static void show_strings(struct proc_text *text, struct process *process,
	size_t (*get)(struct process *process, size_t offset, char *to, size_t n))
{
	char piece[256];
	size_t offset = 0, n;

	while ((n = get(process, offset, piece, sizeof(piece))) > 0) {
		proc_bytes(text, piece, n);
		offset += n;
	}
}

static void show_arguments(struct proc_text *text, struct process *process)
{
	show_strings(text, process, process_arguments);
}

static void show_environment(struct proc_text *text, struct process *process)
{
	show_strings(text, process, process_environment);
}

static void show_name(struct proc_text *text, struct process *process)
{
	proc_print(text, "%s\n", process_name(process));
}

static void show_stat(struct proc_text *text, struct process *process)
{
	const struct cpu_times *times = &process->times, *children = &process->child_times;

	proc_print(text, "%d (%s) %c %d %d %d %d %d 0 0 0 0 0 ", process->pid,
		process_name(process), state_name(process)[0],
		process->parent ? process->parent->pid : 0, process->group, process->session,
		process->terminal ? 5 << 8 | 1 : 0,
		process->terminal ? terminal_foreground(process->terminal) : -1);
	proc_print(text, "%llu %llu %llu %llu 20 %d %u 0 %llu %llu %llu ",
		(unsigned long long)(schedule_cpu_ns(process) / NS_PER_TICK),
		(unsigned long long)(times->system / NS_PER_TICK),
		(unsigned long long)(children->user / NS_PER_TICK),
		(unsigned long long)(children->system / NS_PER_TICK), process->nice,
		process->thread_count, (unsigned long long)(process->start_ns / NS_PER_TICK),
		(unsigned long long)virtual_bytes(process),
		(unsigned long long)resident_pages(process));
	proc_print(text, "18446744073709551615 0 0 0 0 0 %llu %llu 0 0 0 0 0 %d 0 0 0 0 0 0\n",
		(unsigned long long)process->signals->queue.pending,
		(unsigned long long)process->threads->signals.blocked, process->exit_signal);
}

static void show_sizes(struct proc_text *text, struct process *process)
{
	unsigned long long pages = virtual_bytes(process) / PAGE_SIZE;

	proc_print(text, "%llu %llu 0 0 0 %llu 0\n", pages,
		(unsigned long long)resident_pages(process), pages);
}

static void show_signals(struct proc_text *text, const struct process *process)
{
	const struct thread_signals *thread = &process->threads->signals;
	const struct signals *signals = process->signals;
	uint64_t ignored = 0, caught = 0;

	for (int i = 0; i < SIGNALS; i++) {
		if (signals->actions[i].handler == SIGNAL_IGNORE)
			ignored |= 1ull << i;
		else if (signals->actions[i].handler != SIGNAL_DEFAULT)
			caught |= 1ull << i;
	}
	proc_print(text, "SigPnd:\t%016llx\nShdPnd:\t%016llx\nSigBlk:\t%016llx\n",
		(unsigned long long)thread->queue.pending,
		(unsigned long long)signals->queue.pending, (unsigned long long)thread->blocked);
	proc_print(text, "SigIgn:\t%016llx\nSigCgt:\t%016llx\n", (unsigned long long)ignored,
		(unsigned long long)caught);
}

static void show_status(struct proc_text *text, struct process *process)
{
	const struct credentials *ids = &process->credentials;

	proc_print(text, "Name:\t%s\nState:\t%s\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n",
		process_name(process), state_name(process), process->pid, process->pid,
		process->parent ? process->parent->pid : 0);
	proc_print(text, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n", ids->uid, ids->euid,
		ids->suid, ids->euid, ids->gid, ids->egid, ids->sgid, ids->egid);
	if (process->mm)
		proc_print(text, "VmSize:\t%8llu kB\nVmRSS:\t%8llu kB\n",
			(unsigned long long)virtual_bytes(process) >> KIB_SHIFT,
			(unsigned long long)resident_pages(process) * PAGE_SIZE >> KIB_SHIFT);
	proc_print(text, "Threads:\t%u\n", process->thread_count);
	show_signals(text, process);
}

static void show_area(struct proc_text *text, const struct mm *mm, const struct area *area)
{
	char path[PATH_SIZE] = "";
	const char *name = path;
	const struct inode *inode = NULL;

	if (area->file) {
		file_path(area->file, path, sizeof(path));
		inode = area->file->inode;
	} else if (area->flags & AREA_STACK) {
		name = "[stack]";
	} else if (area->flags & AREA_HEAP) {
		name = "[heap]";
	}
	proc_print(text, "%08llx-%08llx %c%c%c%c %08llx 00:%02x %llu%s%s\n",
		(unsigned long long)area->start, (unsigned long long)area->end,
		area->flags & AREA_READ ? 'r' : '-', area->flags & AREA_WRITE ? 'w' : '-',
		area->flags & AREA_EXEC ? 'x' : '-', area->flags & AREA_SHARED ? 's' : 'p',
		(unsigned long long)area->offset, inode ? inode->dev : 0,
		(unsigned long long)(inode ? inode->number : 0), *name ? " " : "", name);
}

static void show_maps(struct proc_text *text, struct process *process)
{
	const struct mm *mm = process->mm;

	for (const struct area *area = mm ? mm->areas.first : NULL; area; area = area->next)
		show_area(text, mm, area);
}

static void show_zero(struct proc_text *text, struct process *process)
{
	proc_print(text, "0\n");
}

static struct dentry *hold(struct dentry *dentry)
{
	dentry_get(dentry);
	return dentry;
}

static struct dentry *follow_cwd(struct process *process, unsigned fd)
{
	return process->fs ? hold(process->fs->cwd) : NULL;
}

static struct dentry *follow_root(struct process *process, unsigned fd)
{
	return process->fs ? hold(process->fs->root) : NULL;
}

static struct dentry *follow_executable(struct process *process, unsigned fd)
{
	const struct mm *mm = process->mm;

	return mm && mm->executable ? hold(mm->executable->dentry) : NULL;
}

const struct proc_node proc_process_nodes[] = {
	{"cmdline", MODE_REGULAR | 0444, show_arguments, NULL, NULL, false},
	{"comm", MODE_REGULAR | 0444, show_name, NULL, NULL, false},
	{"cwd", MODE_SYMLINK | 0777, NULL, follow_cwd, NULL, false},
	{"environ", MODE_REGULAR | 0400, show_environment, NULL, NULL, false},
	{"exe", MODE_SYMLINK | 0777, NULL, follow_executable, NULL, false},
	{"fd", MODE_DIR | 0500, NULL, NULL, NULL, false},
	{"maps", MODE_REGULAR | 0444, show_maps, NULL, NULL, false},
	{"mounts", MODE_REGULAR | 0444, proc_show_mounts, NULL, NULL, false},
	{"oom_score_adj", MODE_REGULAR | 0444, show_zero, NULL, NULL, false},
	{"root", MODE_SYMLINK | 0777, NULL, follow_root, NULL, false},
	{"stat", MODE_REGULAR | 0444, show_stat, NULL, NULL, false},
	{"statm", MODE_REGULAR | 0444, show_sizes, NULL, NULL, false},
	{"status", MODE_REGULAR | 0444, show_status, NULL, NULL, false},
	{"task", MODE_DIR | 0555, NULL, NULL, NULL, true},
};

const unsigned proc_process_count = sizeof(proc_process_nodes) / sizeof(proc_process_nodes[0]);
