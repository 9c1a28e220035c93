/* SPDX-License-Identifier: MIT */
/*
 * copier.c: carries out lists of struct vmm_copy. Each is read once, before anything is checked:
 * another vCPU may change it meanwhile. One that is refused ends its list.
 */
#include "copier.h"

#include <stddef.h>
#include <string.h>

#include "guest_abi.h"

static uint32_t carry_out(const struct copier *copier, const struct vmm_copy *copy)
{
	const struct copier_memory *memory = &copier->memory;
	const void *from = NULL;

	if (copy->flags & ~(VMM_COPY_FILL | VMM_COPY_MORE) || copy->reserved ||
		copy->length > VMM_COPY_MAX)
		return VMM_COPY_BAD_REQUEST;
	if (!memory->at(memory->ctx, copy->to, copy->length))
		return VMM_COPY_BAD_TO;
	if (!(copy->flags & VMM_COPY_FILL)) {
		from = memory->at(memory->ctx, copy->from, copy->length);
		if (!from)
			return VMM_COPY_BAD_FROM;
	}
	if (copy->length &&
		!memory->store(memory->ctx, copy->to, from, (uint8_t)copy->from, copy->length))
		return VMM_COPY_FAILED;
	return VMM_COPY_DONE;
}

/* Nobody can be told when the structure itself is not in RAM. */
static void carry_out_list(const struct copier *copier, uint64_t gpa)
{
	const struct copier_memory *memory = &copier->memory;
	uint32_t status = VMM_COPY_DONE;
	struct vmm_copy copy = {.flags = VMM_COPY_MORE};

	for (unsigned i = 0; status == VMM_COPY_DONE && copy.flags & VMM_COPY_MORE; i++) {
		const void *at = memory->at(memory->ctx, gpa, sizeof(copy));

		if (!at)
			return;
		memcpy(&copy, at, sizeof(copy));
		status = i < VMM_COPY_LIST ? carry_out(copier, &copy) : VMM_COPY_BAD_REQUEST;
		memory->store(memory->ctx, gpa + offsetof(struct vmm_copy, status), &status, 0,
			sizeof(status));
		gpa += sizeof(copy);
	}
}

static void copier_access(void *device, struct io *io)
{
	const struct copier *copier = device;

	if (io->write && io->size == 4)
		carry_out_list(copier, io->value);
}

bool copier_init(struct copier *copier, struct bus *bus, const struct copier_memory *memory,
	struct error *err)
{
	struct bus_range range = {VMM_PORT_COPY, 1, "copy port", copier_access, copier, 0};

	copier->memory = *memory;
	return bus_claim(bus, &range, err);
}
