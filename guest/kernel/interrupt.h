/* SPDX-License-Identifier: MIT */
/*
 * interrupt.h: interrupts that are no exceptions: who handles which vector.
 */
#ifndef KERNEL_INTERRUPT_H
#define KERNEL_INTERRUPT_H

typedef void interrupt_handler(unsigned vector);

/* Makes the interrupt controllers ready; every line is silent. Interrupts stay off. */
void interrupt_init(void);

/* vector: VECTOR_IRQ + n for device interrupt n, or VECTOR_TIMER. Handlers run with interrupts off.
 */
void interrupt_set(unsigned vector, interrupt_handler *handler);

/* Lets device interrupt `line` (0 to 7) through. */
void interrupt_line_open(unsigned line);

/* Called for each interrupt; acknowledges it. One without a handler is counted and told of once. */
void interrupt_handle(unsigned vector);

#endif
