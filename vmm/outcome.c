/* SPDX-License-Identifier: MIT */
/*
 * outcome.c: what the last line says and which status vmm ends with.
 */
#include "outcome.h"

#include <stdio.h>

static const struct {
	int status;
	const char *text;
} deaths[] = {
	[DEATH_SHUTDOWN] = {STATUS_CRASH, "the guest died of a triple fault"},
	[DEATH_BOOT_EXCEPTION] = {STATUS_CRASH,
		"the guest died of an exception before it had loaded an IDT"},
	[DEATH_PANIC] = {STATUS_PANIC, "the guest kernel panicked"},
	[DEATH_KVM_INTERNAL] = {STATUS_KVM_GAVE_UP, "KVM gave up: internal error"},
	[DEATH_FAIL_ENTRY] = {STATUS_KVM_GAVE_UP,
		"KVM gave up: the CPU refused to enter the guest"},
	[DEATH_UNKNOWN_EXIT] = {STATUS_KVM_GAVE_UP,
		"KVM ended the run for a reason that vmm does not know"},
	[DEATH_STUCK] = {STATUS_STUCK, "the guest can never run again"},
	[DEATH_TIMEOUT] = {STATUS_TIMEOUT, "the guest was stopped at the timeout"},
};

/* vmm starts no guest again: what was meant as a reboot is an end like any other. */
static void note_reset(const struct machine *machine, FILE *words)
{
	if (machine->power.why == POWER_RESET && !machine->config->quiet)
		fprintf(words, "vmm: the guest asked for a reset (%s)\n", machine->power.device);
}

static void note_lost_output(const struct machine *machine, FILE *words)
{
	if (machine->console.lost)
		fprintf(words, "vmm: stdout: nobody read the last %llu bytes\n",
			(unsigned long long)machine->console.lost);
}

/* Of a run in which no guest died. */
static int report_ending(const struct machine *machine, FILE *words)
{
	const struct outcome *outcome = &machine->outcome;

	if (outcome->failed) {
		fprintf(words, "vmm: %s\n", outcome->error.text);
		return outcome->error.status;
	}
	if (outcome->expected || machine->console.matched)
		return STATUS_OK;
	if (outcome->quit) {
		fprintf(words, "vmm: stopped by Ctrl-a x\n");
		return STATUS_QUIT;
	}
	note_reset(machine, words);
	if (machine->config->expect) {
		fprintf(words, "vmm: the guest ended without a line that matches --expect '%s'\n",
			machine->config->expect);
		return STATUS_UNEXPECTED;
	}
	return machine->power.status;
}

int outcome_report(struct machine *machine, struct death_files *files)
{
	const struct outcome *outcome = &machine->outcome;
	bool died = outcome->death && !outcome->failed && !outcome->expected &&
	            !machine->console.matched;
	int status;

	note_lost_output(machine, files->words);
	if (!died) {
		status = report_ending(machine, files->words);
		report_file_write_ending(&files->report, status);
		return status;
	}
	death_report(machine, deaths[outcome->death].status, files);
	fprintf(files->words, "vmm: %s\n", deaths[outcome->death].text);
	return deaths[outcome->death].status;
}
