/* SPDX-License-Identifier: MIT */
/*
 * exception.h: exception vectors and their error codes, in fields and in English.
 */
#ifndef AUTOPSY_EXCEPTION_H
#define AUTOPSY_EXCEPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "x86.h"

/* "#PF", or "vector 0x20" is for the caller: NULL when the vector has no name. */
const char *exception_mnemonic(uint8_t vector);

/* "page fault", ...; "interrupt" for a vector without a name. */
const char *exception_title(uint8_t vector);

/* Does the CPU push an error code for this exception (outside real mode)? */
bool exception_has_error(uint8_t vector);

/* SDM vol. 3, 6.13 "Error Code". */
enum selector_table { SELECTOR_GDT, SELECTOR_LDT, SELECTOR_IDT };

struct selector_error {
	bool external; /* EXT: raised while an interrupt or another exception was being delivered */
	enum selector_table table;
	uint16_t index; /* of the descriptor or, for the IDT, the vector */
	bool none;      /* no selector is meant: error code 0, or EXT alone */
};

/* Takes apart the error code of #TS, #NP, #SS or #GP. */
struct selector_error selector_error_decode(uint32_t error);

/* The error code that names an IDT entry: vector * 8 + 2 + EXT. */
uint32_t idt_error(uint8_t vector, bool external);

/* The error code that names a selector, without its RPL. */
uint32_t selector_error(uint16_t selector, bool external);

/* Writes "IDT[14]+EXT", "GDT[2], selector 0x10", "0" or, for #PF, "write to a page that is not
 * present, from user mode" to buf, at most n bytes with the terminating zero; returns buf. */
char *exception_error_text(uint8_t vector, uint32_t error, char *buf, size_t n);

#endif
