/* SPDX-License-Identifier: MIT */
/*
 * boot.h: what the loader told, copied to where nobody overwrites it and then only read.
 */
#ifndef KERNEL_BOOT_H
#define KERNEL_BOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest_abi.h"

#define BOOT_RANGES       64
#define BOOT_COMMAND_LINE 1024

struct boot {
	bool multiboot; /* set by the Multiboot entry; otherwise vmm loaded us */
	bool under_vmm;
	bool ram_is_zero; /* usable RAM that nothing was loaded to is zero (docs/boot-protocol.md)
	                   */
	uint32_t host;    /* VMM_HOST_* */
	uint32_t irqchip; /* VMM_IRQCHIP_* */
	uint32_t vcpus;
	uint64_t tsc_hz;    /* 0: unknown */
	uint64_t tsc_start; /* the counter at the kernel's first instruction */
	uint64_t initrd, initrd_size;
	unsigned ranges;
	struct vmm_memory_range memory[BOOT_RANGES]; /* sorted by base */
	char command_line[BOOT_COMMAND_LINE];
};

extern struct boot boot;

/* Copies from `info`, which is reachable at its physical address. Needs no console; false: not a
 * boot information of a known version. */
bool boot_read(struct vmm_boot_info *info, uint64_t tsc_start);

/* Prints the memory map and where the initial RAM disk is. */
void boot_show(void);

/* Value of the option NAME=VALUE on the command line, its length in *length; NULL: not given. The
 * last one counts. What follows init= is the program's. */
const char *boot_option(const char *name, size_t *length);

/* Whether the option NAME was given with exactly this value. */
bool boot_option_is(const char *name, const char *value);

#endif
