/* SPDX-License-Identifier: MIT */
/*
 * file.h: input files: opened and read with errors that name them.
 */
#ifndef VMM_FILE_H
#define VMM_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/* Opens a regular file for reading and gives its size. what: "a guest image". Returns the
 * descriptor, or -1 with err set to STATUS_INPUT. */
int file_open(const char *path, const char *what, uint64_t *size, struct error *err);

/* Reads exactly n bytes at offset; STATUS_INPUT when it cannot. */
bool file_read(int fd, const char *path, void *buf, uint64_t n, uint64_t offset, struct error *err);

#endif
