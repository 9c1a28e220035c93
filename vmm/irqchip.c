/* SPDX-License-Identifier: MIT */
/*
 * irqchip.c: PIC, PIT, IOAPIC and local APICs are KVM's own; this file only creates, wires and
 * reads them.
 */
#include "irqchip.h"

#include <string.h>

#define IOAPIC_PINS   24
#define SPLIT_VECTOR0 0x20
#define MSI_ADDRESS \
	0xfee00000u /* SDM vol. 3, 10.11.1 "Message Address Register Format": APIC ID 0 */

static bool create_full(struct machine *machine, struct error *err)
{
	struct kvm_pit_config pit = {.flags = KVM_PIT_SPEAKER_DUMMY};

	return kvm_ioctl(machine->fd, KVM_CREATE_IRQCHIP, 0, err) >= 0 &&
	       kvm_ioctl(machine->fd, KVM_CREATE_PIT2, &pit, err) >= 0;
}

static bool create_split(struct machine *machine, struct error *err)
{
	struct kvm_enable_cap cap = {.cap = KVM_CAP_SPLIT_IRQCHIP, .args[0] = IOAPIC_PINS};

	return kvm_ioctl(machine->fd, KVM_ENABLE_CAP, &cap, err) >= 0;
}

bool irqchip_create(struct machine *machine, struct error *err)
{
	switch (machine->irqchip) {
	case VMM_IRQCHIP_FULL:
		return create_full(machine, err);
	case VMM_IRQCHIP_SPLIT:
		return create_split(machine, err);
	default:
		return true;
	}
}

static void set_full(void *ctx, unsigned irq, bool level)
{
	struct machine *machine = ctx;
	struct kvm_irq_level request = {.irq = irq, .level = level};

	trace_irq(&machine->trace, irq, level);
	ioctl(machine->fd, KVM_IRQ_LINE, &request);
}

static void set_split(void *ctx, unsigned irq, bool level)
{
	struct machine *machine = ctx;
	struct kvm_msi msi = {.address_lo = MSI_ADDRESS, .data = SPLIT_VECTOR0 + irq};

	trace_irq(&machine->trace, irq, level);
	if (level)
		ioctl(machine->fd, KVM_SIGNAL_MSI, &msi);
}

static void set_none(void *ctx, unsigned irq, bool level)
{
}

struct irq_line irqchip_line(struct machine *machine, unsigned irq)
{
	struct irq_line line = {.ctx = machine, .irq = irq, .set = set_none};

	if (machine->irqchip == VMM_IRQCHIP_FULL)
		line.set = set_full;
	else if (machine->irqchip == VMM_IRQCHIP_SPLIT)
		line.set = set_split;
	return line;
}

static void pic_evidence(const struct machine *machine, unsigned chip, struct pic_state *pic)
{
	struct kvm_irqchip state = {.chip_id = chip};

	if (ioctl(machine->fd, KVM_GET_IRQCHIP, &state))
		return;
	*pic = (struct pic_state){.valid = true,
		.irr = state.chip.pic.irr,
		.imr = state.chip.pic.imr,
		.isr = state.chip.pic.isr,
		.vector_base = state.chip.pic.irq_base};
}

static bool ioapic_passes(const struct machine *machine, unsigned irq)
{
	struct kvm_irqchip state = {.chip_id = KVM_IRQCHIP_IOAPIC};

	return !ioctl(machine->fd, KVM_GET_IRQCHIP, &state) &&
	       !state.chip.ioapic.redirtbl[irq].fields.mask;
}

bool irqchip_passes(const struct machine *machine, unsigned irq)
{
	struct pic_state pic = {0};

	if (machine->irqchip != VMM_IRQCHIP_FULL)
		return false;
	pic_evidence(machine, KVM_IRQCHIP_PIC_MASTER, &pic);
	/* KVM's PIC is unmasked from the start; a guest that uses it gives it vectors first. */
	return (pic.vector_base && !(pic.imr & 1u << irq)) || ioapic_passes(machine, irq);
}

void irqchip_evidence(const struct machine *machine, struct evidence *evidence)
{
	struct kvm_lapic_state apic;

	if (machine->irqchip == VMM_IRQCHIP_FULL) {
		pic_evidence(machine, KVM_IRQCHIP_PIC_MASTER, &evidence->pic[0]);
		pic_evidence(machine, KVM_IRQCHIP_PIC_SLAVE, &evidence->pic[1]);
	}
	if (machine->irqchip == VMM_IRQCHIP_NONE ||
		ioctl(machine->vcpus[evidence->cpu].fd, KVM_GET_LAPIC, &apic))
		return;
	evidence->apic.valid = true;
	memcpy(evidence->apic.regs, apic.regs, sizeof(evidence->apic.regs));
}
