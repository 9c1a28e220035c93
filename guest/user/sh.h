/* SPDX-License-Identifier: MIT */
/*
 * sh.h: between the parts of the small shell.
 */
#ifndef SH_H
#define SH_H

#include <stdbool.h>
#include <sys/types.h>

struct shell {
	int status; /* of the last command */
	pid_t pid;
	char **numbered; /* $0, $1, ... */
	int numbered_count;
};

/* Commands as text, and how far they have been read. */
struct input {
	const char *at;
};

/* Goes on to what is neither a blank nor a comment. */
void sh_skip_blanks(struct input *input);

/* Whether `operator` comes next; then it is taken. */
bool sh_take(struct input *input, const char *operator);

/* The next word with its quotes and variables replaced, to be freed; NULL: there is none. */
char *sh_take_word(const struct shell *shell, struct input *input);

/* All that can be read, to be freed. */
char *sh_read_all(int fd);

struct builtin {
	const char *name;
	/* `last`: status of the command before. Returns the status. */
	int (*run)(int argc, char **argv, int last);
	bool here; /* changes the shell itself: not in a process of its own */
};

/* NULL: there is no such command. */
const struct builtin *builtin_find(const char *name);

#endif
