/* SPDX-License-Identifier: MIT */
/*
 * signal_frame.c: what a signal handler finds on its stack, in Linux's layout (struct rt_sigframe
 * of arch/x86/include/asm/sigframe.h), and how rt_sigreturn takes it from there.
 */
#include "arch.h"
#include "errno.h"
#include "fpu.h"
#include "process/signals.h"
#include "string.h"
#include "thread.h"
#include "user.h"

#define RED_ZONE 128 /* below rsp, a function's own: System V ABI, 3.2.2 "The Stack Frame" */

#define UC_SIGCONTEXT_SS 2
#define UC_STRICT_SS     4
#define SS_DISABLE       2

struct signal_context {
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	uint16_t cs, gs, fs, ss;
	uint64_t error, vector, old_mask, cr2;
	uint64_t fpu; /* address of fpu_frame_size() bytes; 0: none */
	uint64_t reserved[8];
};

struct signal_frame {
	uint64_t restorer;
	struct {
		uint64_t flags, link;
		uint64_t stack;
		uint32_t stack_flags, pad;
		uint64_t stack_size;
		struct signal_context context;
		uint64_t mask;
	} user;
	uint8_t info[128];
};

_Static_assert(sizeof(struct signal_context) == 256, "as Linux has it");
_Static_assert(sizeof(struct signal_frame) == 8 + 304 + 128, "as Linux has it");

static void save_registers(struct signal_context *to, const struct trap_frame *frame)
{
	*to = (struct signal_context){
		.r8 = frame->r8,
		.r9 = frame->r9,
		.r10 = frame->r10,
		.r11 = frame->r11,
		.r12 = frame->r12,
		.r13 = frame->r13,
		.r14 = frame->r14,
		.r15 = frame->r15,
		.rdi = frame->di,
		.rsi = frame->si,
		.rbp = frame->bp,
		.rbx = frame->bx,
		.rdx = frame->dx,
		.rax = frame->ax,
		.rcx = frame->cx,
		.rsp = frame->sp,
		.rip = frame->ip,
		.rflags = frame->flags,
		.cs = SELECTOR_USER_CODE,
		.ss = SELECTOR_USER_DATA,
	};
	if (frame->vector < EXCEPTION_VECTORS) {
		to->error = frame->error;
		to->vector = frame->vector;
		to->cr2 = cr2_read();
	}
}

/* What a program may not choose stays as it is. */
static void load_registers(struct trap_frame *frame, const struct signal_context *from)
{
	frame->r8 = from->r8;
	frame->r9 = from->r9;
	frame->r10 = from->r10;
	frame->r11 = from->r11;
	frame->r12 = from->r12;
	frame->r13 = from->r13;
	frame->r14 = from->r14;
	frame->r15 = from->r15;
	frame->di = from->rdi;
	frame->si = from->rsi;
	frame->bp = from->rbp;
	frame->bx = from->rbx;
	frame->dx = from->rdx;
	frame->ax = from->rax;
	frame->cx = from->rcx;
	frame->sp = from->rsp;
	frame->ip = from->rip;
	frame->flags = (from->rflags & RFLAGS_USER) | RFLAGS_IF | RFLAGS_FIXED;
	frame->cs = SELECTOR_USER_CODE;
	frame->ss = SELECTOR_USER_DATA;
	/* No system call any more: not to be restarted, nor left by SYSRET. */
	frame->vector = VECTORS;
}

static bool on_stack(const struct thread_signals *signals, uint64_t rsp)
{
	return rsp - signals->stack - 1 < signals->stack_size;
}

void signal_info_fill(uint8_t *to, int signal, const struct signal_info *info)
{
	const int32_t head[] = {signal, 0, info->code, 0};
	bool fault = info->code > 0 &&
	             SIGNAL_BIT(signal) &
	                     (SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGFPE) |
				     SIGNAL_BIT(SIGILL) | SIGNAL_BIT(SIGTRAP));

	memset(to, 0, 128);
	memcpy(to, head, sizeof(head));
	if (fault) {
		memcpy(to + 16, &info->value, 8);
	} else {
		memcpy(to + 16, &info->pid, 4);
		memcpy(to + 20, &info->uid, 4);
		memcpy(to + 24, &info->value, 8);
	}
}

size_t signal_frame_size(void)
{
	return fpu_frame_size() + 64 + sizeof(struct signal_frame) + 16 + 8;
}

bool signal_frame_push(struct thread *thread, struct trap_frame *frame, int signal,
	const struct signal_info *info, const struct signal_action *action, uint64_t mask)
{
	const struct thread_signals *signals = &thread->signals;
	bool alternate = on_stack(signals, frame->sp);
	uint64_t top = frame->sp - RED_ZONE, fpu, at;
	struct signal_frame out;

	if (action->flags & SA_ONSTACK && signals->stack_size && !alternate) {
		top = signals->stack + signals->stack_size;
		alternate = true;
	}
	fpu = (top - fpu_frame_size()) & ~63ull;
	/* As after a call: rsp + 8 is a multiple of 16. */
	at = ((fpu - sizeof(out)) & ~15ull) - 8;
	/* What does not fit must not spill into what lies below. */
	if (alternate && !on_stack(signals, at))
		return false;
	memset(&out, 0, sizeof(out));
	out.restorer = action->restorer;
	out.user.flags = UC_SIGCONTEXT_SS | UC_STRICT_SS;
	out.user.stack = signals->stack;
	out.user.stack_size = signals->stack_size;
	out.user.stack_flags = signals->stack_size ? on_stack(signals, frame->sp) : SS_DISABLE;
	save_registers(&out.user.context, frame);
	out.user.context.fpu = fpu;
	out.user.mask = mask;
	signal_info_fill(out.info, signal, info);
	fpu_save(thread->fpu);
	if (!(action->flags & SA_RESTORER) || action->handler >= USER_LIMIT ||
		!fpu_to_user(fpu, thread->fpu) || user_write(at, &out, sizeof(out)))
		return false;
	frame->sp = at;
	frame->ip = action->handler;
	frame->di = (uint64_t)signal;
	frame->si = at + offsetof(struct signal_frame, info);
	frame->dx = at + offsetof(struct signal_frame, user);
	frame->ax = 0;
	frame->flags &= ~(uint64_t)(RFLAGS_DF | RFLAGS_TF | RFLAGS_RF);
	frame->vector = VECTORS;
	return true;
}

static bool load_fpu(struct thread *thread, uint64_t from)
{
	if (!fpu_from_user(thread->fpu, from))
		return false;
	fpu_restore(thread->fpu);
	return true;
}

bool signal_frame_pop(struct thread *thread, struct trap_frame *frame)
{
	struct signal_frame in;

	/* The handler's return has taken the restorer's address away. */
	if (user_read(&in, frame->sp - 8, sizeof(in)) || in.user.context.rip >= USER_LIMIT)
		return false;
	if (in.user.context.fpu && !load_fpu(thread, in.user.context.fpu))
		return false;
	signal_set_blocked(thread, in.user.mask);
	load_registers(frame, &in.user.context);
	return true;
}
