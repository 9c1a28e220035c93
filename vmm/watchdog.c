/* SPDX-License-Identifier: MIT */
/*
 * watchdog.c: what to do at a tick. A verdict "never again" is given only where it is certain: no
 * interrupt, NMI or other vCPU can change the state of a vCPU that waits or spins with interrupts
 * off.
 */
#include "watchdog.h"

#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exit.h"
#include "machine.h"
#include "run.h"
#include "watchlist.h"

/* Ticks with the very same registers after which a vCPU at a vmcall or a jump to itself is taken to
 * be there for good. */
#define SAME_TICKS 5

/* Samples that tell a loop from its neighbourhood. */
#define LOOKS_LEAST 64

/* After so many it may be at a store of the CPU's own to a watched page: see watch_lift(). */
#define LIFT_TICKS 2

bool watchdog_create(timer_t *timer, struct error *err)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM};

	event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
	return timer_create(CLOCK_MONOTONIC, &event, timer) == 0 ||
	       error_errno(err, STATUS_HOST, "timer_create");
}

static struct timespec to_timespec(double seconds)
{
	time_t whole = (time_t)seconds;

	return (struct timespec){whole, (long)((seconds - (double)whole) * 1e9)};
}

void watchdog_set(timer_t timer, double first, double period)
{
	struct itimerspec when = {
		.it_value = to_timespec(first), .it_interval = to_timespec(period)};

	timer_settime(timer, 0, &when, NULL);
}

void watchdog_stop(timer_t timer)
{
	timer_delete(timer);
	run_take_signals(); /* a tick that had come already */
}

static bool nmi_pending(const struct vcpu *vcpu)
{
	struct kvm_vcpu_events events;

	return ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events) || events.nmi.pending ||
	       events.smi.pending;
}

/* An unmasked local vector with delivery mode NMI: SDM vol. 3, figure 10-8 "Local Vector Table
 * (LVT)". LINT1 (0x360) has no wire in KVM, though kernels like to make it an NMI. */
static bool nmi_from_apic(const struct vcpu *vcpu)
{
	static const unsigned lvts[] = {0x320, 0x330, 0x340, 0x350, 0x370};
	struct kvm_lapic_state apic;

	if (ioctl(vcpu->fd, KVM_GET_LAPIC, &apic))
		return true;
	for (unsigned i = 0; i < sizeof(lvts) / sizeof(lvts[0]); i++) {
		uint32_t entry;

		memcpy(&entry, apic.regs + lvts[i], 4);
		if (!(entry & 1u << 16) && (entry >> 8 & 7) == 4)
			return true;
	}
	return false;
}

/* An unmasked pin with delivery mode SMI, NMI or INIT: 82093AA data sheet, 3.2.4 "I/O Redirection
 * Table Registers". */
static bool nmi_from_ioapic(const struct machine *machine)
{
	struct kvm_irqchip chip = {.chip_id = KVM_IRQCHIP_IOAPIC};

	if (machine->irqchip != VMM_IRQCHIP_FULL)
		return false;
	if (ioctl(machine->fd, KVM_GET_IRQCHIP, &chip))
		return true;
	for (unsigned i = 0; i < KVM_IOAPIC_NUM_PINS; i++) {
		uint64_t entry = chip.chip.ioapic.redirtbl[i].bits;
		unsigned mode = entry >> 8 & 7;

		if (!(entry & 1u << 16) && (mode == 2 || mode == 4 || mode == 5))
			return true;
	}
	return false;
}

/* What gets through to a vCPU that has interrupts off. */
static bool nmi_may_come(const struct vcpu *vcpu)
{
	return nmi_pending(vcpu) ||
	       (vcpu->machine->irqchip != VMM_IRQCHIP_NONE &&
		       (nmi_from_apic(vcpu) || nmi_from_ioapic(vcpu->machine)));
}

/* The instruction at CS:RIP; false when it cannot be read. */
static bool read_code(const struct vcpu *vcpu, const struct kvm_regs *regs, uint8_t *code, size_t n)
{
	struct kvm_translation translation = {0};
	struct kvm_sregs sregs;
	const void *from;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs))
		return false;
	translation.linear_address = sregs.cs.l ? regs->rip : sregs.cs.base + regs->rip;
	if (ioctl(vcpu->fd, KVM_TRANSLATE, &translation) || !translation.valid)
		return false;
	from = memory_at(&vcpu->machine->mem, translation.physical_address, n);
	if (from)
		memcpy(code, from, n);
	return from != NULL;
}

/* A vCPU that shows the same registers tick after tick and makes no exit: is it at an instruction
 * that explains it? */
static enum stuck spin_kind(const struct vcpu *vcpu, const struct kvm_regs *regs)
{
	uint8_t code[3] = {0};

	if (!read_code(vcpu, regs, code, sizeof(code)) && !read_code(vcpu, regs, code, 2))
		return STUCK_NONE;
	if (code[0] == 0x0f && code[1] == 0x01 && (code[2] == 0xc1 || code[2] == 0xd9))
		return STUCK_VMCALL;
	if (code[0] == 0xeb && code[1] == 0xfe && !(regs->rflags & RFLAGS_IF))
		return STUCK_SPIN_IF0;
	return STUCK_NONE;
}

/* Counts the ticks without any progress. */
static void compare(struct vcpu *vcpu, const struct kvm_regs *regs)
{
	struct vcpu_watch *watch = &vcpu->watch;
	bool same = !memcmp(regs, &watch->regs, sizeof(*regs)) && watch->exits == vcpu->exits;

	watch->same = same ? watch->same + 1 : 0;
	watch->regs = *regs;
	watch->exits = vcpu->exits;
	if (vcpu->machine->watch && watch->same == LIFT_TICKS)
		watch_lift(vcpu->machine->watch, vcpu);
}

static enum stuck look_at(struct vcpu *vcpu)
{
	struct kvm_mp_state state = {0};
	struct kvm_regs regs;

	if (ioctl(vcpu->fd, KVM_GET_REGS, &regs))
		return STUCK_NONE;
	if (!vcpu->index)
		profile_add(&vcpu->machine->profile, regs.rip);
	if (vcpu->machine->irqchip != VMM_IRQCHIP_NONE)
		ioctl(vcpu->fd, KVM_GET_MP_STATE, &state);
	if (state.mp_state == KVM_MP_STATE_HALTED)
		return regs.rflags & RFLAGS_IF ? STUCK_NONE : STUCK_HLT_IF0;
	compare(vcpu, &regs);
	return vcpu->watch.same >= SAME_TICKS ? spin_kind(vcpu, &regs) : STUCK_NONE;
}

static bool waits_for_init(const struct vcpu *vcpu)
{
	struct kvm_mp_state state = {0};

	return !ioctl(vcpu->fd, KVM_GET_MP_STATE, &state) &&
	       (state.mp_state == KVM_MP_STATE_UNINITIALIZED ||
		       state.mp_state == KVM_MP_STATE_INIT_RECEIVED);
}

/* A look at one vCPU is old when the next is looked at: another may have woken it in between. So
 * several must have been found dead at the same ticks, again and again. */
static bool all_dead(const struct machine *machine)
{
	unsigned needed = machine->vcpu_count > 1 ? SAME_TICKS : 1;

	for (unsigned i = 0; i < machine->vcpu_count; i++) {
		const struct vcpu_watch *watch = &machine->vcpus[i].watch;

		if (watch->dead < needed || machine->looks - watch->look > 1)
			return false;
	}
	return true;
}

/* Each vCPU judges itself, in its own thread; the last one to be dead ends the machine. */
static void judge(struct vcpu *vcpu)
{
	enum stuck stuck = look_at(vcpu);
	struct outcome outcome = {.death = DEATH_STUCK, .stuck = stuck, .vcpu = vcpu->index};
	struct vcpu_watch *watch = &vcpu->watch;
	bool dead = stuck ? !nmi_may_come(vcpu) || stuck == STUCK_VMCALL
	                  : vcpu->index && waits_for_init(vcpu);

	watch->dead = dead ? watch->dead + 1 : 0;
	watch->look = vcpu->machine->looks;
	if (stuck && all_dead(vcpu->machine))
		machine_end(vcpu->machine, &outcome);
}

/* A hang is told by what the looks have seen. On a busy machine they are few: then the time is up
 * when half of those have been that it has room for, or LOOKS_LEAST, but not later than twice. */
static bool has_looked_enough(const struct machine *machine)
{
	double limit = machine->config->timeout, half = limit / WATCHDOG_TICK / 2;

	return machine->looks >= (half < LOOKS_LEAST ? half : LOOKS_LEAST) ||
	       machine_now() - machine->started >= 2 * limit;
}

static void check_stop(struct vcpu *vcpu)
{
	struct machine *machine = vcpu->machine;
	struct outcome outcome = {.vcpu = vcpu->index};

	outcome.quit = __atomic_load_n(&machine->quit, __ATOMIC_ACQUIRE);
	if (!outcome.quit && machine_timed_out(machine) && has_looked_enough(machine))
		outcome.death = DEATH_TIMEOUT;
	if (outcome.quit || outcome.death)
		machine_end(machine, &outcome);
}

static void pass_tick_on(const struct machine *machine)
{
	for (unsigned i = 1; i < machine->vcpu_count; i++)
		pthread_kill(machine->vcpus[i].thread, SIGUSR1);
}

void watchdog_unstick(struct vcpu *vcpu)
{
	struct kvm_regs regs;

	if (!ioctl(vcpu->fd, KVM_GET_REGS, &regs))
		compare(vcpu, &regs);
}

void watchdog_look(struct vcpu *vcpu, bool tick)
{
	struct machine *machine = vcpu->machine;

	if (machine->ended)
		return;
	if (vcpu->index) {
		judge(vcpu);
		return;
	}
	if (!tick)
		return;
	machine->looks++;
	exit_drain_coalesced(machine);
	console_flush(&machine->console);
	exit_check_console(vcpu);
	devices_tick(machine);
	if (machine->watchlist)
		watchlist_retry(machine->watchlist, vcpu, false);
	check_stop(vcpu);
	judge(vcpu);
	pass_tick_on(machine);
}
