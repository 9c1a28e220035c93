/* SPDX-License-Identifier: MIT */
/*
 * delivery_text.c: what became of an exception or interrupt, in English.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "delivery.h"

const char *delivery_reason_text(enum delivery_reason reason)
{
	static const char *const texts[DELIVERY_REASON_COUNT] = {
		[DELIVERY_OK] = "it was delivered",
		[DELIVERY_VM86_IOPL] = "int n needs IOPL 3 in virtual-8086 mode",
		[DELIVERY_IDT_LIMIT] = "its entry is beyond the limit of the IDT",
		[DELIVERY_IDT_ACCESS] = "its IDT entry cannot be read",
		[DELIVERY_GATE_TYPE] = "its IDT entry is not a gate",
		[DELIVERY_GATE_DPL] = "its gate does not allow int n from this privilege level",
		[DELIVERY_GATE_NOT_PRESENT] = "its gate is not present",
		[DELIVERY_CS_NULL] = "its gate has a null code selector",
		[DELIVERY_CS_LIMIT] =
			"its gate's code selector is beyond the descriptor table's limit",
		[DELIVERY_CS_NO_LDT] =
			"its gate's code selector is in the LDT, and no LDT is loaded",
		[DELIVERY_CS_ACCESS] = "the code segment's descriptor cannot be read",
		[DELIVERY_CS_TYPE] = "its gate's selector is not a code segment",
		[DELIVERY_CS_DPL] =
			"its gate's code segment is less privileged than the interrupted code",
		[DELIVERY_CS_VM86] =
			"a handler for virtual-8086 mode needs DPL 0 and no conforming code",
		[DELIVERY_CS_NOT_64BIT] = "its gate's code segment is not a 64-bit one (L=1, D=0)",
		[DELIVERY_CS_NOT_PRESENT] = "its gate's code segment is not present",
		[DELIVERY_TSS_LIMIT] = "the stack pointer for the handler is beyond the TSS limit",
		[DELIVERY_TSS_ACCESS] =
			"the stack pointer for the handler cannot be read from the TSS",
		[DELIVERY_SS_NULL] = "the TSS gives a null stack segment",
		[DELIVERY_SS_LIMIT] =
			"the stack selector in the TSS is beyond the descriptor table's limit",
		[DELIVERY_SS_RPL] = "the stack selector in the TSS has the wrong RPL",
		[DELIVERY_SS_ACCESS] = "the stack segment's descriptor cannot be read",
		[DELIVERY_SS_DPL] = "the stack segment in the TSS has the wrong DPL",
		[DELIVERY_SS_TYPE] = "the stack segment in the TSS is not a writable data segment",
		[DELIVERY_SS_NOT_PRESENT] = "the stack segment in the TSS is not present",
		[DELIVERY_STACK_CANONICAL] = "the stack pointer is not canonical",
		[DELIVERY_STACK_LIMIT] = "the frame does not fit into the stack segment",
		[DELIVERY_OFFSET_CANONICAL] = "its gate's offset is not canonical",
		[DELIVERY_OFFSET_LIMIT] = "its gate's offset is beyond the code segment's limit",
		[DELIVERY_CS_ACCESSED] =
			"the accessed bit of the code segment's descriptor cannot be set",
		[DELIVERY_STACK_ACCESS] = "its frame cannot be written to the stack",
		[DELIVERY_TASK_SELECTOR] = "its task gate's selector names no GDT entry",
		[DELIVERY_TASK_ACCESS] = "its task gate's TSS descriptor cannot be read",
		[DELIVERY_TASK_TYPE] = "its task gate's selector is not an available TSS",
		[DELIVERY_TASK_NOT_PRESENT] = "its task gate's TSS is not present",
		[DELIVERY_TASK_SWITCH] =
			"its task gate switches to another task, which is not followed",
		[DELIVERY_OUTSIDE_RAM] = "the CPU needs something for it that lies outside RAM",
		[DELIVERY_VME] = "int n in virtual-8086 mode with CR4.VME is not modelled",
	};

	return texts[reason];
}

const char *chain_end_text(enum chain_end end)
{
	static const char *const texts[] = {
		[CHAIN_HANDLED] = "a handler runs",
		[CHAIN_SHUTDOWN] = "the CPU shuts down (triple fault)",
		[CHAIN_ENDLESS] = "this repeats for ever",
		[CHAIN_UNKNOWN] = "what follows is not known",
		[CHAIN_OVERWRITES] = "the frame overwrites what the CPU needs for the next one",
		[CHAIN_LIMIT] = "this goes on for longer than was followed",
	};

	return texts[end];
}

/* Text in a buffer of fixed size: what does not fit is cut. */
struct phrase {
	char *buf;
	size_t size, used;
};

static void __attribute__((format(printf, 2, 3)))
phrase_add(struct phrase *phrase, const char *format, ...)
{
	va_list args;
	int n;

	if (phrase->used >= phrase->size)
		return;
	va_start(args, format);
	n = vsnprintf(phrase->buf + phrase->used, phrase->size - phrase->used, format, args);
	va_end(args);
	if (n > 0)
		phrase->used += (size_t)n;
}

static void phrase_add_gate(struct phrase *phrase, const struct delivery *delivery)
{
	phrase_add(phrase, "IDT[%u] at 0x%" PRIx64, delivery->event.vector, delivery->gate.address);
}

static void phrase_add_tss(struct phrase *phrase, const struct delivery *delivery)
{
	const char *name = delivery->mode == DELIVERY_LONG ? "RSP" : "ESP";

	if (delivery->stack == STACK_IST)
		name = "IST";
	phrase_add(phrase, "%s%u in the TSS at 0x%" PRIx64, name, delivery->stack_index,
		delivery->tss.address);
}

/* The numbers that belong to the reason. */
static void phrase_add_where(struct phrase *phrase, const struct delivery *delivery)
{
	enum delivery_reason reason = delivery->reason;

	if (reason >= DELIVERY_IDT_LIMIT && reason <= DELIVERY_GATE_NOT_PRESENT)
		phrase_add_gate(phrase, delivery);
	else if (reason >= DELIVERY_CS_NULL && reason <= DELIVERY_CS_NOT_PRESENT)
		phrase_add(phrase, "IDT[%u], selector 0x%x", delivery->event.vector,
			delivery->gate.gate.selector);
	else if (reason == DELIVERY_CS_ACCESSED)
		phrase_add(phrase, "GDT or LDT at 0x%" PRIx64, delivery->target.address);
	else if (reason >= DELIVERY_TSS_LIMIT && reason <= DELIVERY_TSS_ACCESS)
		phrase_add_tss(phrase, delivery);
	else if (reason >= DELIVERY_SS_NULL && reason <= DELIVERY_SS_NOT_PRESENT)
		phrase_add(phrase, "SS%u in the TSS, selector 0x%x", delivery->stack_index,
			delivery->tss.ss);
	else if (reason >= DELIVERY_OFFSET_CANONICAL && reason <= DELIVERY_OFFSET_LIMIT)
		phrase_add(phrase, "IDT[%u], offset 0x%" PRIx64, delivery->event.vector,
			delivery->gate.gate.offset);
	else if (reason >= DELIVERY_TASK_SELECTOR && reason <= DELIVERY_TASK_SWITCH)
		phrase_add(phrase, "IDT[%u], TSS selector 0x%x", delivery->event.vector,
			delivery->gate.gate.selector);
	else if (reason == DELIVERY_STACK_ACCESS)
		phrase_add(phrase, "0x%" PRIx64, delivery->access.address);
	else if (reason == DELIVERY_STACK_CANONICAL || reason == DELIVERY_STACK_LIMIT)
		phrase_add(phrase, "0x%" PRIx64, delivery->stack_top);
}

static void phrase_add_failure(struct phrase *phrase, const struct delivery *delivery)
{
	struct phrase where = {(char[96]){0}, 96, 0};
	char walk[160];

	phrase_add(phrase, "%s", delivery_reason_text(delivery->reason));
	phrase_add_where(&where, delivery);
	if (where.used)
		phrase_add(phrase, " (%s)", where.buf);
	if (delivery->access.status == LINEAR_FAULT)
		phrase_add(
			phrase, ": %s", walk_describe(&delivery->access.walk, walk, sizeof(walk)));
}

static void phrase_add_handler(struct phrase *phrase, const struct delivery *delivery)
{
	char walk[160];

	phrase_add(phrase, "%s to %x:0x%" PRIx64, delivery_reason_text(DELIVERY_OK),
		delivery->handler_cs, delivery->handler_rip);
	if (delivery->fetch == FETCH_FAULT)
		phrase_add(phrase, ", where the first instruction cannot be fetched: %s",
			walk_describe(&delivery->fetch_access.walk, walk, sizeof(walk)));
	else if (delivery->fetch == FETCH_BEYOND_LIMIT)
		phrase_add(phrase, ", which is beyond the limit of CS");
	else if (delivery->fetch == FETCH_OUTSIDE_RAM)
		phrase_add(phrase, ", which lies outside RAM");
}

char *delivery_describe(const struct delivery *delivery, char *buf, size_t n)
{
	struct phrase phrase = {buf, n, 0};

	if (delivery->outcome == DELIVERY_DONE)
		phrase_add_handler(&phrase, delivery);
	else
		phrase_add_failure(&phrase, delivery);
	return buf;
}
