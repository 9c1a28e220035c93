/* SPDX-License-Identifier: MIT */
/*
 * config.h: the command line, parsed once and then only read.
 */
#ifndef VMM_CONFIG_H
#define VMM_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "autopsy/version.h"
#include "error.h"
#include "guest_abi.h"

#define TRACE_EXITS (1u << 0)
#define TRACE_IO    (1u << 1)
#define TRACE_MMIO  (1u << 2)
#define TRACE_IRQ   (1u << 3)
#define TRACE_MSR   (1u << 4)

/* A value of config.mode beside VMM_MODE_*: as the image's Multiboot header says. */
#define CONFIG_MODE_MULTIBOOT 5

#define CONFIG_MIN_MEMORY (1ull << 20)
#define CONFIG_MAX_MEMORY (1ull << 40)
#define CONFIG_MAX_CPUS   64
#define CONFIG_MAX_WATCH  4
#define CONFIG_MAX_IMAGES 64

enum config_action {
	CONFIG_RUN,
	CONFIG_AUTOPSY,
	CONFIG_MAP,
	CONFIG_HOST,
	CONFIG_HELP,
	CONFIG_VERSION
};

/* Strings point into argv, command_line is allocated: config_free(). Flat-image fields count when
 * has_* is set. image is the first of images; NULL with CONFIG_AUTOPSY, CONFIG_HOST,
 * CONFIG_HELP and CONFIG_VERSION. */
struct config {
	enum config_action action;
	const char *image, *initrd, *symbols, *expect, *report, *trace_file;
	const char *images[CONFIG_MAX_IMAGES];
	unsigned image_count;
	const char *core;    /* where to write a core */
	const char *autopsy; /* the core to explain instead of a run */
	char *command_line;  /* words after --, joined by spaces; "" when there are none */
	uint64_t memory;     /* bytes */
	unsigned cpus;
	uint32_t mode; /* VMM_MODE_* or CONFIG_MODE_MULTIBOOT, 0: as the image says */
	bool has_load, has_entry, has_virt;
	uint64_t load, entry, virt;
	const char *watch[CONFIG_MAX_WATCH]; /* SYMBOL or ADDR, perhaps with :LEN */
	unsigned watch_count;
	double timeout; /* seconds, 0: none */
	unsigned trace; /* TRACE_* */
	bool verbose, quiet;
};

/* Parses argv into config. False with err set (STATUS_USAGE) on bad usage; nothing to free then.
 * Not thread-safe, as getopt_long(3) is not. */
bool config_parse(struct config *config, int argc, char **argv, struct error *err);
void config_free(struct config *config);

/* The text of --help; a literal. */
const char *config_help(void);

#endif
