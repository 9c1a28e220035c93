/* SPDX-License-Identifier: MIT */
/*
 * layout_way.h: does it matter where things lie? The same program, with one section after the other
 * shifted by steps.
 */
#ifndef BISECT_LAYOUT_WAY_H
#define BISECT_LAYOUT_WAY_H

#include "build.h"
#include "judge.h"
#include "pad_object.h"
#include "space.h"

#define LAYOUT_SHIFT_MAX 65536u
#define LAYOUT_STEPS     9

struct layout_section {
	enum verdict step[LAYOUT_STEPS]; /* by layout_steps[] */
	bool flips;                      /* some shift has another verdict than none */
	unsigned least;     /* then: a shift with the other verdict; one byte less has not */
	enum verdict below; /* that of one byte less: the first, or SKIP */
};

struct layout_answer {
	enum verdict base; /* of the image with no shift */
	struct tally tally;
	struct trial trial;
	bool elf32;
	bool matters;
	struct layout_section section[PAD_SECTIONS];
	struct space space; /* atom: section * (LAYOUT_SHIFT_MAX + 1) + shift; sets of one only */
	const struct build *build;
};

extern const unsigned layout_steps[LAYOUT_STEPS];

/* Tries the program without any shift, and gives its image. timeout: as in prove(). answer must
 * stay where it is. */
bool layout_begin(struct layout_answer *answer, struct judge *judge, const struct build *build,
	double timeout, bool by_test, struct content *base, struct error *err);

/* Tries everything else. What was found is tried again: STATUS_WAVERS. */
bool layout_search(struct layout_answer *answer, struct judge *judge, struct error *err);

/* The image of a section's least shift that matters, or with none (section PAD_SECTIONS). */
bool layout_compose(const struct layout_answer *answer, enum pad_section section,
	struct content *content, struct error *err);

#endif
