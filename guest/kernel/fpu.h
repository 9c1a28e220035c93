/* SPDX-License-Identifier: MIT */
/*
 * fpu.h: registers of programs that the kernel itself does not use: x87, SSE, and what else the CPU
 * lets them have (AVX and later). An area keeps one program's while another one runs.
 */
#ifndef KERNEL_FPU_H
#define KERNEL_FPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Finds out what there is to keep; before the first area is made. */
void fpu_init(void);

/* Do programs have more than FXSAVE keeps? */
bool fpu_is_wide(void);

/* An area with the registers of a new program; NULL: no memory. */
uint8_t *fpu_create(void);
void fpu_destroy(uint8_t *area); /* NULL: does nothing */

/* Makes it that of a new program, or a copy. */
void fpu_reset(uint8_t *area);
void fpu_copy(uint8_t *to, const uint8_t *from);

/* From the CPU and to it; fpu_switch() does both, unless `from` is NULL. */
void fpu_save(uint8_t *area);
void fpu_restore(const uint8_t *area);
void fpu_switch(uint8_t *from, const uint8_t *to);

/* What FXSAVE knows of an area: MXCSR, and the x87's control and status words. */
uint32_t fpu_mxcsr(const uint8_t *area);
uint16_t fpu_control(const uint8_t *area);
uint16_t fpu_status(const uint8_t *area);

/* As a signal's frame on a program's stack has it (Linux's struct _xstate): bytes; writes it to a
 * multiple of 64; reads it back, making sound what a program may have changed. False: the memory
 * cannot be reached. */
size_t fpu_frame_size(void);
bool fpu_to_user(uint64_t to, const uint8_t *area);
bool fpu_from_user(uint8_t *area, uint64_t from);

#endif
