/* SPDX-License-Identifier: MIT */
/*
 * kvm_shim.c: a library to preload before vmm that makes /dev/kvm another than it is. KVM_SHIM
 * holds one of
 *
 *   open ERRNO                 opening /dev/kvm fails
 *   version N                  KVM's API version is N
 *   lacks N                    KVM does not have capability N
 *   fail N ERRNO               the Nth call to KVM fails
 *   spoil REQUEST OFFSET XOR   what REQUEST (in hexadecimal) reads comes with some bits changed
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int open(const char *path, int flags, ...);
int ioctl(int fd, unsigned long request, ...);

/* The numbers after a word of KVM_SHIM; 0 when it says something else. */
static int setting(
	const char *word, const char *format, unsigned long *a, unsigned long *b, unsigned long *c)
{
	const char *text = getenv("KVM_SHIM");
	size_t n = strlen(word);

	return text && !strncmp(text, word, n) ? sscanf(text + n, format, a, b, c) : 0;
}

static int fail_with(unsigned long error)
{
	errno = (int)error;
	return -1;
}

int open(const char *path, int flags, ...)
{
	unsigned long error;
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (!strcmp(path, "/dev/kvm") && setting("open ", "%lu", &error, NULL, NULL) == 1)
		return fail_with(error);
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static int kvm_ioctl(int fd, unsigned long request, unsigned long arg)
{
	static unsigned long calls;
	unsigned long a, b, c;
	int ret;

	if (setting("fail ", "%lu %lu", &a, &b, NULL) == 2 &&
		__atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST) == a)
		return fail_with(b);
	if (request == KVM_GET_API_VERSION && setting("version ", "%lu", &a, NULL, NULL) == 1)
		return (int)a;
	if (request == KVM_CHECK_EXTENSION && setting("lacks ", "%lu", &a, NULL, NULL) == 1 &&
		arg == a)
		return 0;
	ret = (int)syscall(SYS_ioctl, fd, request, arg);
	if (!ret && setting("spoil ", "%lx %lu %lx", &a, &b, &c) == 3 && request == a)
		*(uint8_t *)(arg + b) ^= (uint8_t)c;
	return ret;
}

int ioctl(int fd, unsigned long request, ...)
{
	unsigned long arg;
	va_list args;

	va_start(args, request);
	arg = va_arg(args, unsigned long);
	va_end(args);
	if ((request >> 8 & 0xff) == KVMIO)
		return kvm_ioctl(fd, request, arg);
	return (int)syscall(SYS_ioctl, fd, request, arg);
}
