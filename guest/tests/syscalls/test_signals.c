/* SPDX-License-Identifier: MIT */
/*
 * test_signals.c: sending signals, masks, handlers and what they may do, and defaults.
 */
#include "suite.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static volatile sig_atomic_t calls, last, depth, deepest;
static siginfo_t seen;

static void count(int signal)
{
	calls++;
	last = signal;
}

static void take(int signal, siginfo_t *info, void *context)
{
	calls++;
	last = signal;
	seen = *info;
}

static void handle(int signal, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	ck_assert_ok(sigaction(signal, &action, NULL));
}

static void handle_info(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};

	ck_assert_ok(sigaction(signal, &action, NULL));
}

START_TEST(handlers_run_once_each)
{
	static const int signals[] = {SIGHUP, SIGUSR1, SIGCHLD, SIGTSTP, SIGTERM, 34, 64};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		handle(signals[i], count, 0);
		calls = 0;
		ck_assert_ok(kill(getpid(), signals[i]));
		ck_assert_int_eq(calls, 1);
		ck_assert_int_eq(last, signals[i]);
	}
}
END_TEST

START_TEST(actions_are_kept)
{
	struct sigaction action = {.sa_handler = count, .sa_flags = SA_RESTART | SA_NODEFER}, old;

	sigaddset(&action.sa_mask, SIGUSR2);
	ck_assert_ok(sigaction(SIGUSR1, &action, NULL));
	ck_assert_ok(sigaction(SIGUSR1, NULL, &old));
	ck_assert(old.sa_handler == count);
	ck_assert_int_eq(old.sa_flags & ~0x04000000, SA_RESTART | SA_NODEFER);
	ck_assert(sigismember(&old.sa_mask, SIGUSR2) && !sigismember(&old.sa_mask, SIGUSR1));
	ck_assert_fails(sigaction(SIGKILL, &action, NULL), EINVAL);
	ck_assert_fails(sigaction(SIGSTOP, &action, NULL), EINVAL);
	ck_assert_fails(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8), EINVAL);
	ck_assert_fails(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8), EINVAL);
	ck_assert_fails(syscall(SYS_rt_sigaction, 1, NULL, NULL, 4), EINVAL);
}
END_TEST

static void nest(int signal)
{
	if (++depth > deepest)
		deepest = depth;
	if (++calls < 3)
		raise(signal);
	depth--;
}

START_TEST(own_signal_waits)
{
	handle(SIGUSR1, nest, 0);
	raise(SIGUSR1);
	ck_assert_int_eq(deepest, 1);
	ck_assert_int_eq(calls, 3);
	calls = deepest = 0;
	handle(SIGUSR1, nest, SA_NODEFER);
	raise(SIGUSR1);
	ck_assert_int_eq(deepest, 3);
	ck_assert_int_eq(calls, 3);
}
END_TEST

START_TEST(handler_for_once)
{
	struct sigaction now;

	handle(SIGUSR1, count, SA_RESETHAND);
	raise(SIGUSR1);
	ck_assert_int_eq(calls, 1);
	ck_assert_ok(sigaction(SIGUSR1, NULL, &now));
	ck_assert(now.sa_handler == SIG_DFL);
}
END_TEST

START_TEST(masks_hold_back)
{
	sigset_t set, old, pending;

	handle(SIGUSR1, count, 0);
	handle(SIGUSR2, count, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGKILL);
	ck_assert_ok(sigprocmask(SIG_BLOCK, &set, NULL));
	raise(SIGUSR1);
	raise(SIGUSR1);
	raise(SIGUSR2);
	ck_assert_int_eq(calls, 1);
	ck_assert_ok(sigpending(&pending));
	ck_assert(sigismember(&pending, SIGUSR1) && !sigismember(&pending, SIGUSR2));
	ck_assert_ok(sigprocmask(SIG_UNBLOCK, &set, &old));
	ck_assert(sigismember(&old, SIGUSR1) && !sigismember(&old, SIGKILL));
	ck_assert_int_eq(calls, 2);
	ck_assert_int_eq(last, SIGUSR1);
	ck_assert_fails(syscall(SYS_rt_sigprocmask, 77, &set, NULL, 8), EINVAL);
}
END_TEST

START_TEST(ignored_signals_are_gone)
{
	sigset_t set, pending;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	signal(SIGUSR1, SIG_IGN);
	sigpending(&pending);
	ck_assert(!sigismember(&pending, SIGUSR1));
	signal(SIGUSR1, count);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	ck_assert_int_eq(calls, 0);
}
END_TEST

START_TEST(children_inherit_masks_and_nothing_pending)
{
	sigset_t set, pending, blocked;
	pid_t pid;

	handle(SIGUSR1, count, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	pid = must_fork();
	if (pid == 0) {
		sigpending(&pending);
		sigprocmask(SIG_BLOCK, NULL, &blocked);
		_exit(sigismember(&pending, SIGUSR1) | !sigismember(&blocked, SIGUSR1) << 1);
	}
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 0);
}
END_TEST

START_TEST(senders_are_told)
{
	int status;
	pid_t pid;

	handle_info(SIGUSR1, take, 0);
	ck_assert_ok(kill(getpid(), SIGUSR1));
	ck_assert_int_eq(seen.si_signo, SIGUSR1);
	ck_assert_int_eq(seen.si_code, SI_USER);
	ck_assert_int_eq(seen.si_pid, getpid());
	ck_assert_int_eq((int)seen.si_uid, (int)getuid());
	ck_assert_ok(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1));
	ck_assert_int_eq(seen.si_code, SI_TKILL);
	handle_info(SIGCHLD, take, 0);
	pid = must_fork();
	if (pid == 0)
		_exit(13);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(seen.si_signo, SIGCHLD);
	ck_assert_int_eq(seen.si_code, CLD_EXITED);
	ck_assert_int_eq(seen.si_pid, pid);
	ck_assert_int_eq(seen.si_status, 13);
}
END_TEST

START_TEST(values_are_carried)
{
	union sigval value = {.sival_int = 4711};

	handle_info(SIGUSR2, take, 0);
	ck_assert_ok(sigqueue(getpid(), SIGUSR2, value));
	ck_assert_int_eq(seen.si_code, SI_QUEUE);
	ck_assert_int_eq(seen.si_value.sival_int, 4711);
	ck_assert_int_eq(seen.si_pid, getpid());
	ck_assert_fails(sigqueue(1 << 30, SIGUSR2, value), ESRCH);
}
END_TEST

START_TEST(kill_errors)
{
	ck_assert_fails(kill(1 << 30, 0), ESRCH);
	ck_assert_fails(kill(-(1 << 30), 0), ESRCH);
	ck_assert_fails(kill(getpid(), 65), EINVAL);
	ck_assert_fails(kill(getpid(), -1), EINVAL);
	ck_assert_fails(syscall(SYS_tgkill, -1, 1, 0), EINVAL);
	ck_assert_fails(syscall(SYS_tkill, 0, 0), EINVAL);
	ck_assert_ok(kill(getpid(), 0));
	ck_assert_ok(kill(0, 0));
}
END_TEST

START_TEST(groups_are_signalled)
{
	pid_t first = must_fork(), second;

	if (first == 0) {
		pause();
		_exit(0);
	}
	setpgid(first, first);
	second = must_fork();
	if (second == 0) {
		pause();
		_exit(0);
	}
	setpgid(second, first);
	ck_assert_ok(kill(-first, SIGUSR1));
	ck_assert_int_eq(WTERMSIG(wait_status(first)), SIGUSR1);
	ck_assert_int_eq(WTERMSIG(wait_status(second)), SIGUSR1);
	ck_assert_fails(kill(-first, SIGUSR1), ESRCH);
}
END_TEST

/* What becomes of a child that gets the signal without a handler: t it ends, i nothing, s it stops.
 */
static char default_action(int signal_number)
{
	pid_t pid = must_fork();
	int status;

	if (pid == 0) {
		signal(signal_number, SIG_DFL);
		/* A group whose parent is elsewhere in its session is stopped by all of them. */
		setpgid(0, 0);
		kill(getpid(), signal_number);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	if (WIFSIGNALED(status)) {
		ck_assert_int_eq(WTERMSIG(status), signal_number);
		return 't';
	}
	if (!WIFSTOPPED(status))
		return 'i';
	ck_assert_int_eq(WSTOPSIG(status), signal_number);
	kill(pid, SIGKILL);
	ck_assert_int_eq(WTERMSIG(wait_status(pid)), SIGKILL);
	return 's';
}

/* signal(7), "Standard signals"; from 34 on all end. */
START_TEST(default_actions)
{
	static const char wanted[] = "ttttttttttttttttiissssittttitttt";
	char found[32] = "";

	for (int signal = 1; signal < 32; signal++)
		found[signal - 1] = default_action(signal);
	found[31] = default_action(34);
	ck_assert_mem_eq(found, wanted, sizeof(found));
}
END_TEST

static sigjmp_buf back;

static void jump(int signal)
{
	siglongjmp(back, signal);
}

START_TEST(handlers_may_jump)
{
	volatile int rounds = 0;
	sigset_t blocked;

	handle(SIGUSR1, jump, 0);
	while (rounds < 5) {
		if (sigsetjmp(back, 1) == 0)
			raise(SIGUSR1);
		rounds++;
	}
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	ck_assert(!sigismember(&blocked, SIGUSR1));
}
END_TEST

static uintptr_t handler_stack;

static void note_stack(int signal)
{
	char here;
	stack_t now;

	handler_stack = (uintptr_t)&here;
	sigaltstack(NULL, &now);
	last = now.ss_flags;
}

START_TEST(other_stack)
{
	char *memory = must_map(16 * PAGE);
	stack_t stack = {.ss_sp = memory, .ss_size = 16 * PAGE}, old,
		small = {.ss_sp = memory, .ss_size = 100};

	ck_assert_ok(sigaltstack(&stack, NULL));
	ck_assert_ok(sigaltstack(NULL, &old));
	ck_assert_ptr_eq(old.ss_sp, memory);
	ck_assert_uint_eq(old.ss_size, 16 * PAGE);
	ck_assert_int_eq(old.ss_flags, 0);
	handle(SIGUSR1, note_stack, SA_ONSTACK);
	raise(SIGUSR1);
	ck_assert(handler_stack - (uintptr_t)memory < 16 * PAGE);
	ck_assert_int_eq(last, SS_ONSTACK);
	handle(SIGUSR1, note_stack, 0);
	raise(SIGUSR1);
	ck_assert(handler_stack - (uintptr_t)memory >= 16 * PAGE);
	ck_assert_fails(sigaltstack(&small, NULL), ENOMEM);
	stack.ss_flags = SS_DISABLE;
	ck_assert_ok(sigaltstack(&stack, NULL));
	ck_assert_ok(sigaltstack(NULL, &old));
	ck_assert_int_eq(old.ss_flags, SS_DISABLE);
}
END_TEST

static void clobber(int signal)
{
	asm volatile("fninit\n"
		     "fldpi\n"
		     "pxor %%xmm0, %%xmm0\n"
		     "pxor %%xmm7, %%xmm7\n"
		     "pxor %%xmm15, %%xmm15"
		     :
		     :
		     : "xmm0", "xmm7", "xmm15", "st");
}

START_TEST(handlers_keep_vector_registers)
{
	uint64_t in = 0x0123456789abcdef, out[3];

	handle(SIGUSR1, clobber, 0);
	asm volatile("movq %[in], %%xmm0\n"
		     "movq %[in], %%xmm7\n"
		     "movq %[in], %%xmm15\n"
		     "syscall\n"
		     "movq %%xmm0, %[a]\n"
		     "movq %%xmm7, %[b]\n"
		     "movq %%xmm15, %[c]"
		     : [a] "=&r"(out[0]), [b] "=&r"(out[1]), [c] "=&r"(out[2])
		     : [in] "r"(in), "a"(SYS_kill), "D"((long)getpid()), "S"((long)SIGUSR1)
		     : "rcx", "r11", "xmm0", "xmm7", "xmm15", "memory");
	ck_assert_uint_eq(out[0], in);
	ck_assert_uint_eq(out[1], in);
	ck_assert_uint_eq(out[2], in);
}
END_TEST

static void nest_without_end(int signal)
{
	static int depth;

	if (++depth > 100)
		_exit(77);
	raise(SIGUSR1);
}

/* A frame that does not fit is the end, and nothing below the stack is touched. */
START_TEST(alternate_stack_runs_out)
{
	enum { BELOW = 64 * 1024, SIZE = 16 * 1024, SLACK = 4096 };
	uint8_t *memory =
		mmap(NULL, BELOW + SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const stack_t stack = {.ss_sp = memory + BELOW, .ss_size = SIZE};
	const struct sigaction action = {
		.sa_handler = nest_without_end, .sa_flags = SA_ONSTACK | SA_NODEFER};
	unsigned written = 0;
	pid_t pid;
	int status;

	ck_assert_ptr_ne(memory, MAP_FAILED);
	pid = must_fork();
	if (pid == 0) {
		sigaltstack(&stack, NULL);
		sigaction(SIGUSR1, &action, NULL);
		raise(SIGUSR1);
		_exit(0);
	}
	status = wait_status(pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGSEGV);
	for (unsigned i = 0; i < BELOW - SLACK; i++)
		written += memory[i] != 0;
	ck_assert_uint_eq(written, 0);
}
END_TEST

TCase *signal_tests(void)
{
	TCase *tests = tcase_create("signals");

	tcase_add_test(tests, handlers_run_once_each);
	tcase_add_test(tests, actions_are_kept);
	tcase_add_test(tests, own_signal_waits);
	tcase_add_test(tests, handler_for_once);
	tcase_add_test(tests, masks_hold_back);
	tcase_add_test(tests, ignored_signals_are_gone);
	tcase_add_test(tests, children_inherit_masks_and_nothing_pending);
	tcase_add_test(tests, senders_are_told);
	tcase_add_test(tests, values_are_carried);
	tcase_add_test(tests, kill_errors);
	tcase_add_test(tests, groups_are_signalled);
	tcase_add_test(tests, default_actions);
	tcase_add_test(tests, handlers_may_jump);
	tcase_add_test(tests, other_stack);
	tcase_add_test(tests, handlers_keep_vector_registers);
	tcase_add_test(tests, alternate_stack_runs_out);
	return tests;
}
