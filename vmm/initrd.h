/* SPDX-License-Identifier: MIT */
/*
 * initrd.h: the initial RAM disk: a file that is handed to the kernel as it is.
 */
#ifndef VMM_INITRD_H
#define VMM_INITRD_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "memory.h"

struct initrd {
	int fd; /* -1: there is none */
	const char *path;
	uint64_t size;
};

/* path may be NULL: no initial RAM disk, size 0. STATUS_INPUT when the file cannot be read. */
bool initrd_open(struct initrd *initrd, const char *path, struct error *err);
void initrd_close(struct initrd *initrd);

/* Copies the file to gpa, where boot_build() has reserved its size. */
bool initrd_load(
	const struct initrd *initrd, const struct guest_mem *mem, uint64_t gpa, struct error *err);

#endif
