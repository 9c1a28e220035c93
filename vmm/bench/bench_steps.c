/* SPDX-License-Identifier: MIT */
/*
 * bench_steps.c: from the guest kernel's first instruction to the shell's prompt, or to the guest's
 * end: how long it takes, and how many instructions at CPL 0, counted one by one; with -v by what
 * they were for, and by function. Unlike times, counts are the same on a busy machine; where CPL 0
 * is emulated, they make the time. Use:
 *
 *	bench_steps [-v] KERNEL INITRD [COMMAND-LINE]
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "autopsy/symbols.h"
#include "exit.h"
#include "machine.h"
#include "run.h"

#define KERNEL_HALF 0xffff800000000000ull
#define FUNCTIONS   2048
#define ROUNDS      11

/* Offsets in the kernel's struct trap_frame: guest/kernel/arch/x86_64/trap.h. */
#define FRAME_AX     (14 * 8)
#define FRAME_VECTOR (15 * 8)
#define FRAME_IP     (17 * 8)
#define FRAME_CS     (18 * 8)

/* What kernel code runs for: a vector, a system call, or nobody yet. */
#define VECTORS       256
#define NUMBERS       511 /* and one for all from there */
#define CAUSE_SYSCALL VECTORS
#define CAUSE_BOOT    (VECTORS + NUMBERS + 1)
#define CAUSES        (CAUSE_BOOT + 1)

struct count {
	char name[64];
	uint64_t address, entries, steps;
};

struct counter {
	struct symbols *symbols;
	struct count functions[FUNCTIONS];
	unsigned function_count;
	struct count causes[CAUSES];
	uint64_t stubs, syscall_entry, trap_handle, syscall_handle;
	uint64_t steps, entered_at;
	uint64_t rounds; /* that the last instruction had before it */
	unsigned cause;
	struct symbol last; /* the function of the last step */
};

static struct count *count_of(struct counter *counter, const struct symbol *symbol)
{
	for (unsigned i = 0; i < counter->function_count; i++)
		if (counter->functions[i].address == symbol->address)
			return &counter->functions[i];
	if (counter->function_count == FUNCTIONS)
		errx(1, "more than %d functions", FUNCTIONS);
	snprintf(counter->functions[counter->function_count].name, sizeof(counter->functions->name),
		"%.63s", symbol->name);
	counter->functions[counter->function_count].address = symbol->address;
	return &counter->functions[counter->function_count++];
}

static void count_function(struct counter *counter, uint64_t pc)
{
	struct symbol *last = &counter->last;
	struct count *count;

	if (pc - last->address >= last->size && !symbols_find_address(counter->symbols, pc, last))
		*last = (struct symbol){.name = "?", .address = 1};
	count = count_of(counter, last);
	count->steps++;
	count->entries += pc == last->address;
}

static uint64_t read_guest(const struct vcpu *vcpu, uint64_t address)
{
	struct kvm_translation where = {.linear_address = address};
	const void *from;

	if (ioctl(vcpu->fd, KVM_TRANSLATE, &where) || !where.valid)
		return 0;
	from = memory_at(&vcpu->machine->mem, where.physical_address, 8);
	return from ? *(const uint64_t *)from : 0;
}

/* What has been counted since the kernel was entered was for the new cause. */
static void set_cause(struct counter *counter, unsigned cause)
{
	uint64_t n = counter->steps - counter->entered_at;

	counter->causes[counter->cause].steps -= n;
	counter->causes[cause].steps += n;
	counter->causes[cause].entries++;
	counter->cause = cause;
}

/* A system call may come as a page fault: guest/kernel/arch/x86_64/lost_syscall.c. */
static void find_cause(struct counter *counter, const struct vcpu *vcpu, uint64_t pc)
{
	struct kvm_regs regs = {0};
	uint64_t number;

	ioctl(vcpu->fd, KVM_GET_REGS, &regs);
	if (pc == counter->syscall_handle) {
		number = read_guest(vcpu, regs.rdi + FRAME_AX);
		set_cause(counter, CAUSE_SYSCALL + (unsigned)(number < NUMBERS ? number : NUMBERS));
	} else if (read_guest(vcpu, regs.rdi + FRAME_CS) & 3 &&
		   read_guest(vcpu, regs.rdi + FRAME_IP) != counter->syscall_entry) {
		set_cause(counter, read_guest(vcpu, regs.rdi + FRAME_VECTOR) & 0xff);
	}
}

/* A string instruction with a prefix, which an emulator takes round by round: rcx, else 0. */
static uint64_t rounds_left(struct counter *counter, const struct vcpu *vcpu, uint64_t pc)
{
	struct kvm_regs regs = {0};
	uint8_t code[3] = {0}, opcode;

	symbols_read(counter->symbols, pc, code, sizeof(code));
	opcode = code[code[1] >> 4 == 4 ? 2 : 1] & 0xfe;
	if ((code[0] & 0xfe) != 0xf2 || opcode < 0xa4 || opcode > 0xae || opcode == 0xa8)
		return 0;
	ioctl(vcpu->fd, KVM_GET_REGS, &regs);
	return regs.rcx;
}

static void add_steps(struct counter *counter, uint64_t n)
{
	counter->steps += n;
	counter->causes[counter->cause].steps += n;
}

/* Every further round of the last instruction is a step, too. */
static void count_rounds(struct counter *counter, const struct vcpu *vcpu)
{
	struct kvm_regs regs = {0};

	if (!counter->rounds)
		return;
	ioctl(vcpu->fd, KVM_GET_REGS, &regs);
	if (regs.rcx + 1 < counter->rounds) {
		uint64_t n = counter->rounds - regs.rcx - 1;

		add_steps(counter, n);
		count_of(counter, &counter->last)->steps += n;
	}
}

/* Programs run without being seen where CPL 0 is emulated: a step from it to CPL 3 ends in the
 * kernel again. */
static void count_step(struct counter *counter, const struct vcpu *vcpu, uint64_t pc)
{
	uint64_t last = counter->last.address;

	if (pc < KERNEL_HALF)
		return;
	count_rounds(counter, vcpu);
	add_steps(counter, 1);
	count_function(counter, pc);
	counter->rounds = rounds_left(counter, vcpu, pc);
	if (counter->last.address != last &&
		(counter->last.address == counter->stubs ||
			counter->last.address == counter->syscall_entry))
		counter->entered_at = counter->steps - 1;
	if (pc == counter->trap_handle || pc == counter->syscall_handle)
		find_cause(counter, vcpu, pc);
}

static bool at_prompt(const struct console *console)
{
	return console->line_used >= 2 && !memcmp(console->line + console->line_used - 2, "# ", 2);
}

/* With a counter, step by step. */
static void run(struct counter *counter, struct machine *machine)
{
	struct kvm_guest_debug debug = {.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP};
	struct vcpu *vcpu = &machine->vcpus[0];

	vcpu->thread = pthread_self();
	if (counter && ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &debug))
		err(1, "KVM_SET_GUEST_DEBUG");
	while (!machine->ended && !at_prompt(&machine->console)) {
		if (ioctl(vcpu->fd, KVM_RUN, 0))
			err(1, "KVM_RUN");
		if (counter && vcpu->run->exit_reason == KVM_EXIT_DEBUG)
			count_step(counter, vcpu, vcpu->run->debug.arch.pc);
		else
			exit_handle(vcpu);
	}
}

static double cpu_ms(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (double)used.tv_sec * 1e3 + (double)used.tv_nsec * 1e-6;
}

/* Milliseconds that the guest took of this thread's time: others do not count. */
static double run_guest(const struct kvm *kvm, const struct config *config, struct counter *counter)
{
	static struct machine machine;
	struct image image;
	struct error error;
	double ms;

	if (!image_open(&image, config, &error) ||
		!machine_create(&machine, kvm, config, &image, MACHINE_SILENT, &error))
		errx(1, "%s", error.text);
	machine.started = machine_now();
	ms = cpu_ms();
	run(counter, &machine);
	ms = cpu_ms() - ms;
	machine_destroy(&machine);
	image_close(&image);
	return ms;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int more_first(const void *a, const void *b)
{
	const struct count *x = a, *y = b;

	return (x->steps < y->steps) - (x->steps > y->steps);
}

static void show(struct count *counts, unsigned n)
{
	qsort(counts, n, sizeof(*counts), more_first);
	for (unsigned i = 0; i < n && counts[i].steps; i++)
		printf("  %-32s %8llu steps %7llu entries %8.1f each\n", counts[i].name,
			(unsigned long long)counts[i].steps, (unsigned long long)counts[i].entries,
			(double)counts[i].steps /
				(double)(counts[i].entries ? counts[i].entries : 1));
}

static void name_causes(struct counter *counter)
{
	for (unsigned i = 0; i < CAUSES; i++)
		snprintf(counter->causes[i].name, sizeof(counter->causes[i].name),
			i == CAUSE_BOOT     ? "boot"
			: i < CAUSE_SYSCALL ? "vector %u"
					    : "system call %u",
			i < CAUSE_SYSCALL ? i : i - CAUSE_SYSCALL);
}

static uint64_t address_of(struct counter *counter, const char *name)
{
	struct symbol symbol;

	if (!symbols_find_name(counter->symbols, name, &symbol))
		errx(1, "the kernel has no %s", name);
	return symbol.address;
}

static void read_symbols(struct counter *counter, const char *path)
{
	char error[256];

	counter->symbols = symbols_create();
	if (!counter->symbols ||
		!symbols_add(counter->symbols, path, 0, 0, UINT64_MAX, error, sizeof(error)))
		errx(1, "%s", error);
	counter->stubs = address_of(counter, "trap_stubs");
	counter->syscall_entry = address_of(counter, "syscall_entry");
	counter->trap_handle = address_of(counter, "trap_handle");
	counter->syscall_handle = address_of(counter, "syscall_handle");
}

int main(int argc, char **argv)
{
	static struct counter counter = {.cause = CAUSE_BOOT};
	bool verbose = argc > 1 && !strcmp(argv[1], "-v");
	char **word = argv + verbose;
	struct config config = {.memory = 128 << 20, .cpus = 1, .expect = "^$^"};
	struct kvm kvm;
	struct error error;
	double ms[ROUNDS];

	if (argc - verbose < 3)
		errx(64, "usage: bench_steps [-v] KERNEL INITRD [COMMAND-LINE]");
	config.image = word[1];
	config.initrd = word[2];
	config.command_line = word[3] ? word[3] : (char *)"";
	run_block_signals();
	if (!kvm_open(&kvm, &error)) {
		printf("skip: bench_steps: %s\n", error.text);
		return 0;
	}
	read_symbols(&counter, word[1]);
	for (int i = 0; i < ROUNDS; i++)
		ms[i] = run_guest(&kvm, &config, NULL);
	qsort(ms, ROUNDS, sizeof(ms[0]), compare);
	run_guest(&kvm, &config, &counter);
	printf("  from the first instruction, CPU time %7.2f %9.2f   %llu instructions at CPL 0\n",
		ms[ROUNDS / 2], ms[0], (unsigned long long)counter.steps);
	if (verbose) {
		name_causes(&counter);
		show(counter.causes, CAUSES);
		show(counter.functions, counter.function_count);
	}
	return 0;
}
