/* SPDX-License-Identifier: MIT */
/*
 * main.c: from the command line to an exit status.
 */
#include <stdio.h>

#include "config.h"
#include "image.h"
#include "kvm.h"
#include "machine.h"
#include "outcome.h"
#include "run.h"

static int complain(const struct error *err)
{
	fprintf(stderr, "vmm: %s\n", err->text);
	return err->status;
}

static int print(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) ? STATUS_HOST : STATUS_OK;
}

static int run_guest(const struct config *config, struct error *err)
{
	struct kvm kvm = {.fd = -1};
	struct image image;
	struct machine machine;
	int status;

	if (!image_open(&image, config, err))
		return complain(err);
	run_block_signals();
	if (!kvm_open(&kvm, err) ||
		!machine_create(&machine, &kvm, config, &image, MACHINE_STDOUT, err)) {
		status = complain(err);
	} else {
		machine_run(&machine);
		status = outcome_report(&machine);
		machine_destroy(&machine);
	}
	kvm_close(&kvm);
	image_close(&image);
	return status;
}

int main(int argc, char **argv)
{
	struct config config;
	struct error err = {0};
	int status;

	if (!config_parse(&config, argc, argv, &err))
		return complain(&err);
	if (config.action == CONFIG_HELP || config.action == CONFIG_VERSION)
		return print(
			config.action == CONFIG_HELP ? config_help() : "vmm " VMM_VERSION "\n");
	status = run_guest(&config, &err);
	config_free(&config);
	return status;
}
