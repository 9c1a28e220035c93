/* SPDX-License-Identifier: MIT */
/*
 * say.c: phrases that many verdicts share.
 */
#include "say.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "names.h"

struct say say_begin(char *buf, size_t n)
{
	if (n)
		buf[0] = 0;
	return (struct say){.text = buf, .size = n};
}

void say_add(struct say *say, const char *format, ...)
{
	va_list args;
	int n;

	if (!say->size)
		return;
	va_start(args, format);
	n = vsnprintf(say->text + say->used, say->size - say->used, format, args);
	va_end(args);
	if (n > 0)
		say->used += (size_t)n;
	if (say->used >= say->size)
		say->used = say->size - 1;
}

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void say_symbol(struct say *say, const struct place *place)
{
	say_add(say, "%s", place->symbol.name);
	if (place->symbol.offset)
		say_add(say, "+0x%" PRIx64, place->symbol.offset);
}

static const char *section_of(const struct place *place)
{
	return place->has_segment && place->segment.section[0] ? place->segment.section : NULL;
}

void say_place(struct say *say, const struct place *place)
{
	if (place->has_symbol)
		say_symbol(say, place);
	else
		say_add(say, "0x%" PRIx64, place->address);
	if (place->has_line)
		say_add(say, " (%s:%u)", file_name(place->line.path), place->line.line);
	else if (!place->has_symbol && section_of(place))
		say_add(say, " (in %s)", section_of(place));
}

void say_data(struct say *say, const struct place *place)
{
	const char *section = section_of(place);

	if (!place->has_symbol) {
		say_add(say, "0x%" PRIx64, place->address);
		if (section)
			say_add(say, " (in %s)", section);
		else if (place->region)
			say_add(say, " (in %s)", place->region->name);
		return;
	}
	say_symbol(say, place);
	say_add(say, " (0x%" PRIx64 "%s%s)", place->address, section ? ", " : "",
		section ? section : "");
}

void say_vector(struct say *say, uint8_t vector)
{
	const char *name = exception_mnemonic(vector);

	if (name)
		say_add(say, "%s", name);
	else
		say_add(say, "vector 0x%x", vector);
}

/* Without no-execute or SMEP a fetch has no bit in the error code: SDM vol. 3, 4.7 "Page-Fault
 * Exceptions". */
static bool is_fetch(const struct findings *findings)
{
	const struct first_event *first = &findings->first;

	return first->event.vector == VEC_PF && first->has_reason &&
	       first->reason.why == FAULT_FETCH_PAGE;
}

static void say_error(struct say *say, const struct findings *findings)
{
	const struct delivery_event *event = &findings->first.event;
	uint32_t meaning = event->error | (is_fetch(findings) ? PF_I : 0);
	char text[160];

	if (event->has_error && (event->error || event->vector == VEC_PF))
		say_add(say, " (error code 0x%x: %s)", event->error,
			exception_error_text(event->vector, meaning, text, sizeof(text)));
}

void say_first(struct say *say, const struct findings *findings)
{
	const struct first_event *first = &findings->first;

	if (!first->is_exception) {
		say_add(say, "interrupt vector 0x%x arrived at ", first->event.vector);
		say_place(say, &findings->rip);
		return;
	}
	say_place(say, &findings->rip);
	if (findings->insn_text[0])
		say_add(say, ", %s,", findings->insn_text);
	say_add(say, " raised ");
	say_vector(say, first->event.vector);
	say_error(say, findings);
}

static void say_register(struct say *say, const struct findings *findings, int reg)
{
	if (reg < 0 || reg >= GPR_COUNT)
		return;
	say_add(say, " (%s = 0x%" PRIx64 ")", insn_reg_name(reg, cpu_code_bits(&findings->cpu)),
		findings->cpu.gpr[reg]);
}

void say_stack_pointer(struct say *say, const struct findings *findings)
{
	say_add(say, "%s = 0x%" PRIx64, stack_pointer_title(&findings->cpu),
		findings->cpu.gpr[GPR_RSP]);
}

void say_operand_registers(struct say *say, const struct findings *findings)
{
	const struct first_event *first = &findings->first;
	const struct insn_mem *mem;

	if (!first->has_reason || first->reason.operand < 0 ||
		(unsigned)first->reason.operand >= findings->insn.insn.mem_count)
		return;
	mem = &findings->insn.insn.mem[first->reason.operand];
	say_register(say, findings, mem->base);
	say_register(say, findings, mem->index);
}

/* The delivery at which the first event came to grief, and that of #DF. */
void say_delivery(struct say *say, const struct findings *findings)
{
	const struct delivery_chain *chain = &findings->first.chain;
	const struct delivery *first, *last;
	char text[320];

	if (!findings->first.has_chain || !findings->first.chain_fits || !chain->count)
		return;
	first = &chain->links[0].delivery;
	last = &chain->links[chain->count - 1].delivery;
	if (!first->raises)
		return;
	say_add(say, " The CPU could not deliver ");
	say_vector(say, first->event.vector);
	if (findings->stale_boot_idt) {
		say_add(say, ": the kernel has loaded no IDT of its own since it entered long mode "
			     "(IDTR names vmm's boot IDT still, whose gates are for 32-bit mode).");
		return;
	}
	say_add(say, ": %s", delivery_describe(first, text, sizeof(text)));
	if (last != first && last->event.vector == VEC_DF && last->raises)
		say_add(say, "; nor the double fault that follows: %s",
			delivery_describe(last, text, sizeof(text)));
	say_add(say, ".");
}

void say_writer(struct say *say, const struct findings *findings)
{
	const struct writer_finding *writer = &findings->writer;

	if (!writer->found)
		return;
	say_add(say, writer->exact ? " It was written by " : " It was written right before ");
	say_place(say, &writer->at);
	if (writer->insn[0])
		say_add(say, ": %s", writer->insn);
	say_add(say, " (0x%" PRIx64 " became 0x%" PRIx64 " at 0x%" PRIx64 ").",
		writer->record->old_value, writer->record->new_value, writer->record->gpa);
}

void say_walk(struct say *say, const struct findings *findings)
{
	char text[160];

	say_add(say, " (%s)", walk_describe(&findings->first.walk, text, sizeof(text)));
}

void say_page_fault(struct say *say, const struct findings *findings)
{
	say_first(say, findings);
	say_operand_registers(say, findings);
	say_add(say, " at ");
	say_data(say, &findings->first.address);
	say_walk(say, findings);
	say_add(say, ".");
}
