/* SPDX-License-Identifier: MIT */
/*
 * power.c: the ports that end a virtual machine: vmm's, and those that QEMU has.
 */
#include "power.h"

#include "arch_cpu.h"
#include "boot.h"
#include "guest_abi.h"

#define ACPI_SLEEP_S5 0x2000 /* SLP_EN, SLP_TYP 0: what QEMU and vmm call soft off */
#define PVPANIC_PANIC 1

void power_off(int status)
{
	if (boot.under_vmm)
		io_out32(VMM_PORT_EXIT, status);
	if (status == 0)
		io_out16(VMM_PORT_ACPI_PM1A_CNT, ACPI_SLEEP_S5);
	else
		io_out8(VMM_PORT_DEBUG_EXIT, status);
	cpu_stop();
}

void power_panic(void)
{
	io_out8(VMM_PORT_PVPANIC, PVPANIC_PANIC);
	if (!boot.under_vmm)
		io_out8(VMM_PORT_DEBUG_EXIT, 1);
	cpu_stop();
}
