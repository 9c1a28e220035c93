/* SPDX-License-Identifier: MIT */
/*
 * proc_system.c: what /proc tells of the system as a whole: proc(5).
 */
#include "arch.h"
#include "boot.h"
#include "fs/descriptors.h"
#include "fs/mount.h"
#include "fs/proc.h"
#include "memory.h"
#include "panic.h"
#include "process.h"
#include "process/calls.h"
#include "process/load.h"
#include "process/schedule.h"
#include "string.h"
#include "time.h"

#define NS_PER_TICK 10000000ull
#define PATH_SIZE   512

static unsigned long long kib(uint64_t frames)
{
	return frames * (FRAME_SIZE / 1024);
}

static void show_memory(struct proc_text *text, struct process *process)
{
	const struct frames *frames = &kernel_frames;
	const struct {
		const char *name;
		unsigned long long kib;
	} lines[] = {
		{"MemTotal:", kib(frames->total)},
		{"MemFree:", kib(frames->free)},
		{"MemAvailable:", kib(frames->free)},
		{"Buffers:", 0},
		{"Cached:", kib(frames->owned[OWNER_FILE])},
		{"SwapCached:", 0},
		{"AnonPages:", kib(frames->owned[OWNER_USER])},
		{"Shmem:", kib(frames->owned[OWNER_FILE])},
		{"Slab:", kib(frames->owned[OWNER_HEAP])},
		{"SReclaimable:", 0},
		{"KernelStack:", kib(frames->owned[OWNER_STACK])},
		{"PageTables:", kib(frames->owned[OWNER_TABLE])},
		{"SwapTotal:", 0},
		{"SwapFree:", 0},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		proc_print(text, "%-15s %8llu kB\n", lines[i].name, lines[i].kib);
}

static void print_hundredths(struct proc_text *text, uint64_t ns, const char *after)
{
	proc_print(text, "%llu.%02llu%s", (unsigned long long)(ns / NS_PER_SECOND),
		(unsigned long long)(ns % NS_PER_SECOND / NS_PER_TICK), after);
}

static uint64_t idle_ns(void)
{
	uint64_t now = time_ns(), busy = schedule_busy_ns();

	return busy < now ? now - busy : 0;
}

static void show_uptime(struct proc_text *text, struct process *process)
{
	print_hundredths(text, time_ns(), " ");
	print_hundredths(text, idle_ns(), "\n");
}

static unsigned count_threads(void)
{
	unsigned n = 0;

	for (const struct process *p = process_after(0); p; p = p->next)
		n += p->thread_count;
	return n;
}

static void show_load(struct proc_text *text, struct process *process)
{
	uint32_t loads[LOAD_AVERAGES];
	int32_t last = 0;

	load_get(loads);
	/* Rounded to hundredths, as Linux does it. */
	for (unsigned i = 0; i < LOAD_AVERAGES; i++) {
		uint32_t load = loads[i] + (1u << LOAD_SHIFT) / 200;
		uint32_t fraction = load & ((1u << LOAD_SHIFT) - 1);

		proc_print(text, "%u.%02u ", load >> LOAD_SHIFT, fraction * 100 >> LOAD_SHIFT);
	}
	for (const struct process *p = process_after(0); p; p = p->next)
		last = p->pid;
	proc_print(text, "%u/%u %d\n", schedule_active(), count_threads(), last);
}

static void show_stat(struct proc_text *text, struct process *process)
{
	unsigned long long busy = schedule_busy_ns() / NS_PER_TICK, idle = idle_ns() / NS_PER_TICK;

	proc_print(text, "cpu  %llu 0 0 %llu 0 0 0 0 0 0\ncpu0 %llu 0 0 %llu 0 0 0 0 0 0\n", busy,
		idle, busy, idle);
	proc_print(text,
		"intr 0\nctxt 0\nbtime %llu\nprocesses %u\nprocs_running %u\nprocs_blocked 0\n",
		(unsigned long long)(time_boot_ns() / NS_PER_SECOND), count_threads(),
		schedule_active());
}

static void show_version(struct proc_text *text, struct process *process)
{
	proc_print(text, "Linux version %s (%s)\n", KERNEL_RELEASE, KERNEL_VERSION);
}

static void show_command_line(struct proc_text *text, struct process *process)
{
	proc_print(text, "%s\n", boot.command_line);
}

static void show_file_systems(struct proc_text *text, struct process *process)
{
	proc_print(text, "nodev\tproc\nnodev\ttmpfs\nnodev\tramfs\nnodev\tdevtmpfs\n");
}

void proc_show_mounts(struct proc_text *text, struct process *process)
{
	char path[PATH_SIZE];

	for (const struct mount *mount = mount_first(); mount; mount = mount->next) {
		dentry_path(mount->root, context_current()->root, path, sizeof(path));
		proc_print(text, "%s %s %s rw 0 0\n", mount->source, path, mount->type);
	}
}

/* As on Linux, c crashes the kernel: to see how it dies in the midst of a system call. */
static void system_request(char byte)
{
	if (byte == 'c')
		panic("crashed on request");
}

const struct proc_node proc_system_nodes[] = {
	{"cmdline", MODE_REGULAR | 0444, show_command_line, NULL, NULL, false},
	{"filesystems", MODE_REGULAR | 0444, show_file_systems, NULL, NULL, false},
	{"loadavg", MODE_REGULAR | 0444, show_load, NULL, NULL, false},
	{"meminfo", MODE_REGULAR | 0444, show_memory, NULL, NULL, false},
	{"mounts", MODE_REGULAR | 0444, proc_show_mounts, NULL, NULL, false},
	{"stat", MODE_REGULAR | 0444, show_stat, NULL, NULL, false},
	{"sysrq-trigger", MODE_REGULAR | 0200, NULL, NULL, system_request, false},
	{"uptime", MODE_REGULAR | 0444, show_uptime, NULL, NULL, false},
	{"version", MODE_REGULAR | 0444, show_version, NULL, NULL, false},
};

const unsigned proc_system_count = sizeof(proc_system_nodes) / sizeof(proc_system_nodes[0]);
