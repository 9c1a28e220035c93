/* SPDX-License-Identifier: MIT */
/*
 * test_checkpoint.c: going back to a saved state and doing the same again, with guests that count.
 * Needs KVM.
 */
#define _GNU_SOURCE
#include "checkpoint.h"

#include "exit.h"
#include "suite.h"
#include "tiny_machine.h"
#include "vmm_process.h"

/* Counts in RAX, in a page of memory that moves with the count, in MM0, in an MSR, and tells. */
#define COUNTER                                                                                   \
	"1: inc %rax; mov %rax, %rbx; and $0x3f, %ebx; shl $12, %rbx; add %rax, 0x200000(%rbx)\n" \
	"mov $0xc0000102, %ecx; mov %eax, %esi; xor %edx, %edx; wrmsr; mov %esi, %eax\n"          \
	"mov $0x80, %dx; out %eax, %dx; jmp 1b\n"
GUEST64(counts, IRQCHIP_NONE, COUNTER);
GUEST64(counts_split, IRQCHIP_SPLIT, COUNTER);
GUEST64(counts_full, IRQCHIP_FULL, COUNTER);
/* Reads and stores, one page after the other: the access is only half done at the exit. */
GUEST64(reads, IRQCHIP_NONE,
	"mov $0x200000, %edi; xor %ebx, %ebx; 1: inc %ebx; mov $0x61, %dx; in %dx, %al\n"
	"mov %al, (%rdi); add $0x10, %edi; mov %ebx, %eax; mov $0x80, %dx; out %eax, %dx; jmp "
	"1b\n");

/* The next value at port 0x80. */
static uint32_t next_count(struct machine *machine)
{
	struct vcpu *vcpu = &machine->vcpus[0];
	struct kvm_run *run = vcpu->run;
	uint32_t value;

	for (unsigned i = 0; i < 100; i++) {
		ck_assert_int_eq(ioctl(vcpu->fd, KVM_RUN, 0), 0);
		ck_assert_int_eq(run->exit_reason, KVM_EXIT_IO);
		memcpy(&value, (char *)run + run->io.data_offset, 4);
		exit_handle(vcpu);
		if (run->io.port == 0x80)
			return value;
	}
	ck_abort_msg("no value at port 0x80");
	return 0;
}

static uint64_t memory_sum(const struct guest_mem *mem)
{
	uint64_t sum = 0;

	for (uint64_t at = 0; at < mem->low; at += 8)
		sum = sum * 31 + tiny_word(mem, at);
	return sum;
}

static const struct {
	const char *begin, *end;
} guests[] = {
#define GUEST(name) guest_##name, guest_##name##_end
	{GUEST(counts)},
	{GUEST(counts_split)},
	{GUEST(counts_full)},
	{GUEST(reads)},
};

START_TEST(goes_back_and_does_the_same)
{
	struct tiny *tiny = tiny_create(guests[_i].begin, guests[_i].end, 1);
	struct machine *machine = &tiny->machine;
	struct checkpoint checkpoint;
	struct cpu_state first, second;
	uint64_t sum;
	struct error err;

	ck_assert_msg(checkpoint_create(&checkpoint, machine, &err), "%s", err.text);
	for (uint32_t i = 1; i <= 100; i++)
		ck_assert_uint_eq(next_count(machine), i);
	ck_assert_msg(checkpoint_save(&checkpoint, machine, &err), "%s", err.text);
	for (uint32_t i = 101; i <= 250; i++)
		ck_assert_uint_eq(next_count(machine), i);
	ck_assert(vcpu_get_state(&machine->vcpus[0], &first, &err));
	sum = memory_sum(&machine->mem);
	for (unsigned round = 0; round < 3; round++) {
		ck_assert_msg(checkpoint_restore(&checkpoint, machine, &err), "%s", err.text);
		for (uint32_t i = 101; i <= 250; i++)
			ck_assert_uint_eq(next_count(machine), i);
		ck_assert(vcpu_get_state(&machine->vcpus[0], &second, &err));
		ck_assert_mem_eq(first.gpr, second.gpr, sizeof(first.gpr));
		ck_assert_uint_eq(first.rip, second.rip);
		ck_assert_uint_eq(first.rflags, second.rflags);
		ck_assert_uint_eq(first.kernel_gs_base, second.kernel_gs_base);
		ck_assert_uint_eq(memory_sum(&machine->mem), sum);
	}
	checkpoint_destroy(&checkpoint);
	checkpoint_destroy(&checkpoint);
	tiny_destroy(tiny);
}
END_TEST

START_TEST(goes_back_to_the_start)
{
	struct tiny *tiny = TINY(counts, 1);
	struct machine *machine = &tiny->machine;
	struct checkpoint checkpoint;
	struct error err;

	ck_assert_msg(checkpoint_create(&checkpoint, machine, &err), "%s", err.text);
	for (unsigned round = 0; round < 3; round++) {
		for (uint32_t i = 1; i <= 70; i++)
			ck_assert_uint_eq(next_count(machine), i);
		/* 64 pages, each written once; the first six twice. */
		ck_assert_uint_eq(tiny_word(&machine->mem, 0x200000 + 0x1000), 1 + 65);
		ck_assert_uint_eq(tiny_word(&machine->mem, 0x200000 + 0x7000), 7);
		ck_assert_msg(checkpoint_restore(&checkpoint, machine, &err), "%s", err.text);
		ck_assert_uint_eq(tiny_word(&machine->mem, 0x200000 + 0x1000), 0);
		ck_assert_uint_eq(tiny_word(&machine->mem, 0x200000 + 0x7000), 0);
	}
	checkpoint_destroy(&checkpoint);
	tiny_destroy(tiny);
}
END_TEST

/* What fails half-way leaves nothing to be freed twice. */
START_TEST(failure_to_create)
{
	struct tiny *tiny = TINY(counts, 1);
	struct checkpoint checkpoint;
	struct error err;
	int fd = tiny->machine.fd;

	tiny->machine.fd = -1;
	ck_assert(!checkpoint_create(&checkpoint, &tiny->machine, &err));
	ck_assert_int_eq(err.status, STATUS_HOST);
	checkpoint_destroy(&checkpoint);
	tiny->machine.fd = fd;
	tiny_destroy(tiny);
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{goes_back_and_does_the_same, LENGTH(guests)},
		{goes_back_to_the_start},
		{failure_to_create},
	};

	if (!kvm_is_here("test_checkpoint"))
		return 77;
	return RUN_LOOPED_SUITE("checkpoint", tests, 120);
}
