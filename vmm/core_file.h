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
	int fd; /* -1: none is wanted */
	const char *path;
	bool written;
};

/* Creates the file, or empties it. path NULL: none is wanted. False with STATUS_INPUT when it
 * cannot be written. The path must outlive the file. */
bool core_file_open(struct core_file *file, const char *path, struct error *err);

/* Closes the file; one that nothing was written to is removed. */
void core_file_close(struct core_file *file);

/* Writes the core of a death: see autopsy/core_format.h. False with STATUS_INPUT. */
bool core_file_write(struct core_file *file, const struct evidence *evidence, struct error *err);

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
