/* SPDX-License-Identifier: MIT */
/*
 * tiny_guest.h: guests of a few instructions, assembled into the test program as flat images with
 * their boot header (docs/boot-protocol.md). Code is at 0x100040, at 0x7c40 in real mode, at
 * 0x80001040 in pse32, and refers to itself relative to RIP or by AT(label).
 */
#ifndef TESTS_TINY_GUEST_H
#define TESTS_TINY_GUEST_H

#include <stddef.h>

#define IRQCHIP_FULL  "0"
#define IRQCHIP_SPLIT "1"
#define IRQCHIP_NONE  "2"

#define TINY_GUEST(name, mode, irqchip, load, code) \
	TINY_GUEST_AT(name, mode, irqchip, load, load, code)

#define TINY_GUEST_AT(name, mode, irqchip, load, virt, code)                                     \
	asm(".pushsection .rodata\n"                                                             \
	    ".global guest_" #name ", guest_" #name "_end\n"                                     \
	    "guest_" #name ":\n"                                                                 \
	    ".ascii \"VMMFLAT1\"\n .long " mode ", " irqchip "\n"                                \
	    ".quad " load ", " virt " + 64, " virt ", 0, 0, 0\n"                                 \
	    ".set start, guest_" #name " - " virt "\n" code "\n.code64\n guest_" #name "_end:\n" \
	    ".popsection\n");                                                                    \
	extern const char guest_##name[], guest_##name##_end[]

/* .set start may be redefined, so each guest's labels are numbers or begin with its name. */
#define GUEST64(name, irqchip, code) TINY_GUEST(name, "4", irqchip, "0x100000", ".code64\n" code)
#define GUEST32(name, irqchip, code) TINY_GUEST(name, "2", irqchip, "0x100000", ".code32\n" code)
#define GUEST_PSE32(name, irqchip, code) \
	TINY_GUEST_AT(name, "3", irqchip, "0x1000", "0x80001000", ".code32\n" code)
#define GUEST16(name, irqchip, code) TINY_GUEST(name, "1", irqchip, "0x7c00", ".code16\n" code)

/* Pieces of code. */
#define OUT8(port, value)  "mov $" #port ", %dx; mov $" #value ", %al; out %al, %dx\n"
#define OUT32(port, value) "mov $" #port ", %dx; mov $" #value ", %eax; out %eax, %dx\n"
#define EXIT(status)       OUT32(0x502, status) "9: jmp 9b\n"
#define TURN_OFF           "mov $0x604, %dx; mov $0x2000, %ax; out %ax, %dx; 9: jmp 9b\n"

/* Writes a guest to the scratch folder and gives its path. */
#define GUEST_FILE(name) \
	write_file(#name ".bin", guest_##name, (size_t)(guest_##name##_end - guest_##name))

#endif
