/* SPDX-License-Identifier: MIT */
/*
 * fault_msr.c: values that model-specific registers do not take: SDM vol. 2, "WRMSR—Write to Model
 * Specific Register", vol. 3, 2.2.1 "Extended Feature Enable Register" and 12.12.2 "IA32_PAT MSR".
 * Of other MSRs it is not known which the CPU, or the hypervisor, has.
 */
#include "fault_rules.h"

#define EFER_AMD_BITS \
	0x7f000ull /* SVME, LMSLE, FFXSR, TCE and later ones: AMD's manual, vol. 2, 3.1.7 */

static struct fault_reason *refuse(struct fault_scene *scene, enum fault_why why)
{
	return fault_add_error(scene, why, VEC_GP, 0);
}

static void check_canonical(struct fault_scene *scene, uint64_t value, const char *name)
{
	struct fault_reason *reason;

	if (!scene->cpu->facts.long_mode || (int64_t)(value << 16) >> 16 == (int64_t)value ||
		(scene->cpu->facts.la57 && (int64_t)(value << 7) >> 7 == (int64_t)value))
		return;
	reason = refuse(scene, FAULT_MSR_NON_CANONICAL);
	reason->address = value;
	reason->has_address = true;
	fault_say(reason, "%s gets 0x%llx, which is not a canonical address.", name,
		(unsigned long long)value);
}

static void check_efer(struct fault_scene *scene, uint64_t value)
{
	const struct cpu_state *cpu = scene->cpu;
	uint64_t known = EFER_LMA, bad;
	struct fault_reason *reason;

	/* SCE has no flag in cpu_facts; every CPU with long mode has it. */
	known |= cpu->facts.long_mode ? EFER_SCE | EFER_LME : EFER_SCE;
	known |= cpu->facts.nx ? EFER_NXE : 0;
	known |= cpu->facts.amd ? EFER_AMD_BITS : 0;
	bad = value & ~known;
	if (bad) {
		reason = refuse(scene, FAULT_MSR_RESERVED);
		reason->bits = bad;
		fault_say(reason,
			"EFER gets 0x%llx with bits set that are reserved on this CPU: 0x%llx.",
			(unsigned long long)value, (unsigned long long)bad);
	}
	if (((value ^ cpu->efer) & EFER_LME) && (cpu->cr0 & CR0_PG)) {
		reason = refuse(scene, FAULT_CONTROL_COMBINATION);
		reason->bit = "EFER.LME";
		fault_say(reason, "EFER.LME is changed while paging is on.");
	}
}

static void check_pat(struct fault_scene *scene, uint64_t value)
{
	struct fault_reason *reason;

	for (unsigned i = 0; i < 8; i++) {
		uint8_t type = (uint8_t)(value >> (8 * i));

		if (type < 8 && type != 2 && type != 3)
			continue;
		reason = refuse(scene, FAULT_MSR_RESERVED);
		reason->bits = (uint64_t)type << (8 * i);
		fault_say(reason, "Entry %u of IA32_PAT gets 0x%02x, which is no memory type.", i,
			type);
		return;
	}
}

/* Base registers that hold linear addresses. */
static const char *address_msr(uint32_t msr)
{
	switch (msr) {
	case MSR_LSTAR:
		return "LSTAR";
	case MSR_CSTAR:
		return "CSTAR";
	case MSR_FS_BASE:
		return "FS.base";
	case MSR_GS_BASE:
		return "GS.base";
	case MSR_KERNEL_GS_BASE:
		return "KERNEL_GS_BASE";
	case MSR_SYSENTER_ESP:
		return "SYSENTER_ESP";
	case MSR_SYSENTER_EIP:
		return "SYSENTER_EIP";
	default:
		return NULL;
	}
}

/* FMASK takes 32 bits; the upper ones are reserved: SDM vol. 4, table 2-2. */
static void check_sfmask(struct fault_scene *scene, uint64_t value)
{
	struct fault_reason *reason;

	if (!(value >> 32))
		return;
	reason = refuse(scene, FAULT_MSR_RESERVED);
	reason->bits = value >> 32 << 32;
	fault_say(reason, "FMASK gets 0x%llx with bits 63:32 set.", (unsigned long long)value);
	/* AMD ignores them. */
	reason->certain = !scene->cpu->facts.amd;
}

static void check_other(struct fault_scene *scene, uint32_t msr)
{
	struct fault_reason *reason;

	if (msr == MSR_TSC || msr == MSR_STAR || msr == MSR_SYSENTER_CS)
		return;
	reason = refuse(scene, FAULT_MSR_UNKNOWN);
	reason->certain = false;
	fault_say(reason,
		"The CPU, or the hypervisor, may not have MSR 0x%x, or not take this value.", msr);
}

/* XCR0 is the only one there is for certain, and its bit 0 is always set: SDM vol. 2, "XSETBV". */
static void check_xsetbv(struct fault_scene *scene, uint32_t number, uint64_t value)
{
	if (number)
		fault_say(refuse(scene, FAULT_MSR_UNKNOWN),
			"xsetbv writes XCR%u, which does not exist.", number);
	else if (!(value & 1))
		fault_say(refuse(scene, FAULT_MSR_RESERVED), "xsetbv clears bit 0 of XCR0.");
}

void fault_check_msr(struct fault_scene *scene)
{
	const uint64_t *gpr = scene->cpu->gpr;
	uint32_t msr = (uint32_t)gpr[GPR_RCX];
	uint64_t value = (gpr[GPR_RDX] << 32) | (uint32_t)gpr[GPR_RAX];

	if (scene->insn->op == INSN_RDMSR && msr != MSR_EFER && !address_msr(msr) &&
		msr != MSR_PAT && msr != MSR_SFMASK && msr != MSR_APIC_BASE)
		check_other(scene, msr);
	if (scene->insn->op == INSN_XSETBV)
		check_xsetbv(scene, msr, value);
	if (scene->insn->op == INSN_FSGSBASE && scene->insn->mnemonic[0] == 'w' &&
		scene->insn->gpr_bytes == 8)
		check_canonical(scene, insn_gpr_value(scene->insn, scene->cpu),
			scene->insn->mnemonic[2] == 'f' ? "FS.base" : "GS.base");
	if (scene->insn->op != INSN_WRMSR)
		return;
	if (address_msr(msr))
		check_canonical(scene, value, address_msr(msr));
	else if (msr == MSR_EFER)
		check_efer(scene, value);
	else if (msr == MSR_PAT)
		check_pat(scene, value);
	else if (msr == MSR_SFMASK)
		check_sfmask(scene, value);
	else
		check_other(scene, msr);
}
