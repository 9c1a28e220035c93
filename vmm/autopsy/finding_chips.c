/* SPDX-License-Identifier: MIT */
/*
 * finding_chips.c: what the interrupt controllers hold. Follows the 8259A's data sheet and SDM
 * vol. 3, chapter 10 "Advanced Programmable Interrupt Controller (APIC)", table 10-1.
 */
#include "findings_parts.h"

#include <string.h>

#define APIC_SVR           0x0f0
#define APIC_PPR           0x0a0
#define APIC_ISR           0x100
#define APIC_IRR           0x200
#define APIC_LVT_TIMER     0x320
#define APIC_INITIAL_COUNT 0x380
#define APIC_SVR_ENABLE    (1u << 8)
#define APIC_LVT_MASKED    (1u << 16)
#define APIC_BASE_ENABLE   (1u << 11)
#define PIC_CASCADE        2

static int lowest_bit(unsigned bits)
{
	return bits ? __builtin_ctz(bits) : -1;
}

/* The most urgent request among bits of both chips, without the cascade itself; -1: none. */
static int most_urgent(unsigned master, unsigned slave)
{
	int irq = lowest_bit(master & ~(1u << PIC_CASCADE));

	if (slave && (irq < 0 || irq > PIC_CASCADE))
		return 8 + lowest_bit(slave);
	return irq;
}

static void find_pic(struct findings *findings)
{
	const struct pic_state *pic = findings->evidence->pic;
	struct interrupt_finding *irq = &findings->irq;
	int number;

	if (!pic[0].valid)
		return;
	number = most_urgent(pic[0].isr, pic[1].isr);
	if (number >= 0) {
		irq->pic_in_service = true;
		irq->pic_irq = (uint8_t)number;
		irq->pic_vector = (uint8_t)(pic[number / 8].vector_base + number % 8);
	}
	number = most_urgent(pic[0].irr & ~pic[0].imr, pic[1].irr & ~pic[1].imr);
	if (number >= 0) {
		irq->pic_pending = true;
		irq->pending_irq = (uint8_t)number;
	}
	irq->pic_all_masked = (pic[0].imr | 1u << PIC_CASCADE) == 0xff && pic[1].imr == 0xff;
}

static uint32_t apic_reg(const struct evidence *evidence, unsigned offset)
{
	uint32_t value;

	memcpy(&value, evidence->apic.regs + offset, 4);
	return value;
}

/* The highest vector in one of the APIC's registers of 256 bits; -1: none. */
static int apic_highest(const struct evidence *evidence, unsigned offset)
{
	for (unsigned i = 8; i-- > 0;) {
		uint32_t bits = apic_reg(evidence, offset + 0x10 * i);

		if (bits)
			return (int)(32 * i) + 31 - __builtin_clz(bits);
	}
	return -1;
}

/* SDM vol. 3, 10.8.3 "Interrupt, Task, and Processor Priority": classes are the high four bits. */
static void find_apic_vectors(struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;
	struct interrupt_finding *irq = &findings->irq;
	int vector = apic_highest(evidence, APIC_ISR);

	irq->apic_in_service = vector >= 0;
	irq->apic_vector = vector >= 0 ? (uint8_t)vector : 0;
	vector = apic_highest(evidence, APIC_IRR);
	irq->apic_pending = irq->apic_enabled && vector >= 0 &&
	                    (unsigned)vector >> 4 > apic_reg(evidence, APIC_PPR) >> 4;
	irq->apic_pending_vector = vector >= 0 ? (uint8_t)vector : 0;
}

static void find_apic(struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;
	struct interrupt_finding *irq = &findings->irq;
	uint32_t timer;

	if (!evidence->apic.valid)
		return;
	irq->apic_enabled = findings->cpu.apic_base & APIC_BASE_ENABLE &&
	                    apic_reg(evidence, APIC_SVR) & APIC_SVR_ENABLE;
	find_apic_vectors(findings);
	timer = apic_reg(evidence, APIC_LVT_TIMER);
	irq->apic_timer_vector = (uint8_t)timer;
	irq->apic_timer_on = irq->apic_enabled && !(timer & APIC_LVT_MASKED) &&
	                     apic_reg(evidence, APIC_INITIAL_COUNT);
}

void findings_interrupts(struct findings *findings)
{
	find_pic(findings);
	find_apic(findings);
}
