/* SPDX-License-Identifier: MIT */
/*
 * test_image.c: images that are no images: each refused with one line that names the file and what
 * is wrong with it. What loads is compared byte by byte.
 */
#define _GNU_SOURCE /* memfd_create() */
#include "image.h"

#include <stdlib.h>

#include "boot.h"
#include "elf_file.h"
#include "suite.h"

#define MIB (1ull << 20)

static const struct config no_options = {.command_line = ""};

static bool open_as(struct image *image, struct memory_file *file, const struct config *options,
	struct error *err)
{
	struct config config = *options;

	config.image = file->path;
	*err = (struct error){0};
	return image_open(image, &config, err);
}

/* One line that begins with the file's name. */
static void check_message(const struct error *err, const char *path)
{
	ck_assert_msg(!strncmp(err->text, path, strlen(path)), "does not begin with %s: %s", path,
		err->text);
	ck_assert_ptr_null(strchr(err->text, '\n'));
}

static void expect_refused(const void *bytes, size_t n, const struct config *options,
	enum status status, const char *words)
{
	struct memory_file file = memory_file(bytes, n);
	struct image image;
	struct error err;

	ck_assert_msg(!open_as(&image, &file, options, &err), "not refused: %s", words);
	check_message(&err, file.path);
	ck_assert_msg(strstr(err.text, words), "'%s' is not in: %s", words, err.text);
	ck_assert_msg(err.status == status, "status %d: %s", err.status, err.text);
	close(file.fd);
}

START_TEST(good_elf)
{
	struct elf_file elf = elf_file();
	struct memory_file file = memory_file(&elf, sizeof(elf));
	struct image image;
	struct error err;

	ck_assert_msg(open_as(&image, &file, &no_options, &err), "%s", err.text);
	ck_assert_uint_eq(image.mode, 4); /* long64 */
	ck_assert_uint_eq(image.entry, 0xffffffff80100000);
	ck_assert_uint_eq(image.segment_count, 2);
	ck_assert_uint_eq(image.segments[0].gpa, 0x100000);
	ck_assert_uint_eq(image.segments[0].linear, 0xffffffff80100000);
	ck_assert_uint_eq(image.segments[0].flags, 5); /* R, X */
	ck_assert_uint_eq(image.segments[1].size, 0x3000);
	ck_assert_uint_eq(image.segments[1].file_size, 32);
	image_close(&image);
}
END_TEST

START_TEST(segments_are_copied)
{
	struct elf_file elf = elf_file();
	struct memory_file file = memory_file(&elf, sizeof(elf));
	struct guest_mem mem;
	struct image image;
	struct error err;

	ck_assert(open_as(&image, &file, &no_options, &err));
	ck_assert(memory_create(&mem, 4 * MIB, &err));
	ck_assert(image_load(&image, &mem, &err));
	ck_assert_uint_eq(mem.base[0x0fffff], 0);
	ck_assert_mem_eq(mem.base + 0x100000, elf.code, 64);
	ck_assert_uint_eq(mem.base[0x100040], 0);
	ck_assert_mem_eq(mem.base + 0x200000, elf.data, 32);
	ck_assert_uint_eq(mem.base[0x200020], 0);
	memory_destroy(&mem);
	image_close(&image);
}
END_TEST

START_TEST(empty)
{
	expect_refused("", 0, &no_options, STATUS_IMAGE, "the file is empty");
}
END_TEST

START_TEST(every_truncation)
{
	struct elf_file elf = elf_file();

	for (size_t n = 1; n < 4; n++)
		expect_refused(&elf, n, &no_options, STATUS_IMAGE, "neither ELF nor");
	for (size_t n = 4; n < sizeof(elf); n++)
		expect_refused(&elf, n, &no_options, STATUS_IMAGE, "");
	expect_refused(&elf, sizeof(elf) - 1, &no_options, STATUS_IMAGE, "truncated?");
}
END_TEST

START_TEST(random_bytes)
{
	unsigned char bytes[600];

	srandom(1);
	for (unsigned round = 0; round < 2000; round++) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (unsigned char)random();
		if (round % 2)
			memcpy(bytes, "\177ELF\2\1\1", 7);
		expect_refused(
			bytes, 1 + (size_t)random() % sizeof(bytes), &no_options, STATUS_IMAGE, "");
	}
}
END_TEST

START_TEST(sparse_4gib)
{
	struct elf_file elf = elf_file();
	struct memory_file file = memory_file("", 0);
	struct image image;
	struct error err;

	ck_assert_int_eq(ftruncate(file.fd, 1ll << 32), 0);
	ck_assert(!open_as(&image, &file, &no_options, &err));
	check_message(&err, file.path);
	ck_assert_int_eq(err.status, STATUS_IMAGE);
	elf.ehdr.e_phoff = 0xffffff00;
	ck_assert_int_eq(pwrite(file.fd, &elf, sizeof(elf), 0), sizeof(elf));
	ck_assert(!open_as(&image, &file, &no_options, &err));
	check_message(&err, file.path);
	ck_assert_ptr_nonnull(strstr(err.text, "no PT_LOAD"));
	close(file.fd);
}
END_TEST

START_TEST(not_a_file)
{
	struct config config = {.image = "/nowhere/kernel.elf", .command_line = ""};
	struct image image;
	struct error err;

	ck_assert(!image_open(&image, &config, &err));
	ck_assert_int_eq(err.status, STATUS_INPUT);
	ck_assert_str_eq(err.text, "/nowhere/kernel.elf: No such file or directory");
	config.image = "/";
	ck_assert(!image_open(&image, &config, &err));
	ck_assert_int_eq(err.status, STATUS_INPUT);
	ck_assert_str_eq(err.text, "/: is a directory, expected a guest image");
	config.image = "/dev/null";
	ck_assert(!image_open(&image, &config, &err));
	ck_assert_int_eq(err.status, STATUS_INPUT);
	ck_assert_str_eq(err.text, "/dev/null: is not a regular file, expected a guest image");
}
END_TEST

START_TEST(long_file_names_keep_the_reason)
{
	char path[600], newline[] = "/nowhere/a\nb";
	struct config config = {.image = path, .command_line = ""};
	struct image image;
	struct error err;

	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[200] = path[400] = '/';
	path[sizeof(path) - 1] = 0;
	ck_assert(!image_open(&image, &config, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "No such file or directory"));
	config.image = newline;
	ck_assert(!image_open(&image, &config, &err));
	ck_assert_str_eq(err.text, "/nowhere/a?b: No such file or directory");
}
END_TEST

/* What is wrong, and what the message says of it. */
struct spoiled {
	const char *words;
	void (*spoil)(struct elf_file *elf);
};

#define SPOIL(name, action)                    \
	static void name(struct elf_file *elf) \
	{                                      \
		action;                        \
	}

SPOIL(class32, elf->ehdr.e_ident[EI_CLASS] = ELFCLASS32)
SPOIL(big_endian, elf->ehdr.e_ident[EI_DATA] = ELFDATA2MSB)
SPOIL(arm, elf->ehdr.e_machine = EM_AARCH64)
SPOIL(i386_as_64, elf->ehdr.e_machine = EM_386)
SPOIL(shared, elf->ehdr.e_type = ET_DYN)
SPOIL(object, elf->ehdr.e_type = ET_REL)
SPOIL(no_headers, elf->ehdr.e_phnum = 0)
SPOIL(headers_beyond, elf->ehdr.e_phoff = 1ull << 40)
SPOIL(headers_wrap, elf->ehdr.e_phoff = ~0ull - 8)
SPOIL(many_headers, elf->ehdr.e_phnum = 0xfffe)
SPOIL(endless_headers, elf->ehdr.e_phnum = 0xffff; elf->ehdr.e_shoff = 0)
SPOIL(no_load, elf->phdr[0].p_type = elf->phdr[1].p_type = PT_NOTE)
SPOIL(file_beyond_memory, elf->phdr[0].p_filesz = 65)
SPOIL(only_file, elf->phdr[0].p_memsz = 0)
SPOIL(file_beyond_end, elf->phdr[1].p_offset = 0x10000)
SPOIL(file_wraps, elf->phdr[1].p_offset = ~0ull - 15)
SPOIL(overlap, elf->phdr[1].p_paddr = 0x10003f)
SPOIL(overlap_before, elf->phdr[1].p_paddr = 0x100000 - 0x2fff)
SPOIL(wraps_physical, elf->phdr[1].p_paddr = ~0ull - 0x1000)
SPOIL(wraps_linear, elf->phdr[1].p_vaddr = ~0ull - 0x1000)
SPOIL(huge, elf->phdr[1].p_memsz = ~0ull)
SPOIL(entry_before, elf->ehdr.e_entry = ELF_FILE_HIGH + 0xfffff)
SPOIL(entry_behind, elf->ehdr.e_entry = ELF_FILE_HIGH + 0x100040)
SPOIL(entry_zero, elf->ehdr.e_entry = 0)

static const struct spoiled spoiled[] = {
	{"", class32},
	{"big-endian", big_endian},
	{"machine 183", arm},
	{"class 64 does not go with machine 3", i386_as_64},
	{"ELF type 3", shared},
	{"ELF type 1", object},
	{"no PT_LOAD", no_headers},
	{"program headers", headers_beyond},
	{"", headers_wrap},
	{"", many_headers},
	{"", endless_headers},
	{"no PT_LOAD", no_load},
	{"segment 0: p_filesz 0x41 is more than p_memsz 0x40", file_beyond_memory},
	{"segment 0: p_filesz 0x40 is more than p_memsz 0x0", only_file},
	{"segment 1: bytes 0x10000+0x20 are beyond the end", file_beyond_end},
	{"segment 1: bytes 0xfffffffffffffff0+0x20 are beyond the end", file_wraps},
	{"segment 0 (0x100000+0x40) and segment 1 (0x10003f+0x3000) overlap", overlap},
	{"overlap", overlap_before},
	{"segment 1 wraps around", wraps_physical},
	{"segment 1 wraps around", wraps_linear},
	{"segment 1 wraps around", huge},
	{"entry point 0xffffffff800fffff is outside every PT_LOAD", entry_before},
	{"entry point 0xffffffff80100040 is outside every PT_LOAD", entry_behind},
	{"entry point 0x0 is outside every PT_LOAD", entry_zero},
};

START_TEST(spoiled_elf)
{
	struct elf_file elf = elf_file();

	spoiled[_i].spoil(&elf);
	expect_refused(&elf, sizeof(elf), &no_options, STATUS_IMAGE, spoiled[_i].words);
}
END_TEST

START_TEST(too_many_segments)
{
	struct {
		Elf64_Ehdr ehdr;
		Elf64_Phdr phdr[33];
	} elf = {.ehdr = elf_file().ehdr};

	elf.ehdr.e_phnum = 33;
	for (unsigned i = 0; i < 33; i++)
		elf.phdr[i] =
			(Elf64_Phdr){.p_type = PT_LOAD, .p_memsz = 1, .p_paddr = i, .p_vaddr = i};
	expect_refused(&elf, sizeof(elf), &no_options, STATUS_IMAGE, "more than 32 PT_LOAD");
}
END_TEST

START_TEST(options_for_flat_images_with_elf)
{
	static const struct config options[] = {
		{.has_load = true}, {.has_entry = true}, {.has_virt = true}};
	struct elf_file elf = elf_file();

	expect_refused(&elf, sizeof(elf), &options[_i], STATUS_USAGE, "are for flat images");
}
END_TEST

START_TEST(elf64_starts_in_long_mode_only)
{
	static const struct config options[] = {{.mode = 4}, {.mode = 1}, {.mode = 2}, {.mode = 3}};
	struct elf_file elf = elf_file();
	struct memory_file file = memory_file(&elf, sizeof(elf));
	struct image image;
	struct error err;

	ck_assert_msg(open_as(&image, &file, &options[0], &err), "%s", err.text);
	image_close(&image);
	for (unsigned i = 1; i < LENGTH(options); i++)
		expect_refused(&elf, sizeof(elf), &options[i], STATUS_USAGE,
			"a 64-bit ELF can only start in long64");
}
END_TEST

/* Whatever an image says, it is refused with a message or it loads. */
static void load_or_refuse(const void *bytes, size_t n)
{
	struct boot_params params = {.command_line = "", .vcpus = 1};
	struct memory_file file = memory_file(bytes, n);
	struct guest_mem mem;
	struct image image;
	struct boot boot;
	struct error err;

	if (open_as(&image, &file, &no_options, &err)) {
		ck_assert(memory_create(&mem, 16 * MIB, &err));
		err = (struct error){0};
		if (!boot_build(&boot, &mem, &image, &params, &err) ||
			!image_load(&image, &mem, &err)) {
			ck_assert_int_eq(err.status, STATUS_IMAGE);
			check_message(&err, file.path);
		}
		memory_destroy(&mem);
		image_close(&image);
	} else {
		ck_assert_int_eq(err.status, STATUS_IMAGE);
		check_message(&err, file.path);
	}
	close(file.fd);
}

START_TEST(every_byte_spoiled)
{
	static const unsigned char values[] = {0, 1, 0x7f, 0x80, 0xff};
	const struct elf_file good = elf_file();

	for (size_t at = 0; at < offsetof(struct elf_file, code); at++) {
		unsigned char bytes[sizeof(good)];

		memcpy(bytes, &good, sizeof(good));
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes[at] = ((const unsigned char *)&good)[at] ^ (1u << bit);
			load_or_refuse(bytes, sizeof(bytes));
		}
		for (unsigned i = 0; i < sizeof(values); i++) {
			bytes[at] = values[i];
			load_or_refuse(bytes, sizeof(bytes));
		}
	}
}
END_TEST

/* An ELF32 of one segment. */
struct elf32_file {
	Elf32_Ehdr ehdr;
	Elf32_Phdr phdr;
	uint32_t code[16];
};

static struct elf32_file elf32_file(void)
{
	return (struct elf32_file){
		.ehdr = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = EM_386,
			.e_version = EV_CURRENT,
			.e_entry = 0xc0100004,
			.e_phoff = sizeof(Elf32_Ehdr),
			.e_ehsize = sizeof(Elf32_Ehdr),
			.e_phentsize = sizeof(Elf32_Phdr),
			.e_phnum = 1},
		.phdr = {.p_type = PT_LOAD,
			.p_offset = offsetof(struct elf32_file, code),
			.p_vaddr = 0xc0100000,
			.p_paddr = 0x100000,
			.p_filesz = 64,
			.p_memsz = 64}};
}

START_TEST(elf32_starts_at_the_physical_entry)
{
	struct elf32_file elf = elf32_file();
	struct memory_file file = memory_file(&elf, sizeof(elf));
	struct image image;
	struct error err;

	ck_assert_msg(open_as(&image, &file, &no_options, &err), "%s", err.text);
	ck_assert_uint_eq(image.mode, 2); /* pm32 */
	ck_assert_uint_eq(image.entry, 0x100004);
	image_close(&image);
}
END_TEST

START_TEST(elf32_in_pse32_starts_at_the_virtual_entry)
{
	static const struct config pse32 = {.mode = 3};
	struct elf32_file elf = elf32_file();
	struct memory_file file = memory_file(&elf, sizeof(elf));
	struct image image;
	struct error err;

	ck_assert_msg(open_as(&image, &file, &pse32, &err), "%s", err.text);
	ck_assert_uint_eq(image.mode, 3);
	ck_assert_uint_eq(image.irqchip, 0);
	ck_assert_uint_eq(image.entry, 0xc0100004);
	image_close(&image);
}
END_TEST

START_TEST(elf32_does_not_start_in_other_modes)
{
	static const struct config options[] = {{.mode = 1}, {.mode = 4}};
	struct elf32_file elf = elf32_file();

	expect_refused(&elf, sizeof(elf), &options[_i], STATUS_USAGE,
		"a 32-bit ELF can only start in pm32 or pse32");
}
END_TEST

/* "VMMF", "LAT1", mode, irqchip. */
static void put_boot_header(struct elf32_file *elf, uint32_t mode, uint32_t irqchip)
{
	elf->code[0] = 0x464d4d56;
	elf->code[1] = 0x3154414c;
	elf->code[2] = mode;
	elf->code[3] = irqchip;
}

START_TEST(boot_header_in_an_elf)
{
	static const struct config pm32 = {.mode = 2};
	struct elf32_file elf = elf32_file();
	struct memory_file file;
	struct image image;
	struct error err;

	put_boot_header(&elf, 3, 1);
	file = memory_file(&elf, sizeof(elf));
	ck_assert_msg(open_as(&image, &file, &no_options, &err), "%s", err.text);
	ck_assert_uint_eq(image.mode, 3);
	ck_assert_uint_eq(image.irqchip, 1);
	ck_assert_uint_eq(image.entry, 0xc0100004);
	image_close(&image);
	ck_assert_msg(open_as(&image, &file, &pm32, &err), "%s", err.text);
	ck_assert_uint_eq(image.mode, 2);
	image_close(&image);
}
END_TEST

START_TEST(boot_header_for_another_class)
{
	static const uint32_t headers[][2] = {{4, 0}, {1, 0}, {0, 0}, {5, 0}, {3, 3}};
	struct elf32_file elf = elf32_file();

	put_boot_header(&elf, headers[_i][0], headers[_i][1]);
	expect_refused(&elf, sizeof(elf), &no_options, STATUS_IMAGE, "boot header: mode");
}
END_TEST

START_TEST(elf32_for_x86_64)
{
	struct elf32_file elf = elf32_file();

	elf.ehdr.e_machine = EM_X86_64;
	expect_refused(&elf, sizeof(elf), &no_options, STATUS_IMAGE, "class 32 does not go with");
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{good_elf},
		{segments_are_copied},
		{empty},
		{every_truncation},
		{random_bytes},
		{sparse_4gib},
		{not_a_file},
		{long_file_names_keep_the_reason},
		{spoiled_elf, LENGTH(spoiled)},
		{too_many_segments},
		{options_for_flat_images_with_elf, 3},
		{elf64_starts_in_long_mode_only},
		{every_byte_spoiled},
		{elf32_starts_at_the_physical_entry},
		{elf32_in_pse32_starts_at_the_virtual_entry},
		{elf32_does_not_start_in_other_modes, 2},
		{boot_header_in_an_elf},
		{boot_header_for_another_class, 5},
		{elf32_for_x86_64},
	};

	return RUN_LOOPED_SUITE("image", tests, 120);
}
