/* SPDX-License-Identifier: MIT */
/*
 * vcpu_state.c: a vCPU's registers between KVM's structures and cpu_state, in both directions, and
 * the proof that KVM took what it was given: one KVM accepts CR0.PG in a 32-bit guest and drops it
 * without a word.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "kvm.h"
#include "machine.h"
#include "vcpu.h"

static void segment_from_kvm(struct cpu_segment *to, const struct kvm_segment *from)
{
	*to = (struct cpu_segment){.base = from->base,
		.limit = from->limit,
		.selector = from->selector,
		.type = from->type,
		.s = from->s,
		.present = from->present,
		.avl = from->avl,
		.l = from->l,
		.db = from->db,
		.g = from->g,
		.dpl = from->dpl,
		.unusable = from->unusable};
}

static void segment_to_kvm(struct kvm_segment *to, const struct cpu_segment *from)
{
	*to = (struct kvm_segment){.base = from->base,
		.limit = from->limit,
		.selector = from->selector,
		.type = from->type,
		.s = from->s,
		.present = from->present,
		.avl = from->avl,
		.l = from->l,
		.db = from->db,
		.g = from->g,
		.dpl = from->dpl,
		.unusable = from->unusable};
}

/* struct kvm_regs and GPR_* order the registers differently. */
static const size_t gpr_offsets[GPR_COUNT] = {
	[GPR_RAX] = offsetof(struct kvm_regs, rax),
	[GPR_RCX] = offsetof(struct kvm_regs, rcx),
	[GPR_RDX] = offsetof(struct kvm_regs, rdx),
	[GPR_RBX] = offsetof(struct kvm_regs, rbx),
	[GPR_RSP] = offsetof(struct kvm_regs, rsp),
	[GPR_RBP] = offsetof(struct kvm_regs, rbp),
	[GPR_RSI] = offsetof(struct kvm_regs, rsi),
	[GPR_RDI] = offsetof(struct kvm_regs, rdi),
	[GPR_R8] = offsetof(struct kvm_regs, r8),
	[GPR_R9] = offsetof(struct kvm_regs, r9),
	[GPR_R10] = offsetof(struct kvm_regs, r10),
	[GPR_R11] = offsetof(struct kvm_regs, r11),
	[GPR_R12] = offsetof(struct kvm_regs, r12),
	[GPR_R13] = offsetof(struct kvm_regs, r13),
	[GPR_R14] = offsetof(struct kvm_regs, r14),
	[GPR_R15] = offsetof(struct kvm_regs, r15),
};

static const size_t segment_offsets[SEG_COUNT] = {
	[SEG_ES] = offsetof(struct kvm_sregs, es),
	[SEG_CS] = offsetof(struct kvm_sregs, cs),
	[SEG_SS] = offsetof(struct kvm_sregs, ss),
	[SEG_DS] = offsetof(struct kvm_sregs, ds),
	[SEG_FS] = offsetof(struct kvm_sregs, fs),
	[SEG_GS] = offsetof(struct kvm_sregs, gs),
};

static __u64 *regs_gpr(struct kvm_regs *regs, unsigned i)
{
	return (__u64 *)((char *)regs + gpr_offsets[i]);
}

static struct kvm_segment *sregs_segment(struct kvm_sregs *sregs, unsigned i)
{
	return (struct kvm_segment *)((char *)sregs + segment_offsets[i]);
}

static void from_sregs(struct cpu_state *cpu, struct kvm_sregs *sregs)
{
	for (unsigned i = 0; i < SEG_COUNT; i++)
		segment_from_kvm(&cpu->seg[i], sregs_segment(sregs, i));
	segment_from_kvm(&cpu->tr, &sregs->tr);
	segment_from_kvm(&cpu->ldtr, &sregs->ldt);
	cpu->gdtr = (struct cpu_table){sregs->gdt.base, sregs->gdt.limit};
	cpu->idtr = (struct cpu_table){sregs->idt.base, sregs->idt.limit};
	cpu->cr0 = sregs->cr0;
	cpu->cr2 = sregs->cr2;
	cpu->cr3 = sregs->cr3;
	cpu->cr4 = sregs->cr4;
	cpu->cr8 = sregs->cr8;
	cpu->efer = sregs->efer;
	cpu->apic_base = sregs->apic_base;
}

static void from_events(struct cpu_events *to, const struct kvm_vcpu_events *from)
{
	*to = (struct cpu_events){
		.exception_injected = from->exception.injected,
		.exception_pending = from->exception.pending,
		.exception_has_error = from->exception.has_error_code,
		.exception_vector = from->exception.nr,
		.exception_error = from->exception.error_code,
		.interrupt_injected = from->interrupt.injected,
		.interrupt_soft = from->interrupt.soft,
		.interrupt_shadow = from->interrupt.shadow,
		.interrupt_vector = from->interrupt.nr,
		.nmi_injected = from->nmi.injected,
		.nmi_pending = from->nmi.pending,
		.nmi_masked = from->nmi.masked,
		.triple_fault_pending = from->triple_fault.pending,
	};
}

/* MSRs that cpu_state holds beside EFER and the APIC base, which come with kvm_sregs. */
static const struct {
	uint32_t number;
	size_t offset;
} msrs[] = {
	{MSR_STAR, offsetof(struct cpu_state, star)},
	{MSR_LSTAR, offsetof(struct cpu_state, lstar)},
	{MSR_CSTAR, offsetof(struct cpu_state, cstar)},
	{MSR_SFMASK, offsetof(struct cpu_state, sfmask)},
	{MSR_KERNEL_GS_BASE, offsetof(struct cpu_state, kernel_gs_base)},
	{MSR_PAT, offsetof(struct cpu_state, pat)},
	{MSR_SYSENTER_CS, offsetof(struct cpu_state, sysenter_cs)},
	{MSR_SYSENTER_ESP, offsetof(struct cpu_state, sysenter_esp)},
	{MSR_SYSENTER_EIP, offsetof(struct cpu_state, sysenter_eip)},
	{MSR_TSC, offsetof(struct cpu_state, tsc)},
};
#define MSR_COUNT (sizeof(msrs) / sizeof(msrs[0]))

/* KVM stops at the first MSR that it does not know; those after it stay 0. */
static void get_msrs(const struct vcpu *vcpu, struct cpu_state *cpu)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[MSR_COUNT];
	} list = {.head.nmsrs = MSR_COUNT};
	int got;

	for (unsigned i = 0; i < MSR_COUNT; i++)
		list.entries[i].index = msrs[i].number;
	got = ioctl(vcpu->fd, KVM_GET_MSRS, &list);
	for (int i = 0; i < got; i++)
		memcpy((char *)cpu + msrs[i].offset, &list.entries[i].data, 8);
}

static enum cpu_run_state run_state(const struct vcpu *vcpu)
{
	struct kvm_mp_state state;

	if (ioctl(vcpu->fd, KVM_GET_MP_STATE, &state))
		return CPU_RUNNABLE;
	switch (state.mp_state) {
	case KVM_MP_STATE_HALTED:
		return CPU_HALTED;
	case KVM_MP_STATE_UNINITIALIZED:
		return CPU_WAIT_FOR_INIT;
	case KVM_MP_STATE_INIT_RECEIVED:
		return CPU_WAIT_FOR_SIPI;
	default:
		return CPU_RUNNABLE;
	}
}

void vcpu_decode(struct cpu_state *cpu, const struct kvm_regs *regs, const struct kvm_sregs *sregs)
{
	for (unsigned i = 0; i < GPR_COUNT; i++)
		cpu->gpr[i] = *regs_gpr((struct kvm_regs *)regs, i);
	cpu->rip = regs->rip;
	cpu->rflags = regs->rflags;
	from_sregs(cpu, (struct kvm_sregs *)sregs);
}

bool vcpu_get_state(const struct vcpu *vcpu, struct cpu_state *cpu, struct error *err)
{
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_vcpu_events events = {0};
	struct kvm_debugregs debug = {0};

	*cpu = (struct cpu_state){.index = vcpu->index, .facts = vcpu->machine->kvm->facts};
	if (kvm_ioctl(vcpu->fd, KVM_GET_REGS, &regs, err) < 0 ||
		kvm_ioctl(vcpu->fd, KVM_GET_SREGS, &sregs, err) < 0 ||
		kvm_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events, err) < 0)
		return false;
	vcpu_decode(cpu, &regs, &sregs);
	from_events(&cpu->events, &events);
	if (!ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &debug)) {
		memcpy(cpu->dr, debug.db, sizeof(debug.db));
		cpu->dr[6] = debug.dr6;
		cpu->dr[7] = debug.dr7;
	}
	get_msrs(vcpu, cpu);
	cpu->run_state = run_state(vcpu);
	return true;
}

static void to_sregs(struct kvm_sregs *sregs, const struct cpu_state *cpu)
{
	for (unsigned i = 0; i < SEG_COUNT; i++)
		segment_to_kvm(sregs_segment(sregs, i), &cpu->seg[i]);
	segment_to_kvm(&sregs->tr, &cpu->tr);
	segment_to_kvm(&sregs->ldt, &cpu->ldtr);
	sregs->gdt = (struct kvm_dtable){.base = cpu->gdtr.base, .limit = cpu->gdtr.limit};
	sregs->idt = (struct kvm_dtable){.base = cpu->idtr.base, .limit = cpu->idtr.limit};
	sregs->cr0 = cpu->cr0;
	sregs->cr2 = cpu->cr2;
	sregs->cr3 = cpu->cr3;
	sregs->cr4 = cpu->cr4;
	sregs->efer = cpu->efer;
}

static bool took(const char *name, uint64_t wanted, uint64_t got, struct error *err)
{
	if (wanted == got)
		return true;
	return error_set(err, STATUS_HOST,
		"this KVM did not take %s: set 0x%" PRIx64 ", reads back 0x%" PRIx64, name, wanted,
		got);
}

/* As the second word of a descriptor has them: SDM vol. 3, figure 3-8 "Segment Descriptor". */
static uint32_t attributes(const struct kvm_segment *segment)
{
	return segment->type | segment->s << 4 | segment->dpl << 5 | segment->present << 7 |
	       segment->avl << 12 | segment->l << 13 | segment->db << 14 | segment->g << 15;
}

static bool took_part(
	const char *name, const char *part, uint64_t wanted, uint64_t got, struct error *err)
{
	char both[32];

	snprintf(both, sizeof(both), "%s %s", name, part);
	return took(both, wanted, got, err);
}

/* Of a segment that is unusable KVM need not keep the rest. */
static bool took_segment(const char *name, const struct kvm_segment *wanted,
	const struct kvm_segment *got, struct error *err)
{
	if (wanted->unusable && got->unusable)
		return true;
	return took(name, wanted->selector, got->selector, err) &&
	       took_part(name, "base", wanted->base, got->base, err) &&
	       took_part(name, "limit", wanted->limit, got->limit, err) &&
	       took_part(name, "attributes", attributes(wanted), attributes(got), err) &&
	       took_part(name, "unusable", wanted->unusable, got->unusable, err);
}

static bool took_table(const char *name, const struct kvm_dtable *wanted,
	const struct kvm_dtable *got, struct error *err)
{
	return took_part(name, "base", wanted->base, got->base, err) &&
	       took_part(name, "limit", wanted->limit, got->limit, err);
}

static bool took_sregs(
	const struct kvm_sregs *wanted, const struct kvm_sregs *got, struct error *err)
{
	static const char *const names[SEG_COUNT] = {[SEG_ES] = "ES",
		[SEG_CS] = "CS",
		[SEG_SS] = "SS",
		[SEG_DS] = "DS",
		[SEG_FS] = "FS",
		[SEG_GS] = "GS"};

	for (unsigned i = 0; i < SEG_COUNT; i++)
		if (!took_segment(names[i], sregs_segment((struct kvm_sregs *)wanted, i),
			    sregs_segment((struct kvm_sregs *)got, i), err))
			return false;
	return took("CR0", wanted->cr0, got->cr0, err) && took("CR2", wanted->cr2, got->cr2, err) &&
	       took("CR3", wanted->cr3, got->cr3, err) && took("CR4", wanted->cr4, got->cr4, err) &&
	       took("EFER", wanted->efer, got->efer, err) &&
	       took_segment("TR", &wanted->tr, &got->tr, err) &&
	       took_segment("LDTR", &wanted->ldt, &got->ldt, err) &&
	       took_table("GDTR", &wanted->gdt, &got->gdt, err) &&
	       took_table("IDTR", &wanted->idt, &got->idt, err);
}

static bool set_regs(const struct vcpu *vcpu, const struct cpu_state *cpu, struct error *err)
{
	static const char *const names[GPR_COUNT] = {[GPR_RAX] = "RAX",
		[GPR_RCX] = "RCX",
		[GPR_RDX] = "RDX",
		[GPR_RBX] = "RBX",
		[GPR_RSP] = "RSP",
		[GPR_RBP] = "RBP",
		[GPR_RSI] = "RSI",
		[GPR_RDI] = "RDI",
		[GPR_R8] = "R8",
		[GPR_R9] = "R9",
		[GPR_R10] = "R10",
		[GPR_R11] = "R11",
		[GPR_R12] = "R12",
		[GPR_R13] = "R13",
		[GPR_R14] = "R14",
		[GPR_R15] = "R15"};
	struct kvm_regs regs = {.rip = cpu->rip, .rflags = cpu->rflags}, got;

	for (unsigned i = 0; i < GPR_COUNT; i++)
		*regs_gpr(&regs, i) = cpu->gpr[i];
	if (kvm_ioctl(vcpu->fd, KVM_SET_REGS, &regs, err) < 0 ||
		kvm_ioctl(vcpu->fd, KVM_GET_REGS, &got, err) < 0)
		return false;
	for (unsigned i = 0; i < GPR_COUNT; i++)
		if (!took(names[i], cpu->gpr[i], *regs_gpr(&got, i), err))
			return false;
	return took("RIP", regs.rip, got.rip, err) && took("RFLAGS", regs.rflags, got.rflags, err);
}

bool vcpu_set_state(const struct vcpu *vcpu, const struct cpu_state *cpu, struct error *err)
{
	struct kvm_sregs sregs, got;

	if (kvm_ioctl(vcpu->fd, KVM_GET_SREGS, &sregs, err) < 0)
		return false;
	to_sregs(&sregs, cpu);
	return kvm_ioctl(vcpu->fd, KVM_SET_SREGS, &sregs, err) >= 0 &&
	       kvm_ioctl(vcpu->fd, KVM_GET_SREGS, &got, err) >= 0 &&
	       took_sregs(&sregs, &got, err) && set_regs(vcpu, cpu, err);
}
