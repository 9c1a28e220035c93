/* SPDX-License-Identifier: MIT */
/*
 * test_exec.c: execve: what the new program gets, what it keeps, and why there is none.
 */
#include "suite.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int part_words(int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		printf("[%s]", argv[i]);
	for (char **word = environ; *word; word++)
		printf("{%s}", *word);
	fflush(stdout);
	return argc;
}

/* Bit 0 and up: which of the rules do not hold. */
static int part_vector(int argc, char **argv)
{
	const Elf64_Phdr *headers = (const Elf64_Phdr *)getauxval(AT_PHDR);
	const uint8_t *random = (const uint8_t *)getauxval(AT_RANDOM);
	unsigned long loads = 0;
	int wrong = 0;

	wrong |= getauxval(AT_PAGESZ) != PAGE;
	wrong |= (!headers || getauxval(AT_PHENT) != sizeof(*headers)) << 1;
	for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++)
		loads += headers[i].p_type == PT_LOAD;
	wrong |= (loads < 2) << 2;
	wrong |= (getauxval(AT_UID) != getuid() || getauxval(AT_EGID) != getegid()) << 3;
	wrong |= (!random || (uintptr_t)random < (uintptr_t)&wrong) << 4;
	wrong |= (strcmp((const char *)getauxval(AT_EXECFN), argv[2]) != 0) << 5;
	wrong |= (getauxval(AT_CLKTCK) != 100) << 6;
	return wrong;
}

static int part_signals(int argc, char **argv)
{
	struct sigaction handled, ignored;
	sigset_t blocked, pending;
	int wrong = 0;

	sigaction(SIGUSR1, NULL, &handled);
	sigaction(SIGUSR2, NULL, &ignored);
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	sigpending(&pending);
	wrong |= handled.sa_handler != SIG_DFL;
	wrong |= (ignored.sa_handler != SIG_IGN) << 1;
	wrong |= !sigismember(&blocked, SIGTERM) << 2;
	wrong |= !sigismember(&pending, SIGTERM) << 3;
	return wrong;
}

static int part_descriptors(int argc, char **argv)
{
	int closed = atoi(argv[2]), open = atoi(argv[3]);

	return (fcntl(closed, F_GETFD) != -1) | (fcntl(open, F_GETFD) == -1) << 1;
}

/* Of a script both are the script's own. */
static int part_script(int argc, char **argv)
{
	char name[17] = "";

	prctl(PR_GET_NAME, name);
	printf("[%s][%s]", name, (const char *)getauxval(AT_EXECFN));
	fflush(stdout);
	return 0;
}

int exec_part(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*part)(int argc, char **argv);
	} parts[] = {
		{"--words", part_words},
		{"--vector", part_vector},
		{"--signals", part_signals},
		{"--descriptors", part_descriptors},
		{"--script", part_script},
	};

	for (size_t i = 0; argc > 1 && i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(argv[1], parts[i].name) == 0)
			return parts[i].part(argc, argv);
	}
	return -1;
}

/* Executes the file and reads what it writes; its status. */
static int execute(const char *path, char *const *argv, char *const *envp, char *out, size_t size)
{
	int ends[2];
	pid_t pid;
	ssize_t n;
	size_t done = 0;

	ck_assert_ok(pipe(ends));
	pid = must_fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		close(ends[0]);
		close(ends[1]);
		execve(path, argv, envp);
		_exit(errno);
	}
	close(ends[1]);
	while ((n = read(ends[0], out + done, size - 1 - done)) > 0)
		done += (size_t)n;
	out[done] = '\0';
	close(ends[0]);
	return WEXITSTATUS(wait_status(pid));
}

START_TEST(words_arrive)
{
	char *const argv[] = {"name", "--words", "a", "", "b c", NULL};
	char *const envp[] = {"X=1", "EMPTY=", NULL};
	char *const none[] = {NULL};
	char out[256];

	ck_assert_int_eq(execute(suite_program(), argv, envp, out, sizeof(out)), 5);
	ck_assert_str_eq(out, "[a][][b c]{X=1}{EMPTY=}");
	ck_assert_int_eq(execute(suite_program(), argv, none, out, sizeof(out)), 5);
	ck_assert_str_eq(out, "[a][][b c]");
}
END_TEST

START_TEST(many_words_arrive)
{
	enum { COUNT = 2000 };
	static char *argv[COUNT + 1], out[2 * COUNT * 8];
	char *const none[] = {NULL};

	argv[0] = "name";
	argv[1] = "--words";
	for (int i = 2; i < COUNT; i++)
		argv[i] = "12345";
	execute(suite_program(), argv, none, out, sizeof(out));
	ck_assert_uint_eq(strlen(out), 7 * (COUNT - 2));
}
END_TEST

START_TEST(vector_is_complete)
{
	char *const argv[] = {"name", "--vector", (char *)suite_program(), NULL};
	char out[16];

	ck_assert_int_eq(execute(suite_program(), argv, environ, out, sizeof(out)), 0);
}
END_TEST

START_TEST(scripts_have_interpreters)
{
	char text[PATH_MAX + 64], out[256], expected[256];
	char *const argv[] = {"ignored", "x", NULL}, *const none[] = {NULL};

	snprintf(text, sizeof(text), "#! %s --words\nnothing\n", suite_program());
	make_file("script", text);
	ck_assert_ok(chmod("script", 0755));
	ck_assert_int_eq(execute("./script", argv, none, out, sizeof(out)), 4);
	snprintf(expected, sizeof(expected), "[./script][x]");
	ck_assert_str_eq(out, expected);
	make_file("lost", "#!/none/such\n");
	ck_assert_ok(chmod("lost", 0755));
	ck_assert_int_eq(execute("./lost", argv, none, out, sizeof(out)), ENOENT);
}
END_TEST

static void ignore(int signal)
{
}

START_TEST(scripts_keep_their_name)
{
	char text[PATH_MAX + 64], out[256];
	char *const argv[] = {"ignored", NULL}, *const none[] = {NULL};

	snprintf(text, sizeof(text), "#!%s --script\n", suite_program());
	make_file("named", text);
	ck_assert_ok(chmod("named", 0755));
	ck_assert_int_eq(execute("./named", argv, none, out, sizeof(out)), 0);
	ck_assert_str_eq(out, "[named][./named]");
	ck_assert_ok(mkdir("folder", 0755));
	make_file("folder/longer-than-fifteen", "#!./named\n");
	ck_assert_ok(chmod("folder/longer-than-fifteen", 0755));
	ck_assert_int_eq(execute("folder/longer-than-fifteen", argv, none, out, sizeof(out)), 0);
	ck_assert_str_eq(out, "[longer-than-fif][folder/longer-than-fifteen]");
}
END_TEST

START_TEST(signals_are_reset)
{
	char *const argv[] = {"name", "--signals", NULL};
	sigset_t set;
	char out[16];

	signal(SIGUSR1, ignore);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (fork() == 0) {
		raise(SIGTERM);
		execve(suite_program(), argv, environ);
	}
	int status = 0;

	ck_assert_int_gt(wait(&status), 0);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	(void)out;
}
END_TEST

START_TEST(some_descriptors_are_closed)
{
	char first[16], second[16], out[16];
	char *const argv[] = {"name", "--descriptors", first, second, NULL};
	int closed = open("/dev/null", O_RDONLY | O_CLOEXEC), kept = open("/dev/null", O_RDONLY);
	int late = dup(kept);

	snprintf(first, sizeof(first), "%d", closed);
	snprintf(second, sizeof(second), "%d", kept);
	ck_assert_int_eq(execute(suite_program(), argv, environ, out, sizeof(out)), 0);
	ck_assert_ok(fcntl(late, F_SETFD, FD_CLOEXEC));
	snprintf(first, sizeof(first), "%d", late);
	ck_assert_int_eq(execute(suite_program(), argv, environ, out, sizeof(out)), 0);
}
END_TEST

static int execute_itself(void *program)
{
	execl(program, program, "--signals", (char *)NULL);
	return 99;
}

/* A new program closes descriptors for itself, not for those that shared them with the old one. */
START_TEST(shared_descriptors_stay)
{
	static _Alignas(16) char stack[65536];
	char *program = strdup(suite_program());
	int fd = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	pid_t pid = clone(execute_itself, stack + sizeof(stack),
		CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, program);

	ck_assert_int_gt(pid, 0);
	wait_status(pid);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
}
END_TEST

START_TEST(failures_leave_the_caller)
{
	char *const argv[] = {"name", NULL};
	char *const bad[] = {"name", (char *)8, NULL};
	static char huge[150000];
	char out[16];
	char *const too_big[] = {"name", "--words", huge, NULL};

	memset(huge, 'x', sizeof(huge) - 1);
	ck_assert_fails(execve("none", argv, environ), ENOENT);
	ck_assert_fails(execve("", argv, environ), ENOENT);
	ck_assert_fails(execve("/", argv, environ), EACCES);
	make_file("text", "no program\n");
	ck_assert_fails(execve("text", argv, environ), EACCES);
	ck_assert_fails(execve("text/more", argv, environ), ENOTDIR);
	ck_assert_ok(chmod("text", 0755));
	ck_assert_fails(execve("text", argv, environ), ENOEXEC);
	make_file("elf", "\177ELF\2\1\1 and no more");
	ck_assert_ok(chmod("elf", 0755));
	ck_assert_fails(execve("elf", argv, environ), ENOEXEC);
	ck_assert_fails(syscall(SYS_execve, suite_program(), 8, environ), EFAULT);
	ck_assert_fails(syscall(SYS_execve, suite_program(), bad, environ), EFAULT);
	ck_assert_fails(syscall(SYS_execve, suite_program(), argv, 8), EFAULT);
	ck_assert_int_eq(execute(suite_program(), too_big, environ, out, sizeof(out)), E2BIG);
}
END_TEST

START_TEST(running_files_are_not_written)
{
	char *const argv[] = {"name", NULL};
	int fd;

	ck_assert_fails(open(suite_program(), O_WRONLY), ETXTBSY);
	ck_assert_fails(open(suite_program(), O_RDONLY | O_TRUNC), ETXTBSY);
	ck_assert_fails(truncate(suite_program(), 1), ETXTBSY);
	ck_assert_ok(open(suite_program(), O_RDONLY));
	make_file("script", "#!/none/such\n");
	ck_assert_ok(chmod("script", 0755));
	fd = open("script", O_WRONLY);
	ck_assert_fails(execve("script", argv, environ), ETXTBSY);
	close(fd);
	ck_assert_fails(execve("script", argv, environ), ENOENT);
	ck_assert_ok(open("script", O_WRONLY));
}
END_TEST

START_TEST(spawn_and_popen)
{
	char *const argv[] = {"name", "--words", NULL}, *const none[] = {NULL};
	pid_t pid;

	ck_assert_int_eq(posix_spawn(&pid, suite_program(), NULL, NULL, argv, none), 0);
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 2);
	ck_assert_int_eq(posix_spawn(&pid, "/none", NULL, NULL, argv, none), ENOENT);
}
END_TEST

TCase *exec_tests(void)
{
	TCase *tests = tcase_create("exec");

	tcase_add_test(tests, words_arrive);
	tcase_add_test(tests, many_words_arrive);
	tcase_add_test(tests, vector_is_complete);
	tcase_add_test(tests, scripts_have_interpreters);
	tcase_add_test(tests, scripts_keep_their_name);
	tcase_add_test(tests, signals_are_reset);
	tcase_add_test(tests, some_descriptors_are_closed);
	tcase_add_test(tests, shared_descriptors_stay);
	tcase_add_test(tests, failures_leave_the_caller);
	tcase_add_test(tests, running_files_are_not_written);
	tcase_add_test(tests, spawn_and_popen);
	return tests;
}
