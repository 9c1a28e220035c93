/* SPDX-License-Identifier: MIT */
/*
 * fault_segment.c: loading selectors: which descriptor a selector names and whether it may be used
 * so. Follows SDM vol. 3, 5.5 "Privilege Levels" to 5.8 "Privilege Level Checking When Transferring
 * Program Control Between Code Segments", and vol. 2, "MOV", "LTR—Load Task Register", "LLDT—Load
 * Local Descriptor Table Register".
 */
#include "exception.h"
#include "fault_rules.h"
#include "linear.h"

/* One selector being loaded. */
struct loading {
	uint16_t selector;
	enum selector_use use;
	enum x86_segment segment;
	unsigned level; /* the CPL that the segment will be used at */
	const struct desc *desc;
};

static const char *target_name(const struct loading *load)
{
	if (load->use == USE_TSS)
		return "TR";
	if (load->use == USE_LDT)
		return "LDTR";
	return insn_segment_name(load->segment);
}

static struct fault_reason *refuse(
	struct fault_scene *scene, const struct loading *load, enum fault_why why, uint8_t vector)
{
	uint32_t error = why == FAULT_SELECTOR_NULL ? 0 : selector_error(load->selector, false);
	struct fault_reason *reason = fault_add_error(scene, why, vector, error);

	reason->selector = load->selector;
	reason->has_selector = true;
	reason->segment = load->segment;
	if (load->desc) {
		reason->descriptor = *load->desc;
		reason->has_descriptor = true;
	}
	return reason;
}

/* In 64-bit mode below CPL 3 SS may be null, of that level: SDM vol. 3, 5.4.1.1. */
static bool null_allowed(const struct fault_scene *scene, const struct loading *load)
{
	if (load->use == USE_DATA || load->use == USE_LDT)
		return true;
	return load->use == USE_STACK && scene->insn->bits == 64 && load->level < 3 &&
	       selector_rpl(load->selector) == load->level;
}

static bool type_fits(const struct fault_scene *scene, const struct loading *load)
{
	const struct desc *desc = load->desc;
	bool readable_code = desc_is_code(desc) && (desc->type & 2);

	switch (load->use) {
	case USE_DATA:
		return desc->s && (!desc_is_code(desc) || readable_code);
	case USE_STACK:
		return desc_is_writable(desc);
	case USE_JUMP:
	case USE_RETURN:
		return desc_is_code(desc) && !(cpu_long_mode(scene->cpu) && desc->l && desc->db);
	case USE_TSS:
		return !desc->s &&
		       (desc->type == DESC_TSS_AVAIL ||
			       (desc->type == DESC_TSS16_AVAIL && !cpu_long_mode(scene->cpu)));
	case USE_LDT:
		return !desc->s && desc->type == DESC_LDT;
	}
	return false;
}

static const char *wanted(enum selector_use use)
{
	switch (use) {
	case USE_DATA:
		return "a data or readable code segment";
	case USE_STACK:
		return "a writable data segment";
	case USE_TSS:
		return "an available TSS";
	case USE_LDT:
		return "an LDT";
	default:
		return "a code segment";
	}
}

static bool privilege_fits(const struct loading *load)
{
	const struct desc *desc = load->desc;
	unsigned rpl = selector_rpl(load->selector);

	switch (load->use) {
	case USE_DATA:
		return desc_is_conforming(desc) || (rpl <= desc->dpl && load->level <= desc->dpl);
	case USE_STACK:
		return rpl == load->level && desc->dpl == load->level;
	case USE_JUMP:
		if (desc_is_conforming(desc))
			return desc->dpl <= load->level;
		return rpl <= load->level && desc->dpl == load->level;
	case USE_RETURN:
		return desc_is_conforming(desc) ? desc->dpl <= rpl : desc->dpl == rpl;
	default:
		return true;
	}
}

static bool check_lookup(
	struct fault_scene *scene, struct loading *load, const struct desc_lookup *found)
{
	struct fault_reason *reason;
	char why[200];

	switch (found->status) {
	case DESC_OK:
		return true;
	case DESC_BEYOND_LIMIT:
		reason = refuse(scene, load, FAULT_SELECTOR_LIMIT, VEC_GP);
		fault_say(reason, "%s gets selector 0x%x, which is beyond the %s's limit 0x%x.",
			target_name(load), load->selector,
			selector_is_ldt(load->selector) ? "LDT" : "GDT", found->limit);
		return false;
	case DESC_NO_LDT:
		reason = refuse(scene, load, FAULT_SELECTOR_LIMIT, VEC_GP);
		fault_say(reason, "%s gets selector 0x%x of the LDT, and no LDT is loaded.",
			target_name(load), load->selector);
		return false;
	default:
		break;
	}
	if (found->access.status != LINEAR_FAULT) {
		scene->out->complete = false;
		return false;
	}
	reason = fault_add_error(scene, FAULT_DESCRIPTOR_PAGE, VEC_PF, found->access.walk.error);
	reason->selector = load->selector;
	reason->has_selector = true;
	reason->address = found->access.address;
	reason->has_address = true;
	reason->walk = found->access.walk;
	reason->has_walk = true;
	fault_say(reason, "The descriptor of selector 0x%x at 0x%llx cannot be read: %s.",
		load->selector, (unsigned long long)found->address,
		walk_describe(&found->access.walk, why, sizeof(why)));
	return false;
}

static bool check_descriptor(struct fault_scene *scene, struct loading *load)
{
	const struct desc *desc = load->desc;
	struct fault_reason *reason;

	if (!type_fits(scene, load)) {
		reason = refuse(scene, load, FAULT_SELECTOR_TYPE, VEC_GP);
		fault_say(reason,
			"%s gets selector 0x%x, whose descriptor 0x%016llx is %s, not %s.",
			target_name(load), load->selector, (unsigned long long)desc->low,
			desc_kind_name(desc), wanted(load->use));
		return false;
	}
	if (!privilege_fits(load)) {
		reason = refuse(scene, load, FAULT_SELECTOR_PRIVILEGE, VEC_GP);
		fault_say(reason,
			"%s gets selector 0x%x with RPL %u and DPL %u, which does not fit CPL %u.",
			target_name(load), load->selector, selector_rpl(load->selector), desc->dpl,
			load->level);
		return false;
	}
	if (!desc->present) {
		reason = refuse(scene, load, FAULT_SELECTOR_NOT_PRESENT,
			load->use == USE_STACK ? VEC_SS : VEC_NP);
		fault_say(reason, "%s gets selector 0x%x, whose descriptor 0x%016llx has P = 0.",
			target_name(load), load->selector, (unsigned long long)desc->low);
		return false;
	}
	return true;
}

/* The upper half of a 16-byte descriptor has a type field that must be 0, and a base that must be
 * canonical. */
static bool check_wide(struct fault_scene *scene, const struct loading *load)
{
	const struct desc *desc = load->desc;
	struct fault_reason *reason;

	if (!desc->wide || (load->use != USE_TSS && load->use != USE_LDT))
		return true;
	if (!(desc->high >> 40 & 0x1f) && linear_canonical(scene->cpu, desc->base))
		return true;
	reason = refuse(scene, load, FAULT_SELECTOR_TYPE, VEC_GP);
	fault_say(reason,
		"%s gets selector 0x%x: in long mode its descriptor has 16 bytes, and the upper "
		"half "
		"0x%016llx is not one; is another descriptor there?",
		target_name(load), load->selector, (unsigned long long)desc->high);
	return false;
}

/*
 * Loading a segment sets the accessed bit, ltr the busy bit: writes to the table, whatever W says
 * of it. SDM vol. 3, 3.4.5.1 "Code- and Data-Segment Descriptor Types" and 8.2.2.
 */
static bool check_mark(
	struct fault_scene *scene, struct loading *load, const struct desc_lookup *found)
{
	const struct walk_access access = {.write = true, .implicit_supervisor = true};
	struct linear_result result;
	struct fault_reason *reason;
	char why[200];

	if (load->use == USE_LDT || (load->desc->s && (load->desc->type & 1)))
		return true;
	result = linear_check(scene->mem, scene->cpu, found->address, 8, access);
	if (result.status != LINEAR_FAULT)
		return true;
	reason = fault_add_error(scene, FAULT_DESCRIPTOR_PAGE, VEC_PF, result.walk.error);
	reason->selector = load->selector;
	reason->has_selector = true;
	reason->address = result.address;
	reason->has_address = true;
	reason->walk = result.walk;
	reason->has_walk = true;
	/* Which bytes of the descriptor are written is the CPU's affair: CR2 may be a little
	 * higher. */
	reason->certain = false;
	fault_say(reason,
		"%s gets selector 0x%x, which sets the %s bit of its descriptor at 0x%llx: %s.",
		target_name(load), load->selector, load->use == USE_TSS ? "busy" : "accessed",
		(unsigned long long)found->address, walk_describe(&result.walk, why, sizeof(why)));
	return false;
}

bool fault_check_selector(struct fault_scene *scene, uint16_t selector, enum selector_use use,
	enum x86_segment segment, unsigned level)
{
	struct loading load = {
		.selector = selector,
		.use = use,
		.segment = segment,
		.level = level,
	};
	bool system = use == USE_TSS || use == USE_LDT;
	struct desc_lookup found;
	struct fault_reason *reason;

	if (selector_is_null(selector)) {
		if (null_allowed(scene, &load))
			return true;
		reason = refuse(scene, &load, FAULT_SELECTOR_NULL, VEC_GP);
		fault_say(reason, "%s gets the null selector 0x%x.", target_name(&load), selector);
		return false;
	}
	if (system && selector_is_ldt(selector)) {
		reason = refuse(scene, &load, FAULT_SELECTOR_TYPE, VEC_GP);
		fault_say(reason, "%s gets selector 0x%x of the LDT; it must be one of the GDT.",
			target_name(&load), selector);
		return false;
	}
	found = desc_lookup(scene->mem, scene->cpu, selector);
	load.desc = NULL;
	if (!check_lookup(scene, &load, &found))
		return false;
	load.desc = &found.desc;
	return check_descriptor(scene, &load) && check_wide(scene, &load) &&
	       check_mark(scene, &load, &found);
}

/* The selector operand: a register, or memory; for lds and its kin behind the offset. */
static bool selector_operand(const struct fault_scene *scene, uint16_t *selector)
{
	const struct insn *insn = scene->insn;
	uint8_t bytes[2];

	if (!insn->mem_count) {
		*selector = (uint16_t)insn_gpr_value(insn, scene->cpu);
		return insn->has_gpr;
	}
	for (unsigned i = 0; i < insn->mem_count; i++) {
		uint64_t at = insn->mem[i].linear;

		if (!insn->mem[i].read)
			continue;
		if (insn->has_gpr && insn->op == INSN_LOAD_SEGMENT)
			at += insn->operand_bits / 8u;
		if (!fault_read(scene, at, bytes, 2))
			return false;
		*selector = (uint16_t)(bytes[0] | bytes[1] << 8);
		return true;
	}
	return false;
}

void fault_check_selectors(struct fault_scene *scene)
{
	enum x86_segment segment = (enum x86_segment)scene->insn->system_reg;
	uint16_t selector;

	if (!fault_protected_mode(scene->cpu))
		return;
	if (scene->insn->op != INSN_LOAD_SEGMENT && scene->insn->op != INSN_LTR &&
		scene->insn->op != INSN_LLDT)
		return;
	if (!selector_operand(scene, &selector))
		return;
	if (scene->insn->op == INSN_LTR)
		fault_check_selector(scene, selector, USE_TSS, SEG_COUNT, scene->cpl);
	else if (scene->insn->op == INSN_LLDT)
		fault_check_selector(scene, selector, USE_LDT, SEG_COUNT, scene->cpl);
	else
		fault_check_selector(scene, selector, segment == SEG_SS ? USE_STACK : USE_DATA,
			segment, scene->cpl);
}
