/* SPDX-License-Identifier: MIT */
/*
 * exec.h: programs take the place of others.
 */
#ifndef PROCESS_EXEC_H
#define PROCESS_EXEC_H

struct process;

/* Loads the first program into a process that does not run yet: 0 or a negated errno. words[0] is
 * its path. */
int exec_first(struct process *process, const char *const *words, unsigned count,
	const char *const *environment, unsigned environment_count);

#endif
