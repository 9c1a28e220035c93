/* SPDX-License-Identifier: MIT */
/*
 * exec_stack.h: arguments and environment of a program, and the stack that it starts with.
 */
#ifndef PROCESS_EXEC_STACK_H
#define PROCESS_EXEC_STACK_H

#include <stddef.h>
#include <stdint.h>

struct credentials;
struct elf_image;
struct mm;

#define EXEC_PATH_MAX 4096

/* Strings of argv, then of envp, each with its NUL, at buffer + start. */
struct exec_strings {
	char *buffer;
	size_t start, end, size;
	unsigned arguments, environment;
	uint64_t stack_pointer; /* what the program starts with, from exec_stack_build() */
};

/* Fetches both lists from the current process: 0, -EFAULT, -E2BIG, -ENOMEM. */
int exec_strings_read(struct exec_strings *strings, uintptr_t argv, uintptr_t envp);

/* The same from the kernel's memory. */
int exec_strings_copy(struct exec_strings *strings, const char *const *arguments, unsigned count,
	const char *const *environment, unsigned environment_count);

/* Changes the arguments' beginning: 0 or -E2BIG. */
int exec_strings_drop_first(struct exec_strings *strings);
int exec_strings_prepend(struct exec_strings *strings, const char *text, size_t length);

void exec_strings_free(struct exec_strings *strings);

/* Makes the stack area of `mm` with all of it: 0 or a negated errno. */
int exec_stack_build(struct mm *mm, const struct elf_image *image, struct exec_strings *strings,
	const char *path, const struct credentials *credentials);

#endif
