/* SPDX-License-Identifier: MIT */
/*
 * session.h: one run of one guest, from opening its files to the last word about it; or only
 * that word, about a core file.
 */
#ifndef VMM_SESSION_H
#define VMM_SESSION_H

#include "config.h"

/* Runs the configured guest. True with vmm's exit status in *status; false with err when it could
 * not be started. */
bool session_run(const struct config *config, int *status, struct error *err);

/* Explains the core file config->autopsy instead of a run: *status is STATUS_OK, or STATUS_BUG when
 * only the raw dump could be shown. False with err when the core is not usable. */
bool session_explain(const struct config *config, int *status, struct error *err);

#endif
