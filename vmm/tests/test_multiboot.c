/* SPDX-License-Identifier: MIT */
/*
 * test_multiboot.c: Multiboot 1 images: headers good and bad, the information byte by byte, and a
 * guest that says what it was given. Expected values are from the Multiboot specification 0.6.96
 * and the layout with its top at 16 MiB.
 */
#define _GNU_SOURCE /* memfd_create() */
#include "boot_world.h"
#include "elf_file.h"
#include "vmm_process.h"

/* A flat file with its header at byte 16, loaded at 1 MiB: 64 bytes of file, 64 of .bss. */
struct flat_file {
	uint32_t before[4];
	uint32_t magic, flags, checksum;
	uint32_t header_addr, load_addr, load_end_addr, bss_end_addr, entry_addr;
	uint32_t code[4];
};

static struct flat_file flat_file(void)
{
	return (struct flat_file){
		.magic = 0x1badb002,
		.flags = 0x00010003,
		.checksum = 0xe4514ffb, /* 0x1badb002 + 0x00010003 + 0xe4514ffb = 2^32 */
		.header_addr = 0x100010,
		.load_addr = 0x100000,
		.load_end_addr = 0x100040,
		.bss_end_addr = 0x100080,
		.entry_addr = 0x100030,
	};
}

static void set_flags(struct flat_file *flat, uint32_t flags)
{
	flat->flags = flags;
	flat->checksum = 0u - flat->magic - flags;
}

static bool open_file(
	struct image *image, const void *bytes, size_t n, uint32_t mode, struct error *err)
{
	static struct memory_file file;
	struct config config = {.mode = mode};

	file = memory_file(bytes, n);
	config.image = file.path;
	*err = (struct error){0};
	return image_open(image, &config, err);
}

static void expect_image(const void *bytes, size_t n, uint32_t mode, struct image *image)
{
	struct error err;

	ck_assert_msg(open_file(image, bytes, n, mode, &err), "%s", err.text);
	ck_assert(image->multiboot);
	ck_assert_uint_eq(image->mode, 2);
	ck_assert_uint_eq(image->irqchip, 0);
	image_close(image);
}

static void expect_no_image(
	const void *bytes, size_t n, uint32_t mode, enum status status, const char *words)
{
	struct image image;
	struct error err;

	ck_assert_msg(!open_file(&image, bytes, n, mode, &err), "not refused: %s", words);
	ck_assert_int_eq(err.status, status);
	ck_assert_msg(strstr(err.text, words), "'%s' is not in: %s", words, err.text);
}

START_TEST(flat_by_addresses)
{
	static const uint32_t modes[] = {0, 5};
	struct flat_file flat = flat_file();
	struct image image;

	expect_image(&flat, sizeof(flat), modes[_i], &image);
	ck_assert_uint_eq(image.entry, 0x100030);
	ck_assert_uint_eq(image.segment_count, 1);
	ck_assert_uint_eq(image.segments[0].gpa, 0x100000);
	ck_assert_uint_eq(image.segments[0].linear, 0x100000);
	ck_assert_uint_eq(image.segments[0].size, 0x80);
	ck_assert_uint_eq(image.segments[0].offset, 0);
	ck_assert_uint_eq(image.segments[0].file_size, 0x40);
}
END_TEST

/* The file begins before what is loaded; its end and no .bss are meant by zeros. */
START_TEST(addresses_left_out)
{
	struct flat_file flat = flat_file();
	struct image image;

	flat.header_addr = flat.load_addr = 0x200000;
	flat.load_end_addr = flat.bss_end_addr = 0;
	flat.entry_addr = 0x20002f;
	expect_image(&flat, sizeof(flat), 0, &image);
	ck_assert_uint_eq(image.segments[0].gpa, 0x200000);
	ck_assert_uint_eq(image.segments[0].offset, 16);
	ck_assert_uint_eq(image.segments[0].size, 0x30);
	ck_assert_uint_eq(image.segments[0].file_size, 0x30);
}
END_TEST

START_TEST(addresses_that_cannot_be)
{
	static const struct {
		uint32_t header, load, load_end, bss_end, entry;
		const char *words;
	} bad[] = {
		{0x0fffff, 0x100000, 0, 0, 0x100000, "do not go with a file"},
		{0x100011, 0x100000, 0, 0, 0x100000, "do not go with a file"},
		{0x100010, 0x100000, 0x100041, 0, 0x100000, "do not go with a file"},
		{0x100010, 0x100000, 0x100000, 0, 0x100000, "do not go with a file"},
		{0x100010, 0x100000, 0x0fffff, 0, 0x100000, "do not go with a file"},
		{0x100010, 0x100000, 0x100040, 0x10003f, 0x100000, "do not go with a file"},
		{0x100010, 0x100000, 0, 0x0fffff, 0x100000, "do not go with a file"},
		{0x100010, 0x100000, 0, 0, 0x100040, "entry 0x100040 is outside"},
		{0x100010, 0x100000, 0, 0, 0x0fffff, "entry 0xfffff is outside"},
	};
	struct flat_file flat = flat_file();

	flat.header_addr = bad[_i].header;
	flat.load_addr = bad[_i].load;
	flat.load_end_addr = bad[_i].load_end;
	flat.bss_end_addr = bad[_i].bss_end;
	flat.entry_addr = bad[_i].entry;
	expect_no_image(&flat, sizeof(flat), 0, STATUS_IMAGE, bad[_i].words);
}
END_TEST

START_TEST(flags)
{
	struct flat_file flat = flat_file();
	struct image image;

	set_flags(&flat, 0xffff0007); /* upper flags may be ignored, a video mode is only a wish */
	expect_image(&flat, sizeof(flat), 0, &image);
	for (unsigned bit = 3; bit < 16; bit++) {
		set_flags(&flat, 0x10000 | 1u << bit);
		expect_no_image(&flat, sizeof(flat), 0, STATUS_IMAGE, "ask for what vmm does not");
	}
	set_flags(&flat, 3);
	expect_no_image(
		&flat, sizeof(flat), 0, STATUS_IMAGE, "no addresses, and the file is no ELF");
}
END_TEST

START_TEST(what_is_no_header)
{
	struct flat_file flat = flat_file();
	static uint8_t late[8192 + sizeof(flat)];

	flat.checksum++;
	expect_no_image(&flat, sizeof(flat), 0, STATUS_IMAGE, "neither ELF nor a flat image");
	expect_no_image(&flat, sizeof(flat), 0, STATUS_IMAGE, "|long64|multiboot");
	expect_no_image(&flat, sizeof(flat), 5, STATUS_IMAGE, "no Multiboot 1 header");
	flat = flat_file();
	memcpy(late + 2, &flat, sizeof(flat)); /* on no boundary of four */
	expect_no_image(late, sizeof(late), 5, STATUS_IMAGE, "no Multiboot 1 header");
	memset(late, 0, sizeof(late));
	memcpy(late + 8192 - 16 - 8, &flat, sizeof(flat)); /* reaches out of the 8192 bytes */
	expect_no_image(late, sizeof(late), 5, STATUS_IMAGE, "no Multiboot 1 header");
	memset(late, 0, sizeof(late));
	memcpy(late + 8192 - 16 - 12, &flat, sizeof(flat)); /* the addresses do */
	expect_no_image(late, sizeof(late), 5, STATUS_IMAGE, "no Multiboot 1 header");
	expect_no_image(&flat, 16 + 12, 5, STATUS_IMAGE, "no Multiboot 1 header");
}
END_TEST

START_TEST(options_for_images_without)
{
	struct flat_file flat = flat_file();
	struct memory_file file = memory_file(&flat, sizeof(flat));
	struct config config = {.image = file.path, .has_load = true};
	struct image image;
	struct error err;

	ck_assert(!image_open(&image, &config, &err));
	ck_assert_int_eq(err.status, STATUS_USAGE);
}
END_TEST

/* The segments of an ELF file stay what they are when the header has no addresses. */
START_TEST(elf_by_segments)
{
	struct elf_file elf = elf_file();
	const uint32_t header[] = {0x1badb002, 3, 0xe4524ffb};
	struct image image;

	memcpy(elf.code, header, sizeof(header));
	expect_image(&elf, sizeof(elf), 0, &image);
	ck_assert_uint_eq(image.segment_count, 2);
	ck_assert_uint_eq(image.segments[0].gpa, 0x100000);
	ck_assert_uint_eq(image.entry, 0x100000); /* physical: paging is off */
}
END_TEST

START_TEST(command_line_goes_before_the_header)
{
	struct elf_file elf = elf_file();
	const uint32_t header[] = {0x1badb002, 3, 0xe4524ffb};
	struct image image;
	struct error err;

	memcpy(elf.code, header, sizeof(header));
	ck_assert_msg(open_file(&image, &elf, sizeof(elf), 4, &err), "%s", err.text);
	ck_assert(!image.multiboot);
	ck_assert_uint_eq(image.mode, 4);
	image_close(&image);
}
END_TEST

START_TEST(multiboot_2)
{
	struct elf_file elf = elf_file();
	const uint32_t header[] = {0xe85250d6, 0, 24, 0x17adaf12}; /* their sum: 2^32 */
	struct image image;
	struct error err;

	memcpy(elf.code + offsetof(struct elf_file, code) % 8, header, sizeof(header));
	expect_no_image(&elf, sizeof(elf), 0, STATUS_IMAGE, "a Multiboot 2 kernel");
	expect_no_image(&elf, sizeof(elf), 5, STATUS_IMAGE, "no Multiboot 1 header");
	ck_assert(open_file(&image, &elf, sizeof(elf), 4, &err));
	image_close(&image);
}
END_TEST

static void prepare_multiboot(struct world *world, uint64_t memory)
{
	prepare(world, PM32, memory);
	world->image.multiboot = true;
	world->image.path = "/boot/k.elf";
}

static uint32_t word32(const struct world *world, uint64_t gpa)
{
	return (uint32_t)word(world, gpa);
}

/* Entry of 24 bytes: size of the rest, base, length, type. */
static void expect_range(
	const struct world *world, uint64_t gpa, uint64_t base, uint64_t length, uint32_t type)
{
	ck_assert_uint_eq(word32(world, gpa), 20);
	ck_assert_uint_eq(word(world, gpa + 4), base);
	ck_assert_uint_eq(word(world, gpa + 12), length);
	ck_assert_uint_eq(word32(world, gpa + 20), type);
}

START_TEST(information)
{
	struct world world;
	uint64_t info = 0xff9a00, map, module;

	prepare_multiboot(&world, 0x1000000);
	world.params.command_line = "a=1 b";
	world.params.initrd_size = 0x1801;
	world.params.initrd_name = "dir/rd";
	build(&world);
	ck_assert_uint_eq(world.cpu.gpr[GPR_RAX], 0x2badb002);
	ck_assert_uint_eq(world.cpu.gpr[GPR_RBX], info);
	ck_assert_uint_eq(world.cpu.cr0, 0x11);
	ck_assert_uint_eq(word32(&world, info), 0x24d); /* bits 0, 2, 3, 6, 9 */
	ck_assert_uint_eq(word32(&world, info + 4), 640);
	ck_assert_uint_eq(word32(&world, info + 8), 0x3bd4); /* (0xff5000 - 1 MiB) / 1024 */
	ck_assert_uint_eq(word32(&world, info + 16), 0xffa000);
	EXPECT_BYTES(&world, 0xffa000, 'k', '.', 'e', 'l', 'f', ' ', 'a', '=', '1', ' ', 'b', 0);
	ck_assert_uint_eq(word32(&world, info + 20), 1);
	module = word32(&world, info + 24);
	ck_assert_uint_eq(word32(&world, module), 0xff5000);
	ck_assert_uint_eq(word32(&world, module + 4), 0xff6801);
	ck_assert_str_eq((char *)world.mem.base + word32(&world, module + 8), "dir/rd");
	ck_assert_uint_eq(word32(&world, module + 12), 0);
	ck_assert_uint_eq(word32(&world, info + 44), 4 * 24);
	map = word32(&world, info + 48);
	expect_range(&world, map, 0, 0xa0000, 1);
	expect_range(&world, map + 24, 0xa0000, 0x60000, 2);
	expect_range(&world, map + 48, 0x100000, 0xef5000, 1);
	expect_range(&world, map + 72, 0xff5000, 0xb000, 2);
	ck_assert_str_eq((char *)world.mem.base + word32(&world, info + 64), "vmm");
}
END_TEST

START_TEST(memory_of_other_sizes)
{
	struct world world;
	uint64_t map;

	prepare_multiboot(&world, 0x140000000);
	build(&world);
	ck_assert_uint_eq(word32(&world, 0xbfff9a00), 0x245); /* no module */
	ck_assert_uint_eq(word32(&world, 0xbfff9a00 + 44), 5 * 24);
	map = word32(&world, 0xbfff9a00 + 48);
	expect_range(&world, map + 96, 0x100000000, 0x80000000, 1);
	memory_destroy(&world.mem);
	prepare_multiboot(&world, 0x100000); /* 1 MiB: the block is below it */
	build(&world);
	ck_assert_uint_eq(word32(&world, 0xf9a00 + 8), 0);
	map = word32(&world, 0xf9a00 + 48);
	ck_assert_uint_eq(word32(&world, 0xf9a00 + 44), 3 * 24);
	expect_range(&world, map, 0, 0xa0000, 1);
	expect_range(&world, map + 24, 0xa0000, 0x57000, 2);
	expect_range(&world, map + 48, 0xf7000, 0x9000, 2);
	memory_destroy(&world.mem);
	prepare_multiboot(&world, 0x100000); /* and a RAM disk goes down into what is low */
	world.params.initrd_size = 0x77000;
	build(&world);
	ck_assert_uint_eq(word32(&world, 0xf9a00 + 4), 512);
	map = word32(&world, 0xf9a00 + 48);
	expect_range(&world, map, 0, 0x80000, 1);
}
END_TEST

START_TEST(command_line_fills_its_page)
{
	static char text[4096];
	struct world world;

	memset(text, 'x', 4095 - 6); /* and "k.elf " */
	prepare_multiboot(&world, 0x1000000);
	world.params.command_line = text;
	build(&world);
	ck_assert_uint_eq(world.mem.base[0xffafff], 0);
	ck_assert_uint_eq(world.mem.base[0xffaffe], 'x');
	text[4095 - 6] = 'x';
	expect_refused(&world, STATUS_USAGE, "4096 bytes, expected at most 4095");
}
END_TEST

/* Prints M when EAX is right, the command line, the module's bytes; ends with the number of
 * modules. The rest is in the boot environment. */
asm(".pushsection .rodata\n"
    ".global multiboot_guest, multiboot_guest_end\n"
    "multiboot_guest: .set base, multiboot_guest - 0x100000\n"
    ".long 0x1badb002, 0x10003, -(0x1badb002 + 0x10003)\n"
    ".long 0x100000, 0x100000, 0, 0, 0x100020\n"
    ".code32\n"
    "mov $0xe9, %edx; cld\n"
    "cmp $0x2badb002, %eax; jne 9f; mov $'M', %al; out %al, %dx; mov $10, %al; out %al, %dx\n"
    "mov 16(%ebx), %esi\n"
    "1: lodsb; test %al, %al; je 2f; out %al, %dx; jmp 1b\n"
    "2: mov $10, %al; out %al, %dx\n"
    "mov 20(%ebx), %edi; test %edi, %edi; je 9f\n"
    "mov 24(%ebx), %eax; mov (%eax), %esi; mov 4(%eax), %ecx; sub %esi, %ecx; rep outsb\n"
    "9: mov $0x502, %edx; mov %edi, %eax; out %eax, %dx; jmp 9b\n"
    ".code64\n"
    "multiboot_guest_end: .popsection\n");
extern const char multiboot_guest[], multiboot_guest_end[];

START_TEST(guest_is_told)
{
	const char *image = write_file(
		"told.bin", multiboot_guest, (size_t)(multiboot_guest_end - multiboot_guest));
	struct run *run;

	if (!kvm_is_here("guest_is_told"))
		return;
	run = VMM(image, "--", "one", "two");
	ck_assert_str_eq(run->out, "M\ntold.bin one two\n");
	ck_assert_msg(run->status == 0, "status %d: %s", run->status, run->err);
	run = VMM("-i", write_file("module", "bytes\n", 6), image);
	ck_assert_str_eq(run->out, "M\ntold.bin \nbytes\n");
	ck_assert_int_eq(run->status, 1);
	run = VMM("--map", image);
	ck_assert_ptr_nonnull(strstr(run->out, "mode    multiboot\n"));
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{flat_by_addresses, 2},
		{addresses_left_out},
		{addresses_that_cannot_be, 9},
		{flags},
		{what_is_no_header},
		{options_for_images_without},
		{elf_by_segments},
		{command_line_goes_before_the_header},
		{multiboot_2},
		{information},
		{memory_of_other_sizes},
		{command_line_fills_its_page},
		{guest_is_told},
	};
	int result;

	scratch();
	result = RUN_LOOPED_SUITE("multiboot", tests, 60);
	remove_scratch();
	return result;
}
