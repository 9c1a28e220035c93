/* SPDX-License-Identifier: MIT */
/*
 * tester.h: one who tries images: in a virtual machine of its own, or by the user's command.
 */
#ifndef BISECT_TESTER_H
#define BISECT_TESTER_H

#include "command.h"
#include "vm.h"

struct tester {
	struct vm *vm;       /* NULL: by command */
	const char *command; /* git-bisect's statuses: 0 good, 125 skip, others up to 124 bad */
	char *path;          /* where the image goes for the command; owned */
	struct command_stop stop; /* when the command is to end at once */
};

/* command NULL: a VM. folder: for the file that the command gets; number tells testers apart. */
bool tester_create(struct tester *tester, const struct kvm *kvm, const struct config *config,
	const char *command, const char *folder, unsigned number, const struct command_stop *stop,
	struct error *err);
void tester_destroy(struct tester *tester);

/* Ends the try that is at work, from another thread: it gives STATUS_INTERRUPTED. */
void tester_stop(struct tester *tester);

/* As vm_try(). */
bool tester_try(struct tester *tester, const struct content *content, double timeout,
	struct trial *trial, struct error *err);

#endif
