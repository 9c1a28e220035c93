/* SPDX-License-Identifier: MIT */
/*
 * test_core.c: core files: what is written is what is read, damaged ones are refused, and the
 * layout is the one that the ABI asks for (checked with numbers from elf.h's documents, not with
 * our own constants).
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "autopsy/core_evidence.h"
#include "autopsy/core_format.h"
#include "autopsy/core_map.h"
#include "autopsy/core_read.h"
#include "autopsy/dump_text.h"
#include "autopsy/linear.h"
#include "autopsy/region.h"
#include "core_file.h"
#include "sample_evidence.h"
#include "suite.h"

/* A core file in memory. */
struct image {
	struct array_mem array;
	uint64_t size;
};

static struct image make_image(const struct sample_death *death)
{
	struct core_head head;
	struct image image;

	ck_assert(core_head_make(&death->evidence, &head));
	image.size = head.size + head.low;
	image.array.size = image.size;
	image.array.bytes = realloc(head.bytes, image.size);
	memcpy(image.array.bytes + head.size, death->ram, SAMPLE_RAM);
	return image;
}

static struct core *open_image(const struct image *image)
{
	struct phys_mem file = array_mem_view(&image->array);
	char error[160];

	return core_open(&file, image->size, error, sizeof(error));
}

static uint64_t number_at(const struct image *image, uint64_t at, unsigned size)
{
	uint64_t value = 0;

	memcpy(&value, image->array.bytes + at, size);
	return value;
}

/* Everything that a core keeps, some of it not in the sample. */
static void fill_more(struct sample_death *death, struct write_record *write)
{
	struct evidence *evidence = &death->evidence;

	*write = (struct write_record){.linear = 1,
		.gpa = 2,
		.size = 8,
		.old_value = 3,
		.new_value = 4,
		.old_unknown = true,
		.rip = 5,
		.rip_after = true,
		.cpu = death->cpus[0]};
	evidence->writes = write;
	evidence->write_count = 1;
	evidence->origin = STATE_RECOVERED;
	evidence->rerun = RERUN_SAME;
	evidence->rerun_slices = 6;
	evidence->rerun_steps = 7;
	evidence->trail[0] = (struct trail_step){8, 9, 10, 11, 12};
	evidence->trail_count = 1;
	evidence->samples[0] = (struct sample){13, 14};
	evidence->sample_count = 1;
	evidence->boot_vector = 15;
	evidence->boot_has_error = true;
	evidence->boot_error = 16;
	evidence->internal_suberror = 17;
	evidence->internal_ndata = 2;
	evidence->internal_data[1] = 18;
	evidence->entry_failure = 19;
	evidence->stuck = STUCK_VMCALL;
	evidence->apic.valid = true;
	evidence->apic.regs[1023] = 20;
	evidence->initrd = "initrd.cpio";
	death->cpus[1].dr[7] = 21;
	death->cpus[1].facts.gib_pages = true;
	death->cpus[1].facts.maxphyaddr = 52;
	death->cpus[1].tsc = 22;
}

/* Structures without padding that matters are compared as bytes: both were zeroed. */
static void expect_same(const struct evidence *a, const struct evidence *b)
{
	ck_assert_int_eq(a->death, b->death);
	ck_assert_int_eq(a->stuck, b->stuck);
	ck_assert_uint_eq(a->ram_low, b->ram_low);
	ck_assert_uint_eq(a->cpu_count, b->cpu_count);
	ck_assert_uint_eq(a->cpu, b->cpu);
	ck_assert_uint_eq(a->boot_vector, b->boot_vector);
	ck_assert(a->boot_has_error == b->boot_has_error && a->boot_error == b->boot_error);
	ck_assert_uint_eq(a->exit_reason, b->exit_reason);
	ck_assert_uint_eq(a->internal_suberror, b->internal_suberror);
	ck_assert_uint_eq(a->internal_ndata, b->internal_ndata);
	ck_assert_mem_eq(a->internal_data, b->internal_data, sizeof(a->internal_data));
	ck_assert_uint_eq(a->entry_failure, b->entry_failure);
	ck_assert_mem_eq(a->exits, b->exits, sizeof(a->exits));
	ck_assert_uint_eq(a->exit_count, b->exit_count);
	ck_assert_uint_eq(a->exit_total, b->exit_total);
	ck_assert_mem_eq(a->unclaimed, b->unclaimed, sizeof(a->unclaimed));
	ck_assert_uint_eq(a->unclaimed_count, b->unclaimed_count);
	ck_assert_mem_eq(a->pic, b->pic, sizeof(a->pic));
	ck_assert_mem_eq(&a->apic, &b->apic, sizeof(a->apic));
	ck_assert_uint_eq(a->log_ring, b->log_ring);
	ck_assert(a->origin == b->origin && a->rerun == b->rerun);
	ck_assert(a->rerun_slices == b->rerun_slices && a->rerun_steps == b->rerun_steps);
	ck_assert_mem_eq(a->trail, b->trail, sizeof(a->trail));
	ck_assert_mem_eq(a->samples, b->samples, sizeof(a->samples));
	ck_assert(a->trail_count == b->trail_count && a->sample_count == b->sample_count);
	ck_assert_uint_eq(a->write_count, b->write_count);
	ck_assert(a->seconds == b->seconds);
	ck_assert_pstr_eq(a->image, b->image);
	ck_assert_pstr_eq(a->symbols, b->symbols);
	ck_assert_pstr_eq(a->initrd, b->initrd);
	ck_assert_pstr_eq(a->kvm, b->kvm);
}

static void expect_same_cpu(const struct cpu_state *a, const struct cpu_state *b)
{
	struct sample_death other;
	char *texts[2];

	/* The dump shows every register; facts and the rest are compared below. */
	sample_init(&other);
	for (unsigned i = 0; i < 2; i++) {
		other.cpus[0] = i ? *b : *a;
		other.evidence.cpu_count = 1;
		texts[i] = dump_text(&other.evidence);
	}
	ck_assert_str_eq(texts[0], texts[1]);
	free(texts[0]);
	free(texts[1]);
	ck_assert_mem_eq(a->gpr, b->gpr, sizeof(a->gpr));
	ck_assert_mem_eq(a->dr, b->dr, sizeof(a->dr));
	ck_assert_mem_eq(&a->facts, &b->facts, sizeof(a->facts));
	ck_assert_mem_eq(&a->events, &b->events, sizeof(a->events));
	ck_assert_mem_eq(a->seg, b->seg, sizeof(a->seg));
	ck_assert_uint_eq(a->tsc, b->tsc);
}

START_TEST(a_core_gives_back_the_evidence)
{
	struct sample_death death;
	struct write_record write = {0};
	const struct evidence *again;
	struct image image;
	struct core *core;
	uint8_t byte;

	sample_init(&death);
	fill_more(&death, &write);
	image = make_image(&death);
	core = open_image(&image);
	ck_assert_ptr_nonnull(core);
	again = &core->evidence;
	expect_same(&death.evidence, again);
	expect_same_cpu(&death.cpus[0], &again->cpus[0]);
	expect_same_cpu(&death.cpus[1], &again->cpus[1]);
	expect_same_cpu(&write.cpu, &again->writes[0].cpu);
	ck_assert_mem_eq(&again->writes[0], &write, offsetof(struct write_record, cpu));
	ck_assert_uint_eq(again->region_count, 3);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_str_eq(again->regions[i].name, death.regions[i].name);
		ck_assert_uint_eq(again->regions[i].gpa, death.regions[i].gpa);
		ck_assert_uint_eq(again->regions[i].size, death.regions[i].size);
		ck_assert_uint_eq(again->regions[i].linear, death.regions[i].linear);
		ck_assert(again->regions[i].monitor == death.regions[i].monitor);
	}
	ck_assert_ptr_null(again->regions[0].pristine);
	ck_assert_mem_eq(again->regions[1].pristine, death.pristine, sizeof(death.pristine));
	for (uint64_t at = 0; at < SAMPLE_RAM; at++) {
		ck_assert(phys_read(&again->mem, at, &byte, 1));
		ck_assert_uint_eq(byte, death.ram[at]);
	}
	ck_assert(!phys_read(&again->mem, SAMPLE_RAM, &byte, 1));
	ck_assert(!phys_read(&again->mem, ~0ull, &byte, 1));
	core_close(core);
	free(image.array.bytes);
}
END_TEST

/* A region that is as it was costs nothing in the file and comes back from memory. */
START_TEST(pristine_bytes_come_from_memory)
{
	struct sample_death death;
	struct image damaged, whole;
	struct core *core;

	sample_init(&death);
	damaged = make_image(&death);
	memset(death.ram + 0xc000, 0xcc, 0x1000);
	whole = make_image(&death);
	ck_assert_uint_eq(damaged.size - whole.size, 0x1000);
	core = open_image(&whole);
	ck_assert_mem_eq(core->evidence.regions[1].pristine, death.pristine, 0x1000);
	core_close(core);
	free(damaged.array.bytes);
	free(whole.array.bytes);
}
END_TEST

/* Offsets and numbers: System V ABI, chapter 4, and the kernel's struct elf_prstatus. */
START_TEST(the_layout_is_an_elf_core)
{
	struct sample_death death;
	struct image image;
	uint64_t phdr, note;

	sample_init(&death);
	image = make_image(&death);
	ck_assert(memcmp(image.array.bytes,
			  "\x7f"
			  "ELF\2\1\1",
			  7) == 0);
	ck_assert_uint_eq(number_at(&image, 16, 2), 4);  /* ET_CORE */
	ck_assert_uint_eq(number_at(&image, 18, 2), 62); /* EM_X86_64 */
	ck_assert_uint_eq(number_at(&image, 32, 8), 64); /* e_phoff */
	ck_assert_uint_eq(number_at(&image, 54, 2), 56); /* e_phentsize */
	ck_assert_uint_eq(number_at(&image, 56, 2), 1 + 2 + 1);
	phdr = 64;
	ck_assert_uint_eq(number_at(&image, phdr, 4), 4); /* PT_NOTE */
	note = number_at(&image, phdr + 8, 8);
	ck_assert_uint_eq(number_at(&image, note, 4), 5); /* "CORE" */
	ck_assert_uint_eq(number_at(&image, note + 4, 4), 336);
	ck_assert_uint_eq(number_at(&image, note + 8, 4), 1); /* NT_PRSTATUS */
	note += 12 + 8;
	ck_assert_uint_eq(number_at(&image, note + 12, 2), 11);
	ck_assert_uint_eq(number_at(&image, note + 112, 8), 0xfeedfacecafebeef);
	ck_assert_uint_eq(number_at(&image, note + 112 + 10 * 8, 8), 0x42);
	ck_assert_uint_eq(number_at(&image, note + 112 + 14 * 8, 8), 0xffffffff80003008);
	ck_assert_uint_eq(number_at(&image, note + 112 + 16 * 8, 8), 0xffffffff80000123);
	ck_assert_uint_eq(number_at(&image, note + 112 + 19 * 8, 8), 0xffffffff80001ff0);
	/* Code; then stack and data, which follow it in memory but with other rights; then RAM. */
	phdr += 56;
	ck_assert_uint_eq(number_at(&image, phdr, 4), 1);
	ck_assert_uint_eq(number_at(&image, phdr + 4, 4), 5);
	ck_assert_uint_eq(number_at(&image, phdr + 16, 8), 0xffffffff80000000);
	ck_assert_uint_eq(number_at(&image, phdr + 24, 8), 0x8000);
	ck_assert_uint_eq(number_at(&image, phdr + 32, 8), 0x1000);
	ck_assert_uint_eq(number_at(&image, number_at(&image, phdr + 8, 8) + 0x123, 2), 0x0789);
	phdr += 56;
	ck_assert_uint_eq(number_at(&image, phdr + 4, 4), 6);
	ck_assert_uint_eq(number_at(&image, phdr + 16, 8), 0xffffffff80001000);
	ck_assert_uint_eq(number_at(&image, phdr + 32, 8), 0x2000);
	phdr += 56;
	ck_assert_uint_eq(number_at(&image, phdr + 16, 8), 0x0100000000000000);
	ck_assert_uint_eq(number_at(&image, phdr + 24, 8), 0);
	ck_assert_uint_eq(number_at(&image, phdr + 32, 8), SAMPLE_RAM);
	ck_assert_uint_eq(number_at(&image, phdr + 8, 8) % 4096, 0);
	free(image.array.bytes);
}
END_TEST

/* The i386 layout: a 32-bit header of 52 bytes, elf_prstatus of 144 with 17 registers at 72. */
START_TEST(a_32_bit_cpu_makes_a_32_bit_core)
{
	struct sample_death death;
	struct image image;
	struct core *core;
	uint64_t note;
	uint8_t byte;

	sample_init(&death);
	death.cpus[0].cr0 = 0x11;
	death.cpus[0].cr4 = 0;
	death.cpus[0].efer = 0;
	death.cpus[0].rip = 0x8123;
	image = make_image(&death);
	ck_assert(memcmp(image.array.bytes,
			  "\x7f"
			  "ELF\1\1\1",
			  7) == 0);
	ck_assert_uint_eq(number_at(&image, 18, 2), 3); /* EM_386 */
	ck_assert_uint_eq(number_at(&image, 28, 4), 52);
	ck_assert_uint_eq(number_at(&image, 42, 2), 32);
	ck_assert_uint_eq(number_at(&image, 44, 2), 3);
	note = number_at(&image, 52 + 4, 4);
	ck_assert_uint_eq(number_at(&image, note + 4, 4), 144);
	ck_assert_uint_eq(number_at(&image, note + 20 + 24, 4), 1);
	ck_assert_uint_eq(number_at(&image, note + 20 + 72 + 6 * 4, 4), 0x42);
	ck_assert_uint_eq(number_at(&image, note + 20 + 72 + 12 * 4, 4), 0x8123);
	ck_assert_uint_eq(number_at(&image, note + 20 + 72 + 15 * 4, 4), 0x80001ff0);
	ck_assert_uint_eq(number_at(&image, 52 + 32, 4), 1); /* linear is physical */
	ck_assert_uint_eq(number_at(&image, 52 + 32 + 8, 4), 0);
	ck_assert_uint_eq(number_at(&image, 52 + 32 + 16, 4), SAMPLE_RAM);
	core = open_image(&image);
	ck_assert_ptr_nonnull(core);
	expect_same(&death.evidence, &core->evidence);
	expect_same_cpu(&death.cpus[0], &core->evidence.cpus[0]);
	for (uint64_t at = 0; at < SAMPLE_RAM; at++) {
		ck_assert(phys_read(&core->evidence.mem, at, &byte, 1));
		ck_assert_uint_eq(byte, death.ram[at]);
	}
	core_close(core);
	free(image.array.bytes);
}
END_TEST

START_TEST(page_tables_that_map_themselves_end)
{
	struct sample_death death;
	struct core_map map;

	sample_init(&death);
	for (unsigned i = 0; i < 512; i++)
		array_mem_put(&death.array, 0x1000 + i * 8, 0x1003, 8);
	map = core_map_make(&death.evidence, &death.cpus[0]);
	ck_assert(map.cut);
	ck_assert_uint_gt(map.count, 0);
	free(map.runs);
}
END_TEST

START_TEST(without_paging_linear_is_physical)
{
	struct sample_death death;
	struct core_map map;

	sample_init(&death);
	death.cpus[0].cr0 = 0x11;
	death.cpus[0].efer = 0;
	map = core_map_make(&death.evidence, &death.cpus[0]);
	ck_assert_uint_eq(map.count, 1);
	ck_assert(
		map.runs[0].linear == 0 && map.runs[0].gpa == 0 && map.runs[0].size == SAMPLE_RAM);
	free(map.runs);
}
END_TEST

/* 32-bit paging: PDE 768 maps 4 MiB from 0, of which 128 KiB are RAM; PTE 1 of PDE 0 maps 0x9000.
 */
START_TEST(large_pages_are_cut_at_the_end_of_ram)
{
	struct sample_death death;
	struct core_map map;

	sample_init(&death);
	memset(death.ram, 0, sizeof(death.ram));
	death.cpus[0].cr4 = 0x10;
	death.cpus[0].efer = 0;
	array_mem_put(&death.array, 0x1000 + 768 * 4, 0x83, 4);
	array_mem_put(&death.array, 0x1000, 0x2003, 4);
	array_mem_put(&death.array, 0x2004, 0x9001, 4);
	map = core_map_make(&death.evidence, &death.cpus[0]);
	ck_assert_uint_eq(map.count, 2);
	ck_assert_uint_eq(map.runs[0].linear, 0x1000);
	ck_assert_uint_eq(map.runs[0].gpa, 0x9000);
	ck_assert_uint_eq(map.runs[0].size, 0x1000);
	ck_assert_uint_eq(map.runs[1].linear, 0xc0000000);
	ck_assert_uint_eq(map.runs[1].gpa, 0);
	ck_assert_uint_eq(map.runs[1].size, 0x20000);
	free(map.runs);
}
END_TEST

static const struct {
	uint64_t at;
	unsigned size;
	uint64_t value;
	const char *error;
} bad[] = {
	{0, 1, 0x7e, "it is no ELF file"},
	{4, 1, 3, "it is no x86 core file"},
	{4, 1, 1, "it is no x86 core file"}, /* 32 bits, but x86_64 */
	{16, 2, 2, "it is no x86 core file"},
	{18, 2, 3, "it is no x86 core file"},
	{54, 2, 57, "its program headers have an unknown size"},
	{56, 2, 0, "it has no notes"},
	{56, 2, 0xffff, "its program headers are beyond its end"},
	{32, 8, ~0ull, "its program headers are beyond its end"},
	{64 + 8, 8, ~0ull, "its notes are beyond its end"},
	{64 + 32, 8, ~0ull, "its notes are beyond its end"},
	{64 + 32, 8, 100, "one of its notes is cut short"},
	{64 + 32, 8, 0, "it was not written by vmm"},
	{64 + 3 * 56 + 8, 8, 0x100000, "its memory is cut short"},
	{64 + 3 * 56 + 32, 8, 0x1000, "its memory is not as large as its note says"},
	{64 + 4 * 56 + 4, 4, 0xffffffff, "one of its notes is cut short"},
	/* The evidence: behind two notes of 12 + 8 + 336 bytes and 12 + 4 of its own. */
	{64 + 4 * 56 + 2 * 356 + 16, 8, 9, "it was written by another version of vmm"},
	{64 + 4 * 56 + 2 * 356 + 16 + 24, 8, 99, "a number in it is out of range"},
};

START_TEST(bad_cores_are_refused)
{
	struct sample_death death;
	struct image image;
	struct phys_mem file;
	char error[160] = "";

	sample_init(&death);
	image = make_image(&death);
	memcpy(image.array.bytes + bad[_i].at, &bad[_i].value, bad[_i].size);
	file = array_mem_view(&image.array);
	ck_assert_ptr_null(core_open(&file, image.size, error, sizeof(error)));
	ck_assert_str_eq(error, bad[_i].error);
	free(image.array.bytes);
}
END_TEST

START_TEST(no_prefix_of_a_core_is_a_core)
{
	struct sample_death death;
	struct image image;

	sample_init(&death);
	image = make_image(&death);
	for (uint64_t n = 0; n < image.size; n += n < 0x4000 ? 7 : 4091) {
		struct image prefix = {{malloc(n + 1), n}, n};

		memcpy(prefix.array.bytes, image.array.bytes, n);
		ck_assert_ptr_null(open_image(&prefix));
		free(prefix.array.bytes);
	}
	free(image.array.bytes);
}
END_TEST

/* xorshift64: Marsaglia, "Xorshift RNGs". */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Whatever is in a core that is let in, showing it works. */
START_TEST(damaged_cores_do_no_harm)
{
	struct sample_death death;
	struct image image, damaged;
	uint64_t random = 88172645463325252ull;
	unsigned opened = 0;

	sample_init(&death);
	image = make_image(&death);
	damaged = image;
	damaged.array.bytes = malloc(image.size);
	for (unsigned round = 0; round < 4000; round++) {
		struct core *core;

		memcpy(damaged.array.bytes, image.array.bytes, image.size);
		for (unsigned n = 1 + next_random(&random) % 4; n; n--) {
			uint64_t at = next_random(&random) % (image.size - SAMPLE_RAM);

			damaged.array.bytes[at] = (uint8_t)next_random(&random);
		}
		core = open_image(&damaged);
		if (!core)
			continue;
		opened++;
		if (round % 16 == 0)
			free(dump_text(&core->evidence));
		core_close(core);
	}
	ck_assert_uint_gt(opened, 100);
	ck_assert_uint_lt(opened, 4000);
	free(damaged.array.bytes);
	free(image.array.bytes);
}
END_TEST

START_TEST(files_hold_what_was_written)
{
	char path[] = "/tmp/vmm-test-core-XXXXXX";
	struct sample_death death;
	struct core_file file;
	struct core_input input;
	struct evidence *again;
	struct error err;
	uint8_t byte;

	sample_init(&death);
	close(mkstemp(path));
	ck_assert(core_file_open(&file, path, &err));
	ck_assert(core_file_write(&file, &death.evidence, &err));
	core_file_close(&file);
	again = core_input_open(&input, path, &err);
	ck_assert_ptr_nonnull(again);
	expect_same(&death.evidence, again);
	for (uint64_t at = 0; at < SAMPLE_RAM; at += 13) {
		ck_assert(phys_read(&again->mem, at, &byte, 1));
		ck_assert_uint_eq(byte, death.ram[at]);
	}
	core_input_close(&input);
	unlink(path);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core");
	TCase *tcase = tcase_create("core");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 0);
	tcase_add_test(tcase, a_core_gives_back_the_evidence);
	tcase_add_test(tcase, pristine_bytes_come_from_memory);
	tcase_add_test(tcase, the_layout_is_an_elf_core);
	tcase_add_test(tcase, a_32_bit_cpu_makes_a_32_bit_core);
	tcase_add_test(tcase, page_tables_that_map_themselves_end);
	tcase_add_test(tcase, without_paging_linear_is_physical);
	tcase_add_test(tcase, large_pages_are_cut_at_the_end_of_ram);
	tcase_add_loop_test(tcase, bad_cores_are_refused, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tcase, no_prefix_of_a_core_is_a_core);
	tcase_add_test(tcase, damaged_cores_do_no_harm);
	tcase_add_test(tcase, files_hold_what_was_written);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
