/* SPDX-License-Identifier: MIT */
/*
 * pic.h: the pair of 8259A interrupt controllers.
 */
#ifndef PIC_H
#define PIC_H

/* Moves device interrupts to VECTOR_IRQ and masks them all. */
void pic_init(void);

#endif
