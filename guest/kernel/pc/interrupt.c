/* SPDX-License-Identifier: MIT */
/*
 * interrupt.c: the interrupt controllers of a PC together: the local APIC takes everything, the
 * 8259s are kept quiet.
 */
#include "interrupt.h"

#include <stdbool.h>

#include "arch_cpu.h"
#include "boot.h"
#include "lapic.h"
#include "log.h"
#include "pic.h"

static interrupt_handler *handlers[VECTORS];
static bool told[VECTORS];

void interrupt_init(void)
{
	if (boot.irqchip == VMM_IRQCHIP_FULL)
		pic_init();
	lapic_init();
}

void interrupt_set(unsigned vector, interrupt_handler *handler)
{
	handlers[vector] = handler;
}

/* Where there are no 8259s, the monitor sends device interrupts to the local APIC as messages. */
void interrupt_line_open(unsigned line)
{
	if (boot.irqchip != VMM_IRQCHIP_FULL)
		return;
	pic_open(line);
	lapic_accept_pic();
}

static void acknowledge(unsigned vector)
{
	if (boot.irqchip == VMM_IRQCHIP_FULL && vector < VECTOR_IRQ + PIC_LINES)
		pic_acknowledge();
	else
		lapic_acknowledge();
}

void interrupt_handle(unsigned vector)
{
	if (vector == VECTOR_SPURIOUS) /* not to be acknowledged: SDM vol. 3, 10.9 */
		return;
	if (handlers[vector]) {
		handlers[vector](vector);
	} else if (!told[vector]) {
		told[vector] = true;
		log_warn("interrupt: vector 0x%x has no handler\n", vector);
	}
	acknowledge(vector);
}
