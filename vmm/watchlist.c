/* SPDX-License-Identifier: MIT */
/*
 * watchlist.c: parsing, resolving and reporting watches.
 */
#include "watchlist.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"

#define DEFAULT_LENGTH 8
#define MAX_LENGTH     4096

static bool parse_length(const char *expr, const char *colon, uint64_t *size, struct error *err)
{
	char *end;

	*size = strtoull(colon + 1, &end, 0);
	if (isdigit((unsigned char)colon[1]) && !*end && *size && *size <= MAX_LENGTH)
		return true;
	return error_set(err, STATUS_USAGE, "--watch %s: length '%s', expected 1 to %d", expr,
		colon + 1, MAX_LENGTH);
}

static bool parse_target(struct watchlist *list, const char *expr, char *name, uint64_t *linear,
	uint64_t *size, struct error *err)
{
	char *end;

	errno = 0;
	*linear = strtoull(name, &end, 0);
	if (isdigit((unsigned char)*name) && !*end && !errno)
		return true;
	if (!list->api->names_find(list->names, name, linear, size))
		return error_set(err, STATUS_USAGE,
			"--watch %s: no symbol '%s' in the image's symbols, and no address", expr,
			name);
	if (!*size)
		*size = DEFAULT_LENGTH;
	if (*size > MAX_LENGTH)
		*size = MAX_LENGTH;
	return true;
}

static bool parse(struct watchlist *list, const char *expr, uint64_t *linear, uint64_t *size,
	struct error *err)
{
	const char *colon = strrchr(expr, ':');
	uint64_t length = 0;
	char name[256];
	int n = colon ? (int)(colon - expr) : (int)strlen(expr);

	if (n >= (int)sizeof(name))
		return error_set(err, STATUS_USAGE, "--watch: the name is longer than 255 bytes");
	snprintf(name, sizeof(name), "%.*s", n, expr);
	if (colon && !parse_length(expr, colon, &length, err))
		return false;
	*size = DEFAULT_LENGTH;
	if (!parse_target(list, expr, name, linear, size, err))
		return false;
	if (length)
		*size = length;
	return true;
}

/* Where the byte is now: through the page tables, or, before they map it, where the image was
 * loaded. */
static bool find_gpa(const struct machine *machine, uint64_t linear, uint64_t *gpa)
{
	struct kvm_translation translation = {.linear_address = linear};

	if (!ioctl(machine->vcpus[0].fd, KVM_TRANSLATE, &translation) && translation.valid &&
		memory_at(&machine->mem, translation.physical_address, 1)) {
		*gpa = translation.physical_address;
		return true;
	}
	for (unsigned i = 0; i < machine->image->segment_count; i++) {
		const struct image_segment *segment = &machine->image->segments[i];

		if (linear - segment->linear < segment->size) {
			*gpa = segment->gpa + (linear - segment->linear);
			return true;
		}
	}
	return false;
}

void watchlist_arm(const struct watchlist *list)
{
	struct kvm_guest_debug debug = {0};

	if (list->pending_count)
		debug.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP;
	for (unsigned i = 0; i < list->pending_count; i++) {
		/* SDM vol. 3, 18.2.4 "Debug Control Register (DR7)": write, 8 bytes or 1. */
		uint64_t whole = !(list->pending[i].linear & 7) && list->pending[i].size >= 8;

		debug.arch.debugreg[i] = list->pending[i].linear;
		debug.arch.debugreg[7] |= 2ull << (2 * i) | (1ull | (whole ? 8ull : 0))
		                                                    << (16 + 4 * i);
	}
	ioctl(list->machine->vcpus[0].fd, KVM_SET_GUEST_DEBUG, &debug);
}

static void print_write(void *ctx, const struct write_record *record)
{
	struct watchlist *list = ctx;
	struct phys_mem mem = memory_view(&list->machine->mem);
	char *text = list->api->names_write(list->names, record, &mem);

	console_flush(&list->machine->console);
	if (text)
		lines_print(stderr, text);
	free(text);
}

static bool add(struct watchlist *list, const char *expr, struct error *err)
{
	uint64_t linear, size, gpa;

	if (!parse(list, expr, &linear, &size, err))
		return false;
	if (find_gpa(list->machine, linear, &gpa))
		return watch_add(&list->watch, list->machine, gpa, size, linear, err);
	if (list->machine->vcpu_count > 1)
		return error_set(err, STATUS_USAGE,
			"--watch %s: with several vCPUs only memory that is mapped at the start "
			"can be watched",
			expr);
	list->pending[list->pending_count++] = (struct watchlist_pending){linear, size};
	return true;
}

bool watchlist_create(struct watchlist *list, struct machine *machine,
	const struct autopsy_api *api, struct error *err)
{
	const struct config *config = machine->config;

	*list = (struct watchlist){.machine = machine, .api = api};
	list->names = api->names_open(config->image, config->symbols);
	if (!list->names)
		return error_set(err, STATUS_HOST, "no memory for the symbols of --watch");
	list->watch.notify = print_write;
	list->watch.ctx = list;
	for (unsigned i = 0; i < config->watch_count; i++)
		if (!add(list, config->watch[i], err)) {
			watchlist_destroy(list);
			return false;
		}
	if (list->pending_count)
		watchlist_arm(list);
	machine->watchlist = list;
	return true;
}

void watchlist_destroy(struct watchlist *list)
{
	list->machine->watch = NULL;
	list->machine->watchlist = NULL;
	list->api->names_close(list->names);
}

/* A first write that only the debug register saw: the old value is gone. */
static void report_hit(struct watchlist *list, const struct vcpu *vcpu, uint64_t gpa,
	const struct watchlist_pending *pending)
{
	struct write_record record = {.linear = pending->linear,
		.gpa = gpa,
		.rip_after = true,
		.old_unknown = true,
		.size = pending->size < 8 ? (uint32_t)pending->size : 8};
	struct error ignored;

	memcpy(&record.new_value, memory_at(&list->machine->mem, gpa, record.size), record.size);
	vcpu_get_state(vcpu, &record.cpu, &ignored);
	record.rip = record.cpu.rip;
	print_write(list, &record);
}

void watchlist_retry(struct watchlist *list, struct vcpu *vcpu, bool hit)
{
	uint64_t fired = hit ? vcpu->run->debug.arch.dr6 : 0;
	unsigned kept = 0, count = list->pending_count;
	struct error ignored;
	uint64_t gpa;

	for (unsigned i = 0; i < count; i++) {
		struct watchlist_pending pending = list->pending[i];

		if (!find_gpa(list->machine, pending.linear, &gpa) ||
			!watch_add(&list->watch, list->machine, gpa, pending.size, pending.linear,
				&ignored)) {
			list->pending[kept++] = pending;
			continue;
		}
		if (fired & 1u << i)
			report_hit(list, vcpu, gpa, &pending);
	}
	list->pending_count = kept;
	if (kept != count)
		watchlist_arm(list);
}
