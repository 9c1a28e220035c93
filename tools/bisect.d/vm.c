/* SPDX-License-Identifier: MIT */
/*
 * vm.c: building a machine for an image, and rewinding it for the next.
 */
#define _GNU_SOURCE /* memfd_create() */
#include "vm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "checkpoint.h"
#include "machine.h"
#include "shape.h"
#include "status.h"

struct vm {
	const struct kvm *kvm;
	struct config config; /* the user's, with the image's path */
	char path[32];
	int fd; /* holds the image that the machine was built for; -1: none */
	struct image image;
	struct machine machine;
	struct checkpoint checkpoint;
	bool built;      /* machine and image exist */
	bool can_rewind; /* checkpoint exists */
	bool used;       /* the machine has run since it was built or rewound */
	unsigned builds;
	struct content shape; /* the headers that it was built for */
	size_t size;          /* of that image */
};

struct vm *vm_create(const struct kvm *kvm, const struct config *config)
{
	struct vm *vm = calloc(1, sizeof(*vm));

	if (!vm)
		return NULL;
	vm->kvm = kvm;
	vm->config = *config;
	vm->config.image = vm->path;
	vm->fd = -1;
	return vm;
}

static void tear_down(struct vm *vm)
{
	if (vm->can_rewind)
		checkpoint_destroy(&vm->checkpoint);
	if (vm->built) {
		machine_destroy(&vm->machine);
		image_close(&vm->image);
	}
	if (vm->fd >= 0)
		close(vm->fd);
	content_free(&vm->shape);
	vm->fd = -1;
	vm->built = vm->can_rewind = false;
}

void vm_destroy(struct vm *vm)
{
	if (!vm)
		return;
	tear_down(vm);
	free(vm);
}

unsigned vm_built(const struct vm *vm)
{
	return vm->builds;
}

static bool hold_file(struct vm *vm, const struct content *content, struct error *err)
{
	vm->fd = memfd_create("bisect", MFD_CLOEXEC);
	if (vm->fd < 0)
		return error_errno(err, STATUS_HOST, "memfd_create");
	snprintf(vm->path, sizeof(vm->path), "/proc/self/fd/%d", vm->fd);
	return content_write(content, vm->path, 0600, err);
}

static bool build(struct vm *vm, const struct content *content, struct error *err)
{
	if (!hold_file(vm, content, err) || !image_open(&vm->image, &vm->config, err))
		return false;
	if (!machine_create(&vm->machine, vm->kvm, &vm->config, &vm->image, MACHINE_SILENT, err)) {
		image_close(&vm->image);
		return false;
	}
	vm->built = true;
	vm->builds++;
	vm->size = content->size;
	vm->used = false;
	vm->machine.input.closed = true;
	/* A checkpoint knows of one vCPU; machines with more are built anew for every try. */
	if (vm->config.cpus > 1)
		return true;
	vm->can_rewind = checkpoint_create(&vm->checkpoint, &vm->machine, err);
	return vm->can_rewind;
}

/* Back to the state before the first instruction, whatever the last run has left behind. */
static bool rewind_machine(struct vm *vm, struct error *err)
{
	struct machine *machine = &vm->machine;
	struct console *console = &machine->console;
	struct vcpu *vcpu = &machine->vcpus[0];

	if (!vm->used)
		return true;
	if (!checkpoint_restore(&vm->checkpoint, machine, err))
		return false;
	console->used = console->line_used = 0;
	console->total = 0;
	console->matched = false;
	machine->exits = (struct exit_log){0};
	machine->profile = (struct profile){0};
	machine->looks = 0;
	vcpu->watch = (struct vcpu_watch){0};
	vm->used = false;
	return true;
}

/* Only what differs is written: pages that stay the same stay untouched in the guest. */
static void exchange(const struct vm *vm, uint64_t gpa, const uint8_t *from, uint64_t size)
{
	while (size) {
		uint64_t n = 4096 - gpa % 4096 < size ? 4096 - gpa % 4096 : size;
		uint8_t *saved = memory_at(&vm->checkpoint.memory, gpa, n);
		uint8_t *live = memory_at(&vm->machine.mem, gpa, n);

		if (saved && live && memcmp(saved, from, n)) {
			memcpy(saved, from, n);
			memcpy(live, from, n);
		}
		gpa += n;
		from += n;
		size -= n;
	}
}

static void load(const struct vm *vm, const struct content *content)
{
	for (unsigned i = 0; i < vm->image.segment_count; i++) {
		const struct image_segment *segment = &vm->image.segments[i];

		exchange(vm, segment->gpa, content->bytes + segment->offset, segment->file_size);
	}
}

static bool prepare(struct vm *vm, const struct content *content, struct error *err)
{
	struct content shape;
	bool same;

	if (!shape_copy(&shape, content, err))
		return false;
	same = vm->can_rewind && vm->size == content->size && content_equal(&shape, &vm->shape);
	if (same) {
		content_free(&shape);
		if (!rewind_machine(vm, err))
			return false;
		load(vm, content);
		return true;
	}
	tear_down(vm);
	vm->shape = shape;
	return build(vm, content, err);
}

static const struct {
	int status;
	const char *text;
} deaths[] = {
	[DEATH_SHUTDOWN] = {STATUS_CRASH, "triple fault"},
	[DEATH_BOOT_EXCEPTION] = {STATUS_CRASH, "exception before an IDT was loaded"},
	[DEATH_PANIC] = {STATUS_PANIC, "panic"},
	[DEATH_KVM_INTERNAL] = {STATUS_KVM_GAVE_UP, "KVM gave up (internal error)"},
	[DEATH_FAIL_ENTRY] = {STATUS_KVM_GAVE_UP, "KVM gave up (failed entry)"},
	[DEATH_UNKNOWN_EXIT] = {STATUS_KVM_GAVE_UP, "KVM gave up (unknown exit)"},
	[DEATH_STUCK] = {STATUS_STUCK, "hang: it can never run again"},
	[DEATH_TIMEOUT] = {STATUS_TIMEOUT, "hang: stopped at the timeout"},
};

/* By default any death is bad; with --expect what counts is the line alone. */
static void judge(const struct vm *vm, struct trial *trial)
{
	const struct machine *machine = &vm->machine;
	const struct outcome *outcome = &machine->outcome;
	bool matched = outcome->expected || machine->console.matched;

	trial->death = matched ? DEATH_NONE : outcome->death;
	trial->status = matched ? STATUS_OK : machine->power.status;
	if (matched)
		snprintf(trial->why, sizeof(trial->why), "a line matches --expect");
	else if (outcome->death)
		snprintf(trial->why, sizeof(trial->why), "%s", deaths[outcome->death].text);
	else if (vm->config.expect)
		snprintf(trial->why, sizeof(trial->why), "it ended without a line for --expect");
	else
		snprintf(trial->why, sizeof(trial->why), "it ended by itself with status %d",
			machine->power.status);
	if (!matched && outcome->death)
		trial->status = deaths[outcome->death].status;
	else if (!matched && vm->config.expect)
		trial->status = STATUS_UNEXPECTED;
	trial->verdict = vm->config.expect ? (matched ? VERDICT_GOOD : VERDICT_BAD)
	                                   : (outcome->death ? VERDICT_BAD : VERDICT_GOOD);
}

bool vm_try(struct vm *vm, const struct content *content, double timeout, struct trial *trial,
	struct error *err)
{
	double start = machine_now();

	*trial = (struct trial){.verdict = VERDICT_SKIP};
	vm->config.timeout = timeout;
	if (!prepare(vm, content, err)) {
		tear_down(vm);
		trial->status = err->status;
		snprintf(trial->why, sizeof(trial->why), "%.150s", err->text);
		return err->status == STATUS_IMAGE;
	}
	vm->used = true;
	machine_run(&vm->machine);
	trial->seconds = machine_now() - start;
	if (vm->machine.outcome.failed) {
		*err = vm->machine.outcome.error;
		return false;
	}
	if (vm->machine.outcome.quit)
		return error_set(err, STATUS_INTERRUPTED, "interrupted");
	judge(vm, trial);
	return true;
}

void vm_stop(struct vm *vm)
{
	__atomic_store_n(&vm->machine.quit, true, __ATOMIC_RELEASE);
}
