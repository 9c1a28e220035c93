/* SPDX-License-Identifier: MIT */
/*
 * test_probe.c: what the probes say of this host against guests that try the same themselves, and
 * that probing leaves nothing behind. Needs KVM.
 */
#define _GNU_SOURCE
#include "probe.h"

#include "snapshot.h"
#include "suite.h"
#include "tiny_machine.h"
#include "vmm_process.h"

GUEST64(int3, IRQCHIP_NONE, "int3\n");
/* sysretq to a page of the kernel: a page fault in user mode when it works. */
GUEST64(sysret, IRQCHIP_NONE,
	"mov $0xc0000080, %ecx; rdmsr; or $1, %eax; wrmsr\n" /* EFER.SCE */
	"mov $0xc0000081, %ecx; xor %eax, %eax; mov $0x00100000, %edx; wrmsr\n"
	"lea 1f(%rip), %rcx; mov $2, %r11d; sysretq; 1: nop\n");
GUEST32(other_mode, IRQCHIP_NONE, "ud2\n");

START_TEST(int3_as_the_guest_finds_it)
{
	static struct snapshot snapshot;
	struct tiny *tiny = TINY(int3, 1);
	bool works = tiny->machine.boot_params.host & 2;
	struct error err;

	machine_run(&tiny->machine);
	ck_assert(snapshot_take(&snapshot, &tiny->machine, &err));
	ck_assert_int_eq(works, snapshot.evidence.death == DEATH_BOOT_EXCEPTION &&
					snapshot.evidence.boot_vector == 3);
	snapshot_drop(&snapshot);
	tiny_destroy(tiny);
}
END_TEST

START_TEST(sysret_as_the_guest_finds_it)
{
	static struct snapshot snapshot;
	struct tiny *tiny = TINY(sysret, 1);
	bool works = tiny->machine.boot_params.host & 1;
	struct error err;

	machine_run(&tiny->machine);
	ck_assert(snapshot_take(&snapshot, &tiny->machine, &err));
	ck_assert_int_eq(works, snapshot.evidence.death == DEATH_BOOT_EXCEPTION &&
					snapshot.evidence.boot_vector == 14 &&
					snapshot.cpus[0].seg[SEG_CS].selector == 0x23);
	snapshot_drop(&snapshot);
	tiny_destroy(tiny);
}
END_TEST

START_TEST(told_to_the_guest)
{
	struct tiny *tiny = TINY(int3, 1);
	uint32_t host = tiny->machine.boot_params.host;

	/* 16 MiB of RAM: the boot information is at 0xff9000, `host` at offset 64. */
	ck_assert_uint_eq(tiny_word(&tiny->machine.mem, 0xff9040) & 0xffffffff, host);
	ck_assert_uint_eq(probe_host(&tiny->machine), host);
	/* Who emulates CPL 0 does not know int3. */
	ck_assert(!(host & 4) || !(host & 2));
	tiny_destroy(tiny);
}
END_TEST

START_TEST(leaves_nothing_behind)
{
	struct tiny *tiny = TINY(int3, 1);
	struct cpu_state cpu;
	struct error err;

	ck_assert(vcpu_get_state(&tiny->machine.vcpus[0], &cpu, &err));
	ck_assert_uint_eq(cpu.rip, 0x100040);
	ck_assert_uint_eq(cpu.rflags, 2);
	ck_assert_uint_eq(cpu.cr2, 0);
	ck_assert_uint_eq(cpu.efer, 0x500);
	ck_assert_uint_eq(cpu.star, 0);
	ck_assert_uint_eq(cpu.gpr[GPR_RCX], 0);
	ck_assert_uint_eq(cpu.gpr[GPR_R11], 0);
	ck_assert(!cpu.events.exception_injected && !cpu.events.exception_pending);
	ck_assert(!cpu.events.triple_fault_pending);
	ck_assert(!run_take_signals());
	tiny_destroy(tiny);
}
END_TEST

START_TEST(only_in_long_mode)
{
	struct tiny *tiny = TINY(other_mode, 1);

	ck_assert_uint_eq(tiny->machine.boot_params.host, 0);
	tiny_destroy(tiny);
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{int3_as_the_guest_finds_it},
		{sysret_as_the_guest_finds_it},
		{told_to_the_guest},
		{leaves_nothing_behind},
		{only_in_long_mode},
	};

	if (!kvm_is_here("test_probe"))
		return 77;
	return RUN_LOOPED_SUITE("probe", tests, 60);
}
