/* SPDX-License-Identifier: MIT */
/*
 * test_rerun.c: deaths seen a second time: the registers that a KVM threw away, and who wrote to a
 * piece of memory. What must come out is written in the guests. Needs KVM.
 */
#define _GNU_SOURCE
#include "rerun.h"

#include "suite.h"
#include "tiny_machine.h"
#include "vmm_process.h"

/* A shutdown: no IDT, then an instruction that is none. */
#define NO_IDT "lidt 3f(%rip); jmp 4f; 3: .word 0; .quad 0; 4:\n"
#define TAIL   "\n.balign 8; .quad 5b - start\n"

/* 20000 rounds, then a death with registers that nothing else has. */
GUEST64(dies, IRQCHIP_NONE,
	NO_IDT "mov $20000, %ecx; 1: lea (%rax,%rcx), %rax; loop 1b\n"
	       "mov $0x1122334455667788, %rbx; mov $0x99aabbcc, %r15d\n"
	       "5: ud2\n" TAIL);
/* The same with a controller: the boot state then has an APIC. */
GUEST64(dies_full, IRQCHIP_FULL,
	NO_IDT "mov $20000, %ecx; 1: lea (%rax,%rcx), %rax; loop 1b\n"
	       "mov $0x1122334455667788, %rbx; mov $0x99aabbcc, %r15d\n"
	       "5: ud2\n" TAIL);
/* Output on the way, enough to be coalesced. */
GUEST64(dies_talking, IRQCHIP_SPLIT,
	NO_IDT "mov $4000, %ecx; mov $10, %al; 1: out %al, $0xe9; loop 1b\n"
	       "mov $200010000, %eax; mov $0x1122334455667788, %rbx; mov $0x99aabbcc, %r15d\n"
	       "5: ud2\n" TAIL);
/* Half a second and more in user mode, at the full speed of the CPU. User bits go into the first
 * entries of the boot page tables. */
GUEST64(dies_in_user_mode, IRQCHIP_NONE,
	NO_IDT "mov %cr3, %rax; orb $4, (%rax); mov (%rax), %rax; and $~0xfff, %rax\n"
	       "orb $4, (%rax); mov (%rax), %rax; and $~0xfff, %rax; orb $4, (%rax)\n"
	       "mov %cr3, %rax; mov %rax, %cr3\n"
	       "push $0x1b; push $0x180000; push $2; push $0x23; lea 2f(%rip), %rax; push %rax\n"
	       "iretq\n"
	       "2: mov $0x40000000, %rcx; 1: dec %rcx; jnz 1b\n"
	       "mov $200010000, %eax; mov $0x1122334455667788, %rbx; mov $0x99aabbcc, %r15d\n"
	       "5: ud2\n" TAIL);
/* Dies only the first time: the time-stamp counter is not the same again. */
GUEST64(dies_once, IRQCHIP_NONE, NO_IDT "cmpb $0, 0x8f0000; jne 1f\n5: ud2\n1: cli; hlt\n" TAIL);

/* vmm's own machine dies; then its registers are hidden as AMD's KVM hides them. */
static void die(struct tiny *tiny, struct snapshot *snapshot)
{
	struct cpu_state *cpu = &snapshot->cpus[0];
	struct error err;

	machine_run(&tiny->machine);
	ck_assert_int_eq(tiny->machine.outcome.death, DEATH_SHUTDOWN);
	ck_assert_msg(snapshot_take(snapshot, &tiny->machine, &err), "%s", err.text);
	*cpu = (struct cpu_state){.facts = cpu->facts, .rip = 0xfff0, .cr0 = 0x10, .rflags = 2};
	cpu->seg[SEG_CS] = (struct cpu_segment){.selector = 0xf000, .base = 0xffff0000};
	cpu->gpr[GPR_RDX] = cpu->facts.signature;
	snapshot->evidence.origin = STATE_LOST;
	ck_assert(rerun_state_lost(cpu));
}

static const struct {
	const char *name, *begin, *end;
	uint16_t cs;
} deaths[] = {
#define GUEST(name) #name, guest_##name, guest_##name##_end
	{GUEST(dies), 8},
	{GUEST(dies_full), 8},
	{GUEST(dies_talking), 8},
	{GUEST(dies_in_user_mode), 0x23},
};

/* Nothing is claimed where KVM does not step through user mode. */
static void check_nothing_is_claimed(const struct snapshot *snapshot)
{
	ck_assert_int_eq(snapshot->evidence.origin, STATE_LOST);
	ck_assert_uint_eq(snapshot->cpus[0].rip, 0xfff0);
	ck_assert_uint_eq(snapshot->evidence.trail_count, 0);
	printf("skip: registers_are_recovered: this KVM does not single-step user mode\n");
}

static void check_registers(const struct snapshot *snapshot, uint64_t rip, uint16_t cs)
{
	const struct evidence *evidence = &snapshot->evidence;
	const struct cpu_state *cpu = &snapshot->cpus[0];

	ck_assert_int_eq(evidence->origin, STATE_RECOVERED);
	ck_assert_uint_eq(cpu->rip, rip);
	ck_assert_uint_eq(cpu->gpr[GPR_RAX], 200010000); /* 20000 * 20001 / 2 */
	ck_assert_uint_eq(cpu->gpr[GPR_RBX], 0x1122334455667788);
	ck_assert_uint_eq(cpu->gpr[GPR_R15], 0x99aabbcc);
	ck_assert_uint_eq(cpu->gpr[GPR_RCX], 0);
	ck_assert_uint_eq(cpu->seg[SEG_CS].selector, cs);
	ck_assert_uint_eq(cpu->cr0, 0x80000011);
	ck_assert_uint_eq(cpu->idtr.limit, 0);
	/* A checkpoint may lie between the last instruction and its exception. */
	ck_assert_uint_ge(evidence->trail_count, 1);
	ck_assert_uint_eq(evidence->trail[evidence->trail_count - 1].rip, rip);
	if (evidence->trail_count > 1)
		ck_assert_uint_eq(evidence->trail[evidence->trail_count - 2].rip, rip - 6);
}

START_TEST(registers_are_recovered)
{
	static struct snapshot snapshot;
	struct tiny *tiny = tiny_create(deaths[_i].begin, deaths[_i].end, 1);
	const struct evidence *evidence = &snapshot.evidence;
	uint64_t rip = last_word(tiny);
	struct rerun_run *rerun;

	die(tiny, &snapshot);
	rerun = rerun_recover(&tiny->machine, &snapshot);
	ck_assert_ptr_nonnull(rerun);
	if (deaths[_i].cs == 0x23 && evidence->rerun == RERUN_FAILED) {
		check_nothing_is_claimed(&snapshot);
	} else {
		ck_assert_msg(evidence->rerun == RERUN_SAME, "%s: %d after %u slices, %u steps",
			deaths[_i].name, evidence->rerun, evidence->rerun_slices,
			evidence->rerun_steps);
		check_registers(&snapshot, rip, deaths[_i].cs);
	}
	rerun_drop(rerun);
	snapshot_drop(&snapshot);
	tiny_destroy(tiny);
}
END_TEST

/* Writes its handler only when lidt has named it, then dies in the same slice. The first gate leads
 * to 0x210000. */
GUEST64(writes_handler, IRQCHIP_NONE,
	"mov $0x00218e0000080000, %rax; mov %rax, 0x200000; lidt 1f(%rip); jmp 2f\n"
	"1: .word 15; .quad 0x200000; 2: nop; movl $0xf4f4fbfa, 0x210000; nop\n" NO_IDT
	"5: ud2\n" TAIL);

/* The traps of the stepping are not put back over what the guest has written. */
START_TEST(handler_written_late)
{
	static struct snapshot snapshot;
	struct tiny *tiny = tiny_create(guest_writes_handler, guest_writes_handler_end, 1);
	struct rerun_run *rerun;
	uint32_t code = 0;

	die(tiny, &snapshot);
	rerun = rerun_recover(&tiny->machine, &snapshot);
	ck_assert_ptr_nonnull(rerun);
	ck_assert_int_eq(snapshot.evidence.rerun, RERUN_SAME);
	ck_assert(phys_read(&snapshot.evidence.mem, 0x210000, &code, 4));
	ck_assert_uint_eq(code, 0xf4f4fbfa);
	rerun_drop(rerun);
	snapshot_drop(&snapshot);
	tiny_destroy(tiny);
}
END_TEST

/* Vector 0x30 waits in the local APIC, by its x2APIC registers, until sti; there is no gate. */
GUEST64(dies_of_interrupt, IRQCHIP_SPLIT,
	NO_IDT "mov $0x1b, %ecx; rdmsr; or $0x400, %eax; wrmsr; xor %edx, %edx\n"
	       "mov $0x80f, %ecx; mov $0x1ff, %eax; wrmsr; mov $0x83f, %ecx; mov $0x30, %eax\n"
	       "wrmsr; sti; nop; 5: jmp 5b\n" TAIL);

/* The death belongs to a state that takes the interrupt, and not to the sti before it. */
START_TEST(interrupt_comes_where_it_can)
{
	static struct snapshot snapshot;
	struct tiny *tiny = TINY(dies_of_interrupt, 1);
	const struct cpu_state *cpu = &snapshot.cpus[0];
	struct rerun_run *rerun;

	die(tiny, &snapshot);
	rerun = rerun_recover(&tiny->machine, &snapshot);
	ck_assert_ptr_nonnull(rerun);
	ck_assert_int_eq(snapshot.evidence.rerun, RERUN_SAME);
	ck_assert_msg(cpu->rflags & 0x200, "rip 0x%llx", (unsigned long long)cpu->rip);
	ck_assert(!cpu->events.interrupt_shadow);
	/* IRR, bit 0x30: SDM vol. 3, 10.8.4 "Interrupt Acceptance for Fixed Interrupts". */
	ck_assert_uint_eq(snapshot.evidence.apic.regs[0x212], 1);
	rerun_drop(rerun);
	snapshot_drop(&snapshot);
	tiny_destroy(tiny);
}
END_TEST

START_TEST(state_that_is_real)
{
	struct cpu_state cpu = {.rip = 0xfff0, .cr0 = 0x10, .facts.signature = 0x600f20};

	cpu.seg[SEG_CS].selector = 0xf000;
	cpu.gpr[GPR_RDX] = 0x600f20;
	ck_assert(rerun_state_lost(&cpu));
	cpu.rip = 0xfff1;
	ck_assert(!rerun_state_lost(&cpu));
	cpu.rip = 0xfff0;
	cpu.cr0 = 0x11;
	ck_assert(!rerun_state_lost(&cpu));
	cpu.cr0 = 0x10;
	cpu.gpr[GPR_RDX] = 0;
	ck_assert(!rerun_state_lost(&cpu));
}
END_TEST

/* Three writers to 0x200010, one beside it and one far away; then a death. */
GUEST64(writes, IRQCHIP_NONE,
	NO_IDT "movq $1, 0x200010; movb $2, 0x200013; movl $3, 0x200020; movl $4, 0x300010\n"
	       "movl $0x55667788, 0x200010\n"
	       "5: mov 0x200010, %rax; ud2\n" TAIL);

START_TEST(writer_is_found)
{
	static struct snapshot snapshot;
	struct tiny *tiny = TINY(writes, 1);
	const struct evidence *evidence = &snapshot.evidence;
	const struct write_record *writes;
	struct rerun_run *rerun;
	struct error err;

	machine_run(&tiny->machine);
	ck_assert_int_eq(tiny->machine.outcome.death, DEATH_SHUTDOWN);
	ck_assert(snapshot_take(&snapshot, &tiny->machine, &err));
	rerun = rerun_find_writer(&tiny->machine, &snapshot, 0x200010, 8);
	ck_assert_ptr_nonnull(rerun);
	writes = evidence->writes;
	ck_assert_uint_eq(evidence->write_count, 3);
	ck_assert_uint_eq(writes[0].old_value, 0);
	ck_assert_uint_eq(writes[0].new_value, 1);
	ck_assert_uint_eq(writes[0].size, 8);
	ck_assert_uint_eq(writes[1].gpa, 0x200013);
	ck_assert_uint_eq(writes[1].size, 1);
	ck_assert_uint_eq(writes[1].new_value, 2);
	ck_assert_uint_eq(writes[2].gpa, 0x200010);
	ck_assert_uint_eq(writes[2].size, 4);
	ck_assert_uint_eq(writes[2].old_value, 0x02000001);
	ck_assert_uint_eq(writes[2].new_value, 0x55667788);
	ck_assert_uint_eq(writes[2].rip, last_word(tiny));
	ck_assert(writes[2].rip_after);
	rerun_drop(rerun);
	snapshot_drop(&snapshot);
	tiny_destroy(tiny);
}
END_TEST

/* Not the same death again: nothing is claimed. */
START_TEST(another_end_is_no_recovery)
{
	static struct snapshot snapshot;
	struct tiny *tiny = TINY(dies_once, 1);
	struct rerun_run *rerun;

	die(tiny, &snapshot);
	/* The second machine is loaded from the same image, which says otherwise by now. */
	snapshot.evidence.death = DEATH_PANIC;
	rerun = rerun_recover(&tiny->machine, &snapshot);
	ck_assert_int_eq(snapshot.evidence.rerun, RERUN_OTHER);
	ck_assert_int_eq(snapshot.evidence.origin, STATE_LOST);
	ck_assert_uint_eq(snapshot.cpus[0].rip, 0xfff0);
	rerun_drop(rerun);
	ck_assert_ptr_null(rerun_find_writer(&tiny->machine, &snapshot, 0x200010, 8));
	snapshot_drop(&snapshot);
	tiny_destroy(tiny);
}
END_TEST

START_TEST(nothing_to_watch)
{
	static struct snapshot snapshot;
	struct tiny *tiny = TINY(dies, 1);

	die(tiny, &snapshot);
	ck_assert_ptr_null(rerun_find_writer(&tiny->machine, &snapshot, 0x1000000, 1));
	ck_assert_ptr_null(rerun_find_writer(&tiny->machine, &snapshot, 0xffffff, 2));
	ck_assert_ptr_null(rerun_find_writer(&tiny->machine, &snapshot, 0x1000, 0));
	snapshot_drop(&snapshot);
	tiny_destroy(tiny);
}
END_TEST

/* Several vCPUs are not run again: they would not do the same. */
START_TEST(several_cpus)
{
	static struct snapshot snapshot;
	struct tiny *tiny = TINY(dies_full, 2);
	struct rerun_run *rerun;

	die(tiny, &snapshot);
	rerun = rerun_recover(&tiny->machine, &snapshot);
	ck_assert_int_eq(snapshot.evidence.rerun, RERUN_FAILED);
	rerun_drop(rerun);
	snapshot_drop(&snapshot);
	tiny_destroy(tiny);
}
END_TEST

/* Two reads of a port and one write to an address that nobody claims. */
GUEST32(unclaimed, IRQCHIP_NONE,
	"mov $0x1234, %dx; in %dx, %al; in %dx, %al; movb $1, 0xd0000008; ud2\n");

START_TEST(unclaimed_accesses_are_evidence)
{
	static struct snapshot snapshot;
	struct tiny *tiny = TINY(unclaimed, 1);
	const struct evidence *evidence = &snapshot.evidence;
	struct error err;

	machine_run(&tiny->machine);
	ck_assert(snapshot_take(&snapshot, &tiny->machine, &err));
	ck_assert_int_eq(evidence->death, DEATH_BOOT_EXCEPTION);
	ck_assert_uint_eq(evidence->boot_vector, 6);
	ck_assert_uint_eq(evidence->unclaimed_count, 2);
	ck_assert_uint_eq(evidence->unclaimed[0].where, 0x1234);
	ck_assert_uint_eq(evidence->unclaimed[0].reads, 2);
	ck_assert(!evidence->unclaimed[0].mmio);
	ck_assert_uint_eq(evidence->unclaimed[1].where, 0xd0000008);
	ck_assert_uint_eq(evidence->unclaimed[1].writes, 1);
	ck_assert(evidence->unclaimed[1].mmio);
	snapshot_drop(&snapshot);
	tiny_destroy(tiny);
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{registers_are_recovered, LENGTH(deaths)},
		{handler_written_late},
		{interrupt_comes_where_it_can},
		{state_that_is_real},
		{writer_is_found},
		{another_end_is_no_recovery},
		{nothing_to_watch},
		{several_cpus},
		{unclaimed_accesses_are_evidence},
	};

	if (!kvm_is_here("test_rerun"))
		return 77;
	return RUN_LOOPED_SUITE("rerun", tests, 120);
}
