/* SPDX-License-Identifier: MIT */
/*
 * core_read.h: a core file as evidence again.
 */
#ifndef AUTOPSY_CORE_READ_H
#define AUTOPSY_CORE_READ_H

#include "core_codec.h"
#include "evidence.h"

struct core {
	struct evidence evidence; /* its memory is read from the file when it is asked for */
	struct phys_mem file;
	uint64_t low_at, high_at; /* file offsets of RAM from 0 and from 4 GiB */
	struct codec_block *blocks;
};

/*
 * Reads a core file. file: its bytes, by offset; they must stay for as long as the core; size: how
 * many. Nothing in the file is trusted. NULL with a clause in error when it is not a core of vmm's.
 * core_close() it.
 */
struct core *core_open(const struct phys_mem *file, uint64_t size, char *error, size_t error_size);
void core_close(struct core *core);

#endif
