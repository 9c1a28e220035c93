/* SPDX-License-Identifier: MIT */
/*
 * fault_units.c: instructions whose unit is switched off, absent, or used in the wrong place: #UD
 * and #NM. Follows SDM vol. 3, 2.5 "Control Registers", tables 2-2, 12-1 and 13-1, and vol. 2, 2.4.
 */
#include "fault_rules.h"

#include <string.h>

static struct fault_reason *undefined(
	struct fault_scene *scene, enum fault_why why, const char *bit)
{
	struct fault_reason *reason = fault_add(scene, why, VEC_UD);

	reason->bit = bit;
	return reason;
}

static void check_sse(struct fault_scene *scene)
{
	const char *name = scene->insn->mnemonic;

	if (scene->cpu->cr0 & CR0_EM)
		fault_say(undefined(scene, FAULT_UNIT_EMULATED, "CR0.EM"),
			"%s is an SSE instruction and CR0.EM is 1.", name);
	if (!(scene->cpu->cr4 & CR4_OSFXSR))
		fault_say(undefined(scene, FAULT_SSE_NO_OSFXSR, "CR4.OSFXSR"),
			"%s is an SSE instruction and CR4.OSFXSR is 0.", name);
}

static void check_avx(struct fault_scene *scene)
{
	if (!fault_protected_mode(scene->cpu))
		fault_say(undefined(scene, FAULT_WRONG_PLACE, NULL),
			"%s does not exist in real mode.", scene->insn->mnemonic);
	if (!(scene->cpu->cr4 & CR4_OSXSAVE))
		fault_say(undefined(scene, FAULT_NO_OSXSAVE, "CR4.OSXSAVE"),
			"%s is an AVX instruction and CR4.OSXSAVE is 0.", scene->insn->mnemonic);
}

static void check_mmx(struct fault_scene *scene)
{
	if (scene->cpu->cr0 & CR0_EM)
		fault_say(undefined(scene, FAULT_UNIT_EMULATED, "CR0.EM"),
			"%s is an MMX instruction and CR0.EM is 1.", scene->insn->mnemonic);
}

/* Device not available: SDM vol. 3, 6.15 "Interrupt 7—Device Not Available Exception (#NM)". */
static void check_not_available(struct fault_scene *scene)
{
	const struct insn *insn = scene->insn;
	uint64_t cr0 = scene->cpu->cr0;
	bool unit = (insn->flags & (INSN_X87 | INSN_MMX | INSN_SSE | INSN_AVX)) ||
	            insn->op == INSN_FXSAVE || insn->op == INSN_XSAVE;
	bool wait = insn->op == INSN_FWAIT;
	struct fault_reason *reason;

	if (!unit)
		return;
	if ((cr0 & CR0_EM) && !wait && ((insn->flags & INSN_X87) || insn->op == INSN_FXSAVE)) {
		reason = fault_add(scene, FAULT_UNIT_EMULATED, VEC_NM);
		reason->bit = "CR0.EM";
		fault_say(reason, "%s uses the x87 unit and CR0.EM is 1.", insn->mnemonic);
	}
	if ((cr0 & CR0_TS) && (!wait || (cr0 & CR0_MP))) {
		reason = fault_add(scene, FAULT_UNIT_SWITCHED, VEC_NM);
		reason->bit = "CR0.TS";
		fault_say(reason, "%s uses the FPU or vector registers and CR0.TS is 1.",
			insn->mnemonic);
	}
}

/* The CPU may have what CPUID hides: likely, but not certain. */
static void check_feature(struct fault_scene *scene)
{
	const struct insn *insn = scene->insn;
	struct fault_reason *reason;

	if (insn_feature_present(insn->feature, &scene->cpu->facts))
		return;
	reason = undefined(scene, FAULT_NOT_IN_CPUID, insn_feature_name(insn->feature));
	reason->certain = false;
	fault_say(reason, "%s needs %s, which CPUID does not offer.", insn->mnemonic, reason->bit);
}

static void check_syscall(struct fault_scene *scene)
{
	const struct cpu_state *cpu = scene->cpu;

	if (!(cpu->efer & EFER_SCE))
		fault_say(undefined(scene, FAULT_SYSCALL_OFF, "EFER.SCE"),
			"%s is used and EFER.SCE is 0.", scene->insn->mnemonic);
	else if (!cpu->facts.amd && scene->insn->bits != 64)
		fault_say(undefined(scene, FAULT_WRONG_PLACE, NULL),
			"%s exists only in 64-bit mode on this CPU.", scene->insn->mnemonic);
}

/* SDM vol. 2, "SYSENTER—Fast System Call"; AMD has none in long mode. */
static void check_sysenter(struct fault_scene *scene)
{
	const struct cpu_state *cpu = scene->cpu;

	if (cpu->facts.amd && cpu_long_mode(cpu))
		fault_say(undefined(scene, FAULT_WRONG_PLACE, NULL),
			"sysenter does not exist in long mode on this CPU.");
	else if (!(cpu->cr0 & CR0_PE))
		fault_say(fault_add_error(scene, FAULT_WRONG_PLACE, VEC_GP, 0),
			"sysenter is used in real mode.");
	else if (!(cpu->sysenter_cs & 0xfffc))
		fault_say(fault_add_error(scene, FAULT_SELECTOR_NULL, VEC_GP, 0),
			"sysenter is used and the SYSENTER_CS register is null.");
}

static void check_debug_register(struct fault_scene *scene)
{
	unsigned number = scene->insn->system_reg;

	if ((number == 4 || number == 5) && (scene->cpu->cr4 & CR4_DE))
		fault_say(undefined(scene, FAULT_WRONG_PLACE, "CR4.DE"),
			"DR%u does not exist while CR4.DE is 1.", number);
}

static void check_virtual(struct fault_scene *scene)
{
	const char *name = scene->insn->mnemonic;
	bool vmx = name[0] == 'v' && strcmp(name, "vmrun") && strcmp(name, "vmload") &&
	           strcmp(name, "vmsave");
	struct fault_reason *reason;

	if (vmx && !(scene->cpu->cr4 & CR4_VMXE)) {
		fault_say(undefined(scene, FAULT_WRONG_PLACE, "CR4.VMXE"),
			"%s is used and CR4.VMXE is 0.", name);
		return;
	}
	reason = undefined(scene, FAULT_WRONG_PLACE, NULL);
	reason->certain = false;
	fault_say(reason, "%s needs virtualisation that this guest may not have.", name);
}

static void check_op(struct fault_scene *scene)
{
	switch (scene->insn->op) {
	case INSN_UD:
		fault_say(undefined(scene, FAULT_UD_INSN, NULL), "%s raises #UD always.",
			scene->insn->mnemonic);
		break;
	case INSN_SYSCALL:
	case INSN_SYSRET:
		check_syscall(scene);
		break;
	case INSN_SYSENTER:
		check_sysenter(scene);
		break;
	case INSN_READ_DR:
	case INSN_WRITE_DR:
		check_debug_register(scene);
		break;
	case INSN_XGETBV:
	case INSN_XSETBV:
	case INSN_XSAVE:
		if (!(scene->cpu->cr4 & CR4_OSXSAVE))
			fault_say(undefined(scene, FAULT_NO_OSXSAVE, "CR4.OSXSAVE"),
				"%s is used and CR4.OSXSAVE is 0.", scene->insn->mnemonic);
		break;
	case INSN_FSGSBASE:
		if (!(scene->cpu->cr4 & CR4_FSGSBASE))
			fault_say(undefined(scene, FAULT_FSGSBASE_OFF, "CR4.FSGSBASE"),
				"%s is used and CR4.FSGSBASE is 0.", scene->insn->mnemonic);
		break;
	case INSN_STAC_CLAC:
		if (scene->cpl > 0)
			fault_say(undefined(scene, FAULT_WRONG_PLACE, NULL),
				"%s does not exist at CPL %u.", scene->insn->mnemonic, scene->cpl);
		break;
	case INSN_RSM:
		fault_say(undefined(scene, FAULT_WRONG_PLACE, NULL),
			"rsm exists only in system management mode.");
		break;
	case INSN_VIRTUAL:
		check_virtual(scene);
		break;
	default:
		break;
	}
}

void fault_check_units(struct fault_scene *scene)
{
	unsigned flags = scene->insn->flags;

	check_op(scene);
	if (flags & INSN_SSE)
		check_sse(scene);
	else if (flags & INSN_AVX)
		check_avx(scene);
	else if (flags & INSN_MMX)
		check_mmx(scene);
	check_feature(scene);
	check_not_available(scene);
}
