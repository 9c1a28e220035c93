/* SPDX-License-Identifier: MIT */
/*
 * boot.c: what the loader told: memory map, command line, initrd, clock. The loader's own copies
 * may lie in memory that is given away later, so everything is copied.
 */
#include "boot.h"

#include "log.h"
#include "string.h"

struct boot boot;

static void copy_memory_map(const struct vmm_boot_info *info)
{
	const struct vmm_memory_range *map = (const void *)(uintptr_t)info->memory_map;

	boot.ranges = info->memory_ranges < BOOT_RANGES ? info->memory_ranges : BOOT_RANGES;
	memcpy(boot.memory, map, boot.ranges * sizeof(*map));
}

static void copy_command_line(const struct vmm_boot_info *info)
{
	const char *text = (const void *)(uintptr_t)info->command_line;
	size_t n = text ? strnlen(text, BOOT_COMMAND_LINE - 1) : 0;

	memcpy(boot.command_line, text, n);
}

bool boot_read(struct vmm_boot_info *info, uint64_t tsc_start)
{
	if (info->magic != VMM_BOOT_MAGIC || info->version < VMM_BOOT_VERSION ||
		info->size < sizeof(*info))
		return false;
	boot.under_vmm = !boot.multiboot;
	boot.ram_is_zero = boot.under_vmm;
	boot.host = info->host;
	boot.irqchip = info->irqchip;
	boot.vcpus = info->vcpus;
	boot.tsc_hz = info->tsc_hz;
	boot.tsc_start = tsc_start;
	boot.initrd = info->initrd;
	boot.initrd_size = info->initrd_size;
	copy_memory_map(info);
	copy_command_line(info);
	info->log_ring = log_ring_address();
	return true;
}

void boot_show(void)
{
	for (unsigned i = 0; i < boot.ranges; i++) {
		const struct vmm_memory_range *range = &boot.memory[i];

		log_info("memory: %012llx-%012llx %7llu KiB %s\n", (unsigned long long)range->base,
			(unsigned long long)(range->base + range->size - 1),
			(unsigned long long)range->size / 1024,
			range->type == VMM_MEM_USABLE ? "usable" : "reserved");
	}
	if (boot.initrd_size)
		log_info("initrd: %012llx-%012llx\n", (unsigned long long)boot.initrd,
			(unsigned long long)(boot.initrd + boot.initrd_size - 1));
}

const char *boot_option(const char *name, size_t *length)
{
	const char *word = boot.command_line, *value = NULL;
	size_t name_length = strlen(name);

	while (*word) {
		const char *end = word;

		while (*end && *end != ' ')
			end++;
		if (strncmp(word, name, name_length) == 0 && word[name_length] == '=') {
			value = word + name_length + 1;
			*length = end - value;
		}
		while (*end == ' ')
			end++;
		/* What follows belongs to the program. */
		if (strncmp(word, "init=", 5) == 0)
			break;
		word = end;
	}
	return value;
}

bool boot_option_is(const char *name, const char *value)
{
	size_t length;
	const char *given = boot_option(name, &length);

	return given && strlen(value) == length && strncmp(given, value, length) == 0;
}
