/* SPDX-License-Identifier: MIT */
/*
 * bench_process.h: what the benchmarks share: files of their own, one run of a program, medians.
 */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BENCH_LIMIT 20 /* seconds a run */

/* A BIOS of 64 KiB for QEMU, guest_bios: prints a line on port 0xe9, then isa-debug-exit. */
#define BENCH_BIOS                                                                          \
	asm(".pushsection .rodata\n"                                                        \
	    "guest_bios: .code16\n"                                                         \
	    "xor %si, %si; cld; 1: lodsb %cs:(%si); test %al, %al; jz 2f; out %al, $0xe9\n" \
	    "jmp 1b; 2: mov $0, %al; out %al, $0xf4; hlt\n"                                 \
	    ".org guest_bios + 0xff00; .ascii \"hello\\n\\0\"\n"                            \
	    ".org guest_bios + 0xfff0; mov $0xff00, %si; jmp guest_bios + 2\n"              \
	    ".org guest_bios + 0x10000; guest_bios_end: .code64\n"                          \
	    ".popsection\n");                                                               \
	extern const char guest_bios[], guest_bios_end[]

/* Made at the first call. */
static inline const char *bench_folder(void)
{
	static char path[] = "/tmp/vmm-bench-XXXXXX";
	static char made;

	if (!made && !mkdtemp(path))
		err(1, "%s", path);
	made = 1;
	return path;
}

static inline int bench_remove_folder(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", bench_folder());
	return system(command) != 0;
}

/* The path, which stays. */
static inline const char *write_file(const char *name, const void *bytes, size_t n)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s/%s", bench_folder(), name) < 0)
		err(1, "memory");
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n || close(fd))
		err(1, "%s", path);
	return path;
}

static inline double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

/* Milliseconds of a run; *status: how it exits, or -1. vfork, so that our own size does not count.
 */
static inline double run_words(const char *const *words, int *status, struct rusage *usage)
{
	double start = now_ms();
	pid_t child = vfork();
	int how;

	if (child < 0)
		err(1, "vfork");
	if (!child) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		alarm(BENCH_LIMIT);
		execvp(words[0], (char *const *)words);
		_exit(127);
	}
	if (wait4(child, &how, 0, usage) < 0)
		err(1, "wait4");
	*status = WIFEXITED(how) ? WEXITSTATUS(how) : -1;
	return now_ms() - start;
}

static inline int compare_doubles(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Sorts them. */
static inline double median(double *values, unsigned n)
{
	qsort(values, n, sizeof(*values), compare_doubles);
	return values[n / 2];
}

#endif
