/* SPDX-License-Identifier: MIT */
/*
 * section_cpu.c: one CPU's registers in a report. Bit names are those of SDM vol. 3, 2.3 "System
 * Flags and Fields in the EFLAGS Register" and 2.5 "Control Registers".
 */
#include <inttypes.h>

#include "desc.h"
#include "exception.h"
#include "names.h"
#include "sections.h"

struct bit {
	uint64_t mask;
	const char *name;
};

static const struct bit rflags_bits[] = {{RFLAGS_CF, "CF"}, {RFLAGS_PF, "PF"}, {RFLAGS_AF, "AF"},
	{RFLAGS_ZF, "ZF"}, {RFLAGS_SF, "SF"}, {RFLAGS_TF, "TF"}, {RFLAGS_IF, "IF"},
	{RFLAGS_DF, "DF"}, {RFLAGS_OF, "OF"}, {RFLAGS_NT, "NT"}, {RFLAGS_RF, "RF"},
	{RFLAGS_VM, "VM"}, {RFLAGS_AC, "AC"}, {RFLAGS_VIF, "VIF"}, {RFLAGS_VIP, "VIP"},
	{RFLAGS_ID, "ID"}, {0, NULL}};

static const struct bit cr0_bits[] = {{CR0_PE, "PE"}, {CR0_MP, "MP"}, {CR0_EM, "EM"},
	{CR0_TS, "TS"}, {CR0_ET, "ET"}, {CR0_NE, "NE"}, {CR0_WP, "WP"}, {CR0_AM, "AM"},
	{CR0_NW, "NW"}, {CR0_CD, "CD"}, {CR0_PG, "PG"}, {0, NULL}};

static const struct bit cr4_bits[] = {{CR4_VME, "VME"}, {CR4_PVI, "PVI"}, {CR4_TSD, "TSD"},
	{CR4_DE, "DE"}, {CR4_PSE, "PSE"}, {CR4_PAE, "PAE"}, {CR4_MCE, "MCE"}, {CR4_PGE, "PGE"},
	{CR4_PCE, "PCE"}, {CR4_OSFXSR, "OSFXSR"}, {CR4_OSXMMEXCPT, "OSXMMEXCPT"},
	{CR4_UMIP, "UMIP"}, {CR4_LA57, "LA57"}, {CR4_VMXE, "VMXE"}, {CR4_SMXE, "SMXE"},
	{CR4_FSGSBASE, "FSGSBASE"}, {CR4_PCIDE, "PCIDE"}, {CR4_OSXSAVE, "OSXSAVE"},
	{CR4_SMEP, "SMEP"}, {CR4_SMAP, "SMAP"}, {CR4_PKE, "PKE"}, {CR4_CET, "CET"},
	{CR4_PKS, "PKS"}, {0, NULL}};

static const struct bit efer_bits[] = {
	{EFER_SCE, "SCE"}, {EFER_LME, "LME"}, {EFER_LMA, "LMA"}, {EFER_NXE, "NXE"}, {0, NULL}};

void section_title(struct text *text, const char *title)
{
	if (text->column)
		text_add(text, "\n");
	text_style(text, TEXT_TITLE);
	text_add(text, "%s", title);
	text_style(text, TEXT_PLAIN);
	text_pad(text, SECTION_INDENT);
}

static void add_bits(struct text *text, uint64_t value, const struct bit *bits)
{
	const char *separator = "[";

	for (; bits->name; bits++)
		if (value & bits->mask) {
			text_add(text, "%s%s", separator, bits->name);
			separator = " ";
		}
	text_add(text, *separator == '[' ? "[]" : "]");
}

void section_events(struct text *text, const struct cpu_state *cpu)
{
	const struct cpu_events *events = &cpu->events;
	const char *mnemonic = exception_mnemonic(events->exception_vector);
	char error[160];

	section_title(text, "events");
	if (events->exception_injected || events->exception_pending) {
		text_add(text, "exception %u %s (%s), %s", events->exception_vector,
			mnemonic ? mnemonic : "", exception_title(events->exception_vector),
			events->exception_injected ? "being delivered" : "pending");
		if (events->exception_has_error)
			text_add(text, ", error code 0x%x:\n%*s%s", events->exception_error,
				SECTION_INDENT, "",
				exception_error_text(events->exception_vector,
					events->exception_error, error, sizeof(error)));
	} else {
		text_add(text, "no exception is pending or being delivered");
	}
	if (events->interrupt_injected)
		text_add(text, "; %s 0x%x being delivered",
			events->interrupt_soft ? "software interrupt" : "interrupt",
			events->interrupt_vector);
	if (events->interrupt_shadow)
		text_add(text, "; in an interrupt shadow");
	if (events->nmi_injected || events->nmi_pending || events->nmi_masked)
		text_add(text, "; NMI%s%s%s", events->nmi_injected ? " being delivered" : "",
			events->nmi_pending ? " pending" : "", events->nmi_masked ? " masked" : "");
	if (events->triple_fault_pending)
		text_add(text, "; triple fault pending");
	text_add(text, "\n");
}

void section_registers(struct text *text, const struct cpu_state *cpu)
{
	bool wide = cpu_long_mode(cpu);
	unsigned digits = wide ? 16 : 8, count = wide ? GPR_COUNT : 8;
	const uint64_t mask = wide ? ~0ull : 0xffffffff;

	section_title(text, "registers");
	text_add(text, "vCPU %u, %s, %u-bit code, CPL %u, %s, %s\n", cpu->index,
		wide                ? "long mode"
		: cpu->cr0 & CR0_PE ? "protected mode"
				    : "real mode",
		cpu_code_bits(cpu), cpu_cpl(cpu), paging_mode_name(paging_mode(cpu)),
		run_state_name(cpu->run_state));
	text_pad(text, SECTION_INDENT);
	text_style(text, TEXT_MARK);
	text_add(text, "%-3s %0*" PRIx64, wide ? "rip" : "eip", digits, cpu->rip);
	text_style(text, TEXT_PLAIN);
	text_add(text, "   rflags %08" PRIx64 " IOPL %u ", cpu->rflags,
		(unsigned)(cpu->rflags & RFLAGS_IOPL) >> 12);
	add_bits(text, cpu->rflags, rflags_bits);
	for (unsigned i = 0; i < count; i++) {
		if (i % 4 == 0) {
			text_add(text, "\n");
			text_pad(text, SECTION_INDENT);
		}
		text_add(text, "%s%-3s %0*" PRIx64, i % 4 ? " " : "", gpr_name(i, wide), digits,
			cpu->gpr[i] & mask);
	}
	text_add(text, "\n");
}

static void add_segment(struct text *text, const struct cpu_segment *segment, const char *name)
{
	const struct desc desc = {.low = 1ull << 47, /* not an empty one */
		.type = segment->type,
		.dpl = segment->dpl,
		.s = segment->s,
		.present = segment->present,
		.l = segment->l,
		.db = segment->db};

	text_add(text, "%-4s %04x  base %016" PRIx64 "  limit %08x", name, segment->selector,
		segment->base, segment->limit);
	if (segment->unusable)
		text_add(text, "  unusable");
	else
		text_add(text, "  DPL %u  type %2u: %s%s", segment->dpl, segment->type,
			desc_kind_name(&desc), segment->present ? "" : ", not present");
	text_add(text, "\n");
}

void section_segments(struct text *text, const struct cpu_state *cpu)
{
	static const uint8_t order[SEG_COUNT] = {SEG_CS, SEG_SS, SEG_DS, SEG_ES, SEG_FS, SEG_GS};

	section_title(text, "segments");
	for (unsigned i = 0; i < SEG_COUNT; i++) {
		if (i)
			text_pad(text, SECTION_INDENT);
		add_segment(text, &cpu->seg[order[i]], segment_name(order[i]));
	}
	text_pad(text, SECTION_INDENT);
	add_segment(text, &cpu->tr, "tr");
	text_pad(text, SECTION_INDENT);
	add_segment(text, &cpu->ldtr, "ldtr");
	text_pad(text, SECTION_INDENT);
	text_add(text, "gdtr       base %016" PRIx64 "  limit %04x (%u entries)\n", cpu->gdtr.base,
		cpu->gdtr.limit, (cpu->gdtr.limit + 1u) / 8);
	text_pad(text, SECTION_INDENT);
	text_add(text, "idtr       base %016" PRIx64 "  limit %04x (%u entries)\n", cpu->idtr.base,
		cpu->idtr.limit, (cpu->idtr.limit + 1u) / gate_size(cpu));
}

static void add_control(struct text *text, const char *name, uint64_t value, const struct bit *bits)
{
	text_add(text, "%-4s %016" PRIx64 " ", name, value);
	add_bits(text, value, bits);
	text_add(text, "\n");
	text_pad(text, SECTION_INDENT);
}

/* Two name-value pairs a line. */
static void add_pairs(struct text *text, const struct cpu_state *cpu)
{
	unsigned i;

	for (i = 0; i < PLAIN_SYSTEM_REGISTERS; i++) {
		if (i && i % 2 == 0) {
			text_add(text, "\n");
			text_pad(text, SECTION_INDENT);
		}
		text_add(text, "%-14s %016" PRIx64 "%s", system_register_name(i),
			system_register_value(cpu, i), i % 2 ? "" : "   ");
	}
	text_add(text, "%-14s %016" PRIx64 "\n", "tsc", cpu->tsc);
}

void section_control(struct text *text, const struct cpu_state *cpu)
{
	section_title(text, "control");
	add_control(text, "cr0", cpu->cr0, cr0_bits);
	add_control(text, "cr4", cpu->cr4, cr4_bits);
	add_control(text, "efer", cpu->efer, efer_bits);
	add_pairs(text, cpu);
}
