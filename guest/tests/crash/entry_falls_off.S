/* SPDX-License-Identifier: MIT */
/*
 * entry_falls_off.S: _start calls kernel_main and has nothing behind that call: the CPU runs on into
 * the function that comes next in memory, whose ret takes what was on the loader's stack.
 */
#include "crash.inc"

	.text
FUNC _start
	call kernel_main
END _start

FUNC kernel_main
	mov $'m', %al
	out %al, $VMM_PORT_DEBUGCON
	ret
END kernel_main
