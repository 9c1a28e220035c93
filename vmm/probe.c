/* SPDX-License-Identifier: MIT */
/*
 * probe.c: does this KVM run the image's boot environment at all, does int3 work at CPL 0, and does
 * sysretq return? Some KVMs emulate CPL 0 and get these wrong: docs/hosts.md. Each probe ends in a
 * stub of the boot IDT, where the frame and CR2 tell what happened.
 */
#include "probe.h"

#include <errno.h>

#include "layout.h"
#include "run.h"
#include "watchdog.h"

#define PROBE_SECONDS    1.0               /* for instructions that KVM repeats for ever */
#define STAR_SYSRET_0X20 (0x0010ull << 48) /* sysretq loads CS = 0x10 + 16, SS = 0x10 + 8 */

static uint64_t stubs(const struct machine *machine)
{
	return machine->boot.top - LAYOUT_STUBS;
}

/* Runs from cpu to the next trap stub. Returns its vector, or -1 when something else happened, or
 * nothing for so long. */
static int run_to_trap(const struct machine *machine, timer_t timer, const struct cpu_state *cpu)
{
	const struct vcpu *vcpu = &machine->vcpus[0];
	struct kvm_regs regs;
	struct error ignored;
	int ret;

	if (!vcpu_set_state(vcpu, cpu, &ignored))
		return -1;
	watchdog_set(timer, PROBE_SECONDS, 0);
	do {
		ret = ioctl(vcpu->fd, KVM_RUN, 0);
	} while (ret < 0 && errno == EINTR && !run_take_signals());
	if (ret < 0 || vcpu->run->exit_reason != KVM_EXIT_IO ||
		vcpu->run->io.port != VMM_PORT_BOOT_TRAP || ioctl(vcpu->fd, KVM_GET_REGS, &regs))
		return -1;
	return (int)((regs.rip - stubs(machine)) / LAYOUT_STUB_STRIDE);
}

/* An instruction that KVM could not emulate may have left an exception behind. */
static void forget_events(const struct machine *machine)
{
	struct kvm_vcpu_events events = {.flags = 0};

	ioctl(machine->vcpus[0].fd, KVM_SET_VCPU_EVENTS, &events);
}

/* One KVM drops CR0.PG, which vcpu_set_state() sees; another might take it and not run. */
bool probe_mode(struct machine *machine, struct error *err)
{
	const struct kvm *kvm = machine->kvm;
	struct cpu_state cpu;
	timer_t timer;
	int vector;

	if (machine->boot.mode != VMM_MODE_PSE32)
		return true;
	if (!watchdog_create(&timer, err))
		return false;
	boot_cpu_state(&machine->boot, machine->image, &cpu);
	cpu.rip = stubs(machine);
	vector = run_to_trap(machine, timer, &cpu);
	forget_events(machine);
	watchdog_stop(timer);
	return vector == 0 ||
	       error_set(err, STATUS_HOST,
		       "this host's KVM (%s) cannot run 32-bit guests with paging; `tools/lab svm "
		       "-- ./vmm %s` runs them on an emulated AMD KVM",
		       kvm->name, machine->image->path);
}

static bool int3_works(const struct machine *machine, timer_t timer, struct cpu_state cpu)
{
	cpu.rip = stubs(machine) + PROBE_INT3;
	return run_to_trap(machine, timer, &cpu) == VEC_BP;
}

/* Only a KVM that emulates the kernel's instructions fails to emulate an int3. */
static bool failed_to_emulate(const struct machine *machine)
{
	const struct kvm_run *run = machine->vcpus[0].run;

	return run->exit_reason == KVM_EXIT_INTERNAL_ERROR &&
	       run->internal.suberror == KVM_INTERNAL_ERROR_EMULATION;
}

static void set_star(const struct machine *machine, uint64_t value)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} star = {.head.nmsrs = 1, .entry = {.index = MSR_STAR, .data = value}};

	ioctl(machine->vcpus[0].fd, KVM_SET_MSRS, &star);
}

/* The target is a supervisor page: a sysretq that works ends in a page fault of user mode at the
 * target. */
static bool sysret_works(const struct machine *machine, timer_t timer, struct cpu_state cpu)
{
	uint64_t target = stubs(machine) + PROBE_SYSRET_TARGET;
	struct kvm_sregs sregs;
	int vector;

	cpu.rip = stubs(machine) + PROBE_SYSRET;
	cpu.efer |= EFER_SCE;
	cpu.gpr[GPR_RCX] = target;
	cpu.gpr[GPR_R11] = RFLAGS_FIXED;
	set_star(machine, STAR_SYSRET_0X20);
	vector = run_to_trap(machine, timer, &cpu);
	set_star(machine, 0);
	return vector == VEC_PF && !ioctl(machine->vcpus[0].fd, KVM_GET_SREGS, &sregs) &&
	       sregs.cr2 == target;
}

uint32_t probe_host(struct machine *machine)
{
	struct cpu_state cpu;
	struct error ignored;
	uint32_t flags = 0;
	timer_t timer;

	if (machine->boot.mode != VMM_MODE_LONG64 || !watchdog_create(&timer, &ignored))
		return 0;
	boot_cpu_state(&machine->boot, machine->image, &cpu);
	if (int3_works(machine, timer, cpu))
		flags |= VMM_HOST_SOFT_INT;
	else if (failed_to_emulate(machine))
		flags |= VMM_HOST_COPY;
	forget_events(machine);
	if (sysret_works(machine, timer, cpu))
		flags |= VMM_HOST_SYSRET;
	forget_events(machine);
	watchdog_stop(timer);
	return flags;
}
