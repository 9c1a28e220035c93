/* SPDX-License-Identifier: MIT */
/*
 * threads.c: POSIX threads through the C library: locks, conditions, storage of their own,
 * cancellation, signals, fork and exec among threads. Says what is wrong; status 0 when nothing is.
 * Runs on Linux, too.
 *
 *	threads [ROUNDS]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 8

static unsigned checks, failures;
static int rounds = 200;

#define CHECK(condition)                                                                         \
	do {                                                                                     \
		checks++;                                                                        \
		if (!(condition)) {                                                              \
			failures++;                                                              \
			printf("threads: line %d: %s, errno %d\n", __LINE__, #condition, errno); \
		}                                                                                \
	} while (0)

static pthread_t start(void *(*body)(void *), void *argument)
{
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, body, argument) == 0);
	return thread;
}

static void *join(pthread_t thread)
{
	void *result = NULL;

	CHECK(pthread_join(thread, &result) == 0);
	return result;
}

static void sleep_ms(long ms)
{
	struct timespec left = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static pid_t my_tid(void)
{
	return (pid_t)syscall(SYS_gettid);
}

/* A counter that is wrong without the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile unsigned long counter;

static void *count_up(void *argument)
{
	for (int i = 0; i < rounds * 10; i++) {
		unsigned long before;

		pthread_mutex_lock(&lock);
		before = counter;
		if (i % 50 == 0)
			sched_yield();
		counter = before + 1;
		pthread_mutex_unlock(&lock);
	}
	return argument;
}

static void locks(void)
{
	pthread_t threads[THREADS];

	for (intptr_t i = 0; i < THREADS; i++)
		threads[i] = start(count_up, (void *)i);
	for (intptr_t i = 0; i < THREADS; i++)
		CHECK(join(threads[i]) == (void *)i);
	CHECK(counter == (unsigned long)rounds * 10 * THREADS);
}

/* Numbers go from one to the next through a place for one of them. */
static pthread_cond_t full = PTHREAD_COND_INITIALIZER, empty = PTHREAD_COND_INITIALIZER;
static int place;
static long sum;

static void *consume(void *argument)
{
	for (;;) {
		int number;

		pthread_mutex_lock(&lock);
		while (!place)
			pthread_cond_wait(&full, &lock);
		number = place;
		place = 0;
		if (number > 0)
			sum += number;
		pthread_cond_signal(&empty);
		pthread_mutex_unlock(&lock);
		if (number < 0)
			return NULL;
	}
}

static void conditions(void)
{
	struct timespec soon;
	pthread_t threads[3];

	for (int i = 0; i < 3; i++)
		threads[i] = start(consume, NULL);
	for (int i = 1; i <= rounds + 3; i++) {
		pthread_mutex_lock(&lock);
		while (place)
			pthread_cond_wait(&empty, &lock);
		place = i <= rounds ? i : -1;
		pthread_cond_broadcast(&full);
		pthread_mutex_unlock(&lock);
	}
	for (int i = 0; i < 3; i++)
		join(threads[i]);
	CHECK(sum == (long)rounds * (rounds + 1) / 2);
	pthread_mutex_lock(&lock);
	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_nsec += 20000000;
	soon.tv_sec += soon.tv_nsec / 1000000000;
	soon.tv_nsec %= 1000000000;
	CHECK(pthread_cond_timedwait(&full, &lock, &soon) == ETIMEDOUT);
	CHECK(pthread_mutex_trylock(&lock) == EBUSY);
	CHECK(pthread_mutex_timedlock(&lock, &soon) == ETIMEDOUT);
	pthread_mutex_unlock(&lock);
}

static pthread_barrier_t barrier;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t semaphore;
static atomic_int inside, serial, onces;

static void count_once(void)
{
	onces++;
}

static void *meet(void *argument)
{
	for (int i = 0; i < rounds / 4; i++) {
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			serial++;
	}
	for (int i = 0; i < rounds / 4; i++) {
		if ((intptr_t)argument % 4) {
			pthread_rwlock_rdlock(&rwlock);
			CHECK(inside == 0);
		} else {
			pthread_rwlock_wrlock(&rwlock);
			CHECK(inside++ == 0);
			sched_yield();
			inside--;
		}
		pthread_rwlock_unlock(&rwlock);
	}
	pthread_once(&once, count_once);
	sem_post(&semaphore);
	return NULL;
}

static void other_locks(void)
{
	pthread_t threads[THREADS];

	pthread_barrier_init(&barrier, NULL, THREADS);
	sem_init(&semaphore, 0, 0);
	for (intptr_t i = 0; i < THREADS; i++)
		threads[i] = start(meet, (void *)i);
	for (int i = 0; i < THREADS; i++)
		CHECK(sem_wait(&semaphore) == 0);
	for (int i = 0; i < THREADS; i++)
		join(threads[i]);
	CHECK(serial == rounds / 4 && onces == 1);
}

static __thread int own = 5;
static pthread_key_t key;
static atomic_int destroyed;

static void destroy(void *value)
{
	destroyed += (int)(intptr_t)value;
}

static void *use_storage(void *argument)
{
	volatile double kept = (double)(intptr_t)argument;

	own += (int)(intptr_t)argument;
	pthread_setspecific(key, argument);
	for (int i = 0; i < 5; i++) {
		sched_yield();
		kept = kept * 2;
		kept = kept / 2;
	}
	CHECK(own == 5 + (intptr_t)argument && pthread_getspecific(key) == argument);
	CHECK(kept == (double)(intptr_t)argument);
	return &own;
}

static void storage(void)
{
	pthread_t threads[THREADS];

	CHECK(pthread_key_create(&key, destroy) == 0);
	for (intptr_t i = 0; i < THREADS; i++)
		threads[i] = start(use_storage, (void *)(i + 1));
	for (int i = 0; i < THREADS; i++)
		CHECK(join(threads[i]) != &own);
	CHECK(own == 5 && destroyed == THREADS * (THREADS + 1) / 2);
}

static atomic_int cleaned;

static void clean(void *argument)
{
	cleaned++;
}

static void *wait_to_be_cancelled(void *argument)
{
	char byte;

	pthread_cleanup_push(clean, NULL);
	if (argument)
		read(*(int *)argument, &byte, 1);
	else
		pause();
	pthread_cleanup_pop(0);
	return NULL;
}

static void cancellation(void)
{
	pthread_t a, b;
	int ends[2];

	CHECK(pipe(ends) == 0);
	a = start(wait_to_be_cancelled, NULL);
	b = start(wait_to_be_cancelled, ends);
	sleep_ms(5);
	CHECK(pthread_cancel(a) == 0 && pthread_cancel(b) == 0);
	CHECK(join(a) == PTHREAD_CANCELED && join(b) == PTHREAD_CANCELED);
	CHECK(cleaned == 2);
	close(ends[0]);
	close(ends[1]);
}

static atomic_int handled_by;

static void handler(int number)
{
	handled_by = my_tid();
}

static void *take_signal(void *argument)
{
	atomic_int *tid = argument;
	sigset_t set;
	int number = 0;

	*tid = my_tid();
	CHECK(poll(NULL, 0, 100000) == -1 && errno == EINTR);
	CHECK(handled_by == my_tid());
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	*tid = 0;
	CHECK(sigwait(&set, &number) == 0 && number == SIGUSR2);
	return NULL;
}

static void signals(void)
{
	struct sigaction action = {.sa_handler = handler};
	static atomic_int tid;
	sigset_t set, pending;
	pthread_t thread;

	CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	CHECK(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
	thread = start(take_signal, &tid);
	while (!tid)
		sched_yield();
	/* Again, if it came before the call that it interrupts. */
	while (tid) {
		CHECK(pthread_kill(thread, SIGUSR1) == 0);
		sleep_ms(5);
	}
	/* The process's: who waits for it takes it. */
	CHECK(kill(getpid(), SIGUSR2) == 0);
	join(thread);
	sigpending(&pending);
	CHECK(!sigismember(&pending, SIGUSR2));
	/* The only one who does not block it handles it. */
	sigaddset(&set, SIGUSR1);
	CHECK(pthread_sigmask(SIG_UNBLOCK, &set, NULL) == 0);
	CHECK(kill(getpid(), SIGUSR1) == 0 && handled_by == getpid());
	CHECK(syscall(SYS_tgkill, getpid(), 99999, SIGUSR1) == -1 && errno == ESRCH);
	CHECK(syscall(SYS_tgkill, getpid() + 1, getpid(), SIGUSR1) == -1 && errno == ESRCH);
}

static void *fork_here(void *argument)
{
	pid_t pid = fork();
	int status = 0;

	/* In the child there is this thread alone, the first one. */
	if (pid == 0)
		_exit(my_tid() == getpid() && own == 5 ? 7 : 1);
	CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 7);
	return NULL;
}

static void *sleep_long(void *argument)
{
	sleep_ms(100000);
	return NULL;
}

static void *end_process(void *argument)
{
	sleep_ms(2);
	if (argument)
		execl("/proc/self/exe", "threads", "--executed", (char *)NULL);
	exit(9);
}

static void *die(void *argument)
{
	*(volatile int *)8 = 1;
	return NULL;
}

static int child_with(void *(*body)(void *), void *argument)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		for (int i = 0; i < 3; i++)
			start(sleep_long, NULL);
		start(body, argument);
		if (argument == &own)
			pthread_exit(NULL);
		sleep_ms(100000);
		_exit(1);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return status;
}

static void *last_one(void *argument)
{
	sleep_ms(10);
	_exit(11);
}

static void processes(void)
{
	pthread_t threads[4];
	pid_t pid;
	int status;

	for (int i = 0; i < 4; i++)
		threads[i] = start(fork_here, NULL);
	for (int i = 0; i < 4; i++)
		join(threads[i]);
	fflush(stdout);
	CHECK(WEXITSTATUS(child_with(end_process, NULL)) == 9);
	CHECK(WEXITSTATUS(child_with(end_process, "exec")) == 23);
	CHECK(WTERMSIG(child_with(die, NULL)) == SIGSEGV);
	CHECK(WEXITSTATUS(child_with(last_one, &own)) == 11);
	pid = fork();
	if (pid == 0) {
		start(sleep_long, NULL);
		raise(SIGSTOP);
		sleep_ms(100000);
	}
	CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	CHECK(kill(pid, SIGCONT) == 0 && waitpid(pid, &status, WCONTINUED) == pid);
	CHECK(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid);
	CHECK(WTERMSIG(status) == SIGKILL);
}

static void *nothing(void *argument)
{
	return argument;
}

static void many(void)
{
	pthread_attr_t detached;
	pthread_t thread;

	for (intptr_t i = 0; i < rounds; i++)
		CHECK(join(start(nothing, (void *)i)) == (void *)i);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < rounds; i++)
		CHECK(pthread_create(&thread, &detached, nothing, NULL) == 0);
}

/* Between processes, and with one that dies. */
struct shared {
	pthread_mutex_t lock, robust;
	pthread_cond_t condition;
	int turn;
};

static void shared_locks(void)
{
	struct shared *shared = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t mutex;
	pthread_condattr_t condition;
	int status;
	pid_t pid;

	pthread_mutexattr_init(&mutex);
	pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
	pthread_condattr_init(&condition);
	pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->lock, &mutex);
	pthread_mutexattr_setrobust(&mutex, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&shared->robust, &mutex);
	pthread_cond_init(&shared->condition, &condition);
	pid = fork();
	for (int i = 0; i < rounds / 4; i++) {
		pthread_mutex_lock(&shared->lock);
		while (shared->turn % 2 != (pid == 0))
			pthread_cond_wait(&shared->condition, &shared->lock);
		shared->turn++;
		pthread_cond_signal(&shared->condition);
		pthread_mutex_unlock(&shared->lock);
	}
	if (pid == 0) {
		pthread_mutex_lock(&shared->robust);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(shared->turn == rounds / 4 * 2);
	CHECK(pthread_mutex_lock(&shared->robust) == EOWNERDEAD);
	CHECK(pthread_mutex_consistent(&shared->robust) == 0);
	CHECK(pthread_mutex_unlock(&shared->robust) == 0);
	munmap(shared, sizeof(*shared));
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--executed") == 0)
		return my_tid() == getpid() ? 23 : 1;
	if (argc > 1)
		rounds = atoi(argv[1]);
	locks();
	conditions();
	other_locks();
	storage();
	cancellation();
	signals();
	processes();
	many();
	shared_locks();
	printf("threads: %s, %u failed\n", checks > 100 ? "done" : "too few checks", failures);
	return failures ? 1 : 0;
}
