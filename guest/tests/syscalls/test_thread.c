/* SPDX-License-Identifier: MIT */
/*
 * test_thread.c: what threads are made of: clone, futex, numbers of threads, robust lists.
 */
#include "suite.h"

#include <dirent.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STACK_SIZE_ 65536

static _Atomic uint32_t word, other;

static long futex(_Atomic uint32_t *at, int operation, uint32_t value, const void *time,
	_Atomic uint32_t *second, uint32_t third)
{
	return syscall(SYS_futex, at, operation, value, time, second, third);
}

static pid_t gettid_(void)
{
	return (pid_t)syscall(SYS_gettid);
}

START_TEST(futex_without_anybody)
{
	struct timespec soon = {0, 5000000}, bad = {0, 1000000000}, past = {1, 0};
	uint32_t *shared =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int private = FUTEX_PRIVATE_FLAG;

	word = 5;
	ck_assert_int_eq(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	ck_assert_int_eq(futex(&word, FUTEX_WAKE | private, 1, NULL, NULL, 0), 0);
	ck_assert_fails(futex(&word, FUTEX_WAIT, 6, NULL, NULL, 0), EAGAIN);
	ck_assert_fails(futex(&word, FUTEX_WAIT, 5, &soon, NULL, 0), ETIMEDOUT);
	ck_assert_fails(futex(&word, FUTEX_WAIT | private, 5, &soon, NULL, 0), ETIMEDOUT);
	ck_assert_fails(futex(&word, FUTEX_WAIT, 5, &bad, NULL, 0), EINVAL);
	ck_assert_fails(futex(&word, FUTEX_WAIT, 5, (void *)8, NULL, 0), EFAULT);
	/* Times of a clock. */
	ck_assert_fails(futex(&word, FUTEX_WAIT_BITSET, 5, &past, NULL, 1), ETIMEDOUT);
	ck_assert_fails(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &past, NULL, 1),
		ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &past);
	past.tv_nsec = (past.tv_nsec + 5000000) % 1000000000;
	ck_assert_fails(futex(&word, FUTEX_WAIT_BITSET, 5, &past, NULL, 1), ETIMEDOUT);
	ck_assert_fails(futex(&word, FUTEX_WAIT_BITSET, 5, &soon, NULL, 0), EINVAL);
	ck_assert_fails(futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0), EINVAL);
	ck_assert_fails(futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0), ENOSYS);
	ck_assert_fails(futex(&word, 99, 1, NULL, NULL, 0), ENOSYS);
	ck_assert_fails(syscall(SYS_futex, (char *)&word + 1, FUTEX_WAIT, 5, NULL), EINVAL);
	ck_assert_fails(syscall(SYS_futex, 0x1000, FUTEX_WAIT, 5, NULL), EFAULT);
	ck_assert_fails(syscall(SYS_futex, 0x1000, FUTEX_WAKE, 5, NULL), EFAULT);
	ck_assert_fails(syscall(SYS_futex, 0xffffffff80100000, FUTEX_WAIT, 5, NULL), EFAULT);
	ck_assert_fails(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 6), EAGAIN);
	ck_assert_fails(futex(&word, FUTEX_CMP_REQUEUE, -1, (void *)1, &other, 5), EINVAL);
	ck_assert_int_eq(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 5), 0);
	ck_assert_fails(syscall(SYS_futex, shared, FUTEX_WAIT, 0, &soon), ETIMEDOUT);
}
END_TEST

static atomic_int waiting, woken;

static void *wait_for_it(void *argument)
{
	waiting++;
	if (futex(&word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0, NULL, NULL,
		    (uint32_t)(uintptr_t)argument) == 0)
		woken++;
	return NULL;
}

static void start_waiting(pthread_t *threads, int n, uint32_t bits)
{
	waiting = woken = 0;
	word = 0;
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, wait_for_it,
					 (void *)(uintptr_t)(bits ? bits : 1u << i)),
			0);
	while (waiting < n)
		sched_yield();
	sleep_ms(150);
}

START_TEST(futex_wakes)
{
	pthread_t threads[4];

	start_waiting(threads, 4, ~0u);
	/* Another word, and no bit of theirs. */
	ck_assert_int_eq(futex(&other, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 9, NULL, NULL, 0), 0);
	ck_assert_int_eq(futex(&word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0), 1);
	ck_assert_int_eq(futex(&word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 9, NULL, NULL, 0), 3);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(woken, 4);
	start_waiting(threads, 4, 0);
	for (uint32_t bit = 16; bit >>= 1;)
		ck_assert_int_eq(
			futex(&word, FUTEX_WAKE_BITSET | FUTEX_PRIVATE_FLAG, 9, NULL, NULL, bit),
			1);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(woken, 4);
}
END_TEST

START_TEST(futex_requeues)
{
	int private = FUTEX_PRIVATE_FLAG;
	pthread_t threads[4];

	start_waiting(threads, 4, ~0u);
	ck_assert_int_eq(futex(&word, FUTEX_CMP_REQUEUE | private, 1, (void *)2, &other, 0), 3);
	ck_assert_int_eq(futex(&word, FUTEX_WAKE | private, 9, NULL, NULL, 0), 1);
	ck_assert_int_eq(futex(&other, FUTEX_WAKE | private, 9, NULL, NULL, 0), 2);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(woken, 4);
	/* other = 3, and those who wait there are woken if it was above 1. */
	other = 2;
	start_waiting(threads, 2, ~0u);
	ck_assert_int_eq(futex(&word, FUTEX_WAKE_OP | private, 1, (void *)1, &other,
				 FUTEX_OP(FUTEX_OP_SET, 3, FUTEX_OP_CMP_GT, 1)),
		1);
	ck_assert_uint_eq(other, 3);
	ck_assert_int_eq(futex(&other, FUTEX_WAKE_OP | private, 1, (void *)1, &word,
				 FUTEX_OP(FUTEX_OP_ADD, 7, FUTEX_OP_CMP_EQ, 0)),
		1);
	ck_assert_uint_eq(word, 7);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}
END_TEST

START_TEST(futex_is_interrupted)
{
	struct timespec far = {30, 0};

	word = 0;
	alarms_start(0);
	ck_assert_fails(futex(&word, FUTEX_WAIT, 0, NULL, NULL, 0), EINTR);
	ck_assert_fails(futex(&word, FUTEX_WAIT, 0, &far, NULL, 0), EINTR);
	alarms_stop();
}
END_TEST

/* Through memory that two processes have at different addresses. */
START_TEST(futex_between_processes)
{
	int fd = memfd_create("words", 0);
	_Atomic uint32_t *here = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	pid_t pid;

	ck_assert_ok(ftruncate(fd, PAGE));
	pid = must_fork();
	if (pid == 0) {
		_Atomic uint32_t *there =
			mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		if (there == here)
			_exit(2);
		there[1] = 1;
		while (there[0] == 0)
			futex(&there[0], FUTEX_WAIT, 0, NULL, NULL, 0);
		_exit(0);
	}
	while (!here[1])
		sched_yield();
	sleep_ms(10);
	here[0] = 1;
	futex(&here[0], FUTEX_WAKE, 1, NULL, NULL, 0);
	ck_assert_int_eq(wait_status(pid), 0);
	/* Private memory of parent and child is not the same. */
	word = 0;
	pid = must_fork();
	if (pid == 0)
		_exit((int)futex(&word, FUTEX_WAIT, 0, &(struct timespec){0, 50000000}, NULL, 0) !=
				-1 ||
			errno != ETIMEDOUT);
	sleep_ms(10);
	ck_assert_int_eq(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	ck_assert_int_eq(wait_status(pid), 0);
}
END_TEST

#define THREAD_FLAGS \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

static _Atomic pid_t parent_tid, child_tid, seen_tid;

static int raw_thread(void *argument)
{
	seen_tid = (pid_t)syscall(SYS_gettid);
	syscall(SYS_exit, 0);
	return 0;
}

START_TEST(threads_by_clone)
{
	char *stack = must_map(STACK_SIZE_);
	int tid;

	child_tid = -1;
	tid = clone(raw_thread, stack + STACK_SIZE_,
		THREAD_FLAGS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, NULL, &parent_tid, NULL,
		&child_tid);
	ck_assert_int_gt(tid, 0);
	ck_assert_int_eq(parent_tid, tid);
	while (child_tid)
		syscall(SYS_futex, &child_tid, FUTEX_WAIT, -1, NULL);
	ck_assert_int_eq(seen_tid, tid);
	ck_assert_int_ne(tid, getpid());
	/* It is no child. */
	ck_assert_fails(waitpid(tid, NULL, 0), ECHILD);
	ck_assert_fails(waitpid(-1, NULL, __WALL), ECHILD);
	ck_assert_fails(clone(raw_thread, stack + STACK_SIZE_, CLONE_THREAD, NULL), EINVAL);
	ck_assert_fails(
		clone(raw_thread, stack + STACK_SIZE_, CLONE_THREAD | CLONE_SIGHAND, NULL), EINVAL);
}
END_TEST

static int spin(void *argument)
{
	volatile int forever = 1;

	while (forever)
		;
	return 0;
}

/* It ends with its process all the same, even if that ends before it has begun. */
START_TEST(a_thread_that_never_calls)
{
	char *stack = must_map(STACK_SIZE_);
	pid_t pid = must_fork();
	int status;

	if (pid == 0) {
		clone(spin, stack + STACK_SIZE_, THREAD_FLAGS, NULL);
		_exit(7);
	}
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 7);
	pid = must_fork();
	if (pid == 0) {
		clone(spin, stack + STACK_SIZE_, THREAD_FLAGS, NULL);
		raise(SIGSTOP);
		_exit(8);
	}
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert(WIFSTOPPED(status));
	ck_assert_ok(kill(pid, SIGCONT));
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 8);
}
END_TEST

static atomic_int go_on;

static void *stay(void *argument)
{
	*(pid_t *)argument = gettid_();
	waiting++;
	while (!go_on)
		sched_yield();
	return NULL;
}

static int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

START_TEST(numbers_of_threads)
{
	pid_t tids[2] = {0, 0};
	pthread_t threads[2];
	char path[64], text[1024] = "";
	FILE *status;

	ck_assert_int_eq(gettid_(), getpid());
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, stay, &tids[i]), 0);
	while (waiting < 2)
		sched_yield();
	ck_assert_int_ne(tids[0], tids[1]);
	ck_assert_int_ne(tids[0], getpid());
	ck_assert_int_eq(count_entries("/proc/self/task"), 3);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", getpid(), tids[1]);
	ck_assert_ok(access(path, R_OK));
	snprintf(path, sizeof(path), "/proc/self/task/%d", getppid());
	ck_assert_fails(access(path, R_OK), ENOENT);
	status = fopen("/proc/self/status", "r");
	fread(text, 1, sizeof(text) - 1, status);
	fclose(status);
	ck_assert_ptr_nonnull(strstr(text, "\nThreads:\t3\n"));
	ck_assert_ok(syscall(SYS_tgkill, getpid(), tids[0], 0));
	ck_assert_ok(syscall(SYS_tkill, tids[0], 0));
	ck_assert_fails(syscall(SYS_tgkill, getppid(), tids[0], 0), ESRCH);
	ck_assert_fails(syscall(SYS_tgkill, getpid(), tids[0], 65), EINVAL);
	ck_assert_fails(syscall(SYS_tgkill, 0, tids[0], 0), EINVAL);
	go_on = 1;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	/* Joined is not quite gone. */
	while (syscall(SYS_tkill, tids[0], 0) == 0)
		sched_yield();
	ck_assert_int_eq(errno, ESRCH);
}
END_TEST

START_TEST(what_clone_does_not_know)
{
	uint64_t words[20] = {[4] = SIGCHLD, [12] = 1};
	long pid;

	ck_assert_fails(syscall(SYS_clone3, words, sizeof(words)), E2BIG);
	ck_assert_fails(syscall(SYS_clone3, words, 8), EINVAL);
	ck_assert_fails(syscall(SYS_clone3, 8, 64), EFAULT);
	words[12] = 0;
	pid = syscall(SYS_clone3, words, sizeof(words));
	if (pid == 0)
		_exit(3);
	ck_assert_int_eq(wait_status((pid_t)pid), 3 << 8);
	words[4] = 65;
	ck_assert_fails(syscall(SYS_clone3, words, 64), EINVAL);
}
END_TEST

START_TEST(robust_lists)
{
	void *head, *mine = NULL;
	size_t size = 0;

	ck_assert_ok(syscall(SYS_get_robust_list, 0, &head, &size));
	ck_assert_uint_eq(size, 24);
	ck_assert_fails(syscall(SYS_set_robust_list, &mine, 23), EINVAL);
	ck_assert_ok(syscall(SYS_set_robust_list, &mine, 24));
	ck_assert_ok(syscall(SYS_get_robust_list, getpid(), &mine, &size));
	ck_assert_ptr_eq(mine, &mine);
	ck_assert_ok(syscall(SYS_set_robust_list, head, 24));
	ck_assert_fails(syscall(SYS_get_robust_list, 0, 8, &size), EFAULT);
	ck_assert_fails(syscall(SYS_get_robust_list, 999999, &head, &size), ESRCH);
}
END_TEST

static void *use_cpu(void *argument)
{
	struct timespec now;

	do
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	while (now.tv_nsec < 20000000 && !now.tv_sec);
	return NULL;
}

START_TEST(times_of_threads)
{
	struct timespec mine, all;
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, use_cpu, NULL), 0);
	pthread_join(thread, NULL);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &mine);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &all);
	ck_assert_int_ge(
		(all.tv_sec - mine.tv_sec) * 1000000000 + all.tv_nsec - mine.tv_nsec, 20000000);
}
END_TEST

TCase *thread_tests(void)
{
	TCase *tests = tcase_create("threads");

	tcase_add_test(tests, futex_without_anybody);
	tcase_add_test(tests, futex_wakes);
	tcase_add_test(tests, futex_requeues);
	tcase_add_test(tests, futex_is_interrupted);
	tcase_add_test(tests, futex_between_processes);
	tcase_add_test(tests, threads_by_clone);
	tcase_add_test(tests, a_thread_that_never_calls);
	tcase_add_test(tests, numbers_of_threads);
	tcase_add_test(tests, what_clone_does_not_know);
	tcase_add_test(tests, robust_lists);
	tcase_add_test(tests, times_of_threads);
	return tests;
}
