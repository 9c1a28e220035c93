/* SPDX-License-Identifier: MIT */
/*
 * elf.h: what an ELF program asks for. Pure: reads headers that somebody else fetched, and
 * believes nothing of them.
 */
#ifndef PROCESS_ELF_H
#define PROCESS_ELF_H

#include <stddef.h>
#include <stdint.h>

#include "user_abi.h"

#define ELF_SEGMENTS 16

/* A PT_LOAD segment, moved by the image's bias already. */
struct elf_segment {
	uint64_t address, size; /* of its memory */
	uint64_t offset, file_size;
	unsigned rights; /* AREA_* */
};

struct elf_image {
	uint64_t entry;
	uint64_t header_offset; /* of the program headers in the file */
	uint64_t headers;       /* where they are in memory; 0: nowhere */
	unsigned header_count;
	uint64_t bias;
	uint64_t end; /* of the highest segment */
	unsigned segments;
	struct elf_segment segment[ELF_SEGMENTS];
};

/* First step: the file header. `head` holds the file's first n bytes. Tells where the program
 * headers are: 0, or -ENOEXEC. */
int elf_read_header(const void *head, size_t n, struct elf_image *image);

/* Second step: header_count program headers. A position-independent program goes to `bias`. 0, or
 * -ENOEXEC: not sound, wants an interpreter, or lies outside [lowest, limit). */
int elf_read_segments(struct elf_image *image, const void *headers, uint64_t bias, uint64_t lowest,
	uint64_t limit);

#define ELF_PROGRAM_HEADERS 64 /* more are refused */

#endif
