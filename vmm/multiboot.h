/* SPDX-License-Identifier: MIT */
/*
 * multiboot.h: the Multiboot headers of an image. Follows the Multiboot specification 0.6.96, 3.1
 * "OS image format".
 */
#ifndef VMM_MULTIBOOT_H
#define VMM_MULTIBOOT_H

#include "image.h"

enum multiboot { MULTIBOOT_NONE, MULTIBOOT_1, MULTIBOOT_2 };

struct multiboot_header {
	uint64_t offset; /* in the file */
	uint32_t flags;
	/* With bit 16 of flags. */
	uint32_t header_addr, load_addr, load_end_addr, bss_end_addr, entry_addr;
};

/* Which header the open image has; header is filled in for Multiboot 1. An image with both has 1.
 */
enum multiboot multiboot_find(const struct image *image, struct multiboot_header *header);

/*
 * Makes the image one that starts as the header says: in 32-bit protected mode, at the addresses of
 * the header where it has some, else where its segments are. STATUS_IMAGE when the header asks for
 * what does not exist.
 */
bool multiboot_adopt(struct image *image, const struct multiboot_header *header, struct error *err);

/* For --mode multiboot: finds and adopts the header; STATUS_IMAGE when there is none. */
bool multiboot_require(struct image *image, struct error *err);

#endif
