/* SPDX-License-Identifier: MIT */
/*
 * finding_past.c: what the guest did before: its last exits, its own last words, and who wrote to
 * the memory that matters.
 */
#include "findings_parts.h"
#include <strings.h>

#include <string.h>

#include "log_tail.h"
#include "write_text.h"

/* KVM_EXIT_* (Documentation/virt/kvm/api.rst, 5 "The kvm_run structure"). */
#define EXIT_IO   2
#define EXIT_MMIO 6

#define ACCESS_MAX   10   /* bytes of an instruction that asks; longer ones are rare */
#define POLL_SAMPLES 3    /* the most frequent ones */
#define POLL_MIN     1000 /* reads of one address without anything else make a poll */

static bool is_unclaimed(const struct evidence *evidence, uint64_t where, bool mmio)
{
	for (unsigned i = 0; i < evidence->unclaimed_count && i < UNCLAIMED_MAX; i++)
		if (evidence->unclaimed[i].where == where && evidence->unclaimed[i].mmio == mmio)
			return true;
	return false;
}

static bool is_there(const struct findings *findings, const struct insn *insn)
{
	for (unsigned i = 0; i < insn->mem_count; i++) {
		struct walk walk = walk_linear(&findings->evidence->mem, &findings->cpu,
			insn->mem[i].linear, linear_system_read);

		if (insn->mem[i].resolved && walk.translated &&
			findings->poll.where - walk.gpa < insn->mem[i].size)
			return true;
	}
	return false;
}

/* Is the instruction at linear, or the one that ends there, such an access? */
static bool asks(const struct findings *findings, uint64_t linear)
{
	struct insn insn;

	for (unsigned back = 0; back <= ACCESS_MAX; back++) {
		if (!findings_decode(findings, linear - back, &insn) ||
			(back && insn.length != back))
			continue;
		if (findings->poll.mmio ? is_there(findings, &insn) : insn.op == INSN_PORT)
			return true;
	}
	return false;
}

/* Does it still ask, or has it gone on to something that makes no exits? */
static bool still_asks(const struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;
	uint64_t base = findings->rip.address - findings->cpu.rip;

	if (asks(findings, findings->rip.address))
		return true;
	for (unsigned i = 0; i < evidence->sample_count && i < POLL_SAMPLES; i++)
		if (asks(findings, base + evidence->samples[i].rip))
			return true;
	return false;
}

void findings_exits(struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;
	struct poll_finding *poll = &findings->poll;
	const struct exit_record *last;
	uint64_t count = 0;

	if (!evidence->exit_count || evidence->exit_count > EXIT_RING)
		return;
	last = &evidence->exits[evidence->exit_count - 1];
	if (last->write || (last->reason != EXIT_IO && last->reason != EXIT_MMIO))
		return;
	for (unsigned i = 0; i < evidence->exit_count; i++) {
		const struct exit_record *record = &evidence->exits[i];

		if (record->reason == last->reason && record->where == last->where &&
			record->value == last->value && !record->write)
			count += record->count;
	}
	poll->where = last->where;
	poll->value = last->value;
	poll->mmio = last->reason == EXIT_MMIO;
	poll->count = count;
	poll->unclaimed = is_unclaimed(evidence, last->where, poll->mmio);
	poll->polling = count >= POLL_MIN && still_asks(findings);
	poll->at = findings->rip;
}

/* The write that did it: the last one that made zeros of something, else the last one. */
static const struct write_record *choose(const struct evidence *evidence, bool *had_content)
{
	const struct write_record *record = NULL;

	*had_content = false;
	for (unsigned i = 0; i < evidence->write_count; i++)
		if (!evidence->writes[i].old_unknown && evidence->writes[i].old_value &&
			!evidence->writes[i].new_value)
			record = &evidence->writes[i];
	*had_content = record != NULL;
	return record ? record : &evidence->writes[evidence->write_count - 1];
}

void findings_writer(struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;
	struct writer_finding *writer = &findings->writer;
	struct cpu_state now = findings->cpu;
	struct insn insn;
	uint64_t rip;

	if (!evidence->writes || !evidence->write_count)
		return;
	writer->found = true;
	writer->record = choose(evidence, &writer->had_content);
	findings->cpu = writer->record->cpu;
	writer->exact = write_find_insn(findings->symbols, writer->record, &evidence->mem, &rip);
	if (writer->exact)
		findings->cpu.rip = rip;
	writer->at = findings_place(findings, cpu_code_address(&findings->cpu));
	if (writer->exact && findings_decode(findings, writer->at.address, &insn))
		insn_format(&insn, &findings->cpu, INSN_ATT, NULL, NULL, writer->insn,
			sizeof(writer->insn));
	findings->cpu = now;
}

/* The line that ends before log[n], without blanks at its end: its start, and n moved to its end.
 */
static size_t line_before(const char *log, size_t *n)
{
	size_t start;

	while (*n && (log[*n - 1] == '\n' || log[*n - 1] == '\r' || log[*n - 1] == ' '))
		--*n;
	for (start = *n; start && log[start - 1] != '\n'; start--)
		;
	return start;
}

/* A function of that name in a backtrace does not count. */
static bool speaks_of_panic(const char *line, size_t n)
{
	for (size_t i = 0; i + 5 <= n; i++) {
		char next = i + 5 < n ? line[i + 5] : ' ';

		if (!strncasecmp(line + i, "panic", 5) && next != '+' && next != '_')
			return true;
	}
	return false;
}

/* What the guest said at its end: of a panic the line that names it, which a backtrace may follow,
 * else the last line with something in it. */
void findings_panic(struct findings *findings)
{
	bool panic = findings->evidence->death == DEATH_PANIC;
	char log[4096];
	size_t total = log_tail_read(findings->evidence, log, sizeof(log)), n = total;
	size_t start = line_before(log, &n);

	while (panic && start && !speaks_of_panic(log + start, n - start)) {
		n = start;
		start = line_before(log, &n);
	}
	if (panic && !speaks_of_panic(log + start, n - start)) {
		n = total;
		start = line_before(log, &n);
	}
	n -= start;
	if (n >= PANIC_WORDS_MAX)
		n = PANIC_WORDS_MAX - 1;
	for (size_t i = 0; i < n; i++)
		findings->panic_words[i] =
			log[start + i] >= ' ' && log[start + i] < 0x7f ? log[start + i] : '?';
}
