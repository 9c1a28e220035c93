/* SPDX-License-Identifier: MIT */
/*
 * image.c: opening an image file, choosing its format, copying its segments to guest memory.
 */
#include "image.h"

#include <string.h>
#include <unistd.h>

#include "file.h"

static bool parse(struct image *image, const struct config *config, struct error *err)
{
	char magic[4] = {0};
	uint64_t n = image->file_size < sizeof(magic) ? image->file_size : sizeof(magic);

	if (!n)
		return error_set(err, STATUS_IMAGE, "%s: the file is empty", image->path);
	if (!file_read(image->fd, image->path, magic, n, 0, err))
		return false;
	if (!memcmp(magic, "\177ELF", 4))
		return image_parse_elf(image, config, err);
	return image_parse_flat(image, config, err);
}

bool image_open(struct image *image, const struct config *config, struct error *err)
{
	*image = (struct image){.fd = -1, .path = config->image};
	image->fd = file_open(image->path, "a guest image", &image->file_size, err);
	if (image->fd < 0)
		return false;
	if (parse(image, config, err))
		return true;
	image_close(image);
	return false;
}

void image_close(struct image *image)
{
	if (image->fd >= 0)
		close(image->fd);
	image->fd = -1;
}

bool image_load(const struct image *image, const struct guest_mem *mem, struct error *err)
{
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct image_segment *segment = &image->segments[i];
		uint8_t *to = memory_at(mem, segment->gpa, segment->size);

		if (!to)
			return error_set(err, STATUS_BUG, "%s: %s was not checked against the RAM",
				image->path, segment->name);
		if (!file_read(
			    image->fd, image->path, to, segment->file_size, segment->offset, err))
			return false;
	}
	return true;
}
