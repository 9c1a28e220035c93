/* SPDX-License-Identifier: MIT */
/*
 * fault_control.c: values that control and debug registers do not take: SDM vol. 2, "MOV—Move
 * to/from Control Registers" and "MOV—Move to/from Debug Registers", vol. 3, 2.5 "Control
 * Registers", 4.1.2 "Paging-Mode Enabling" and 4.4.1 "PDPTE Registers". Not modelled: VMX
 * operation, control-flow enforcement.
 */
#include "fault_rules.h"
#include "linear.h"

#define LOW_32 0xffffffffull

static struct fault_reason *refuse(struct fault_scene *scene, enum fault_why why, const char *bit)
{
	struct fault_reason *reason = fault_add_error(scene, why, VEC_GP, 0);

	reason->bit = bit;
	reason->reg = (int8_t)scene->insn->gpr;
	return reason;
}

static void refuse_bits(struct fault_scene *scene, uint64_t bits, const char *what)
{
	struct fault_reason *reason;

	if (!bits)
		return;
	reason = refuse(scene, FAULT_CONTROL_RESERVED, NULL);
	reason->bits = bits;
	fault_say(reason, "The value for %s has bits set that are reserved: 0x%llx.", what,
		(unsigned long long)bits);
}

static uint64_t above_maxphyaddr(const struct cpu_state *cpu)
{
	unsigned width = cpu->facts.maxphyaddr;

	if (width < 32 || width > 52)
		width = 52;
	return ~((1ull << width) - 1);
}

/* PAE paging without long mode reads four PDPTEs whenever it is switched on or CR3 changes: SDM
 * vol. 3, 4.4.1. */
static void check_pdptes(struct fault_scene *scene, uint64_t cr3)
{
	const uint64_t reserved = above_maxphyaddr(scene->cpu) | 0x1e6;
	struct fault_reason *reason;
	uint64_t entry;

	for (unsigned i = 0; i < 4; i++) {
		if (!phys_read(scene->mem, (cr3 & 0xffffffe0) + 8 * i, &entry, 8)) {
			scene->out->complete = false;
			return;
		}
		if (!(entry & PTE_P) || !(entry & reserved))
			continue;
		reason = refuse(scene, FAULT_PDPTE_RESERVED, NULL);
		reason->bits = entry & reserved;
		fault_say(reason, "PDPTE %u at 0x%llx is 0x%llx, with reserved bits 0x%llx set.", i,
			(unsigned long long)(cr3 & 0xffffffe0) + 8 * i, (unsigned long long)entry,
			(unsigned long long)reason->bits);
		return;
	}
}

static void check_paging_on(struct fault_scene *scene)
{
	const struct cpu_state *cpu = scene->cpu;

	if (!(cpu->efer & EFER_LME)) {
		if (cpu->cr4 & CR4_PAE)
			check_pdptes(scene, cpu->cr3);
		return;
	}
	if (!(cpu->cr4 & CR4_PAE))
		fault_say(refuse(scene, FAULT_PG_WITHOUT_PAE, "CR4.PAE"),
			"CR0.PG is set with EFER.LME = 1 and CR4.PAE = 0: long mode needs PAE.");
	else if (cpu->seg[SEG_CS].l)
		fault_say(refuse(scene, FAULT_CONTROL_COMBINATION, "CS.L"),
			"CR0.PG is set to enter long mode while CS.L is 1.");
}

static void check_cr0(struct fault_scene *scene, uint64_t value)
{
	const struct cpu_state *cpu = scene->cpu;

	refuse_bits(scene, value & ~LOW_32, "CR0");
	if ((value & CR0_PG) && !(value & CR0_PE))
		fault_say(refuse(scene, FAULT_CONTROL_COMBINATION, "CR0.PE"),
			"CR0.PG is set without CR0.PE.");
	if ((value & CR0_NW) && !(value & CR0_CD))
		fault_say(refuse(scene, FAULT_CONTROL_COMBINATION, "CR0.NW"),
			"CR0.NW is set without CR0.CD.");
	if ((value & CR0_PG) && !(cpu->cr0 & CR0_PG))
		check_paging_on(scene);
	if (value & CR0_PG || !(cpu->cr0 & CR0_PG))
		return;
	if (scene->insn->bits == 64)
		fault_say(refuse(scene, FAULT_CONTROL_COMBINATION, "CR0.PG"),
			"CR0.PG is cleared in 64-bit mode.");
	else if (cpu->cr4 & CR4_PCIDE)
		fault_say(refuse(scene, FAULT_CONTROL_COMBINATION, "CR4.PCIDE"),
			"CR0.PG is cleared while CR4.PCIDE is 1.");
}

static void check_cr3(struct fault_scene *scene, uint64_t value)
{
	const struct cpu_state *cpu = scene->cpu;
	uint64_t reserved = above_maxphyaddr(cpu);

	if (cpu_long_mode(cpu)) {
		if (cpu->cr4 & CR4_PCIDE)
			reserved &= ~(1ull << 63);
		/* Bits 61 and 62 switch linear-address masking on CPUs that have it. */
		reserved &= ~(3ull << 61);
		refuse_bits(scene, value & reserved, "CR3");
	} else if ((cpu->cr0 & CR0_PG) && (cpu->cr4 & CR4_PAE)) {
		check_pdptes(scene, value);
	}
}

static void check_cr4_long_mode(struct fault_scene *scene, uint64_t value)
{
	const struct cpu_state *cpu = scene->cpu;

	if (!cpu_long_mode(cpu))
		return;
	if (!(value & CR4_PAE))
		fault_say(refuse(scene, FAULT_CONTROL_COMBINATION, "CR4.PAE"),
			"CR4.PAE is cleared in long mode.");
	if ((value ^ cpu->cr4) & CR4_LA57)
		fault_say(refuse(scene, FAULT_CONTROL_COMBINATION, "CR4.LA57"),
			"CR4.LA57 is changed in long mode.");
}

static void check_cr4(struct fault_scene *scene, uint64_t value)
{
	const struct cpu_state *cpu = scene->cpu;
	const uint64_t translation = CR4_PAE | CR4_PSE | CR4_PGE | CR4_SMEP;

	refuse_bits(scene, value & (cpu->facts.cr4_reserved | ~LOW_32), "CR4");
	check_cr4_long_mode(scene, value);
	if ((value & CR4_PCIDE) && !(cpu->cr4 & CR4_PCIDE)) {
		if (!cpu_long_mode(cpu))
			fault_say(refuse(scene, FAULT_CONTROL_COMBINATION, "CR4.PCIDE"),
				"CR4.PCIDE is set outside long mode.");
		else if (cpu->cr3 & 0xfff)
			fault_say(refuse(scene, FAULT_CONTROL_COMBINATION, "CR4.PCIDE"),
				"CR4.PCIDE is set while bits 11:0 of CR3 are 0x%llx, not 0.",
				(unsigned long long)(cpu->cr3 & 0xfff));
	}
	if (!cpu_long_mode(cpu) && (cpu->cr0 & CR0_PG) && (value & CR4_PAE) &&
		((value ^ cpu->cr4) & translation))
		check_pdptes(scene, cpu->cr3);
}

static void check_debug_register(struct fault_scene *scene, uint64_t value)
{
	unsigned number = scene->insn->system_reg;
	struct fault_reason *reason;

	if (scene->cpu->dr[7] & (1u << 13)) {
		reason = fault_add(scene, FAULT_DEBUG, VEC_DB);
		reason->bit = "DR7.GD";
		fault_say(reason, "A debug register is accessed while DR7.GD is 1.");
	}
	if (scene->insn->bits != 64 || scene->insn->op != INSN_WRITE_DR)
		return;
	if (number == 6 || number == 7)
		refuse_bits(scene, value & ~LOW_32, number == 6 ? "DR6" : "DR7");
}

/* The base that lgdt and lidt read, in 64-bit mode: SDM vol. 2, "LGDT/LIDT". */
static void check_table(struct fault_scene *scene)
{
	struct fault_reason *reason;
	uint64_t base;

	if (scene->insn->bits != 64 || !scene->insn->mem_count ||
		!fault_read(scene, scene->insn->mem[0].linear + 2, &base, 8) ||
		linear_canonical(scene->cpu, base))
		return;
	reason = fault_add_error(scene, FAULT_TABLE_NON_CANONICAL, VEC_GP, 0);
	reason->address = base;
	reason->has_address = true;
	fault_say(reason, "%s reads the base 0x%llx, which is not a canonical address.",
		scene->insn->mnemonic, (unsigned long long)base);
}

void fault_check_control(struct fault_scene *scene)
{
	const struct insn *insn = scene->insn;
	uint64_t value = insn_gpr_value(insn, scene->cpu);

	if (insn->op == INSN_WRITE_DR || insn->op == INSN_READ_DR)
		check_debug_register(scene, value);
	if (insn->op == INSN_LGDT || insn->op == INSN_LIDT)
		check_table(scene);
	if (insn->op != INSN_WRITE_CR)
		return;
	if (insn->system_reg == 0)
		check_cr0(scene, value);
	else if (insn->system_reg == 3)
		check_cr3(scene, value);
	else if (insn->system_reg == 4)
		check_cr4(scene, value);
	else if (insn->system_reg == 8)
		refuse_bits(scene, value & ~0xfull, "CR8");
}
