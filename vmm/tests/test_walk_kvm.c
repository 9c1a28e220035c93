/* SPDX-License-Identifier: MIT */
/*
 * test_walk_kvm.c: the page walk against KVM's own: random 4-level tables, and what KVM_TRANSLATE
 * (Documentation/virt/kvm/api.rst, 4.36) says of the same address as a supervisor read.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "array_mem.h"
#include "autopsy/walk.h"

#define RAM_SIZE  0x40000u
#define TABLES    16 /* pages 1 to 16 are tables */
#define ROUNDS    400
#define ADDRESSES 250

struct machine {
	int kvm, vm, vcpu;
	struct array_mem ram;
	struct cpu_state cpu;
};

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* What a loop index asks for. */
static const struct {
	bool nxe, gib_pages;
	uint8_t maxphyaddr; /* 0: the host's */
} variants[] = {{true, false, 0}, {true, true, 0}, {false, true, 40}, {true, true, 36}};

static bool set_cpuid(struct machine *machine, unsigned variant)
{
	struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[200];
	} cpuid = {.head.nent = 200};
	struct cpu_facts *facts = &machine->cpu.facts;
	unsigned i;

	if (ioctl(machine->kvm, KVM_GET_SUPPORTED_CPUID, &cpuid) < 0 ||
		ioctl(machine->vcpu, KVM_SET_CPUID2, &cpuid) < 0)
		return false;
	for (i = 0; i < cpuid.head.nent; i++) {
		struct kvm_cpuid_entry2 *entry = &cpuid.entries[i];

		if (entry->function == 0)
			facts->amd = entry->ecx == 0x444d4163; /* "cAMD" */
		if (entry->function == 0x80000001)
			entry->edx = (entry->edx & ~(1u << 26)) |
			             (uint32_t)variants[variant].gib_pages << 26;
		if (entry->function != 0x80000008)
			continue;
		if (variants[variant].maxphyaddr)
			entry->eax = (entry->eax & ~0xffu) | variants[variant].maxphyaddr;
		facts->maxphyaddr = entry->eax & 0xff;
	}
	return ioctl(machine->vcpu, KVM_SET_CPUID2, &cpuid) == 0;
}

static bool set_long_mode(struct machine *machine, bool nxe)
{
	struct kvm_sregs sregs, back;

	if (ioctl(machine->vcpu, KVM_GET_SREGS, &sregs) < 0)
		return false;
	sregs.cr0 = 0x80010011;
	sregs.cr3 = 0x1000;
	sregs.cr4 = 0x20;
	sregs.efer = nxe ? 0xd00 : 0x500;
	sregs.cs = (struct kvm_segment){.limit = 0xffffffff,
		.selector = 8,
		.type = 11,
		.present = 1,
		.s = 1,
		.l = 1,
		.g = 1};
	if (ioctl(machine->vcpu, KVM_SET_SREGS, &sregs) < 0 ||
		ioctl(machine->vcpu, KVM_GET_SREGS, &back) < 0)
		return false;
	machine->cpu.cr0 = back.cr0;
	machine->cpu.cr3 = back.cr3;
	machine->cpu.cr4 = back.cr4;
	machine->cpu.efer = back.efer;
	return back.cr0 == sregs.cr0 && back.efer == sregs.efer;
}

/* With nested paging KVM takes 1 GiB pages from the host's CPU, not from the guest's CPUID: ask. */
static bool has_gib_pages(struct machine *machine)
{
	struct kvm_translation translation = {.linear_address = 0};

	array_mem_put(&machine->ram, 0x1000, 0x2067, 8);
	array_mem_put(&machine->ram, 0x2000, 0xe7, 8);
	return ioctl(machine->vcpu, KVM_TRANSLATE, &translation) == 0 && translation.valid;
}

/* Returns the step that failed, or NULL. */
static const char *machine_open(struct machine *machine, unsigned variant)
{
	struct kvm_userspace_memory_region region = {.memory_size = RAM_SIZE};

	machine->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (machine->kvm < 0)
		return "/dev/kvm";
	machine->vm = ioctl(machine->kvm, KVM_CREATE_VM, 0);
	if (machine->vm < 0)
		return "KVM_CREATE_VM";
	machine->ram.size = RAM_SIZE;
	machine->ram.bytes =
		mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	region.userspace_addr = (uintptr_t)machine->ram.bytes;
	if (ioctl(machine->vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return "KVM_SET_USER_MEMORY_REGION";
	machine->vcpu = ioctl(machine->vm, KVM_CREATE_VCPU, 0);
	if (machine->vcpu < 0)
		return "KVM_CREATE_VCPU";
	if (!set_cpuid(machine, variant))
		return "KVM_SET_CPUID2";
	if (!set_long_mode(machine, variants[variant].nxe))
		return "KVM_SET_SREGS";
	machine->cpu.facts.gib_pages = has_gib_pages(machine);
	return NULL;
}

static void machine_close(struct machine *machine)
{
	close(machine->vcpu);
	close(machine->vm);
	close(machine->kvm);
	munmap(machine->ram.bytes, RAM_SIZE);
}

/* Mostly good entries; now and then absent, with PS, outside RAM, with any bit at all, or pure
 * garbage. */
static uint64_t random_entry(uint64_t *seed)
{
	uint64_t entry =
		(next_random(seed) % (TABLES + 4) + 1) << 12 | (next_random(seed) & 0x66) | 1;

	switch (next_random(seed) % 16) {
	case 0:
		return entry & ~1ull;
	case 1:
	case 2:
		return (next_random(seed) & 0x7ffc0000000) | 0x83;
	case 3:
		return (next_random(seed) & 0x7ffffe00000) | 0x83;
	case 4:
		return entry | 0x80;
	case 5:
		return entry | 1ull << next_random(seed) % 64;
	case 6:
		return next_random(seed) | 1;
	case 7:
		return entry | 1ull << 63;
	case 8:
		return next_random(seed) & 0xfffff001;
	default:
		return entry;
	}
}

/* An address out of a small set of indices, so that tables are shared, with a random offset. */
static uint64_t random_address(uint64_t *seed)
{
	uint64_t linear = next_random(seed) & 0xfff;
	unsigned shift;

	for (shift = 12; shift < 48; shift += 9)
		linear |= (next_random(seed) % 8 * 73 & 511) << shift;
	return (int64_t)(linear << 16) >> 16;
}

static void compare(struct machine *machine, uint64_t linear)
{
	struct phys_mem mem = array_mem_view(&machine->ram);
	struct walk walk = walk_linear(&mem, &machine->cpu, linear, (struct walk_access){0});
	struct kvm_translation translation = {.linear_address = linear};
	char text[120];

	ck_assert_int_eq(ioctl(machine->vcpu, KVM_TRANSLATE, &translation), 0);
	walk_describe(&walk, text, sizeof(text));
	ck_assert_msg(translation.valid == walk.translated, "0x%llx: KVM says %s, the walk says %s",
		(unsigned long long)linear, translation.valid ? "valid" : "invalid", text);
	if (walk.translated)
		ck_assert_msg(translation.physical_address == walk.gpa,
			"0x%llx: KVM 0x%llx, walk 0x%llx", (unsigned long long)linear,
			(unsigned long long)translation.physical_address,
			(unsigned long long)walk.gpa);
}

START_TEST(walk_agrees_with_kvm)
{
	struct machine machine = {0};
	uint64_t seed = 0x9e3779b97f4a7c15 + _i;
	const char *failed = machine_open(&machine, _i);
	unsigned round, i;

	if (failed) {
		printf("skip: walk_agrees_with_kvm: %s: %s\n", failed, strerror(errno));
		return;
	}
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0x1000; i < 0x1000 + TABLES * 0x1000; i += 8)
			array_mem_put(&machine.ram, i, random_entry(&seed), 8);
		for (i = 0; i < ADDRESSES; i++)
			compare(&machine, random_address(&seed));
	}
	machine_close(&machine);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("walk_kvm");
	TCase *tcase = tcase_create("walk_kvm");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, walk_agrees_with_kvm, 0, sizeof(variants) / sizeof(variants[0]));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
