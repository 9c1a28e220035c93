/* SPDX-License-Identifier: MIT */
/*
 * spin_on_own_lock.S: a function takes a lock and calls another one that takes it too: the only CPU
 * waits for itself, with interrupts off.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	cli
	call list_move
	hlt
END _start

FUNC list_move
	call spin_lock
	call list_add
	movl $0, lock
	ret
END list_move

FUNC list_add
	call spin_lock
	movl $0, lock
	ret
END list_add

FUNC spin_lock
	mov $1, %eax
1:	xchg %eax, lock
	test %eax, %eax
	jz 2f
	pause
	jmp 1b
2:	ret
END spin_lock

	GDT
	.data
	OBJECT lock, 4
	.long 0
	END lock
