/* SPDX-License-Identifier: MIT */
/*
 * map.h: --map: the memory layout that an image would get, without running it.
 */
#ifndef VMM_MAP_H
#define VMM_MAP_H

#include "config.h"
#include "image.h"

/* Prints to stdout, one line a stretch, lowest address first. False with err when the image cannot
 * be laid out. */
bool map_print(const struct config *config, const struct image *image, struct error *err);

#endif
