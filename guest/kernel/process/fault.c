/* SPDX-License-Identifier: MIT */
/*
 * fault.c: exceptions of programs: missing pages are brought, all else becomes a signal and, where
 * it kills, a line on the log that says what happened.
 */
#include "process/fault.h"

#include "arch.h"
#include "fpu.h"
#include "log.h"
#include "mm.h"
#include "process.h"
#include "process/out_of_memory.h"
#include "process/program_symbol.h"
#include "process/schedule.h"
#include "process/signals.h"
#include "process/table.h"
#include "signal.h"
#include "string.h"
#include "thread.h"

#define SEGV_MAPERR 1
#define SEGV_ACCERR 2
#define BUS_ADRERR  2
#define FPE_INTDIV  1
#define FPE_FLTDIV  3
#define FPE_FLTOVF  4
#define FPE_FLTUND  5
#define FPE_FLTRES  6
#define FPE_FLTINV  7
#define TRAP_TRACE  2
#define ILL_ILLOPN  2

static const char *touch_reason(enum mm_touch result)
{
	switch (result) {
	case MM_NO_AREA:
		return "nothing is mapped there";
	case MM_FORBIDDEN:
		return "the mapping does not allow it";
	case MM_NO_FILE:
		return "the file ends before";
	default:
		return "out of memory";
	}
}

/* The end of a line: where it happened. */
static void tell_place(const struct trap_frame *frame)
{
	struct program_symbol symbol;

	log_info("; error 0x%llx, " IP_NAME " " ADDRESS_FORMAT, (unsigned long long)frame->error,
		(unsigned long long)frame->ip);
	if (program_symbol_find(process_current()->mm, frame->ip, &symbol))
		log_info(" (%s+0x%llx)", symbol.name, (unsigned long long)symbol.offset);
	log_info(", " SP_NAME " " ADDRESS_FORMAT "\n", (unsigned long long)frame->sp);
}

static void tell(const struct trap_frame *frame, uint64_t address, const char *reason)
{
	const struct process *process = process_current();
	const char *access = frame->error & PF_I   ? "execute"
	                     : frame->error & PF_W ? "write"
	                                           : "read";

	log_info("process %d (%s): cannot %s " ADDRESS_FORMAT ": %s", process->pid,
		process_name(process), access, (unsigned long long)address, reason);
	tell_place(frame);
}

void process_page_fault(struct trap_frame *frame, uint64_t address)
{
	struct process *process = process_current();
	unsigned access = frame->error & PF_I   ? AREA_EXEC
	                  : frame->error & PF_W ? AREA_WRITE
	                                        : AREA_READ;
	enum mm_touch result =
		address < USER_LIMIT ? mm_touch(process->mm, address, access) : MM_FORBIDDEN;

	if (result == MM_OK || (result == MM_NO_MEMORY && out_of_memory_kill()))
		return;
	if (result == MM_NO_MEMORY) {
		tell(frame, address, touch_reason(result));
		signal_send(process, SIGKILL);
		return;
	}
	if (signal_is_deadly(result == MM_NO_FILE ? SIGBUS : SIGSEGV))
		tell(frame, address, touch_reason(result));
	if (result == MM_NO_FILE)
		signal_force(SIGBUS, BUS_ADRERR, address);
	else
		signal_force(SIGSEGV, result == MM_NO_AREA ? SEGV_MAPERR : SEGV_ACCERR, address);
}

bool process_touch(uint64_t address, bool write)
{
	struct process *process = process_current();
	enum mm_touch result;

	if (!process || !process->mm || address >= USER_LIMIT)
		return false;
	result = mm_touch(process->mm, address, write ? AREA_WRITE : AREA_READ);
	if (result == MM_NO_MEMORY) {
		log_info("process %d (%s): out of memory at " ADDRESS_FORMAT "\n", process->pid,
			process_name(process), (unsigned long long)address);
		/* The call cannot wait here: it fails, or its program ends. */
		if (process != process_first() || !out_of_memory_choose())
			signal_send(process, SIGKILL);
	}
	return result == MM_OK;
}

/* Which exception was not masked: SDM vol. 1, 8.5 "x87 FPU Floating-Point Exception Conditions" and
 * 11.5.2 "SIMD Floating-Point Exception Conditions"; the most urgent one counts. */
static int float_code(unsigned vector)
{
	static const struct {
		uint32_t bit;
		int code;
	} codes[] = {{1, FPE_FLTINV}, {4, FPE_FLTDIV}, {8, FPE_FLTOVF}, {0x12, FPE_FLTUND},
		{0x20, FPE_FLTRES}};
	uint8_t *fpu = thread_current()->fpu;
	uint32_t mxcsr, raised;

	fpu_save(fpu);
	mxcsr = fpu_mxcsr(fpu);
	raised = vector == VEC_MF ? fpu_status(fpu) & ~(uint32_t)fpu_control(fpu)
	                          : mxcsr & ~(mxcsr >> 7);
	for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (raised & codes[i].bit)
			return codes[i].code;
	}
	return SI_KERNEL;
}

bool process_exception(struct trap_frame *frame)
{
	static const struct {
		uint8_t signal, code;
		const char *what;
	} signals[EXCEPTION_VECTORS] = {
		[VEC_DE] = {SIGFPE, FPE_INTDIV, "divide error"},
		[VEC_DB] = {SIGTRAP, TRAP_TRACE, "debug exception"},
		[VEC_BP] = {SIGTRAP, SI_KERNEL, "breakpoint"},
		[VEC_OF] = {SIGSEGV, SI_KERNEL, "overflow"},
		[VEC_BR] = {SIGSEGV, SI_KERNEL, "bound range exceeded"},
		[VEC_UD] = {SIGILL, ILL_ILLOPN, "invalid opcode"},
		[VEC_NM] = {SIGFPE, SI_KERNEL, "no FPU"},
		[VEC_TS] = {SIGSEGV, SI_KERNEL, "invalid TSS"},
		[VEC_NP] = {SIGBUS, SI_KERNEL, "segment not present"},
		[VEC_SS] = {SIGBUS, SI_KERNEL, "stack-segment fault"},
		[VEC_GP] = {SIGSEGV, SI_KERNEL, "general protection fault"},
		[VEC_MF] = {SIGFPE, SI_KERNEL, "x87 floating-point error"},
		[VEC_AC] = {SIGBUS, 1, "alignment check"},
		[VEC_XM] = {SIGFPE, SI_KERNEL, "SIMD floating-point exception"},
	};
	struct process *process = process_current();
	int signal, code;

	if (!trap_from_user(frame) || !process || !signals[frame->vector].signal)
		return false;
	signal = signals[frame->vector].signal;
	if (signal_is_deadly(signal)) {
		log_info("process %d (%s): %s", process->pid, process_name(process),
			signals[frame->vector].what);
		tell_place(frame);
	}
	code = signals[frame->vector].code;
	if (frame->vector == VEC_MF || frame->vector == VEC_XM)
		code = float_code((unsigned)frame->vector);
	/* Only some of Linux's tell where. */
	signal_force(signal, code, code == SI_KERNEL || signal == SIGBUS ? 0 : frame->ip);
	return true;
}
