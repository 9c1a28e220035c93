/* SPDX-License-Identifier: MIT */
/*
 * test_fault_cpu.c: the fault rules against the CPU itself. A traced child executes single
 * instructions in user mode, with registers that point into pages of all kinds; the signal that
 * Linux makes of the exception must be the one that the rules foretell for the same registers and
 * page tables, with the same address.
 */
#include <check.h>
#include <cpuid.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array_mem.h"
#include "autopsy/fault_reason.h"

/* Far from everything that the child has mapped: for 64-bit code, and for 32-bit code. */
#define BASE_64 0x200000000000ull
#define BASE_32 0x20000000ull
#define PAGES   8
#define PAGE    4096ull

/* Pages of the arena: what Linux is told, and the bits of the page-table entry. */
enum { CODE, DATA, READ_ONLY, HOLE, STACK, DATA_BEFORE_HOLE, HOLE_2, NO_ACCESS };

static const struct {
	int prot;
	uint64_t pte;
} pages[PAGES] = {
	[CODE] = {PROT_READ | PROT_WRITE | PROT_EXEC, 0x67},
	[DATA] = {PROT_READ | PROT_WRITE, 0x8000000000000067},
	[READ_ONLY] = {PROT_READ, 0x8000000000000065},
	[HOLE] = {PROT_NONE, 0},
	[STACK] = {PROT_READ | PROT_WRITE, 0x8000000000000067},
	[DATA_BEFORE_HOLE] = {PROT_READ | PROT_WRITE, 0x8000000000000067},
	[HOLE_2] = {PROT_NONE, 0},
	[NO_ACCESS] = {PROT_NONE, 0},
};

/* Model memory: tables at 0x1000 to 0x4fff, the arena from 0x10000 on. */
#define ARENA    0x10000u
#define RAM_SIZE (ARENA + PAGES * PAGE)

struct duel {
	pid_t child;
	bool wide; /* 64-bit code, else 32-bit code in compatibility mode */
	uint64_t base;
	uint8_t *arena; /* shared with the child, at base in both */
	uint8_t ram[RAM_SIZE];
	struct array_mem array;
	struct phys_mem mem;
	struct user_regs_struct start;
	struct user_fpregs_struct fpu;
	uint64_t seed;
	unsigned compared, faulted;
};

static struct duel duel;

static uint64_t next_random(void)
{
	duel.seed ^= duel.seed << 13;
	duel.seed ^= duel.seed >> 7;
	duel.seed ^= duel.seed << 17;
	return duel.seed * 0x2545f4914f6cdd1dull >> 8;
}

static bool map_arena(void)
{
	duel.arena = mmap((void *)duel.base, PAGES * PAGE, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	return duel.arena == (void *)duel.base;
}

static void run_child(void)
{
	for (unsigned i = 0; i < PAGES; i++)
		if (mprotect((void *)(duel.base + i * PAGE), PAGE, pages[i].prot))
			_exit(1);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(2);
	raise(SIGSTOP);
	_exit(3);
}

static bool start_child(void)
{
	int status;

	if (!map_arena())
		return false;
	duel.child = fork();
	if (duel.child == 0)
		run_child();
	if (duel.child < 0 || waitpid(duel.child, &status, 0) != duel.child || !WIFSTOPPED(status))
		return false;
	return !ptrace(PTRACE_GETREGS, duel.child, NULL, &duel.start) &&
	       !ptrace(PTRACE_GETFPREGS, duel.child, NULL, &duel.fpu);
}

static void put(uint64_t gpa, uint64_t value)
{
	memcpy(duel.ram + gpa, &value, 8);
}

static void build_tables(void)
{
	put(0x1000 + 8 * (duel.base >> 39 & 511), 0x2067);
	put(0x2000 + 8 * (duel.base >> 30 & 511), 0x3067);
	put(0x3000 + 8 * (duel.base >> 21 & 511), 0x4067);
	for (unsigned i = 0; i < PAGES; i++)
		put(0x4000 + 8 * i, pages[i].pte ? pages[i].pte | (ARENA + i * PAGE) : 0);
	duel.array = (struct array_mem){duel.ram, RAM_SIZE};
	duel.mem = array_mem_view(&duel.array);
}

static struct cpu_facts facts_of_host(void)
{
	unsigned a, b, c, d, b7, c7, vendor;

	__cpuid(0, a, vendor, c, d);
	__cpuid(1, a, b, c, d);
	__cpuid_count(7, 0, a, b7, c7, d);
	return (struct cpu_facts){.maxphyaddr = 40,
		.nx = true,
		.pse = true,
		.pae = true,
		.long_mode = true,
		.fxsr = true,
		.sse = true,
		.sse2 = true,
		.sse3 = c & 1,
		.ssse3 = c >> 9 & 1,
		.sse41 = c >> 19 & 1,
		.sse42 = c >> 20 & 1,
		.amd = vendor == 0x68747541 /* Auth */,
		.avx = c >> 28 & 1,
		.xsave = c >> 27 & 1,
		.fsgsbase = b7 & 1,
		.smap = true};
}

/* User mode as Linux runs it. */
static struct cpu_state model_of(const struct user_regs_struct *regs)
{
	const uint64_t gpr[] = {regs->rax, regs->rcx, regs->rdx, regs->rbx, regs->rsp, regs->rbp,
		regs->rsi, regs->rdi, regs->r8, regs->r9, regs->r10, regs->r11, regs->r12,
		regs->r13, regs->r14, regs->r15};
	struct cpu_state cpu = {.rip = regs->rip,
		.rflags = regs->eflags | 2,
		.cr0 = 0x80050033,
		.cr3 = 0x1000,
		.cr4 = 0x620,
		.efer = 0xd01,
		.facts = facts_of_host()};

	if (cpu.facts.xsave)
		cpu.cr4 |= 1 << 18;
	if (cpu.facts.fsgsbase)
		cpu.cr4 |= 1 << 16;
	memcpy(cpu.gpr, gpr, sizeof(gpr));
	for (unsigned i = 0; i < SEG_COUNT; i++)
		cpu.seg[i] = (struct cpu_segment){.limit = 0xffffffff,
			.selector = 0x2b,
			.type = 3,
			.s = true,
			.present = true,
			.dpl = 3,
			.db = true,
			.g = true};
	cpu.seg[SEG_CS] = (struct cpu_segment){.limit = 0xffffffff,
		.selector = 0x33,
		.type = 11,
		.s = true,
		.present = true,
		.dpl = 3,
		.l = true,
		.g = true};
	if (!duel.wide) {
		cpu.seg[SEG_CS].selector = 0x23;
		cpu.seg[SEG_CS].l = false;
		cpu.seg[SEG_CS].db = true;
	}
	return cpu;
}

/* Pointers near the ends of pages, into holes, and some that are not canonical or just numbers. */
static uint64_t random_value(void)
{
	uint64_t page = duel.base + next_random() % PAGES * PAGE, r = next_random();

	switch (r % 8) {
	case 0:
		return r >> 8 & 0xff;
	case 1:
		return 0x8000000000000000 | r << 8;
	case 2:
		return page + PAGE - (r >> 8 & 31);
	case 3:
		return page + (r >> 8 & 31);
	default:
		return page + (r >> 8 & 0xff0);
	}
}

static struct user_regs_struct random_registers(void)
{
	struct user_regs_struct regs = duel.start;
	unsigned long long *const all[] = {&regs.rax, &regs.rcx, &regs.rdx, &regs.rbx, &regs.rbp,
		&regs.rsi, &regs.rdi, &regs.r8, &regs.r9, &regs.r10, &regs.r11, &regs.r12,
		&regs.r13, &regs.r14, &regs.r15};

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		*all[i] = random_value();
	regs.rsp = next_random() % 4 ? duel.base + STACK * PAGE + 0x800 : random_value();
	regs.rip = duel.base + CODE * PAGE + (next_random() % 8 ? 0x100 : PAGE - 3);
	regs.orig_rax = -1;
	if (!duel.wide) {
		for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
			*all[i] = (uint32_t)*all[i];
		regs.rsp = (uint32_t)regs.rsp;
		regs.cs = 0x23;
		regs.ds = regs.es = 0x2b;
	}
	regs.eflags = 0x202 | (next_random() % 4 ? 0 : 1 << 18);
	return regs;
}

/* Opcodes worth more than chance: moves, arithmetic, stack, SSE with and without alignment, string,
 * system. */
static const char *const openings[] = {"\x8b", "\x89", "\x01", "\xff", "\x8f", "\x50", "\x58",
	"\xc3", "\xc9", "\xe8", "\xa4", "\xaa", "\xac", "\xf3\xa4", "\xf3\xab", "\x0f\x28",
	"\x0f\x29", "\x0f\x10", "\x66\x0f\x6f", "\xf3\x0f\x6f", "\x66\x0f\x7f", "\x0f\x58",
	"\x66\x0f\x58", "\xf2\x0f\x58", "\x66\x0f\xef", "\xf7", "\xf6", "\x48\xf7", "\x0f\xc7",
	"\x48\x0f\xc7", "\xf0\x48\x0f\xb1", "\xf0\x01", "\x0f\xab", "\x48\x0f\xa3", "\x86", "\xf4",
	"\xfa", "\xe4", "\xee", "\x0f\x20", "\x0f\x22", "\x0f\x30", "\x0f\x32", "\x0f\x01",
	"\x0f\x00", "\xd9", "\xdd", "\xdb", "\x0f\xae", "\x0f\x0b", "\xcc", "\xc4\xe2", "\xc5\xf8",
	"\xc5\xfc\x28", "\xc8\x10\x00\x00", "\x9d", "\x62", "\x67\x8b", "\x66\x8b", "\x0f\xe7",
	"\x66\x0f\xe7", "\x0f\x2b", "\xd7", "\x6a", "\x0f\xc3", "\x0f\x0d", "\x0f\x18", "\x0f\x1f",
	"\xf3\x0f\xb8"};

static void random_code(uint8_t *bytes)
{
	const char *opening = openings[next_random() % (sizeof(openings) / sizeof(openings[0]))];
	unsigned n = 0;

	for (unsigned i = 0; i < 16; i++)
		bytes[i] = (uint8_t)next_random();
	if (next_random() % 3 == 0)
		return;
	if (next_random() % 2)
		bytes[n++] = (uint8_t)(0x40 | (next_random() & 15));
	memcpy(bytes + n, opening, strlen(opening));
}

/* What may be mapped in the child besides the arena is left alone, a sanitizer's shadow among it.
 */
static bool is_known_place(uint64_t linear)
{
	return linear < 0x10000 || linear - (duel.base - (1 << 20)) < 2 << 20 || linear >> 47;
}

/* What leaves the arena, asks Linux for something, or depends on what is not known here: GDT, FS
 * base, XCR0. */
static bool is_fit(const struct fault_analysis *analysis)
{
	const struct insn *insn = &analysis->insn;

	if (analysis->decoded == INSN_TRUNCATED)
		return true;
	if (analysis->decoded != INSN_OK)
		return analysis->decoded != INSN_INVALID || fault_expected(analysis);
	switch (insn->op) {
	case INSN_INT:
	case INSN_INT1:
	case INSN_INT3:
	case INSN_SYSCALL:
	case INSN_SYSENTER:
	case INSN_IRET:
	case INSN_CALL_FAR:
	case INSN_JUMP_FAR:
	case INSN_RET_FAR:
	case INSN_LOAD_SEGMENT:
	case INSN_STORE_TABLE:
	case INSN_XSAVE:
	case INSN_XGETBV:
	case INSN_VIRTUAL:
	case INSN_VMCALL:
	case INSN_MONITOR:
	case INSN_RDPMC:
		return false;
	default:
		break;
	}
	for (unsigned i = 0; i < insn->mem_count; i++)
		if (insn->mem[i].segment == SEG_FS || insn->mem[i].segment == SEG_GS ||
			!is_known_place(insn->mem[i].linear))
			return false;
	/* Linux may have the CPU refuse locks across cache lines. */
	for (unsigned i = 0; i < insn->mem_count; i++)
		if ((insn->mem[i].linear & 63) + insn->mem[i].size > 64 && insn->mem[i].write &&
			insn->mem[i].read)
			return false;
	return insn->feature != INSN_NEEDS_OTHER;
}

/* The exception behind the signal: arch/x86/kernel/traps.c and arch/x86/mm/fault.c of Linux. -1:
 * none. */
static int vector_of(const siginfo_t *info)
{
	switch (info->si_signo) {
	case SIGTRAP:
		return info->si_code == SI_KERNEL ? VEC_BP : -1;
	case SIGILL:
		return VEC_UD;
	case SIGFPE:
		return info->si_code == FPE_INTDIV ? VEC_DE : VEC_XM;
	case SIGBUS:
		return info->si_code == BUS_ADRALN ? VEC_AC : VEC_SS;
	case SIGSEGV: /* #GP, and #OF and #BR likewise */
		return info->si_code == SI_KERNEL ? VEC_GP : VEC_PF;
	default:
		return -2;
	}
}

static int same_signal(uint8_t vector)
{
	return vector == VEC_OF || vector == VEC_BR ? VEC_GP : vector;
}

static siginfo_t execute(const struct user_regs_struct *regs)
{
	siginfo_t info;
	int status;

	ck_assert_int_eq(ptrace(PTRACE_SETREGS, duel.child, NULL, regs), 0);
	ck_assert_int_eq(ptrace(PTRACE_SETFPREGS, duel.child, NULL, &duel.fpu), 0);
	ck_assert_int_eq(ptrace(PTRACE_SINGLESTEP, duel.child, NULL, NULL), 0);
	ck_assert_int_eq(waitpid(duel.child, &status, 0), duel.child);
	ck_assert_msg(WIFSTOPPED(status), "the child ended: status %x", status);
	ck_assert_int_eq(ptrace(PTRACE_GETSIGINFO, duel.child, NULL, &info), 0);
	return info;
}

static void describe(const struct fault_analysis *analysis, const uint8_t *code,
	const struct user_regs_struct *regs, char *text, size_t size)
{
	const struct fault_reason *reason = fault_expected(analysis);
	struct cpu_state cpu = model_of(regs);
	char insn[INSN_TEXT_MAX] = "(none)";
	int n = 0;

	if (analysis->decoded == INSN_OK)
		insn_format(&analysis->insn, &cpu, INSN_ATT, NULL, NULL, insn, sizeof(insn));
	for (unsigned i = 0; i < 15; i++)
		n += snprintf(text + n, size - (size_t)n, "%02x", code[i]);
	snprintf(text + n, size - (size_t)n, " %s; rsp %llx; expected: %s", insn, regs->rsp,
		reason ? reason->text : "no exception");
}

static void compare(const struct fault_analysis *analysis, const siginfo_t *info,
	const uint8_t *code, const struct user_regs_struct *regs)
{
	const struct fault_reason *reason = fault_expected(analysis);
	int vector = vector_of(info);
	char text[800];

	if (!reason && (!analysis->complete || analysis->count))
		return;
	describe(analysis, code, regs, text, sizeof(text));
	duel.compared++;
	duel.faulted += reason != NULL;
	ck_assert_msg(vector == (reason ? same_signal(reason->vector) : -1),
		"CPU: %d (signal %d code %d): %s", vector, info->si_signo, info->si_code, text);
	if (vector != VEC_PF)
		return;
	/* Wide operands are accessed in parts, in an order of the CPU's own. */
	if (reason->operand != FAULT_NO_MEM && analysis->insn.mem[reason->operand].size > 8)
		ck_assert_msg(((uint64_t)info->si_addr ^ reason->address) < PAGE,
			"CPU: address %p: %s", info->si_addr, text);
	else
		ck_assert_msg((uint64_t)info->si_addr == reason->address, "CPU: address %p: %s",
			info->si_addr, text);
}

static void one_instruction(void)
{
	struct user_regs_struct regs = random_registers();
	struct fault_analysis analysis;
	struct cpu_state cpu = model_of(&regs);
	uint64_t offset = regs.rip - duel.base;
	uint8_t code[16];
	siginfo_t info;

	random_code(code);
	memset(duel.arena, 0x90, PAGE);
	for (unsigned i = 1; i < PAGES; i++)
		memset(duel.arena + i * PAGE, 0, 64);
	for (unsigned i = 0; i < sizeof(code) && offset + i < PAGE; i++)
		duel.arena[offset + i] = code[i];
	memcpy(duel.ram + ARENA, duel.arena, PAGES * PAGE);
	fault_predict(&duel.mem, &cpu, &analysis);
	if (!is_fit(&analysis))
		return;
	info = execute(&regs);
	compare(&analysis, &info, duel.arena + offset, &regs);
}

START_TEST(rules_against_the_cpu)
{
	duel.wide = _i % 2 == 0;
	duel.base = duel.wide ? BASE_64 : BASE_32;
	if (!start_child()) {
		printf("skip: rules_against_the_cpu: no child can be traced here: %s\n",
			strerror(errno));
		return;
	}
	build_tables();
	duel.seed = 0x9e3779b97f4a7c15ull * (uint64_t)(_i + 1);
	for (unsigned i = 0; i < 10000; i++)
		one_instruction();
	kill(duel.child, SIGKILL);
	waitpid(duel.child, NULL, 0);
	/* Both outcomes have been seen often. */
	ck_assert_uint_gt(duel.faulted, 500);
	ck_assert_uint_gt(duel.compared - duel.faulted, 500);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fault_cpu");
	TCase *tcase = tcase_create("fault_cpu");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, rules_against_the_cpu, 0, 8);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
