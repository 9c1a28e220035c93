/* SPDX-License-Identifier: MIT */
/*
 * space.h: what can be exchanged between GOOD and BAD, one atom each, and how an image is made of a
 * choice of atoms. Each way of bisecting is such a space.
 */
#ifndef BISECT_SPACE_H
#define BISECT_SPACE_H

#include "content.h"
#include "search.h"

struct space {
	const char *what; /* of one atom, for messages: "byte"; a literal */
	unsigned atoms;
	unsigned levels; /* of groups, as in struct search */
	/*
	 * Makes GOOD with the atoms of the set taken from BAD; called by several threads at once.
	 * STATUS_IMAGE: this choice gives no image, which is no fault of anybody.
	 */
	bool (*compose)(const struct space *space, const struct set *set, struct content *content,
		struct error *err);
	unsigned (*group)(const struct space *space, unsigned level, unsigned atom);
	/* Of an atom, in words; NULL for diffs, whose answer says more. */
	const char *(*name)(const struct space *space, unsigned atom);
	bool fragile; /* of two programs that are laid out differently: most mixtures die of being
	                 one */
	void *ctx;
	/* Of what the atoms are, where the two images do not tell: what is known of sets of other
	 * atoms must not be taken for these. */
	struct content_hash identity;
};

#endif
