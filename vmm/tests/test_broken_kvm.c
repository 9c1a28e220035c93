/* SPDX-License-Identifier: MIT */
/*
 * test_broken_kvm.c: vmm on hosts whose KVM is missing, forbidden, too old, without something, or
 * fails at any one call: one line and status 69, or a guest that runs all the same. A preloaded
 * library (kvm_shim.c) plays these hosts.
 */
#include "suite.h"

#include <linux/kvm.h>
#include <stddef.h>

#include "tiny_guest.h"
#include "vmm_process.h"

GUEST64(good, IRQCHIP_FULL, EXIT(7));
GUEST32(good32, IRQCHIP_NONE, EXIT(7));

static void use_shim(const char *setting)
{
	setenv("LD_PRELOAD", built_file("tests/kvm_shim.so"), 1);
	setenv("KVM_SHIM", setting, 1);
	/* The sanitizer's library need not be the first. Leaks are looked for as always. */
	setenv("ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=1", 1);
}

START_TEST(device)
{
	static const struct {
		const char *setting, *words;
	} hosts[] = {
		{"open 2", "/dev/kvm is missing: load kvm_intel or kvm_amd"},  /* ENOENT */
		{"open 19", "/dev/kvm is missing: load kvm_intel or kvm_amd"}, /* ENODEV */
		{"open 13", "no permission for /dev/kvm: join its group"},     /* EACCES */
		{"open 16", "/dev/kvm: Device or resource busy"},              /* EBUSY */
	};

	use_shim(hosts[_i].setting);
	expect_one_line(VMM(GUEST_FILE(good)), 69, hosts[_i].words);
	expect_one_line(VMM("--host"), 69, hosts[_i].words);
}
END_TEST

START_TEST(version)
{
	if (!kvm_is_here("version"))
		return;
	use_shim("version 11");
	expect_one_line(VMM(GUEST_FILE(good)), 69, "KVM API version 11, expected 12");
	use_shim("version 13");
	expect_one_line(VMM(GUEST_FILE(good)), 69, "KVM API version 13, expected 12");
}
END_TEST

START_TEST(capability)
{
	static const struct {
		const char *setting, *words;
	} hosts[] = {
		{"lacks 3", "this KVM lacks KVM_CAP_USER_MEMORY"},
		{"lacks 7", "this KVM lacks KVM_CAP_EXT_CPUID"},
		{"lacks 41", "this KVM lacks KVM_CAP_VCPU_EVENTS"},
	};

	if (!kvm_is_here("capability"))
		return;
	use_shim(hosts[_i].setting);
	expect_one_line(VMM(GUEST_FILE(good)), 69, hosts[_i].words);
}
END_TEST

/* A register that reads back otherwise is named: one KVM drops CR0.PG without a word. */
START_TEST(register_that_is_not_taken)
{
	static const struct {
		size_t offset;
		unsigned bits;
		const char *words;
	} spoiled[] = {
		{offsetof(struct kvm_sregs, cr0) + 3, 0x80, "did not take CR0: set 0x80000011"},
		{offsetof(struct kvm_sregs, cr3) + 1, 0x10, "did not take CR3"},
		{offsetof(struct kvm_sregs, cr4), 0x20,
			"did not take CR4: set 0x20, reads back 0x0"},
		{offsetof(struct kvm_sregs, efer) + 1, 1, "did not take EFER: set 0x500"},
		{offsetof(struct kvm_sregs, cs.selector), 1, "did not take CS: set 0x8"},
		{offsetof(struct kvm_sregs, cs.l), 1, "did not take CS attributes"},
		{offsetof(struct kvm_sregs, ss.base) + 7, 1, "did not take SS base: set 0x0"},
		{offsetof(struct kvm_sregs, ds.limit), 1, "did not take DS limit"},
		{offsetof(struct kvm_sregs, es.dpl), 3, "did not take ES attributes"},
		{offsetof(struct kvm_sregs, fs.type), 8, "did not take FS attributes"},
		{offsetof(struct kvm_sregs, gs.db), 1, "did not take GS attributes"},
		{offsetof(struct kvm_sregs, tr.limit), 1, "did not take TR limit: set 0x67"},
		{offsetof(struct kvm_sregs, ldt.unusable), 1, "did not take LDTR"},
		{offsetof(struct kvm_sregs, gdt.limit), 1, "did not take GDTR limit: set 0x37"},
		{offsetof(struct kvm_sregs, gdt.base), 8, "did not take GDTR base"},
		{offsetof(struct kvm_sregs, idt.limit), 1, "did not take IDTR limit: set 0x1ff"},
		{offsetof(struct kvm_sregs, idt.base), 8, "did not take IDTR base"},
	};
	char setting[64];

	if (!kvm_is_here("register_that_is_not_taken"))
		return;
	snprintf(setting, sizeof(setting), "spoil %lx %zu %x", (unsigned long)KVM_GET_SREGS,
		spoiled[_i].offset, spoiled[_i].bits);
	use_shim(setting);
	expect_one_line(VMM(GUEST_FILE(good)), 69, spoiled[_i].words);
}
END_TEST

START_TEST(general_register_that_is_not_taken)
{
	char setting[64];

	if (!kvm_is_here("general_register_that_is_not_taken"))
		return;
	snprintf(setting, sizeof(setting), "spoil %lx %zu 10", (unsigned long)KVM_GET_REGS,
		offsetof(struct kvm_regs, rip));
	use_shim(setting);
	expect_one_line(VMM(GUEST_FILE(good)), 69, "did not take RIP: set 0x100040");
}
END_TEST

/* Whichever call fails, vmm ends in order, and soon no call is left to fail. */
START_TEST(any_call_fails)
{
	const char *image = _i % 2 ? GUEST_FILE(good32) : GUEST_FILE(good);
	const char *cpus = _i % 4 < 2 ? "1" : "3";
	unsigned refused = 0, fine = 0; /* fine: in a row */
	struct run *run;

	if (!kvm_is_here("any_call_fails"))
		return;
	for (unsigned calls = 1; fine < 25; calls++) {
		char setting[32];

		snprintf(setting, sizeof(setting), "fail %u 12", calls); /* ENOMEM */
		use_shim(setting);
		run = VMM("-c", cpus, "-t", "20", image);
		fine = run->status == 7 ? fine + 1 : 0;
		if (fine) {
			ck_assert_str_eq(run->err, "");
			continue;
		}
		refused++;
		expect_one_line(run, 69, "");
	}
	ck_assert_uint_ge(refused, 8);
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{device, 4},
		{version},
		{capability, 3},
		{register_that_is_not_taken, 17},
		{general_register_that_is_not_taken},
		{any_call_fails, 4},
	};
	int status;

	scratch();
	status = RUN_LOOPED_SUITE("broken_kvm", tests, 200);
	remove_scratch();
	return status;
}
