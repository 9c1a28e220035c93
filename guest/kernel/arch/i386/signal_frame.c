/* SPDX-License-Identifier: MIT */
/*
 * signal_frame.c: what a signal handler finds on its stack, in Linux's two layouts (struct sigframe
 * and struct rt_sigframe of arch/x86/include/asm/sigframe.h), and how the system calls sigreturn
 * and rt_sigreturn take it from there.
 */
#include "arch.h"
#include "calls.h"
#include "errno.h"
#include "fpu.h"
#include "process/calls.h"
#include "string.h"
#include "thread.h"
#include "user.h"

#define FSAVE_SIZE 112 /* before it, left zero: its last word says then that FXSAVE's follow */

#define SS_DISABLE 2

struct signal_context {
	uint32_t gs, fs, es, ds;
	uint32_t di, si, bp, sp, bx, dx, cx, ax;
	uint32_t vector, error, ip, cs, flags, sp_again, ss;
	uint32_t fpu; /* address of FSAVE_SIZE and fpu_frame_size() bytes; 0: none */
	uint32_t mask_low, cr2;
};

/* Of a handler without SA_SIGINFO. */
struct old_frame {
	uint32_t restorer, signal;
	struct signal_context context;
	uint32_t mask_high;
	uint8_t code[8];
};

/* Of one with it. */
struct new_frame {
	uint32_t restorer, signal, info_at, user_at;
	uint8_t info[128];
	struct {
		uint32_t flags, link;
		uint32_t stack;
		uint32_t stack_flags, stack_size;
		struct signal_context context;
		uint32_t mask[2];
	} user;
	uint8_t code[8];
};

_Static_assert(sizeof(struct signal_context) == 88, "as Linux has it");

/* pop %eax; mov $119, %eax; int $0x80. mov $173, %eax; int $0x80. For who gives no restorer. */
static const uint8_t old_code[8] = {0x58, 0xb8, 119, 0, 0, 0, 0xcd, 0x80};
static const uint8_t new_code[8] = {0xb8, 173, 0, 0, 0, 0xcd, 0x80, 0};

static struct signal_context registers_of(const struct trap_frame *frame)
{
	bool fault = frame->vector < EXCEPTION_VECTORS;

	return (struct signal_context){
		.gs = frame->gs & 0xffff,
		.fs = frame->fs & 0xffff,
		.es = frame->es & 0xffff,
		.ds = frame->ds & 0xffff,
		.di = frame->di,
		.si = frame->si,
		.bp = frame->bp,
		.sp = frame->sp,
		.bx = frame->bx,
		.dx = frame->dx,
		.cx = frame->cx,
		.ax = frame->ax,
		.vector = fault ? frame->vector : 0,
		.error = fault ? frame->error : 0,
		.ip = frame->ip,
		.cs = SELECTOR_USER_CODE,
		.flags = frame->flags,
		.sp_again = frame->sp,
		.ss = SELECTOR_USER_DATA,
		.cr2 = fault ? cr2_read() : 0,
	};
}

/* What a program may not choose stays as it is; a selector that is good for nothing becomes 0 on
 * the way out (trap_entry.S). */
static void load_registers(struct trap_frame *frame, const struct signal_context *from)
{
	*frame = (struct trap_frame){
		.bx = from->bx,
		.cx = from->cx,
		.dx = from->dx,
		.si = from->si,
		.di = from->di,
		.bp = from->bp,
		.ax = from->ax,
		.ds = from->ds | 3,
		.es = from->es | 3,
		.fs = from->fs | 3,
		.gs = from->gs | 3,
		/* No system call any more: not to be restarted. */
		.vector = VECTORS,
		.ip = from->ip,
		.cs = SELECTOR_USER_CODE,
		.flags = (from->flags & RFLAGS_USER) | RFLAGS_IF | RFLAGS_FIXED,
		.sp = from->sp,
		.ss = SELECTOR_USER_DATA,
	};
}

static bool on_stack(const struct thread_signals *signals, uint32_t sp)
{
	return sp - signals->stack - 1 < signals->stack_size;
}

void signal_info_fill(uint8_t *to, int signal, const struct signal_info *info)
{
	const int32_t head[] = {signal, 0, info->code};
	bool fault = info->code > 0 &&
	             SIGNAL_BIT(signal) &
	                     (SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGFPE) |
				     SIGNAL_BIT(SIGILL) | SIGNAL_BIT(SIGTRAP));

	memset(to, 0, 128);
	memcpy(to, head, sizeof(head));
	if (fault) {
		memcpy(to + 12, &info->value, 4);
	} else {
		memcpy(to + 12, &info->pid, 4);
		memcpy(to + 16, &info->uid, 4);
		memcpy(to + 20, &info->value, 4);
	}
}

/* Room for `size` bytes below the FPU's, such that the address above the restorer is a multiple of
 * 16, as at any function's start. */
static uint32_t place(uint32_t fpu, uint32_t size)
{
	return ((fpu - size) & ~15u) - 4;
}

static bool push_old(struct trap_frame *frame, int signal, const struct signal_action *action,
	uint32_t fpu, uint64_t mask)
{
	uint32_t at = place(fpu, sizeof(struct old_frame));
	struct old_frame out = {
		.restorer = action->flags & SA_RESTORER
	                            ? (uint32_t)action->restorer
	                            : at + (uint32_t)offsetof(struct old_frame, code),
		.signal = (uint32_t)signal,
		.context = registers_of(frame),
		.mask_high = (uint32_t)(mask >> 32),
	};

	out.context.fpu = fpu;
	out.context.mask_low = (uint32_t)mask;
	memcpy(out.code, old_code, sizeof(old_code));
	if (user_write(at, &out, sizeof(out)))
		return false;
	frame->sp = at;
	frame->dx = frame->cx = 0;
	return true;
}

static bool push_new(struct thread *thread, struct trap_frame *frame, int signal,
	const struct signal_info *info, const struct signal_action *action, uint32_t fpu,
	uint64_t mask)
{
	const struct thread_signals *signals = &thread->signals;
	uint32_t at = place(fpu, sizeof(struct new_frame));
	struct new_frame out = {
		.restorer = action->flags & SA_RESTORER
	                            ? (uint32_t)action->restorer
	                            : at + (uint32_t)offsetof(struct new_frame, code),
		.signal = (uint32_t)signal,
		.info_at = at + (uint32_t)offsetof(struct new_frame, info),
		.user_at = at + (uint32_t)offsetof(struct new_frame, user),
		.user.stack = (uint32_t)signals->stack,
		.user.stack_size = (uint32_t)signals->stack_size,
		.user.stack_flags = signals->stack_size ? on_stack(signals, frame->sp) : SS_DISABLE,
		.user.context = registers_of(frame),
		.user.mask = {(uint32_t)mask, (uint32_t)(mask >> 32)},
	};

	out.user.context.fpu = fpu;
	out.user.context.mask_low = (uint32_t)mask;
	signal_info_fill(out.info, signal, info);
	memcpy(out.code, new_code, sizeof(new_code));
	if (user_write(at, &out, sizeof(out)))
		return false;
	frame->sp = at;
	frame->dx = out.info_at;
	frame->cx = out.user_at;
	return true;
}

size_t signal_frame_size(void)
{
	return fpu_frame_size() + 64 + FSAVE_SIZE + sizeof(struct new_frame) + 16 + 4;
}

bool signal_frame_push(struct thread *thread, struct trap_frame *frame, int signal,
	const struct signal_info *info, const struct signal_action *action, uint64_t mask)
{
	const struct thread_signals *signals = &thread->signals;
	bool alternate = on_stack(signals, frame->sp), pushed;
	uint32_t top = frame->sp, fpu;

	if (action->flags & SA_ONSTACK && signals->stack_size && !alternate) {
		top = (uint32_t)(signals->stack + signals->stack_size);
		alternate = true;
	}
	fpu = ((top - (uint32_t)fpu_frame_size()) & ~63u) - FSAVE_SIZE;
	fpu_save(thread->fpu);
	/* What does not fit must not spill into what lies below. */
	if (alternate && !on_stack(signals, place(fpu, sizeof(struct new_frame))))
		return false;
	if (action->handler >= USER_LIMIT || user_zero(fpu, FSAVE_SIZE) ||
		!fpu_to_user(fpu + FSAVE_SIZE, thread->fpu))
		return false;
	pushed = action->flags & SA_SIGINFO
	                 ? push_new(thread, frame, signal, info, action, fpu, mask)
	                 : push_old(frame, signal, action, fpu, mask);
	if (!pushed)
		return false;
	frame->ip = (uint32_t)action->handler;
	frame->ax = (uint32_t)signal;
	frame->ds = frame->es = SELECTOR_USER_DATA;
	frame->flags &= ~(RFLAGS_DF | RFLAGS_TF | RFLAGS_RF);
	frame->vector = VECTORS;
	return true;
}

static bool load_fpu(struct thread *thread, uint32_t from)
{
	if (!fpu_from_user(thread->fpu, from + FSAVE_SIZE))
		return false;
	fpu_restore(thread->fpu);
	return true;
}

static bool restore(struct thread *thread, struct trap_frame *frame,
	const struct signal_context *context, uint64_t mask)
{
	if (context->ip >= USER_LIMIT || (context->fpu && !load_fpu(thread, context->fpu)))
		return false;
	signal_set_blocked(thread, mask);
	load_registers(frame, context);
	return true;
}

bool signal_frame_pop(struct thread *thread, struct trap_frame *frame)
{
	struct new_frame in;

	/* The handler's return has taken the restorer's address away. */
	if (user_read(&in, frame->sp - 4, sizeof(in)))
		return false;
	return restore(
		thread, frame, &in.user.context, (uint64_t)in.user.mask[1] << 32 | in.user.mask[0]);
}

int64_t sys_sigreturn(struct syscall_args *args)
{
	struct thread *thread = thread_current();
	struct trap_frame *frame = thread_frame(thread);
	struct old_frame in;

	/* The signal's number is gone, too. */
	if (user_read(&in, frame->sp - 8, sizeof(in)) ||
		!restore(thread, frame, &in.context,
			(uint64_t)in.mask_high << 32 | in.context.mask_low)) {
		signal_force(SIGSEGV, SI_KERNEL, 0);
		return 0;
	}
	return (int32_t)frame->ax;
}
