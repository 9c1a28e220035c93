/* SPDX-License-Identifier: MIT */
/*
 * case_malloc_bss_main.c: the C part of case_malloc_bss: a bump allocator behind 1 MiB of .bss.
 */
#include <stddef.h>
#include <stdint.h>

static uint8_t frames[1 << 20];
/* The linker puts .bss.heap behind .bss. */
static volatile int heap_in_use __attribute__((section(".bss.heap")));
static size_t heap_used __attribute__((section(".bss.heap")));

void *malloc(size_t size);
void kernel_main(void);

__attribute__((noinline)) void *malloc(size_t size)
{
	void *block;

	heap_in_use = 1;
	block = frames + heap_used;
	heap_used += size;
	return block;
}

void kernel_main(void)
{
	uint8_t *block = malloc(1024);

	block[0] = 1;
}
