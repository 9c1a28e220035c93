/* SPDX-License-Identifier: MIT */
/*
 * bisect_process.h: runs the built bisect as its users do.
 */
#ifndef TESTS_BISECT_PROCESS_H
#define TESTS_BISECT_PROCESS_H

#include <jansson.h>

#include "vmm_process.h"

#define BISECT(...) run_built("bisect", (const char *const[]){__VA_ARGS__, NULL})

static inline void expect_line(const struct run *run, int status, const char *words)
{
	const char *end = strchr(run->err, '\n');

	ck_assert_msg(run->status == status, "status %d: %s", run->status, run->err);
	ck_assert_msg(end && !end[1], "not one line: %s", run->err);
	ck_assert_msg(!strncmp(run->err, "bisect: ", 8), "%s", run->err);
	ck_assert_msg(strstr(run->err, words) != NULL, "'%s' is not in: %s", words, run->err);
	ck_assert_str_eq(run->out, "");
}

static inline json_t *parse_answer(const struct run *run)
{
	json_t *root = json_loads(run->out, 0, NULL);

	ck_assert_msg(run->status == 0, "status %d: %s", run->status, run->err);
	ck_assert_msg(root != NULL, "no JSON: %s", run->out);
	return root;
}

static inline const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "(none)";
}

#endif
