/* SPDX-License-Identifier: MIT */
/*
 * main.c: the order in which the kernel comes to life.
 */
#include "main.h"

#include "arch.h"
#include "boot.h"
#include "check.h"
#include "console.h"
#include "crash.h"
#include "interrupt.h"
#include "log.h"
#include "memory.h"
#include "panic.h"
#include "power.h"
#include "process/start.h"
#include "time.h"

static void apply_log_level(void)
{
	size_t length;
	const char *value = boot_option("loglevel", &length);
	char text[8] = "";
	int level;

	/* A program that was asked for has the console for itself. */
	if (!value && boot_option("init", &length))
		log_set_level(LOG_WARN);
	if (!value)
		return;
	for (size_t i = 0; i < length && i < sizeof(text) - 1; i++)
		text[i] = value[i];
	level = log_parse_level(text);
	if (level >= 0)
		log_set_level(level);
	else
		log_warn("loglevel=%.*s: not a level\n", (int)length, value);
}

static void show_memory(void)
{
	log_info("memory: %u of %u KiB free, %u KiB of page tables\n", kernel_frames.free * 4,
		kernel_frames.total * 4, kernel_frames.owned[OWNER_TABLE] * 4);
}

void kernel_main(struct vmm_boot_info *info, uint64_t tsc_start)
{
	bool known = boot_read(info, tsc_start);

	console_init(boot.under_vmm);
	cpu_init();
	if (!known)
		panic("no boot information of a known version");
	apply_log_level();
	log_info("vmm guest kernel, " ARCH_NAME ", booted by %s\n",
		boot.under_vmm ? "vmm" : "a Multiboot loader");
	boot_show();
	memory_init();
	show_memory();
	time_init();
	interrupt_init();
	if (boot.vcpus > 1)
		log_info("cpus: one of %u is used\n", boot.vcpus);
	crash_on_purpose();
	check_run();
	if (log_shows(LOG_DEBUG)) {
		memory_show_space(LOG_DEBUG, &kernel_space);
		memory_show_use(LOG_DEBUG);
	}
	if (programs_wanted() && !check_failures())
		power_off(programs_run());
	if (boot.initrd_size && !programs_wanted())
		log_warn("initrd: no cpio archive of the newc form, nothing to run\n");
	log_info("up for %llu us\n", (unsigned long long)time_ns() / 1000);
	power_off(check_failures() ? 1 : 0);
}
