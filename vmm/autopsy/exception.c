/* SPDX-License-Identifier: MIT */
/*
 * exception.c: names of exceptions and the meaning of their error codes. Follows SDM vol. 3, 6.3.1
 * "External Interrupts" (table 6-1), 6.13 "Error Code" and 4.7 "Page-Fault Exceptions".
 */
#include <stdio.h>

#include "exception.h"

struct exception_info {
	const char *mnemonic, *title;
	bool has_error;
};

static const struct exception_info exceptions[EXCEPTION_VECTORS] = {
	[VEC_DE] = {"#DE", "divide error", false},
	[VEC_DB] = {"#DB", "debug exception", false},
	[VEC_NMI] = {"NMI", "non-maskable interrupt", false},
	[VEC_BP] = {"#BP", "breakpoint", false},
	[VEC_OF] = {"#OF", "overflow", false},
	[VEC_BR] = {"#BR", "BOUND range exceeded", false},
	[VEC_UD] = {"#UD", "invalid opcode", false},
	[VEC_NM] = {"#NM", "device not available", false},
	[VEC_DF] = {"#DF", "double fault", true},
	[VEC_TS] = {"#TS", "invalid TSS", true},
	[VEC_NP] = {"#NP", "segment not present", true},
	[VEC_SS] = {"#SS", "stack fault", true},
	[VEC_GP] = {"#GP", "general protection fault", true},
	[VEC_PF] = {"#PF", "page fault", true},
	[VEC_MF] = {"#MF", "x87 floating-point error", false},
	[VEC_AC] = {"#AC", "alignment check", true},
	[VEC_MC] = {"#MC", "machine check", false},
	[VEC_XM] = {"#XM", "SIMD floating-point exception", false},
	[VEC_VE] = {"#VE", "virtualization exception", false},
	[VEC_CP] = {"#CP", "control protection exception", true},
};

const char *exception_mnemonic(uint8_t vector)
{
	return vector < EXCEPTION_VECTORS ? exceptions[vector].mnemonic : NULL;
}

const char *exception_title(uint8_t vector)
{
	return exception_mnemonic(vector) ? exceptions[vector].title : "interrupt";
}

bool exception_has_error(uint8_t vector)
{
	return vector < EXCEPTION_VECTORS && exceptions[vector].has_error;
}

struct selector_error selector_error_decode(uint32_t error)
{
	struct selector_error decoded = {
		.external = error & SEL_ERR_EXT,
		.index = error >> 3 & 0x1fff,
		.none = (error & 0xfffe) == 0,
	};

	if (error & SEL_ERR_IDT)
		decoded.table = SELECTOR_IDT;
	else if (error & SEL_ERR_TI)
		decoded.table = SELECTOR_LDT;
	return decoded;
}

uint32_t idt_error(uint8_t vector, bool external)
{
	return vector * 8u | SEL_ERR_IDT | (external ? SEL_ERR_EXT : 0);
}

uint32_t selector_error(uint16_t selector, bool external)
{
	return (selector & 0xfffcu) | (external ? SEL_ERR_EXT : 0);
}

static void selector_error_text(uint32_t error, char *buf, size_t n)
{
	struct selector_error decoded = selector_error_decode(error);
	const char *external = decoded.external ? "+EXT" : "";

	if (decoded.none)
		snprintf(buf, n, "%s", decoded.external ? "EXT" : "0");
	else if (decoded.table == SELECTOR_IDT)
		snprintf(buf, n, "IDT[%u]%s", decoded.index, external);
	else
		snprintf(buf, n, "%s[%u]%s, selector 0x%x",
			decoded.table == SELECTOR_LDT ? "LDT" : "GDT", decoded.index, external,
			(unsigned)error & 0xfffc);
}

static void page_fault_text(uint32_t error, char *buf, size_t n)
{
	const char *what = error & PF_I   ? "instruction fetch from"
	                   : error & PF_W ? "write to"
	                                  : "read of";
	const char *page = "a page that is not present";

	if (error & PF_RSVD)
		page = "a page with a reserved bit set in its tables";
	else if (error & PF_PK)
		page = "a page that its protection key forbids";
	else if (error & PF_P)
		page = "a present page that does not allow it";
	snprintf(buf, n, "%s %s, from %s mode", what, page, error & PF_U ? "user" : "supervisor");
}

char *exception_error_text(uint8_t vector, uint32_t error, char *buf, size_t n)
{
	if (vector == VEC_PF)
		page_fault_text(error, buf, n);
	else if (vector >= VEC_TS && vector <= VEC_GP)
		selector_error_text(error, buf, n);
	else
		snprintf(buf, n, "0x%x", (unsigned)error);
	return buf;
}
