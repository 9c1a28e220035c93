/* SPDX-License-Identifier: MIT */
/*
 * guest_run.c: starts vmm with an image, waits, and collects what it wrote.
 */
#define _GNU_SOURCE
#include "guest_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host_cpu.h"

#define FLAT_OPTIONS 6

bool build_find(struct build *build)
{
	ssize_t n = readlink("/proc/self/exe", build->root, sizeof(build->root) - 1);
	char *end;

	if (n <= 0)
		return false;
	build->root[n] = 0;
	end = strstr(build->root, "/tests/test_guests");
	if (!end)
		return false;
	*end = 0;
	return true;
}

void build_path(const struct build *build, char *path, const char *name)
{
	snprintf(path, PATH_MAX, "%s/guest/tests/%s", build->root, name);
}

static void run_path(const struct build *build, char *path, const char *name, const char *ending)
{
	snprintf(path, PATH_MAX, "%s/guest/tests/runs/%s.%s", build->root, name, ending);
}

static void read_whole(const char *path, char *buffer)
{
	FILE *file = fopen(path, "r");
	size_t n = file ? fread(buffer, 1, RUN_OUTPUT_MAX - 1, file) : 0;

	buffer[n] = 0;
	if (file)
		fclose(file);
}

static void redirect(const char *path, int fd)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

	if (file < 0 || dup2(file, fd) < 0)
		_exit(126);
	close(file);
}

static void no_input(void)
{
	int file = open("/dev/null", O_RDONLY);

	if (file < 0 || dup2(file, 0) < 0)
		_exit(126);
	close(file);
}

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* How to start a flat image of that kind; NULL: there is none, but an ELF file. */
static const char *const *flat_options(const char *kind)
{
	static const char *const real[FLAT_OPTIONS] = {
		"--mode", "real", "--load", "0x7c00", "--entry", "0x7c00"};
	static const char *const pse32[FLAT_OPTIONS] = {
		"--mode", "pse32", "--load", "0x1000", "--virt", "0x80001000"};

	return !strcmp(kind, "real") ? real : !strcmp(kind, "pse32") ? pse32 : NULL;
}

/* argv[] of vmm: the fixed part, how to start a flat image, the image. */
static void fill_argv(const char *argv[16], const char *vmm, const struct guest_run *run,
	const struct expectation *expectation, const char *image, bool flat)
{
	const char *const *options = flat_options(expectation->kind);
	int n = 0;

	argv[n++] = vmm;
	argv[n++] = "--timeout";
	argv[n++] = expectation->timeout;
	argv[n++] = "--report";
	argv[n++] = run->report;
	for (size_t i = 0; flat && i < FLAT_OPTIONS; i++)
		argv[n++] = options[i];
	argv[n++] = image;
	argv[n] = NULL;
}

void guest_run(struct guest_run *run, const struct build *build, const char *folder,
	const struct expectation *expectation)
{
	char out[PATH_MAX], err[PATH_MAX], image[PATH_MAX], vmm[PATH_MAX];
	const char *argv[16];
	bool flat;
	pid_t child;

	snprintf(vmm, sizeof(vmm), "%s/vmm", build->root);
	snprintf(run->elf, PATH_MAX, "%s/guest/tests/%s/%s.elf", build->root, folder,
		expectation->name);
	snprintf(image, PATH_MAX, "%s/guest/tests/%s/%s.bin", build->root, folder,
		expectation->name);
	flat = flat_options(expectation->kind) && access(image, R_OK) == 0;
	build_path(build, out, "runs");
	mkdir(out, 0777);
	run_path(build, out, expectation->name, "out");
	run_path(build, err, expectation->name, "err");
	run_path(build, run->report, expectation->name, "json");
	unlink(run->report);
	fill_argv(argv, vmm, run, expectation, flat ? image : run->elf, flat);

	child = fork();
	if (child == 0) {
		no_input();
		redirect(out, 1);
		redirect(err, 2);
		execv(vmm, (char *const *)argv);
		_exit(127);
	}
	run->status = child < 0 ? -1 : wait_for(child);
	read_whole(out, run->console);
	read_whole(err, run->complaints);
}

static bool needs(const struct expectation *expectation, const char *what)
{
	return strstr(expectation->needs, what) != NULL;
}

const char *host_lacks(const struct expectation *expectation)
{
	bool software = !host_has_virtualisation();

	if (access("/dev/kvm", R_OK | W_OK) != 0)
		return "no access to /dev/kvm";
	if (software && needs(expectation, "paging32"))
		return "a software KVM without 32-bit paging";
	if (software && needs(expectation, "strict"))
		return "a software KVM that leaves out checks of gates and descriptors";
	if (software && needs(expectation, "iret32"))
		return "a software KVM that cannot emulate iret in 32-bit protected mode";
	if (needs(expectation, "untcg") && host_is_tcg())
		return "QEMU's TCG does here what no CPU does";
	if (needs(expectation, "unbochs") && host_is_bochs())
		return "Bochs does here what no CPU does";
	return NULL;
}
