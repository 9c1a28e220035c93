/* SPDX-License-Identifier: MIT */
/*
 * user_abi.h: i386: what structures look like to programs where they depend on the architecture.
 */
#ifndef USER_ABI_H
#define USER_ABI_H

#include <stdint.h>

/* C's long, and addresses in structures. */
typedef int32_t user_long;
typedef uint32_t user_ulong;

/* Where a siginfo_t has the sender, or the address of a fault. */
#define SIGNAL_INFO_FIELDS 12

/* Number of the call restart_syscall. */
#define SYSCALL_RESTART 0

struct abi_stat {
	uint64_t dev;
	uint32_t pad, short_ino;
	uint32_t mode, nlink, uid, gid;
	uint64_t rdev;
	uint32_t pad2;
	int64_t size;
	uint32_t block_size;
	uint64_t blocks;
	uint32_t atime, atime_ns, mtime, mtime_ns, ctime, ctime_ns;
	uint64_t ino;
} __attribute__((packed));
_Static_assert(sizeof(struct abi_stat) == 96, "struct stat64");

/* Programs are ELF32 for machine 3, EM_386. */
#define ELF_CLASS   1
#define ELF_MACHINE 3

struct elf_file_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint32_t entry, headers, sections;
	uint32_t flags;
	uint16_t size, header_size, header_count, section_size, section_count, names;
};

struct elf_program_header {
	uint32_t type, offset, address, physical, file_size, size, flags, alignment;
};

struct elf_symbol {
	uint32_t name;
	uint32_t value, size;
	uint8_t info, other;
	uint16_t section;
};

#define ELF_HEADER_SIZE         52
#define ELF_PROGRAM_HEADER_SIZE 32

#endif
