/* SPDX-License-Identifier: MIT */
/*
 * autopsy.h: the door of libautopsy.so. The monitor loads that library only when there is something
 * to explain, so that no run pays for libdw and Zydis that does not need them; this table is all it
 * looks up there.
 */
#ifndef AUTOPSY_AUTOPSY_H
#define AUTOPSY_AUTOPSY_H

#include <stdbool.h>
#include <stdint.h>

#include "evidence.h"

#define AUTOPSY_API_SYMBOL "autopsy_api"

struct autopsy;     /* findings and verdict about one death */
struct write_names; /* names for watched addresses and their writers: write_text.h */

struct autopsy_api {
	/* Explains the evidence, which must outlive the result. NULL when there is no memory. */
	struct autopsy *(*explain)(const struct evidence *evidence);
	void (*drop)(struct autopsy *autopsy);
	/* True when knowing who wrote to [*gpa, *gpa + *size) would settle or sharpen the verdict:
	 * the caller may run the guest a second time, watch the range, and explain anew with
	 * evidence->writes. */
	bool (*wants_writer)(const struct autopsy *autopsy, uint64_t *gpa, uint64_t *size);
	/* The verdict's id, e.g. "idt-never-loaded"; a literal. "unexplained" when no rule fits. */
	const char *(*id)(const struct autopsy *autopsy);
	/* The report as text for a person or as JSON: NUL-terminated, free() it. NULL when there is
	 * no memory. */
	char *(*text)(const struct autopsy *autopsy, bool colour);
	char *(*json)(const struct autopsy *autopsy);
	/* For --watch: the functions of write_text.h. */
	struct write_names *(*names_open)(const char *image, const char *symbols);
	void (*names_close)(struct write_names *names);
	bool (*names_find)(
		struct write_names *names, const char *name, uint64_t *address, uint64_t *size);
	char *(*names_write)(struct write_names *names, const struct write_record *record,
		const struct phys_mem *mem);
};

extern const struct autopsy_api autopsy_api;

#endif
