/* SPDX-License-Identifier: MIT */
/*
 * poll_missing_device.S: the kernel waits for bit 7 of a disk controller's status (port 0x1f7) to
 * clear; there is no such device, so the port reads 0xff for ever.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	mov $0x1f7, %edx
	call wait_ready
	hlt
END _start

FUNC wait_ready
	in %dx, %al
	test $0x80, %al
	jnz wait_ready
	ret
END wait_ready

	GDT
