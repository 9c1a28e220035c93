/* SPDX-License-Identifier: MIT */
/*
 * guest_abi.h: what a guest and the monitor agree upon: ports, boot header, boot information.
 * A guest kernel may include this file as it is. docs/boot-protocol.md tells it in prose.
 * Usable from assembly.
 */
#ifndef GUEST_ABI_H
#define GUEST_ABI_H

/* Ports. All multi-byte values are little-endian. */
#define VMM_PORT_DEBUGCON      0xe9  /* write: a byte to the console; read: 0xe9 */
#define VMM_PORT_DEBUG_EXIT    0xf4  /* isa-debug-exit: status (value << 1) | 1 */
#define VMM_PORT_BOOT_TRAP     0xf5  /* the boot IDT's stubs only, see docs/boot-protocol.md */
#define VMM_PORT_HYPERCALL     0x500 /* write AL: a VMM_HC_* number; argument in BL */
#define VMM_PORT_CONSOLE       0x501 /* write 32 bits: address of a vmm_console_buffer */
#define VMM_PORT_EXIT          0x502 /* write: end with status value & 0xff */
#define VMM_PORT_COPY          0x503 /* write 32 bits: address of a vmm_copy */
#define VMM_PORT_PVPANIC       0x505 /* write bit 0: the guest panicked; read: 1 */
#define VMM_PORT_ACPI_PM1A_CNT 0x604 /* write 0x2000: power off, status 0 */
#define VMM_PORT_COM1          0x3f8

#define VMM_HC_EXIT    0 /* end with status 0 */
#define VMM_HC_PUTCHAR 1 /* BL to the console */
#define VMM_HC_GETCHAR 2 /* the next IN from the port gives a byte, 0xff when there is none */

/*
 * Boot header of a flat image, at its first byte. 64 bytes; unused fields are 0.
 * The bytes of the whole file (header included) are copied to `load`; memory from the end of the
 * file to load + memory_size is zero. With paging, the same range is mapped at `virt` too when
 * that is another address.
 */
#define VMM_FLAT_MAGIC_0 0x464d4d56 /* "VMMF" */
#define VMM_FLAT_MAGIC_1 0x3154414c /* "LAT1" */

#define VMM_MODE_REAL   1
#define VMM_MODE_PM32   2
#define VMM_MODE_PSE32  3
#define VMM_MODE_LONG64 4

/* Interrupt controllers that the image wants. Their cost at start-up differs:
 * docs/boot-protocol.md. */
#define VMM_IRQCHIP_FULL  0 /* PIC, IOAPIC, LAPIC and PIT (default) */
#define VMM_IRQCHIP_SPLIT 1 /* LAPIC only */
#define VMM_IRQCHIP_NONE  2

#define VMM_BOOT_MAGIC   0x544f4f424d4d56ull /* "VMMBOOT" */
#define VMM_BOOT_VERSION 1

/* vmm_memory_range.type: numbers of the ACPI specification, 15 "System Address Map Interfaces". */
#define VMM_MEM_USABLE   1
#define VMM_MEM_RESERVED 2

/* vmm_boot_info.host: what probing this host found out. */
#define VMM_HOST_SYSRET   (1u << 0) /* sysretq returns properly */
#define VMM_HOST_SOFT_INT (1u << 1) /* int n and int3 work at CPL 0 */
#define VMM_HOST_COPY     (1u << 2) /* CPL 0 is emulated: VMM_PORT_COPY is faster than rep movs */

/* vmm_copy.flags */
#define VMM_COPY_FILL (1u << 0) /* `from` is no address: its lowest byte goes to each byte */
#define VMM_COPY_MORE \
	(1u << 1) /* another vmm_copy follows in memory: it is next, if this one is done */

/* vmm_copy.status. What is not done has changed nothing. */
#define VMM_COPY_DONE        1
#define VMM_COPY_BAD_REQUEST 2 /* flags, length, or more than VMM_COPY_LIST of them */
#define VMM_COPY_BAD_TO      3 /* not all RAM */
#define VMM_COPY_BAD_FROM    4 /* not all RAM */
#define VMM_COPY_FAILED      5 /* the monitor has no memory */

#define VMM_COPY_MAX  0x100000 /* bytes */
#define VMM_COPY_LIST 64       /* structures that one OUT may ask for */

#ifndef __ASSEMBLER__
#include <stdint.h>

struct vmm_flat_header {
	uint32_t magic[2];    /* VMM_FLAT_MAGIC_0, _1 */
	uint32_t mode;        /* VMM_MODE_* */
	uint32_t irqchip;     /* VMM_IRQCHIP_* */
	uint64_t load;        /* guest-physical address of the first byte of the file */
	uint64_t entry;       /* linear address of the first instruction */
	uint64_t virt;        /* linear address of the first byte of the file */
	uint64_t memory_size; /* bytes from load, .bss included; 0: the size of the file */
	uint64_t reserved[2];
};

struct vmm_memory_range {
	uint64_t base;
	uint64_t size;
	uint32_t type; /* VMM_MEM_* */
	uint32_t reserved;
};

/* Boot information. Addresses are guest-physical. RDI (long64) or EBX (pse32) points to it. */
struct vmm_boot_info {
	uint64_t magic; /* VMM_BOOT_MAGIC */
	uint32_t version;
	uint32_t size;          /* of this structure: later versions only append */
	uint64_t memory_map;    /* array of vmm_memory_range, sorted by base */
	uint32_t memory_ranges; /* its length */
	uint32_t vcpus;
	uint64_t command_line; /* NUL-terminated */
	uint64_t initrd;       /* 0: none */
	uint64_t initrd_size;
	uint64_t tsc_hz;   /* 0: unknown */
	uint32_t host;     /* VMM_HOST_* */
	uint32_t irqchip;  /* VMM_IRQCHIP_* that the machine has */
	uint64_t log_ring; /* written by the guest: where its vmm_log_ring is; 0: it has none */
};

/* Log ring: the guest appends at head modulo size; the monitor reads it after the guest's death. */
#define VMM_LOG_MAGIC 0x474f4c4d4d56ull /* "VMMLOG" */
struct vmm_log_ring {
	uint64_t magic;  /* VMM_LOG_MAGIC */
	uint64_t buffer; /* guest-physical, contiguous */
	uint64_t size;   /* bytes in the buffer */
	uint64_t head;   /* bytes ever written */
};

/* What VMM_PORT_CONSOLE's value points to. */
struct vmm_console_buffer {
	uint64_t gpa;
	uint32_t length;
	uint32_t flags; /* 0 */
};

/* What VMM_PORT_COPY's value points to: bytes to copy or to fill. Addresses are guest-physical;
 * where both ranges overlap, `to` has afterwards what `from` had before. */
struct vmm_copy {
	uint64_t to, from;
	uint32_t length;   /* at most VMM_COPY_MAX */
	uint32_t flags;    /* VMM_COPY_FILL, VMM_COPY_MORE */
	uint32_t status;   /* written by the monitor: VMM_COPY_DONE, or why not */
	uint32_t reserved; /* 0 */
};
#endif

#endif
