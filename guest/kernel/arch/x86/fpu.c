/* SPDX-License-Identifier: MIT */
/*
 * fpu.c: the registers of x87 and SSE by FXSAVE and FXRSTOR, and of more by XSAVE and XRSTOR where
 * programs can have more (wide.h). Both have the same first 512 bytes: SDM vol. 1, 10.5.1 "FXSAVE
 * Area" and 13.4 "XSAVE Area".
 */
#include "fpu.h"

#include "arch.h"
#include "memory.h"
#include "string.h"
#include "user.h"
#include "wide.h"

#define CONTROL_INIT 0x37f  /* FINIT's */
#define MXCSR_INIT   0x1f80 /* the CPU's after reset */
#define MXCSR_KNOWN  0xffbf /* bits that every CPU has */

/* Linux's marks in a signal frame: arch/x86/include/uapi/asm/sigcontext.h. */
#define MAGIC_1 0x46505853
#define MAGIC_2 0x46505845

/* XSAVE writes up to `software` and from `present` on; without it, nothing lies behind `software`.
 */
struct area {
	uint16_t control, status;
	uint8_t pointers[20];
	uint32_t mxcsr, mxcsr_mask;
	uint8_t registers[432];
	struct {
		uint32_t magic, frame_size;
		uint64_t features;
		uint32_t size, reserved[7];
	} software; /* for signal frames */
	uint64_t present, compaction, reserved[6];
};

#define FXSAVE_SIZE offsetof(struct area, present)

_Static_assert(FXSAVE_SIZE == 512, "as the CPU has it");
_Static_assert(offsetof(struct area, software) == 464, "as the CPU has it");

size_t fpu_frame_size(void)
{
	return wide_size() ? wide_size() + sizeof(uint32_t) : FXSAVE_SIZE;
}

/* What a program's handler finds out about its frame. */
static void describe(struct area *area)
{
	memset(&area->software, 0, sizeof(area->software));
	if (!wide_size())
		return;
	area->software.magic = MAGIC_1;
	area->software.frame_size = (uint32_t)fpu_frame_size();
	area->software.features = wide_features();
	area->software.size = (uint32_t)wide_size();
}

void fpu_init(void)
{
	wide_init();
}

bool fpu_is_wide(void)
{
	return wide_features() != 0;
}

uint8_t *fpu_create(void)
{
	uint8_t *area = wide_size() ? wide_create() : kmalloc(FXSAVE_SIZE, "fpu");

	if (area)
		fpu_reset(area);
	return area;
}

void fpu_destroy(uint8_t *area)
{
	if (area && wide_size())
		wide_destroy(area);
	else
		kfree(area);
}

void fpu_reset(uint8_t *area)
{
	struct area *to = (struct area *)area;

	memset(area, 0, wide_size() ? sizeof(*to) : FXSAVE_SIZE);
	to->control = CONTROL_INIT;
	to->mxcsr = MXCSR_INIT;
	describe(to);
}

/* Calls move() for each stretch of an area that holds something: all that is known of it, and the
 * wider registers that are in use. False as soon as move() says so. */
static bool for_each_part(uint64_t present, bool (*move)(uint64_t to, uint64_t from, size_t n),
	uint64_t to, uint64_t from)
{
	for (unsigned i = WIDE_FIRST; i < WIDE_END; i++) {
		struct wide_part part = wide_part(i);

		if ((present >> i & 1) && part.size &&
			!move(to + part.offset, from + part.offset, part.size))
			return false;
	}
	return true;
}

static bool copy_part(uint64_t to, uint64_t from, size_t n)
{
	memcpy((void *)(uintptr_t)to, (const void *)(uintptr_t)from, n);
	return true;
}

static bool write_part(uint64_t to, uint64_t from, size_t n)
{
	return user_write((uintptr_t)to, (const void *)(uintptr_t)from, n) == 0;
}

static bool read_part(uint64_t to, uint64_t from, size_t n)
{
	return user_read((void *)(uintptr_t)to, (uintptr_t)from, n) == 0;
}

void fpu_copy(uint8_t *to, const uint8_t *from)
{
	if (!wide_size()) {
		memcpy(to, from, FXSAVE_SIZE);
		return;
	}
	memcpy(to, from, sizeof(struct area));
	for_each_part(
		((const struct area *)from)->present, copy_part, (uintptr_t)to, (uintptr_t)from);
}

void fpu_save(uint8_t *area)
{
	if (wide_size())
		wide_switch(area, NULL);
	else
		fxsave(area);
}

void fpu_restore(const uint8_t *area)
{
	if (wide_size())
		wide_switch(NULL, area);
	else
		fxrstor(area);
}

void fpu_switch(uint8_t *from, const uint8_t *to)
{
	if (wide_size()) {
		wide_switch(from, to);
		return;
	}
	if (from)
		fxsave(from);
	fxrstor(to);
}

uint32_t fpu_mxcsr(const uint8_t *area)
{
	return ((const struct area *)area)->mxcsr;
}

uint16_t fpu_control(const uint8_t *area)
{
	return ((const struct area *)area)->control;
}

uint16_t fpu_status(const uint8_t *area)
{
	return ((const struct area *)area)->status;
}

bool fpu_to_user(uint64_t to, const uint8_t *area)
{
	const uint32_t magic = MAGIC_2;
	const struct area *from = (const struct area *)area;

	if (!wide_size())
		return user_write(to, area, FXSAVE_SIZE) == 0;
	return user_write(to, area, sizeof(*from)) == 0 &&
	       for_each_part(from->present, write_part, to, (uintptr_t)area) &&
	       user_write(to + wide_size(), &magic, sizeof(magic)) == 0;
}

/* Whether the frame has all, as fpu_to_user() wrote it, and not only what FXSAVE has. */
static bool is_whole(const struct area *area, uint64_t from)
{
	uint32_t magic;

	return area->software.magic == MAGIC_1 && area->software.size == wide_size() &&
	       !user_read(&magic, from + wide_size(), sizeof(magic)) && magic == MAGIC_2;
}

/* What lies behind FXSAVE's part; a header with more than there is would fault (SDM vol. 1, 13.8
 * "Operation of XRSTOR"). */
static bool wide_from_user(struct area *to, uint64_t from)
{
	uint64_t present = WIDE_X87 | WIDE_SSE;

	if (is_whole(to, from)) {
		if (user_read(&present, from + offsetof(struct area, present), sizeof(present)))
			return false;
		present &= wide_features();
		if (!for_each_part(present, read_part, (uintptr_t)to, from))
			return false;
	}
	to->present = present;
	to->compaction = 0;
	memset(to->reserved, 0, sizeof(to->reserved));
	return true;
}

/* Reserved bits of MXCSR would fault: SDM vol. 1, 11.6.6 "Guidelines for Writing to the MXCSR
 * Register". */
bool fpu_from_user(uint8_t *area, uint64_t from)
{
	struct area *to = (struct area *)area;
	uint32_t mask = to->mxcsr_mask ? to->mxcsr_mask : MXCSR_KNOWN;

	if (user_read(area, from, FXSAVE_SIZE))
		return false;
	to->mxcsr &= mask;
	to->mxcsr_mask = mask;
	if (wide_size() && !wide_from_user(to, from))
		return false;
	describe(to);
	return true;
}
