/* SPDX-License-Identifier: MIT */
/*
 * fault_memory.c: the memory operands: segment, limit, canonical address, alignment, page. Follows
 * SDM vol. 3, 5.3 "Limit Checking", 5.4 "Type Checking", 4.6 "Access Rights" and 6.15 "Interrupt
 * 17—Alignment Check Exception (#AC)", vol. 1, 3.3.7.1 "Canonical Addressing".
 */
#include <stdio.h>

#include "fault_rules.h"
#include "linear.h"

#define LARGEST_ALIGNMENT 64

/* One operand under check. */
struct access {
	struct fault_scene *scene;
	const struct insn_mem *mem;
	unsigned index;
	char text[64]; /* the operand as written */
};

static const char *verb(const struct insn_mem *mem)
{
	if (mem->kind == INSN_MEM_STACK)
		return mem->write ? "push to" : "pop from";
	return mem->write ? "write to" : "read of";
}

static struct fault_reason *describe(struct access *access, struct fault_reason *reason)
{
	reason->operand = (int)access->index;
	reason->address = access->mem->linear;
	reason->has_address = true;
	reason->segment = access->mem->segment;
	reason->certain = !access->mem->conditional;
	return reason;
}

static struct fault_reason *refuse(struct access *access, enum fault_why why)
{
	uint8_t vector = access->mem->segment == SEG_SS ? VEC_SS : VEC_GP;

	return describe(access, fault_add_error(access->scene, why, vector, 0));
}

/* The register to blame: the one that is not canonical by itself, else the base. */
static int8_t culprit(const struct access *access)
{
	const struct cpu_state *cpu = access->scene->cpu;
	const struct insn_mem *mem = access->mem;

	if (mem->base >= 0 && mem->base < GPR_COUNT && !linear_canonical(cpu, cpu->gpr[mem->base]))
		return mem->base;
	if (mem->index >= 0 && mem->index < GPR_COUNT &&
		!linear_canonical(cpu, cpu->gpr[mem->index]))
		return mem->index;
	return mem->base >= 0 && mem->base < GPR_COUNT ? mem->base : INSN_NO_REG;
}

static bool check_canonical(struct access *access)
{
	const struct insn_mem *mem = access->mem;
	const struct cpu_state *cpu = access->scene->cpu;
	struct fault_reason *reason;
	char from[48] = "";

	if (linear_canonical(cpu, mem->linear) &&
		linear_canonical(cpu, mem->linear + mem->size - 1))
		return true;
	reason = refuse(access, FAULT_OPERAND_NON_CANONICAL);
	reason->reg = culprit(access);
	if (reason->reg != INSN_NO_REG)
		snprintf(from, sizeof(from), " (%%%s is 0x%llx)", insn_reg_name(reason->reg, 64),
			(unsigned long long)cpu->gpr[reason->reg]);
	fault_say(reason, "The %s %s goes to 0x%llx%s, which is not a canonical address.",
		verb(mem), access->text, (unsigned long long)mem->linear, from);
	return false;
}

static bool is_expand_down(const struct cpu_segment *seg)
{
	return seg->s && !(seg->type & 8) && (seg->type & 4);
}

static bool within_limit(const struct cpu_segment *seg, uint64_t offset, uint32_t size)
{
	uint64_t last = offset + size - 1;

	if (is_expand_down(seg))
		return offset > seg->limit && last <= (seg->db ? 0xffffffffull : 0xffffull);
	return last <= seg->limit;
}

static const char *type_trouble(const struct insn_mem *mem, const struct cpu_segment *seg)
{
	bool code = seg->type & 8;

	if (mem->write && code)
		return "a code segment cannot be written to";
	if (mem->write && !(seg->type & 2))
		return "it is read-only";
	if (mem->read && code && !(seg->type & 2))
		return "it is execute-only";
	return NULL;
}

static bool check_segment(struct access *access)
{
	const struct insn_mem *mem = access->mem;
	const struct cpu_segment *seg = &access->scene->cpu->seg[mem->segment];
	const char *name = insn_segment_name(mem->segment), *trouble;
	struct fault_reason *reason;

	if (fault_protected_mode(access->scene->cpu)) {
		trouble = seg->unusable ? "it holds no segment" : type_trouble(mem, seg);
		if (trouble) {
			reason = refuse(access, FAULT_OPERAND_SEGMENT);
			reason->selector = seg->selector;
			reason->has_selector = true;
			fault_say(reason, "The %s %s goes through %s (selector 0x%x), but %s.",
				verb(mem), access->text, name, seg->selector, trouble);
			return false;
		}
	}
	if (within_limit(seg, mem->offset, mem->size))
		return true;
	reason = refuse(access, FAULT_OPERAND_LIMIT);
	fault_say(reason, "The %s %s, %u bytes at offset 0x%llx, is beyond %s's limit 0x%x.",
		verb(mem), access->text, mem->size, (unsigned long long)mem->offset, name,
		seg->limit);
	return false;
}

static bool checks_alignment(const struct fault_scene *scene)
{
	return scene->cpl == 3 && (scene->cpu->cr0 & CR0_AM) && (scene->cpu->rflags & RFLAGS_AC);
}

static bool check_alignment(struct access *access)
{
	const struct insn_mem *mem = access->mem;
	struct fault_reason *reason;

	if (!mem->align || !(mem->linear & (mem->align - 1u)))
		return true;
	reason = describe(
		access, fault_add_error(access->scene, FAULT_OPERAND_MISALIGNED, VEC_GP, 0));
	/* There #AC may come instead: SDM vol. 2, "FXSAVE". */
	if (access->scene->insn->op == INSN_FXSAVE && checks_alignment(access->scene))
		reason->certain = false;
	fault_say(reason,
		"%s needs its operand %s aligned to %u bytes, and 0x%llx is %u more than a "
		"multiple.",
		access->scene->insn->mnemonic, access->text, mem->align,
		(unsigned long long)mem->linear, (unsigned)(mem->linear & (mem->align - 1u)));
	return false;
}

static void add_page_fault(struct access *access, const struct linear_result *result)
{
	struct fault_reason *reason = describe(access,
		fault_add_error(access->scene, FAULT_OPERAND_PAGE, VEC_PF, result->walk.error));
	char why[200];

	reason->has_error = true;
	reason->error = result->walk.error;
	reason->address = result->address;
	reason->walk = result->walk;
	reason->has_walk = true;
	fault_say(reason, "The %s %s goes to 0x%llx: %s.", verb(access->mem), access->text,
		(unsigned long long)result->address,
		walk_describe(&result->walk, why, sizeof(why)));
}

static void check_page(struct access *access)
{
	const struct insn_mem *mem = access->mem;
	struct fault_scene *scene = access->scene;
	struct walk_access rights = {.write = mem->write, .user = scene->cpl == 3};
	struct linear_result result =
		linear_check(scene->mem, scene->cpu, mem->linear, mem->size, rights);
	uint64_t last = mem->linear + mem->size - 1;

	if (result.status == LINEAR_OK)
		return;
	if (result.status != LINEAR_FAULT) {
		/* Devices are no RAM either, but the page tables let the access through. */
		scene->out->complete &= result.walk.allowed;
		return;
	}
	add_page_fault(access, &result);
	/* What is touched in parts may be touched from its end: fxsave was seen to do so. */
	if (mem->size <= 8 || (last ^ result.address) < 4096)
		return;
	result = linear_check(scene->mem, scene->cpu, last & ~4095ull, 1, rights);
	if (result.status != LINEAR_FAULT)
		return;
	scene->out->reasons[scene->out->count - 1].certain = false;
	add_page_fault(access, &result);
	scene->out->reasons[scene->out->count - 1].certain = false;
}

/* Plain accesses are aligned to their size; what larger ones and x87 images need varies (6.15,
 * table 6-7). */
static void check_ac(struct access *access)
{
	const struct insn_mem *mem = access->mem;
	bool plain = mem->size == 1 || mem->size == 2 || mem->size == 4 || mem->size == 8;
	/* The bounds of bound are two numbers. */
	uint32_t unit = access->scene->insn->op == INSN_BOUND ? mem->size / 2 : mem->size;
	struct fault_reason *reason;

	if (!checks_alignment(access->scene) ||
		!(mem->linear & (plain ? unit - 1u : LARGEST_ALIGNMENT - 1u)))
		return;
	reason = describe(access, fault_add_error(access->scene, FAULT_ALIGNMENT_CHECK, VEC_AC, 0));
	reason->bit = "RFLAGS.AC";
	reason->certain &= plain;
	fault_say(reason,
		"The %s %s, %u bytes at 0x%llx, is misaligned, and CR0.AM and RFLAGS.AC are 1 at "
		"CPL 3.",
		verb(mem), access->text, mem->size, (unsigned long long)mem->linear);
}

/*
 * Of two faults of one access AMD's CPUs were seen to take the one of alignment first, for plain
 * accesses and for SSE. SDM vol. 3, table 6-2, leaves the order to the implementation.
 */
static void doubt(struct fault_scene *scene, unsigned first)
{
	struct fault_reason *reasons = scene->out->reasons;
	bool plain = reasons[first].why == FAULT_ALIGNMENT_CHECK || (scene->insn->flags & INSN_SSE);

	if (scene->out->count < first + 2 || reasons[first].vector == reasons[first + 1].vector ||
		(scene->cpu->facts.amd && plain && reasons[first].certain))
		return;
	reasons[first].certain = false;
	reasons[first + 1].certain = false;
}

static void check_access(struct access *access)
{
	struct fault_scene *scene = access->scene;
	unsigned first = scene->out->count;
	bool aligned = check_alignment(access);
	bool reachable = scene->insn->bits == 64 ? check_canonical(access) : check_segment(access);

	if (aligned && reachable) {
		check_ac(access);
		check_page(access);
	}
	doubt(scene, first);
}

static void check_operand(struct fault_scene *scene, unsigned i)
{
	struct access access = {.scene = scene, .mem = &scene->insn->mem[i], .index = i};

	if (!access.mem->resolved || access.mem->inactive || !access.mem->size)
		return;
	/* With a vector index the address is that of no element. */
	if (access.mem->conditional && access.mem->index == INSN_NO_REG && access.mem->scale) {
		scene->out->complete = false;
		return;
	}
	insn_format_mem(scene->insn, i, access.text, sizeof(access.text));
	check_access(&access);
}

/* Of the two operands of cmps either may be read first. */
static void doubt_compare(struct fault_scene *scene, unsigned first)
{
	const struct insn *insn = scene->insn;

	if (insn->mem_count != 2 || insn->mem[0].write || insn->mem[1].write)
		return;
	if (scene->out->count < first + 2 ||
		scene->out->reasons[first].operand ==
			scene->out->reasons[scene->out->count - 1].operand)
		return;
	for (unsigned i = first; i < scene->out->count; i++)
		scene->out->reasons[i].certain = false;
}

/* Reads come before writes: the pointer of "call *(mem)" before the push, the source of movs before
 * its destination. */
void fault_check_memory(struct fault_scene *scene)
{
	unsigned first = scene->out->count;

	for (int write = 0; write < 2; write++)
		for (unsigned i = 0; i < scene->insn->mem_count; i++)
			if (scene->insn->mem[i].write == (bool)write)
				check_operand(scene, i);
	doubt_compare(scene, first);
}
