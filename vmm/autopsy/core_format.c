/* SPDX-License-Identifier: MIT */
/*
 * core_format.c: writing the headers and notes of a core file. Layouts: System V ABI, "Object
 * Files" and AMD64 supplement; struct elf_prstatus of the Linux kernel (include/linux/elfcore.h).
 */
#include "core_format.h"

#include <stdlib.h>
#include <string.h>

#include "core_elf.h"
#include "core_evidence.h"
#include "core_map.h"

#define PAGE        4096
#define SIGNAL_SEGV 11
#define NARROW_RAM  (3ull << 30) /* bytes that fit into a 32-bit file with all else */

/* struct elf_prstatus: its size, and offsets in it. */
struct prstatus_layout {
	unsigned size, signal, pid, registers;
};

static const struct prstatus_layout prstatus_layouts[] = {
	{.size = 336, .signal = 12, .pid = 32, .registers = 112}, /* x86_64 */
	{.size = 144, .signal = 12, .pid = 24, .registers = 72},  /* i386 */
};

#define PRSTATUS_MAX 336

static uint64_t round_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) & ~(to - 1);
}

/* Registers in the order of struct user_regs_struct: arch/x86/include/asm/user_64.h. */
static void fill_registers(const struct cpu_state *cpu, uint64_t regs[27])
{
	static const uint8_t order[15] = {GPR_R15, GPR_R14, GPR_R13, GPR_R12, GPR_RBP, GPR_RBX,
		GPR_R11, GPR_R10, GPR_R9, GPR_R8, GPR_RAX, GPR_RCX, GPR_RDX, GPR_RSI, GPR_RDI};

	for (unsigned i = 0; i < 15; i++)
		regs[i] = cpu->gpr[order[i]];
	regs[15] = ~0ull; /* orig_rax: not in a system call */
	regs[16] = cpu->rip;
	regs[17] = cpu->seg[SEG_CS].selector;
	regs[18] = cpu->rflags;
	regs[19] = cpu->gpr[GPR_RSP];
	regs[20] = cpu->seg[SEG_SS].selector;
	regs[21] = cpu->seg[SEG_FS].base;
	regs[22] = cpu->seg[SEG_GS].base;
	regs[23] = cpu->seg[SEG_DS].selector;
	regs[24] = cpu->seg[SEG_ES].selector;
	regs[25] = cpu->seg[SEG_FS].selector;
	regs[26] = cpu->seg[SEG_GS].selector;
}

/* The same for i386: arch/x86/include/asm/user_32.h. */
static void fill_registers_32(const struct cpu_state *cpu, uint32_t regs[17])
{
	static const uint8_t order[7] = {
		GPR_RBX, GPR_RCX, GPR_RDX, GPR_RSI, GPR_RDI, GPR_RBP, GPR_RAX};
	static const uint8_t segments[4] = {SEG_DS, SEG_ES, SEG_FS, SEG_GS};

	for (unsigned i = 0; i < 7; i++)
		regs[i] = (uint32_t)cpu->gpr[order[i]];
	for (unsigned i = 0; i < 4; i++)
		regs[7 + i] = cpu->seg[segments[i]].selector;
	regs[11] = ~0u; /* orig_eax */
	regs[12] = (uint32_t)cpu->rip;
	regs[13] = cpu->seg[SEG_CS].selector;
	regs[14] = (uint32_t)cpu->rflags;
	regs[15] = (uint32_t)cpu->gpr[GPR_RSP];
	regs[16] = cpu->seg[SEG_SS].selector;
}

static void add_note(struct codec *codec, const char *name, uint32_t type, void *desc, size_t n)
{
	Elf64_Nhdr head = {.n_namesz = strlen(name) + 1, .n_descsz = n, .n_type = type};
	char padded[8] = "";

	memcpy(padded, name, head.n_namesz);
	codec_bytes(codec, &head, sizeof(head));
	codec_bytes(codec, padded, round_up(head.n_namesz, 4));
	codec_bytes(codec, desc, n);
	codec_bytes(codec, (char[4]){0}, round_up(n, 4) - n);
}

static void add_prstatus(struct codec *codec, bool narrow, const struct cpu_state *cpu, bool died)
{
	const struct prstatus_layout *layout = &prstatus_layouts[narrow];
	uint8_t prstatus[PRSTATUS_MAX] = {0};
	uint16_t signal = died ? SIGNAL_SEGV : 0;
	uint32_t pid = cpu->index + 1, regs32[17];
	uint64_t regs64[27];

	fill_registers(cpu, regs64);
	fill_registers_32(cpu, regs32);
	memcpy(prstatus, &signal, 2);
	memcpy(prstatus + layout->signal, &signal, 2);
	memcpy(prstatus + layout->pid, &pid, 4);
	if (narrow)
		memcpy(prstatus + layout->registers, regs32, sizeof(regs32));
	else
		memcpy(prstatus + layout->registers, regs64, sizeof(regs64));
	add_note(codec, "CORE", NT_PRSTATUS, prstatus, layout->size);
}

static void add_evidence(struct codec *notes, const struct evidence *evidence)
{
	struct evidence copy = *evidence; /* writing changes nothing, but has no const */
	struct codec codec = codec_writer();

	core_evidence_code(&codec, &copy);
	if (codec.failed)
		codec_fail(notes, codec.failure);
	else
		add_note(notes, CORE_NOTE_NAME, CORE_NOTE_TYPE, codec.out, codec.length);
	codec_drop(&codec);
}

/* gdb takes the first NT_PRSTATUS for the thread that it shows. */
static void add_notes(struct codec *notes, bool narrow, const struct evidence *evidence)
{
	add_prstatus(notes, narrow, &evidence->cpus[evidence->cpu], true);
	for (unsigned i = 0; i < evidence->cpu_count; i++)
		if (i != evidence->cpu)
			add_prstatus(notes, narrow, &evidence->cpus[i], false);
	add_evidence(notes, evidence);
}

static void add_run(struct codec *codec, const struct core_head *head, uint32_t type,
	const struct core_run *run)
{
	uint64_t in_ram =
		run->gpa < CORE_RAM_HIGH ? run->gpa : run->gpa - CORE_RAM_HIGH + head->low;
	Elf64_Phdr phdr = {.p_type = type,
		.p_flags = PF_R | (run->write ? PF_W : 0) | (run->execute ? PF_X : 0),
		.p_offset = head->size + in_ram,
		.p_vaddr = run->linear,
		.p_paddr = run->gpa,
		.p_filesz = run->size,
		.p_memsz = run->size,
		.p_align = PAGE};

	core_elf_put_phdr(codec, head->narrow, &phdr);
}

static void add_ram(struct codec *codec, const struct core_head *head)
{
	const struct core_run narrow = {0, 0, head->low, true, true};
	const struct core_run low = {CORE_RAM_WINDOW, 0, head->low, true, true};
	const struct core_run high = {
		CORE_RAM_WINDOW + CORE_RAM_HIGH, CORE_RAM_HIGH, head->high, true, true};

	if (head->narrow) {
		add_run(codec, head, CORE_PT_RAM, &narrow);
		return;
	}
	add_run(codec, head, PT_LOAD, &low);
	if (head->high)
		add_run(codec, head, PT_LOAD, &high);
}

static void add_headers(struct codec *codec, struct core_head *head, const struct core_map *map,
	const struct codec *notes)
{
	unsigned phnum = 1 + map->count + 1 + (head->high != 0);
	uint64_t notes_at = core_elf_ehdr_size(head->narrow) +
	                    (uint64_t)phnum * core_elf_phdr_size(head->narrow);
	Elf64_Phdr note = {
		.p_type = PT_NOTE, .p_offset = notes_at, .p_filesz = notes->length, .p_align = 4};

	head->size = round_up(notes_at + notes->length, PAGE);
	core_elf_put_ehdr(codec, head->narrow, phnum);
	core_elf_put_phdr(codec, head->narrow, &note);
	for (unsigned i = 0; i < map->count; i++)
		add_run(codec, head, PT_LOAD, &map->runs[i]);
	add_ram(codec, head);
}

bool core_head_make(const struct evidence *evidence, struct core_head *head)
{
	struct codec codec = codec_writer(), notes = codec_writer();
	static const uint8_t zeros[PAGE];
	struct core_map map;

	*head = (struct core_head){.low = evidence->ram_low, .high = evidence->ram_high};
	if (evidence->cpu >= evidence->cpu_count)
		return false;
	head->narrow = !cpu_long_mode(&evidence->cpus[evidence->cpu]) && !head->high &&
	               head->low <= NARROW_RAM;
	map = core_map_make(evidence, &evidence->cpus[evidence->cpu]);
	add_notes(&notes, head->narrow, evidence);
	if (notes.failed)
		codec_fail(&codec, notes.failure);
	add_headers(&codec, head, &map, &notes);
	codec_bytes(&codec, notes.out, notes.length);
	codec_bytes(&codec, (void *)zeros, head->size - codec.length);
	head->cut = map.cut;
	head->bytes = codec.out;
	free(map.runs);
	codec_drop(&notes);
	if (codec.failed)
		codec_drop(&codec);
	return !codec.failed;
}
