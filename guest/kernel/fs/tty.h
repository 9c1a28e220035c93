/* SPDX-License-Identifier: MIT */
/*
 * tty.h: the one terminal: the console. Output goes to the kernel's console, input comes from the
 * serial port.
 */
#ifndef FS_TTY_H
#define FS_TTY_H

#include "fs/vfs.h"

extern const struct file_ops tty_ops;

/* Makes it ready and listens to the serial port. */
void tty_start(void);

/* A byte has come in. Callable from interrupt handlers, as the next two. */
void tty_input(uint8_t byte);

/* Whether another byte would be kept. */
bool tty_has_room(void);

/* The other side has gone: after what is there already, reading finds the end. */
void tty_hang_up(void);

/* What a machine gives: begins to call tty_input(); goes on after there was no room. */
void tty_line_open(void);
void tty_line_continue(void);

#endif
