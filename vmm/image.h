/* SPDX-License-Identifier: MIT */
/*
 * image.h: a guest image: what to load where and how to start it. Reading the file comes in two
 * steps, so that everything wrong with an image is told before any guest memory exists.
 */
#ifndef VMM_IMAGE_H
#define VMM_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "error.h"
#include "memory.h"

#define IMAGE_SEGMENTS 32
#define IMAGE_WRITABLE 2u /* PF_W of <elf.h> */

struct image_segment {
	uint64_t gpa;               /* first byte in guest-physical memory */
	uint64_t linear;            /* where it is mapped when there is paging */
	uint64_t size;              /* bytes in memory; what the file does not give is zero */
	uint64_t offset, file_size; /* bytes in the file */
	uint32_t flags;             /* PF_R, PF_W, PF_X of ELF; flat images: all */
	char name[32];              /* for messages: "PT_LOAD 2", "flat image" */
};

struct image {
	int fd;
	const char *path; /* the configuration's */
	uint64_t file_size;
	uint32_t mode;    /* VMM_MODE_* */
	bool multiboot;   /* pm32, but told as Multiboot 1 tells it */
	uint32_t irqchip; /* VMM_IRQCHIP_* */
	uint64_t entry;
	struct image_segment segments[IMAGE_SEGMENTS];
	unsigned segment_count;
};

/* Opens and checks the configured image. False with err: STATUS_INPUT when it cannot be read,
 * STATUS_IMAGE when it is no image that vmm can run. */
bool image_open(struct image *image, const struct config *config, struct error *err);
void image_close(struct image *image);

/* Copies the segments to mem. They were checked against its size by machine_create(). */
bool image_load(const struct image *image, const struct guest_mem *mem, struct error *err);

/* The two formats; image_open() chooses. */
bool image_parse_elf(struct image *image, const struct config *config, struct error *err);
bool image_parse_flat(struct image *image, const struct config *config, struct error *err);

/* Whether [a, a + a_size) and [b, b + b_size) share a byte; safe when the sums overflow. */
static inline bool ranges_overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a_size && b_size && (a < b ? b - a < a_size : a - b < b_size);
}

#endif
