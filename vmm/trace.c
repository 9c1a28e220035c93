/* SPDX-License-Identifier: MIT */
/*
 * trace.c: events as lines.
 */
#include "trace.h"

#include <inttypes.h>
#include <string.h>

#include "bus.h"
#include "exit.h"
#include "machine.h"

bool trace_open(struct trace *trace, const struct config *config, struct error *err)
{
	*trace = (struct trace){
		.mask = config->trace, .to = stderr, .prefix = "vmm: ", .start = machine_now()};
	if (!config->trace || !config->trace_file)
		return true;
	trace->to = fopen(config->trace_file, "we");
	trace->prefix = "";
	return trace->to || error_errno(err, STATUS_INPUT, "--trace: %s", config->trace_file);
}

void trace_close(struct trace *trace)
{
	if (trace->to && trace->to != stderr)
		fclose(trace->to);
	trace->to = NULL;
}

static void begin(const struct trace *trace, const char *what)
{
	fprintf(trace->to, "%s%11.6f %-5s", trace->prefix, machine_now() - trace->start, what);
}

static void access_line(const struct trace *trace, const struct bus *bus, const char *what,
	uint64_t where, const struct io *io, uint32_t count)
{
	const struct bus_range *range = bus_find(bus, where);

	begin(trace, what);
	fprintf(trace->to, " %s 0x%" PRIx64 " size %u = 0x%" PRIx64, io->write ? "write" : "read ",
		where, io->size, io->value);
	if (count > 1)
		fprintf(trace->to, " and %" PRIu32 " more", count - 1);
	fprintf(trace->to, "  %s\n", range ? range->owner : "nobody answers");
}

static void trace_io(const struct trace *trace, const struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	struct io io = {.size = run->io.size, .write = run->io.direction == KVM_EXIT_IO_OUT};

	memcpy(&io.value, (const char *)run + run->io.data_offset, io.size);
	access_line(trace, &vcpu->machine->pio, "io", run->io.port, &io, run->io.count);
}

static void trace_mmio(const struct trace *trace, const struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	struct io io = {
		.size = run->mmio.len <= 8 ? run->mmio.len : 8, .write = run->mmio.is_write};

	memcpy(&io.value, run->mmio.data, io.size);
	access_line(trace, &vcpu->machine->mmio, "mmio", run->mmio.phys_addr, &io, 1);
}

static void trace_msr(const struct trace *trace, const struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;

	begin(trace, "msr");
	fprintf(trace->to, " %s 0x%" PRIx32 " = 0x%" PRIx64 "%s\n",
		run->exit_reason == KVM_EXIT_X86_WRMSR ? "write" : "read ", run->msr.index,
		(uint64_t)run->msr.data, run->msr.error ? "  #GP" : "");
}

void trace_exit(const struct trace *trace, const struct vcpu *vcpu)
{
	uint32_t reason = vcpu->run->exit_reason;

	if (trace->mask & TRACE_EXITS) {
		begin(trace, "exit");
		fprintf(trace->to, " vcpu %u %s\n", vcpu->index, exit_name(reason));
	}
	if (reason == KVM_EXIT_IO && trace->mask & TRACE_IO)
		trace_io(trace, vcpu);
	else if (reason == KVM_EXIT_MMIO && trace->mask & TRACE_MMIO)
		trace_mmio(trace, vcpu);
	else if (reason == KVM_EXIT_X86_RDMSR || reason == KVM_EXIT_X86_WRMSR)
		trace_msr(trace, vcpu);
}

void trace_irq(const struct trace *trace, unsigned irq, bool level)
{
	if (!(trace->mask & TRACE_IRQ))
		return;
	begin(trace, "irq");
	fprintf(trace->to, " %u %s\n", irq, level ? "raised" : "lowered");
}
