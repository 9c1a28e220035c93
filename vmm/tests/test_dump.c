/* SPDX-License-Identifier: MIT */
/*
 * test_dump.c: the text buffer and the raw dump. Expected lines are worked out by hand from the
 * bytes in sample_evidence.h.
 */
#include "autopsy/dump_text.h"
#include "autopsy/log_tail.h"
#include "autopsy/region.h"
#include "autopsy/text.h"
#include "sample_evidence.h"
#include "suite.h"

static void expect_text(struct text *text, const char *expected)
{
	char *got = text_take(text);

	ck_assert_str_eq(got, expected);
	free(got);
}

START_TEST(text_pads_and_counts_columns)
{
	struct text text;

	text_init(&text, true);
	text_add(&text, "a\nbc");
	text_style(&text, TEXT_BAD);
	text_pad(&text, 5);
	ck_assert_uint_eq(text.column, 5);
	text_add(&text, "%d", 7);
	text_pad(&text, 2);
	text_style(&text, TEXT_PLAIN);
	expect_text(&text, "a\nbc\033[1;31m   7 \033[0m");
}
END_TEST

START_TEST(text_escapes_hostile_bytes)
{
	struct text text;

	text_init(&text, false);
	text_style(&text, TEXT_BAD);
	text_add_hostile(&text, "a\033[2J\0\n\xff~\x7f", 10);
	expect_text(&text, "a\\x1b[2J\\x00\\n\\xff~\\x7f");
}
END_TEST

START_TEST(text_wraps_paragraphs)
{
	struct text text;
	char long_word[121];

	memset(long_word, 'x', 120);
	long_word[120] = '\0';
	text_init(&text, false);
	text_add(&text, "%92s", "");
	text_wrap(&text, 2, "ab  cd\tef");
	text_wrap(&text, 2, long_word);
	text_wrap(&text, 2, "");
	text_add(&text, "%91s", "");
	text_wrap(&text, 4, "ab c de");
	ck_assert_ptr_nonnull(strstr(text.bytes, "ab\n  cd\\x09ef\n"));
	ck_assert_uint_eq(text.column, 0);
	text_add(&text, "%c", 0);
	ck_assert_ptr_nonnull(strstr(text.bytes, "ab c\n    de\n"));
	text_drop(&text);
}
END_TEST

START_TEST(text_says_when_it_is_cut)
{
	struct text text;
	char *got;

	text_init(&text, false);
	text_add(&text, "%*s", TEXT_MAX - 100, "");
	ck_assert(!text.truncated);
	text_add(&text, "%100s", "");
	ck_assert(text.truncated);
	text_add(&text, "not any more");
	got = text_take(&text);
	ck_assert_uint_lt(strlen(got), TEXT_MAX);
	ck_assert_ptr_nonnull(
		strstr(got, " \n[the rest of this report did not fit into memory]\n"));
	free(got);
}
END_TEST

START_TEST(log_comes_out_of_a_wrapped_ring)
{
	struct sample_death sample;
	char log[100];
	size_t n, at;

	sample_init(&sample);
	n = log_tail_read(&sample.evidence, log, sizeof(log));
	ck_assert_uint_eq(n, 64);
	ck_assert(memcmp(log, "45678901", 8) == 0);
	ck_assert(memcmp(log + n - 10, "last \033line", 10) == 0);
	at = log_tail_lines(log, n, 2);
	ck_assert(memcmp(log + at, "kernel: up\n", 11) == 0);
	ck_assert_uint_eq(log_tail_lines(log, n, 100), 0);
	ck_assert_uint_eq(log_tail_lines("a\nb\n", 4, 1), 2);
	ck_assert_uint_eq(log_tail_read(&sample.evidence, log, 10), 10);
	ck_assert(memcmp(log, "last \033line", 10) == 0);
}
END_TEST

START_TEST(log_that_makes_no_sense_is_no_log)
{
	static const uint64_t rings[][4] = {
		{0x474f4c4d4d57, 0xb000, 64, 70},          /* magic */
		{0x474f4c4d4d56, 0xb000, 0, 70},           /* no size */
		{0x474f4c4d4d56, 0x1ffff, 64, 70},         /* beyond RAM */
		{0x474f4c4d4d56, ~0ull, 64, 70},           /* address overflows */
		{0x474f4c4d4d56, ~0ull, ~0ull, ~0ull - 1}, /* everything does */
		{0x474f4c4d4d56, 0xb000, 64, 0},           /* empty */
	};
	struct sample_death sample;
	char log[100];

	sample_init(&sample);
	for (size_t i = 0; i < sizeof(rings) / sizeof(rings[0]); i++) {
		memcpy(sample.ram + 0xb100, rings[i], sizeof(rings[i]));
		ck_assert_uint_eq(log_tail_read(&sample.evidence, log, sizeof(log)), 0);
	}
}
END_TEST

START_TEST(damage_is_counted)
{
	struct sample_death sample;
	struct region_damage damage;

	sample_init(&sample);
	damage = region_compare(&sample.evidence.mem, &sample.regions[1]);
	ck_assert_uint_eq(damage.bytes, 3);
	ck_assert_uint_eq(damage.first, 0xc010);
	ck_assert_uint_eq(damage.last, 0xc012);
	ck_assert(!damage.zeroed);
	memset(sample.ram + 0xc000, 0, 0x1000);
	damage = region_compare(&sample.evidence.mem, &sample.regions[1]);
	ck_assert(damage.zeroed);
	ck_assert_uint_eq(region_compare(&sample.evidence.mem, &sample.regions[0]).bytes, 0);
	ck_assert(region_overlaps(&sample.regions[1], &sample.regions[2]));
	ck_assert(region_overlaps(&sample.regions[2], &sample.regions[1]));
	ck_assert(!region_overlaps(&sample.regions[0], &sample.regions[1]));
	ck_assert_ptr_eq(region_find(&sample.evidence, 0xcff8), &sample.regions[2]);
	ck_assert_ptr_null(region_find(&sample.evidence, 0xb000));
}
END_TEST

static const char *const dump_lines[] = {
	"death     a triple fault\n"
	"          vCPU 0 of 2, after 0.013 s, 5 exits, kvm_pvm; last KVM_EXIT_SHUTDOWN\n",
	"state     observed: KVM kept the registers of the moment of death\n",
	"events    exception 14 #PF (page fault), being delivered, error code 0x2:\n"
	"          write to a page that is not present",
	"registers vCPU 0, long mode, 64-bit code, CPL 0, 4-level paging, runnable\n",
	"          rip ffffffff80000123   rflags 00010046 IOPL 0 [PF ZF RF]\n",
	"          r12 0000000000000000 r13 0000000000000000 r14 0000000000000000 r15 "
	"feedfacecafebeef\n",
	"segments  cs   0008  base 0000000000000000  limit ffffffff  DPL 0  type 11: 64-bit code "
	"segment\n",
	"          ldtr 0000  base 0000000000000000  limit 00000000  unusable\n",
	"          gdtr       base ffffffff80002000  limit 0037 (7 entries)\n",
	"control   cr0  0000000080010011 [PE ET WP PG]\n",
	"          efer 0000000000000d01 [SCE LME LMA NXE]\n",
	"walk      rip 0xffffffff80000123: instruction fetch, 4-level paging, CR3 0x1000\n",
	"          PML4E  511 at 0x1ff8       0000000000002003  P W - X  -\n",
	"          -> 0x8123, page of 4 KiB, supervisor, read-only, executable; the access is "
	"allowed\n",
	"walk      next push 0xffffffff80001fe8: write, 4-level paging, CR3 0x1000\n",
	"walk      cr2 0xffffffff80003008: write, 4-level paging, CR3 0x1000\n",
	"          PTE      3 at 0x4018       0000000000000000  -  <== stops here\n",
	"          PTE 3 at 0x4018 is not present: #PF, error code 0x2\n",
	"stack     ffffffff80001ff0: 1122334455667788 ffffffff80000200 0000000000000000",
	"<89> 07 f4 eb fd ",
	"registers vCPU 1, real mode, 16-bit code, CPL 0, no paging, waits for SIPI\n",
	"exits     vCPU 0  KVM_EXIT_IO  write to port 0x3f8 (COM1 data), 1 byte: 0x41  x 3\n",
	"          vCPU 0  KVM_EXIT_MMIO  read from address 0xfee00030, 4 bytes\n",
	"          vCPU 0  KVM_EXIT_SHUTDOWN\n",
	"unclaimed port 0x1f7 (primary IDE): 4 reads (all ones), 0 writes (ignored)\n",
	"chips     PIC 1: vectors from 0x20, requested 0x00, masked 0xfb, in service 0x00\n",
	"          0x000008000-0x00000afff  image segment 0, at 0xffffffff80000000\n",
	"          0x00000c000-0x00000cfff  boot GDT  OVERWRITTEN: 3 bytes, 0xc010-0xc012  "
	"OVERLAPS initrd\\x1b[31m\n",
	"          0x00000cff0-0x00000d0ef  initrd\\x1b[31m  OVERLAPS boot GDT\n",
	"          kernel: up\n          last \\x1bline\n",
};

START_TEST(dump_shows_everything)
{
	struct sample_death sample;
	char *dump;

	sample_init(&sample);
	dump = dump_text(&sample.evidence);
	for (size_t i = 0; i < sizeof(dump_lines) / sizeof(dump_lines[0]); i++)
		ck_assert_msg(strstr(dump, dump_lines[i]) != NULL, "missing: %s in:\n%.3000s",
			dump_lines[i], dump);
	ck_assert_ptr_null(strchr(dump, '\033'));
	free(dump);
}
END_TEST

START_TEST(dump_shows_what_kvm_could_not_emulate)
{
	struct sample_death sample;
	char *dump;

	sample_init(&sample);
	sample.evidence.death = DEATH_KVM_INTERNAL;
	sample.evidence.internal_suberror = 1;
	sample.evidence.internal_ndata = 4;
	sample.evidence.internal_data[0] = 1;
	sample.evidence.internal_data[1] = 0xaec70f03;
	dump = dump_text(&sample.evidence);
	ck_assert_ptr_nonnull(strstr(dump, "instruction bytes: 0f c7 ae\n"));
	free(dump);
}
END_TEST

/* Nothing that a core file may claim makes the dump fail. */
START_TEST(dump_survives_nonsense)
{
	struct sample_death sample;

	for (int fill = 0; fill < 2; fill++) {
		sample_init(&sample);
		memset(&sample.cpus, fill ? 0xff : 0x00, sizeof(sample.cpus));
		for (unsigned i = 0; i < 2; i++) {
			struct cpu_state *cpu = &sample.cpus[i];

			memset(&cpu->seg, fill, sizeof(cpu->seg)); /* bool must stay 0 or 1 */
			memset(&cpu->events, fill, sizeof(cpu->events));
			memset(&cpu->facts, fill, sizeof(cpu->facts));
			cpu->tr = cpu->ldtr = cpu->seg[0];
		}
		sample.evidence.cpu = fill ? 1 : 7;
		sample.evidence.exit_count = 1000;
		sample.evidence.unclaimed_count = 1000;
		sample.evidence.trail_count = 1000;
		sample.evidence.internal_ndata = 1000;
		sample.evidence.death = fill ? DEATH_KVM_INTERNAL : (enum death)77;
		sample.evidence.kvm = NULL;
		free(dump_text(&sample.evidence));
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {text_pads_and_counts_columns, text_escapes_hostile_bytes,
		text_wraps_paragraphs, text_says_when_it_is_cut, log_comes_out_of_a_wrapped_ring,
		log_that_makes_no_sense_is_no_log, damage_is_counted, dump_shows_everything,
		dump_shows_what_kvm_could_not_emulate, dump_survives_nonsense};

	return RUN_SUITE("dump", tests);
}
