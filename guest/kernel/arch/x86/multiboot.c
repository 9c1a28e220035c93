/* SPDX-License-Identifier: MIT */
/*
 * multiboot.c: what a Multiboot 1 loader tells, put into the words of vmm's boot information.
 * Multiboot specification 0.6.96, 3.3 "Boot information format".
 */
#include "multiboot.h"

#include <stddef.h>

#include "boot.h"
#include "memory.h"
#include "multiboot_info.h"
#include "pit.h"

#define RANGES 32

static struct vmm_memory_range ranges[RANGES];
static struct vmm_boot_info info;

/* Only what entry.S maps: the rest of the RAM is left unused. */
static void add_range(uint64_t base, uint64_t size, uint32_t type)
{
	unsigned at = info.memory_ranges;

	if (at == RANGES || base >= BOOT_REACHABLE)
		return;
	if (size > BOOT_REACHABLE - base)
		size = BOOT_REACHABLE - base;
	for (; at > 0 && ranges[at - 1].base > base; at--)
		ranges[at] = ranges[at - 1];
	ranges[at] = (struct vmm_memory_range){
		base, size, type == VMM_MEM_USABLE ? VMM_MEM_USABLE : VMM_MEM_RESERVED, 0};
	info.memory_ranges++;
}

static void read_memory_map(const struct multiboot_info *from)
{
	uint32_t at = from->map, end = at + from->map_length;

	if (!(from->flags & MULTIBOOT_MEMORY_MAP)) {
		if (from->flags & MULTIBOOT_MEMORY)
			add_range(0x100000, (uint64_t)from->mem_upper * 1024, VMM_MEM_USABLE);
		return;
	}
	while (at < end) {
		const struct multiboot_range *range = (const void *)(uintptr_t)at;

		add_range(range->base, range->length, range->type);
		at += range->size + sizeof(range->size);
	}
}

/* The command line begins with the kernel's file name. */
static uint64_t skip_word(uint64_t text)
{
	const char *at = (const char *)(uintptr_t)text;

	while (*at && *at != ' ')
		at++;
	while (*at == ' ')
		at++;
	return (uintptr_t)at;
}

struct vmm_boot_info *multiboot_boot_info(const struct multiboot_info *from)
{
	boot.multiboot = true;
	read_memory_map(from);
	info.magic = VMM_BOOT_MAGIC;
	info.version = VMM_BOOT_VERSION;
	info.size = sizeof(info);
	info.memory_map = image_phys(ranges);
	info.vcpus = 1;
	info.irqchip = VMM_IRQCHIP_FULL;
	info.tsc_hz = pit_measure_tsc();
	if (from->flags & MULTIBOOT_COMMAND_LINE)
		info.command_line = skip_word(from->command_line);
	if ((from->flags & MULTIBOOT_MODULES) && from->module_count) {
		const struct multiboot_module *module = (const void *)(uintptr_t)from->modules;

		info.initrd = module->start;
		info.initrd_size = module->end - module->start;
	}
	return (struct vmm_boot_info *)(uintptr_t)image_phys(&info);
}
