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
#include "thread.h"

#define LINES_MAX  24
#define FRAMES_MAX 100000

static bool panicking;

static void show_frame(const struct backtrace *trace)
{
	/* A return address may be the first byte of the next function. */
	struct symbol symbol = symbol_find(trace->address - !trace->exact);

	log_text(LOG_PANIC, "  " ADDRESS_FORMAT " %s+0x%lx\n", (unsigned long long)trace->address,
		symbol.name, (unsigned long)symbol.offset + !trace->exact);
}

/* A recursion is one line and a count. */
static void show_backtrace(const struct trap_frame *frame)
{
	struct backtrace trace = backtrace_start(frame);
	unsigned lines = 0, repeats = 0;
	uintptr_t last = 0;

	log_text(LOG_PANIC, "backtrace:\n");
	for (unsigned i = 0; i < FRAMES_MAX && lines < LINES_MAX; i++) {
		bool repeated = trace.address == last;

		if (!repeated && repeats)
			log_text(LOG_PANIC, "  ... %u times more\n", repeats);
		repeats = repeated ? repeats + 1 : 0;
		last = trace.address;
		if (!repeated) {
			show_frame(&trace);
			lines++;
		}
		if (!backtrace_next(&trace))
			break;
	}
}

/* For whom the kernel was at work, and where that program stands. */
static void show_process(void)
{
	const struct thread *thread = thread_current();
	const struct trap_frame *frame;

	if (!thread)
		return;
	frame = thread_frame(thread);
	log_text(LOG_PANIC, "process %d (%s), at " ADDRESS_FORMAT ", stack " ADDRESS_FORMAT "\n",
		thread->process->pid, thread->name, (unsigned long long)frame->ip,
		(unsigned long long)frame->sp);
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
		show_process();
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
