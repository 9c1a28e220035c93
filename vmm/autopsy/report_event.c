/* SPDX-License-Identifier: MIT */
/*
 * report_event.c: the first event, the chain that followed it, and the page walks, in the text
 * report.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report_parts.h"
#include "source_text.h"

#define EVENT_TEXT 400
#define PATH_SHOWN 56
#define NAME_SHOWN 28

static void add_string(struct text *text, const char *string)
{
	text_add_hostile(text, string, strlen(string));
}

static void add_name(struct text *text, const struct findings *findings, uint64_t linear)
{
	struct symbol symbol;

	if (symbols_find_address(findings->symbols, linear, &symbol)) {
		add_string(text, symbol.name);
		if (symbol.offset)
			text_add(text, "+0x%" PRIx64, symbol.offset);
	} else {
		text_add(text, "0x%" PRIx64, linear);
	}
}

/* At most max bytes of the path: its end names the file. */
static void add_line(struct text *text, const char *path, size_t max, unsigned line)
{
	size_t n = strlen(path);

	text_add(text, n > max ? " (..." : " (");
	add_string(text, path + (n > max ? n - max : 0));
	text_add(text, ":%u)", line);
}

void report_place(struct text *text, const struct findings *findings, uint64_t linear)
{
	struct source_line line;
	const char *name;

	add_name(text, findings, linear);
	if (!symbols_find_line(findings->symbols, linear, &line))
		return;
	name = strrchr(line.path, '/');
	add_line(text, name ? name + 1 : line.path, NAME_SHOWN, line.line);
}

void report_path(struct text *text, const struct findings *findings, uint64_t linear)
{
	struct source_line line;

	add_name(text, findings, linear);
	if (symbols_find_line(findings->symbols, linear, &line))
		add_line(text, line.path, PATH_SHOWN, line.line);
}

void report_source(struct text *text, const struct findings *findings, uint64_t linear)
{
	struct symbol_segment segment;
	struct source_line line;
	char source[TEXT_COLUMNS - SECTION_INDENT - 10];

	if (!symbols_find_line(findings->symbols, linear, &line) ||
		!symbols_find_segment(findings->symbols, linear, &segment) ||
		!source_text_read(line.path, line.line, segment.file, source, sizeof(source)))
		return;
	text_pad(text, SECTION_INDENT);
	text_style(text, TEXT_MARK);
	text_add(text, "%6u | ", line.line);
	add_string(text, source);
	text_style(text, TEXT_PLAIN);
	text_add(text, "\n");
}

/* Appends to a string in a buffer of fixed size. */
static void append(char *buf, size_t n, const char *format, ...)
{
	size_t used = strlen(buf);
	va_list args;

	va_start(args, format);
	vsnprintf(buf + used, n - used, format, args);
	va_end(args);
}

/* "#PF page fault (vector 14), CR2 0x10, error code 0x2 (write to ...)". */
static void append_event(char *buf, size_t n, const struct delivery_event *event)
{
	const char *mnemonic = exception_mnemonic(event->vector);
	bool page_fault = event->kind == EVENT_EXCEPTION && event->vector == VEC_PF;
	char error[160];

	if (event->kind == EVENT_INTERRUPT)
		append(buf, n, "interrupt, vector 0x%x", event->vector);
	else if (event->kind == EVENT_NMI)
		append(buf, n, "NMI");
	else if (event->kind == EVENT_INT_N)
		append(buf, n, "software interrupt, int 0x%02x", event->vector);
	else
		append(buf, n, "%s%s%s (vector %u)", mnemonic ? mnemonic : "", mnemonic ? " " : "",
			exception_title(event->vector), event->vector);
	if (page_fault)
		append(buf, n, ", CR2 0x%" PRIx64, event->cr2);
	if (event->has_error)
		append(buf, n, ", error code 0x%x", event->error);
	if (event->has_error && (event->error || page_fault))
		append(buf, n, " (%s)",
			exception_error_text(event->vector, event->error, error, sizeof(error)));
}

static void add_wrapped(struct text *text, const char *paragraph)
{
	text_pad(text, SECTION_INDENT);
	text_wrap(text, SECTION_INDENT, paragraph);
}

void report_first(struct text *text, const struct findings *findings)
{
	const struct first_event *first = &findings->first;
	char what[EVENT_TEXT] = "";

	if (first->source == FIRST_UNKNOWN)
		return;
	section_title(text, "first");
	append_event(what, sizeof(what), &first->event);
	append(what, sizeof(what), " [%s]", known_word(first->known));
	text_wrap(text, SECTION_INDENT, what);
	text_pad(text, SECTION_INDENT);
	text_add(text, "at ");
	text_style(text, TEXT_MARK);
	report_place(text, findings, first->at.address);
	text_style(text, TEXT_PLAIN);
	if (findings->insn_text[0] && first->at.address == findings->rip.address) {
		text_add(text, ": ");
		add_string(text, findings->insn_text);
	}
	text_add(text, "\n");
	report_source(text, findings, first->at.address);
	if (first->has_reason)
		add_wrapped(text, first->reason.text);
}

static const char *origin_phrase(enum link_origin origin)
{
	static const char *const phrases[] = {
		[LINK_FIRST] = "",
		[LINK_SERIAL] = "while that was being delivered: ",
		[LINK_DOUBLE_FAULT] = "both together make a double fault: ",
		[LINK_FETCH] = "the handler's first instruction raises: ",
	};

	return phrases[origin];
}

static void add_link(
	struct text *text, const struct delivery_link *link, bool first, const char *arrow)
{
	const struct delivery *delivery = &link->delivery;
	char what[EVENT_TEXT] = "";

	if (!first)
		text_pad(text, SECTION_INDENT);
	append(what, sizeof(what), "%s%s", arrow, origin_phrase(link->origin));
	append_event(what, sizeof(what), &delivery->event);
	text_wrap(text, SECTION_INDENT + 3, what);
	text_pad(text, SECTION_INDENT + 3);
	if (delivery->outcome == DELIVERY_FAILED)
		text_style(text, TEXT_BAD);
	text_wrap(text, SECTION_INDENT + 3, delivery_describe(delivery, what, sizeof(what)));
	text_style(text, TEXT_PLAIN);
}

void report_chain(struct text *text, const struct findings *findings)
{
	const struct first_event *first = &findings->first;
	const struct delivery_chain *chain = &first->chain;

	if (first->source == FIRST_UNKNOWN || !first->has_chain)
		return;
	section_title(text, "chain");
	for (unsigned i = 0; i < chain->count; i++) {
		if (i == CHAIN_HEAD && chain->omitted) {
			text_pad(text, SECTION_INDENT);
			text_add(text, "   (%" PRIu64 " more like these)\n", chain->omitted);
		}
		add_link(text, &chain->links[i], i == 0, i ? "-> " : "");
	}
	text_pad(text, SECTION_INDENT);
	text_style(text, TEXT_BAD);
	text_add(text, "=> %s", chain_end_text(chain->end));
	text_style(text, TEXT_PLAIN);
	text_add(text, first->chain_fits ? " [inferred: ends as the guest did]\n"
					 : " [a model: the guest did not end like this]\n");
}

void report_notes(struct text *text, const struct verdict *verdict)
{
	for (unsigned i = 0; i < verdict->note_count && i < VERDICT_NOTES; i++) {
		const struct verdict_note *note = &verdict->notes[i];

		if (i == 0)
			section_title(text, "facts");
		else
			text_pad(text, SECTION_INDENT);
		text_add(text, "[%s] ", known_word(note->known));
		text_wrap(text, SECTION_INDENT + 2, note->text);
	}
}

static bool same_walk(const struct walk *a, const struct walk *b)
{
	return a->linear == b->linear && a->access.write == b->access.write &&
	       a->access.fetch == b->access.fetch && a->guilty == b->guilty;
}

/* The access of the CPU itself that stopped a delivery, or NULL. */
static const struct walk *delivery_walk(const struct delivery *delivery)
{
	const struct linear_result *access =
		delivery->fetch == FETCH_FAULT ? &delivery->fetch_access : &delivery->access;

	if (delivery->outcome == DELIVERY_DONE && delivery->fetch != FETCH_FAULT)
		return NULL;
	return access->status == LINEAR_FAULT ? &access->walk : NULL;
}

/* A walk that is drawn already is not drawn again. */
void report_walks(struct text *text, const struct findings *findings)
{
	const struct first_event *first = &findings->first;
	const struct walk *last = NULL;

	if (first->source == FIRST_UNKNOWN)
		return;
	if (first->has_walk) {
		section_walk(text, &findings->cpu, "fault at", &first->walk);
		last = &first->walk;
	}
	for (unsigned i = 0; first->has_chain && i < first->chain.count && i < 2; i++) {
		const struct walk *walk = delivery_walk(&first->chain.links[i].delivery);

		if (!walk || (last && same_walk(walk, last)))
			continue;
		section_walk(text, &findings->cpu, "delivery needs", walk);
		last = walk;
	}
}
