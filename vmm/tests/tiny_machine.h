/* SPDX-License-Identifier: MIT */
/*
 * tiny_machine.h: a machine with a tiny guest in the test's own process, for looking inside.
 */
#ifndef TESTS_TINY_MACHINE_H
#define TESTS_TINY_MACHINE_H

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "machine.h"
#include "run.h"
#include "tiny_guest.h"

struct tiny {
	struct config config;
	struct image image;
	struct kvm kvm;
	struct machine machine;
	char path[32];
};

/* Static, since machines hold pointers into it. One at a time. */
static inline struct tiny *tiny_create(const char *begin, const char *end, unsigned cpus)
{
	static struct tiny tiny;
	struct error err;
	int fd = memfd_create("guest", MFD_CLOEXEC);
	static char none[1];

	ck_assert(fd >= 0 && write(fd, begin, (size_t)(end - begin)) == end - begin);
	tiny = (struct tiny){0};
	snprintf(tiny.path, sizeof(tiny.path), "/proc/self/fd/%d", fd);
	tiny.config = (struct config){.image = tiny.path, .memory = 16 << 20, .cpus = cpus};
	tiny.config.command_line = none;
	run_block_signals();
	ck_assert_msg(image_open(&tiny.image, &tiny.config, &err), "%s", err.text);
	ck_assert_msg(kvm_open(&tiny.kvm, &err), "%s", err.text);
	ck_assert_msg(machine_create(&tiny.machine, &tiny.kvm, &tiny.config, &tiny.image,
			      MACHINE_SILENT, &err),
		"%s", err.text);
	close(fd);
	return &tiny;
}

static inline void tiny_destroy(struct tiny *tiny)
{
	machine_destroy(&tiny->machine);
	kvm_close(&tiny->kvm);
	image_close(&tiny->image);
}

#define TINY(name, cpus) tiny_create(guest_##name, guest_##name##_end, cpus)

static inline uint64_t tiny_word(const struct guest_mem *mem, uint64_t gpa)
{
	uint64_t word;

	memcpy(&word, memory_at(mem, gpa, 8), sizeof(word));
	return word;
}

/* The last 8 bytes of an image, where guests keep an address for the test: read from the machine's
 * memory, which the image was loaded to. */
static inline uint64_t last_word(const struct tiny *tiny)
{
	const struct image_segment *segment = &tiny->image.segments[0];

	return tiny_word(&tiny->machine.mem, segment->gpa + segment->file_size - 8);
}

#endif
