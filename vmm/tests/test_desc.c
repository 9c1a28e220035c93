/* SPDX-License-Identifier: MIT */
/*
 * test_desc.c: descriptors, gates, TSS stacks and error codes as literal bytes, laid out by SDM
 * vol. 3, figures 3-8 "Segment Descriptor", 6-2 "IDT Gate Descriptors", 6-8 "64-Bit IDT Gate
 * Descriptors", 8-2, 8-10 and 8-11 (TSS) and 6-7 "Error Code".
 */
#include <check.h>
#include <stdlib.h>

#include "array_mem.h"
#include "autopsy/desc.h"
#include "autopsy/exception.h"
#include "autopsy/tss.h"

#define RAM_SIZE 0x8000

struct desc_case {
	uint64_t low, high;
	bool wide;
	uint64_t base;
	uint32_t limit;
	unsigned type, dpl;
	bool s, present, l, db, code, conforming, writable;
	const char *name;
};

/* clang-format off */
static const struct desc_case descs[] = {
	{0x00af9b000000ffff, 0, false, 0, 0xffffffff, 11, 0, true, true, true, false, true, false, false,
		"64-bit code segment"},
	{0x00cffa000000ffff, 0, false, 0, 0xffffffff, 10, 3, true, true, false, true, true, false, false,
		"32-bit code segment"},
	{0x00009e012340ffff, 0, false, 0x12340, 0xffff, 14, 0, true, true, false, false, true, true, false,
		"16-bit code segment"},
	{0x00ef9a000000ffff, 0, false, 0, 0xffffffff, 10, 0, true, true, true, true, true, false, false,
		"code segment with both L and D set"},
	{0xc0cf92fedcba1234, 0, false, 0xc0fedcba, 0xf1234fff, 2, 0, true, true, false, true, false, false, true,
		"data segment"},
	{0x00cf10000000ffff, 0, false, 0, 0xffffffff, 0, 0, true, false, false, true, false, false, false,
		"read-only data segment"},
	{0x1200893456780067, 0x00000000ffff8000, true, 0xffff800012345678, 0x67, 9, 0, false, true, false, false,
		false, false, false, "available TSS"},
	{0x12008b3456780067, 0x00000000ffff8000, false, 0x12345678, 0x67, 11, 0, false, true, false, false,
		false, false, false, "busy TSS"},
	{0x0000820010000017, 0, false, 0x1000, 0x17, 2, 0, false, true, false, false, false, false, false, "LDT"},
	{0, 0, false, 0, 0, 0, 0, false, false, false, false, false, false, false, "empty descriptor"},
	{0x0000880000000001, 0, false, 0, 1, 8, 0, false, true, false, false, false, false, false,
		"reserved system type"},
};
/* clang-format on */

START_TEST(descriptors_decode)
{
	const struct desc_case *test = &descs[_i];
	struct desc desc = desc_decode(test->low, test->high, test->wide);

	ck_assert_uint_eq(desc.base, test->base);
	ck_assert_uint_eq(desc.limit, test->limit);
	ck_assert_uint_eq(desc.type, test->type);
	ck_assert_uint_eq(desc.dpl, test->dpl);
	ck_assert(desc.s == test->s && desc.present == test->present);
	ck_assert(desc.l == test->l && desc.db == test->db);
	ck_assert(desc_is_code(&desc) == test->code);
	ck_assert(desc_is_conforming(&desc) == test->conforming);
	ck_assert(desc_is_writable(&desc) == test->writable);
	ck_assert_str_eq(desc_kind_name(&desc), test->name);
}
END_TEST

struct gate_case {
	unsigned size;
	uint8_t raw[16];
	enum gate_kind kind;
	unsigned bits;
	uint16_t selector;
	uint64_t offset;
	unsigned dpl, ist;
	bool present;
};

/* clang-format off */
static const struct gate_case gates[] = {
	{16, {0x10, 0x0b, 0x10, 0x00, 0x01, 0x8e, 0xa0, 0x81, 0xff, 0xff, 0xff, 0xff}, GATE_INTERRUPT, 64, 0x10,
		0xffffffff81a00b10, 0, 1, true},
	{16, {0x34, 0x12, 0x08, 0x00, 0xff, 0xef, 0x78, 0x56}, GATE_TRAP, 64, 0x08, 0x56781234, 3, 7, true},
	{16, {0x34, 0x12, 0x08, 0x00, 0x00, 0x0e, 0x78, 0x56}, GATE_INTERRUPT, 64, 0x08, 0x56781234, 0, 0, false},
	{16, {0x34, 0x12, 0x08, 0x00, 0x00, 0x86, 0x78, 0x56}, GATE_INVALID, 64, 0x08, 0x56781234, 0, 0, true},
	{16, {0x34, 0x12, 0x08, 0x00, 0x00, 0x85, 0x78, 0x56}, GATE_INVALID, 64, 0x08, 0x56781234, 0, 0, true},
	{8, {0x20, 0x5a, 0x60, 0x00, 0x00, 0xef, 0x10, 0xc0}, GATE_TRAP, 32, 0x60, 0xc0105a20, 3, 0, true},
	{8, {0x20, 0x5a, 0x60, 0x00, 0x00, 0x8e, 0x10, 0xc0}, GATE_INTERRUPT, 32, 0x60, 0xc0105a20, 0, 0, true},
	{8, {0x20, 0x5a, 0x60, 0x00, 0x00, 0x86, 0x10, 0xc0}, GATE_INTERRUPT, 16, 0x60, 0x5a20, 0, 0, true},
	{8, {0x20, 0x5a, 0x60, 0x00, 0x00, 0x87, 0x10, 0xc0}, GATE_TRAP, 16, 0x60, 0x5a20, 0, 0, true},
	{8, {0x00, 0x00, 0x28, 0x00, 0x00, 0x85, 0x00, 0x00}, GATE_TASK, 16, 0x28, 0, 0, 0, true},
	{8, {0x20, 0x5a, 0x60, 0x00, 0x00, 0x9e, 0x10, 0xc0}, GATE_INVALID, 32, 0x60, 0xc0105a20, 0, 0, true},
	{8, {0}, GATE_INVALID, 16, 0, 0, 0, 0, false},
	{4, {0x65, 0xf0, 0x00, 0xf0}, GATE_VECTOR, 16, 0xf000, 0xf065, 0, 0, true},
};
/* clang-format on */

START_TEST(gates_decode)
{
	const struct gate_case *test = &gates[_i];
	struct gate gate = gate_decode(test->raw, test->size);

	ck_assert_int_eq(gate.kind, test->kind);
	ck_assert_uint_eq(gate.bits, test->bits);
	ck_assert_uint_eq(gate.selector, test->selector);
	ck_assert_uint_eq(gate.offset, test->offset);
	ck_assert_uint_eq(gate.dpl, test->dpl);
	ck_assert_uint_eq(gate.ist, test->ist);
	ck_assert(gate.present == test->present);
	ck_assert_mem_eq(gate.raw, test->raw, test->size);
}
END_TEST

/* Flat memory without paging: GDT of three entries and a TSS at 0x1000, LDT at 0x2000, IDT at
 * 0x3000. */
static uint8_t bytes[RAM_SIZE];
static struct array_mem ram = {bytes, RAM_SIZE};
static struct phys_mem mem;
static struct cpu_state cpu;

static void setup(void)
{
	memset(bytes, 0, sizeof(bytes));
	mem = array_mem_view(&ram);
	cpu = (struct cpu_state){.cr0 = 0x11, .gdtr = {0x1000, 0x27}, .idtr = {0x3000, 0x7f}};
	cpu.ldtr =
		(struct cpu_segment){.base = 0x2000, .limit = 7, .selector = 0x18, .present = true};
	array_mem_put(&ram, 0x1008, 0x00cf9a000000ffff, 8);
	array_mem_put(&ram, 0x1010, 0x00cf92000000ffff, 8);
	array_mem_put(&ram, 0x1018, 0x1200893456780067, 8);
	array_mem_put(&ram, 0x1020, 0x00000000ffff8000, 8);
	array_mem_put(&ram, 0x2000, 0x00cffa000000ffff, 8);
	array_mem_put(&ram, 0x3070, 0xc0108e0000605a20, 8);
}

START_TEST(descriptor_lookup_checks_null_limit_and_ldt)
{
	struct desc_lookup lookup = desc_lookup(&mem, &cpu, 0x0b);

	ck_assert_int_eq(lookup.status, DESC_OK);
	ck_assert_uint_eq(lookup.address, 0x1008);
	ck_assert(desc_is_code(&lookup.desc));
	ck_assert_int_eq(desc_lookup(&mem, &cpu, 0x03).status, DESC_NULL_SELECTOR);
	ck_assert_int_eq(desc_lookup(&mem, &cpu, 0x28).status, DESC_BEYOND_LIMIT);
	ck_assert_int_eq(desc_lookup(&mem, &cpu, 0x20).status, DESC_OK);
	cpu.gdtr.limit = 0x26;
	ck_assert_int_eq(desc_lookup(&mem, &cpu, 0x20).status, DESC_BEYOND_LIMIT);

	lookup = desc_lookup(&mem, &cpu, 0x07);
	ck_assert_int_eq(lookup.status, DESC_OK);
	ck_assert_uint_eq(lookup.address, 0x2000);
	ck_assert_uint_eq(lookup.desc.dpl, 3);
	ck_assert_int_eq(desc_lookup(&mem, &cpu, 0x0c).status, DESC_BEYOND_LIMIT);
	cpu.ldtr.unusable = true;
	ck_assert_int_eq(desc_lookup(&mem, &cpu, 0x07).status, DESC_NO_LDT);
}
END_TEST

START_TEST(descriptor_lookup_reads_wide_ones_in_long_mode)
{
	struct desc_lookup lookup = desc_lookup(&mem, &cpu, 0x18);

	ck_assert_uint_eq(lookup.desc.base, 0x12345678);
	cpu.efer = 0x500; /* long mode; CR0.PG stays off, which only a test can do */
	lookup = desc_lookup(&mem, &cpu, 0x18);
	ck_assert_int_eq(lookup.status, DESC_OK);
	ck_assert_uint_eq(lookup.desc.base, 0xffff800012345678);
	cpu.gdtr.limit = 0x1f;
	ck_assert_int_eq(desc_lookup(&mem, &cpu, 0x18).status, DESC_BEYOND_LIMIT);
	ck_assert_int_eq(desc_lookup(&mem, &cpu, 0x10).status, DESC_OK);
}
END_TEST

START_TEST(descriptor_lookup_tells_why_memory_cannot_be_read)
{
	struct desc_lookup lookup;

	cpu.cr0 = 0x80000011;
	cpu.cr3 = 0x4000;
	lookup = desc_lookup(&mem, &cpu, 0x08);
	ck_assert_int_eq(lookup.status, DESC_UNREADABLE);
	ck_assert_int_eq(lookup.access.status, LINEAR_FAULT);
	ck_assert_int_eq(lookup.access.walk.reason, WALK_NOT_PRESENT);
	ck_assert_uint_eq(lookup.access.address, 0x1008);
	cpu.cr0 = 0x11;
	cpu.gdtr.base = 0x100000;
	lookup = desc_lookup(&mem, &cpu, 0x08);
	ck_assert_int_eq(lookup.access.status, LINEAR_OUTSIDE_RAM);
}
END_TEST

START_TEST(gate_lookup_checks_the_limit)
{
	struct gate_lookup lookup = gate_lookup(&mem, &cpu, 14);

	ck_assert_int_eq(lookup.status, GATE_OK);
	ck_assert_uint_eq(lookup.address, 0x3070);
	ck_assert_uint_eq(lookup.gate.offset, 0xc0105a20);
	ck_assert_int_eq(gate_lookup(&mem, &cpu, 15).status, GATE_OK);
	ck_assert_int_eq(gate_lookup(&mem, &cpu, 16).status, GATE_BEYOND_LIMIT);
	cpu.idtr.limit = 0x76;
	ck_assert_int_eq(gate_lookup(&mem, &cpu, 14).status, GATE_BEYOND_LIMIT);
	cpu.cr0 = 0x10; /* real mode: 4 bytes a vector */
	ck_assert_int_eq(gate_lookup(&mem, &cpu, 28).status, GATE_OK);
	ck_assert_int_eq(gate_lookup(&mem, &cpu, 29).status, GATE_BEYOND_LIMIT);
	ck_assert_uint_eq(gate_lookup(&mem, &cpu, 28).gate.selector, 0x0060);
	cpu.efer = 0x500;
	ck_assert_uint_eq(gate_size(&cpu), 16);
}
END_TEST

/* A read over a page boundary, the second page of which is missing. */
START_TEST(linear_read_crosses_pages)
{
	uint64_t value = 0;
	struct linear_result result;

	cpu.cr0 = 0x80000011;
	cpu.cr3 = 0x4000;
	array_mem_put(&ram, 0x4000, 0x5067, 4);
	array_mem_put(&ram, 0x5000, 0x2067, 4);
	array_mem_put(&ram, 0x5004, 0x1067, 4);
	array_mem_put(&ram, 0x2ffc, 0x44332211, 4);
	array_mem_put(&ram, 0x1000, 0x88776655, 4);
	result = linear_read(&mem, &cpu, 0xffc, &value, 8, linear_system_read);
	ck_assert_int_eq(result.status, LINEAR_OK);
	ck_assert_uint_eq(value, 0x8877665544332211);
	result = linear_read(&mem, &cpu, 0x1ffc, &value, 8, linear_system_read);
	ck_assert_int_eq(result.status, LINEAR_FAULT);
	ck_assert_uint_eq(result.address, 0x2000);
	result = linear_check(&mem, &cpu, 0x1ff8, 8, (struct walk_access){.write = true});
	ck_assert_int_eq(result.status, LINEAR_OK);
	array_mem_put(&ram, 0x5004, 0x8067, 4);
	result = linear_check(&mem, &cpu, 0x1000, 1, (struct walk_access){0});
	ck_assert_int_eq(result.status, LINEAR_OUTSIDE_RAM);
	ck_assert(result.walk.translated);
}
END_TEST

START_TEST(tss_stacks)
{
	struct tss_stack stack;

	cpu.tr = (struct cpu_segment){.base = 0x5000, .limit = 0x67, .type = 11};
	array_mem_put(&ram, 0x5004, 0x0000001080ff1000, 8);
	array_mem_put(&ram, 0x5024, 0xffff800000012340, 8);
	stack = tss_stack_level(&mem, &cpu, 0);
	ck_assert_int_eq(stack.status, TSS_OK);
	ck_assert_uint_eq(stack.sp, 0x80ff1000);
	ck_assert_uint_eq(stack.ss, 0x10);
	ck_assert_uint_eq(tss_stack_level(&mem, &cpu, 2).address, 0x5014);

	cpu.efer = 0x500;
	ck_assert_uint_eq(tss_stack_level(&mem, &cpu, 0).sp, 0x0000001080ff1000);
	ck_assert_uint_eq(tss_stack_ist(&mem, &cpu, 1).sp, 0xffff800000012340);
	ck_assert_uint_eq(tss_stack_ist(&mem, &cpu, 7).address, 0x5054);
	cpu.tr.limit = 0x5a;
	ck_assert_int_eq(tss_stack_ist(&mem, &cpu, 7).status, TSS_BEYOND_LIMIT);
	ck_assert_int_eq(tss_stack_ist(&mem, &cpu, 6).status, TSS_OK);

	cpu.efer = 0;
	cpu.tr.type = 3;
	array_mem_put(&ram, 0x5002, 0x00081ff0, 4);
	stack = tss_stack_level(&mem, &cpu, 0);
	ck_assert_uint_eq(stack.sp, 0x1ff0);
	ck_assert_uint_eq(stack.ss, 0x08);
	ck_assert_uint_eq(tss_stack_level(&mem, &cpu, 1).address, 0x5006);
	cpu.tr.limit = 4;
	ck_assert_int_eq(tss_stack_level(&mem, &cpu, 0).status, TSS_BEYOND_LIMIT);
	cpu.tr.limit = 5;
	ck_assert_int_eq(tss_stack_level(&mem, &cpu, 0).status, TSS_OK);
	cpu.tr.base = 0x10000;
	ck_assert_int_eq(tss_stack_level(&mem, &cpu, 0).status, TSS_UNREADABLE);
}
END_TEST

static const struct {
	uint8_t vector;
	uint32_t error;
	const char *text;
} errors[] = {
	{13, 0x73, "IDT[14]+EXT"},
	{11, 0x32, "IDT[6]"},
	{13, 0x10, "GDT[2], selector 0x10"},
	{13, 0x5c, "LDT[11], selector 0x5c"},
	{10, 0x29, "GDT[5]+EXT, selector 0x28"},
	{13, 0x00, "0"},
	{12, 0x01, "EXT"},
	{14, 0x00, "read of a page that is not present, from supervisor mode"},
	{14, 0x02, "write to a page that is not present, from supervisor mode"},
	{14, 0x07, "write to a present page that does not allow it, from user mode"},
	{14, 0x15, "instruction fetch from a present page that does not allow it, from user mode"},
	{14, 0x09, "read of a page with a reserved bit set in its tables, from supervisor mode"},
	{17, 0x00, "0x0"},
};

START_TEST(error_codes_in_words)
{
	char text[100];

	ck_assert_str_eq(
		exception_error_text(errors[_i].vector, errors[_i].error, text, sizeof(text)),
		errors[_i].text);
}
END_TEST

START_TEST(error_codes_are_made_and_names_are_right)
{
	ck_assert_uint_eq(idt_error(14, true), 0x73);
	ck_assert_uint_eq(idt_error(0x80, false), 0x402);
	ck_assert_uint_eq(selector_error(0x1b, true), 0x19);
	ck_assert_uint_eq(selector_error(0x0f, false), 0x0c);
	ck_assert_str_eq(exception_mnemonic(14), "#PF");
	ck_assert_str_eq(exception_title(8), "double fault");
	ck_assert_ptr_null(exception_mnemonic(0x20));
	ck_assert_ptr_null(exception_mnemonic(15));
	ck_assert_str_eq(exception_title(0x20), "interrupt");
	ck_assert(exception_has_error(8) && exception_has_error(17) && !exception_has_error(6));
	ck_assert(!exception_has_error(0x28));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("desc");
	TCase *tcase = tcase_create("desc");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, descriptors_decode, 0, sizeof(descs) / sizeof(descs[0]));
	tcase_add_loop_test(tcase, gates_decode, 0, sizeof(gates) / sizeof(gates[0]));
	tcase_add_test(tcase, descriptor_lookup_checks_null_limit_and_ldt);
	tcase_add_test(tcase, descriptor_lookup_reads_wide_ones_in_long_mode);
	tcase_add_test(tcase, descriptor_lookup_tells_why_memory_cannot_be_read);
	tcase_add_test(tcase, gate_lookup_checks_the_limit);
	tcase_add_test(tcase, linear_read_crosses_pages);
	tcase_add_test(tcase, tss_stacks);
	tcase_add_loop_test(tcase, error_codes_in_words, 0, sizeof(errors) / sizeof(errors[0]));
	tcase_add_test(tcase, error_codes_are_made_and_names_are_right);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
