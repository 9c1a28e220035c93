/* SPDX-License-Identifier: MIT */
/*
 * profile.c: counting samples.
 */
#include "profile.h"

#include <stdlib.h>

void profile_add(struct profile *profile, uint64_t rip)
{
	profile->recent[profile->total++ % PROFILE_RECENT] = rip;
}

static int more_first(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return x->count > y->count ? -1 : x->count < y->count;
}

/* The entry of rip, or a new one; NULL when there is no more room. */
static struct sample *entry_of(struct sample *samples, unsigned *n, uint64_t rip)
{
	for (unsigned i = 0; i < *n; i++)
		if (samples[i].rip == rip)
			return &samples[i];
	if (*n == SAMPLES_MAX)
		return NULL;
	samples[*n] = (struct sample){.rip = rip};
	return &samples[(*n)++];
}

unsigned profile_count(const struct profile *profile, struct sample out[SAMPLES_MAX])
{
	uint64_t used = profile->total < PROFILE_RECENT ? profile->total : PROFILE_RECENT;
	unsigned n = 0;

	for (uint64_t i = 0; i < used; i++) {
		struct sample *entry = entry_of(out, &n, profile->recent[i]);

		if (entry)
			entry->count++;
	}
	qsort(out, n, sizeof(out[0]), more_first);
	return n;
}
