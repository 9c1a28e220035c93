/* SPDX-License-Identifier: MIT */
/*
 * devices.c: which chips a machine has, and how each is wired to it.
 */
#include "devices.h"

#include "acpi_pm.h"
#include "debugcon.h"
#include "debugexit.h"
#include "guest_store.h"
#include "irqchip.h"
#include "machine.h"
#include "pvpanic.h"

#define KEYBOARD_IRQ 1
#define COM1_IRQ     4

static const void *view_at(void *ctx, uint64_t gpa, uint64_t n)
{
	return memory_at(ctx, gpa, n);
}

static const void *machine_at(void *ctx, uint64_t gpa, uint64_t n)
{
	const struct machine *machine = ctx;

	return memory_at(&machine->mem, gpa, n);
}

/* BL of the vCPU that makes the hypercall. */
static uint8_t hypercall_argument(void *ctx)
{
	const struct machine *machine = ctx;
	struct kvm_regs regs = {0};

	ioctl(machine->current->fd, KVM_GET_REGS, &regs);
	return (uint8_t)regs.rbx;
}

bool devices_create(struct machine *machine, struct error *err)
{
	struct devices *devices = &machine->devices;
	struct bus *bus = &machine->pio;
	struct console *console = &machine->console;
	struct input *input = &machine->input;
	struct power *power = &machine->power;
	struct irq_line com1 = irqchip_line(machine, COM1_IRQ);
	struct irq_line keyboard = irqchip_line(machine, KEYBOARD_IRQ);
	struct guest_view view = {.at = view_at, .ctx = &machine->mem};
	struct copier_memory memory = {.at = machine_at, .store = guest_store, .ctx = machine};
	bool maskable = machine->irqchip == VMM_IRQCHIP_FULL;

	machine->mmio.mmio = true;
	return debugcon_init(console, bus, err) &&
	       bufcon_init(&devices->bufcon, bus, console, &view, err) &&
	       copier_init(&devices->copier, bus, &memory, err) &&
	       serial_init(&devices->serial, bus, console, input, &com1, err) &&
	       i8042_init(&devices->i8042, bus, input, &keyboard, maskable, power, err) &&
	       cmos_init(&devices->cmos, bus, NULL, machine->mem.low, machine->mem.high, err) &&
	       hypercall_init(&devices->hypercall, bus, console, input, power, hypercall_argument,
		       machine, err) &&
	       debugexit_init(power, bus, err) && acpi_pm_init(power, bus, err) &&
	       pvpanic_init(power, bus, err);
}

void devices_tick(struct machine *machine)
{
	uint8_t byte;

	if (!machine->input.asked && irqchip_passes(machine, KEYBOARD_IRQ))
		input_peek(&machine->input, &byte);
	devices_input(&machine->devices);
}

void devices_input(struct devices *devices)
{
	serial_update(&devices->serial);
	i8042_update(&devices->i8042);
}
