/* SPDX-License-Identifier: MIT */
/*
 * p32_entry_is_function.S: there is no entry code: the first function in .text is entered, and
 * returns.
 */
#include "crash32.inc"

FUNC _start
	mov $1, %eax
	ret
END _start
