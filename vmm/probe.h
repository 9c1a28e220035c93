/* SPDX-License-Identifier: MIT */
/*
 * probe.h: trying out on the vCPU itself what this host's KVM can do, so that a kernel need not
 * guess.
 */
#ifndef VMM_PROBE_H
#define VMM_PROBE_H

#include "machine.h"

/* Offsets of the probes' code in the page of trap stubs; boot.c puts it there. */
#define PROBE_INT3          0x200
#define PROBE_SYSRET        0x210
#define PROBE_SYSRET_TARGET 0x220

/*
 * Whether this KVM runs the image's boot environment: tried with the boot structures in memory, on
 * the first vCPU, before the guest starts. STATUS_HOST and a sentence when not. The vCPU's state
 * afterwards is to be set anew.
 */
bool probe_mode(struct machine *machine, struct error *err);

/*
 * Runs a few instructions of long mode on the first vCPU, whose boot structures are in memory.
 * Returns VMM_HOST_* flags; 0 for other boot environments. The vCPU's state afterwards is to be set
 * anew.
 */
uint32_t probe_host(struct machine *machine);

#endif
