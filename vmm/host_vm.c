/* SPDX-License-Identifier: MIT */
/*
 * host_vm.c: a virtual machine for probes: tables by SDM vol. 3, chapters 3 to 6.
 */
#include "host_vm.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "run.h"
#include "watchdog.h"

#define MEMORY_SIZE 0x100000u
#define IDT         0x3000u
#define GDT         0x4000u
#define TSS         0x5000u
#define PML4        0x8000u
#define PDPT        0x9000u
#define PD          0xa000u
#define SECONDS     1.0  /* for instructions that KVM repeats for ever */
#define PORT_OUT    0xe6 /* out %al, imm8 */
#define TSS_RSP0    4
#define SEL_CODE    0x08
#define SEL_DATA    0x10
#define SEL_UDATA   0x18
#define SEL_UCODE   0x20
#define SEL_TSS     0x28
#define SEL_CODE32  0x38
#define PTE_ALL     0x7u /* present, writable, user */

static bool add_memory(struct host_vm *vm, struct error *err)
{
	struct kvm_userspace_memory_region region = {.memory_size = MEMORY_SIZE};

	vm->memory =
		mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm->memory == MAP_FAILED)
		return error_errno(err, STATUS_HOST, "memory for probes");
	region.userspace_addr = (uintptr_t)vm->memory;
	if (kvm_ioctl(vm->machine.fd, KVM_SET_USER_MEMORY_REGION, &region, err) >= 0)
		return true;
	munmap(vm->memory, MEMORY_SIZE);
	return false;
}

bool host_vm_create(struct host_vm *vm, const struct kvm *kvm, struct error *err)
{
	*vm = (struct host_vm){.machine.kvm = kvm};
	run_block_signals();
	if (!machine_create_vm(&vm->machine, err))
		return false;
	if (!add_memory(vm, err))
		goto no_memory;
	if (!vcpu_create(&vm->vcpu, &vm->machine, 0, err))
		goto no_vcpu;
	if (watchdog_create(&vm->timer, err))
		return true;
	vcpu_destroy(&vm->vcpu);
no_vcpu:
	munmap(vm->memory, MEMORY_SIZE);
no_memory:
	close(vm->machine.fd);
	return false;
}

void host_vm_destroy(struct host_vm *vm)
{
	watchdog_stop(vm->timer);
	vcpu_destroy(&vm->vcpu);
	munmap(vm->memory, MEMORY_SIZE);
	close(vm->machine.fd);
}

static void put64(struct host_vm *vm, uint64_t address, uint64_t value)
{
	memcpy(vm->memory + address, &value, sizeof(value));
}

void host_vm_code(struct host_vm *vm, uint64_t address, const void *code, size_t size)
{
	memcpy(vm->memory + address, code, size);
}

/* Interrupt gates of DPL 3 to the stubs: SDM vol. 3, 6.11 "IDT Descriptors", 6.14.1 "64-Bit Mode
 * IDT". */
static void write_idt(struct host_vm *vm, enum host_mode mode)
{
	static const uint8_t stub[HOST_VM_STRIDE] = {PORT_OUT, HOST_VM_PORT, 0xf4, 0xf4};

	for (unsigned vector = 0; vector < 256; vector++) {
		uint64_t to = HOST_VM_STUBS + vector * HOST_VM_STRIDE;
		uint64_t selector = mode == HOST_LONG ? SEL_CODE : SEL_CODE32;

		host_vm_code(vm, to, stub, sizeof(stub));
		if (mode == HOST_REAL)
			host_vm_code(vm, vector * 4, &to, 4);
		else if (mode == HOST_LONG)
			put64(vm, IDT + vector * 16, to | selector << 16 | 0xee00ull << 32);
		else
			put64(vm, IDT + vector * 8, to | selector << 16 | 0xee00ull << 32);
	}
}

/* SDM vol. 3, 3.4.5 "Segment Descriptors", 7.2.3 "TSS Descriptor in 64-bit mode". */
static void write_gdt(struct host_vm *vm)
{
	static const uint64_t gdt[] = {0, 0x00af9b000000ffff, 0x00cf93000000ffff,
		0x00cff3000000ffff, 0x00affb000000ffff, 0x00008b0000000067ull | (uint64_t)TSS << 16,
		0, 0x00cf9b000000ffff};

	host_vm_code(vm, GDT, gdt, sizeof(gdt));
	put64(vm, TSS + TSS_RSP0, HOST_VM_STACK);
}

static void write_page_tables(struct host_vm *vm)
{
	put64(vm, PML4, PDPT | PTE_ALL);
	put64(vm, PDPT, PD | PTE_ALL);
	put64(vm, PD, PTE_PS | PTE_ALL);
	put64(vm, PD + 8, 0x200000 | PTE_PS | PTE_ALL);
	put64(vm, HOST_VM_PD32, PTE_PS | PTE_ALL);
}

static struct cpu_segment segment(uint16_t selector, uint8_t type, bool l, bool db)
{
	return (struct cpu_segment){.limit = 0xffffffff,
		.selector = selector,
		.type = type,
		.s = true,
		.present = true,
		.g = true,
		.l = l,
		.db = db,
		.dpl = selector & 3};
}

static void set_segments(struct cpu_state *cpu, enum host_mode mode)
{
	for (unsigned i = 0; i < SEG_COUNT; i++) {
		cpu->seg[i] = segment(SEL_DATA, 3, false, true);
		if (mode == HOST_REAL)
			cpu->seg[i] = (struct cpu_segment){
				.limit = 0xffff, .type = 3, .s = true, .present = true};
	}
	if (mode == HOST_REAL)
		cpu->seg[SEG_CS].type = 11;
	else if (mode == HOST_LONG)
		cpu->seg[SEG_CS] = segment(SEL_CODE, 11, true, false);
	else
		cpu->seg[SEG_CS] = segment(SEL_CODE32, 11, false, true);
	cpu->tr = (struct cpu_segment){.base = TSS,
		.limit = 0x67,
		.selector = SEL_TSS,
		.type = DESC_TSS_BUSY,
		.present = true};
	cpu->ldtr = (struct cpu_segment){.type = DESC_LDT, .unusable = true};
}

void host_vm_prepare(struct host_vm *vm, enum host_mode mode, struct cpu_state *cpu)
{
	memset(vm->memory, 0, MEMORY_SIZE);
	write_idt(vm, mode);
	write_gdt(vm);
	write_page_tables(vm);
	*cpu = (struct cpu_state){.rflags = RFLAGS_FIXED, .rip = HOST_VM_CODE};
	cpu->cr0 = CR0_ET | (mode == HOST_REAL ? 0 : CR0_PE);
	cpu->gpr[GPR_RSP] = HOST_VM_STACK;
	set_segments(cpu, mode);
	cpu->gdtr = (struct cpu_table){GDT, 8 * 8 - 1};
	cpu->idtr =
		(struct cpu_table){mode == HOST_REAL ? 0 : IDT, mode == HOST_REAL ? 0x3ff : 0xfff};
	if (mode == HOST_LONG) {
		cpu->cr0 |= CR0_PG;
		cpu->cr3 = PML4;
		cpu->cr4 = CR4_PAE;
		cpu->efer = EFER_LME | EFER_LMA;
	} else if (mode == HOST_PSE32) {
		cpu->cr0 |= CR0_PG;
		cpu->cr3 = HOST_VM_PD32;
		cpu->cr4 = CR4_PSE;
	}
}

void host_vm_to_user(struct cpu_state *cpu)
{
	cpu->seg[SEG_CS] = segment(SEL_UCODE | 3, 11, true, false);
	cpu->seg[SEG_SS] = segment(SEL_UDATA | 3, 3, false, true);
	cpu->gpr[GPR_RSP] = HOST_VM_STACK - 0x800;
	cpu->rip = HOST_VM_USER;
}

static struct host_end end_of_exit(const struct kvm_run *run, const struct kvm_regs *regs)
{
	struct host_end end = {.kind = HOST_END_OTHER, .regs = *regs};

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		end.kind = HOST_END_OUT;
		end.port = run->io.port;
		if (run->io.port != HOST_VM_PORT)
			break;
		/* RIP may be at the out, or behind it. */
		end.kind = HOST_END_HANDLER;
		end.vector = (unsigned)(regs->rip - HOST_VM_STUBS) / HOST_VM_STRIDE;
		break;
	case KVM_EXIT_HLT:
		end.kind = HOST_END_HLT;
		break;
	case KVM_EXIT_DEBUG:
		end.kind = HOST_END_DEBUG;
		break;
	case KVM_EXIT_SHUTDOWN:
		end.kind = HOST_END_SHUTDOWN;
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		end.kind = HOST_END_EMULATION;
		break;
	}
	return end;
}

/* What an earlier probe has left behind. */
static void forget_events(const struct vcpu *vcpu)
{
	struct kvm_mp_state runnable = {.mp_state = KVM_MP_STATE_RUNNABLE};
	struct kvm_vcpu_events events = {.flags = 0};
	struct kvm_guest_debug debug = {.control = 0};

	vcpu->run->immediate_exit = 1;
	ioctl(vcpu->fd, KVM_RUN, 0);
	vcpu->run->immediate_exit = 0;
	ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &debug);
	ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &events);
	ioctl(vcpu->fd, KVM_SET_MP_STATE, &runnable);
}

struct host_end host_vm_run(struct host_vm *vm, const struct cpu_state *cpu)
{
	struct kvm_guest_debug debug = vm->debug;
	const struct vcpu *vcpu = &vm->vcpu;
	struct host_end end = {.kind = HOST_END_REFUSED};
	struct kvm_regs regs;
	struct error ignored;
	bool tick = false;
	int ret;

	if (cpu) {
		forget_events(vcpu);
		if (!vcpu_set_state(vcpu, cpu, &ignored) ||
			(debug.control && ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &debug)))
			return end;
	}
	watchdog_set(vm->timer, SECONDS, 0);
	do {
		ret = ioctl(vcpu->fd, KVM_RUN, 0);
		tick = ret < 0 && errno == EINTR && run_take_signals();
	} while (ret < 0 && errno == EINTR && !tick);
	watchdog_set(vm->timer, 0, 0);
	run_take_signals();
	end.kind = tick ? HOST_END_NEVER : HOST_END_OTHER;
	if (ret < 0 || ioctl(vcpu->fd, KVM_GET_REGS, &regs))
		return end;
	return end_of_exit(vcpu->run, &regs);
}
