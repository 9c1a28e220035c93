/* SPDX-License-Identifier: MIT */
/*
 * host_quirks.c: one probe a quirk. docs/hosts.md has the answers of the KVMs that were looked at.
 */
#include "host_quirks.h"

#include <string.h>

/* Bytes as they are in memory, for code that is tried. */
#define CODE(vm, bytes)      host_vm_code(vm, HOST_VM_CODE, bytes, sizeof(bytes) - 1)
#define USER_CODE(vm, bytes) host_vm_code(vm, HOST_VM_USER, bytes, sizeof(bytes) - 1)

#define DONE           0x99 /* the port that code writes to when it has worked */
#define OUT_DONE       "\xe6\x99"
#define UD2            "\x0f\x0b"
#define STAR_SYSRET    (0x0010ull << 48) /* sysretq loads CS = 0x10 + 16, SS = 0x10 + 8 */
#define IDT_OF_HOST_VM 0x3000u

static bool is_done(struct host_end end)
{
	return end.kind == HOST_END_OUT && end.port == DONE;
}

static bool is_handler(struct host_end end, unsigned vector)
{
	return end.kind == HOST_END_HANDLER && end.vector == vector;
}

/* An exception that cannot be delivered: no IDT. */
static struct host_end triple_fault(struct host_vm *vm)
{
	struct cpu_state cpu;

	host_vm_prepare(vm, HOST_LONG, &cpu);
	CODE(vm, UD2);
	cpu.idtr.limit = 0;
	return host_vm_run(vm, &cpu);
}

static unsigned try_registers(struct host_vm *vm)
{
	struct host_end end = triple_fault(vm);

	if (end.kind != HOST_END_SHUTDOWN)
		return 2;
	return end.regs.rip == HOST_VM_CODE ? 0 : 1;
}

static unsigned try_first_exception(struct host_vm *vm)
{
	struct kvm_vcpu_events events;

	if (triple_fault(vm).kind != HOST_END_SHUTDOWN ||
		ioctl(vm->vcpu.fd, KVM_GET_VCPU_EVENTS, &events))
		return 3;
	if (events.exception.nr == VEC_UD)
		return 0;
	return events.exception.nr == VEC_DF ? 1 : 2;
}

static unsigned try_real_mode(struct host_vm *vm)
{
	struct cpu_state cpu;

	host_vm_prepare(vm, HOST_REAL, &cpu);
	CODE(vm, OUT_DONE);
	return is_done(host_vm_run(vm, &cpu)) ? 0 : 1;
}

/* ud2 with an interrupt vector table that has no room for its vector. */
static unsigned try_real_fault(struct host_vm *vm)
{
	struct cpu_state cpu;

	host_vm_prepare(vm, HOST_REAL, &cpu);
	CODE(vm, UD2);
	cpu.idtr.limit = 0;
	return host_vm_run(vm, &cpu).kind == HOST_END_SHUTDOWN ? 0 : 1;
}

static unsigned try_pse32(struct host_vm *vm)
{
	struct cpu_state cpu;
	struct host_end end;

	host_vm_prepare(vm, HOST_PSE32, &cpu);
	CODE(vm, OUT_DONE);
	end = host_vm_run(vm, &cpu);
	if (is_done(end))
		return 0;
	return end.kind == HOST_END_REFUSED ? 1 : 2;
}

static unsigned try_paging_on(struct host_vm *vm)
{
	struct cpu_state cpu;

	host_vm_prepare(vm, HOST_PM32, &cpu);
	/* mov %cr4, %eax; or $PSE, %al; mov %eax, %cr4; mov $HOST_VM_PD32, %eax; mov %eax, %cr3;
	 * mov %cr0, %eax; or $PG, %eax; mov %eax, %cr0 */
	CODE(vm, "\x0f\x20\xe0\x0c\x10\x0f\x22\xe0\xb8\x00\xb0\x00\x00\x0f\x22\xd8"
		 "\x0f\x20\xc0\x0d\x00\x00\x00\x80\x0f\x22\xc0" OUT_DONE);
	return is_done(host_vm_run(vm, &cpu)) ? 0 : 1;
}

static unsigned try_int3(struct host_vm *vm)
{
	struct cpu_state cpu;

	host_vm_prepare(vm, HOST_LONG, &cpu);
	CODE(vm, "\xcc");
	return is_handler(host_vm_run(vm, &cpu), VEC_BP) ? 0 : 1;
}

static unsigned try_int80(struct host_vm *vm)
{
	struct cpu_state cpu;
	struct host_end end;

	host_vm_prepare(vm, HOST_LONG, &cpu);
	host_vm_to_user(&cpu);
	USER_CODE(vm, "\xcd\x80");
	end = host_vm_run(vm, &cpu);
	if (is_handler(end, 0x80))
		return 0;
	return is_handler(end, VEC_UD) ? 1 : 2;
}

static void set_star(const struct host_vm *vm, uint64_t value)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} star = {.head.nmsrs = 1, .entry = {.index = MSR_STAR, .data = value}};

	ioctl(vm->vcpu.fd, KVM_SET_MSRS, &star);
}

/* User mode begins with a ud2, whose frame tells that it was reached; what stays behind the sysretq
 * gets a #GP for its hlt. */
static unsigned try_sysret(struct host_vm *vm)
{
	struct cpu_state cpu;
	struct host_end end;
	uint64_t rip;

	host_vm_prepare(vm, HOST_LONG, &cpu);
	CODE(vm, "\x48\x0f\x07\xf4");
	USER_CODE(vm, UD2);
	cpu.efer |= EFER_SCE;
	cpu.gpr[GPR_RCX] = HOST_VM_USER;
	cpu.gpr[GPR_R11] = RFLAGS_FIXED;
	set_star(vm, STAR_SYSRET);
	end = host_vm_run(vm, &cpu);
	memcpy(&rip, vm->memory + HOST_VM_STACK - 40, sizeof(rip));
	return is_handler(end, VEC_UD) && rip == HOST_VM_USER ? 0 : 1;
}

/* A gate whose selector is that of data: SDM vol. 3, 6.12.1 asks for #GP. */
static unsigned try_gate(struct host_vm *vm)
{
	struct cpu_state cpu;

	host_vm_prepare(vm, HOST_LONG, &cpu);
	CODE(vm, UD2);
	vm->memory[IDT_OF_HOST_VM + VEC_UD * 16 + 2] = 0x10;
	return is_handler(host_vm_run(vm, &cpu), VEC_GP) ? 0 : 1;
}

static unsigned try_sse(struct host_vm *vm)
{
	struct cpu_state cpu;

	host_vm_prepare(vm, HOST_LONG, &cpu);
	CODE(vm, "\x66\x0f\xef\xc0" OUT_DONE); /* pxor %xmm0, %xmm0 */
	cpu.cr4 |= CR4_OSFXSR;
	return is_done(host_vm_run(vm, &cpu)) ? 0 : 1;
}

static unsigned try_vmcall(struct host_vm *vm)
{
	struct cpu_state cpu;
	struct host_end end;

	host_vm_prepare(vm, HOST_LONG, &cpu);
	CODE(vm, "\x0f\x01\xc1" OUT_DONE);
	end = host_vm_run(vm, &cpu);
	return end.kind == HOST_END_NEVER ? 1 : 0;
}

static struct host_end step(struct host_vm *vm, const struct cpu_state *cpu)
{
	struct host_end end;

	vm->debug =
		(struct kvm_guest_debug){.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP};
	end = host_vm_run(vm, cpu);
	vm->debug.control = 0;
	return end;
}

static unsigned try_step(struct host_vm *vm)
{
	struct cpu_state cpu;
	struct host_end end;

	host_vm_prepare(vm, HOST_LONG, &cpu);
	CODE(vm, "\x90" OUT_DONE);
	end = step(vm, &cpu);
	return end.kind == HOST_END_DEBUG && end.regs.rip == HOST_VM_CODE + 1 ? 0 : 1;
}

static unsigned try_user_step(struct host_vm *vm)
{
	struct cpu_state cpu;
	struct host_end end;

	host_vm_prepare(vm, HOST_LONG, &cpu);
	host_vm_to_user(&cpu);
	USER_CODE(vm, "\x90" UD2);
	end = step(vm, &cpu);
	return end.kind == HOST_END_DEBUG && end.regs.rip == HOST_VM_USER + 1 ? 0 : 1;
}

/* The next stop is in the handler, or the handler has run already. */
static unsigned try_step_into_handler(struct host_vm *vm)
{
	struct cpu_state cpu;

	host_vm_prepare(vm, HOST_LONG, &cpu);
	CODE(vm, UD2);
	return step(vm, &cpu).kind == HOST_END_DEBUG ? 0 : 1;
}

static unsigned try_breakpoint(struct host_vm *vm)
{
	struct cpu_state cpu;
	struct host_end end;

	host_vm_prepare(vm, HOST_LONG, &cpu);
	CODE(vm, "\x90\x90" OUT_DONE);
	vm->debug =
		(struct kvm_guest_debug){.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP,
			/* Exact, and slot 0 on for execution: SDM vol. 3, 17.2.4 "Debug Control
	                 * Register (DR7)". */
			.arch.debugreg = {[0] = HOST_VM_CODE + 1, [7] = 0x602}};
	end = host_vm_run(vm, &cpu);
	vm->debug.control = 0;
	return end.kind == HOST_END_DEBUG && end.regs.rip == HOST_VM_CODE + 1 ? 0 : 1;
}

#define ANSWERS 4

static const struct quirk {
	const char *name;
	unsigned (*try)(struct host_vm *vm);
	struct host_answer answers[ANSWERS];
} quirks[] = {
	{"registers at a triple fault", try_registers,
		{{"kept", "explains them as they are"},
			{"reset, as after INIT", "runs the guest again and single-steps to its "
						 "death to get them back"},
			{"no triple fault seen", "reports what KVM said instead"}}},
	{"exception kept with it", try_first_exception,
		{{"the first one", "takes it for the first fault where the registers fit it"},
			{"the double fault", "finds the first fault from the instruction"},
			{"none", "finds the first fault from the instruction"},
			{"unknown", "finds the first fault from the instruction"}}},
	{"real mode", try_real_mode,
		{{"runs", "runs real-mode images"},
			{"does not run", "reports real-mode guests as KVM's failure"}}},
	{"triple fault in real mode", try_real_fault,
		{{"a shutdown", "status 80"},
			{"an emulation failure",
				"explains it as a death all the same, status 82"}}},
	{"32-bit paging from the start", try_pse32,
		{{"works", "runs pse32 images"},
			{"CR0.PG is dropped",
				"refuses pse32 images with status 69 and names tools/lab"},
			{"taken, does not run",
				"refuses pse32 images with status 69 and names tools/lab"}}},
	{"32-bit paging set by the guest", try_paging_on,
		{{"works", "nothing"}, {"ends the guest", "blames the host, not the guest"}}},
	{"int3 in the kernel", try_int3,
		{{"delivered", "tells the guest so in its boot information"},
			{"not emulated", "tells the guest so, and blames KVM when it dies of it"}}},
	{"int $0x80 in user mode", try_int80,
		{{"delivered", "nothing"}, {"raises #UD", "names KVM when a program dies of it"},
			{"neither", "reports what comes of it"}}},
	{"sysretq", try_sysret,
		{{"works", "tells the guest so in its boot information"},
			{"broken", "tells the guest so: its kernel returns by iretq"}}},
	{"gate with a data selector", try_gate,
		{{"#GP, as it must be", "nothing"},
			{"entered all the same", "explains what KVM did, not what a CPU does"}}},
	{"SSE in the kernel", try_sse,
		{{"works", "nothing"}, {"not emulated", "names the instruction, status 82"}}},
	{"vmcall in the kernel", try_vmcall,
		{{"ends", "nothing"},
			{"is repeated for ever", "ends the guest with status 83 and says so"}}},
	{"single step, kernel", try_step,
		{{"works", "trusts it in second runs"},
			{"does not stop", "recovers no registers by a second run"}}},
	{"single step, user mode", try_user_step,
		{{"works", "trusts it in second runs"},
			{"does not stop",
				"says nothing about a death in user mode that needs it"}}},
	{"single step over an exception", try_step_into_handler,
		{{"stops in the handler", "nothing"},
			{"the handler runs unseen", "sets traps at the handlers' entries"}}},
	{"hardware breakpoint", try_breakpoint,
		{{"stops", "uses none: --watch works by read-only pages everywhere"},
			{"does not stop",
				"uses none: --watch works by read-only pages everywhere"}}},
};

unsigned host_quirk_count(void)
{
	return sizeof(quirks) / sizeof(quirks[0]);
}

struct host_answer host_quirk_try(struct host_vm *vm, unsigned index, const char **name)
{
	const struct quirk *quirk = &quirks[index];

	*name = quirk->name;
	return quirk->answers[quirk->try(vm)];
}
