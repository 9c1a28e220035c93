/* SPDX-License-Identifier: MIT */
/*
 * exit.h: what to do when KVM_RUN returns: a table from KVM_EXIT_* to a handler. Handlers say how
 * to go on; only the vCPU loop acts on it.
 */
#ifndef VMM_EXIT_H
#define VMM_EXIT_H

#include <stdbool.h>
#include <stdint.h>

#include "vcpu.h"

enum exit_action {
	EXIT_RESUME,
	EXIT_DONE, /* machine->outcome is set */
};

/* Handles the exit that vcpu->run describes. The machine's lock is held. */
enum exit_action exit_handle(struct vcpu *vcpu);

/* Ends the machine, and says true, when a line has matched --expect or stdout takes no more. The
 * machine's lock is held. */
bool exit_check_console(struct vcpu *vcpu);

/* Takes what coalesced port writes KVM has kept. The machine's lock is held. */
void exit_drain_coalesced(struct machine *machine);

/* Name of a KVM_EXIT_* without that prefix; "unknown" for numbers that have none. A literal. */
const char *exit_name(uint32_t reason);

#endif
