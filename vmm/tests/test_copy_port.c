/* SPDX-License-Identifier: MIT */
/*
 * test_copy_port.c: port 0x503 against docs/boot-protocol.md: lists, hostile values, and that
 * --watch, second runs and checkpoints see what it writes. The latter need KVM.
 */
#define _GNU_SOURCE
#include "copier.h"

#include "checkpoint.h"
#include "exit.h"
#include "rerun.h"
#include "snapshot.h"
#include "suite.h"
#include "tiny_machine.h"
#include "vmm_process.h"

#define RAM 0x4000

static struct bus bus;
static struct copier copier;
static uint8_t ram[RAM];
static bool no_memory;

static const void *ram_at(void *ctx, uint64_t gpa, uint64_t n)
{
	return gpa < RAM && n <= RAM - gpa ? ram + gpa : NULL;
}

static bool ram_store(void *ctx, uint64_t gpa, const void *from, uint8_t byte, uint64_t n)
{
	ck_assert_ptr_nonnull(ram_at(ctx, gpa, n));
	if (no_memory && n != 4)
		return false;
	if (from)
		memmove(ram + gpa, from, n);
	else
		memset(ram + gpa, byte, n);
	return true;
}

/* Every byte tells where it was. */
static void setup(void)
{
	struct copier_memory memory = {ram_at, ram_store, NULL};
	struct error err;

	for (unsigned i = 0; i < RAM; i++)
		ram[i] = (uint8_t)(i ^ i >> 8);
	ck_assert(copier_init(&copier, &bus, &memory, &err));
}

/* { u64 to, from; u32 length, flags, status, reserved }, all ones in the status. */
static void put(unsigned at, uint64_t to, uint64_t from, uint32_t length, uint32_t flags)
{
	uint32_t rest[4] = {length, flags, 0xffffffff, 0};

	memcpy(ram + at, &to, 8);
	memcpy(ram + at + 8, &from, 8);
	memcpy(ram + at + 16, rest, 16);
}

static uint32_t status_at(unsigned at)
{
	uint32_t status;

	memcpy(&status, ram + at + 24, 4);
	return status;
}

START_TEST(copies)
{
	setup();
	put(0x100, 0x2001, 0x1003, 0xffe, 0);
	bus_out(&bus, 0x503, 4, 0x100);
	ck_assert_uint_eq(status_at(0x100), 1);
	ck_assert_mem_eq(ram + 0x2001, ram + 0x1003, 0xffe);
	ck_assert_uint_eq(ram[0x2000], 0x20);
	ck_assert_uint_eq(ram[0x2fff], 0xff ^ 0x2f);
}
END_TEST

START_TEST(fills)
{
	setup();
	put(0x100, 0x2001, 0xffffffffffffff5a, 0xfff, 1);
	bus_out(&bus, 0x503, 4, 0x100);
	ck_assert_uint_eq(status_at(0x100), 1);
	for (unsigned i = 0x2001; i < 0x3000; i++)
		ck_assert_uint_eq(ram[i], 0x5a);
	ck_assert_uint_eq(ram[0x2000], 0x20);
	ck_assert_uint_eq(ram[0x3000], 0x30);
}
END_TEST

START_TEST(overlaps_either_way)
{
	uint8_t before[0x200];

	setup();
	memcpy(before, ram + 0x1000, sizeof(before));
	put(0x100, 0x1010, 0x1000, 0x200, 0);
	bus_out(&bus, 0x503, 4, 0x100);
	ck_assert_mem_eq(ram + 0x1010, before, 0x200);
	put(0x100, 0x1001, 0x1010, 0x200, 0);
	bus_out(&bus, 0x503, 4, 0x100);
	ck_assert_uint_eq(status_at(0x100), 1);
	ck_assert_mem_eq(ram + 0x1001, before, 0x200);
}
END_TEST

/* The second one is read when the first is done: the first may have written it. */
START_TEST(lists)
{
	setup();
	put(0x100, 0x2000, 0x1000, 8, 2);
	put(0x120, 0x2008, 0x77, 8, 3);
	put(0x140, 0x2010, 0x1010, 8, 0);
	put(0x160, 0x2018, 0x1018, 8, 0);
	bus_out(&bus, 0x503, 4, 0x100);
	for (unsigned at = 0x100; at < 0x160; at += 0x20)
		ck_assert_uint_eq(status_at(at), 1);
	ck_assert_uint_eq(status_at(0x160), 0xffffffff);
	ck_assert_mem_eq(ram + 0x2000, ram + 0x1000, 8);
	ck_assert_mem_eq(ram + 0x2008, "wwwwwwww", 8);
	ck_assert_mem_eq(ram + 0x2010, ram + 0x1010, 8);
	ck_assert_uint_eq(ram[0x2018], 0x18 ^ 0x20);
}
END_TEST

START_TEST(what_is_refused_ends_the_list)
{
	setup();
	put(0x100, 0x2000, RAM, 8, 2);
	put(0x120, 0x2008, 0x1000, 8, 0);
	bus_out(&bus, 0x503, 4, 0x100);
	ck_assert_uint_eq(status_at(0x100), 4);
	ck_assert_uint_eq(status_at(0x120), 0xffffffff);
	ck_assert_uint_eq(ram[0x2008], 0x08 ^ 0x20);
}
END_TEST

/* A list that goes on for ever, by chance or by its own doing. */
START_TEST(lists_have_an_end)
{
	setup();
	for (unsigned at = 0; at < 0x1000; at += 32)
		put(at, 0x2000, 0x3000, 1, 2);
	bus_out(&bus, 0x503, 4, 0);
	ck_assert_uint_eq(status_at(63 * 32), 1);
	ck_assert_uint_eq(status_at(64 * 32), 2);
	ck_assert_uint_eq(status_at(65 * 32), 0xffffffff);
	put(RAM - 32, 0x2000, 0x3000, 1, 2);
	bus_out(&bus, 0x503, 4, RAM - 32);
	ck_assert_uint_eq(status_at(RAM - 32), 1);
}
END_TEST

static const struct {
	uint64_t to, from;
	uint32_t length, flags, status;
} hostile[] = {
	{RAM, 0x1000, 1, 0, 3},
	{RAM, 0x1000, 0, 0, 3},
	{RAM - 1, 0x1000, 2, 0, 3},
	{~0ull, 0x1000, 1, 0, 3},
	{~0ull, 0x1000, 2, 0, 3},
	{~0ull - 7, 0, 16, 1, 3},
	{0xfffffffffffff000, 0x1000, 0x2000, 0, 3},
	{0x100002000, 0x1000, 1, 0, 3},
	{0x2000, RAM, 1, 0, 4},
	{0x2000, RAM - 1, 2, 0, 4},
	{0x2000, ~0ull, 2, 0, 4},
	{0x2000, 0xfffffffffffff000, 0x1001, 0, 4},
	{0x2000, 0x100001000, 1, 0, 4},
	{0, 0, 0x100001, 0, 2},
	{0, 0, 0xffffffff, 0, 2},
	{0, 0, 0x100000, 0, 3},
	{0x2000, 0x1000, 1, 4, 2},
	{0x2000, 0x1000, 1, 0x80000000, 2},
	{0x2000, 0x1000, 0, 0, 1},
	{0x2000, ~0ull, 0, 1, 1},
};

START_TEST(hostile_requests)
{
	static uint8_t before[RAM];

	setup();
	put(0x100, hostile[_i].to, hostile[_i].from, hostile[_i].length, hostile[_i].flags);
	memcpy(before, ram, RAM);
	bus_out(&bus, 0x503, 4, 0x100);
	ck_assert_uint_eq(status_at(0x100), hostile[_i].status);
	memcpy(before + 0x118, ram + 0x118, 4);
	ck_assert_mem_eq(ram, before, RAM);
}
END_TEST

START_TEST(structure_not_in_ram_or_not_asked_for)
{
	static uint8_t before[RAM];

	setup();
	put(0x100, 0x2000, 0x1000, 8, 0);
	memcpy(before, ram, RAM);
	bus_out(&bus, 0x503, 4, RAM);
	bus_out(&bus, 0x503, 4, RAM - 31);
	bus_out(&bus, 0x503, 4, 0xffffffff);
	bus_out(&bus, 0x503, 2, 0x100);
	bus_out(&bus, 0x503, 1, 0);
	in8(&bus, 0x503);
	ck_assert_mem_eq(ram, before, RAM);
	ram[0x11c] = 1; /* reserved */
	bus_out(&bus, 0x503, 4, 0x100);
	ck_assert_uint_eq(status_at(0x100), 2);
	ram[0x11c] = 0;
	no_memory = true;
	bus_out(&bus, 0x503, 4, 0x100);
	ck_assert_uint_eq(status_at(0x100), 5);
	no_memory = false;
}
END_TEST

/* What it writes lies over its own structure and the next one: both were read before. */
START_TEST(over_its_own_structure)
{
	setup();
	put(0x100, 0x100, 0, 32, 1);
	bus_out(&bus, 0x503, 4, 0x100);
	ck_assert_uint_eq(status_at(0x100), 1);
	for (unsigned i = 0; i < 24; i++)
		ck_assert_uint_eq(ram[0x100 + i], 0);
}
END_TEST

/* A structure at 0x280000 for what goes from the image to 0x200000 and on; its address is put to
 * the port at the end of the image. */
#define REQUEST(to, from, length, flags)                                             \
	"movq $" to ", 0x280000; lea " from "(%rip), %rax; mov %rax, 0x280008\n"     \
	"movl $" length ", 0x280010; movl $" flags ", 0x280014; movq $0, 0x280018\n" \
	"mov $0x503, %dx; mov $0x280000, %eax\n"

GUEST64(watched, IRQCHIP_NONE,
	REQUEST("0x200ffd", "7f", "14",
		"0") "5: out %eax, %dx\n"
		     "cmpl $1, 0x280018; jne 9f\n"
		     "movq $0x300000, 0x280000; 6: out %eax, %dx\n" TURN_OFF
		     "7: .byte 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14\n"
		     ".balign 8; .quad 5b - start\n");

/* The watched bytes are 0x201000 to 0x20100b; the page before is ordinary. */
START_TEST(watched_writes_are_told)
{
	static const struct {
		uint64_t gpa, value;
		uint32_t size;
	} expected[] = {{0x201000, 0x0b0a090807060504, 8}, {0x201008, 0x0e0d0c, 3}};
	struct tiny *tiny = TINY(watched, 1);
	struct machine *machine = &tiny->machine;
	struct write_record records[WATCH_RECORDS];
	struct watch watch = {0};
	struct error err;

	ck_assert(watch_add(&watch, machine, 0x201000, 12, 0xffffffff80201000, &err));
	machine_run(machine);
	ck_assert_int_eq(machine->power.why, POWER_OFF);
	ck_assert_uint_eq(tiny_word(&machine->mem, 0x200ff8), 0x0302010000000000);
	ck_assert_uint_eq(tiny_word(&machine->mem, 0x201000), 0x0b0a090807060504);
	ck_assert_uint_eq(tiny_word(&machine->mem, 0x201008), 0x0e0d0c);
	ck_assert_uint_eq(tiny_word(&machine->mem, 0x300000), 0x0807060504030201);
	ck_assert_uint_eq(watch_copy(&watch, records), LENGTH(expected));
	for (unsigned i = 0; i < LENGTH(expected); i++) {
		ck_assert_uint_eq(records[i].gpa, expected[i].gpa);
		ck_assert_uint_eq(records[i].linear, 0xffffffff80000000 + expected[i].gpa);
		ck_assert_uint_eq(records[i].size, expected[i].size);
		ck_assert_uint_eq(records[i].old_value, 0);
		ck_assert_uint_eq(records[i].new_value, expected[i].value);
		ck_assert(!records[i].rip_after);
		ck_assert_uint_eq(records[i].rip, last_word(tiny));
		ck_assert_uint_eq(records[i].cpu.gpr[GPR_RAX], 0x280000);
	}
	tiny_destroy(tiny);
}
END_TEST

/* Of 16-bit code, where the OUT has a prefix. */
GUEST16(watched_real, IRQCHIP_NONE,
	"xor %ax, %ax; mov %ax, %ds\n"
	"movl $0x6000, 0x5000; movl $0, 0x5004; movl $0x41, 0x5008; movl $2, 0x5010\n"
	"movl $1, 0x5014; movl $0, 0x5018; movl $0, 0x501c\n"
	"mov $0x503, %dx; mov $0x5000, %eax; 5: out %eax, %dx\n" TURN_OFF
	".balign 8; .quad 5b - start\n");

START_TEST(watched_writes_of_real_mode)
{
	struct tiny *tiny = TINY(watched_real, 1);
	struct write_record records[WATCH_RECORDS];
	struct watch watch = {0};
	struct error err;

	ck_assert(watch_add(&watch, &tiny->machine, 0x6000, 8, 0, &err));
	machine_run(&tiny->machine);
	ck_assert_int_eq(tiny->machine.power.why, POWER_OFF);
	ck_assert_uint_eq(watch_copy(&watch, records), 1);
	ck_assert_uint_eq(records[0].new_value, 0x4141);
	ck_assert(!records[0].rip_after);
	ck_assert_uint_eq(records[0].rip, last_word(tiny));
	tiny_destroy(tiny);
}
END_TEST

GUEST64(dies, IRQCHIP_NONE,
	REQUEST("0x200010", "7f", "8", "0") "5: out %eax, %dx; lidt 8f(%rip); ud2\n"
					    "7: .quad 0x1122334455667788; 8: .word 0; .quad 0\n"
					    ".balign 8; .quad 5b - start\n");

START_TEST(a_second_run_finds_it)
{
	static struct snapshot snapshot;
	struct tiny *tiny = TINY(dies, 1);
	const struct evidence *evidence = &snapshot.evidence;
	struct rerun_run *rerun;
	struct error err;

	machine_run(&tiny->machine);
	ck_assert_int_eq(tiny->machine.outcome.death, DEATH_SHUTDOWN);
	ck_assert(snapshot_take(&snapshot, &tiny->machine, &err));
	rerun = rerun_find_writer(&tiny->machine, &snapshot, 0x200010, 8);
	ck_assert_ptr_nonnull(rerun);
	ck_assert_uint_eq(evidence->write_count, 1);
	ck_assert_uint_eq(evidence->writes[0].new_value, 0x1122334455667788);
	ck_assert_uint_eq(evidence->writes[0].rip, last_word(tiny));
	rerun_drop(rerun);
	snapshot_drop(&snapshot);
	tiny_destroy(tiny);
}
END_TEST

/* Fills page after page, each with its number, by the port alone, and tells the number. */
GUEST64(pages, IRQCHIP_NONE,
	"movl $4096, 0x280010; movl $1, 0x280014; mov $0x200000, %ebx; xor %ecx, %ecx\n"
	"1: inc %ecx; mov %rbx, 0x280000; mov %rcx, 0x280008; movl $0, 0x280018\n"
	"mov $0x503, %dx; mov $0x280000, %eax; out %eax, %dx; add $0x1000, %ebx\n"
	"mov %ecx, %eax; mov $0x80, %dx; out %eax, %dx; jmp 1b\n");

static void run_to_page(struct machine *machine, uint32_t number)
{
	struct vcpu *vcpu = &machine->vcpus[0];
	struct kvm_run *run = vcpu->run;
	uint32_t value = 0;

	for (unsigned i = 0; i < 1000 && value != number; i++) {
		ck_assert_int_eq(ioctl(vcpu->fd, KVM_RUN, 0), 0);
		ck_assert_int_eq(run->exit_reason, KVM_EXIT_IO);
		if (run->io.port == 0x80)
			memcpy(&value, (char *)run + run->io.data_offset, 4);
		exit_handle(vcpu);
	}
	ck_assert_uint_eq(value, number);
}

START_TEST(checkpoints_know_its_pages)
{
	struct tiny *tiny = TINY(pages, 1);
	struct machine *machine = &tiny->machine;
	struct checkpoint checkpoint;
	struct error err;

	ck_assert_msg(checkpoint_create(&checkpoint, machine, &err), "%s", err.text);
	run_to_page(machine, 10);
	ck_assert(checkpoint_save(&checkpoint, machine, &err));
	ck_assert_uint_eq(tiny_word(&checkpoint.memory, 0x209000), 0x0a0a0a0a0a0a0a0a);
	for (unsigned round = 0; round < 3; round++) {
		run_to_page(machine, 20);
		ck_assert_uint_eq(tiny_word(&machine->mem, 0x213ff8), 0x1414141414141414);
		ck_assert(checkpoint_restore(&checkpoint, machine, &err));
		ck_assert_uint_eq(tiny_word(&machine->mem, 0x209ff8), 0x0a0a0a0a0a0a0a0a);
		ck_assert_uint_eq(tiny_word(&machine->mem, 0x20a000), 0);
		ck_assert_uint_eq(tiny_word(&machine->mem, 0x213ff8), 0);
	}
	checkpoint_destroy(&checkpoint);
	tiny_destroy(tiny);
}
END_TEST

/* A second vCPU's OUT is its own: --watch names its instruction. */
GUEST32(two, IRQCHIP_SPLIT,
	"movl $0x1ff, 0xfee000f0; mov $(3f - start), %esi; mov $0x8000, %edi\n"
	"mov $(4f - 3f), %ecx; cld; rep movsb\n"
	"movl $0xc4500, 0xfee00300; movl $0xc4608, 0xfee00300; movl $0xc4608, 0xfee00300\n"
	"1: pause; cmpl $1, 0x9018; jne 1b\n" TURN_OFF ".code16\n"
	"3: xor %ax, %ax; mov %ax, %ds; movw $0x6000, 0x9000; movw $0x41, 0x9008\n"
	"movw $8, 0x9010; movw $1, 0x9014; mov $0x503, %dx; mov $0x9000, %eax\n"
	"5: out %eax, %dx; 6: jmp 6b; 4: .balign 8; .quad 0x8000 + 5b - 3b\n");

START_TEST(the_other_vcpu_is_named)
{
	struct tiny *tiny = TINY(two, 2);
	struct write_record records[WATCH_RECORDS];
	struct watch watch = {0};
	struct error err;

	ck_assert(watch_add(&watch, &tiny->machine, 0x6000, 8, 0, &err));
	machine_run(&tiny->machine);
	ck_assert_int_eq(tiny->machine.power.why, POWER_OFF);
	ck_assert_uint_eq(watch_copy(&watch, records), 1);
	ck_assert_uint_eq(records[0].new_value, 0x4141414141414141);
	ck_assert_uint_eq(records[0].cpu.seg[SEG_CS].base + records[0].rip, last_word(tiny));
	tiny_destroy(tiny);
}
END_TEST

START_TEST(as_a_user_sees_it)
{
	const struct run *run = VMM("--watch", "0x201000:12", "--trace", "io", GUEST_FILE(watched));

	ck_assert_int_eq(run->status, 0);
	ck_assert_ptr_nonnull(
		strstr(run->err, "write to 0x201000, 8 bytes: 0x0 -> 0xb0a090807060504"));
	ck_assert_ptr_nonnull(strstr(run->err, "0x503 size 4 = 0x280000  copy port"));
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{copies},
		{fills},
		{overlaps_either_way},
		{lists},
		{what_is_refused_ends_the_list},
		{lists_have_an_end},
		{hostile_requests, LENGTH(hostile)},
		{structure_not_in_ram_or_not_asked_for},
		{over_its_own_structure},
		{watched_writes_are_told},
		{watched_writes_of_real_mode},
		{a_second_run_finds_it},
		{checkpoints_know_its_pages},
		{the_other_vcpu_is_named},
		{as_a_user_sees_it},
	};

	if (!kvm_is_here("test_copy_port"))
		return 77;
	return RUN_LOOPED_SUITE("copy_port", tests, 60);
}
