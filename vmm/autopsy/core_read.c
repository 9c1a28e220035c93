/* SPDX-License-Identifier: MIT */
/*
 * core_read.c: finding the note and the memory in a core file. The file may come from anybody:
 * every offset and size is checked against what is there.
 */
#include "core_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core_elf.h"
#include "core_evidence.h"
#include "core_format.h"

#define NOTES_MAX (512u << 20) /* bytes that are looked at */

struct reader {
	struct core_elf elf;
	uint8_t *notes;
	size_t notes_size;
	const char *failure; /* static */
};

static bool fail(struct reader *reader, const char *why)
{
	reader->failure = why;
	return false;
}

static bool in_file(const struct reader *reader, uint64_t offset, uint64_t n)
{
	return offset <= reader->elf.size && n <= reader->elf.size - offset;
}

static bool open_elf(struct reader *reader, const struct phys_mem *file, uint64_t size)
{
	const char *wrong = core_elf_open(&reader->elf, file, size);

	return !wrong || fail(reader, wrong);
}

static bool read_phdr(struct reader *reader, unsigned index, Elf64_Phdr *phdr)
{
	return core_elf_phdr(&reader->elf, index, phdr) || fail(reader, "it cannot be read");
}

static bool read_notes(struct reader *reader)
{
	Elf64_Phdr phdr;

	for (unsigned i = 0; i < reader->elf.phnum; i++) {
		if (!read_phdr(reader, i, &phdr))
			return false;
		if (phdr.p_type != PT_NOTE)
			continue;
		if (phdr.p_filesz > NOTES_MAX || !in_file(reader, phdr.p_offset, phdr.p_filesz))
			return fail(reader, "its notes are beyond its end");
		reader->notes_size = phdr.p_filesz;
		reader->notes = malloc(phdr.p_filesz + 1);
		if (!reader->notes)
			return fail(reader, "there is no memory for it");
		return phys_read(reader->elf.file, phdr.p_offset, reader->notes, phdr.p_filesz) ||
		       fail(reader, "it cannot be read");
	}
	return fail(reader, "it has no notes");
}

/* The descriptor of vmm's own note. */
static bool find_note(struct reader *reader, const uint8_t **desc, size_t *n)
{
	const uint64_t size = reader->notes_size;
	Elf64_Nhdr head;

	for (uint64_t at = 0; size - at >= sizeof(head);) {
		uint64_t name, bytes, next;

		memcpy(&head, reader->notes + at, sizeof(head));
		name = at + sizeof(head);
		bytes = name + ((head.n_namesz + 3ull) & ~3ull);
		next = bytes + ((head.n_descsz + 3ull) & ~3ull);
		if (bytes + head.n_descsz > size)
			return fail(reader, "one of its notes is cut short");
		if (head.n_type == CORE_NOTE_TYPE && head.n_namesz == sizeof(CORE_NOTE_NAME) &&
			!memcmp(reader->notes + name, CORE_NOTE_NAME, sizeof(CORE_NOTE_NAME))) {
			*desc = reader->notes + bytes;
			*n = head.n_descsz;
			return true;
		}
		if (next > size)
			break;
		at = next;
	}
	return fail(reader, "it was not written by vmm");
}

static bool is_ram(const struct reader *reader, const Elf64_Phdr *phdr, uint64_t gpa)
{
	if (phdr->p_paddr != gpa)
		return false;
	if (reader->elf.narrow)
		return phdr->p_type == CORE_PT_RAM;
	return phdr->p_type == PT_LOAD && phdr->p_vaddr == CORE_RAM_WINDOW + gpa;
}

/* Where RAM from gpa is in the file. */
static bool find_ram(struct reader *reader, uint64_t gpa, uint64_t *at, uint64_t *n)
{
	Elf64_Phdr phdr;

	*n = 0;
	for (unsigned i = 0; i < reader->elf.phnum; i++) {
		if (!read_phdr(reader, i, &phdr))
			return false;
		if (!is_ram(reader, &phdr, gpa))
			continue;
		if (!in_file(reader, phdr.p_offset, phdr.p_filesz))
			return fail(reader, "its memory is cut short");
		*at = phdr.p_offset;
		*n = phdr.p_filesz;
		return true;
	}
	return true;
}

static bool read_ram(const void *ctx, uint64_t gpa, void *buf, size_t n)
{
	const struct core *core = ctx;
	uint64_t low = core->evidence.ram_low, high = core->evidence.ram_high;

	if (gpa <= low && n <= low - gpa)
		return phys_read(&core->file, core->low_at + gpa, buf, n);
	if (gpa < CORE_RAM_HIGH || gpa - CORE_RAM_HIGH > high || n > high - (gpa - CORE_RAM_HIGH))
		return false;
	return phys_read(&core->file, core->high_at + (gpa - CORE_RAM_HIGH), buf, n);
}

static bool read_core(struct reader *reader, struct core *core, uint64_t size)
{
	struct evidence *evidence = &core->evidence;
	const uint8_t *desc;
	struct codec codec;
	size_t n;

	if (!open_elf(reader, &core->file, size) || !read_notes(reader) ||
		!find_note(reader, &desc, &n) ||
		!find_ram(reader, 0, &core->low_at, &evidence->ram_low) ||
		!find_ram(reader, CORE_RAM_HIGH, &core->high_at, &evidence->ram_high))
		return false;
	evidence->mem = (struct phys_mem){.read = read_ram, .ctx = core};
	codec = codec_reader(desc, n);
	core_evidence_code(&codec, evidence);
	core->blocks = codec.blocks;
	if (codec.failed)
		return fail(reader, codec.failure);
	return true;
}

struct core *core_open(const struct phys_mem *file, uint64_t size, char *error, size_t error_size)
{
	struct reader reader = {.failure = "there is no memory for it"};
	struct core *core = calloc(1, sizeof(*core));
	bool ok;

	if (core)
		core->file = *file;
	ok = core && read_core(&reader, core, size);
	free(reader.notes);
	if (ok)
		return core;
	snprintf(error, error_size, "%s", reader.failure);
	core_close(core);
	return NULL;
}

void core_close(struct core *core)
{
	if (!core)
		return;
	codec_blocks_free(core->blocks);
	free(core);
}
