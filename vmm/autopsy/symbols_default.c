/* SPDX-License-Identifier: MIT */
/*
 * symbols_default.c: choosing the symbol file of an image.
 */
#include "symbols_default.h"

#include <stdlib.h>
#include <string.h>

static bool add_file(struct symbols *set, const char *path)
{
	char ignored[256];

	return path && symbols_add(set, path, 0, 0, UINT64_MAX, ignored, sizeof(ignored));
}

static void add_elf_beside(struct symbols *set, const char *image)
{
	size_t n = image ? strlen(image) : 0;
	char *path;

	if (n < 4 || strcmp(image + n - 4, ".bin") != 0)
		return;
	path = strdup(image);
	if (!path)
		return;
	memcpy(path + n - 4, ".elf", 4);
	add_file(set, path);
	free(path);
}

void symbols_add_default(struct symbols *set, const char *image, const char *symbols)
{
	if (symbols)
		add_file(set, symbols);
	else if (!add_file(set, image))
		add_elf_beside(set, image);
}
