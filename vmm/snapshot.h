/* SPDX-License-Identifier: MIT */
/*
 * snapshot.h: a stopped machine as evidence for the autopsy.
 */
#ifndef VMM_SNAPSHOT_H
#define VMM_SNAPSHOT_H

#include "autopsy/evidence.h"
#include "machine.h"

struct snapshot {
	struct evidence evidence; /* points into the rest of this structure and into the machine */
	struct cpu_state cpus[CONFIG_MAX_CPUS];
	struct evidence_region regions[BOOT_REGIONS];
	struct guest_mem pristine; /* memory as it was before the first instruction */
};

/*
 * Reads everything that is known about a machine that has ended. The evidence is valid as long as
 * machine and snapshot. False with err when KVM does not give the registers.
 */
bool snapshot_take(struct snapshot *snapshot, const struct machine *machine, struct error *err);
void snapshot_drop(struct snapshot *snapshot);

#endif
