/* SPDX-License-Identifier: MIT */
/*
 * fuzz_core.c: any bytes as a core file, and any bytes as the note of a core that is otherwise
 * right; what is let in is shown.
 */
#include <stdlib.h>

#include "array_mem.h"
#include "autopsy/core_evidence.h"
#include "autopsy/core_read.h"
#include "autopsy/dump_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_file(struct array_mem *array)
{
	struct phys_mem file = array_mem_view(array);
	char error[160];
	struct core *core = core_open(&file, array->size, error, sizeof(error));

	if (core)
		free(dump_text(&core->evidence));
	core_close(core);
}

/* The last 8 KiB at most are the note, and all of it is memory too. */
static void fuzz_note(struct array_mem *array)
{
	size_t n = array->size < 8192 ? array->size : 8192;
	struct codec codec = codec_reader(array->bytes + array->size - n, n);
	struct evidence evidence = {.mem = array_mem_view(array), .ram_low = array->size};

	core_evidence_code(&codec, &evidence);
	if (!codec.failed)
		free(dump_text(&evidence));
	codec_blocks_free(codec.blocks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct array_mem array = {malloc(size + 1), size};

	memcpy(array.bytes, data, size);
	fuzz_file(&array);
	fuzz_note(&array);
	free(array.bytes);
	return 0;
}
