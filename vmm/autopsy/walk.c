/* SPDX-License-Identifier: MIT */
/*
 * walk.c: what the MMU does with one linear address. Follows SDM vol. 3, chapter 4 "Paging".
 * Not modelled: protection keys, shadow stacks, the TLB, the CPU's cached PDPTEs, nested paging.
 */
#include "walk.h"

#define MIB4_PAGE_BITS 22

/* How one paging mode cuts an address into indices. */
struct paging_format {
	const char *name;
	unsigned entry_size;
	unsigned index_bits; /* of every level but the root of PAE */
	enum walk_level root;
	uint64_t root_mask; /* address bits of CR3 */
};

static const struct paging_format formats[] = {
	[PAGING_NONE] = {"no paging", 0, 0, WALK_PTE, 0},
	[PAGING_32BIT] = {"32-bit paging", 4, 10, WALK_PDE, 0xfffff000},
	[PAGING_PSE] = {"32-bit paging with 4 MiB pages", 4, 10, WALK_PDE, 0xfffff000},
	[PAGING_PSE36] = {"32-bit paging with PSE-36", 4, 10, WALK_PDE, 0xfffff000},
	[PAGING_PAE] = {"PAE paging", 8, 9, WALK_PDPTE, 0xffffffe0},
	[PAGING_4LEVEL] = {"4-level paging", 8, 9, WALK_PML4E, PTE_ADDR},
	[PAGING_5LEVEL] = {"5-level paging", 8, 9, WALK_PML5E, PTE_ADDR},
};

static uint64_t bits(unsigned high, unsigned low)
{
	return high < low ? 0 : (~0ull >> (63 - high)) & (~0ull << low);
}

static unsigned physical_bits(const struct cpu_state *cpu)
{
	unsigned n = cpu->facts.maxphyaddr ? cpu->facts.maxphyaddr : 36;

	return n > 52 ? 52 : n < 32 ? 32 : n;
}

enum paging_mode paging_mode(const struct cpu_state *cpu)
{
	if (!(cpu->cr0 & CR0_PG))
		return PAGING_NONE;
	if (cpu_long_mode(cpu))
		return cpu->cr4 & CR4_LA57 ? PAGING_5LEVEL : PAGING_4LEVEL;
	if (cpu->cr4 & CR4_PAE)
		return PAGING_PAE;
	if (!(cpu->cr4 & CR4_PSE))
		return PAGING_32BIT;
	return cpu->facts.pse36 ? PAGING_PSE36 : PAGING_PSE;
}

bool linear_canonical(const struct cpu_state *cpu, uint64_t linear)
{
	unsigned width = cpu->cr4 & CR4_LA57 ? 57 : 48;
	uint64_t top;

	if (!cpu_long_mode(cpu))
		return true;
	top = linear & bits(63, width - 1);
	return top == 0 || top == bits(63, width - 1);
}

static unsigned level_shift(const struct paging_format *format, enum walk_level level)
{
	return 12 + level * format->index_bits;
}

/* Does an entry of this level with bit 7 set map a page? */
static bool level_has_pages(
	const struct cpu_state *cpu, enum paging_mode mode, enum walk_level level)
{
	if (level == WALK_PDE)
		return mode != PAGING_32BIT;
	return level == WALK_PDPTE && mode != PAGING_PAE && cpu->facts.gib_pages;
}

/* 32-bit paging has reserved bits in 4 MiB PDEs only: SDM vol. 3, table 4-4. */
static uint64_t reserved_bits_32(const struct cpu_state *cpu, enum paging_mode mode, bool big)
{
	unsigned phys = 32;

	if (!big)
		return 0;
	if (mode == PAGING_PSE36)
		phys = physical_bits(cpu) < 40 ? physical_bits(cpu) : 40;
	return bits(21, phys - 19);
}

/* Which bits must be 0 in a present entry: SDM vol. 3, tables 4-8 to 4-11 (PAE) and 4-15 to 4-20
 * (4- and 5-level). */
static uint64_t reserved_bits(
	const struct cpu_state *cpu, enum paging_mode mode, enum walk_level level, bool leaf)
{
	uint64_t mask;

	if (mode < PAGING_PAE)
		return reserved_bits_32(cpu, mode, leaf && level == WALK_PDE);
	mask = bits(mode == PAGING_PAE ? 62 : 51, physical_bits(cpu));
	if (mode == PAGING_PAE && level == WALK_PDPTE)
		return mask | PTE_NX | bits(8, 5) | bits(2, 1);
	if (!(cpu->efer & EFER_NXE))
		mask |= PTE_NX;
	if (leaf)
		return level == WALK_PTE ? mask
		                         : mask | bits(level_shift(&formats[mode], level) - 1, 13);
	if (level >= WALK_PDPTE)
		mask |= PTE_PS;
	/* AMD64 Architecture Programmer's Manual vol. 2, 5.3 "Long-Mode Page Translation": bit 8 of
	 * a PML4E must be zero. Intel ignores it, and AMD does in a PDPE. */
	if (level >= WALK_PML4E && cpu->facts.amd)
		mask |= PTE_G;
	return mask;
}

/* Reads the entry of one level and says what it says. */
static struct walk_step step_read(const struct phys_mem *mem, const struct cpu_state *cpu,
	const struct walk *walk, enum walk_level level, uint64_t table)
{
	const struct paging_format *format = &formats[walk->mode];
	unsigned index_bits =
		walk->mode == PAGING_PAE && level == WALK_PDPTE ? 2 : format->index_bits;
	struct walk_step step = {.level = level};
	bool rights;

	step.index = walk->linear >> level_shift(format, level) & bits(index_bits - 1, 0);
	step.gpa = table + (uint64_t)step.index * format->entry_size;
	/* Little-endian guest and host: 4 bytes fill the low half. */
	step.readable = phys_read(mem, step.gpa, &step.entry, format->entry_size);
	if (!step.readable) {
		step.entry = 0;
		return step;
	}
	rights = !(walk->mode == PAGING_PAE && level == WALK_PDPTE);
	step.present = step.entry & PTE_P;
	step.write = !rights || (step.entry & PTE_W);
	step.user = !rights || (step.entry & PTE_U);
	step.no_execute = rights && (cpu->efer & EFER_NXE) && (step.entry & PTE_NX);
	step.leaf = level == WALK_PTE ||
	            (level_has_pages(cpu, walk->mode, level) && (step.entry & PTE_PS));
	if (step.present)
		step.reserved = step.entry & reserved_bits(cpu, walk->mode, level, step.leaf);
	return step;
}

static uint64_t step_page_size(const struct walk *walk, const struct walk_step *step)
{
	return 1ull << level_shift(&formats[walk->mode], step->level);
}

/* Where the page of a leaf begins. */
static uint64_t step_page(const struct walk *walk, const struct walk_step *step)
{
	uint64_t size = step_page_size(walk, step);

	if (walk->mode == PAGING_PSE36 && step->level == WALK_PDE)
		return (step->entry & bits(31, MIB4_PAGE_BITS)) | (step->entry & bits(20, 13))
		                                                          << 19;
	return step->entry & PTE_ADDR & ~(size - 1);
}

/* SDM vol. 3, 4.7 "Page-Fault Exceptions": I/D is there only when fetches can fault by themselves.
 */
static uint32_t fault_code(
	const struct cpu_state *cpu, const struct walk_access *access, uint32_t code)
{
	bool nx = (cpu->cr4 & CR4_PAE) && (cpu->efer & EFER_NXE);

	if (access->write)
		code |= PF_W;
	if (access->user && !access->implicit_supervisor)
		code |= PF_U;
	if (access->fetch && (nx || (cpu->cr4 & CR4_SMEP)))
		code |= PF_I;
	return code;
}

static void walk_fault(
	struct walk *walk, const struct cpu_state *cpu, enum walk_reason reason, uint32_t code)
{
	walk->reason = reason;
	walk->violations |= 1u << reason;
	walk->guilty = (int)walk->step_count - 1;
	walk->page_fault = true;
	walk->error = fault_code(cpu, &walk->access, code);
}

/* Everything that the rights of the page forbid: SDM vol. 3, 4.6.1 "Determination of Access
 * Rights". */
static unsigned rights_violations(const struct walk *walk, const struct cpu_state *cpu)
{
	const struct walk_access *access = &walk->access;
	bool user = access->user && !access->implicit_supervisor;
	bool smap_open = !access->implicit_supervisor && (cpu->rflags & RFLAGS_AC);
	unsigned found = 0;

	if (user && !walk->rights.user)
		found |= 1u << WALK_NOT_USER;
	if (access->write && !walk->rights.write && (user || (cpu->cr0 & CR0_WP)))
		found |= 1u << WALK_NOT_WRITABLE;
	if (access->fetch && !walk->rights.execute)
		found |= 1u << WALK_NO_EXECUTE;
	if (user || !walk->rights.user)
		return found;
	if (access->fetch && (cpu->cr4 & CR4_SMEP))
		found |= 1u << WALK_SMEP;
	if (!access->fetch && (cpu->cr4 & CR4_SMAP) && !smap_open)
		found |= 1u << WALK_SMAP;
	return found;
}

static bool step_forbids(const struct walk_step *step, enum walk_reason reason)
{
	switch (reason) {
	case WALK_NOT_USER:
		return !step->user;
	case WALK_NOT_WRITABLE:
		return !step->write;
	case WALK_NO_EXECUTE:
		return step->no_execute;
	default:
		return step->leaf;
	}
}

/* The step to blame: the page's own entry when it forbids the access, else the topmost one that
 * does. */
static int guilty_step(const struct walk *walk, enum walk_reason reason)
{
	int leaf = (int)walk->step_count - 1;
	int i;

	if (step_forbids(&walk->step[leaf], reason))
		return leaf;
	for (i = 0; i < leaf; i++)
		if (step_forbids(&walk->step[i], reason))
			return i;
	return WALK_NO_GUILTY;
}

/* The walk has come to a page: combine the levels and judge. */
static void walk_finish(struct walk *walk, const struct cpu_state *cpu)
{
	const struct walk_step *leaf = &walk->step[walk->step_count - 1];
	unsigned reason, i;

	walk->translated = true;
	walk->page_size = step_page_size(walk, leaf);
	walk->gpa = step_page(walk, leaf) | (walk->linear & (walk->page_size - 1));
	walk->rights.write = walk->rights.user = walk->rights.execute = true;
	for (i = 0; i < walk->step_count; i++) {
		walk->rights.write &= walk->step[i].write;
		walk->rights.user &= walk->step[i].user;
		walk->rights.execute &= !walk->step[i].no_execute;
	}
	walk->violations = rights_violations(walk, cpu);
	walk->allowed = walk->violations == 0;
	if (walk->allowed)
		return;
	for (reason = WALK_NOT_USER; !(walk->violations & 1u << reason); reason++)
		;
	walk_fault(walk, cpu, reason, PF_P);
	walk->guilty = guilty_step(walk, reason);
}

/* Goes down from CR3. The order matters: an entry that is not present ends the walk before its
 * reserved bits are looked at, and a reserved bit ends it before any right of any level is (SDM
 * vol. 3, 4.7). */
static void walk_tables(struct walk *walk, const struct phys_mem *mem, const struct cpu_state *cpu)
{
	uint64_t table = cpu->cr3 & formats[walk->mode].root_mask;
	enum walk_level level = formats[walk->mode].root;
	struct walk_step *step;

	for (;; level--) {
		step = &walk->step[walk->step_count++];
		*step = step_read(mem, cpu, walk, level, table);
		if (!step->readable) {
			walk->reason = WALK_TABLE_OUTSIDE_RAM;
			walk->violations = 1u << WALK_TABLE_OUTSIDE_RAM;
			walk->guilty = (int)walk->step_count - 1;
			return;
		}
		if (!step->present)
			return walk_fault(walk, cpu, WALK_NOT_PRESENT, 0);
		if (step->reserved)
			return walk_fault(walk, cpu, WALK_RESERVED_BIT, PF_P | PF_RSVD);
		if (step->leaf)
			return walk_finish(walk, cpu);
		table = step->entry & PTE_ADDR;
	}
}

struct walk walk_linear(const struct phys_mem *mem, const struct cpu_state *cpu, uint64_t linear,
	struct walk_access access)
{
	struct walk walk = {
		.linear = cpu_long_mode(cpu) ? linear : (uint32_t)linear,
		.access = access,
		.mode = paging_mode(cpu),
		.guilty = WALK_NO_GUILTY,
	};

	walk.pdptes_cached = walk.mode == PAGING_PAE;
	if (!linear_canonical(cpu, linear)) {
		walk.reason = WALK_NON_CANONICAL;
		walk.violations = 1u << WALK_NON_CANONICAL;
	} else if (walk.mode == PAGING_NONE) {
		walk.translated = walk.allowed = true;
		walk.gpa = walk.linear;
		walk.rights.write = walk.rights.user = walk.rights.execute = true;
	} else {
		walk_tables(&walk, mem, cpu);
	}
	return walk;
}

const char *paging_mode_name(enum paging_mode mode)
{
	return formats[mode].name;
}
