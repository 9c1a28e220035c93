/* SPDX-License-Identifier: MIT */
/*
 * hunt.h: the search proper, in one space: the least that makes GOOD bad, and the least without
 * which BAD is good.
 */
#ifndef BISECT_HUNT_H
#define BISECT_HUNT_H

#include "progress.h"
#include "prove.h"

struct finding {
	struct set
		minimal; /* GOOD with these atoms of BAD is bad, and with any one less it is not */
	struct set removal; /* BAD without these is good, and with any one of them put back it is
	                       not */
	bool has_removal;
	bool gave_up;       /* removal is only what the largest image that was seen to live lacks */
	struct tally again; /* how the minimal one ended when it was tried again at the end */
	struct trial trial; /* one of these */
	unsigned retries;   /* removals that made a set smaller which was thought minimal */
	unsigned unjudged;  /* atoms of minimal without which it cannot be judged */
	unsigned boundary_skips; /* --by prefix: neighbours that could not be judged */
};

struct hunt_setup {
	struct judge *judge;
	const struct space *space;
	struct progress *progress;
	const struct claim *good, *bad;
	struct proof *proof; /* sharpened when the verdict turns out to waver */
	unsigned jobs;
	bool prefix; /* only the shortest prefix */
	const struct content_hash *salt;
};

/* STATUS_ELSEWHERE when GOOD with all atoms is not bad, STATUS_IDENTICAL when GOOD with none is. */
bool hunt(const struct hunt_setup *setup, struct finding *finding, struct error *err);
void finding_free(struct finding *finding);

/* The image of a set; complement: of all atoms but these. */
bool hunt_compose(const struct space *space, const struct set *set, bool complement,
	struct content *content, struct error *err);

#endif
