/* SPDX-License-Identifier: MIT */
/*
 * user_abi.h: x86_64: what structures look like to programs where they depend on the architecture.
 */
#ifndef USER_ABI_H
#define USER_ABI_H

#include <stdint.h>

/* C's long, and addresses in structures. */
typedef int64_t user_long;
typedef uint64_t user_ulong;

/* Where a siginfo_t has the sender, or the address of a fault. */
#define SIGNAL_INFO_FIELDS 16

/* Number of the call restart_syscall. */
#define SYSCALL_RESTART 219

struct abi_stat {
	uint64_t dev, ino, nlink;
	uint32_t mode, uid, gid, pad;
	uint64_t rdev;
	int64_t size, block_size, blocks;
	int64_t atime, atime_ns, mtime, mtime_ns, ctime, ctime_ns;
	int64_t unused[3];
};
_Static_assert(sizeof(struct abi_stat) == 144, "struct stat");

/* Programs are ELF64 for machine 62, EM_X86_64. */
#define ELF_CLASS   2
#define ELF_MACHINE 62

struct elf_file_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, headers, sections;
	uint32_t flags;
	uint16_t size, header_size, header_count, section_size, section_count, names;
};

struct elf_program_header {
	uint32_t type, flags;
	uint64_t offset, address, physical, file_size, size, alignment;
};

struct elf_symbol {
	uint32_t name;
	uint8_t info, other;
	uint16_t section;
	uint64_t value, size;
};

#define ELF_HEADER_SIZE         64
#define ELF_PROGRAM_HEADER_SIZE 56

#endif
