/* SPDX-License-Identifier: MIT */
/*
 * boot.h: the environment in which an image starts: descriptor tables, page tables and boot
 * information in guest memory, and the first state of the CPU. docs/boot-protocol.md is the
 * contract; layout.h has the addresses.
 */
#ifndef VMM_BOOT_H
#define VMM_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "autopsy/cpu_state.h"
#include "autopsy/evidence.h"
#include "image.h"
#include "memory.h"

#define BOOT_REGIONS (16 + IMAGE_SEGMENTS)

struct boot_params {
	const char *command_line;
	uint64_t initrd_size; /* 0: none */
	const char *initrd_name;
	unsigned vcpus;
	uint64_t tsc_hz;
	uint32_t host;    /* VMM_HOST_* */
	uint32_t irqchip; /* VMM_IRQCHIP_* that the machine has */
};

struct boot {
	uint32_t mode;
	bool multiboot;
	uint64_t base, top; /* the boot block; both 0 in real mode */
	uint64_t cr3;
	uint64_t initrd; /* where the initial RAM disk belongs; 0: there is none */
	/* What lies where, the monitor's structures first, then the image's segments. */
	struct evidence_region regions[BOOT_REGIONS];
	unsigned region_count;
};

/*
 * Writes the boot structures to mem and lists them, with the image's segments, in boot->regions.
 * STATUS_IMAGE when a segment is outside RAM, lies over a boot structure or cannot be mapped where
 * it wants to be; the message names both sides. image must outlive boot.
 */
bool boot_build(struct boot *boot, const struct guest_mem *mem, const struct image *image,
	const struct boot_params *params, struct error *err);

/* Puts what probing found (VMM_HOST_*) into the boot information; nothing in real mode. */
void boot_set_host(const struct boot *boot, const struct guest_mem *mem, uint32_t host);

/* State of the first vCPU before its first instruction. */
void boot_cpu_state(const struct boot *boot, const struct image *image, struct cpu_state *cpu);

/* Name of a VMM_MODE_*, as --mode spells it; a literal. */
const char *boot_mode_name(uint32_t mode);

#endif
