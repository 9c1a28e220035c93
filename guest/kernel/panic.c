/* SPDX-License-Identifier: MIT */
/*
 * panic.c: the kernel's last words. Needs little stack and no heap. A second panic during the first
 * says only why.
 */
#include "panic.h"

#include "arch.h"
#include "log.h"
#include "power.h"
#include "symbols.h"

#define DEPTH 24

static bool panicking;

static void show_backtrace(const struct trap_frame *frame)
{
	uintptr_t addresses[DEPTH];
	size_t n = backtrace_collect(frame, addresses, DEPTH);

	log_text(LOG_PANIC, "backtrace:\n");
	for (size_t i = 0; i < n; i++) {
		/* A return address may be the first byte of the next function. */
		bool exact = frame && i == 0;
		struct symbol symbol = symbol_find(addresses[i] - !exact);

		log_text(LOG_PANIC, "  %016lx %s+0x%lx\n", addresses[i], symbol.name,
			symbol.offset + !exact);
	}
}

static void __attribute__((noreturn))
die(const struct trap_frame *frame, const char *format, va_list args)
{
	bool again = panicking;

	interrupts_disable();
	panicking = true;
	log_text(LOG_PANIC, again ? "panic in panic: " : "panic: ");
	log_text_args(LOG_PANIC, format, args);
	log_text(LOG_PANIC, "\n");
	if (!again) {
		if (frame)
			trap_show(frame);
		show_backtrace(frame);
	}
	power_panic();
}

void panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	die(NULL, format, args);
}

void panic_trap(const struct trap_frame *frame, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	die(frame, format, args);
}
