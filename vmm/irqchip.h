/* SPDX-License-Identifier: MIT */
/*
 * irqchip.h: the interrupt controllers in the kernel, and the wire from a device to them.
 */
#ifndef VMM_IRQCHIP_H
#define VMM_IRQCHIP_H

#include "irq.h"
#include "machine.h"

/* Creates what machine->irqchip says: api.rst, 4.24 "KVM_CREATE_IRQCHIP", 4.71 "KVM_CREATE_PIT2",
 * 7.5 "KVM_CAP_SPLIT_IRQCHIP". */
bool irqchip_create(struct machine *machine, struct error *err);

/*
 * ISA interrupt `irq` of the machine. Full irqchip: a wire to PIC and IOAPIC. Split: there is no
 * such chip, the rising edge is delivered as vector 0x20 + irq to the first vCPU's local APIC.
 * None: nothing happens.
 */
struct irq_line irqchip_line(struct machine *machine, unsigned irq);

/* Whether the guest has set up PIC or IOAPIC and let ISA interrupt `irq`, 0 to 7, through. Split
 * and none: false, as nobody can know. */
bool irqchip_passes(const struct machine *machine, unsigned irq);

/* Fills in the evidence's PIC and APIC states. */
void irqchip_evidence(const struct machine *machine, struct evidence *evidence);

#endif
