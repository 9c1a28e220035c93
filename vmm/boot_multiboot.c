/* SPDX-License-Identifier: MIT */
/*
 * boot_multiboot.c: the Multiboot information.
 */
#include "boot_multiboot.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "layout.h"

#define LOADER_MAGIC 0x2badb002u

#define INFO_MEMORY      (1u << 0)
#define INFO_COMMAND     (1u << 2)
#define INFO_MODULES     (1u << 3)
#define INFO_MEMORY_MAP  (1u << 6)
#define INFO_LOADER_NAME (1u << 9)

#define LOW_END  0xa0000u  /* where a PC's RAM ends below its video memory and ROM ... */
#define HIGH_RAM 0x100000u /* ... and goes on */

struct info {
	uint32_t flags;
	uint32_t mem_lower, mem_upper; /* KiB from 0, from 1 MiB */
	uint32_t boot_device;
	uint32_t command_line;
	uint32_t module_count, modules;
	uint32_t symbols[4];
	uint32_t map_length, map;
	uint32_t drives_length, drives;
	uint32_t config_table;
	uint32_t loader_name;
	uint32_t apm_table;
};

struct module {
	uint32_t start, end, string, reserved;
};

struct range {
	uint32_t size; /* of what follows */
	uint64_t base, length;
	uint32_t type; /* VMM_MEM_* */
} __attribute__((packed));

/* In the page of boot information, behind what vmm_boot_info needs. */
struct page {
	struct info info;
	struct module module;
	struct range ranges[5];
	char loader[16];
	char module_name[256];
};

_Static_assert(sizeof(struct info) == 72, "the specification's layout");
_Static_assert(sizeof(struct range) == 24, "the specification's layout");
_Static_assert(LAYOUT_MULTIBOOT_OFFSET + sizeof(struct page) <= LAYOUT_BOOT_INFO_SIZE, "it fits");

static uint32_t page_gpa(const struct boot *boot)
{
	return (uint32_t)(boot->top - LAYOUT_BOOT_INFO + LAYOUT_MULTIBOOT_OFFSET);
}

const char *boot_multiboot_name(const struct image *image)
{
	const char *slash = strrchr(image->path, '/');

	return slash ? slash + 1 : image->path;
}

static unsigned add_range(struct page *page, unsigned n, uint64_t base, uint64_t end, uint32_t type)
{
	if (base >= end)
		return n;
	page->ranges[n] = (struct range){
		.size = sizeof(struct range) - 4, .base = base, .length = end - base, .type = type};
	return n + 1;
}

/* With the gap of a PC: kernels write to its video memory without asking. */
static unsigned write_ranges(
	struct page *page, const struct boot *boot, const struct guest_mem *mem)
{
	uint64_t low_end = boot->base < LOW_END ? boot->base : LOW_END;
	unsigned n = add_range(page, 0, 0, low_end, VMM_MEM_USABLE);

	n = add_range(
		page, n, LOW_END, boot->base < HIGH_RAM ? boot->base : HIGH_RAM, VMM_MEM_RESERVED);
	n = add_range(page, n, HIGH_RAM, boot->base, VMM_MEM_USABLE);
	n = add_range(page, n, boot->base, boot->top, VMM_MEM_RESERVED);
	return add_range(page, n, LAYOUT_HIGH_RAM, LAYOUT_HIGH_RAM + mem->high, VMM_MEM_USABLE);
}

static void write_module(struct page *page, const struct boot *boot,
	const struct boot_params *params, uint32_t string)
{
	page->module = (struct module){.start = (uint32_t)boot->initrd,
		.end = (uint32_t)(boot->initrd + params->initrd_size),
		.string = string};
	snprintf(page->module_name, sizeof(page->module_name), "%s",
		params->initrd_name ? params->initrd_name : "");
	page->info.flags |= INFO_MODULES;
	page->info.module_count = 1;
}

void boot_multiboot_write(const struct boot *boot, const struct guest_mem *mem,
	const struct image *image, const struct boot_params *params)
{
	uint32_t gpa = page_gpa(boot);
	struct page *page = memory_at(mem, gpa, sizeof(*page));
	uint64_t lower = boot->base < LOW_END ? boot->base : LOW_END;
	uint64_t upper = boot->base > HIGH_RAM ? boot->base - HIGH_RAM : 0;

	*page = (struct page){.loader = "vmm"};
	page->info = (struct info){
		.flags = INFO_MEMORY | INFO_COMMAND | INFO_MEMORY_MAP | INFO_LOADER_NAME,
		.mem_lower = (uint32_t)(lower / 1024),
		.mem_upper = (uint32_t)(upper / 1024),
		.command_line = (uint32_t)(boot->top - LAYOUT_CMDLINE),
		.modules = gpa + offsetof(struct page, module),
		.map = gpa + offsetof(struct page, ranges),
		.loader_name = gpa + offsetof(struct page, loader),
	};
	page->info.map_length = write_ranges(page, boot, mem) * sizeof(struct range);
	if (boot->initrd)
		write_module(page, boot, params, gpa + offsetof(struct page, module_name));
}

void boot_multiboot_registers(const struct boot *boot, struct cpu_state *cpu)
{
	cpu->gpr[GPR_RAX] = LOADER_MAGIC;
	cpu->gpr[GPR_RBX] = page_gpa(boot);
}
