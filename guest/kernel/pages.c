/* SPDX-License-Identifier: MIT */
/*
 * pages.c: frames that programs see. The allocator's metadata of a frame has room for a count: how
 * many others hold it beside the first.
 */
#include "pages.h"

#include "copy.h"
#include "memory.h"

uint64_t page_alloc(enum frame_owner owner)
{
	return frames_alloc(&kernel_frames, 0, owner);
}

uint64_t page_alloc_zero(enum frame_owner owner)
{
	bool zero;
	uint64_t phys = frames_alloc_likely_zero(&kernel_frames, 0, owner, &zero);

	if (phys != FRAME_NONE && !zero)
		phys_clear(phys, PAGE_SIZE);
	return phys;
}

void page_get(uint64_t phys)
{
	struct frame *frame = page_in_place(phys) ? NULL : frames_used(&kernel_frames, phys);

	if (frame)
		frame->count++;
}

void page_put(uint64_t phys)
{
	struct frame *frame;

	if (page_in_place(phys))
		return;
	frame = frames_used(&kernel_frames, phys);
	if (!frame)
		return;
	if (frame->count)
		frame->count--;
	else
		frames_free(&kernel_frames, phys);
}

bool page_is_mine(uint64_t phys)
{
	const struct frame *frame = frames_used(&kernel_frames, phys);

	return frame && frame->count == 0;
}
