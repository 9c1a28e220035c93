/* SPDX-License-Identifier: MIT */
/*
 * fault_machine.h: a small machine for the tests of the fault rules, and a table of cases with the
 * two tests that every case must pass: forwards from the instruction to its exception, and
 * backwards from the exception to its reason.
 */
#ifndef TESTS_FAULT_MACHINE_H
#define TESTS_FAULT_MACHINE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "array_mem.h"
#include "autopsy/fault_reason.h"

#define RAM_SIZE 0x40000

/*
 * 4-level tables that map the first 256 KiB at their own addresses, supervisor and writable, but
 * for 0x30000 (not present), 0x31000 (read-only), 0x32000 (user), 0x33000 (reserved bit 51) and
 * 0x34000 (no-execute). Code at 0x10000, stack top 0x20000, data 0x28000, GDT 0x5000, IDT 0x6000,
 * TSS 0x7000.
 */
struct machine {
	uint8_t ram[RAM_SIZE];
	struct array_mem array;
	struct phys_mem mem;
	struct cpu_state cpu;
};

static inline void put(struct machine *m, uint64_t gpa, uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		m->ram[gpa + i] = (uint8_t)(value >> (8 * i));
}

static const uint64_t fault_gdt[] = {
	0, 0x00af9b000000ffff, /* 0x08: 64-bit code, DPL 0 */
	0x00cf93000000ffff,    /* 0x10: data, DPL 0 */
	0x00cff3000000ffff,    /* 0x18: data, DPL 3 */
	0x00affb000000ffff,    /* 0x20: 64-bit code, DPL 3 */
	0x00cf9b000000ffff,    /* 0x28: 32-bit code, DPL 0 */
	0x00008b0070000067,    /* 0x30: busy TSS at 0x7000 */
	0, 0x00cf13000000ffff, /* 0x40: data, P = 0 */
	0x00cf91000000ffff,    /* 0x48: read-only data */
	0x0000890070000067,    /* 0x50: available TSS, but 8 bytes only: ... */
	0x00cf93000000ffff,    /* 0x58: ... a data descriptor follows */
};

static inline void build_tables(struct machine *m)
{
	put(m, 0x1000, 0x2067, 8);
	put(m, 0x2000, 0x3067, 8);
	put(m, 0x3000, 0x4067, 8);
	for (uint64_t page = 0; page < RAM_SIZE >> 12; page++)
		put(m, 0x4000 + 8 * page, page << 12 | 0x63, 8);
	put(m, 0x4000 + 8 * 0x30, 0, 8);
	put(m, 0x4000 + 8 * 0x31, 0x31061, 8);
	put(m, 0x4000 + 8 * 0x32, 0x32067, 8);
	put(m, 0x4000 + 8 * 0x33, 0x8000000033063, 8);
	put(m, 0x4000 + 8 * 0x34, 0x8000000000034063, 8);
	for (unsigned i = 0; i < sizeof(fault_gdt) / sizeof(fault_gdt[0]); i++)
		put(m, 0x5000 + 8 * i, fault_gdt[i], 8);
}

static const struct cpu_segment flat_data = {.limit = 0xffffffff,
	.selector = 0x10,
	.type = 3,
	.s = true,
	.present = true,
	.db = true,
	.g = true};

/* CPL 0 in 64-bit mode, everything switched on, all registers at 0x28000. */
static inline void build(struct machine *m)
{
	struct cpu_state *cpu = &m->cpu;

	memset(m, 0, sizeof(*m));
	build_tables(m);
	m->array = (struct array_mem){.bytes = m->ram, .size = RAM_SIZE};
	m->mem = array_mem_view(&m->array);
	cpu->rip = 0x10000;
	cpu->rflags = 0x2;
	cpu->cr0 = 0x80010033;
	cpu->cr3 = 0x1000;
	cpu->cr4 = 0x620;
	cpu->efer = 0xd01;
	for (unsigned i = 0; i < GPR_COUNT; i++)
		cpu->gpr[i] = 0x28000;
	cpu->gpr[GPR_RSP] = 0x20000;
	for (unsigned i = 0; i < SEG_COUNT; i++)
		cpu->seg[i] = flat_data;
	cpu->seg[SEG_CS] = (struct cpu_segment){.limit = 0xffffffff,
		.selector = 8,
		.type = 11,
		.s = true,
		.present = true,
		.l = true,
		.g = true};
	cpu->tr = (struct cpu_segment){
		.base = 0x7000, .limit = 0x67, .selector = 0x30, .type = 11, .present = true};
	cpu->gdtr = (struct cpu_table){0x5000, sizeof(fault_gdt) - 1};
	cpu->idtr = (struct cpu_table){0x6000, 0xfff};
	cpu->facts = (struct cpu_facts){.maxphyaddr = 40,
		.nx = true,
		.pse = true,
		.pae = true,
		.long_mode = true,
		.fxsr = true,
		.sse = true,
		.sse2 = true,
		.sse3 = true,
		.cr4_reserved = 0xffffffffff000000};
}

static inline void code(struct machine *m, const char *bytes, size_t n)
{
	memcpy(m->ram + m->cpu.rip, bytes, n);
}

#define CODE(m, bytes) code(m, bytes, sizeof(bytes) - 1)

static inline void to_cpl3(struct machine *m)
{
	for (uint64_t page = 0; page < RAM_SIZE >> 12; page++)
		m->ram[0x4000 + 8 * page] |= 4;
	m->cpu.seg[SEG_CS].selector = 0x23;
	m->cpu.seg[SEG_CS].dpl = 3;
	m->cpu.seg[SEG_SS].selector = 0x1b;
	m->cpu.seg[SEG_SS].dpl = 3;
}

/* 32-bit protected mode without paging. */
static inline void to_pm32(struct machine *m)
{
	m->cpu.cr0 = 0x11;
	m->cpu.efer = 0;
	m->cpu.seg[SEG_CS].l = false;
	m->cpu.seg[SEG_CS].db = true;
	m->cpu.seg[SEG_CS].selector = 0x28;
}

#define NO_ERROR (-1)

struct fault_case {
	const char *name;
	const char *bytes;
	size_t n;
	void (*prepare)(struct machine *m);
	enum fault_why why; /* FAULT_UNKNOWN: no exception */
	int vector, error;
	uint64_t address; /* 0: not asked */
};

#define BYTES(b) b, sizeof(b) - 1

static inline void prepare(struct machine *m, const struct fault_case *c)
{
	build(m);
	if (c->prepare)
		c->prepare(m);
	if (m->cpu.rip + c->n <= RAM_SIZE)
		code(m, c->bytes, c->n);
}

/* Forwards: the first certain exception. */
static inline void expect_predicted(struct machine *m, const struct fault_case *c)
{
	struct fault_analysis analysis;
	const struct fault_reason *reason;

	prepare(m, c);
	fault_predict(&m->mem, &m->cpu, &analysis);
	reason = fault_expected(&analysis);
	if (c->why == FAULT_UNKNOWN) {
		ck_assert_msg(!reason, "%s: %s", c->name, reason ? reason->text : "");
		return;
	}
	ck_assert_msg(reason, "%s: no exception", c->name);
	ck_assert_msg(reason->why == c->why, "%s: %s: %s", c->name, fault_why_name(reason->why),
		reason->text);
	ck_assert_msg(reason->vector == c->vector, "%s: vector %u", c->name, reason->vector);
	ck_assert_msg(reason->has_error == (c->error != NO_ERROR), "%s: has_error", c->name);
	ck_assert_msg(c->error == NO_ERROR || reason->error == (uint32_t)c->error, "%s: error 0x%x",
		c->name, reason->error);
	ck_assert_msg(!c->address || reason->address == c->address, "%s: address %llx", c->name,
		(unsigned long long)reason->address);
	ck_assert_msg(strlen(reason->text) > 10, "%s: no text", c->name);
}

/* Backwards: the exception explained, and another one not. */
static inline void expect_explained(struct machine *m, const struct fault_case *c)
{
	bool has_error = c->error != NO_ERROR;
	struct fault_reason reason;

	if (c->why == FAULT_UNKNOWN)
		return;
	prepare(m, c);
	m->cpu.cr2 = c->address;
	reason = fault_explain(&m->mem, &m->cpu, (uint8_t)c->vector, has_error,
		has_error ? (uint32_t)c->error : 0);
	ck_assert_msg(reason.why == c->why, "%s: %s", c->name, fault_why_name(reason.why));
	ck_assert_msg(reason.certain, "%s: uncertain", c->name);
	reason = fault_explain(&m->mem, &m->cpu, c->vector == 11 ? 17 : 11, true, 0xabc8);
	ck_assert_msg(
		reason.why == FAULT_UNKNOWN, "%s: explains #NP too: %s", c->name, reason.text);
}

static inline int run_fault_suite(const char *name, TCase *tcase)
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
