/* SPDX-License-Identifier: MIT */
/*
 * session.c: image, KVM, machine, watches, run, report, in this order and back.
 */
#include "session.h"

#include <stdio.h>

#include "autopsy/names.h"
#include "death.h"
#include "explain.h"
#include "explainer.h"
#include "image.h"
#include "kvm.h"
#include "machine.h"
#include "outcome.h"
#include "outputs.h"
#include "run.h"
#include "symbol_check.h"
#include "terminal.h"
#include "user.h"
#include "watchlist.h"

/* The terminal is given back before the first word of a report. */
static bool run_attended(struct machine *machine, struct error *err)
{
	struct user_machine self = {.machine = machine};
	struct user user;

	if (!user_attach(&user, &self, 1, err))
		return false;
	machine_run(machine);
	user_detach(&user);
	return true;
}

static bool run_watched(struct machine *machine, struct error *err)
{
	struct watchlist list;
	char reason[256];
	const struct autopsy_api *api = explainer_load(reason, sizeof(reason));
	bool ok;

	if (!api)
		return error_set(err, STATUS_HOST, "--watch: %s", reason);
	if (!watchlist_create(&list, machine, api, err))
		return false;
	ok = run_attended(machine, err);
	watchlist_destroy(&list);
	return ok;
}

static bool run_machine(const struct config *config, const struct image *image,
	const struct kvm *kvm, struct death_files *files, int *status, struct error *err)
{
	struct machine machine;
	bool ok, broken_pipe;

	if (!machine_create(&machine, kvm, config, image, MACHINE_STDOUT, err))
		return false;
	ok = config->watch_count ? run_watched(&machine, err) : run_attended(&machine, err);
	broken_pipe = machine.console.closed;
	if (ok && !broken_pipe)
		*status = outcome_report(&machine, files);
	machine_destroy(&machine);
	if (broken_pipe)
		terminal_die_of_pipe();
	return ok;
}

static bool run_image(const struct config *config, const struct image *image,
	struct death_files *files, int *status, struct error *err)
{
	struct kvm kvm = {.fd = -1};
	bool ok;

	if (!kvm_open(&kvm, err))
		return false;
	ok = run_machine(config, image, &kvm, files, status, err);
	kvm_close(&kvm);
	return ok;
}

/* Symbols of another build still give names, so they are only warned of. */
static bool check_symbols(const struct config *config, const struct image *image, struct error *err)
{
	bool same;

	if (!config->symbols)
		return true;
	if (!symbol_check(config->symbols, image, &same, err))
		return false;
	if (!same)
		fprintf(stderr,
			"vmm: --symbols %s: its code is not that of %s: names and lines may be "
			"wrong\n",
			config->symbols, config->image);
	return true;
}

/* A mistyped command line costs no report of an earlier run. */
static void end_without_run(struct death_files *files, const struct error *err)
{
	if (err->status == STATUS_USAGE)
		report_file_give_up(&files->report);
	else
		report_file_write_ending(&files->report, err->status);
}

bool session_run(const struct config *config, int *status, struct error *err)
{
	struct death_files files;
	struct image image;
	bool ok;

	if (!image_open(&image, config, err))
		return false;
	run_block_signals();
	ok = outputs_check(config, NULL, NULL, err) && check_symbols(config, &image, err) &&
	     death_files_open(&files, config, err);
	if (ok) {
		ok = run_image(config, &image, &files, status, err);
		if (!ok)
			end_without_run(&files, err);
		death_files_close(&files);
	}
	image_close(&image);
	return ok;
}

bool session_explain(const struct config *config, int *status, struct error *err)
{
	struct report_file file;
	struct core_input input;
	struct evidence *evidence = core_input_open(&input, config->autopsy, err);
	bool ok;

	if (!evidence)
		return false;
	if (config->symbols)
		evidence->symbols = config->symbols;
	ok = outputs_check(config, evidence->image, evidence->symbols, err) &&
	     check_symbols(config, NULL, err) && report_file_open(&file, config->report, err);
	if (ok) {
		struct explain_output output = {.words = stderr,
			.quiet = config->quiet,
			.status = death_status(evidence->death),
			.file = &file};
		bool explained = explain_death(evidence, &output, NULL, NULL);

		*status = explained ? STATUS_OK : STATUS_BUG;
		report_file_close(&file);
	}
	core_input_close(&input);
	return ok;
}
