/* SPDX-License-Identifier: MIT */
/*
 * log.c: the ring of messages. Text is formatted straight into the ring, and the console is given
 * pieces of the ring itself: nothing is copied twice, and under vmm a message costs one exit.
 */
#include "log.h"

#include "console.h"
#include "format.h"
#include "guest_abi.h"
#include "memory.h"
#include "string.h"

#define RING_SIZE 0x4000 /* a power of two */

static char buffer[RING_SIZE];
static struct vmm_log_ring ring;
static enum log_level console_level = LOG_INFO;

static const char *const level_names[LOG_LEVELS] = {"panic", "error", "warn", "info", "debug"};

void log_set_level(enum log_level level)
{
	console_level = level;
}

bool log_shows(enum log_level level)
{
	return level <= console_level;
}

int log_parse_level(const char *text)
{
	for (int i = 0; i < LOG_LEVELS; i++) {
		if (strcmp(text, level_names[i]) == 0 || (text[0] == '0' + i && !text[1]))
			return i;
	}
	return -1;
}

uint64_t log_ring_address(void)
{
	ring.magic = VMM_LOG_MAGIC;
	ring.buffer = image_phys(buffer);
	ring.size = RING_SIZE;
	return image_phys(&ring);
}

static void append(void *ctx, const char *text, size_t n)
{
	size_t at = ring.head % RING_SIZE, fit = RING_SIZE - at;

	if (n > fit) {
		memcpy(buffer + at, text, fit);
		ring.head += fit;
		append(ctx, text + fit, n - fit);
		return;
	}
	memcpy(buffer + at, text, n);
	ring.head += n;
}

uint64_t log_end(void)
{
	return ring.head;
}

size_t log_capacity(void)
{
	return RING_SIZE;
}

size_t log_read(uint64_t from, char *to, size_t n)
{
	size_t at = from % RING_SIZE, fit = RING_SIZE - at;

	if (from > ring.head || ring.head - from > RING_SIZE)
		return 0;
	if (n > ring.head - from)
		n = ring.head - from;
	if (fit > n)
		fit = n;
	memcpy(to, buffer + at, fit);
	memcpy(to + fit, buffer, n - fit);
	return n;
}

/* Puts the ring's bytes from `start`, counted like ring.head, on the console. */
static void show(uint64_t start)
{
	size_t at = start % RING_SIZE, n = ring.head - start;
	size_t fit = n < RING_SIZE - at ? n : RING_SIZE - at;

	console_write(buffer + at, fit);
	if (n > fit)
		console_write(buffer, n - fit);
}

void log_text_args(enum log_level level, const char *format, va_list args)
{
	uint64_t start = ring.head;

	format_text(append, NULL, format, args);
	if (log_shows(level))
		show(start);
}

void log_text(enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_text_args(level, format, args);
	va_end(args);
}
