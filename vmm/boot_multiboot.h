/* SPDX-License-Identifier: MIT */
/*
 * boot_multiboot.h: what a Multiboot 1 kernel is told. Follows the Multiboot specification 0.6.96,
 * 3.2 "Machine state" and 3.3 "Boot information format".
 */
#ifndef VMM_BOOT_MULTIBOOT_H
#define VMM_BOOT_MULTIBOOT_H

#include "boot.h"

/* The word in front of the kernel's command line: the image's name without its folder. */
const char *boot_multiboot_name(const struct image *image);

/* Writes the Multiboot information into the page of boot information, whose other parts are
 * there. */
void boot_multiboot_write(const struct boot *boot, const struct guest_mem *mem,
	const struct image *image, const struct boot_params *params);

/* EAX and EBX. */
void boot_multiboot_registers(const struct boot *boot, struct cpu_state *cpu);

#endif
