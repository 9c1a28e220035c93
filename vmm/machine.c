/* SPDX-License-Identifier: MIT */
/*
 * machine.c: the list of parts of a virtual machine, and starting and ending them together.
 */
#include "machine.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "exit.h"
#include "initrd.h"
#include "irqchip.h"
#include "layout.h"
#include "msr.h"
#include "probe.h"
#include "run.h"
#include "watchdog.h"

/* Three pages in a hole that no guest uses: api.rst, 4.39 "KVM_SET_TSS_ADDR". VMX needs them for
 * real mode. */
#define VMX_TSS_ADDRESS          0xfffbd000u
#define VMX_IDENTITY_MAP_ADDRESS 0xfffbc000ull

/* Seconds in which a reader of stdout that is no longer waited for has taken nothing. */
#define READER_PATIENCE 0.5

double machine_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

bool machine_create_vm(struct machine *machine, struct error *err)
{
	uint64_t identity_map = VMX_IDENTITY_MAP_ADDRESS;

	machine->fd = kvm_ioctl(machine->kvm->fd, KVM_CREATE_VM, 0, err);
	if (machine->fd < 0)
		return false;
	/* Only VMX knows these; elsewhere a refusal does no harm. */
	ioctl(machine->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map);
	ioctl(machine->fd, KVM_SET_TSS_ADDR, VMX_TSS_ADDRESS);
	return true;
}

static bool create_vcpus(struct machine *machine, struct error *err)
{
	machine->vcpus = calloc(machine->config->cpus, sizeof(*machine->vcpus));
	if (!machine->vcpus)
		return error_errno(err, STATUS_HOST, "memory for vCPUs");
	while (machine->vcpu_count < machine->config->cpus) {
		unsigned i = machine->vcpu_count;

		if (!vcpu_create(&machine->vcpus[i], machine, i, err))
			return false;
		machine->vcpu_count++;
	}
	return true;
}

static uint64_t tsc_hz(const struct machine *machine)
{
	int khz = ioctl(machine->vcpus[0].fd, KVM_GET_TSC_KHZ, 0);

	return khz > 0 ? (uint64_t)khz * 1000 : 0;
}

/* Several vCPUs find each other through local APICs, so there must be some. */
static uint32_t choose_irqchip(const struct config *config, const struct image *image)
{
	if (config->cpus > 1 && image->irqchip == VMM_IRQCHIP_NONE)
		return VMM_IRQCHIP_SPLIT;
	return image->irqchip;
}

/* Everything in guest memory; where it went is told in boot. */
static bool fill_memory(const struct machine *machine, const struct guest_mem *mem,
	struct boot_params params, struct boot *boot, struct error *err)
{
	struct initrd initrd;
	bool ok;

	if (!initrd_open(&initrd, machine->config->initrd, err))
		return false;
	params.initrd_size = initrd.size;
	ok = boot_build(boot, mem, machine->image, &params, err) &&
	     image_load(machine->image, mem, err) && initrd_load(&initrd, mem, boot->initrd, err);
	initrd_close(&initrd);
	return ok;
}

bool machine_fill_memory(
	const struct machine *machine, const struct guest_mem *mem, struct error *err)
{
	struct boot boot;

	return fill_memory(machine, mem, machine->boot_params, &boot, err);
}

static bool boot_up(struct machine *machine, struct error *err)
{
	struct cpu_state cpu;

	machine->boot_params = (struct boot_params){
		.command_line = machine->config->command_line,
		.initrd_name = machine->config->initrd,
		.vcpus = machine->vcpu_count,
		.tsc_hz = tsc_hz(machine),
		.irqchip = machine->irqchip,
	};
	if (!fill_memory(machine, &machine->mem, machine->boot_params, &machine->boot, err))
		return false;
	if (!probe_mode(machine, err))
		return false;
	machine->boot_params.host = probe_host(machine);
	boot_set_host(&machine->boot, &machine->mem, machine->boot_params.host);
	boot_cpu_state(&machine->boot, machine->image, &cpu);
	return vcpu_set_state(&machine->vcpus[0], &cpu, err);
}

/* The second run of a guest is as silent in the trace as on the console. */
static bool start_trace(struct machine *machine, enum machine_output output, struct error *err)
{
	if (output == MACHINE_SILENT)
		return true;
	if (!trace_open(&machine->trace, machine->config, err))
		return false;
	return !(machine->trace.mask & TRACE_MSR) || msr_intercept(machine, err);
}

bool machine_timed_out(const struct machine *machine)
{
	double limit = machine->config->timeout;

	return limit > 0 && machine_now() - machine->started >= limit;
}

/* A reader that is only slow still gets all that came before the timeout. */
static bool stop_waiting(void *ctx, double seconds)
{
	const struct machine *machine = ctx;

	return __atomic_load_n(&machine->quit, __ATOMIC_ACQUIRE) ||
	       (seconds >= READER_PATIENCE && machine_timed_out(machine));
}

bool machine_create(struct machine *machine, const struct kvm *kvm, const struct config *config,
	const struct image *image, enum machine_output output, struct error *err)
{
	*machine = (struct machine){.config = config, .image = image, .kvm = kvm, .fd = -1};
	machine->irqchip = choose_irqchip(config, image);
	pthread_mutex_init(&machine->lock, NULL);
	if (console_init(&machine->console, output == MACHINE_STDOUT ? STDOUT_FILENO : -1,
		    config->expect, err) &&
		memory_create(&machine->mem, config->memory, err) &&
		machine_create_vm(machine, err) &&
		slots_apply(&machine->slots, machine->fd, &machine->mem, err) &&
		irqchip_create(machine, err) && devices_create(machine, err) &&
		create_vcpus(machine, err) && boot_up(machine, err) &&
		start_trace(machine, output, err))
		return true;
	machine_destroy(machine);
	return false;
}

void machine_destroy(struct machine *machine)
{
	for (unsigned i = machine->vcpu_count; i-- > 0;)
		vcpu_destroy(&machine->vcpus[i]);
	free(machine->vcpus);
	if (machine->fd >= 0)
		close(machine->fd);
	memory_destroy(&machine->mem);
	trace_close(&machine->trace);
	replay_free(&machine->replay);
	console_deinit(&machine->console);
	pthread_mutex_destroy(&machine->lock);
}

void machine_end(struct machine *machine, const struct outcome *outcome)
{
	if (machine->ended)
		return;
	machine->outcome = *outcome;
	__atomic_store_n(&machine->ended, true, __ATOMIC_RELEASE);
	machine_kick(machine);
}

void machine_kick(struct machine *machine)
{
	/* Whoever is here is not in KVM_RUN. */
	for (unsigned i = 0; i < machine->vcpu_count; i++)
		if (machine->vcpus[i].has_thread &&
			!pthread_equal(machine->vcpus[i].thread, pthread_self()))
			pthread_kill(machine->vcpus[i].thread, SIGUSR1);
}

void machine_fail(struct machine *machine, const struct vcpu *vcpu, const struct error *err)
{
	struct outcome outcome = {.failed = true, .vcpu = vcpu->index, .error = *err};

	machine_end(machine, &outcome);
}

static void wait_outside(const struct vcpu *vcpu)
{
	static const struct timespec moment = {.tv_nsec = 20000};

	while (__atomic_load_n(&vcpu->inside, __ATOMIC_SEQ_CST)) {
		pthread_kill(vcpu->thread, SIGUSR1);
		nanosleep(&moment, NULL);
	}
}

void machine_pause_others(struct machine *machine, const struct vcpu *vcpu)
{
	__atomic_store_n(&machine->paused, true, __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < machine->vcpu_count; i++)
		if (i != vcpu->index && machine->vcpus[i].has_thread)
			wait_outside(&machine->vcpus[i]);
}

void machine_resume_others(struct machine *machine)
{
	__atomic_store_n(&machine->paused, false, __ATOMIC_SEQ_CST);
}

static void *vcpu_thread(void *vcpu)
{
	run_vcpu(vcpu);
	return NULL;
}

/* Under the lock, so that whoever ends the machine knows every thread that is to be kicked. */
static bool start_others(struct machine *machine, struct error *err)
{
	for (unsigned i = 1; i < machine->vcpu_count; i++) {
		struct vcpu *vcpu = &machine->vcpus[i];

		errno = pthread_create(&vcpu->thread, NULL, vcpu_thread, vcpu);
		if (errno)
			return error_errno(err, STATUS_HOST, "a thread for vCPU %u", i);
		vcpu->has_thread = true;
	}
	return true;
}

void machine_run(struct machine *machine)
{
	struct outcome failure = {.failed = true};
	timer_t timer;

	machine->started = machine_now();
	console_set_stop(&machine->console, stop_waiting, machine);
	machine->vcpus[0].thread = pthread_self();
	machine->vcpus[0].has_thread = true;
	if (!watchdog_create(&timer, &failure.error)) {
		machine_end(machine, &failure);
		return;
	}
	watchdog_set(timer, WATCHDOG_TICK, WATCHDOG_TICK);
	pthread_mutex_lock(&machine->lock);
	if (!start_others(machine, &failure.error))
		machine_end(machine, &failure);
	pthread_mutex_unlock(&machine->lock);
	run_vcpu(&machine->vcpus[0]);
	for (unsigned i = 1; i < machine->vcpu_count; i++)
		if (machine->vcpus[i].has_thread)
			pthread_join(machine->vcpus[i].thread, NULL);
	watchdog_stop(timer);
	exit_drain_coalesced(machine);
	console_finish(&machine->console);
}
