/* SPDX-License-Identifier: MIT */
/*
 * pic.h: the pair of 8259A interrupt controllers.
 */
#ifndef PIC_H
#define PIC_H

/* Moves device interrupts to VECTOR_IRQ and masks them all. */
void pic_init(void);

/* Interrupts of the first of the pair: lets one through; ends the one that is being handled. */
#define PIC_LINES 8
void pic_open(unsigned line);
void pic_acknowledge(void);

#endif
