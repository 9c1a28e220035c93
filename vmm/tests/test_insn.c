/* SPDX-License-Identifier: MIT */
/*
 * test_insn.c: decoded instructions against bytes assembled by GNU as and addresses worked out by
 * hand.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autopsy/insn.h"

/* A 64-bit CPU: register n holds 0x1000 * (n + 1), FS and GS have bases, everything is at its usual
 * address. */
static struct cpu_state cpu64(void)
{
	struct cpu_state cpu = {
		.rip = 0xffffffff80100000,
		.rflags = 2,
		.cr0 = 0x80050033,
		.efer = 0x500,
		.seg =
			{
				[SEG_CS] = {.limit = 0xffffffff,
					.selector = 8,
					.type = 11,
					.s = true,
					.present = true,
					.l = true,
					.g = true},
				[SEG_SS] = {.limit = 0xffffffff,
					.selector = 16,
					.type = 3,
					.s = true,
					.present = true,
					.db = true,
					.g = true},
				[SEG_FS] = {.base = 0x7f0000000000},
				[SEG_GS] = {.base = 0xffff888000000000},
			},
	};

	for (unsigned i = 0; i < GPR_COUNT; i++)
		cpu.gpr[i] = 0x1000 * (i + 1);
	return cpu;
}

static struct cpu_state cpu32(void)
{
	struct cpu_state cpu = cpu64();

	cpu.efer = 0;
	cpu.rip = 0x100000;
	cpu.seg[SEG_CS].l = false;
	cpu.seg[SEG_CS].db = true;
	cpu.seg[SEG_DS].base = 0x10000;
	return cpu;
}

static struct cpu_state cpu16(void)
{
	struct cpu_state cpu = {.cr0 = 0x10, .rip = 0x7c00, .rflags = 2};

	cpu.seg[SEG_DS].base = 0x20000;
	cpu.seg[SEG_SS].base = 0x90000;
	cpu.seg[SEG_ES].base = 0xb8000;
	for (unsigned i = 0; i < GPR_COUNT; i++)
		cpu.gpr[i] = 0xabcd1000 + 0x100 * i;
	return cpu;
}

static struct insn decode(const struct cpu_state *cpu, const char *bytes, size_t n)
{
	struct insn insn;

	ck_assert_int_eq(insn_decode(cpu, cpu->rip, bytes, n, &insn), INSN_OK);
	ck_assert_uint_eq(insn.length, n);
	insn_resolve(&insn, cpu);
	return insn;
}

#define DECODE(cpu, bytes) decode(cpu, bytes, sizeof(bytes) - 1)

struct mem_case {
	const char *name, *bytes;
	size_t n;
	unsigned bits;
	struct {
		uint64_t linear;
		uint32_t size;
		char access; /* r, w, b: both */
		uint16_t align;
	} mem[2];
};

#define BYTES(b) b, sizeof(b) - 1

/* rax=1000 rcx=2000 rdx=3000 rbx=4000 rsp=5000 rbp=6000 rsi=7000 rdi=8000 r8=9000 ... r15=10000
 * (hex) */
static const struct mem_case mem_cases[] = {
	{"mov (%rax),%rcx", BYTES("\x48\x8b\x08"), 64, {{0x1000, 8, 'r', 0}}},
	{"mov %cl,0x10(%rbx,%rsi,4)", BYTES("\x88\x4c\xb3\x10"), 64, {{0x20010, 1, 'w', 0}}},
	{"add %eax,-8(%r15)", BYTES("\x41\x01\x47\xf8"), 64, {{0xfff8, 4, 'b', 0}}},
	{"mov 0x20(%rip),%rax", BYTES("\x48\x8b\x05\x20\x00\x00\x00"), 64,
		{{0xffffffff80100027, 8, 'r', 0}}},
	{"mov %fs:0x28,%rax", BYTES("\x64\x48\x8b\x04\x25\x28\x00\x00\x00"), 64,
		{{0x7f0000000028, 8, 'r', 0}}},
	{"mov %gs:(%rdi),%eax", BYTES("\x65\x8b\x07"), 64, {{0xffff888000008000, 4, 'r', 0}}},
	{"lea (%rax),%rcx", BYTES("\x48\x8d\x08"), 64, {{0, 0, 0, 0}}},
	{"nopl (%rax)", BYTES("\x0f\x1f\x00"), 64, {{0, 0, 0, 0}}},
	{"prefetchnta (%rax)", BYTES("\x0f\x18\x00"), 64, {{0, 0, 0, 0}}},
	{"invlpg (%rax)", BYTES("\x0f\x01\x38"), 64, {{0, 0, 0, 0}}},
	{"push %rax", BYTES("\x50"), 64, {{0x4ff8, 8, 'w', 0}}},
	{"pop %rax", BYTES("\x58"), 64, {{0x5000, 8, 'r', 0}}},
	{"push (%rax)", BYTES("\xff\x30"), 64, {{0x1000, 8, 'r', 0}, {0x4ff8, 8, 'w', 0}}},
	{"pop 8(%rsp)", BYTES("\x8f\x44\x24\x08"), 64, {{0x5010, 8, 'w', 0}, {0x5000, 8, 'r', 0}}},
	{"call *(%rax)", BYTES("\xff\x10"), 64, {{0x1000, 8, 'r', 0}, {0x4ff8, 8, 'w', 0}}},
	{"ret", BYTES("\xc3"), 64, {{0x5000, 8, 'r', 0}}},
	{"leave", BYTES("\xc9"), 64, {{0x6000, 8, 'r', 0}}},
	{"enter $16,$0", BYTES("\xc8\x10\x00\x00"), 64, {{0x4ff8, 8, 'w', 0}}},
	{"iretq", BYTES("\x48\xcf"), 64, {{0x5000, 40, 'r', 0}}},
	{"iret (64-bit mode)", BYTES("\xcf"), 64, {{0x5000, 20, 'r', 0}}},
	{"lret", BYTES("\xcb"), 64, {{0x5000, 8, 'r', 0}}},
	{"movsb", BYTES("\xa4"), 64, {{0x8000, 1, 'w', 0}, {0x7000, 1, 'r', 0}}},
	{"rep stosq", BYTES("\xf3\x48\xab"), 64, {{0x8000, 8, 'w', 0}}},
	{"movaps (%rax),%xmm0", BYTES("\x0f\x28\x00"), 64, {{0x1000, 16, 'r', 16}}},
	{"movaps %xmm0,8(%rsp)", BYTES("\x0f\x29\x44\x24\x08"), 64, {{0x5008, 16, 'w', 16}}},
	{"movups (%rax),%xmm0", BYTES("\x0f\x10\x00"), 64, {{0x1000, 16, 'r', 0}}},
	{"movdqu (%rax),%xmm0", BYTES("\xf3\x0f\x6f\x00"), 64, {{0x1000, 16, 'r', 0}}},
	{"paddd (%rax),%xmm0", BYTES("\x66\x0f\xfe\x00"), 64, {{0x1000, 16, 'r', 16}}},
	{"addsd (%rax),%xmm0", BYTES("\xf2\x0f\x58\x00"), 64, {{0x1000, 8, 'r', 0}}},
	{"vmovaps (%rax),%ymm0", BYTES("\xc5\xfc\x28\x00"), 64, {{0x1000, 32, 'r', 32}}},
	{"vmovups (%rax),%ymm0", BYTES("\xc5\xfc\x10\x00"), 64, {{0x1000, 32, 'r', 0}}},
	{"vpaddd (%rax),%xmm0,%xmm0", BYTES("\xc5\xf9\xfe\x00"), 64, {{0x1000, 16, 'r', 0}}},
	{"fxsave (%rax)", BYTES("\x0f\xae\x00"), 64, {{0x1000, 512, 'w', 16}}},
	{"lock cmpxchg16b (%rax)", BYTES("\xf0\x48\x0f\xc7\x08"), 64, {{0x1000, 16, 'b', 16}}},
	{"xlat", BYTES("\xd7"), 64, {{0x4000, 1, 'r', 0}}},
	{"bt %rcx,(%rax)", BYTES("\x48\x0f\xa3\x08"), 64, {{0x1400, 8, 'r', 0}}},
	{"btsl $5,(%rax)", BYTES("\x0f\xba\x28\x05"), 64, {{0x1000, 4, 'b', 0}}},
	{"lidt (%rax)", BYTES("\x0f\x01\x18"), 64, {{0x1000, 10, 'r', 0}}},
	{"mov (%eax),%ecx", BYTES("\x67\x8b\x08"), 64, {{0x1000, 4, 'r', 0}}},
	{"mov (%eax),%ecx", BYTES("\x8b\x08"), 32, {{0x11000, 4, 'r', 0}}},
	{"push %eax", BYTES("\x50"), 32, {{0x4ffc, 4, 'w', 0}}},
	{"pusha", BYTES("\x60"), 32, {{0x4fe0, 32, 'w', 0}}},
	{"popa", BYTES("\x61"), 32, {{0x5000, 32, 'r', 0}}},
	{"iret", BYTES("\xcf"), 32, {{0x5000, 12, 'r', 0}}},
	{"mov 4(%ebp),%eax", BYTES("\x8b\x45\x04"), 32, {{0x6004, 4, 'r', 0}}},
	{"xlat %ss:(%ebx)", BYTES("\x36\xd7"), 32, {{0x4000, 1, 'r', 0}}},
	{"clflush inside a line", BYTES("\x0f\xae\x78\x3f"), 64, {{0x103f, 1, 'r', 0}}},
	/* bx=1300 si=1600 sp=1400 di=1700, upper halves set */
	{"mov (%bx,%si),%ax", BYTES("\x8b\x00"), 16, {{0x22900, 2, 'r', 0}}},
	{"push %ax", BYTES("\x50"), 16, {{0x913fe, 2, 'w', 0}}},
	{"stosw", BYTES("\xab"), 16, {{0xb9700, 2, 'w', 0}}},
	{"int $0x10: frame not listed", BYTES("\xcd\x10"), 16, {{0, 0, 0, 0}}},
};

static struct cpu_state cpu_of(unsigned bits)
{
	return bits == 64 ? cpu64() : bits == 32 ? cpu32() : cpu16();
}

START_TEST(memory_operands)
{
	const struct mem_case *c = &mem_cases[_i];
	struct cpu_state cpu = cpu_of(c->bits);
	struct insn insn = decode(&cpu, c->bytes, c->n);
	unsigned expected = !c->mem[0].size ? 0 : !c->mem[1].size ? 1 : 2;

	ck_assert_msg(insn.mem_count == expected, "%s: %u operands", c->name, insn.mem_count);
	for (unsigned i = 0; i < expected; i++) {
		const struct insn_mem *mem = &insn.mem[i];
		bool read = c->mem[i].access != 'w', write = c->mem[i].access != 'r';

		ck_assert_msg(mem->linear == c->mem[i].linear, "%s: %u: linear %llx", c->name, i,
			(unsigned long long)mem->linear);
		ck_assert_msg(mem->size == c->mem[i].size, "%s: size %u", c->name, mem->size);
		ck_assert_msg(mem->read == read && mem->write == write, "%s: rights", c->name);
		ck_assert_msg(mem->align == c->mem[i].align, "%s: align %u", c->name, mem->align);
	}
}
END_TEST

struct class_case {
	const char *name, *bytes;
	size_t n;
	unsigned bits;
	enum insn_op op;
	unsigned flags;
};

static const struct class_case class_cases[] = {
	{"nop", BYTES("\x90"), 64, INSN_OTHER, 0},
	{"hlt", BYTES("\xf4"), 64, INSN_HLT, INSN_PRIVILEGED},
	{"cli", BYTES("\xfa"), 64, INSN_CLI, INSN_IOPL},
	{"in (%dx),%al", BYTES("\xec"), 64, INSN_PORT, INSN_IOPL},
	{"rep outsb", BYTES("\xf3\x6e"), 64, INSN_PORT, INSN_IOPL | INSN_REPEAT},
	{"mov %rax,%cr3", BYTES("\x0f\x22\xd8"), 64, INSN_WRITE_CR, INSN_PRIVILEGED},
	{"mov %cr2,%rax", BYTES("\x0f\x20\xd0"), 64, INSN_READ_CR, INSN_PRIVILEGED},
	{"mov %rax,%dr7", BYTES("\x0f\x23\xf8"), 64, INSN_WRITE_DR, INSN_PRIVILEGED},
	{"wrmsr", BYTES("\x0f\x30"), 64, INSN_WRMSR, INSN_PRIVILEGED},
	{"ltr %ax", BYTES("\x0f\x00\xd8"), 64, INSN_LTR, INSN_PRIVILEGED | INSN_MORE_MEMORY},
	{"mov %eax,%ds", BYTES("\x8e\xd8"), 64, INSN_LOAD_SEGMENT, INSN_MORE_MEMORY},
	{"mov %ds,%eax", BYTES("\x8c\xd8"), 64, INSN_OTHER, 0},
	{"sgdt (%rax)", BYTES("\x0f\x01\x00"), 64, INSN_STORE_TABLE, 0},
	{"smsw %r8", BYTES("\x4d\x0f\x01\xe0"), 64, INSN_STORE_TABLE, 0},
	{"lgdt (%rax)", BYTES("\x0f\x01\x10"), 64, INSN_LGDT, INSN_PRIVILEGED},
	{"vldmxcsr (%rax)", BYTES("\xc5\xf8\xae\x10"), 64, INSN_OTHER, INSN_AVX},
	{"ud2", BYTES("\x0f\x0b"), 64, INSN_UD, 0},
	{"pxor %xmm0,%xmm0", BYTES("\x66\x0f\xef\xc0"), 64, INSN_OTHER, INSN_SSE},
	{"ldmxcsr (%rax)", BYTES("\x0f\xae\x10"), 64, INSN_OTHER, INSN_SSE},
	{"movnti %eax,(%rax)", BYTES("\x0f\xc3\x00"), 64, INSN_OTHER, 0},
	{"crc32b %al,%eax", BYTES("\xf2\x0f\x38\xf0\xc0"), 64, INSN_OTHER, 0},
	{"mfence", BYTES("\x0f\xae\xf0"), 64, INSN_OTHER, 0},
	{"vpxor %xmm0,%xmm0,%xmm0", BYTES("\xc5\xf9\xef\xc0"), 64, INSN_OTHER, INSN_AVX},
	{"vzeroupper", BYTES("\xc5\xf8\x77"), 64, INSN_OTHER, INSN_AVX},
	{"pxor %mm0,%mm0", BYTES("\x0f\xef\xc0"), 64, INSN_OTHER, INSN_MMX},
	{"emms", BYTES("\x0f\x77"), 64, INSN_OTHER, INSN_MMX},
	{"fld1", BYTES("\xd9\xe8"), 64, INSN_OTHER, INSN_X87},
	{"fninit", BYTES("\xdb\xe3"), 64, INSN_OTHER, INSN_X87},
	{"fwait", BYTES("\x9b"), 64, INSN_FWAIT, INSN_X87},
	{"lock incl (%rax)", BYTES("\xf0\xff\x00"), 64, INSN_OTHER, INSN_LOCK},
	{"syscall", BYTES("\x0f\x05"), 64, INSN_SYSCALL, 0},
	{"sysretq", BYTES("\x48\x0f\x07"), 64, INSN_SYSRET, INSN_PRIVILEGED},
	{"vmcall", BYTES("\x0f\x01\xc1"), 64, INSN_VMCALL, 0},
	{"into", BYTES("\xce"), 32, INSN_INTO, INSN_MORE_MEMORY},
	{"int $0x80", BYTES("\xcd\x80"), 32, INSN_INT, INSN_MORE_MEMORY},
	{"iret", BYTES("\xcf"), 16, INSN_IRET, INSN_MORE_MEMORY},
};

START_TEST(classes)
{
	const struct class_case *c = &class_cases[_i];
	struct cpu_state cpu = cpu_of(c->bits);
	struct insn insn = decode(&cpu, c->bytes, c->n);

	ck_assert_msg(insn.op == c->op, "%s: op %d", c->name, insn.op);
	ck_assert_msg((insn.flags & ~(unsigned)INSN_TARGET) == c->flags, "%s: flags %x", c->name,
		insn.flags);
}
END_TEST

START_TEST(branch_targets)
{
	struct cpu_state cpu = cpu64();
	struct insn insn = DECODE(&cpu, "\xe8\x10\x00\x00\x00");

	ck_assert(insn.flags & INSN_TARGET);
	ck_assert_uint_eq(insn.target, 0xffffffff80100015);
	insn = DECODE(&cpu, "\xeb\xfe");
	ck_assert_uint_eq(insn.target, 0xffffffff80100000);
	insn = DECODE(&cpu, "\xff\xd0"); /* call *%rax */
	ck_assert(insn.flags & INSN_TARGET);
	ck_assert_uint_eq(insn.target, 0x1000);
	insn = DECODE(&cpu, "\xff\x14\xc5\x00\x00\x00\x80"); /* call *-0x80000000(,%rax,8) */
	ck_assert(!(insn.flags & INSN_TARGET));
	ck_assert_int_eq(insn.target_mem, 0);
	ck_assert_uint_eq(insn.mem[0].linear, 0xffffffff80008000);
	insn = DECODE(&cpu, "\xc3");
	ck_assert_int_eq(insn.target_mem, 0);
	ck_assert_uint_eq(insn.mem[0].linear, 0x5000);
	cpu = cpu32();
	insn = DECODE(&cpu, "\xea\x44\x33\x22\x11\x08\x00"); /* ljmp $8,$0x11223344 */
	ck_assert_uint_eq(insn.target, 0x11223344);
	ck_assert_uint_eq(insn.far_selector, 8);
}
END_TEST

START_TEST(registers_and_immediates)
{
	struct cpu_state cpu = cpu64();
	struct insn insn = DECODE(&cpu, "\xf6\xf4"); /* div %ah */

	ck_assert_int_eq(insn.op, INSN_DIV);
	cpu.gpr[GPR_RAX] = 0x1122334455667788;
	ck_assert_uint_eq(insn_gpr_value(&insn, &cpu), 0x77);
	insn = DECODE(&cpu, "\x48\xf7\xf9"); /* idiv %rcx */
	ck_assert_int_eq(insn.op, INSN_IDIV);
	ck_assert_uint_eq(insn_gpr_value(&insn, &cpu), 0x2000);
	insn = DECODE(&cpu, "\x41\x0f\x22\xe7"); /* mov %r15,%cr4 */
	ck_assert_uint_eq(insn.system_reg, 4);
	ck_assert_uint_eq(insn.gpr, GPR_R15);
	insn = DECODE(&cpu, "\x8e\xd0"); /* mov %eax,%ss */
	ck_assert_uint_eq(insn.system_reg, SEG_SS);
	insn = DECODE(&cpu, "\xcd\x80");
	ck_assert_uint_eq(insn.imm, 0x80);
}
END_TEST

START_TEST(zero_count_touches_nothing)
{
	struct cpu_state cpu = cpu64();
	struct insn insn;

	cpu.gpr[GPR_RCX] = 0;
	insn = DECODE(&cpu, "\xf3\x48\xab");
	ck_assert(insn.mem[0].inactive);
	cpu.gpr[GPR_RCX] = 0x100000000;
	insn = DECODE(&cpu, "\xf3\x48\xab");
	ck_assert(!insn.mem[0].inactive);
	insn = DECODE(&cpu, "\x67\xf3\x48\xab"); /* counts in ecx */
	ck_assert(insn.mem[0].inactive);
}
END_TEST

/* With an operand-size prefix a near return pops two bytes on AMD's CPUs, eight on Intel's. */
START_TEST(narrow_return)
{
	struct cpu_state cpu = cpu64();
	struct insn insn = DECODE(&cpu, "\x66\xc3");

	ck_assert_uint_eq(insn.mem[0].size, 8);
	cpu.facts.amd = true;
	insn = DECODE(&cpu, "\x66\xc3");
	ck_assert_uint_eq(insn.mem[0].size, 2);
}
END_TEST

START_TEST(failures)
{
	struct cpu_state cpu = cpu64();
	struct insn insn;
	const char long_insn[15] = "\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66";

	ck_assert_int_eq(insn_decode(&cpu, 0, "\x06", 1, &insn), INSN_INVALID); /* push %es */
	ck_assert_int_eq(insn_decode(&cpu, 0, "\xff\xff", 2, &insn), INSN_INVALID);
	ck_assert_int_eq(insn_decode(&cpu, 0, "\xf0\x89\xc0", 3, &insn), INSN_BAD_LOCK);
	ck_assert_int_eq(insn_decode(&cpu, 0, "\x48\x8b", 2, &insn), INSN_TRUNCATED);
	ck_assert_int_eq(insn_decode(&cpu, 0, "", 0, &insn), INSN_TRUNCATED);
	ck_assert_int_eq(insn_decode(&cpu, 0, long_insn, 15, &insn), INSN_TOO_LONG);
	cpu = cpu16();
	ck_assert_int_eq(insn_decode(&cpu, 0, "\x0f\x00\xd8", 3, &insn), INSN_INVALID); /* ltr */
}
END_TEST

static bool name_address(void *ctx, uint64_t linear, char *buf, size_t size)
{
	const uint64_t *known = ctx;

	if (linear != *known)
		return false;
	snprintf(buf, size, "panic+0x4");
	return true;
}

static void expect_text(const struct cpu_state *cpu, const char *bytes, size_t n,
	enum insn_syntax syntax, uint64_t known, const char *expected)
{
	struct insn insn = decode(cpu, bytes, n);
	char text[INSN_TEXT_MAX];

	insn_format(&insn, cpu, syntax, name_address, &known, text, sizeof(text));
	ck_assert_str_eq(text, expected);
}

START_TEST(instruction_text)
{
	struct cpu_state cpu = cpu64();

	expect_text(&cpu, BYTES("\x48\x8b\x43\x10"), INSN_ATT, 0, "mov 0x10(%rbx), %rax");
	expect_text(&cpu, BYTES("\x48\x8b\x43\x10"), INSN_INTEL, 0, "mov rax, [rbx+0x10]");
	expect_text(&cpu, BYTES("\xe8\x10\x00\x00\x00"), INSN_ATT, 0xffffffff80100015,
		"call 0xffffffff80100015 <panic+0x4>");
	expect_text(&cpu, BYTES("\xff\x10"), INSN_ATT, 0, "call *(%rax)");
	expect_text(&cpu, BYTES("\xff\xe0"), INSN_ATT, 0, "jmp *%rax");
	/* One star whatever the operand: Zydis marks some itself. */
	expect_text(&cpu, BYTES("\xff\x14\x25\x00\x20\x10\x00"), INSN_ATT, 0, "call *0x102000");
	expect_text(&cpu, BYTES("\xff\x15\x20\x00\x00\x00"), INSN_ATT, 0xffffffff80100026,
		"call *0xffffffff80100026 <panic+0x4>");
	expect_text(
		&cpu, BYTES("\xff\x14\xc5\x00\x20\x00\x00"), INSN_ATT, 0, "call *0x2000(,%rax,8)");
	expect_text(&cpu, BYTES("\x64\xff\x14\x25\x10\x00\x00\x00"), INSN_ATT, 0, "call *%fs:0x10");
	expect_text(&cpu, BYTES("\xff\x2c\x24"), INSN_ATT, 0, "ljmp *(%rsp)");
	expect_text(&cpu, BYTES("\xff\x25\x10\x00\x00\x00"), INSN_INTEL, 0xffffffff80100016,
		"jmp [0xffffffff80100016 <panic+0x4>]");
	expect_text(&cpu, BYTES("\x48\x8b\x05\x20\x00\x00\x00"), INSN_ATT, 0xffffffff80100027,
		"mov 0xffffffff80100027 <panic+0x4>, %rax");
}
END_TEST

START_TEST(operand_text)
{
	struct cpu_state cpu = cpu64();
	struct insn insn = DECODE(&cpu, "\x88\x4c\xb3\x10");
	char text[64];

	insn_format_mem(&insn, 0, text, sizeof(text));
	ck_assert_str_eq(text, "0x10(%rbx,%rsi,4)");
	insn = DECODE(&cpu, "\x64\x48\x8b\x04\x25\x28\x00\x00\x00");
	insn_format_mem(&insn, 0, text, sizeof(text));
	ck_assert_str_eq(text, "%fs:0x28");
	insn = DECODE(&cpu, "\x41\x01\x47\xf8");
	insn_format_mem(&insn, 0, text, sizeof(text));
	ck_assert_str_eq(text, "-0x8(%r15)");
	insn = DECODE(&cpu, "\x50");
	insn_format_mem(&insn, 0, text, sizeof(text));
	ck_assert_str_eq(text, "(%rsp)");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("insn");
	TCase *tcase = tcase_create("insn");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, memory_operands, 0, sizeof(mem_cases) / sizeof(mem_cases[0]));
	tcase_add_loop_test(tcase, classes, 0, sizeof(class_cases) / sizeof(class_cases[0]));
	tcase_add_test(tcase, branch_targets);
	tcase_add_test(tcase, registers_and_immediates);
	tcase_add_test(tcase, zero_count_touches_nothing);
	tcase_add_test(tcase, narrow_return);
	tcase_add_test(tcase, failures);
	tcase_add_test(tcase, instruction_text);
	tcase_add_test(tcase, operand_text);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
