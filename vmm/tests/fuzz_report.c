/* SPDX-License-Identifier: MIT */
/*
 * fuzz_report.c: any bytes as the evidence of a death, which is then explained and shown in both
 * ways: the way of a hostile core file to the end.
 */
#include <stdlib.h>

#include "array_mem.h"
#include "autopsy/autopsy.h"
#include "autopsy/core_evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void explain(struct evidence *evidence)
{
	struct autopsy *autopsy;
	uint64_t gpa, length;

	evidence->image = evidence->symbols = evidence->initrd = NULL; /* no files of this host */
	autopsy = autopsy_api.explain(evidence);
	if (!autopsy)
		return;
	autopsy_api.wants_writer(autopsy, &gpa, &length);
	free(autopsy_api.text(autopsy, true));
	free(autopsy_api.json(autopsy));
	autopsy_api.drop(autopsy);
}

/* The input is the note, and the guest's memory too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct array_mem array = {malloc(size + 1), size};
	struct codec codec = codec_reader(array.bytes, size);
	struct evidence evidence = {.mem = array_mem_view(&array), .ram_low = 4096};

	memcpy(array.bytes, data, size);
	core_evidence_code(&codec, &evidence);
	if (!codec.failed)
		explain(&evidence);
	codec_blocks_free(codec.blocks);
	free(array.bytes);
	return 0;
}
