/* SPDX-License-Identifier: MIT */
/*
 * user.h: reading and writing the memory of the current process. Addresses come from the program
 * and may be anything: what is not in the user half, not mapped or not allowed gives -EFAULT, never
 * a fault of the kernel. Pages come into being as they are touched.
 */
#ifndef KERNEL_USER_H
#define KERNEL_USER_H

#include <stddef.h>
#include <stdint.h>

/* 0 or -EFAULT; then some of the bytes may have been copied. */
int user_read(void *to, uintptr_t from, size_t n);
int user_write(uintptr_t to, const void *from, size_t n);
int user_zero(uintptr_t to, size_t n);

/* Copies a string, NUL included: its length, -EFAULT, or -ENAMETOOLONG when it has no end within
 * size bytes. */
int64_t user_string(char *to, uintptr_t from, size_t size);

#endif
