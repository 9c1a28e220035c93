/* SPDX-License-Identifier: MIT */
/*
 * elf_file.h: files in memory for the loader's tests: any bytes, and a small good ELF64 to spoil.
 */
#ifndef TESTS_ELF_FILE_H
#define TESTS_ELF_FILE_H

#include <check.h>
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A memfd and a path by which it can be opened. */
struct memory_file {
	int fd;
	char path[32];
};

static inline struct memory_file memory_file(const void *bytes, size_t n)
{
	struct memory_file file = {.fd = memfd_create("image", MFD_CLOEXEC)};

	ck_assert_int_ge(file.fd, 0);
	snprintf(file.path, sizeof(file.path), "/proc/self/fd/%d", file.fd);
	ck_assert_int_eq(pwrite(file.fd, bytes, n, 0), (ssize_t)n);
	return file;
}

/* Two segments: code at 1 MiB and data at 2 MiB, mapped 0xffffffff80000000 higher. */
struct elf_file {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr[2];
	unsigned char code[64], data[32];
};

#define ELF_FILE_HIGH 0xffffffff80000000ull

static inline struct elf_file elf_file(void)
{
	struct elf_file file = {
		.ehdr = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_entry = ELF_FILE_HIGH + 0x100000,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 2},
		.phdr = {{.p_type = PT_LOAD,
				 .p_flags = PF_R | PF_X,
				 .p_offset = offsetof(struct elf_file, code),
				 .p_vaddr = ELF_FILE_HIGH + 0x100000,
				 .p_paddr = 0x100000,
				 .p_filesz = 64,
				 .p_memsz = 64},
			{.p_type = PT_LOAD,
				.p_flags = PF_R | PF_W,
				.p_offset = offsetof(struct elf_file, data),
				.p_vaddr = ELF_FILE_HIGH + 0x200000,
				.p_paddr = 0x200000,
				.p_filesz = 32,
				.p_memsz = 0x3000}}};

	memset(file.code, 0xc3, sizeof(file.code));
	memset(file.data, 0xda, sizeof(file.data));
	return file;
}

#endif
