/* SPDX-License-Identifier: MIT */
/*
 * map.c: laying an image out in memory that no guest will use, and printing what lies where.
 */
#include "map.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "boot.h"
#include "initrd.h"
#include "layout.h"
#include "memory.h"

static int by_address(const void *a, const void *b)
{
	const struct evidence_region *x = a, *y = b;

	return x->gpa < y->gpa ? -1 : x->gpa > y->gpa;
}

static void print_region(const struct evidence_region *region)
{
	printf("%016" PRIx64 "-%016" PRIx64 " %10" PRIu64 "  %s%s", region->gpa,
		region->gpa + region->size - 1, region->size, region->monitor ? "vmm: " : "",
		region->name);
	if (region->linear != region->gpa)
		printf(", mapped at %016" PRIx64, region->linear);
	putchar('\n');
}

static void print_layout(const struct image *image, const struct guest_mem *mem, struct boot *boot)
{
	printf("image   %s\nmode    %s\nentry   %016" PRIx64 "\n", image->path,
		image->multiboot ? "multiboot" : boot_mode_name(image->mode), image->entry);
	printf("ram     %016x-%016" PRIx64 " %10" PRIu64 "\n", 0, mem->low - 1, mem->low);
	if (mem->high)
		printf("ram     %016llx-%016llx %10" PRIu64 "\n", LAYOUT_HIGH_RAM,
			LAYOUT_HIGH_RAM + mem->high - 1, mem->high);
	qsort(boot->regions, boot->region_count, sizeof(boot->regions[0]), by_address);
	for (unsigned i = 0; i < boot->region_count; i++)
		print_region(&boot->regions[i]);
}

bool map_print(const struct config *config, const struct image *image, struct error *err)
{
	struct boot_params params = {.command_line = config->command_line,
		.initrd_name = config->initrd,
		.vcpus = config->cpus,
		.irqchip = image->irqchip};
	struct guest_mem mem;
	struct boot boot;
	struct initrd initrd;
	bool ok;

	if (!initrd_open(&initrd, config->initrd, err))
		return false;
	params.initrd_size = initrd.size;
	initrd_close(&initrd);
	if (!memory_create(&mem, config->memory, err))
		return false;
	ok = boot_build(&boot, &mem, image, &params, err);
	if (ok)
		print_layout(image, &mem, &boot);
	memory_destroy(&mem);
	return ok;
}
