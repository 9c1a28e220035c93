/* SPDX-License-Identifier: MIT */
/*
 * symbol_check.h: is the file that --symbols names one that can give names, and of this image?
 */
#ifndef VMM_SYMBOL_CHECK_H
#define VMM_SYMBOL_CHECK_H

#include "image.h"

/*
 * Looks at the file at path. False with err when it gives no names: STATUS_INPUT when it cannot be
 * read, STATUS_IMAGE when it is no ELF file. *same becomes false when its code differs from what
 * the image (NULL: none to compare with) has at the same address.
 */
bool symbol_check(const char *path, const struct image *image, bool *same, struct error *err);

#endif
