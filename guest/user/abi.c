/* SPDX-License-Identifier: MIT */
/*
 * abi.c: system calls whose structures and arguments depend on the architecture, through the C
 * library: what goes in must come out. Says what is wrong; status 0 when nothing is. Runs on Linux,
 * too.
 */
#define _FILE_OFFSET_BITS 64
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Needs more than a long where that has 32 bits. */
#define FAR (sizeof(long) == 4 ? 0x101234000ll : 0x1234000ll)

static unsigned checks, failures;

#define CHECK(condition)                                                                     \
	do {                                                                                 \
		checks++;                                                                    \
		if (!(condition)) {                                                          \
			failures++;                                                          \
			printf("abi: line %d: %s, errno %d\n", __LINE__, #condition, errno); \
		}                                                                            \
	} while (0)

static void files(void)
{
	const struct timespec times[2] = {{1000000000, 5}, {1200000000, 6}};
	char name[] = "/tmp/abi.XXXXXX", a[4], b[4];
	struct iovec vectors[2] = {{a, 3}, {b, 3}};
	int fd = mkstemp(name);
	struct statfs fs;
	struct stat st;

	CHECK(fd >= 0);
	CHECK(ftruncate(fd, FAR + 6) == 0);
	CHECK(pwrite(fd, "abcdef", 6, FAR) == 6);
	CHECK(lseek(fd, -6, SEEK_END) == FAR);
	CHECK(readv(fd, vectors, 2) == 6 && memcmp(a, "abc", 3) == 0 && memcmp(b, "def", 3) == 0);
	CHECK(pread(fd, a, 2, FAR + 4) == 2 && memcmp(a, "ef", 2) == 0);
	CHECK(lseek(fd, 0, SEEK_CUR) == FAR + 6);
	CHECK(fchmod(fd, 0640) == 0);
	CHECK(futimens(fd, times) == 0);
	CHECK(fstat(fd, &st) == 0);
	CHECK(st.st_size == FAR + 6 && (st.st_mode & 07777) == 0640 && st.st_nlink == 1);
	CHECK(st.st_uid == getuid() && st.st_gid == getgid() && S_ISREG(st.st_mode));
	CHECK(st.st_atime == 1000000000 && st.st_mtime == 1200000000);
	CHECK(ftruncate(fd, 4096) == 0 && stat(name, &st) == 0 && st.st_size == 4096);
	CHECK(statfs("/tmp", &fs) == 0 && fs.f_bsize >= 512 && fs.f_namelen == 255);
	CHECK(stat("/", &st) == 0 && S_ISDIR(st.st_mode) && st.st_ino != 0);
	CHECK(unlink(name) == 0 && stat(name, &st) == -1 && errno == ENOENT);
	close(fd);
}

static void memory(void)
{
	char name[] = "/tmp/abi.XXXXXX", *map, *more;
	int fd = mkstemp(name);

	CHECK(ftruncate(fd, 3 * 4096) == 0 && pwrite(fd, "page2", 5, 2 * 4096) == 5);
	map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 2 * 4096);
	CHECK(map != MAP_FAILED && memcmp(map, "page2", 5) == 0);
	CHECK(munmap(map, 4096) == 0);
	map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(map != MAP_FAILED && map[8191] == 0);
	map[0] = 1;
	more = mremap(map, 8192, 1 << 20, MREMAP_MAYMOVE);
	CHECK(more != MAP_FAILED && more[0] == 1 && more[(1 << 20) - 1] == 0);
	CHECK(mprotect(more, 4096, PROT_READ) == 0 && munmap(more, 1 << 20) == 0);
	map = malloc(300000);
	CHECK(map != NULL);
	free(map);
	unlink(name);
	close(fd);
}

static void sockets(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/tmp/abi.socket"}, from;
	socklen_t length = sizeof(from);
	int server = socket(AF_UNIX, SOCK_STREAM, 0), ends[2], type = 0;
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), end;
	char text[8] = "";

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	CHECK(send(ends[0], "abc", 3, 0) == 3 && recv(ends[1], text, 8, 0) == 3);
	CHECK(strcmp(text, "abc") == 0 && shutdown(ends[0], SHUT_WR) == 0);
	CHECK(recv(ends[1], text, 8, 0) == 0);
	unlink(address.sun_path);
	CHECK(connect(client, (struct sockaddr *)&address, sizeof(address)) == -1 &&
		errno == ENOENT);
	CHECK(bind(server, (struct sockaddr *)&address, sizeof(address)) == 0);
	CHECK(listen(server, 1) == 0);
	CHECK(connect(client, (struct sockaddr *)&address, sizeof(address)) == 0);
	end = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	CHECK(end >= 0 && sendto(end, "def", 3, 0, NULL, 0) == 3);
	CHECK(recvfrom(client, text, 8, 0, (struct sockaddr *)&from, &length) == 3);
	CHECK(length == 18 && strcmp(from.sun_path, address.sun_path) == 0);
	length = sizeof(from);
	CHECK(getsockname(client, (struct sockaddr *)&from, &length) == 0 && length == 2);
	length = sizeof(from);
	CHECK(getpeername(client, (struct sockaddr *)&from, &length) == 0 && length == 18);
	length = sizeof(type);
	CHECK(getsockopt(client, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM);
	CHECK(setsockopt(client, SOL_SOCKET, SO_REUSEADDR, &type, length) == 0);
	CHECK(socket(99, SOCK_STREAM, 0) == -1 && errno == EAFNOSUPPORT);
	CHECK(unlink(address.sun_path) == 0);
}

static void copies(void)
{
	int from = memfd_create("abi", MFD_CLOEXEC), to = memfd_create("abi", 0);
	off64_t in = 1, out = FAR;
	char text[4] = "";

	CHECK(from >= 0 && to >= 0 && write(from, "abcd", 4) == 4);
	CHECK(copy_file_range(from, &in, to, &out, 8, 0) == 3 && in == 4 && out == FAR + 3);
	CHECK(pread(to, text, 4, FAR) == 3 && strcmp(text, "bcd") == 0);
}

#ifdef __i386__
/* Times of 64 bits, which this C library does not ask for itself. */
static void wide_times(void)
{
	int64_t now[2] = {0, -1}, soon[2] = {0, 5000000}, left[2], both[4] = {1ll << 33, 5, 0, 6};
	uint64_t mask = 0;
	struct timespec plain;
	int fd = memfd_create("times", 0);
	timer_t timer;
	struct sigevent none = {.sigev_notify = SIGEV_NONE};
	uint32_t word = 0;

	CHECK(syscall(403, CLOCK_REALTIME, now) == 0);
	clock_gettime(CLOCK_REALTIME, &plain);
	CHECK(now[0] >= plain.tv_sec - 5 && now[0] <= plain.tv_sec && now[1] >= 0);
	CHECK(syscall(406, CLOCK_MONOTONIC, left) == 0 && left[0] == 0 && left[1] > 0);
	CHECK(syscall(407, CLOCK_MONOTONIC, 0, soon, left) == 0);
	CHECK(syscall(414, NULL, 0, soon, NULL, 8) == 0);
	soon[0] = 0;
	soon[1] = 5000000;
	CHECK(syscall(413, 0, NULL, NULL, NULL, soon, NULL) == 0);
	soon[1] = 5000000 | 7ll << 32;
	CHECK(syscall(422, &word, 0, 0, soon) == -1 && errno == ETIMEDOUT);
	soon[1] = 5000000;
	CHECK(syscall(421, &mask, NULL, soon, 8) == -1 && errno == EAGAIN);
	CHECK(syscall(412, fd, NULL, both, 0) == 0);
	both[1] = 2000000000;
	CHECK(syscall(412, fd, NULL, both, 0) == -1 && errno == EINVAL);
	CHECK(syscall(SYS_timer_create, CLOCK_MONOTONIC, &none, &timer) == 0);
	both[0] = 100;
	both[1] = 5;
	both[2] = 1000;
	CHECK(syscall(409, timer, 0, both, NULL) == 0 && syscall(408, timer, both) == 0);
	CHECK(both[0] == 100 && both[1] == 5 && both[2] >= 900 && both[2] < 1000);
	CHECK(syscall(404, 99, now) == -1 && errno == EINVAL);
	CHECK(syscall(403, CLOCK_REALTIME, 8) == -1 && errno == EFAULT);
	close(fd);
}
#endif

static volatile sig_atomic_t caught;
static volatile uintptr_t fault_address, handler_stack;
static sigjmp_buf back;

static void on_old(int number)
{
	volatile double spoil = 2.5;

	spoil = spoil * spoil;
	caught = number;
}

static void on_info(int number, siginfo_t *info, void *context)
{
	caught = number;
	handler_stack = (uintptr_t)&number;
	if (number == SIGUSR2 && info->si_pid != getpid())
		caught = -1;
	if (number == SIGSEGV) {
		fault_address = (uintptr_t)info->si_addr;
		siglongjmp(back, 1);
	}
}

static void handle(int number, void (*plain)(int), int flags)
{
	struct sigaction action = {.sa_flags = flags}, old;

	if (plain)
		action.sa_handler = plain;
	else
		action.sa_sigaction = on_info;
	sigaddset(&action.sa_mask, SIGHUP);
	CHECK(sigaction(number, &action, NULL) == 0);
	CHECK(sigaction(number, NULL, &old) == 0);
	CHECK(old.sa_handler == action.sa_handler && sigismember(&old.sa_mask, SIGHUP) == 1);
	CHECK((old.sa_flags & (SA_SIGINFO | SA_ONSTACK | SA_RESTART)) == flags);
}

static void signals(void)
{
	static char stack[65536];
	const stack_t alternative = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct timespec soon = {0, 1000000};
	volatile double kept = 1.25;
	sigset_t set, pending;
	siginfo_t info;

	handle(SIGUSR1, on_old, 0);
	CHECK(raise(SIGUSR1) == 0 && caught == SIGUSR1);
	CHECK(kept + kept == 2.5);
	CHECK(sigaltstack(&alternative, NULL) == 0);
	handle(SIGTRAP, on_old, 0);
	asm volatile("int3");
	CHECK(caught == SIGTRAP);
	handle(SIGUSR2, NULL, SA_SIGINFO | SA_ONSTACK);
	CHECK(kill(getpid(), SIGUSR2) == 0 && caught == SIGUSR2);
	CHECK(handler_stack - (uintptr_t)stack < sizeof(stack));
	handle(SIGSEGV, NULL, SA_SIGINFO | SA_ONSTACK);
	if (sigsetjmp(back, 1) == 0)
		*(volatile int *)0x1230 = 1;
	CHECK(caught == SIGSEGV && fault_address == 0x1230);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN);
	CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	caught = 0;
	CHECK(raise(SIGUSR1) == 0 && raise(SIGRTMIN) == 0 && caught == 0);
	CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGRTMIN) == 1);
	CHECK(sigtimedwait(&set, &info, &soon) == SIGUSR1 && info.si_signo == SIGUSR1);
	CHECK(sigtimedwait(&set, NULL, &soon) == SIGRTMIN);
	CHECK(sigtimedwait(&set, NULL, &soon) == -1 && errno == EAGAIN);
	CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
}

static void times_and_limits(void)
{
	struct itimerval soon = {{0, 0}, {0, 20000}}, left;
	struct timespec now, later, nap = {0, 2000000};
	struct timeval tv = {0, 1000}, day;
	struct pollfd one = {.fd = 0};
	struct rusage usage;
	struct rlimit limit;
	struct sysinfo info;
	struct tms tms;
	int ends[2];
	fd_set set;

	CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0 && nanosleep(&nap, NULL) == 0);
	CHECK(clock_gettime(CLOCK_MONOTONIC, &later) == 0);
	CHECK((later.tv_sec - now.tv_sec) * 1000000000ll + later.tv_nsec - now.tv_nsec >= 2000000);
	CHECK(gettimeofday(&day, NULL) == 0 && day.tv_sec > 1600000000 && day.tv_usec < 1000000);
	CHECK(time(NULL) - day.tv_sec <= 5);
	handle(SIGALRM, on_old, 0);
	CHECK(setitimer(ITIMER_REAL, &soon, NULL) == 0);
	CHECK(getitimer(ITIMER_REAL, &left) == 0 && left.it_value.tv_usec <= 20000);
	CHECK(poll(NULL, 0, 5000) == -1 && errno == EINTR && caught == SIGALRM);
	CHECK(poll(&one, 0, 1) == 0);
	CHECK(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	CHECK(select(ends[0] + 1, &set, NULL, NULL, &tv) == 1 && FD_ISSET(ends[0], &set));
	CHECK(pselect(ends[0] + 1, &set, NULL, NULL, &nap, NULL) == 1);
	CHECK(getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_utime.tv_usec < 1000000);
	CHECK(times(&tms) != (clock_t)-1);
	CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > 2 &&
		limit.rlim_cur <= limit.rlim_max);
	CHECK(sysinfo(&info) == 0 && info.totalram >= info.freeram && info.freeram > 0 &&
		info.procs >= 1);
}

static __thread int local = 42;

static void processes(void)
{
	struct utsname name;
	siginfo_t info;
	int status;
	pid_t pid;

	local++;
	pid = fork();
	if (pid == 0)
		_exit(local == 43 ? 9 : 1);
	CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 9);
	pid = vfork();
	if (pid == 0)
		_exit(10);
	CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED) == 0);
	CHECK(info.si_pid == pid && info.si_status == 10 && info.si_code == CLD_EXITED);
	pid = fork();
	if (pid == 0)
		pause();
	CHECK(kill(pid, SIGKILL) == 0 && wait4(pid, &status, 0, NULL) == pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	CHECK(local == 43 && uname(&name) == 0 && strcmp(name.sysname, "Linux") == 0);
}

/* The child of a child, which has ended when its parent does. */
static pid_t adopt(void)
{
	int ends[2];
	pid_t pid, grandchild = 0;

	CHECK(pipe(ends) == 0);
	pid = fork();
	if (pid == 0) {
		siginfo_t info;

		signal(SIGCHLD, SIG_DFL);
		grandchild = fork();
		if (grandchild == 0)
			_exit(5);
		waitid(P_PID, (id_t)grandchild, &info, WEXITED | WNOWAIT);
		_exit(write(ends[1], &grandchild, sizeof(grandchild)) != sizeof(grandchild));
	}
	CHECK(read(ends[0], &grandchild, sizeof(grandchild)) == sizeof(grandchild));
	close(ends[0]);
	close(ends[1]);
	return grandchild;
}

/* Of process 1, and on Linux of others who ask for it: orphans are children. */
static void orphans(void)
{
	int status;
	pid_t pid;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = adopt();
	CHECK(wait(&status) > 0 && wait(&status) > 0);
	CHECK(kill(pid, 0) == -1 && errno == ESRCH);
	/* Who ignores the end of children has none that have ended. */
	signal(SIGCHLD, SIG_IGN);
	adopt();
	CHECK(wait(&status) == -1 && errno == ECHILD);
	signal(SIGCHLD, SIG_DFL);
}

int main(void)
{
	files();
	memory();
	signals();
	times_and_limits();
	processes();
	orphans();
	sockets();
	copies();
#ifdef __i386__
	wide_times();
#endif
	printf("abi: %u checks, %u failed\n", checks, failures);
	return failures ? 1 : 0;
}
