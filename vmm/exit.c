/* SPDX-License-Identifier: MIT */
/*
 * exit.c: the table of exits. Follows Documentation/virt/kvm/api.rst, 5 "The kvm_run structure".
 */
#include "exit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "layout.h"
#include "machine.h"
#include "msr.h"
#include "watchlist.h"

/* Exits at the debug console after which coalescing is worth its cost: a registered zone makes
 * closing the VM slower by milliseconds, an exit costs microseconds. */
#define COALESCE_AFTER 2000

static void die(struct vcpu *vcpu, enum death death, enum stuck stuck)
{
	struct outcome outcome = {.death = death, .stuck = stuck, .vcpu = vcpu->index};

	machine_end(vcpu->machine, &outcome);
}

static uint64_t load(const uint8_t *from, unsigned size)
{
	uint64_t value = 0;

	memcpy(&value, from, size);
	return value;
}

static void log_exit(struct vcpu *vcpu, const struct exit_record *record)
{
	struct exit_record copy = *record;

	copy.reason = vcpu->run->exit_reason;
	copy.vcpu = vcpu->index;
	exit_log_add(&vcpu->machine->exits, &copy);
}

bool exit_check_console(struct vcpu *vcpu)
{
	struct machine *machine = vcpu->machine;
	const struct console *console = &machine->console;
	struct outcome outcome = {.vcpu = vcpu->index, .expected = console->matched};

	if (!console->matched && !console->error)
		return false;
	if (console->error && !console->closed) {
		outcome.failed = true;
		errno = console->error;
		error_errno(&outcome.error, STATUS_HOST, "stdout");
	}
	machine_end(machine, &outcome);
	return true;
}

/* A guest that asks for its end is believed once the access that asks is complete. */
static enum exit_action after_access(struct vcpu *vcpu)
{
	struct machine *machine = vcpu->machine;
	struct outcome outcome = {.vcpu = vcpu->index};

	if (machine->power.why == POWER_PANIC) {
		die(vcpu, DEATH_PANIC, STUCK_NONE);
		return EXIT_DONE;
	}
	if (exit_check_console(vcpu))
		return EXIT_DONE;
	if (machine->power.why == POWER_ON)
		return EXIT_RESUME;
	machine_end(machine, &outcome);
	return EXIT_DONE;
}

static void start_coalescing(struct machine *machine)
{
	struct kvm_coalesced_mmio_zone zone = {.addr = VMM_PORT_DEBUGCON, .size = 1, .pio = 1};

	if (!machine->kvm->coalesced_page || ioctl(machine->fd, KVM_REGISTER_COALESCED_MMIO, &zone))
		return;
	machine->coalesced = (void *)((char *)machine->vcpus[0].run +
				      (size_t)machine->kvm->coalesced_page * 4096);
}

void exit_drain_coalesced(struct machine *machine)
{
	struct kvm_coalesced_mmio_ring *ring = machine->coalesced;
	const uint32_t slots = (4096 - sizeof(*ring)) / sizeof(struct kvm_coalesced_mmio);

	if (!ring)
		return;
	while (ring->first != __atomic_load_n(&ring->last, __ATOMIC_ACQUIRE)) {
		const struct kvm_coalesced_mmio *entry = &ring->coalesced_mmio[ring->first % slots];
		unsigned size = entry->len <= 8 ? entry->len : 8;
		struct io io = {.size = size, .write = true, .value = load(entry->data, size)};

		bus_access(entry->pio ? &machine->pio : &machine->mmio, entry->phys_addr, &io);
		__atomic_store_n(&ring->first, (ring->first + 1) % slots, __ATOMIC_RELEASE);
	}
}

/* Only what the boot IDT's stubs write is an exception; the port is nobody's for all others. */
static bool at_boot_stub(const struct vcpu *vcpu)
{
	const struct boot *boot = &vcpu->machine->boot;
	uint64_t stubs = boot->top ? boot->top - LAYOUT_STUBS : LAYOUT_REAL_STUBS;
	struct cpu_state cpu;
	struct error ignored;

	return vcpu_get_state(vcpu, &cpu, &ignored) &&
	       cpu_code_address(&cpu) - stubs < EXCEPTION_VECTORS * LAYOUT_STUB_STRIDE;
}

/* String I/O moves through the buffer, the port stays. */
static enum exit_action handle_io(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	uint8_t *data = (uint8_t *)run + run->io.data_offset;
	const uint8_t *first = data;
	struct machine *machine = vcpu->machine;
	bool write = run->io.direction == KVM_EXIT_IO_OUT;
	unsigned size = run->io.size;

	if (run->io.port == VMM_PORT_BOOT_TRAP && write && at_boot_stub(vcpu)) {
		die(vcpu, DEATH_BOOT_EXCEPTION, STUCK_NONE);
		return EXIT_DONE;
	}
	for (uint32_t i = 0; i < run->io.count; i++, data += size) {
		struct io io = {.size = size, .write = write, .value = ~0ull};

		if (write)
			io.value = load(data, size);
		bus_access(&machine->pio, run->io.port, &io);
		if (!write)
			memcpy(data, &io.value, size);
	}
	log_exit(vcpu, &(struct exit_record){.where = run->io.port,
			       .size = size,
			       .write = write,
			       .count = run->io.count,
			       .value = load(first, size)});
	if (run->io.port == VMM_PORT_DEBUGCON && !machine->coalesced &&
		machine->console.total > COALESCE_AFTER)
		start_coalescing(machine);
	return after_access(vcpu);
}

static enum exit_action handle_mmio(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	unsigned size = run->mmio.len <= 8 ? run->mmio.len : 8;
	struct io io = {.size = size, .write = run->mmio.is_write, .value = ~0ull};

	if (io.write && vcpu->machine->watch &&
		watch_write(vcpu->machine->watch, vcpu, run->mmio.phys_addr, run->mmio.data, size))
		return EXIT_RESUME;
	if (io.write)
		io.value = load(run->mmio.data, size);
	bus_access(&vcpu->machine->mmio, run->mmio.phys_addr, &io);
	if (!io.write)
		memcpy(run->mmio.data, &io.value, size);
	log_exit(vcpu, &(struct exit_record){.where = run->mmio.phys_addr,
			       .size = size,
			       .count = 1,
			       .write = io.write,
			       .value = load(run->mmio.data, size)});
	return after_access(vcpu);
}

/* Only without an interrupt controller in the kernel; then nothing can wake the CPU, whatever IF
 * says. */
static enum exit_action handle_hlt(struct vcpu *vcpu)
{
	struct kvm_regs regs = {0};

	log_exit(vcpu, &(struct exit_record){.count = 1});
	ioctl(vcpu->fd, KVM_GET_REGS, &regs);
	die(vcpu, DEATH_STUCK, regs.rflags & RFLAGS_IF ? STUCK_HLT_MASKED : STUCK_HLT_IF0);
	return EXIT_DONE;
}

static enum exit_action handle_shutdown(struct vcpu *vcpu)
{
	log_exit(vcpu, &(struct exit_record){.count = 1});
	die(vcpu, DEATH_SHUTDOWN, STUCK_NONE);
	return EXIT_DONE;
}

static enum exit_action handle_internal(struct vcpu *vcpu)
{
	log_exit(vcpu, &(struct exit_record){.count = 1, .value = vcpu->run->internal.suberror});
	die(vcpu, DEATH_KVM_INTERNAL, STUCK_NONE);
	return EXIT_DONE;
}

static enum exit_action handle_fail_entry(struct vcpu *vcpu)
{
	log_exit(vcpu, &(struct exit_record){.count = 1,
			       .value = vcpu->run->fail_entry.hardware_entry_failure_reason});
	die(vcpu, DEATH_FAIL_ENTRY, STUCK_NONE);
	return EXIT_DONE;
}

static enum exit_action handle_system_event(struct vcpu *vcpu)
{
	struct machine *machine = vcpu->machine;

	log_exit(vcpu, &(struct exit_record){.count = 1, .value = vcpu->run->system_event.type});
	if (vcpu->run->system_event.type == KVM_SYSTEM_EVENT_SHUTDOWN)
		power_request(&machine->power, POWER_OFF, 0, "KVM system event");
	else if (vcpu->run->system_event.type == KVM_SYSTEM_EVENT_RESET)
		power_request(&machine->power, POWER_RESET, 0, "KVM system event");
	else
		power_request(&machine->power, POWER_PANIC, 0, "KVM system event");
	return after_access(vcpu);
}

static enum exit_action handle_nothing(struct vcpu *vcpu)
{
	return EXIT_RESUME;
}

static enum exit_action handle_msr(struct vcpu *vcpu)
{
	log_exit(vcpu, &(struct exit_record){.where = vcpu->run->msr.index,
			       .size = 8,
			       .count = 1,
			       .write = vcpu->run->exit_reason == KVM_EXIT_X86_WRMSR});
	msr_access(vcpu);
	return EXIT_RESUME;
}

static enum exit_action handle_unknown(struct vcpu *vcpu)
{
	log_exit(vcpu, &(struct exit_record){.count = 1});
	die(vcpu, DEATH_UNKNOWN_EXIT, STUCK_NONE);
	return EXIT_DONE;
}

/* Only --watch sets debug registers. */
static enum exit_action handle_debug(struct vcpu *vcpu)
{
	if (!vcpu->machine->watchlist)
		return handle_unknown(vcpu);
	watchlist_retry(vcpu->machine->watchlist, vcpu, true);
	return EXIT_RESUME;
}

typedef enum exit_action exit_fn(struct vcpu *vcpu);

/* A reason without a handler is never success: handle_unknown() ends the run. */
static const struct {
	const char *name;
	exit_fn *handle;
} exits[] = {
	[KVM_EXIT_UNKNOWN] = {"UNKNOWN", handle_unknown},
	[KVM_EXIT_EXCEPTION] = {"EXCEPTION", handle_unknown},
	[KVM_EXIT_IO] = {"IO", handle_io},
	[KVM_EXIT_HYPERCALL] = {"HYPERCALL", handle_unknown},
	[KVM_EXIT_DEBUG] = {"DEBUG", handle_debug},
	[KVM_EXIT_HLT] = {"HLT", handle_hlt},
	[KVM_EXIT_MMIO] = {"MMIO", handle_mmio},
	[KVM_EXIT_IRQ_WINDOW_OPEN] = {"IRQ_WINDOW_OPEN", handle_nothing},
	[KVM_EXIT_SHUTDOWN] = {"SHUTDOWN", handle_shutdown},
	[KVM_EXIT_FAIL_ENTRY] = {"FAIL_ENTRY", handle_fail_entry},
	[KVM_EXIT_INTR] = {"INTR", handle_nothing},
	[KVM_EXIT_SET_TPR] = {"SET_TPR", handle_nothing},
	[KVM_EXIT_TPR_ACCESS] = {"TPR_ACCESS", handle_nothing},
	[KVM_EXIT_INTERNAL_ERROR] = {"INTERNAL_ERROR", handle_internal},
	[KVM_EXIT_SYSTEM_EVENT] = {"SYSTEM_EVENT", handle_system_event},
	[KVM_EXIT_X86_RDMSR] = {"X86_RDMSR", handle_msr},
	[KVM_EXIT_X86_WRMSR] = {"X86_WRMSR", handle_msr},
	[KVM_EXIT_IOAPIC_EOI] = {"IOAPIC_EOI", handle_nothing},
};

#define EXIT_COUNT (sizeof(exits) / sizeof(exits[0]))

const char *exit_name(uint32_t reason)
{
	return reason < EXIT_COUNT && exits[reason].name ? exits[reason].name : "unknown";
}

enum exit_action exit_handle(struct vcpu *vcpu)
{
	uint32_t reason = vcpu->run->exit_reason;
	exit_fn *handle = reason < EXIT_COUNT ? exits[reason].handle : NULL;
	enum exit_action action;

	vcpu->exits++;
	vcpu->machine->current = vcpu;
	exit_drain_coalesced(vcpu->machine);
	action = handle ? handle(vcpu) : handle_unknown(vcpu);
	if (vcpu->machine->watchlist && vcpu->machine->watchlist->pending_count)
		watchlist_retry(vcpu->machine->watchlist, vcpu, false);
	if (vcpu->machine->trace.mask)
		trace_exit(&vcpu->machine->trace, vcpu);
	return action;
}
