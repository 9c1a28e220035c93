/* SPDX-License-Identifier: MIT */
/*
 * gate_traps.c: an `out` at the first instruction of every handler.
 */
#include "gate_traps.h"

#include <string.h>

#include "autopsy/desc.h"
#include "layout.h"

#define TRAP_PORT 0xf6 /* no chip's: what else exits there is not at a trap */

static const uint8_t trap_code[2] = {0xe6, TRAP_PORT}; /* out %al, $TRAP_PORT */

/* Host pointer to n bytes at a linear address, NULL when the CPU could not access them or they are
 * not in one page. */
static uint8_t *linear_at(
	const struct machine *machine, const struct cpu_state *cpu, uint64_t linear, size_t n)
{
	struct phys_mem view = memory_view(&machine->mem);
	struct walk walk = walk_linear(&view, cpu, linear, linear_system_read);

	if (!walk.translated || linear % LAYOUT_PAGE + n > LAYOUT_PAGE)
		return NULL;
	return memory_at(&machine->mem, walk.gpa, n);
}

/* Gives the guest its bytes back, but not over what it has written there itself meanwhile. */
static void take_away(const struct gate_trap *trap)
{
	for (unsigned i = 0; i < sizeof(trap_code); i++)
		if (trap->at[i] == trap_code[i])
			trap->at[i] = trap->old[i];
}

static void add_trap(struct gate_traps *traps, const struct machine *machine,
	const struct cpu_state *cpu, uint64_t linear, uint64_t rip)
{
	struct gate_trap *trap = &traps->trap[traps->count];
	uint8_t *at = linear_at(machine, cpu, linear, 2);

	/* Garbage gates may point at the table itself, which stays what it is. */
	if (!at || linear + 1 - cpu->idtr.base <= cpu->idtr.limit)
		return;
	for (unsigned i = 0; i < traps->count; i++)
		if (at + 1 >= traps->trap[i].at && at <= traps->trap[i].at + 1)
			return;
	*trap = (struct gate_trap){.at = at, .rip = rip};
	memcpy(trap->old, at, 2);
	memcpy(at, trap_code, 2);
	traps->count++;
}

/* Of a gate that would be entered: SDM vol. 3, 6.12.1 "Exception- or Interrupt-Handler Procedures".
 * What is wrong with it is the autopsy's concern. */
static void add_gate(struct gate_traps *traps, const struct machine *machine,
	const struct cpu_state *cpu, const struct gate *gate)
{
	struct phys_mem view = memory_view(&machine->mem);
	struct desc_lookup code;

	if (gate->kind == GATE_VECTOR) {
		add_trap(traps, machine, cpu, gate->selector * 16u + gate->offset, gate->offset);
		return;
	}
	if (!gate->present || (gate->kind != GATE_INTERRUPT && gate->kind != GATE_TRAP))
		return;
	code = desc_lookup(&view, cpu, gate->selector);
	if (code.status == DESC_OK)
		add_trap(traps, machine, cpu,
			gate->bits == 64 ? gate->offset : (uint32_t)(code.desc.base + gate->offset),
			gate->offset);
}

/* What cannot be read stays zero: gates that are not present. */
static void read_idt(const struct machine *machine, const struct cpu_state *cpu, uint8_t idt[4096])
{
	struct phys_mem view = memory_view(&machine->mem);
	size_t size = cpu->idtr.limit < 4095 ? cpu->idtr.limit + 1u : 4096, n;

	for (size_t at = 0; at < size; at += n) {
		n = LAYOUT_PAGE - (cpu->idtr.base + at) % LAYOUT_PAGE;
		if (n > size - at)
			n = size - at;
		if (linear_read(&view, cpu, cpu->idtr.base + at, idt + at, n, linear_system_read)
				.status != LINEAR_OK)
			memset(idt + at, 0, n);
	}
}

static uint64_t read_lstar(const struct vcpu *vcpu, const struct cpu_state *cpu)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msr = {.head.nmsrs = 1, .entry.index = MSR_LSTAR};

	if (!(cpu->efer & EFER_SCE) || ioctl(vcpu->fd, KVM_GET_MSRS, &msr) != 1)
		return 0;
	return msr.entry.data;
}

static void set_traps(
	struct gate_traps *traps, const struct machine *machine, const struct cpu_state *cpu)
{
	unsigned size = gate_size(cpu);

	for (unsigned at = 0; at + size <= 256 * size; at += size) {
		struct gate gate = gate_decode(traps->idt + at, size);

		if (at + size - 1 <= cpu->idtr.limit)
			add_gate(traps, machine, cpu, &gate);
	}
	if (traps->lstar)
		add_trap(traps, machine, cpu, traps->lstar, traps->lstar);
}

/* A lifted trap goes back when the guest has left its bytes. */
static void restore_lifted(struct gate_traps *traps, const struct cpu_state *cpu)
{
	for (unsigned i = 0; i < traps->count; i++) {
		struct gate_trap *trap = &traps->trap[i];

		if (!trap->lifted || cpu->rip - trap->rip < 2)
			continue;
		memcpy(trap->old, trap->at, 2);
		memcpy(trap->at, trap_code, 2);
		trap->lifted = false;
	}
}

void gate_traps_update(struct gate_traps *traps, struct vcpu *vcpu, const struct cpu_state *cpu)
{
	struct gate_traps now = {.idtr = cpu->idtr,
		.cr0 = cpu->cr0,
		.cr3 = cpu->cr3,
		.efer = cpu->efer,
		.lstar = read_lstar(vcpu, cpu)};

	read_idt(vcpu->machine, cpu, now.idt);
	if (traps->idtr.base == now.idtr.base && traps->idtr.limit == now.idtr.limit &&
		traps->cr0 == now.cr0 && traps->cr3 == now.cr3 && traps->efer == now.efer &&
		traps->lstar == now.lstar && !memcmp(traps->idt, now.idt, sizeof(now.idt))) {
		restore_lifted(traps, cpu);
		return;
	}
	gate_traps_remove(traps);
	*traps = now;
	set_traps(traps, vcpu->machine, cpu);
	/* The guest may be about to execute one of them by itself. */
	for (unsigned i = 0; i < traps->count; i++)
		if (cpu->rip - traps->trap[i].rip < 2) {
			take_away(&traps->trap[i]);
			traps->trap[i].lifted = true;
		}
}

void gate_traps_remove(struct gate_traps *traps)
{
	for (unsigned i = 0; i < traps->count; i++)
		if (!traps->trap[i].lifted)
			take_away(&traps->trap[i]);
	*traps = (struct gate_traps){0};
}

/* Some KVMs are behind the `out` when it exits, some complete it on the next entry. */
static bool complete_out(struct vcpu *vcpu, struct kvm_regs *regs)
{
	vcpu->run->immediate_exit = 1;
	ioctl(vcpu->fd, KVM_RUN, 0);
	vcpu->run->immediate_exit = 0;
	return ioctl(vcpu->fd, KVM_GET_REGS, regs) == 0;
}

static struct gate_trap *find_trap(struct gate_traps *traps, uint64_t rip)
{
	for (unsigned i = 0; i < traps->count; i++)
		if (traps->trap[i].rip == rip && !traps->trap[i].lifted)
			return &traps->trap[i];
	return NULL;
}

/* Whether the two words could be CS and flags of a frame, with TF. */
static bool is_frame(uint64_t cs, uint64_t flags)
{
	return cs && cs <= 0xffff && (flags & RFLAGS_TF) && (flags & 2) &&
	       !(flags & ~UINT64_C(0x3f7fd7));
}

/* The frame is [error code] RIP CS RFLAGS, in words of the handler's mode. */
static void clear_frame(const struct machine *machine, const struct cpu_state *cpu)
{
	unsigned word = gate_size(cpu) / 2, bits = cpu_code_bits(cpu);
	uint64_t top = bits == 64 ? cpu->gpr[GPR_RSP]
	                          : (uint32_t)(cpu->seg[SEG_SS].base + cpu->gpr[GPR_RSP]);
	uint8_t *frame = linear_at(machine, cpu, top, 4 * word);

	for (unsigned at = word; frame && at <= 2 * word; at += word) {
		uint64_t cs = 0, flags = 0;

		memcpy(&cs, frame + at, word);
		memcpy(&flags, frame + at + word, word);
		if (!is_frame(cs, flags))
			continue;
		flags &= ~(uint64_t)RFLAGS_TF;
		memcpy(frame + at + word, &flags, word);
		return;
	}
}

static void clear_step_flag(struct gate_traps *traps, struct vcpu *vcpu, struct kvm_regs *regs)
{
	struct cpu_state cpu = {.facts = vcpu->machine->kvm->facts};
	struct kvm_sregs sregs;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs))
		return;
	vcpu_decode(&cpu, regs, &sregs);
	if (traps->lstar && regs->rip == traps->lstar && (regs->r11 & 2))
		regs->r11 &= ~(uint64_t)RFLAGS_TF;
	else
		clear_frame(vcpu->machine, &cpu);
}

bool gate_traps_take(struct gate_traps *traps, struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	struct gate_trap *trap;
	struct kvm_regs regs;

	if (run->exit_reason != KVM_EXIT_IO || run->io.port != TRAP_PORT ||
		run->io.direction != KVM_EXIT_IO_OUT || run->io.size != 1 || !traps->count ||
		!complete_out(vcpu, &regs))
		return false;
	trap = find_trap(traps, regs.rip - 2);
	if (!trap)
		return false;
	take_away(trap);
	trap->lifted = true;
	regs.rip = trap->rip;
	clear_step_flag(traps, vcpu, &regs);
	return ioctl(vcpu->fd, KVM_SET_REGS, &regs) == 0;
}
