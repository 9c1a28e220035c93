/* SPDX-License-Identifier: MIT */
/*
 * check_machine.c: layout of the image, faults that are expected, and ticks of the timer.
 */
#include "check.h"

#include "arch.h"
#include "image.h"
#include "memory.h"
#include "time.h"

#define MIB 0x100000

/* A kernel grew by 1 MiB of .bss, and then malloc(1024) and writes to globals went astray: the case
 * that vmm is for. */
static uint8_t large_bss[MIB];
static volatile uint64_t global_bss;
static volatile uint64_t global_data = 0x5eed;

static bool bss_is_zero(size_t step)
{
	for (size_t i = 0; i < sizeof(large_bss); i += step) {
		if (*(volatile uint8_t *)(large_bss + i))
			return false;
	}
	return large_bss[sizeof(large_bss) - 1] == 0;
}

bool check_layout(bool thorough)
{
	uint8_t *block = kmalloc(1024, "check");

	CHECK(block);
	CHECK(bss_is_zero(thorough ? 64 : 0x8000));
	CHECK_EQUAL(global_bss, 0);
	CHECK_EQUAL(global_data, 0x5eed);
	global_bss = 1;
	global_data = 2;
	large_bss[sizeof(large_bss) - 1] = 3;
	block[1023] = 4;
	CHECK_EQUAL(global_bss, 1);
	CHECK_EQUAL(global_data, 2);
	CHECK_EQUAL(large_bss[sizeof(large_bss) - 1], 3);
	CHECK_EQUAL(block[1023], 4);
	large_bss[sizeof(large_bss) - 1] = 0;
	kfree(block);
	return true;
}

/* Whether one byte at `address` can be written as it is. */
static bool writable(const void *address)
{
	uint8_t byte;

	return memory_try_copy(&byte, address, 1) && memory_try_copy((void *)address, &byte, 1);
}

bool check_fault(bool thorough)
{
	uint8_t byte = 0;

	CHECK(!memory_try_copy(&byte, (void *)16, 1));
	CHECK(!memory_try_copy(&byte, cpu_stacks[STACK_BOOT].guard + PAGE_SIZE - 1, 1));
	CHECK(!writable(kernel_start));
	CHECK(!writable(rodata_start));
	CHECK(writable(data_start));
	CHECK(!writable(phys_pointer(image_phys(kernel_start))));
	CHECK(DIRECT_MAP == KERNEL_BASE ||
		!memory_try_copy(&byte, phys_pointer(image_phys(kernel_start)), 1));
	CHECK(memory_try_copy(&byte, kernel_start, 1));
	CHECK_EQUAL(byte, 'V');
	return true;
}

bool check_timer(bool thorough)
{
	uint64_t start = tick_count(), wanted = thorough ? 20 : 2; /* two: it is armed anew */

	tick_start(200000);
	while (tick_count() - start < wanted)
		cpu_wait();
	interrupts_disable();
	tick_start(0);
	CHECK(tick_count() - start >= wanted);
	return true;
}
