/* SPDX-License-Identifier: MIT */
/*
 * test_snapshot.c: machines that ended, as evidence: the exception that a boot trap caught with the
 * CPU put back before it, what vmm built beside what the guest made of it. Needs KVM.
 */
#define _GNU_SOURCE
#include "snapshot.h"

#include "suite.h"
#include "tiny_machine.h"
#include "vmm_process.h"

#define TAIL "\n.balign 8; .quad 5b - start\n"

GUEST64(ud64, IRQCHIP_NONE, "mov $0x300008, %rsp; 5: ud2\n" TAIL);
GUEST64(pf64, IRQCHIP_NONE,
	"mov $0x300000, %rsp; mov $0x7ffffff00000, %rax; 5: movb $1, 5(%rax)\n" TAIL);
GUEST64(gp64, IRQCHIP_NONE, "mov $0x300000, %rsp; mov $0xfff8, %ax; 5: mov %ax, %ds\n" TAIL);
GUEST32(ud32, IRQCHIP_NONE, "mov $0x300000, %esp; 5: ud2\n" TAIL);
GUEST32(gp32, IRQCHIP_NONE, "mov $0x300000, %esp; mov $0xfff8, %ax; 5: mov %ax, %ds\n" TAIL);
/* The frame is the last of RAM, with nothing behind it. */
GUEST32(top32, IRQCHIP_NONE, "mov $0x1000000, %esp; 5: ud2\n" TAIL);
GUEST16(de16, IRQCHIP_NONE, "mov $0x7000, %sp; xor %cl, %cl; 5: div %cl\n" TAIL);

static const struct {
	const char *name, *begin, *end;
	uint8_t vector;
	bool has_error;
	uint32_t error;
	uint64_t rsp;
	uint16_t cs;
} traps[] = {
#define GUEST(name) #name, guest_##name, guest_##name##_end
	{GUEST(ud64), 6, false, 0, 0x300008, 8},
	{GUEST(pf64), 14, true, 2, 0x300000, 8},
	{GUEST(gp64), 13, true, 0xfff8, 0x300000, 8},
	{GUEST(ud32), 6, false, 0, 0x300000, 8},
	{GUEST(gp32), 13, true, 0xfff8, 0x300000, 8},
	{GUEST(top32), 6, false, 0, 0x1000000, 8},
	{GUEST(de16), 0, false, 0, 0x7000, 0},
};

static void run_to_trap(struct tiny *tiny, struct snapshot *snapshot)
{
	struct error err;

	machine_run(&tiny->machine);
	ck_assert_int_eq(tiny->machine.outcome.death, DEATH_BOOT_EXCEPTION);
	ck_assert_msg(snapshot_take(snapshot, &tiny->machine, &err), "%s", err.text);
}

START_TEST(stands_before_the_exception)
{
	static struct snapshot snapshot;
	struct tiny *tiny = tiny_create(traps[_i].begin, traps[_i].end, 1);
	const struct evidence *evidence = &snapshot.evidence;
	const struct cpu_state *cpu = &snapshot.cpus[0];

	run_to_trap(tiny, &snapshot);
	ck_assert_msg(evidence->boot_vector == traps[_i].vector, "%s: vector %u", traps[_i].name,
		evidence->boot_vector);
	ck_assert_uint_eq(evidence->boot_has_error, traps[_i].has_error);
	ck_assert_uint_eq(evidence->boot_error, traps[_i].error);
	ck_assert_msg(cpu->rip == last_word(tiny), "%s: rip %lx", traps[_i].name, cpu->rip);
	ck_assert_msg(cpu->gpr[GPR_RSP] == traps[_i].rsp, "%s: rsp %lx", traps[_i].name,
		cpu->gpr[GPR_RSP]);
	ck_assert_uint_eq(cpu->seg[SEG_CS].selector, traps[_i].cs);
	ck_assert_uint_eq(cpu->rflags & 0x202, 2);
	snapshot_drop(&snapshot);
	tiny_destroy(tiny);
}
END_TEST

static const struct evidence_region *find_region(const struct evidence *evidence, const char *name)
{
	for (unsigned i = 0; i < evidence->region_count; i++)
		if (!strcmp(evidence->regions[i].name, name))
			return &evidence->regions[i];
	ck_abort_msg("no region %s", name);
	return NULL;
}

/* Overwrites descriptor 2 of the boot GDT (16 MiB of RAM: at 0xff7010), and its own first byte. */
GUEST64(vandal, IRQCHIP_NONE,
	"movq $-1, 0xff7010; movb $0x55, 0x100000; movb $0x66, 0xffd000; 5: ud2\n" TAIL);

START_TEST(pristine_copies)
{
	static struct snapshot snapshot;
	struct tiny *tiny = TINY(vandal, 1);
	const struct evidence *evidence = &snapshot.evidence;
	const struct evidence_region *gdt, *image;
	static const uint8_t data[8] = {0xff, 0xff, 0, 0, 0, 0x93, 0xcf, 0};

	run_to_trap(tiny, &snapshot);
	gdt = find_region(evidence, "boot GDT");
	ck_assert_uint_eq(gdt->gpa, 0xff7000);
	ck_assert_ptr_nonnull(gdt->pristine);
	ck_assert_mem_eq(gdt->pristine + 0x10, data, 8);
	ck_assert_uint_eq(tiny_word(&tiny->machine.mem, 0xff7010), ~0ull);
	ck_assert(!gdt->writable);
	/* A flat image is writable, and so is the stack. What the file had at 0x100000 is kept. */
	image = find_region(evidence, "flat image");
	ck_assert(image->writable && image->pristine[0] == 'V');
	ck_assert_uint_eq(tiny_word(&tiny->machine.mem, 0x100000) & 0xff, 0x55);
	ck_assert(find_region(evidence, "boot stack")->writable);
	snapshot_drop(&snapshot);
	tiny_destroy(tiny);
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{stands_before_the_exception, LENGTH(traps)},
		{pristine_copies},
	};

	if (!kvm_is_here("test_snapshot"))
		return 77;
	return RUN_LOOPED_SUITE("snapshot", tests, 60);
}
