/* SPDX-License-Identifier: MIT */
/*
 * irq.h: how a chip raises its interrupt line without knowing of KVM; tests put a recorder here.
 */
#ifndef VMM_IRQ_H
#define VMM_IRQ_H

#include <stdbool.h>

struct irq_line {
	void (*set)(void *ctx, unsigned irq, bool level); /* ISA interrupt number 0 to 15 */
	void *ctx;
	unsigned irq;
};

static inline void irq_set(const struct irq_line *line, bool level)
{
	line->set(line->ctx, line->irq, level);
}

#endif
