/* SPDX-License-Identifier: MIT */
/*
 * main.h: where the entry code hands over.
 */
#ifndef KERNEL_MAIN_H
#define KERNEL_MAIN_H

#include <stdint.h>

struct vmm_boot_info;

/* info: physical address, reachable there. tsc_start: the TSC at the first instruction. On the boot
 * stack, interrupts off. */
void kernel_main(struct vmm_boot_info *info, uint64_t tsc_start) __attribute__((noreturn));

#endif
