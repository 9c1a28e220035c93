/* SPDX-License-Identifier: MIT */
/*
 * crowd.c: machines, threads and turns at stdout and stderr of several guests.
 */
#include "crowd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "colour.h"
#include "image.h"
#include "kvm.h"
#include "machine.h"
#include "outcome.h"
#include "run.h"
#include "terminal.h"
#include "user.h"

struct crowd;

struct guest {
	struct crowd *crowd;
	struct config config; /* as if this guest were the only one */
	struct image image;
	struct tagger tagger;
	struct machine machine;
	pthread_t thread;
	int status;
};

struct crowd {
	unsigned count;   /* images */
	unsigned opened;  /* guests whose image is open ... */
	unsigned created; /* ... that have a machine ... */
	unsigned started; /* ... and a thread */
	struct kvm kvm;
	pthread_mutex_t turn; /* at stdout and stderr */
	pthread_mutex_t
		explainer; /* one at a time: each is a fork, which keeps the pipes of others open */
	struct user user;
	struct user_machine machines[CONFIG_MAX_IMAGES];
	char names[CONFIG_MAX_IMAGES][CROWD_NAME];
	struct guest guests[];
};

static void base_name(const char *path, char name[CROWD_NAME])
{
	const char *slash = strrchr(path, '/');
	size_t n;

	snprintf(name, CROWD_NAME, "%s", slash ? slash + 1 : path);
	n = strlen(name);
	if (n > 4 && (!strcmp(name + n - 4, ".bin") || !strcmp(name + n - 4, ".elf")))
		name[n - 4] = '\0';
	for (; *name; name++)
		if (*name < ' ' || *name > '~')
			*name = '?';
}

static bool taken(const char (*names)[CROWD_NAME], unsigned count, const char *name)
{
	for (unsigned i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

void crowd_names(const char *const *images, unsigned count, char (*names)[CROWD_NAME])
{
	for (unsigned i = 0; i < count; i++) {
		char name[CROWD_NAME];

		base_name(images[i], name);
		snprintf(names[i], CROWD_NAME, "%s", name);
		for (unsigned n = 2; taken((const char(*)[CROWD_NAME])names, i, names[i]); n++)
			snprintf(names[i], CROWD_NAME, "%.*s#%u", CROWD_NAME - 12, name, n);
	}
}

/* Every line of vmm's own begins with "vmm:"; the guest's name comes behind that. */
static void say(const struct guest *guest, const char *text)
{
	const char *name = guest->crowd->names[guest - guest->crowd->guests];

	pthread_mutex_lock(&guest->crowd->turn);
	flockfile(stderr);
	while (*text) {
		size_t n = strcspn(text, "\n");
		size_t own = !strncmp(text, "vmm:", 4) ? 4 : 0;

		fprintf(stderr, "vmm: [%s]%.*s\n", name, (int)(n - own), text + own);
		text += n + (text[n] == '\n');
	}
	funlockfile(stderr);
	pthread_mutex_unlock(&guest->crowd->turn);
}

/* All that is said about an end is gathered first: other guests go on meanwhile. */
static void report(struct guest *guest)
{
	struct death_files files;
	struct error err;
	char *text = NULL;
	size_t n;

	if (!death_files_open(&files, &guest->config, &err)) {
		guest->status = err.status;
		return;
	}
	files.words = open_memstream(&text, &n);
	if (!files.words)
		files.words = stderr;
	pthread_mutex_lock(&guest->crowd->explainer);
	guest->status = outcome_report(&guest->machine, &files);
	pthread_mutex_unlock(&guest->crowd->explainer);
	if (files.words != stderr && fclose(files.words) == 0)
		say(guest, text);
	free(text);
	death_files_close(&files);
}

static void end_all(struct crowd *crowd)
{
	for (unsigned i = 0; i < crowd->created; i++)
		__atomic_store_n(&crowd->guests[i].machine.quit, true, __ATOMIC_RELEASE);
}

static void *guest_main(void *arg)
{
	struct guest *guest = arg;

	machine_run(&guest->machine);
	if (guest->machine.console.closed)
		end_all(guest->crowd);
	else
		report(guest);
	return NULL;
}

static bool open_images(struct crowd *crowd, const struct config *config, struct error *err)
{
	for (; crowd->opened < crowd->count; crowd->opened++) {
		struct guest *guest = &crowd->guests[crowd->opened];

		guest->crowd = crowd;
		guest->config = *config;
		guest->config.image = config->images[crowd->opened];
		if (!image_open(&guest->image, &guest->config, err))
			return false;
	}
	return true;
}

static bool create_machines(struct crowd *crowd, struct error *err)
{
	bool colour = colour_wanted(STDOUT_FILENO);

	for (; crowd->created < crowd->count; crowd->created++) {
		unsigned i = crowd->created;
		struct guest *guest = &crowd->guests[i];

		if (!machine_create(&guest->machine, &crowd->kvm, &guest->config, &guest->image,
			    MACHINE_STDOUT, err))
			return false;
		tagger_init(&guest->tagger, crowd->names[i], colour ? i + 1 : 0);
		console_tag(&guest->machine.console, &guest->tagger, &crowd->turn);
		crowd->machines[i] = (struct user_machine){&guest->machine, crowd->names[i]};
	}
	return true;
}

static bool start_threads(struct crowd *crowd, struct error *err)
{
	for (; crowd->started < crowd->count; crowd->started++) {
		struct guest *guest = &crowd->guests[crowd->started];

		errno = pthread_create(&guest->thread, NULL, guest_main, guest);
		if (errno)
			return error_errno(
				err, STATUS_HOST, "a thread for %.120s", guest->image.path);
	}
	return true;
}

static bool run_all(struct crowd *crowd, struct error *err)
{
	bool ok;

	if (!user_attach(&crowd->user, crowd->machines, crowd->count, err))
		return false;
	ok = start_threads(crowd, err);
	if (!ok)
		end_all(crowd);
	for (unsigned i = 0; i < crowd->started; i++)
		pthread_join(crowd->guests[i].thread, NULL);
	user_detach(&crowd->user);
	return ok;
}

static int worst_status(const struct crowd *crowd)
{
	int worst = STATUS_OK;

	for (unsigned i = 0; i < crowd->count; i++)
		if (crowd->guests[i].status > worst)
			worst = crowd->guests[i].status;
	return worst;
}

static bool stdout_closed(const struct crowd *crowd)
{
	for (unsigned i = 0; i < crowd->created; i++)
		if (crowd->guests[i].machine.console.closed)
			return true;
	return false;
}

static void destroy(struct crowd *crowd)
{
	bool broken_pipe = stdout_closed(crowd);

	while (crowd->created)
		machine_destroy(&crowd->guests[--crowd->created].machine);
	while (crowd->opened)
		image_close(&crowd->guests[--crowd->opened].image);
	kvm_close(&crowd->kvm);
	pthread_mutex_destroy(&crowd->turn);
	pthread_mutex_destroy(&crowd->explainer);
	free(crowd);
	if (broken_pipe)
		terminal_die_of_pipe();
}

bool crowd_run(const struct config *config, int *status, struct error *err)
{
	unsigned n = config->image_count;
	struct crowd *crowd = calloc(1, sizeof(*crowd) + n * sizeof(crowd->guests[0]));
	bool ok;

	if (!crowd)
		return error_errno(err, STATUS_HOST, "memory for %u guests", n);
	crowd->count = n;
	crowd->kvm.fd = -1;
	pthread_mutex_init(&crowd->turn, NULL);
	pthread_mutex_init(&crowd->explainer, NULL);
	crowd_names(config->images, n, crowd->names);
	run_block_signals();
	ok = open_images(crowd, config, err) && kvm_open(&crowd->kvm, err) &&
	     create_machines(crowd, err) && run_all(crowd, err);
	*status = worst_status(crowd);
	destroy(crowd);
	return ok;
}
