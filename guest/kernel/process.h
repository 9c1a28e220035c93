/* SPDX-License-Identifier: MIT */
/*
 * process.h: processes: what one is, and how to find them.
 */
#ifndef KERNEL_PROCESS_H
#define KERNEL_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch_cpu.h"
#include "process/limits.h"
#include "wait.h"

struct files;
struct fs_context;
struct mm;
struct posix_timer;
struct signals;
struct trap_frame;
struct tty;

#define PROCESS_NAME 16

enum process_state {
	PROCESS_RUNNABLE,
	PROCESS_SLEEPING,      /* until a signal, too */
	PROCESS_SLEEPING_DEAF, /* no signal wakes it */
	PROCESS_STOPPED,
	PROCESS_ZOMBIE,
};

struct credentials {
	uint32_t uid, euid, suid;
	uint32_t gid, egid, sgid;
};

/* Nanoseconds of CPU time. */
struct cpu_times {
	uint64_t user, system;
};

struct process {
	struct process *next; /* of all, by pid */
	struct process *parent;
	struct process *run_next; /* in the queue of those that can run */
	int32_t pid, group, session;
	enum process_state state;
	char name[PROCESS_NAME]; /* NUL-terminated */
	struct credentials credentials;
	unsigned group_count; /* supplementary groups */
	uint32_t groups[32];

	struct mm *mm; /* NULL: a zombie */
	struct files *files;
	struct fs_context *fs;
	struct signals *signals;
	struct tty
		*terminal; /* controlling; NULL: none. The tty knows its session and foreground. */

	/* Of the scheduler (process/schedule.c). */
	uintptr_t stack;         /* lowest address of the kernel stack */
	uintptr_t stack_pointer; /* while it does not run */
	struct cpu_tls tls;
	uint8_t *fpu; /* x87 and SSE registers while it does not run */
	bool woken;
	bool attention;        /* something is to be done before the program goes on */
	bool wants_reschedule; /* its time is over */
	uint64_t sleep_until;  /* WAIT_FOREVER: no timeout */
	uint64_t run_start;    /* since when it runs */

	struct wait_queue child_events; /* woken when a child changes state */
	int32_t exit_status;            /* as wait4 gives it, of a zombie */
	int32_t stop_status;            /* likewise, not yet told to the parent; 0: none */
	int32_t exit_signal;            /* to the parent */
	uint64_t start_ns;
	struct cpu_times times, child_times;
	bool has_execed;
	bool vfork_done;    /* of a vfork's child: the parent need not wait any more */
	bool reap_itself;   /* nobody waits for it */
	uint64_t clear_tid; /* where to write 0 at the end; 0: nowhere */
	uint64_t alarm_at, alarm_interval; /* ITIMER_REAL, by time_ns(); 0: none */
	struct posix_timer *timers;
	struct limit limits[LIMITS];
	uint64_t restart_until; /* what restart_syscall goes on waiting for */
	uint64_t restart_left;  /* where it writes the time left; 0: nowhere */
	int8_t nice;
};

/* The one that runs. Never NULL in a system call. */
struct process *process_current(void);

/* NULL: there is none (any more). Zombies are found too. */
struct process *process_find(int32_t pid);

/* All processes in order of their pids: NULL begins; NULL at the end. Hold none across a sleep:
 * go on by pid. */
struct process *process_after(int32_t pid);

/* Ends the current process; status as wait4 gives it. */
void process_exit(int32_t status) __attribute__((noreturn));

/* Whether a process group with that number has a process in the session. */
bool process_group_exists(int32_t group, int32_t session);

/* Whether the current process may act as root or as owner `uid`. */
bool process_is_root(void);

/* Bytes of the process's command line or environment as it lies in its memory now, from `offset`:
 * bytes copied, 0 at the end and for zombies. */
size_t process_arguments(struct process *process, size_t offset, char *to, size_t n);
size_t process_environment(struct process *process, size_t offset, char *to, size_t n);

#endif
