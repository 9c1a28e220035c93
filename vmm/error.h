/* SPDX-License-Identifier: MIT */
/*
 * error.h: what went wrong, as a value: a sentence for the user and vmm's exit status. Nothing
 * below main.c prints errors or ends the process.
 */
#ifndef VMM_ERROR_H
#define VMM_ERROR_H

#include <stdbool.h>

/* vmm's own exit statuses: README.md, "Exit status". A guest's own status is 0 to 255 as well. */
enum status {
	STATUS_OK = 0,
	STATUS_USAGE = 64,
	STATUS_IMAGE = 65,
	STATUS_INPUT = 66,
	STATUS_HOST = 69,
	STATUS_BUG = 70,
	STATUS_CRASH = 80,
	STATUS_PANIC = 81,
	STATUS_KVM_GAVE_UP = 82,
	STATUS_STUCK = 83,
	STATUS_UNEXPECTED = 84,
	STATUS_TIMEOUT = 124,
	STATUS_QUIT = 130, /* as a shell has it for Ctrl-C */
};

struct error {
	enum status status;
	char text[1024];
};

/* Fills in err and returns false, so that `return error_set(...)` ends a function of type bool. The
 * text is one line: control characters, from a file's name, become '?'. */
bool error_set(struct error *err, enum status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same, followed by ": " and the text of errno. */
bool error_errno(struct error *err, enum status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
