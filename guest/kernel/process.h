/* SPDX-License-Identifier: MIT */
/*
 * process.h: processes: what one is, and how to find them.
 */
#ifndef KERNEL_PROCESS_H
#define KERNEL_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "process/limits.h"
#include "wait.h"

struct files;
struct fs_context;
struct mm;
struct posix_timer;
struct signals;
struct thread;
struct trap_frame;
struct tty;

#define PROCESS_NAME 16

struct credentials {
	uint32_t uid, euid, suid;
	uint32_t gid, egid, sgid;
};

/* Nanoseconds of CPU time. */
struct cpu_times {
	uint64_t user, system;
};

/* What a vfork's parent waits for. */
struct vfork {
	bool done;
};

struct process {
	struct process *next; /* of all, by pid */
	struct process *parent;
	struct thread *threads; /* of a zombie: the last one, dead */
	unsigned thread_count;
	int32_t pid, group, session;
	bool ending;  /* all its threads are to end; exit_status says how */
	bool zombie;  /* none is left */
	bool stopped; /* by a signal */
	struct credentials credentials;
	unsigned group_count; /* supplementary groups */
	uint32_t groups[32];

	struct mm *mm; /* NULL: a zombie */
	struct files *files;
	struct fs_context *fs;
	struct signals *signals;
	struct tty
		*terminal; /* controlling; NULL: none. The tty knows its session and foreground. */

	struct wait_queue child_events;  /* woken when a child changes state */
	struct wait_queue thread_events; /* woken when a thread ends */
	int32_t exit_status;             /* as wait4 gives it, of a zombie */
	int32_t stop_status;             /* likewise, not yet told to the parent; 0: none */
	int32_t exit_signal;             /* to the parent */
	uint64_t start_ns;
	struct cpu_times times, child_times; /* without current slices */
	bool has_execed;
	struct vfork *vfork;               /* its parent waits for it; NULL: not or no more */
	uint64_t alarm_at, alarm_interval; /* ITIMER_REAL, by time_ns(); 0: none */
	struct posix_timer *timers;
	struct limit limits[LIMITS];
	int8_t nice;
	uint8_t policy, priority; /* of scheduling: kept and told */
};

/* The process of the thread that runs. Never NULL in a system call. */
struct process *process_current(void);

/* NULL: there is none (any more). Zombies are found too. */
struct process *process_find(int32_t pid);

/* All processes in order of their pids: NULL begins; NULL at the end. Hold none across a sleep:
 * go on by pid. */
struct process *process_after(int32_t pid);

/* What it is called: its first thread's name. */
const char *process_name(const struct process *process);

/* Ends the current process with all its threads; status as wait4 gives it. */
void process_exit(int32_t status) __attribute__((noreturn));

/* Whether a process group with that number has a process in the session. */
bool process_group_exists(int32_t group, int32_t session);

/* Whether the group has nobody to continue it: no member but `leaving` (may be NULL) with a parent
 * outside of the group, in the same session. */
bool process_group_is_orphaned(int32_t group, const struct process *leaving);

/* Whether the current process may act as root or as owner `uid`. */
bool process_is_root(void);

/* Bytes of the process's command line or environment as it lies in its memory now, from `offset`:
 * bytes copied, 0 at the end and for zombies. */
size_t process_arguments(struct process *process, size_t offset, char *to, size_t n);
size_t process_environment(struct process *process, size_t offset, char *to, size_t n);

#endif
