/* SPDX-License-Identifier: MIT */
/*
 * fault_transfer.c: where control may not go: targets of branches, frames of iret and far return,
 * gates of int n. Follows SDM vol. 2, "CALL", "JMP", "RET", "IRET/IRETD/IRETQ", "INT
 * n/INTO/INT3/INT1", "SYSRET". Not modelled: call gates, task switches, returns to virtual-8086
 * mode.
 */
#include "exception.h"
#include "fault_rules.h"
#include "linear.h"

static void check_offset(
	struct fault_scene *scene, uint64_t target, bool wide, uint32_t limit, const char *what)
{
	struct fault_reason *reason;

	if (wide ? linear_canonical(scene->cpu, target) : target <= limit)
		return;
	reason = fault_add_error(
		scene, wide ? FAULT_TARGET_NON_CANONICAL : FAULT_TARGET_LIMIT, VEC_GP, 0);
	reason->address = target;
	reason->has_address = true;
	reason->segment = SEG_CS;
	if (wide)
		fault_say(reason, "%s goes to 0x%llx, which is not a canonical address.", what,
			(unsigned long long)target);
	else
		fault_say(reason, "%s goes to offset 0x%llx, beyond the code segment's limit 0x%x.",
			what, (unsigned long long)target, limit);
}

static bool near_target(const struct fault_scene *scene, uint64_t *target)
{
	const struct insn *insn = scene->insn;

	if (insn->flags & INSN_TARGET)
		*target = insn->target;
	else if (insn->target_mem < 0 ||
		 !fault_read_operand(scene, (unsigned)insn->target_mem, target))
		return false;
	if (insn->operand_bits == 16)
		*target &= 0xffff;
	else if (insn->bits != 64)
		*target &= 0xffffffff;
	return true;
}

/* A conditional jump need not be taken. */
static void check_near(struct fault_scene *scene)
{
	const struct insn *insn = scene->insn;
	unsigned before = scene->out->count;
	uint64_t target;

	if (!near_target(scene, &target))
		return;
	check_offset(
		scene, target, insn->bits == 64, scene->cpu->seg[SEG_CS].limit, insn->mnemonic);
	if (scene->out->count > before && insn->op == INSN_JUMP && insn->mnemonic[1] != 'm')
		scene->out->reasons[before].certain = false;
}

/* Reads slot i of a frame at the stack pointer, each slot as wide as the operand size. */
static bool read_slot(const struct fault_scene *scene, unsigned i, uint64_t *value)
{
	const struct insn *insn = scene->insn;
	unsigned width = insn->operand_bits / 8u;

	*value = 0;
	return insn->mem_count && width <= 8 &&
	       fault_read(scene, insn->mem[0].linear + (uint64_t)i * width, value, width);
}

/* The offset that a far transfer goes to, judged by the code segment that it loads. */
static void check_far_offset(struct fault_scene *scene, uint16_t selector, uint64_t offset)
{
	struct desc_lookup found = desc_lookup(scene->mem, scene->cpu, selector);

	if (found.status != DESC_OK)
		return;
	check_offset(scene, offset, cpu_long_mode(scene->cpu) && found.desc.l, found.desc.limit,
		scene->insn->mnemonic);
}

static bool is_gate_or_task(const struct fault_scene *scene, uint16_t selector)
{
	struct desc_lookup found = desc_lookup(scene->mem, scene->cpu, selector);

	if (found.status != DESC_OK || found.desc.s)
		return false;
	switch (found.desc.type) {
	case DESC_TSS16_AVAIL:
	case DESC_CALL16:
	case DESC_TASK_GATE:
	case DESC_TSS_AVAIL:
	case DESC_CALL:
		return true;
	default:
		return false;
	}
}

static void check_far_jump(struct fault_scene *scene)
{
	const struct insn *insn = scene->insn;
	uint16_t selector = insn->far_selector;
	uint64_t offset = insn->target;
	uint8_t bytes[10] = {0};
	unsigned width = insn->operand_bits / 8u;

	if (!(insn->flags & INSN_TARGET)) {
		if (insn->target_mem < 0 || width > 8 ||
			!fault_read(scene, insn->mem[insn->target_mem].linear, bytes, width + 2))
			return;
		offset = 0;
		for (unsigned i = width; i-- > 0;)
			offset = offset << 8 | bytes[i];
		selector = (uint16_t)(bytes[width] | bytes[width + 1] << 8);
	}
	/* The checks of gates and tasks are not modelled. */
	if (!selector_is_null(selector) && is_gate_or_task(scene, selector))
		return;
	if (fault_check_selector(scene, selector, USE_JUMP, SEG_CS, scene->cpl))
		check_far_offset(scene, selector, offset);
}

/* Returning to a numerically lower CPL is refused before the descriptor is looked at. */
static bool check_return_cs(struct fault_scene *scene, uint16_t cs)
{
	struct fault_reason *reason;

	if (!selector_is_null(cs) && selector_rpl(cs) < scene->cpl) {
		reason = fault_add_error(
			scene, FAULT_SELECTOR_PRIVILEGE, VEC_GP, selector_error(cs, false));
		reason->selector = cs;
		reason->has_selector = true;
		reason->segment = SEG_CS;
		fault_say(reason, "%s would return to CS 0x%x with RPL %u from CPL %u.",
			scene->insn->mnemonic, cs, selector_rpl(cs), scene->cpl);
		return false;
	}
	return fault_check_selector(scene, cs, USE_RETURN, SEG_CS, selector_rpl(cs));
}

/* A null SS goes only with 64-bit code below CPL 3: SDM vol. 2, "IRET",
 * RETURN-TO-OUTER-PRIVILEGE-LEVEL. */
static void check_return_ss(struct fault_scene *scene, uint16_t cs, uint16_t ss)
{
	struct desc_lookup found = desc_lookup(scene->mem, scene->cpu, cs);
	struct fault_reason *reason;
	unsigned level = selector_rpl(cs);
	bool code64 = found.status == DESC_OK && cpu_long_mode(scene->cpu) && found.desc.l;

	if (!selector_is_null(ss)) {
		fault_check_selector(scene, ss, USE_STACK, SEG_SS, level);
		return;
	}
	if (code64 && level < 3 && selector_rpl(ss) == level)
		return;
	reason = fault_add_error(scene, FAULT_SELECTOR_NULL, VEC_GP, 0);
	reason->selector = ss;
	reason->has_selector = true;
	reason->segment = SEG_SS;
	fault_say(reason, "%s gets the null selector 0x%x for SS, which %s.", scene->insn->mnemonic,
		ss, level == 3 ? "CPL 3 does not allow" : "only 64-bit code may have");
}

static void check_frame(struct fault_scene *scene, unsigned ss_slot, bool always_ss)
{
	uint64_t rip, cs, ss;

	if (!read_slot(scene, 0, &rip) || !read_slot(scene, 1, &cs))
		return;
	if (!check_return_cs(scene, (uint16_t)cs))
		return;
	if (always_ss || selector_rpl((uint16_t)cs) > scene->cpl) {
		if (!read_slot(scene, ss_slot, &ss))
			return;
		check_return_ss(scene, (uint16_t)cs, (uint16_t)ss);
	}
	check_far_offset(scene, (uint16_t)cs, rip);
}

static void check_iret(struct fault_scene *scene)
{
	const struct cpu_state *cpu = scene->cpu;
	struct fault_reason *reason;
	uint64_t flags;

	if (cpu->rflags & RFLAGS_NT) {
		if (!cpu_long_mode(cpu)) {
			scene->out->complete = false;
			return;
		}
		reason = fault_add_error(scene, FAULT_IRET_NESTED, VEC_GP, 0);
		reason->bit = "RFLAGS.NT";
		fault_say(reason, "%s is used in long mode while RFLAGS.NT is 1.",
			scene->insn->mnemonic);
		return;
	}
	if (!cpu_long_mode(cpu) && scene->cpl == 0 && scene->insn->operand_bits == 32 &&
		read_slot(scene, 2, &flags) && (flags & RFLAGS_VM)) {
		scene->out->complete = false;
		return;
	}
	check_frame(scene, 4, scene->insn->bits == 64);
}

/* A far return to an outer level finds SS behind the parameters that it drops. */
static void check_far_return(struct fault_scene *scene)
{
	const struct insn *insn = scene->insn;
	unsigned width = insn->operand_bits / 8u;

	if (insn->has_imm && (!width || insn->imm % width)) {
		scene->out->complete = false;
		return;
	}
	check_frame(scene, insn->has_imm ? 3 + (unsigned)insn->imm / width : 3, false);
}

static const char *gate_trouble(const struct fault_scene *scene, const struct gate_lookup *found)
{
	if (found->status == GATE_BEYOND_LIMIT)
		return "is beyond the IDT's limit";
	if (found->gate.kind == GATE_INVALID)
		return "is no gate";
	if (found->gate.kind != GATE_VECTOR && found->gate.dpl < scene->cpl)
		return "has a DPL below the CPL";
	return NULL;
}

/* Only what stops the instruction itself; what the gate then leads to is the delivery's affair. */
static void check_gate(struct fault_scene *scene, uint8_t vector)
{
	struct gate_lookup found = gate_lookup(scene->mem, scene->cpu, vector);
	const char *trouble;
	struct fault_reason *reason;

	if (found.status == GATE_UNREADABLE) {
		scene->out->complete = false;
		return;
	}
	trouble = gate_trouble(scene, &found);
	if (trouble) {
		reason = fault_add_error(scene, FAULT_GATE, VEC_GP, idt_error(vector, false));
		fault_say(reason, "%s uses IDT entry %u, which %s.", scene->insn->mnemonic, vector,
			trouble);
	} else if (found.gate.kind != GATE_VECTOR && !found.gate.present) {
		reason = fault_add_error(scene, FAULT_GATE, VEC_NP, idt_error(vector, false));
		fault_say(reason, "%s uses IDT entry %u, which is not present.",
			scene->insn->mnemonic, vector);
	}
}

static void check_software_interrupt(struct fault_scene *scene)
{
	const struct insn *insn = scene->insn;

	/* In virtual-8086 mode IOPL and the redirection bitmap decide first. */
	if (scene->cpu->rflags & RFLAGS_VM)
		return;
	if (insn->op == INSN_INT)
		check_gate(scene, (uint8_t)insn->imm);
	else if (insn->op == INSN_INT3)
		check_gate(scene, VEC_BP);
	else if (insn->op == INSN_INTO && (scene->cpu->rflags & RFLAGS_OF))
		check_gate(scene, VEC_OF);
}

/* Intel CPUs check the target of sysret before they leave CPL 0. */
static void check_sysret(struct fault_scene *scene)
{
	if (!scene->cpu->facts.amd && scene->insn->operand_bits == 64)
		check_offset(scene, scene->cpu->gpr[GPR_RCX], true, 0, scene->insn->mnemonic);
}

void fault_check_transfers(struct fault_scene *scene)
{
	switch (scene->insn->op) {
	case INSN_CALL:
	case INSN_JUMP:
	case INSN_RET:
		check_near(scene);
		break;
	case INSN_SYSRET:
		check_sysret(scene);
		break;
	case INSN_INT:
	case INSN_INT3:
	case INSN_INTO:
		check_software_interrupt(scene);
		break;
	default:
		break;
	}
	if (!fault_protected_mode(scene->cpu))
		return;
	if (scene->insn->op == INSN_CALL_FAR || scene->insn->op == INSN_JUMP_FAR)
		check_far_jump(scene);
	else if (scene->insn->op == INSN_RET_FAR)
		check_far_return(scene);
	else if (scene->insn->op == INSN_IRET)
		check_iret(scene);
}
