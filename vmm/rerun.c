/* SPDX-License-Identifier: MIT */
/*
 * rerun.c: recovery by running again: slices, checkpoints, single steps.
 */
#include "rerun.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint.h"
#include "exit.h"
#include "gate_traps.h"
#include "run.h"
#include "watchdog.h"

#define SLICE_FIRST  0.1    /* seconds */
#define SLICE_SMALL  0.0002 /* small enough to be single-stepped ... */
#define SLICE_SHRINK 16     /* ... after going down by this factor */
#define SLICE_SLACK  0.25   /* seconds more than expected until the death comes again */
#define STEP_SECONDS 3.0    /* at most so long is single-stepped, then comes another checkpoint */
#define STEP_ROUNDS  4      /* so many times, and, where a step takes long, ... */
#define STEP_LEAST   100000 /* ... until so many have been made ... */
#define STEP_FEW     500    /* ... if they were not as few as where a guest waits in hlt, ... */
#define ROUNDS_MOST  20     /* ... but not more often */
#define PATIENCE \
	3.0 /* the second run may take so many times as long as the first, and a second more */
#define EXIT_SECONDS 0.002 /* with writes watched, for each exit so much more, ... */
#define EXITS_MOST   10000 /* ... for so many */

struct rerun_run {
	struct machine machine;
	struct checkpoint checkpoint;
	timer_t timer;
	const struct replay *input; /* of the first run */
	double slice;
	enum death wanted;
	/* The last steps, a ring. */
	struct kvm_regs regs[TRAIL_STEPS];
	struct kvm_sregs sregs[TRAIL_STEPS];
	unsigned steps, slices, all_steps;
	struct kvm_lapic_state lapic; /* at the last step */
	struct kvm_vcpu_events events;
	struct gate_traps traps;
	bool died;        /* once at least */
	bool can_step[4]; /* by CPL: a step has stopped after it */
	/* Of the search for a writer. */
	struct watch watch;
	struct write_record writes[WATCH_RECORDS];
};

enum end { END_TIME, END_SAME, END_OTHER, END_FAILED };

bool rerun_state_lost(const struct cpu_state *cpu)
{
	return cpu->rip == 0xfff0 && cpu->seg[SEG_CS].selector == 0xf000 && !(cpu->cr0 & CR0_PE) &&
	       (cpu->gpr[GPR_RDX] & 0xfffff0ff) == (cpu->facts.signature & 0xfffff0ff);
}

static enum end ended(const struct rerun_run *rerun)
{
	return rerun->machine.outcome.death == rerun->wanted ? END_SAME : END_OTHER;
}

/* One KVM_RUN and its exit; END_TIME also when the tick has come. */
static enum end enter(struct rerun_run *rerun, bool *tick)
{
	struct machine *machine = &rerun->machine;
	struct vcpu *vcpu = &machine->vcpus[0];
	int ret;

	if (replay_feed(rerun->input, &machine->input, vcpu->exits))
		devices_input(&machine->devices);
	ret = ioctl(vcpu->fd, KVM_RUN, 0);
	if (ret < 0 && errno == EINTR) {
		*tick |= run_take_signals();
		return END_TIME;
	}
	if (ret < 0)
		return errno == EAGAIN ? END_TIME : END_FAILED;
	if (vcpu->run->exit_reason != KVM_EXIT_DEBUG && !gate_traps_take(&rerun->traps, vcpu))
		exit_handle(vcpu);
	return machine->ended ? ended(rerun) : END_TIME;
}

/* Lets the guest run for so many seconds. A guest that halts for good is found here too: nothing
 * else can end it. */
static enum end run_slice(struct rerun_run *rerun, double seconds)
{
	enum end end = END_TIME;
	bool tick = false;

	rerun->slices++;
	watchdog_set(rerun->timer, seconds, 0);
	while (end == END_TIME && !tick)
		end = enter(rerun, &tick);
	watchdog_set(rerun->timer, 0, 0);
	run_take_signals();
	return end;
}

/* Each write to a watched page is an exit, which takes as long as it does on this host. */
static double exit_seconds(const struct vcpu *vcpu)
{
	return EXIT_SECONDS * (double)(vcpu->exits < EXITS_MOST ? vcpu->exits : EXITS_MOST);
}

/* The whole run, with a look at every tick whether it hangs at a watched page. */
static enum end run_watched(struct rerun_run *rerun, double seconds)
{
	double limit = machine_now() + seconds;
	enum end end = END_TIME;

	while (end == END_TIME && machine_now() < limit + exit_seconds(&rerun->machine.vcpus[0])) {
		end = run_slice(rerun, WATCHDOG_TICK);
		if (end == END_TIME)
			watchdog_unstick(&rerun->machine.vcpus[0]);
		/* It may have died at the one instruction for which its pages were let go. */
		if (rerun->machine.ended)
			end = ended(rerun);
	}
	return end;
}

static bool set_guest_debug(const struct vcpu *vcpu, uint32_t control)
{
	struct kvm_guest_debug debug = {.control = control};

	return ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &debug) == 0;
}

/* Remembers the registers before the next step. */
static bool record_step(struct rerun_run *rerun)
{
	const struct machine *machine = &rerun->machine;
	unsigned at = rerun->steps++ % TRAIL_STEPS;
	int fd = machine->vcpus[0].fd;

	return !ioctl(fd, KVM_GET_REGS, &rerun->regs[at]) &&
	       !ioctl(fd, KVM_GET_SREGS, &rerun->sregs[at]) &&
	       !ioctl(fd, KVM_GET_VCPU_EVENTS, &rerun->events) &&
	       (machine->irqchip == VMM_IRQCHIP_NONE || !ioctl(fd, KVM_GET_LAPIC, &rerun->lapic));
}

static unsigned recorded_cpl(const struct rerun_run *rerun)
{
	return rerun->sregs[(rerun->steps - 1) % TRAIL_STEPS].ss.dpl & 3;
}

/* At the recorded state, by SDM vol. 3, 6.8.1 "Masking Maskable Hardware Interrupts" and 6.8.3
 * "Masking Exceptions and Interrupts When Switching Stacks". */
static bool takes_no_interrupt(const struct rerun_run *rerun, const struct cpu_state *cpu)
{
	return (!(cpu->rflags & RFLAGS_IF) || rerun->events.interrupt.shadow) &&
	       !rerun->events.nmi.pending;
}

/* A step can end an instruction late, behind sti and the next one. An interrupt that kills there
 * would be taken for a death of sti: it waits for a state that can take it. KVM before 5.16 has no
 * means for that. */
static bool set_single_step(const struct vcpu *vcpu, bool hold_interrupts)
{
	const uint32_t step = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP;

	return (hold_interrupts && set_guest_debug(vcpu, step | KVM_GUESTDBG_BLOCKIRQ)) ||
	       set_guest_debug(vcpu, step);
}

/* The step is armed each time: KVM keeps it in TF, which iret and popf take from the stack. */
static bool arm_step(struct rerun_run *rerun)
{
	struct vcpu *vcpu = &rerun->machine.vcpus[0];
	unsigned at = (rerun->steps - 1) % TRAIL_STEPS;
	struct cpu_state cpu = {.facts = rerun->machine.kvm->facts};

	vcpu_decode(&cpu, &rerun->regs[at], &rerun->sregs[at]);
	gate_traps_update(&rerun->traps, vcpu, &cpu);
	return set_single_step(vcpu, takes_no_interrupt(rerun, &cpu));
}

static enum end step_once(struct rerun_run *rerun, bool *tick)
{
	const struct vcpu *vcpu = &rerun->machine.vcpus[0];
	enum end end;

	if (!record_step(rerun) || !arm_step(rerun))
		return END_FAILED;
	end = enter(rerun, tick);
	if (vcpu->run->exit_reason == KVM_EXIT_DEBUG)
		rerun->can_step[recorded_cpl(rerun)] = true;
	return end;
}

static void stop_stepping(struct rerun_run *rerun)
{
	gate_traps_remove(&rerun->traps);
	set_guest_debug(&rerun->machine.vcpus[0], 0);
}

/* Steps the first instruction of all, to see that this KVM can; then back. The last checkpoint may
 * be too near to the death to show it. */
static bool learn_stepping(struct rerun_run *rerun, struct error *err)
{
	bool tick = false;

	step_once(rerun, &tick);
	stop_stepping(rerun);
	rerun->steps = 0;
	return checkpoint_restore(&rerun->checkpoint, &rerun->machine, err);
}

static bool last_record_is_true(const struct rerun_run *rerun)
{
	return rerun->can_step[recorded_cpl(rerun)];
}

/* One KVM does not step through user mode but runs on to the death: then the last record is not the
 * last instruction, and nothing is to be said of it. */
static enum end single_step(struct rerun_run *rerun)
{
	double limit = machine_now() + STEP_SECONDS;
	enum end end = END_TIME;
	bool tick = false;

	rerun->all_steps += rerun->steps;
	rerun->steps = 0;
	/* The tick ends a step that does not end by itself: a hlt that nothing wakes. */
	watchdog_set(rerun->timer, STEP_SECONDS, 0);
	while (end == END_TIME && !tick && machine_now() < limit)
		end = step_once(rerun, &tick);
	watchdog_set(rerun->timer, 0, 0);
	run_take_signals();
	stop_stepping(rerun);
	return end == END_SAME && !last_record_is_true(rerun) ? END_FAILED : end;
}

/* Between an instruction and its handler a checkpoint would hide which instruction that was, and
 * whether the exception is the first. */
static bool in_delivery(const struct rerun_run *rerun)
{
	struct kvm_vcpu_events events;

	return !ioctl(rerun->machine.vcpus[0].fd, KVM_GET_VCPU_EVENTS, &events) &&
	       (events.exception.injected || events.exception.pending ||
		       events.interrupt.injected || events.nmi.injected);
}

/* From checkpoint to checkpoint until the guest dies within a slice. */
static enum end run_to_death(struct rerun_run *rerun, double limit, struct error *err)
{
	double ran = 0;

	while (ran < limit) {
		enum end end = run_slice(rerun, rerun->slice);

		if (end != END_TIME)
			return end;
		ran += rerun->slice;
		if (!in_delivery(rerun) &&
			!checkpoint_save(&rerun->checkpoint, &rerun->machine, err))
			return END_FAILED;
	}
	return END_TIME;
}

static void shrink_slice(struct rerun_run *rerun)
{
	rerun->slice /= SLICE_SHRINK;
	if (rerun->slice < SLICE_SMALL)
		rerun->slice = SLICE_SMALL;
}

/* A step may take a microsecond or, in an emulator on a busy machine, a thousand. */
static bool may_step(const struct rerun_run *rerun, unsigned rounds)
{
	return rounds < STEP_ROUNDS || (rounds < ROUNDS_MOST && rerun->steps >= STEP_FEW &&
					       rerun->all_steps + rerun->steps < STEP_LEAST);
}

/* Closes in on the death. END_SAME: the trail ends just before it. */
static enum end close_in(struct rerun_run *rerun, double limit, struct error *err)
{
	for (unsigned rounds = 0; may_step(rerun, rounds);) {
		enum end end = run_to_death(rerun, limit, err);
		/* A guest may get no further in such slices: all its pages come anew in each. */
		bool stands = end == END_TIME && rerun->died && rerun->slice <= SLICE_SMALL;

		if (end != END_SAME && !stands)
			return rerun->died && end == END_TIME ? END_FAILED : end;
		rerun->died = true;
		if (!checkpoint_restore(&rerun->checkpoint, &rerun->machine, err))
			return END_FAILED;
		/* The death lies within one slice of the checkpoint. */
		limit = rerun->slice * PATIENCE + SLICE_SLACK;
		if (rerun->slice > SLICE_SMALL) {
			shrink_slice(rerun);
			continue;
		}
		end = single_step(rerun);
		if (end != END_TIME)
			return end;
		rounds++;
		if (!checkpoint_save(&rerun->checkpoint, &rerun->machine, err))
			return END_FAILED;
	}
	return END_FAILED;
}

static void fill_trail(const struct rerun_run *rerun, struct evidence *evidence)
{
	unsigned n = rerun->steps < TRAIL_STEPS ? rerun->steps : TRAIL_STEPS;

	for (unsigned i = 0; i < n; i++) {
		unsigned at = (rerun->steps - n + i) % TRAIL_STEPS;

		evidence->trail[i] = (struct trail_step){.rip = rerun->regs[at].rip,
			.rsp = rerun->regs[at].rsp,
			.rflags = rerun->regs[at].rflags,
			.cr3 = rerun->sregs[at].cr3,
			.cs = rerun->sregs[at].cs.selector};
	}
	evidence->trail_count = n;
}

static void fill_evidence(const struct rerun_run *rerun, struct snapshot *snapshot, enum end end)
{
	static const enum rerun results[] = {[END_TIME] = RERUN_ALIVE,
		[END_SAME] = RERUN_SAME,
		[END_OTHER] = RERUN_OTHER,
		[END_FAILED] = RERUN_FAILED};
	struct evidence *evidence = &snapshot->evidence;
	struct cpu_state *cpu = &snapshot->cpus[evidence->cpu];
	unsigned last = (rerun->steps - 1) % TRAIL_STEPS;

	evidence->rerun_slices = rerun->slices;
	evidence->rerun_steps = rerun->steps;
	evidence->rerun = results[end];
	if (end != END_SAME || !rerun->steps)
		return;
	fill_trail(rerun, evidence);
	evidence->mem = memory_view(&rerun->machine.mem);
	if (evidence->origin == STATE_LOST)
		evidence->origin = STATE_RECOVERED;
	if (evidence->apic.valid)
		memcpy(evidence->apic.regs, rerun->lapic.regs, sizeof(evidence->apic.regs));
	vcpu_decode(cpu, &rerun->regs[last], &rerun->sregs[last]);
	cpu->events.interrupt_shadow = rerun->events.interrupt.shadow;
}

static bool start(struct rerun_run *rerun, const struct machine *first,
	const struct evidence *evidence, struct error *err)
{
	rerun->wanted = evidence->death;
	rerun->input = &first->replay;
	rerun->slice = SLICE_FIRST;
	rerun->can_step[0] = rerun->can_step[3] = first->kvm->hardware;
	if (!machine_create(
		    &rerun->machine, first->kvm, first->config, first->image, MACHINE_SILENT, err))
		return false;
	rerun->machine.started = machine_now();
	if (watchdog_create(&rerun->timer, err))
		return true;
	machine_destroy(&rerun->machine);
	return false;
}

struct rerun_run *rerun_recover(const struct machine *first, struct snapshot *snapshot)
{
	struct evidence *evidence = &snapshot->evidence;
	double limit = evidence->seconds * PATIENCE + 1;
	struct rerun_run *rerun = calloc(1, sizeof(*rerun));
	struct error err;

	evidence->rerun = RERUN_FAILED;
	if (!rerun || first->vcpu_count > 1 || !start(rerun, first, evidence, &err)) {
		free(rerun);
		return NULL;
	}
	if (checkpoint_create(&rerun->checkpoint, &rerun->machine, &err) &&
		learn_stepping(rerun, &err))
		fill_evidence(rerun, snapshot, close_in(rerun, limit, &err));
	return rerun;
}

struct rerun_run *rerun_find_writer(
	const struct machine *first, struct snapshot *snapshot, uint64_t gpa, uint64_t size)
{
	struct evidence *evidence = &snapshot->evidence;
	double limit = evidence->seconds * PATIENCE + 2;
	struct rerun_run *rerun = calloc(1, sizeof(*rerun));
	struct error err;

	if (!rerun || first->vcpu_count > 1 || !start(rerun, first, evidence, &err)) {
		free(rerun);
		return NULL;
	}
	if (!watch_add(&rerun->watch, &rerun->machine, gpa, size, 0, &err) ||
		run_watched(rerun, limit) != END_SAME) {
		rerun_drop(rerun);
		return NULL;
	}
	evidence->write_count = watch_copy(&rerun->watch, rerun->writes);
	evidence->writes = rerun->writes;
	return rerun;
}

void rerun_drop(struct rerun_run *rerun)
{
	if (!rerun)
		return;
	watchdog_stop(rerun->timer);
	checkpoint_destroy(&rerun->checkpoint);
	machine_destroy(&rerun->machine);
	free(rerun);
}
