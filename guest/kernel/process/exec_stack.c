/* SPDX-License-Identifier: MIT */
/*
 * exec_stack.c: what a program finds on its stack: System V ABI AMD64, 3.4.1 "Initial Stack and
 * Register State", and i386's, which differs in the width of its words. From the top down: strings,
 * 16 random bytes, auxiliary vector, envp, argv, argc.
 */
#include "process/exec_stack.h"

#include "arch.h"
#include "errno.h"
#include "memory.h"
#include "mm.h"
#include "process.h"
#include "process/calls.h"
#include "process/elf.h"
#include "process/signals.h"
#include "random.h"
#include "string.h"
#include "user.h"

#define FRONT_ROOM   (2 * EXEC_PATH_MAX) /* for interpreters of scripts */
#define FIRST_SIZE   8192
#define STRINGS_MAX  (512u << 10)
#define STRING_MAX   (128u << 10) /* with its NUL */
#define STACK_FIRST  (132u << 10)
#define RANDOM_BYTES 16

enum {
	AT_NULL = 0,
	AT_PHDR = 3,
	AT_PHENT = 4,
	AT_PHNUM = 5,
	AT_PAGESZ = 6,
	AT_BASE = 7,
	AT_FLAGS = 8,
	AT_ENTRY = 9,
	AT_UID = 11,
	AT_EUID = 12,
	AT_GID = 13,
	AT_EGID = 14,
	AT_PLATFORM = 15,
	AT_HWCAP = 16,
	AT_CLKTCK = 17,
	AT_SECURE = 23,
	AT_RANDOM = 25,
	AT_EXECFN = 31,
	AT_MINSIGSTKSZ = 51,
};
#define CLOCK_TICKS 100

static int reserve(struct exec_strings *strings, size_t n)
{
	size_t size = strings->size ? strings->size : FIRST_SIZE + FRONT_ROOM;
	char *buffer;

	while (size - strings->end < n)
		size *= 2;
	if (size == strings->size)
		return 0;
	if (size > STRINGS_MAX)
		return -E2BIG;
	buffer = krealloc(strings->buffer, size, "exec strings");
	if (!buffer)
		return -ENOMEM;
	if (!strings->size)
		strings->start = strings->end = FRONT_ROOM;
	strings->buffer = buffer;
	strings->size = size;
	return 0;
}

/* One string from the program: 0 or a negated errno. */
static int read_string(struct exec_strings *strings, uintptr_t from)
{
	size_t start = strings->end;

	for (;;) {
		size_t room = strings->size - strings->end;
		int64_t n = user_string(strings->buffer + strings->end, from, room);
		int error;

		if (n >= 0) {
			strings->end += (size_t)n + 1;
			return strings->end - start > STRING_MAX ? -E2BIG : 0;
		}
		if (n != -ENAMETOOLONG)
			return (int)n;
		error = reserve(strings, room + 1);
		if (error)
			return error;
	}
}

/* A list of pointers that ends with NULL; a NULL list is an empty one. */
static int read_list(struct exec_strings *strings, uintptr_t list, unsigned *count)
{
	uintptr_t string;
	int error;

	for (; list; list += sizeof(string)) {
		if (user_read(&string, list, sizeof(string)))
			return -EFAULT;
		if (!string)
			return 0;
		error = read_string(strings, string);
		if (error)
			return error;
		(*count)++;
	}
	return 0;
}

int exec_strings_read(struct exec_strings *strings, uintptr_t argv, uintptr_t envp)
{
	int error = reserve(strings, 1);

	if (!error)
		error = read_list(strings, argv, &strings->arguments);
	/* Programs count on argv[0]; Linux, too, makes an empty one. */
	if (!error && !strings->arguments) {
		strings->buffer[strings->end++] = '\0';
		strings->arguments = 1;
	}
	if (!error)
		error = read_list(strings, envp, &strings->environment);
	return error;
}

static int copy_list(struct exec_strings *strings, const char *const *list, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		size_t n = strlen(list[i]) + 1;
		int error = reserve(strings, n);

		if (error)
			return error;
		memcpy(strings->buffer + strings->end, list[i], n);
		strings->end += n;
	}
	return 0;
}

int exec_strings_copy(struct exec_strings *strings, const char *const *arguments, unsigned count,
	const char *const *environment, unsigned environment_count)
{
	int error = copy_list(strings, arguments, count);

	strings->arguments = count;
	strings->environment = environment_count;
	return error ? error : copy_list(strings, environment, environment_count);
}

int exec_strings_drop_first(struct exec_strings *strings)
{
	strings->start += strlen(strings->buffer + strings->start) + 1;
	strings->arguments--;
	return 0;
}

int exec_strings_prepend(struct exec_strings *strings, const char *text, size_t length)
{
	if (strings->start < length + 1)
		return -E2BIG;
	strings->start -= length + 1;
	memcpy(strings->buffer + strings->start, text, length);
	strings->buffer[strings->start + length] = '\0';
	strings->arguments++;
	return 0;
}

void exec_strings_free(struct exec_strings *strings)
{
	kfree(strings->buffer);
}

/* Pointers to n strings that follow each other, and a NULL; returns where to go on. */
static uintptr_t *point_to(uintptr_t *to, unsigned n, const char **text, uint64_t *address)
{
	for (unsigned i = 0; i < n; i++) {
		size_t length = strlen(*text) + 1;

		*to++ = (uintptr_t)*address;
		*text += length;
		*address += length;
	}
	*to++ = 0;
	return to;
}

static uintptr_t *add(uintptr_t *to, unsigned type, uint64_t value)
{
	to[0] = type;
	to[1] = (uintptr_t)value;
	return to + 2;
}

static uintptr_t *add_vector(uintptr_t *to, const struct elf_image *image,
	const struct credentials *credentials, uint64_t random, uint64_t path)
{
	to = add(to, AT_PHDR, image->headers);
	to = add(to, AT_PHENT, ELF_PROGRAM_HEADER_SIZE);
	to = add(to, AT_PHNUM, image->header_count);
	to = add(to, AT_PAGESZ, PAGE_SIZE);
	to = add(to, AT_BASE, 0);
	to = add(to, AT_FLAGS, 0);
	to = add(to, AT_ENTRY, image->entry);
	to = add(to, AT_UID, credentials->uid);
	to = add(to, AT_EUID, credentials->euid);
	to = add(to, AT_GID, credentials->gid);
	to = add(to, AT_EGID, credentials->egid);
	to = add(to, AT_HWCAP, cpuid_read(1, 0).edx);
	to = add(to, AT_CLKTCK, CLOCK_TICKS);
	to = add(to, AT_SECURE, 0);
	to = add(to, AT_RANDOM, random);
	to = add(to, AT_EXECFN, path);
	to = add(to, AT_MINSIGSTKSZ, signal_frame_size());
	return add(to, AT_NULL, 0);
}

#define VECTOR_WORDS (2 * 18)

static int write_stack(struct mm *mm, const struct elf_image *image, struct exec_strings *strings,
	const struct credentials *credentials, uint64_t text, uint64_t path, uint64_t random)
{
	unsigned words = 1 + strings->arguments + 1 + strings->environment + 1 + VECTOR_WORDS;
	uintptr_t *block = kmalloc(words * sizeof(*block), "exec stack"), *to = block;
	const char *string = strings->buffer + strings->start;
	size_t written;

	if (!block)
		return -ENOMEM;
	strings->stack_pointer = (random - words * sizeof(*block)) & ~15ull;
	*to++ = strings->arguments;
	mm->arguments = text;
	to = point_to(to, strings->arguments, &string, &text);
	mm->arguments_end = text;
	to = point_to(to, strings->environment, &string, &text);
	mm->environment_end = text;
	add_vector(to, image, credentials, random, path);
	written = mm_poke(mm, strings->stack_pointer, block, words * sizeof(*block));
	kfree(block);
	return written == words * sizeof(*block) ? 0 : -ENOMEM;
}

int exec_stack_build(struct mm *mm, const struct elf_image *image, struct exec_strings *strings,
	const char *path, const struct credentials *credentials)
{
	size_t size = strings->end - strings->start, path_size = strlen(path) + 1;
	uint64_t path_at = MM_STACK_TOP - 8 - path_size, text = path_at - size;
	uint64_t random_at = (text - RANDOM_BYTES) & ~15ull;
	uint8_t random[RANDOM_BYTES];
	int error;

	if ((uint64_t)size + path_size > MM_STACK_LIMIT / 4)
		return -E2BIG;
	error = mm_add(mm, MM_STACK_TOP - STACK_FIRST, STACK_FIRST,
		AREA_READ | AREA_WRITE | AREA_STACK, NULL, 0);
	if (error)
		return error;
	random_bytes(random, sizeof(random));
	if (mm_poke(mm, path_at, path, path_size) != path_size ||
		mm_poke(mm, text, strings->buffer + strings->start, size) != size ||
		mm_poke(mm, random_at, random, sizeof(random)) != sizeof(random))
		return -ENOMEM;
	return write_stack(mm, image, strings, credentials, text, path_at, random_at);
}
