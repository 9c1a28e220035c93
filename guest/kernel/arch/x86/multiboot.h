/* SPDX-License-Identifier: MIT */
/*
 * multiboot.h: from entry.S to multiboot.c.
 */
#ifndef MULTIBOOT_H
#define MULTIBOOT_H

struct multiboot_info;
struct vmm_boot_info;

/* from: physical address, reachable. Returns the physical address of a boot information that lives
 * as long as the kernel. */
struct vmm_boot_info *multiboot_boot_info(const struct multiboot_info *from);

#endif
