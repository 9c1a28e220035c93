/* SPDX-License-Identifier: MIT */
/*
 * stdcheck.c: what C programs build on: the heap at every size, blocks that keep their contents
 * when they grow and shrink, strings at every alignment and up to the edge of memory, and the
 * program's own layout, page by page and byte by byte.
 *
 *	stdcheck [PERCENT]	how much of all sizes and places (100)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE     4096
#define SIZES    5000
#define BLOCKS   512
#define TEXT_MAX 300

static unsigned failures, percent = 100;
static uint64_t random_state = 1;

static void expect(bool ok, const char *what, size_t number)
{
	if (ok)
		return;
	failures++;
	printf("stdcheck: %s: %zu\n", what, number);
}

/* xorshift64* */
static size_t below(size_t limit)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 0x2545f4914f6cdd1d >> 20) % limit;
}

static size_t step(void)
{
	return percent >= 100 ? 1 : 100 / percent;
}

static bool filled(const uint8_t *bytes, uint8_t value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

static void every_size(void)
{
	for (size_t size = 1; size <= SIZES; size += step()) {
		uint8_t *block = malloc(size), *zeros = calloc(1, size);

		expect(block && zeros, "malloc", size);
		expect(((uintptr_t)block | (uintptr_t)zeros) % 16 == 0, "alignment", size);
		memset(block, (int)size, size);
		expect(filled(zeros, 0, size), "calloc", size);
		expect(filled(block, (uint8_t)size, size), "contents", size);
		free(block);
		free(zeros);
	}
	for (size_t size = 1; size < 64ul << 20; size = size * 5 / 2 + 1) {
		uint8_t *block = malloc(size);

		expect(block != NULL, "large malloc", size);
		block[0] = block[size - 1] = 1;
		free(block);
	}
	expect(malloc(PTRDIFF_MAX) == NULL && errno == ENOMEM, "malloc of everything", 0);
}

static void growing_blocks(void)
{
	uint8_t *block = NULL;
	size_t old = 0;

	for (size_t size = 1; size < SIZES; size += step()) {
		block = realloc(block, size);
		expect(filled(block, 0x5a, old), "realloc upwards", size);
		memset(block, 0x5a, size);
		old = size;
	}
	for (size_t size = SIZES; size < 8u << 20; size = size * 3 / 2) {
		block = realloc(block, size);
		expect(block && filled(block, 0x5a, old), "realloc far upwards", size);
		memset(block, 0x5a, size);
		old = size;
	}
	for (size_t size = old; size; size /= 3) {
		block = realloc(block, size);
		expect(block && filled(block, 0x5a, size), "realloc downwards", size);
	}
	free(block);
}

/* Many blocks of random sizes that come, change and go; none may touch another. */
static void random_blocks(void)
{
	static struct {
		uint8_t *bytes;
		size_t size;
	} blocks[BLOCKS];

	for (unsigned round = 0; round < 200 * percent; round++) {
		size_t i = below(BLOCKS), size = below(below(16) ? 600 : 200000);
		uint8_t *bytes = blocks[i].bytes;

		expect(filled(bytes, (uint8_t)i, blocks[i].size), "a block changed", i);
		if (below(3) == 0) {
			free(bytes);
			blocks[i].bytes = NULL;
			blocks[i].size = 0;
			continue;
		}
		bytes = realloc(bytes, size + 1);
		expect(filled(bytes, (uint8_t)i, size < blocks[i].size ? size : blocks[i].size),
			"a block that moved", i);
		memset(bytes, (int)i, size);
		blocks[i].bytes = bytes;
		blocks[i].size = size;
	}
	for (size_t i = 0; i < BLOCKS; i++)
		free(blocks[i].bytes);
}

/* Lengths and alignments, with the text's end at the end of memory: who reads too far faults. */
static void strings(void)
{
	char *memory =
		mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *end = memory + PAGE, other[TEXT_MAX + 64];

	munmap(end, PAGE);
	for (size_t n = 0; n < TEXT_MAX; n += step()) {
		char *text = end - n - 1;

		memset(text, 'a', n);
		text[n] = '\0';
		expect(strlen(text) == n, "strlen", n);
		expect(memchr(text, 'b', n) == NULL, "memchr", n);
		expect(strchr(text, '\0') == text + n, "strchr", n);
		for (size_t shift = 0; shift < 33; shift += 4) {
			memset(other, '#', sizeof(other));
			strcpy(other + shift, text);
			expect(strcmp(other + shift, text) == 0, "strcmp", n);
			expect(memcmp(other + shift, text, n + 1) == 0, "memcmp", n);
			expect(other[shift + n + 1] == '#', "strcpy went too far", n);
			memmove(other + shift + 7, other + shift, n + 1);
			expect(strcmp(other + shift + 7, text) == 0, "memmove", n);
		}
	}
	munmap(memory, PAGE);
	munmap(memory + 2 * PAGE, PAGE);
}

/* What one line of /proc/self/maps says. */
struct map {
	uint64_t start, end;
	char rights[5], name[256];
};

static bool next_map(FILE *from, struct map *map)
{
	char line[512];

	map->name[0] = '\0';
	return fgets(line, sizeof(line), from) &&
	       sscanf(line, "%lx-%lx %4s %*s %*s %*s %255[^\n]", &map->start, &map->end,
		       map->rights, map->name) >= 3;
}

/* Each page that is said to be readable is, by way of a pipe's write, and no other. */
static bool readable(uint64_t address, const int *ends)
{
	char byte;

	if (write(ends[1], (const void *)address, 1) != 1)
		return false;
	return read(ends[0], &byte, 1) == 1;
}

static void layout(void)
{
	FILE *from = fopen("/proc/self/maps", "r");
	uint64_t last = 0, code = (uint64_t)(uintptr_t)layout,
		 data = (uint64_t)(uintptr_t)&failures;
	uint64_t stack = (uint64_t)(uintptr_t)&from;
	unsigned found = 0;
	struct map map;
	int ends[2];

	if (!from || pipe(ends)) {
		expect(false, "/proc/self/maps or a pipe", 0);
		return;
	}
	while (next_map(from, &map)) {
		if (map.name[0] == '[' && map.name[1] == 'v')
			continue; /* what Linux adds: vvar, vdso, vsyscall */
		expect(map.start >= last && map.end > map.start && map.start % PAGE == 0,
			"order of maps", map.start);
		expect(!(map.rights[1] == 'w' && map.rights[2] == 'x'), "writable code", map.start);
		if (last && map.start > last)
			expect(!readable(map.start - 1, ends) || !readable(last, ends),
				"a page that is in no map", last);
		for (uint64_t at = map.start; at < map.end; at += PAGE)
			expect(readable(at, ends) == (map.rights[0] == 'r'), "rights", at);
		found |= (code - map.start < map.end - map.start && map.rights[2] == 'x') << 0;
		found |= (data - map.start < map.end - map.start && map.rights[1] == 'w') << 1;
		found |= (stack - map.start < map.end - map.start && map.rights[1] == 'w') << 2;
		last = map.end;
	}
	expect(found == 7, "code, data and stack", found);
	fclose(from);
}

/* Every byte of the program's code and data can be read; what was zero in the file is zero. */
static void bytes_of_the_program(void)
{
	extern const uint8_t __executable_start[], etext[], edata[], end[];
	static uint8_t zeros[3 * PAGE];
	unsigned sum = 0;

	for (const uint8_t *at = __executable_start; at < etext; at++)
		sum += *at;
	expect(sum != 0, "code", sum);
	for (const uint8_t *at = edata; at < end; at++)
		sum += *at;
	expect(filled(zeros, 0, sizeof(zeros)), "bss", 0);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		percent = (unsigned)strtoul(argv[1], NULL, 0);
	if (!percent || percent > 100)
		percent = 100;
	every_size();
	growing_blocks();
	random_blocks();
	strings();
	layout();
	bytes_of_the_program();
	if (failures)
		printf("stdcheck: %u failures\n", failures);
	else
		printf("stdcheck: done\n");
	return failures != 0;
}
