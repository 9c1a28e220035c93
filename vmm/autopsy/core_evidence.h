/* SPDX-License-Identifier: MIT */
/*
 * core_evidence.h: the evidence, memory aside, as the bytes of a core file's note.
 */
#ifndef AUTOPSY_CORE_EVIDENCE_H
#define AUTOPSY_CORE_EVIDENCE_H

#include "core_codec.h"
#include "evidence.h"

#define CORE_EVIDENCE_VERSION 2

/*
 * Writes evidence, or reads it. When reading, evidence->mem, ram_low and ram_high must be set
 * already (what the monitor had written and nobody changed is taken from there), all else is
 * overwritten; pointers then are the codec's blocks. codec->failed tells whether it went well; what
 * was read is in range: counts within their arrays, enumerations among their values, cpu below
 * cpu_count.
 */
void core_evidence_code(struct codec *codec, struct evidence *evidence);

#endif
