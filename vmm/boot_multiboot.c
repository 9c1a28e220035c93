/* SPDX-License-Identifier: MIT */
/*
 * boot_multiboot.c: the Multiboot information.
 */
#include "boot_multiboot.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "layout.h"
#include "multiboot_info.h"

#define LOW_END  0xa0000u  /* where a PC's RAM ends below its video memory and ROM ... */
#define HIGH_RAM 0x100000u /* ... and goes on */

/* In the page of boot information, behind what vmm_boot_info needs. */
struct page {
	struct multiboot_info info;
	struct multiboot_module module;
	struct multiboot_range ranges[5];
	char loader[16];
	char module_name[256];
};

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
	page->ranges[n] = (struct multiboot_range){.size = sizeof(struct multiboot_range) - 4,
		.base = base,
		.length = end - base,
		.type = type};
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
	page->module = (struct multiboot_module){.start = (uint32_t)boot->initrd,
		.end = (uint32_t)(boot->initrd + params->initrd_size),
		.string = string};
	snprintf(page->module_name, sizeof(page->module_name), "%s",
		params->initrd_name ? params->initrd_name : "");
	page->info.flags |= MULTIBOOT_MODULES;
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
	page->info = (struct multiboot_info){
		.flags = MULTIBOOT_MEMORY | MULTIBOOT_COMMAND_LINE | MULTIBOOT_MEMORY_MAP |
	                 MULTIBOOT_LOADER_NAME,
		.mem_lower = (uint32_t)(lower / 1024),
		.mem_upper = (uint32_t)(upper / 1024),
		.command_line = (uint32_t)(boot->top - LAYOUT_CMDLINE),
		.modules = gpa + offsetof(struct page, module),
		.map = gpa + offsetof(struct page, ranges),
		.loader_name = gpa + offsetof(struct page, loader),
	};
	page->info.map_length = write_ranges(page, boot, mem) * sizeof(struct multiboot_range);
	if (boot->initrd)
		write_module(page, boot, params, gpa + offsetof(struct page, module_name));
}

void boot_multiboot_registers(const struct boot *boot, struct cpu_state *cpu)
{
	cpu->gpr[GPR_RAX] = MULTIBOOT_LOADER_MAGIC;
	cpu->gpr[GPR_RBX] = page_gpa(boot);
}
