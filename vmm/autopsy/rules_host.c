/* SPDX-License-Identifier: MIT */
/*
 * rules_host.c: deaths that are the host's doing, or of which the host has lost the traces.
 */
#include <inttypes.h>

#include "names.h"
#include "rule.h"

static bool is_lost(const struct findings *findings)
{
	return !findings->state_valid && findings->evidence->death == DEATH_SHUTDOWN;
}

static void explain_lost(const struct findings *findings, struct say *say)
{
	const struct evidence *evidence = findings->evidence;

	say_add(say,
		"The guest's CPU shut down (triple fault), and KVM then reset it: the registers "
		"are "
		"those of the INIT state (CS:RIP = f000:fff0) and say nothing about the crash. ");
	switch (evidence->rerun) {
	case RERUN_ALIVE:
		say_add(say, "A second run did not die: the crash depends on timing or input.");
		break;
	case RERUN_OTHER:
		say_add(say, "A second run ended in another way.");
		break;
	case RERUN_FAILED:
		say_add(say, "This host could not run the guest a second time to recover them.");
		break;
	default:
		say_add(say, "No second run recovered them.");
		break;
	}
	if (findings->cpu.events.exception_vector &&
		findings->cpu.events.exception_vector < EXCEPTION_VECTORS) {
		say_add(say, " KVM remembers ");
		say_vector(say, findings->cpu.events.exception_vector);
		say_add(say, " as the last exception that was being delivered, which need not be "
			     "the first.");
	}
}

static bool is_vmcall(const struct findings *findings)
{
	return findings->evidence->death == DEATH_STUCK &&
	       findings->evidence->stuck == STUCK_VMCALL;
}

static void explain_vmcall(const struct findings *findings, struct say *say)
{
	say_place(say, &findings->rip);
	say_add(say,
		" executes %s, which this host's KVM (%s) repeats for ever without telling vmm.",
		findings->insn_text[0] ? findings->insn_text : "vmcall",
		findings->evidence->kvm ? findings->evidence->kvm : "unknown");
}

/* Setting CR0.PG outside long mode on a KVM that has no 32-bit paging: the architecture sees
 * nothing wrong with the write, and yet the CPU shuts down. */
static bool is_paging32(const struct findings *findings)
{
	const struct insn *insn = &findings->insn.insn;
	bool shut_down = findings->evidence->death == DEATH_SHUTDOWN && !findings->first.source;
	/* With an IDT, as vmm's own, it is a #GP. */
	bool refused = rule_first_is(findings, VEC_GP) && !findings->first.has_reason;

	return (shut_down || refused) && findings->state_valid && rule_is_pvm(findings) &&
	       findings->insn.decoded == INSN_OK && findings->cpu.cr0 & CR0_PE &&
	       insn->op == INSN_WRITE_CR && !insn->system_reg &&
	       insn_gpr_value(insn, &findings->cpu) & CR0_PG && !(findings->cpu.efer & EFER_LME);
}

static void explain_paging32(const struct findings *findings, struct say *say)
{
	say_place(say, &findings->rip);
	say_add(say,
		" turns on paging in 32-bit mode (%s). That is right by the architecture, but "
		"this host's KVM (%s) has no 32-bit paging and %s.",
		findings->insn_text, findings->evidence->kvm,
		findings->first.source ? "raises #GP" : "shuts the guest down");
}

/* Code behind syscall that the CPU has no reason to refuse; KVM has kept the exception, which user
 * code would get there. */
static bool is_user_syscall(const struct findings *findings)
{
	const struct cpu_events *events = &findings->cpu.events;

	if (findings->evidence->death != DEATH_SHUTDOWN || !rule_is_pvm(findings) ||
		!findings->in_syscall || fault_expected(&findings->insn) ||
		!findings->insn.complete)
		return false;
	return (events->exception_vector == VEC_PF && events->exception_error & PF_U) ||
	       events->exception_vector == VEC_GP;
}

static void explain_user_syscall(const struct findings *findings, struct say *say)
{
	const struct cpu_events *events = &findings->cpu.events;
	char text[160];

	say_place(say, &findings->rip);
	if (findings->insn_text[0])
		say_add(say, ", %s,", findings->insn_text);
	say_add(say, " raised ");
	say_vector(say, events->exception_vector);
	say_add(say, " (error code 0x%x", events->exception_error);
	if (events->exception_vector == VEC_PF)
		say_add(say, ": %s",
			exception_error_text(VEC_PF, events->exception_error, text, sizeof(text)));
	say_add(say,
		"). It is the kernel's code for a system call, and by the architecture syscall has "
		"set CPL to 0, where that instruction does not fault: this host's KVM (%s) ran it "
		"with the privileges of user code.",
		findings->evidence->kvm);
}

static bool is_table_outside(const struct findings *findings)
{
	const struct paging_finding *paging = &findings->paging;

	return paging->stops && paging->walk.reason == WALK_TABLE_OUTSIDE_RAM &&
	       (paging->is_rip || rule_first_is(findings, VEC_PF)) &&
	       findings->evidence->death != DEATH_PANIC;
}

static bool is_cr3_outside(const struct findings *findings)
{
	return is_table_outside(findings) && findings->paging.is_rip &&
	       findings->paging.walk.guilty == 0;
}

static void explain_cr3_outside(const struct findings *findings, struct say *say)
{
	say_add(say,
		"CR3 = 0x%" PRIx64 " points outside RAM (the guest has 0x%" PRIx64
		" bytes from 0), so there is no page table, and nothing can be fetched at ",
		findings->cpu.cr3, findings->evidence->ram_low);
	say_place(say, &findings->rip);
	say_add(say, ".");
	if (rule_after_write_cr(findings, 3))
		say_add(say, " The instruction before it is %s.", findings->insn_before);
}

static void explain_table_outside(const struct findings *findings, struct say *say)
{
	const struct walk *walk = &findings->paging.walk;
	const struct walk_step *step = &walk->step[walk->guilty];

	say_add(say,
		"The page tables lead outside RAM: the %s that is needed to %s would be at "
		"0x%" PRIx64 ", where the guest has none, at ",
		walk_level_name(step->level),
		findings->paging.is_rip ? "fetch the instruction"
					: "translate the operand's address",
		step->gpa);
	say_place(say, &findings->rip);
	say_add(say, ".");
	if (!findings->paging.is_rip)
		say_add(say, " The address is 0x%" PRIx64 ".", walk->linear);
}

static bool is_emulation(const struct findings *findings)
{
	return findings->evidence->death == DEATH_KVM_INTERNAL && !findings->first.source;
}

/* The bytes of the instruction, of guest memory or, when that cannot be read, of KVM's own record:
 * suberror 1 has flags, then the number of bytes, then the bytes themselves. */
static void say_bytes(const struct findings *findings, struct say *say)
{
	const struct evidence *evidence = findings->evidence;
	const uint8_t *bytes = (const uint8_t *)&evidence->internal_data[1];
	unsigned n;

	if (findings->insn_text[0] || evidence->internal_suberror != 1 ||
		evidence->internal_ndata < 2)
		return;
	n = bytes[0] < INSN_BYTES_MAX ? bytes[0] : INSN_BYTES_MAX;
	say_add(say, " KVM read these bytes there:");
	for (unsigned i = 0; i < n; i++)
		say_add(say, " %02x", bytes[1 + i]);
	say_add(say, ".");
}

static void explain_emulation(const struct findings *findings, struct say *say)
{
	const struct evidence *evidence = findings->evidence;
	const char *suberror = suberror_text(evidence->internal_suberror);

	say_add(say, "KVM gave up (internal error %u%s%s)", evidence->internal_suberror,
		suberror ? ": " : "", suberror ? suberror : "");
	if (!findings->state_valid) {
		say_add(say, ".");
		return;
	}
	say_add(say, " at ");
	say_place(say, &findings->rip);
	if (findings->insn_text[0])
		say_add(say, ": %s", findings->insn_text);
	say_add(say, ".");
	if (rule_is_pvm(findings) && cpu_cpl(&findings->cpu) == 0)
		say_add(say,
			" This host's KVM (%s) emulates the kernel's instructions one by one "
			"and does not know this one there.",
			evidence->kvm);
	say_bytes(findings, say);
}

static void repair_emulation(const struct findings *findings, struct say *say)
{
	const struct insn *insn = &findings->insn.insn;

	if (!findings->state_valid || findings->insn.decoded != INSN_OK) {
		say_add(say, "Run it on a host with hardware virtualisation (vmm --host tells what "
			     "this one can do).");
		return;
	}
	if (insn->op == INSN_INT || insn->op == INSN_INT3 || insn->op == INSN_INT1)
		say_add(say, "Do not use software interrupts in the kernel on this host: call the "
			     "handler directly, or use ud2, which arrives as #UD.");
	else if (insn->flags & (INSN_SSE | INSN_AVX | INSN_MMX | INSN_X87))
		say_add(say, "Compile the kernel with -mgeneral-regs-only, so that it uses no "
			     "vector or floating-point registers.");
	else if (insn->op == INSN_XSAVE)
		say_add(say, "Save the FPU with fxsave and fxrstor where CPUID has no XSAVE.");
	else
		say_add(say, "Replace that instruction on this host, or run on one with hardware "
			     "virtualisation (vmm --host tells what this one can do).");
}

static bool is_fail_entry(const struct findings *findings)
{
	return findings->evidence->death == DEATH_FAIL_ENTRY;
}

/* A code segment that is 64-bit (L) and 32-bit (D) at once: no CPU runs that. */
static bool is_l_and_d(const struct findings *findings)
{
	const struct cpu_segment *cs = &findings->cpu.seg[SEG_CS];

	return findings->state_valid && cpu_long_mode(&findings->cpu) && cs->l && cs->db;
}

static void explain_fail_entry(const struct findings *findings, struct say *say)
{
	const struct cpu_segment *cs = &findings->cpu.seg[SEG_CS];

	say_add(say,
		"The CPU refused to enter the guest (hardware reason 0x%" PRIx64
		"): its state breaks one of the checks on guest state, %s.",
		findings->evidence->entry_failure,
		findings->cpu.facts.amd
			? "APM vol. 2, 15.5.1 \"Basic Operation\", canonicalization and "
			  "consistency checks"
			: "SDM vol. 3, 26.3.1 \"Checks on the Guest State Area\"");
	if (is_l_and_d(findings))
		say_add(say,
			" Code selector 0x%02x has both L and D set: a code segment is a 64-bit "
			"one or a 32-bit one.",
			cs->selector);
	if (findings->state_valid) {
		say_add(say, " The guest was at ");
		say_place(say, &findings->rip);
		say_add(say, ".");
	}
}

static void repair_fail_entry(const struct findings *findings, struct say *say)
{
	if (is_l_and_d(findings)) {
		say_add(say, "Clear D (bit 54) in the descriptor of 64-bit code: "
			     "0x00af9b000000ffff.");
		return;
	}
	say_add(say, "Look at what the kernel last wrote to control registers, segments and MSRs");
	if (!findings->cpu.facts.amd)
		say_add(say, "; on a host without unrestricted guest mode, real mode needs "
			     "segments with base = selector * 16 and limit 0xffff");
	say_add(say, ".");
}

static bool is_unknown_exit(const struct findings *findings)
{
	return findings->evidence->death == DEATH_UNKNOWN_EXIT;
}

static void explain_unknown_exit(const struct findings *findings, struct say *say)
{
	const char *name = exit_reason_name(findings->evidence->exit_reason);

	say_add(say, "KVM stopped the guest for a reason that vmm has no answer to: exit %u%s%s.",
		findings->evidence->exit_reason, name ? ", " : "", name ? name : "");
	if (findings->state_valid) {
		say_add(say, " The guest was at ");
		say_place(say, &findings->rip);
		say_add(say, ".");
	}
}

const struct verdict_rule rules_host[] = {
	{.id = "state-lost",
		.matches = is_lost,
		.explain = explain_lost,
		.repair = "Run again with --report and --trace exits, or on an Intel host, which "
			  "keeps the registers.",
		.explains_death = true},
	{.id = "vmcall-spin",
		.matches = is_vmcall,
		.explain = explain_vmcall,
		.repair = "Do not call a hypervisor by vmcall or vmmcall here: vmm has port 0x500 "
			  "and its neighbours for that.",
		.explains_death = true},
	{.id = "kvm-no-32bit-paging",
		.matches = is_paging32,
		.explain = explain_paging32,
		.repair = "Run 32-bit kernels with paging on a host with VMX or SVM, or build for "
			  "64 bits.",
		.infers = true},
	{.id = "kvm-syscall-at-user-level",
		.matches = is_user_syscall,
		.explain = explain_user_syscall,
		.repair = "Nothing is wrong with the kernel here: run it on a host with VMX or "
			  "SVM. On this one, keep privileged instructions and kernel-only pages "
			  "out of what runs between syscall and the return.",
		.infers = true},
	{.id = "cr3-outside-ram",
		.matches = is_cr3_outside,
		.explain = explain_cr3_outside,
		.repair = "Load CR3 with the physical address of the top page table: not with a "
			  "virtual one, and none beyond RAM."},
	{.id = "page-table-outside-ram",
		.matches = is_table_outside,
		.explain = explain_table_outside,
		.repair =
			"Put physical addresses into page-table entries: no virtual ones, and none "
			"beyond RAM."},
	{.id = "kvm-entry-refused",
		.matches = is_fail_entry,
		.explain = explain_fail_entry,
		.repair_more = repair_fail_entry,
		.explains_death = true},
	{.id = "kvm-unknown-exit",
		.matches = is_unknown_exit,
		.explain = explain_unknown_exit,
		.repair = "Run with --trace exits to see what led to it.",
		.explains_death = true},
	{.id = "kvm-cannot-emulate",
		.matches = is_emulation,
		.explain = explain_emulation,
		.repair_more = repair_emulation,
		.explains_death = true},
	{0},
};
