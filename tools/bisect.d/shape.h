/* SPDX-License-Identifier: MIT */
/*
 * shape.h: what of an image decides how a machine is built for it. Images of one shape and size
 * can take turns in one machine.
 */
#ifndef BISECT_SHAPE_H
#define BISECT_SHAPE_H

#include "content.h"

/* Copies those bytes of the image, which may be anything. */
bool shape_copy(struct content *shape, const struct content *image, struct error *err);

#endif
