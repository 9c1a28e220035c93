/* SPDX-License-Identifier: MIT */
/*
 * test_watch.c: every kind of store to a watched page arrives in memory, and those to the watched
 * bytes are told with their writer. Needs KVM.
 */
#define _GNU_SOURCE
#include "watch.h"

#include "host_cpu.h"
#include "suite.h"
#include "tiny_machine.h"
#include "vmm_process.h"

/* Stores of every size, across the end of the page, in read-modify-write, by string; the pages
 * beside are ordinary. The watched bytes are 0x200ff8 to 0x200fff. */
GUEST64(stores, IRQCHIP_NONE,
	"movb $0x11, 0x200000; movw $0x2222, 0x200100; movl $0x33333333, 0x200200\n"
	"mov $0x4444444444444444, %rax; mov %rax, 0x200300\n"
	"addl $5, 0x200200; lock incq 0x200300; xchg %rax, 0x200400\n"
	"movl $0x55555555, 0x200ff6\n" /* two of its bytes are watched */
	"movq $0x66, 0x200ff8\n"
	"mov $0x201000, %edi; mov $0x77, %al; mov $4, %ecx; cld; rep stosb\n"
	"movl $0x12345678, 0x200ffe\n" /* into the next page */
	"movb $0x99, 0x1fffff\n" TURN_OFF);

START_TEST(every_store_arrives)
{
	struct tiny *tiny = TINY(stores, 1);
	struct machine *machine = &tiny->machine;
	struct write_record records[WATCH_RECORDS];
	struct watch watch = {0};
	struct error err;
	unsigned n;

	ck_assert_msg(watch_add(&watch, machine, 0x200ff8, 8, 0, &err), "%s", err.text);
	machine_run(machine);
	ck_assert_int_eq(machine->outcome.death, DEATH_NONE);
	ck_assert_int_eq(machine->power.why, POWER_OFF);
	ck_assert_uint_eq(tiny_word(&machine->mem, 0x200000), 0x11);
	ck_assert_uint_eq(tiny_word(&machine->mem, 0x200100), 0x2222);
	ck_assert_uint_eq(tiny_word(&machine->mem, 0x200200), 0x33333338);
	ck_assert_uint_eq(tiny_word(&machine->mem, 0x200300), 0x4444444444444445);
	ck_assert_uint_eq(tiny_word(&machine->mem, 0x200400), 0x4444444444444444);
	ck_assert_uint_eq(tiny_word(&machine->mem, 0x200ff0), 0x5555000000000000);
	ck_assert_uint_eq(tiny_word(&machine->mem, 0x200ff8), 0x5678000000000066);
	ck_assert_uint_eq(tiny_word(&machine->mem, 0x201000), 0x77771234);
	ck_assert_uint_eq(tiny_word(&machine->mem, 0x1ffff8), 0x9900000000000000);
	n = watch_copy(&watch, records);
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(watch.total, 3);
	ck_assert_uint_eq(records[0].gpa, 0x200ff6);
	ck_assert_uint_eq(records[0].new_value, 0x55555555);
	ck_assert_uint_eq(records[1].gpa, 0x200ff8);
	ck_assert_uint_eq(records[1].old_value, 0x5555);
	ck_assert_uint_eq(records[1].new_value, 0x66);
	ck_assert_uint_eq(records[2].gpa, 0x200ffe);
	ck_assert_uint_eq(records[2].size, 2);
	ck_assert_uint_eq(records[2].new_value, 0x5678);
	tiny_destroy(tiny);
}
END_TEST

/* 100 writes into a ring of 64: the last remain, in order. */
GUEST64(many, IRQCHIP_NONE,
	"mov $1, %eax; 1: mov %eax, 0x200000; inc %eax; cmp $101, %eax\n"
	"jne 1b\n" TURN_OFF);

static void count_notes(void *ctx, const struct write_record *record)
{
	unsigned *notes = ctx;

	++*notes;
	ck_assert_uint_eq(record->new_value, *notes);
}

START_TEST(last_writes_remain)
{
	struct tiny *tiny = TINY(many, 1);
	struct write_record records[WATCH_RECORDS];
	unsigned notes = 0;
	struct watch watch = {.notify = count_notes, .ctx = &notes};
	struct error err;

	ck_assert(watch_add(&watch, &tiny->machine, 0x200000, 4, 0xffffffff80200000, &err));
	machine_run(&tiny->machine);
	ck_assert_uint_eq(notes, 100);
	ck_assert_uint_eq(watch_copy(&watch, records), 64);
	for (unsigned i = 0; i < 64; i++) {
		ck_assert_uint_eq(records[i].new_value, 37 + i);
		ck_assert_uint_eq(records[i].old_value, 36 + i);
		ck_assert_uint_eq(records[i].linear, 0xffffffff80200000);
		ck_assert_uint_eq(records[i].cpu.gpr[GPR_RAX], 37 + i);
	}
	tiny_destroy(tiny);
}
END_TEST

/* A GDT at 0x200000 with code, data and a TSS whose accessed and busy bits are clear: lgdt, lretq,
 * mov to ss, mov to ds, ltr, and an ordinary store beside it. */
#define GDT_GUEST(name, irqchip, more)                                                       \
	GUEST64(name, irqchip,                                                               \
		"movabs $0x00209a0000000000, %rax; mov %rax, 0x200008\n"                     \
		"movabs $0x0000920000000000, %rax; mov %rax, 0x200010; mov %rax, 0x200018\n" \
		"movabs $0x0000893000000067, %rax; mov %rax, 0x200020; movq $0, 0x200028\n"  \
		"lgdt 7f(%rip)\n"                                                            \
		"lea 1f(%rip), %rax; push $8; push %rax; lretq\n"                            \
		"1: mov $0x10, %eax; mov %eax, %ss; mov $0x18, %eax; mov %eax, %ds\n"        \
		"mov $0x20, %eax; ltr %ax; movq $0x77, 0x200030\n" more TURN_OFF             \
		".balign 8; .word 0; 7: .word 0x2f; .quad 0x200000\n")

GDT_GUEST(own_gdt, IRQCHIP_NONE, "");

/* What is written by the instructions, then by the CPU itself: SDM vol. 3, table 3-1 "Code- and
 * Data-Segment Types" and table 3-2 "System-Segment and Gate-Descriptor Types". */
static const struct {
	uint64_t gpa, old_value, new_value;
} gdt_writes[] = {
	{0x200008, 0, 0x00209a0000000000},
	{0x200010, 0, 0x0000920000000000},
	{0x200018, 0, 0x0000920000000000},
	{0x200020, 0, 0x0000893000000067},
	{0x200028, 0, 0},
	{0x200008, 0x00209a0000000000, 0x00209b0000000000},
	{0x200010, 0x0000920000000000, 0x0000930000000000},
	{0x200018, 0x0000920000000000, 0x0000930000000000},
	{0x200020, 0x0000893000000067, 0x00008b3000000067},
};

/* The opcode of the instruction that a record names; behind a ltr its end may be named, 3 bytes on.
 */
static unsigned opcode(const struct machine *machine, const struct write_record *record)
{
	uint64_t rip = record->rip - (record->rip_after ? 3 : 0);
	const uint8_t *code = memory_at(&machine->mem, rip, 4);

	return *code == 0x48 || *code == 0x0f ? code[1] : *code;
}

START_TEST(segments_are_loaded_from_a_watched_gdt)
{
	/* lretq, mov to ss, mov to ds, ltr: SDM vol. 2. */
	static const unsigned opcodes[] = {0xcb, 0x8e, 0x8e, 0x00};
	struct tiny *tiny = TINY(own_gdt, 1);
	struct machine *machine = &tiny->machine;
	struct write_record records[WATCH_RECORDS];
	struct watch watch = {0};
	struct error err;

	if (host_is_tcg()) {
		printf("skip: segments_are_loaded_from_a_watched_gdt: QEMU's TCG marks no code "
		       "segment as accessed\n");
		return;
	}
	ck_assert(watch_add(&watch, machine, 0x200000, 0x30, 0, &err));
	machine_run(machine);
	ck_assert_int_eq(machine->power.why, POWER_OFF);
	ck_assert_uint_eq(tiny_word(&machine->mem, 0x200030), 0x77);
	ck_assert_uint_eq(watch_copy(&watch, records), LENGTH(gdt_writes));
	for (unsigned i = 0; i < LENGTH(gdt_writes); i++) {
		ck_assert_uint_eq(records[i].gpa, gdt_writes[i].gpa);
		ck_assert_uint_eq(records[i].old_value, gdt_writes[i].old_value);
		ck_assert_uint_eq(records[i].new_value, gdt_writes[i].new_value);
		if (i < 5)
			continue;
		ck_assert_uint_eq(opcode(machine, &records[i]), opcodes[i - 5]);
	}
	tiny_destroy(tiny);
}
END_TEST

START_TEST(refused)
{
	static const struct {
		uint64_t gpa, size;
	} ranges[] = {
		{0x1000000, 1}, {0xffffff, 2}, {0, 0}, {0xd0000000, 8}, {~0ull, 1}, {0, ~0ull}};
	struct tiny *tiny = TINY(many, 1);
	struct watch watch = {0};
	struct error err;

	for (unsigned i = 0; i < LENGTH(ranges); i++) {
		ck_assert(
			!watch_add(&watch, &tiny->machine, ranges[i].gpa, ranges[i].size, 0, &err));
		ck_assert_int_eq(err.status, STATUS_USAGE);
		ck_assert_ptr_nonnull(strstr(err.text, "not guest RAM"));
	}
	for (unsigned i = 0; i < 4; i++)
		ck_assert(watch_add(&watch, &tiny->machine, 0x300000 + i * 0x10000, 8, 0, &err));
	ck_assert(!watch_add(&watch, &tiny->machine, 0x400000, 8, 0, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "too many ranges"));
	machine_run(&tiny->machine); /* runs as ever */
	ck_assert_int_eq(tiny->machine.power.why, POWER_OFF);
	tiny_destroy(tiny);
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {{every_store_arrives}, {last_writes_remain},
		{segments_are_loaded_from_a_watched_gdt}, {refused}};

	if (!kvm_is_here("test_watch"))
		return 77;
	return RUN_LOOPED_SUITE("watch", tests, 60);
}
