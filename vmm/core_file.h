/* SPDX-License-Identifier: MIT */
/*
 * core_file.h: core files on disk: the one of --core, written after a death, and the one of
 * --autopsy, read instead of a run.
 */
#ifndef VMM_CORE_FILE_H
#define VMM_CORE_FILE_H

#include "autopsy/evidence.h"
#include "error.h"

struct core_file {
	bool wanted;
	const char *path;
	char *target; /* path with its links followed */
};

/* Finds out whether the core can be written, and leaves an earlier one as it is. path NULL: none is
 * wanted. False with STATUS_INPUT when it cannot be written. The path must outlive the file. */
bool core_file_open(struct core_file *file, const char *path, struct error *err);
void core_file_close(struct core_file *file);

/* Writes the core of a death: see autopsy/core_format.h. It takes the place of an earlier one only
 * when it is complete. False with STATUS_INPUT. */
bool core_file_write(
	const struct core_file *file, const struct evidence *evidence, struct error *err);

/* A core file that is being explained. */
struct core;
struct core_input {
	int fd;
	const char *path;
	struct core *core;
};

/* Opens a core and gives its evidence, valid until core_input_close(). NULL with STATUS_INPUT when
 * it cannot be read, STATUS_IMAGE when it is no core of vmm's. Nothing is left to close then. */
struct evidence *core_input_open(struct core_input *input, const char *path, struct error *err);
void core_input_close(struct core_input *input);

#endif
