/* SPDX-License-Identifier: MIT */
/*
 * vm.h: one virtual machine that is used again and again: before each try, registers, devices and
 * the pages that the last try has written go back to what they were, and the pages in which the new
 * image differs from the last are exchanged.
 */
#ifndef BISECT_VM_H
#define BISECT_VM_H

#include <stdbool.h>

#include "autopsy/evidence.h"
#include "config.h"
#include "content.h"
#include "kvm.h"

/* SKIP: cannot be judged. */
enum verdict { VERDICT_GOOD, VERDICT_BAD, VERDICT_SKIP };

struct trial {
	enum verdict verdict;
	enum death death; /* DEATH_NONE: it ended by itself, or a line matched */
	int status;       /* vmm's exit status for this end */
	double seconds;
	char why[160]; /* the end in words */
};

struct vm;

/* kvm and config must outlive it. NULL when memory is short. The calling thread is the one that
 * makes the tries; its signals were blocked by run_block_signals(). */
struct vm *vm_create(const struct kvm *kvm, const struct config *config);
void vm_destroy(struct vm *vm);

/* Runs the image until the first decisive sign. timeout in seconds. An image that vmm refuses is a
 * trial with VERDICT_SKIP; false only when the host fails. */
bool vm_try(struct vm *vm, const struct content *content, double timeout, struct trial *trial,
	struct error *err);

/* Ends the try that is at work, from another thread: vm_try() gives STATUS_INTERRUPTED. For good:
 * no other try may follow. Called just before a try begins it may go by unnoticed. */
void vm_stop(struct vm *vm);

/* Runs so far that needed a machine of their own to be built. */
unsigned vm_built(const struct vm *vm);

#endif
