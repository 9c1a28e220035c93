/* SPDX-License-Identifier: MIT */
/*
 * copy.c: the monitor's port for copying, or the CPU's own instructions.
 */
#include "copy.h"

#include "arch_cpu.h"
#include "boot.h"
#include "memory.h"
#include "string.h"

/* Bytes from which on the port is worth its exit. */
#define PORT_LEAST 256

/* The kernel is never preempted: one is enough. */
static struct vmm_copy request;

/* False: nothing was done. */
static bool ask(uint64_t to, uint64_t from, size_t n, uint32_t flags)
{
	request = (struct vmm_copy){.to = to, .from = from, .length = (uint32_t)n, .flags = flags};
	io_out32(VMM_PORT_COPY, (uint32_t)image_phys(&request));
	return request.status == VMM_COPY_DONE;
}

static bool port_pays(size_t n)
{
	return boot.host & VMM_HOST_COPY && n >= PORT_LEAST && n <= VMM_COPY_MAX;
}

void phys_copy(uint64_t to, uint64_t from, size_t n)
{
	if (!port_pays(n) || !ask(to, from, n, 0))
		memcpy(phys_pointer(to), phys_pointer(from), n);
}

void phys_clear(uint64_t to, size_t n)
{
	if (!port_pays(n) || !ask(to, 0, n, VMM_COPY_FILL))
		memset(phys_pointer(to), 0, n);
}
