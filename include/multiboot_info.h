/* SPDX-License-Identifier: MIT */
/*
 * multiboot_info.h: what the monitor writes and the guest kernel reads as a Multiboot 1 loader's
 * word to the kernel. Multiboot specification 0.6.96, 3.1.1 "The magic fields of Multiboot
 * header", 3.2 "Machine state", 3.3 "Boot information format". Usable from assembly.
 */
#ifndef MULTIBOOT_INFO_H
#define MULTIBOOT_INFO_H

#define MULTIBOOT_HEADER_MAGIC 0x1badb002
#define MULTIBOOT_LOADER_MAGIC                                             \
	0x2badb002 /* in EAX at the start; EBX: address of the information \
	            */

#ifndef __ASSEMBLER__
#include <stdint.h>

/* Flags: which fields of the information are there. */
#define MULTIBOOT_MEMORY       (1u << 0)
#define MULTIBOOT_COMMAND_LINE (1u << 2)
#define MULTIBOOT_MODULES      (1u << 3)
#define MULTIBOOT_MEMORY_MAP   (1u << 6)
#define MULTIBOOT_LOADER_NAME  (1u << 9)

/* Addresses are physical. */
struct multiboot_info {
	uint32_t flags;
	uint32_t mem_lower, mem_upper; /* KiB from 0, from 1 MiB */
	uint32_t boot_device;
	uint32_t command_line;
	uint32_t module_count, modules;
	uint32_t symbols[4];
	uint32_t map_length, map; /* length in bytes */
	uint32_t drives_length, drives;
	uint32_t config_table;
	uint32_t loader_name;
	uint32_t apm_table;
};

struct multiboot_module {
	uint32_t start, end, string, reserved;
};

struct multiboot_range {
	uint32_t size; /* of what follows */
	uint64_t base, length;
	uint32_t type; /* VMM_MEM_*: 1 is usable */
} __attribute__((packed));

_Static_assert(sizeof(struct multiboot_info) == 72, "the specification's layout");
_Static_assert(sizeof(struct multiboot_range) == 24, "the specification's layout");
#endif

#endif
