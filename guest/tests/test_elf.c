/* SPDX-License-Identifier: MIT */
/*
 * test_elf.c: the program loader's reading of headers: one written by hand, and thousands spoilt at
 * random.
 */
#include "unit.h"

#include "errno.h"
#include "process/elf.h"

#define LOWEST 0x10000ull
#define LIMIT  0x7fffff000000ull
#define BIAS   0x555555554000ull

uintptr_t direct_map;

static uint8_t image[64 + 2 * 56];

static void put(size_t at, uint64_t value, size_t n)
{
	memcpy(image + at, &value, n);
}

/* Offsets by the ELF-64 specification: file header, then text at 0x401000 and data at 0x403010. */
static void make_image(unsigned type)
{
	memset(image, 0, sizeof(image));
	memcpy(image, "\177ELF\2\1\1", 7);
	put(16, type, 2);
	put(18, 62, 2);
	put(24, type == 2 ? 0x401080 : 0x1080, 8);
	put(32, 64, 8);
	put(54, 56, 2);
	put(56, 2, 2);
	put(64, 1, 4);
	put(68, 5, 4);
	put(72, 0, 8);
	put(80, type == 2 ? 0x401000 : 0x1000, 8);
	put(96, 0x800, 8);
	put(104, 0x800, 8);
	put(120, 1, 4);
	put(124, 6, 4);
	put(128, 0x1010, 8);
	put(136, type == 2 ? 0x403010 : 0x3010, 8);
	put(152, 0x20, 8);
	put(160, 0x2000, 8);
}

static int read_image(struct elf_image *out)
{
	int error = elf_read_header(image, sizeof(image), out);

	if (error || out->header_offset != 64 || out->header_count != 2)
		return error ? error : -EINVAL;
	return elf_read_segments(out, image + 64, BIAS, LOWEST, LIMIT);
}

static void expect_image(const struct elf_image *out, uint64_t base)
{
	ck_assert_uint_eq(out->entry, base + 0x1080);
	ck_assert_uint_eq(out->headers, base + 0x1040);
	ck_assert_uint_eq(out->segments, 2);
	ck_assert_uint_eq(out->segment[0].address, base + 0x1000);
	ck_assert_uint_eq(out->segment[0].rights, 5);
	ck_assert_uint_eq(out->segment[1].address, base + 0x3010);
	ck_assert_uint_eq(out->segment[1].size, 0x2000);
	ck_assert_uint_eq(out->segment[1].file_size, 0x20);
	ck_assert_uint_eq(out->segment[1].offset, 0x1010);
	ck_assert_uint_eq(out->segment[1].rights, 3);
	ck_assert_uint_eq(out->end, base + 0x5010);
}

START_TEST(reads_a_program)
{
	struct elf_image out;

	make_image(2);
	ck_assert_int_eq(read_image(&out), 0);
	expect_image(&out, 0x400000);
	make_image(3);
	ck_assert_int_eq(read_image(&out), 0);
	expect_image(&out, 0x555555554000);
}
END_TEST

/* Offset, value, size of what is wrong. */
static const struct {
	const char *what;
	size_t at;
	uint64_t value;
	size_t n;
} wrong[] = {
	{"magic", 0, 0x464c4580, 4},
	{"32-bit", 4, 1, 1},
	{"big-endian", 5, 2, 1},
	{"relocatable", 16, 1, 2},
	{"i386", 18, 3, 2},
	{"header size", 54, 32, 2},
	{"no headers", 56, 0, 2},
	{"interpreter", 64, 3, 4},
	{"in the null page", 80, 0x1000, 8},
	{"in the kernel half", 80, 0xffff800000000000, 8},
	{"at the end of the user half", 80, 0x7ffffffff000, 8},
	{"wraps", 160, 0xfffffffffffff000, 8},
	{"file part above memory part", 152, 0x3000, 8},
	{"offset and address differ in the page", 128, 0x1020, 8},
	{"descending", 136, 0x400010, 8},
	{"sharing a page", 104, 0x2001, 8},
	{"entry in the kernel half", 24, 0xffffffff80100000, 8},
};

START_TEST(refuses_what_is_wrong)
{
	struct elf_image out;

	make_image(2);
	put(wrong[_i].at, wrong[_i].value, wrong[_i].n);
	ck_assert_msg(read_image(&out) == -ENOEXEC, "%s", wrong[_i].what);
}
END_TEST

START_TEST(is_cut_short)
{
	struct elf_image out;

	make_image(2);
	for (size_t n = 0; n < 64; n++)
		ck_assert_int_eq(elf_read_header(image, n, &out), -ENOEXEC);
}
END_TEST

/* Whatever is accepted is sound. */
START_TEST(believes_nothing)
{
	random_seed((unsigned)_i);
	for (int i = 0; i < 20000; i++) {
		struct elf_image out;

		make_image(2 + (unsigned)random_below(2));
		for (unsigned k = 0; k <= random_below(4); k++)
			image[random_below(sizeof(image))] ^= 1u << random_below(8);
		if (read_image(&out))
			continue;
		ck_assert_uint_lt(out.entry, LIMIT);
		for (unsigned s = 0; s < out.segments; s++) {
			ck_assert_uint_ge(out.segment[s].address, LOWEST);
			ck_assert_uint_le(out.segment[s].address, LIMIT);
			ck_assert_uint_le(out.segment[s].size, LIMIT - out.segment[s].address);
			ck_assert_uint_le(out.segment[s].file_size, out.segment[s].size);
		}
	}
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{reads_a_program, 0},
		{refuses_what_is_wrong, (int)(sizeof(wrong) / sizeof(wrong[0]))},
		{is_cut_short, 0},
		{believes_nothing, 4},
	};

	return RUN_UNIT("ELF loader", tests);
}
