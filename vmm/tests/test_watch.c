/* SPDX-License-Identifier: MIT */
/*
 * test_watch.c: every kind of store to a watched page arrives in memory, and those to the watched
 * bytes are told with their writer. Needs KVM.
 */
#define _GNU_SOURCE
#include "watch.h"

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
	const struct looped_test tests[] = {{every_store_arrives}, {last_writes_remain}, {refused}};

	if (!kvm_is_here("test_watch"))
		return 77;
	return RUN_LOOPED_SUITE("watch", tests, 60);
}
