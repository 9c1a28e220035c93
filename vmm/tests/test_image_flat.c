/* SPDX-License-Identifier: MIT */
/*
 * test_image_flat.c: the boot header of a flat image field by field, the options that replace it,
 * and what either may not say. Offsets are those of docs/boot-protocol.md, written out.
 */
#define _GNU_SOURCE /* memfd_create() */
#include "image.h"

#include "boot.h"
#include "elf_file.h"
#include "suite.h"

#define SIZE 256

/* A long64 image of 256 bytes at 1 MiB, mapped at 0xffff800000000000. */
static void good_image(uint8_t bytes[SIZE])
{
	static const uint8_t header[64] = {
		'V',
		'M',
		'M',
		'F',
		'L',
		'A',
		'T',
		'1', /* 0: magic */
		4,
		0,
		0,
		0, /* 8: mode long64 */
		2,
		0,
		0,
		0, /* 12: no irqchip */
		0,
		0,
		0x10,
		0,
		0,
		0,
		0,
		0, /* 16: load 0x100000 */
		0x40,
		0,
		0,
		0,
		0,
		0x80,
		0xff,
		0xff, /* 24: entry 0xffff800000000040 */
		0,
		0,
		0,
		0,
		0,
		0x80,
		0xff,
		0xff, /* 32: virt 0xffff800000000000 */
		0,
		0x30,
		0,
		0,
		0,
		0,
		0,
		0, /* 40: memory_size 0x3000 */
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0, /* 48: reserved */
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
	};

	memset(bytes, 0xc3, SIZE);
	memcpy(bytes, header, sizeof(header));
}

static void poke(uint8_t *bytes, size_t at, uint64_t value)
{
	memcpy(bytes + at, &value, 8);
}

static bool open_bytes(
	struct image *image, const uint8_t *bytes, const struct config *options, struct error *err)
{
	static struct memory_file file;
	struct config config = *options;

	file = memory_file(bytes, SIZE);
	config.image = file.path;
	*err = (struct error){0};
	return image_open(image, &config, err);
}

START_TEST(header_says_all)
{
	const struct config options = {.command_line = ""};
	uint8_t bytes[SIZE];
	struct image image;
	struct error err;

	good_image(bytes);
	ck_assert_msg(open_bytes(&image, bytes, &options, &err), "%s", err.text);
	ck_assert_uint_eq(image.mode, 4);
	ck_assert_uint_eq(image.irqchip, 2);
	ck_assert_uint_eq(image.entry, 0xffff800000000040);
	ck_assert_uint_eq(image.segment_count, 1);
	ck_assert_uint_eq(image.segments[0].gpa, 0x100000);
	ck_assert_uint_eq(image.segments[0].linear, 0xffff800000000000);
	ck_assert_uint_eq(image.segments[0].size, 0x3000);
	ck_assert_uint_eq(image.segments[0].file_size, 256);
}
END_TEST

/* What one field holds, and what is said of it. */
static const struct {
	size_t at;
	uint64_t value;
	const char *words;
} refused[] = {
	{8, 0, "boot header: mode 0 is unknown"},
	{8, 5, "boot header: mode 5 is unknown"},
	{8, 0xffffffff, "boot header: mode 4294967295 is unknown"},
	{8, 0x300000004, "boot header: irqchip 3 is unknown"},
	{40, 255, "boot header: memory_size 0xff is less than the file (0x100 bytes)"},
	{48, 1, "boot header: reserved fields are not 0"},
	{56, 1ull << 63, "boot header: reserved fields are not 0"},
	{16, 0xffffffffffffff00, "wraps around the address space"},
	{32, 0xffffffffffffe000, "wraps around the address space"},
	{40, 0xfffffffffff00001, "wraps around the address space"},
	{24, 0xffff800000003000, "entry 0xffff800000003000 is outside the image"},
	{24, 0xfffff, "entry 0xfffff is outside the image"},
	{24, 0, "entry 0x0 is outside the image"},
};

START_TEST(field_refused)
{
	const struct config options = {.command_line = ""};
	uint8_t bytes[SIZE];
	struct image image;
	struct error err;

	good_image(bytes);
	poke(bytes, refused[_i].at, refused[_i].value);
	ck_assert_msg(!open_bytes(&image, bytes, &options, &err), "%s", refused[_i].words);
	ck_assert_int_eq(err.status, 65);
	ck_assert_int_eq(strncmp(err.text, "/proc/self/fd/", 14), 0);
	ck_assert_msg(strstr(err.text, refused[_i].words), "%s", err.text);
}
END_TEST

START_TEST(no_header_no_mode)
{
	const struct config options = {.command_line = ""};
	uint8_t bytes[SIZE] = {0xf4};
	struct image image;
	struct error err;

	ck_assert(!open_bytes(&image, bytes, &options, &err));
	ck_assert_int_eq(err.status, 65);
	ck_assert_ptr_nonnull(strstr(err.text, "--mode"));
}
END_TEST

/* Options against what comes of them: without a header the defaults of docs/boot-protocol.md. */
static const struct {
	struct config options;
	bool header;
	uint64_t gpa, linear, entry;
} placed[] = {
	{{.mode = 1}, false, 0x7c00, 0x7c00, 0x7c00},
	{{.mode = 2}, false, 0x100000, 0x100000, 0x100000},
	{{.mode = 4}, false, 0x100000, 0x100000, 0x100000},
	{{.mode = 4, .has_load = true, .load = 0x200000}, false, 0x200000, 0x200000, 0x200000},
	{{.mode = 4, .has_virt = true, .virt = 0xffff800000000000}, false, 0x100000,
		0xffff800000000000, 0xffff800000000000},
	{{.mode = 4,
		 .has_virt = true,
		 .virt = 0xffff800000000000,
		 .has_entry = true,
		 .entry = 0x100010},
		false, 0x100000, 0xffff800000000000, 0x100010},
	{{.has_load = true, .load = 0x200000}, true, 0x200000, 0x200000, 0x200000},
	{{.has_entry = true, .entry = 0x100080}, true, 0x100000, 0xffff800000000000, 0x100080},
	/* Without paging there is only the physical address. */
	{{.mode = 2, .has_virt = true, .virt = 0xc0000000}, false, 0x100000, 0x100000, 0x100000},
	{{.mode = 2}, true, 0x100000, 0x100000, 0x100040},
};

START_TEST(options_replace_the_header)
{
	uint8_t bytes[SIZE] = {0xf4};
	struct image image;
	struct error err;

	if (placed[_i].header)
		good_image(bytes);
	ck_assert_msg(open_bytes(&image, bytes, &placed[_i].options, &err), "%s", err.text);
	ck_assert_uint_eq(image.segments[0].gpa, placed[_i].gpa);
	ck_assert_uint_eq(image.segments[0].linear, placed[_i].linear);
	ck_assert_uint_eq(image.entry, placed[_i].entry);
}
END_TEST

/* Load addresses and entries for real mode, and CS:IP, or CS 0xffff: refused. */
static const struct {
	uint64_t load, entry;
	uint16_t cs, ip;
} real[] = {
	{0x7c00, 0x7c00, 0, 0x7c00},
	{0xff80, 0xffff, 0, 0xffff},
	{0x10000, 0x10000, 0x1000, 0},
	{0x12345, 0x12346, 0x1234, 6},
	{0xfff10, 0xfff10, 0xfff1, 0},
	{0x100000, 0x100000, 0xffff, 0},
	{0x200000, 0x200010, 0xffff, 0},
};

START_TEST(real_mode_reaches_its_entry)
{
	struct config options = {.mode = 1,
		.has_load = true,
		.load = real[_i].load,
		.has_entry = true,
		.entry = real[_i].entry};
	struct boot boot = {.mode = 1};
	uint8_t bytes[SIZE] = {0xf4};
	struct cpu_state cpu;
	struct image image;
	struct error err;
	bool ok = open_bytes(&image, bytes, &options, &err);

	ck_assert_msg(ok == (real[_i].cs != 0xffff), "%s", err.text);
	if (!ok) {
		ck_assert_int_eq(err.status, 65);
		ck_assert_ptr_nonnull(strstr(err.text, "real mode"));
		return;
	}
	boot_cpu_state(&boot, &image, &cpu);
	ck_assert_uint_eq(cpu.seg[SEG_CS].selector, real[_i].cs);
	ck_assert_uint_eq(cpu.seg[SEG_CS].base, real[_i].cs * 16u);
	ck_assert_uint_eq(cpu.rip, real[_i].ip);
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{header_says_all},
		{field_refused, LENGTH(refused)},
		{no_header_no_mode},
		{options_replace_the_header, LENGTH(placed)},
		{real_mode_reaches_its_entry, LENGTH(real)},
	};

	return RUN_LOOPED_SUITE("image_flat", tests, 30);
}
