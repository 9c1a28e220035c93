/* SPDX-License-Identifier: MIT */
/*
 * terminal.h: a terminal in raw mode, and back again whatever happens to vmm.
 */
#ifndef VMM_TERMINAL_H
#define VMM_TERMINAL_H

#include <stdbool.h>

/*
 * Takes the terminal at fd: it goes raw as soon as it is ours (this process is in the foreground),
 * and gets its settings back in terminal_leave(), and before a signal ends or stops vmm. After a
 * stop one word is written to wake, an eventfd, so that whoever reads calls terminal_ready() again.
 * One terminal at a time; false when fd is none.
 */
bool terminal_enter(int fd, int wake);

/* True when the terminal may be read: this process is in the foreground. Makes it raw when it is
 * not. */
bool terminal_ready(void);

/* Gives terminal and signals back as they were. Does nothing when no terminal was taken. */
void terminal_leave(void);

/* Ends vmm as SIGPIPE ends any other filter, for when that signal is ignored and a write gave EPIPE
 * instead. */
_Noreturn void terminal_die_of_pipe(void);

/* Opens /dev/null in place of a closed stdin, stdout or stderr, so that no other file gets its
 * number. To be called before any file is opened. */
void terminal_fill_standard_files(void);

#endif
