/* SPDX-License-Identifier: MIT */
/*
 * machine.h: one virtual machine: memory, boot structures, devices, vCPUs. machine_create() reads
 * as its list of parts.
 */
#ifndef VMM_MACHINE_H
#define VMM_MACHINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "boot.h"
#include "bus.h"
#include "config.h"
#include "console.h"
#include "devices.h"
#include "exit_log.h"
#include "image.h"
#include "input.h"
#include "kvm.h"
#include "memory.h"
#include "power.h"
#include "profile.h"
#include "replay.h"
#include "slots.h"
#include "trace.h"
#include "vcpu.h"
#include "watch.h"

struct watchlist;

/* How a run ended. */
struct outcome {
	enum death death; /* DEATH_NONE: the guest ended by itself, or vmm was told to stop */
	enum stuck stuck;
	unsigned vcpu; /* the one that ended it */
	bool expected; /* a line matched --expect */
	bool quit;     /* the user asked vmm to stop */
	bool failed;   /* vmm or KVM failed: error tells */
	struct error error;
};

struct machine {
	const struct config *config;
	const struct image *image;
	const struct kvm *kvm;
	int fd;
	struct guest_mem mem;
	struct slots slots; /* how KVM sees mem */
	struct boot_params boot_params;
	struct boot boot;
	uint32_t irqchip; /* VMM_IRQCHIP_* that it has */
	struct bus pio, mmio;
	struct console console;
	struct input input;
	struct power power;
	struct devices devices;
	struct vcpu *vcpus;
	unsigned vcpu_count;
	struct vcpu *current;                      /* whose exit is being handled */
	struct kvm_coalesced_mmio_ring *coalesced; /* NULL until console output is worth it */
	struct exit_log exits;
	struct profile profile;
	struct replay replay; /* the input so far */
	struct trace trace;
	struct watch *watch;         /* NULL: nothing is watched */
	struct watchlist *watchlist; /* of --watch; NULL without it */
	/* Guards everything above that exits and the reader of stdin change. */
	pthread_mutex_t lock;
	unsigned looks; /* ticks at which the watchdog has looked */
	bool quit;      /* the user has asked vmm to stop: set without the lock */
	bool paused;    /* no vCPU enters KVM_RUN */
	bool ended;     /* outcome is set; every vCPU leaves its loop */
	struct outcome outcome;
	double started; /* CLOCK_MONOTONIC seconds at the first KVM_RUN */
};

/* Where the guest's output goes. */
enum machine_output { MACHINE_STDOUT, MACHINE_SILENT };

/*
 * Builds a machine ready to run: image loaded, boot structures written, first vCPU at its entry.
 * config, image and kvm must outlive it. On failure there is nothing to destroy.
 */
bool machine_create(struct machine *machine, const struct kvm *kvm, const struct config *config,
	const struct image *image, enum machine_output output, struct error *err);
void machine_destroy(struct machine *machine);

/* The first step of it: an empty virtual machine for machine->kvm, in machine->fd. */
bool machine_create_vm(struct machine *machine, struct error *err);

/* Writes boot structures, image and initrd to mem, as machine_create() did to the machine's own
 * memory. */
bool machine_fill_memory(
	const struct machine *machine, const struct guest_mem *mem, struct error *err);

/* Runs until the guest ends, dies or is stopped; machine->outcome tells which. Call once. */
void machine_run(struct machine *machine);

/* Ends the run from any thread; the first call counts. The lock is held by the caller. */
void machine_end(struct machine *machine, const struct outcome *outcome);

/* Makes every vCPU leave KVM_RUN to look at machine->ended. */
void machine_kick(struct machine *machine);

/* Whether the run has taken as long as --timeout allows. */
bool machine_timed_out(const struct machine *machine);

/* Ends the run because vmm or KVM failed. The lock is held. */
void machine_fail(struct machine *machine, const struct vcpu *vcpu, const struct error *err);

/* Brings every vCPU but this one out of KVM_RUN and keeps it out until machine_resume_others(). The
 * lock is held in between. */
void machine_pause_others(struct machine *machine, const struct vcpu *vcpu);
void machine_resume_others(struct machine *machine);

/* Seconds of CLOCK_MONOTONIC. */
double machine_now(void);

#endif
