/* SPDX-License-Identifier: MIT */
/*
 * names.c: names of deaths, exits (Documentation/virt/kvm/api.rst, 5 "The kvm_run structure"), PC
 * ports and registers.
 */
#include "names.h"

#include <stddef.h>
#include <string.h>

#include "guest_abi.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct named {
	const char *word, *text;
};

static const struct named deaths[] = {
	[DEATH_NONE] = {"none", "no death"},
	[DEATH_SHUTDOWN] = {"shutdown", "a triple fault"},
	[DEATH_BOOT_EXCEPTION] = {"boot-exception",
		"an exception before the kernel had an IDT of its own"},
	[DEATH_PANIC] = {"panic", "a panic that the guest kernel reported"},
	[DEATH_KVM_INTERNAL] = {"kvm-internal", "an internal error of KVM"},
	[DEATH_FAIL_ENTRY] = {"fail-entry", "a state that the CPU refuses to enter"},
	[DEATH_UNKNOWN_EXIT] = {"unknown-exit", "an exit of KVM that vmm does not know"},
	[DEATH_STUCK] = {"stuck", "a state in which it can never run again"},
	[DEATH_TIMEOUT] = {"timeout", "the timeout"},
};

static const struct named stucks[] = {
	[STUCK_NONE] = {NULL, NULL},
	[STUCK_HLT_IF0] = {"hlt-if0", "halted with interrupts off on every vCPU"},
	[STUCK_HLT_MASKED] = {"hlt-masked",
		"halted with interrupts on, but no source can raise one"},
	[STUCK_SPIN_IF0] = {"spin-if0", "jumps to itself with interrupts off"},
	[STUCK_VMCALL] = {"vmcall", "KVM repeats a hypercall instruction for ever"},
};

static const struct named origins[] = {
	[STATE_OBSERVED] = {"observed", "KVM kept the registers of the moment of death"},
	[STATE_LOST] = {"lost", "KVM has reset the registers: they say nothing about the crash"},
	[STATE_RECOVERED] = {"recovered",
		"a second run reached the same death; these are the registers just before it"},
};

static const struct named reruns[] = {
	[RERUN_NONE] = {"none", "no second run was needed"},
	[RERUN_SAME] = {"same", "a second run died in the same way"},
	[RERUN_OTHER] = {"other", "a second run died in another way"},
	[RERUN_ALIVE] = {"alive", "a second run did not die"},
	[RERUN_FAILED] = {"failed", "a second run could not be done on this host"},
};

static const char *const run_states[] = {
	[CPU_RUNNABLE] = "runnable",
	[CPU_HALTED] = "halted",
	[CPU_WAIT_FOR_INIT] = "waits for INIT",
	[CPU_WAIT_FOR_SIPI] = "waits for SIPI",
};

static const char *const exit_reasons[] = {
	[0] = "UNKNOWN",
	[1] = "EXCEPTION",
	[2] = "IO",
	[3] = "HYPERCALL",
	[4] = "DEBUG",
	[5] = "HLT",
	[6] = "MMIO",
	[7] = "IRQ_WINDOW_OPEN",
	[8] = "SHUTDOWN",
	[9] = "FAIL_ENTRY",
	[10] = "INTR",
	[11] = "SET_TPR",
	[12] = "TPR_ACCESS",
	[16] = "NMI",
	[17] = "INTERNAL_ERROR",
	[24] = "SYSTEM_EVENT",
	[26] = "IOAPIC_EOI",
	[29] = "X86_RDMSR",
	[30] = "X86_WRMSR",
	[31] = "DIRTY_RING_FULL",
	[33] = "X86_BUS_LOCK",
	[37] = "NOTIFY",
	[39] = "MEMORY_FAULT",
};

static const char *const suberrors[] = {
	[1] = "KVM's instruction emulator does not know an instruction",
	[2] = "two exceptions at once that KVM cannot merge",
	[3] = "an exit came while an event was being delivered",
	[4] = "the CPU left the guest for a reason that KVM does not know",
};

static const struct {
	uint16_t first, last;
	const char *name;
} ports[] = {
	{0x20, 0x20, "PIC 1 command"},
	{0x21, 0x21, "PIC 1 mask"},
	{0x40, 0x42, "PIT counter"},
	{0x43, 0x43, "PIT command"},
	{0x60, 0x60, "keyboard data"},
	{0x61, 0x61, "PC speaker gate"},
	{0x64, 0x64, "keyboard command"},
	{0x70, 0x70, "CMOS index"},
	{0x71, 0x71, "CMOS data"},
	{0x80, 0x80, "POST code"},
	{0x92, 0x92, "fast A20 gate"},
	{0xa0, 0xa0, "PIC 2 command"},
	{0xa1, 0xa1, "PIC 2 mask"},
	{0xb2, 0xb2, "APM control"},
	{VMM_PORT_DEBUGCON, VMM_PORT_DEBUGCON, "debug console"},
	{VMM_PORT_DEBUG_EXIT, VMM_PORT_DEBUG_EXIT, "isa-debug-exit"},
	{VMM_PORT_BOOT_TRAP, VMM_PORT_BOOT_TRAP, "boot IDT stub"},
	{0x170, 0x177, "secondary IDE"},
	{0x1ce, 0x1cf, "Bochs VBE"},
	{0x1f0, 0x1f7, "primary IDE"},
	{0x278, 0x27a, "LPT2"},
	{0x2e8, 0x2ef, "COM4"},
	{0x2f8, 0x2ff, "COM2"},
	{0x378, 0x37a, "LPT1"},
	{0x3b0, 0x3df, "VGA"},
	{0x3e8, 0x3ef, "COM3"},
	{0x3f0, 0x3f5, "floppy disk"},
	{0x3f6, 0x3f7, "primary IDE control"},
	{VMM_PORT_COM1, VMM_PORT_COM1, "COM1 data"},
	{0x3f9, 0x3f9, "COM1 interrupt enable"},
	{0x3fa, 0x3fa, "COM1 FIFO control"},
	{0x3fb, 0x3fb, "COM1 line control"},
	{0x3fc, 0x3fc, "COM1 modem control"},
	{0x3fd, 0x3fd, "COM1 line status"},
	{0x3fe, 0x3ff, "COM1 modem status"},
	{0x4d0, 0x4d1, "PIC edge/level"},
	{VMM_PORT_HYPERCALL, VMM_PORT_HYPERCALL, "byte hypercall"},
	{VMM_PORT_CONSOLE, VMM_PORT_CONSOLE, "buffer console"},
	{VMM_PORT_EXIT, VMM_PORT_EXIT, "exit port"},
	{VMM_PORT_PVPANIC, VMM_PORT_PVPANIC, "pvpanic"},
	{0x510, 0x511, "fw_cfg"},
	{VMM_PORT_ACPI_PM1A_CNT, VMM_PORT_ACPI_PM1A_CNT, "ACPI power off"},
	{0xcf8, 0xcfb, "PCI address"},
	{0xcfc, 0xcff, "PCI data"},
};

static const struct named *named_at(const struct named *table, size_t count, unsigned index)
{
	static const struct named unknown = {"unknown", "a number that vmm does not know"};

	return index < count ? &table[index] : &unknown;
}

const char *death_word(enum death death)
{
	return named_at(deaths, COUNT(deaths), death)->word;
}

const char *death_text(enum death death)
{
	return named_at(deaths, COUNT(deaths), death)->text;
}

int death_status(enum death death)
{
	static const uint8_t statuses[] = {
		[DEATH_SHUTDOWN] = 80,
		[DEATH_BOOT_EXCEPTION] = 80,
		[DEATH_PANIC] = 81,
		[DEATH_KVM_INTERNAL] = 82,
		[DEATH_FAIL_ENTRY] = 82,
		[DEATH_UNKNOWN_EXIT] = 82,
		[DEATH_STUCK] = 83,
		[DEATH_TIMEOUT] = 124,
	};

	return (unsigned)death < COUNT(statuses) ? statuses[death] : 0;
}

const char *stuck_word(enum stuck stuck)
{
	return named_at(stucks, COUNT(stucks), stuck)->word;
}

const char *stuck_text(enum stuck stuck)
{
	return named_at(stucks, COUNT(stucks), stuck)->text;
}

const char *origin_word(enum state_origin origin)
{
	return named_at(origins, COUNT(origins), origin)->word;
}

const char *origin_text(enum state_origin origin)
{
	return named_at(origins, COUNT(origins), origin)->text;
}

const char *rerun_word(enum rerun rerun)
{
	return named_at(reruns, COUNT(reruns), rerun)->word;
}

const char *rerun_text(enum rerun rerun)
{
	return named_at(reruns, COUNT(reruns), rerun)->text;
}

const char *run_state_name(enum cpu_run_state state)
{
	return (unsigned)state < COUNT(run_states) ? run_states[state] : "unknown";
}

const char *exit_reason_name(uint32_t reason)
{
	return reason < COUNT(exit_reasons) ? exit_reasons[reason] : NULL;
}

const char *suberror_text(uint32_t suberror)
{
	return suberror < COUNT(suberrors) ? suberrors[suberror] : NULL;
}

const char *port_name(uint64_t port)
{
	for (size_t i = 0; i < COUNT(ports); i++)
		if (port >= ports[i].first && port <= ports[i].last)
			return ports[i].name;
	return NULL;
}

const char *gpr_name(unsigned index, bool wide)
{
	static const char names[GPR_COUNT][4] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi",
		"rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"};
	static const char narrow[8][4] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};

	if (!wide && index < 8)
		return narrow[index];
	return index < GPR_COUNT ? names[index] : "?";
}

static const struct {
	const char *name;
	size_t offset;
} system_registers[SYSTEM_REGISTERS] = {
	{"cr2", offsetof(struct cpu_state, cr2)},
	{"cr3", offsetof(struct cpu_state, cr3)},
	{"cr8", offsetof(struct cpu_state, cr8)},
	{"apic_base", offsetof(struct cpu_state, apic_base)},
	{"dr0", offsetof(struct cpu_state, dr[0])},
	{"dr1", offsetof(struct cpu_state, dr[1])},
	{"dr2", offsetof(struct cpu_state, dr[2])},
	{"dr3", offsetof(struct cpu_state, dr[3])},
	{"dr6", offsetof(struct cpu_state, dr[6])},
	{"dr7", offsetof(struct cpu_state, dr[7])},
	{"star", offsetof(struct cpu_state, star)},
	{"lstar", offsetof(struct cpu_state, lstar)},
	{"cstar", offsetof(struct cpu_state, cstar)},
	{"sfmask", offsetof(struct cpu_state, sfmask)},
	{"kernel_gs_base", offsetof(struct cpu_state, kernel_gs_base)},
	{"pat", offsetof(struct cpu_state, pat)},
	{"sysenter_cs", offsetof(struct cpu_state, sysenter_cs)},
	{"sysenter_esp", offsetof(struct cpu_state, sysenter_esp)},
	{"sysenter_eip", offsetof(struct cpu_state, sysenter_eip)},
	{"cr0", offsetof(struct cpu_state, cr0)},
	{"cr4", offsetof(struct cpu_state, cr4)},
	{"efer", offsetof(struct cpu_state, efer)},
};

const char *system_register_name(unsigned index)
{
	return system_registers[index].name;
}

uint64_t system_register_value(const struct cpu_state *cpu, unsigned index)
{
	uint64_t value;

	memcpy(&value, (const char *)cpu + system_registers[index].offset, sizeof(value));
	return value;
}

const char *stack_pointer_name(const struct cpu_state *cpu)
{
	return cpu_long_mode(cpu) ? "rsp" : "esp";
}

const char *stack_pointer_title(const struct cpu_state *cpu)
{
	return cpu_long_mode(cpu) ? "RSP" : "ESP";
}

const char *segment_name(unsigned index)
{
	static const char names[SEG_COUNT][3] = {"es", "cs", "ss", "ds", "fs", "gs"};

	return index < SEG_COUNT ? names[index] : "?";
}
