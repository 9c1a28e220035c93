/* SPDX-License-Identifier: MIT */
/*
 * fuzz_image.c: any bytes as an image: refused with a message, or laid out and loaded.
 */
#define _GNU_SOURCE /* memfd_create() */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "boot.h"
#include "image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A refusal is one line that says something. */
static void check(bool ok, const struct error *err)
{
	if (!ok && (!err->text[0] || strchr(err->text, '\n') || !err->status))
		abort();
}

static void lay_out(const struct image *image)
{
	struct boot_params params = {.command_line = "x", .vcpus = 1, .initrd_size = 4097};
	struct error err = {0};
	struct guest_mem mem;
	struct boot boot;
	struct cpu_state cpu;

	if (!memory_create(&mem, 4 << 20, &err))
		abort();
	params.initrd_size = image->mode == VMM_MODE_REAL ? 0 : 4097;
	check(boot_build(&boot, &mem, image, &params, &err) && image_load(image, &mem, &err), &err);
	if (!err.status)
		boot_cpu_state(&boot, image, &cpu);
	memory_destroy(&mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config = {.command_line = ""};
	struct error err = {0};
	struct image image;
	char path[32];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	bool ok;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	config.image = path;
	config.mode = size && data[0] == 0xff ? data[size - 1] % 6 : 0;
	ok = image_open(&image, &config, &err);
	check(ok, &err);
	if (ok) {
		lay_out(&image);
		image_close(&image);
	}
	close(fd);
	return 0;
}
