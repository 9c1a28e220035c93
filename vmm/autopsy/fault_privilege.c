/* SPDX-License-Identifier: MIT */
/*
 * fault_privilege.c: instructions that the current privilege level may not use: SDM vol. 3, 5.9
 * "Privileged Instructions", vol. 1, 18.5 "Protected-Mode I/O" with the I/O permission bitmap. Not
 * modelled: virtual interrupts (CR4.VME and CR4.PVI), where a refusal is marked as uncertain.
 */
#include "fault_rules.h"
#include "linear.h"

#define TSS_IOMAP_BASE 0x66 /* in 32-bit and 64-bit TSS alike: SDM vol. 3, figures 8-2 and 8-11 */

static struct fault_reason *refuse(struct fault_scene *scene, enum fault_why why, const char *bit)
{
	struct fault_reason *reason = fault_add_error(scene, why, VEC_GP, 0);

	reason->bit = bit;
	return reason;
}

static uint16_t port_of(const struct fault_scene *scene)
{
	if (scene->insn->has_imm)
		return (uint16_t)(scene->insn->imm & 0xff);
	return (uint16_t)scene->cpu->gpr[GPR_RDX];
}

static unsigned port_width(const struct insn *insn)
{
	for (unsigned i = 0; i < insn->mem_count; i++)
		if (insn->mem[i].kind == INSN_MEM_STRING)
			return insn->mem[i].size;
	return insn->operand_bits >= 32 ? 4 : insn->operand_bits / 8u;
}

/* True when the bitmap of the TSS grants all ports of the access. Unreadable memory grants nothing,
 * uncertainly. */
static bool bitmap_grants(struct fault_scene *scene, uint16_t port, unsigned width, bool *certain)
{
	const struct cpu_segment *tr = &scene->cpu->tr;
	uint16_t base, bits;
	uint32_t at;

	*certain = true;
	if (tr->limit < TSS_IOMAP_BASE + 1)
		return false;
	if (linear_read(
		    scene->mem, scene->cpu, tr->base + TSS_IOMAP_BASE, &base, 2, linear_system_read)
			.status != LINEAR_OK) {
		*certain = false;
		return false;
	}
	at = base + port / 8u;
	if (at + 1 > tr->limit)
		return false;
	if (linear_read(scene->mem, scene->cpu, tr->base + at, &bits, 2, linear_system_read)
			.status != LINEAR_OK) {
		*certain = false;
		return false;
	}
	return !((bits >> (port & 7)) & ((1u << width) - 1));
}

static void check_port(struct fault_scene *scene)
{
	unsigned iopl = scene->cpu->rflags >> 12 & 3;
	uint16_t port = port_of(scene);
	struct fault_reason *reason;
	bool certain;

	if (fault_protected_mode(scene->cpu) && scene->cpl <= iopl)
		return;
	if (bitmap_grants(scene, port, port_width(scene->insn), &certain))
		return;
	reason = refuse(scene, FAULT_IO_BITMAP, NULL);
	reason->certain = certain;
	fault_say(reason,
		"%s uses port 0x%x at CPL %u; IOPL is %u and the TSS's I/O bitmap does not allow "
		"it.",
		scene->insn->mnemonic, port, scene->cpl, iopl);
}

static void check_iopl(struct fault_scene *scene)
{
	unsigned iopl = scene->cpu->rflags >> 12 & 3;
	struct fault_reason *reason;

	if (scene->insn->op == INSN_PORT) {
		check_port(scene);
		return;
	}
	if (scene->cpl <= iopl)
		return;
	reason = refuse(scene, FAULT_IOPL, "RFLAGS.IOPL");
	reason->certain = !(scene->cpu->cr4 & (CR4_PVI | CR4_VME));
	fault_say(reason, "%s needs CPL <= IOPL; CPL is %u, IOPL is %u.", scene->insn->mnemonic,
		scene->cpl, iopl);
}

static void check_counter(struct fault_scene *scene)
{
	const struct insn *insn = scene->insn;

	if (insn->op == INSN_RDTSC && (scene->cpu->cr4 & CR4_TSD))
		fault_say(refuse(scene, FAULT_COUNTER_OFF, "CR4.TSD"),
			"%s is used at CPL %u and CR4.TSD is 1.", insn->mnemonic, scene->cpl);
	if (insn->op == INSN_RDPMC && !(scene->cpu->cr4 & CR4_PCE))
		fault_say(refuse(scene, FAULT_COUNTER_OFF, "CR4.PCE"),
			"%s is used at CPL %u and CR4.PCE is 0.", insn->mnemonic, scene->cpl);
	if (insn->op == INSN_STORE_TABLE && (scene->cpu->cr4 & CR4_UMIP))
		fault_say(refuse(scene, FAULT_UMIP, "CR4.UMIP"),
			"%s is used at CPL %u and CR4.UMIP is 1.", insn->mnemonic, scene->cpl);
}

/* What virtual-8086 mode leaves to IOPL 3: SDM vol. 3, 21.2.7 "Sensitive Instructions". */
static bool check_virtual_8086(struct fault_scene *scene)
{
	enum insn_op op = scene->insn->op;
	struct fault_reason *reason;

	if (!(scene->cpu->rflags & RFLAGS_VM) || (scene->cpu->rflags & RFLAGS_IOPL) == RFLAGS_IOPL)
		return false;
	if (op != INSN_PUSHF && op != INSN_POPF && op != INSN_INT && op != INSN_IRET)
		return false;
	reason = refuse(scene, FAULT_IOPL, "RFLAGS.IOPL");
	reason->certain = !(scene->cpu->cr4 & CR4_VME);
	fault_say(reason, "%s needs IOPL 3 in virtual-8086 mode.", scene->insn->mnemonic);
	return true;
}

void fault_check_privilege(struct fault_scene *scene)
{
	if (!(scene->cpu->cr0 & CR0_PE) || scene->cpl == 0)
		return;
	if (check_virtual_8086(scene))
		return;
	if (scene->insn->flags & INSN_PRIVILEGED)
		fault_say(refuse(scene, FAULT_PRIVILEGED, NULL),
			"%s is a privileged instruction and CPL is %u.", scene->insn->mnemonic,
			scene->cpl);
	else if (scene->insn->flags & INSN_IOPL)
		check_iopl(scene);
	else
		check_counter(scene);
}
