/* SPDX-License-Identifier: MIT */
/*
 * console.c: the console of a PC: vmm's buffer port, the debug console of Bochs and QEMU, or a
 * 16550A.
 */
#include "console.h"

#include "arch_cpu.h"
#include "guest_abi.h"
#include "memory.h"

#define UART_LSR      5
#define UART_LSR_THRE 0x20

static enum console_kind kind;
static struct vmm_console_buffer request;

void console_init(bool under_vmm)
{
	if (under_vmm)
		kind = CONSOLE_VMM;
	else if (io_in8(VMM_PORT_DEBUGCON) == VMM_PORT_DEBUGCON)
		kind = CONSOLE_DEBUGCON;
	else
		kind = CONSOLE_SERIAL;
}

static void serial_put(char c)
{
	while (!(io_in8(VMM_PORT_COM1 + UART_LSR) & UART_LSR_THRE))
		;
	io_out8(VMM_PORT_COM1, c);
}

void console_write(const char *text, size_t n)
{
	if (kind == CONSOLE_VMM) {
		request.gpa = image_phys(text);
		request.length = (uint32_t)n;
		io_out32(VMM_PORT_CONSOLE, (uint32_t)image_phys(&request));
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (kind == CONSOLE_DEBUGCON)
			io_out8(VMM_PORT_DEBUGCON, text[i]);
		else
			serial_put(text[i]);
	}
}
