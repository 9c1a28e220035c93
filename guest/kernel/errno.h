/* SPDX-License-Identifier: MIT */
/*
 * errno.h: why a call failed; Linux's numbers, since programs will see them. Functions return them
 * negated.
 */
#ifndef KERNEL_ERRNO_H
#define KERNEL_ERRNO_H

#define ENOENT 2
#define ENOMEM 12
#define EFAULT 14
#define EEXIST 17
#define EINVAL 22

#endif
