/* SPDX-License-Identifier: MIT */
/*
 * string.c: memory and string functions. String instructions move a whole word each time
 * round: where an emulator runs the kernel, that is the cheapest loop there is.
 */
#include "string.h"

#include <stdbool.h>
#include <stdint.h>

#include "arch_cpu.h"

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	void *d = to;
	size_t words = n / sizeof(uintptr_t), bytes = n % sizeof(uintptr_t);

	asm volatile("rep movs" WORD_SUFFIX : "+D"(d), "+S"(from), "+c"(words) : : "memory");
	if (bytes)
		asm volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(bytes) : : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	uint8_t *d = (uint8_t *)to + n - 1;
	const uint8_t *s = (const uint8_t *)from + n - 1;

	if ((uintptr_t)to - (uintptr_t)from >= n)
		return memcpy(to, from, n);
	asm volatile("std; rep movsb; cld" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	void *d = to;
	uintptr_t pattern = (uint8_t)byte * (UINTPTR_MAX / 0xff);
	size_t words = n / sizeof(uintptr_t), bytes = n % sizeof(uintptr_t);

	asm volatile("rep stos" WORD_SUFFIX : "+D"(d), "+c"(words) : "a"(pattern) : "memory");
	if (bytes)
		asm volatile("rep stosb" : "+D"(d), "+c"(bytes) : "a"(pattern) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;

	if (!n)
		return 0;
	asm volatile("repe cmpsb" : "+S"(x), "+D"(y), "+c"(n) : : "memory", "cc");
	return x[-1] - y[-1];
}

void *memchr(const void *from, int byte, size_t n)
{
	const uint8_t *at = from;
	bool found = false;

	if (n)
		asm volatile("repne scasb"
			     : "+D"(at), "+c"(n), "=@cce"(found)
			     : "a"(byte)
			     : "memory");
	return found ? (void *)(at - 1) : NULL;
}

size_t strlen(const char *s)
{
	return strnlen(s, SIZE_MAX);
}

size_t strnlen(const char *s, size_t max)
{
	const char *end = s;
	size_t left = max;
	bool found = false;

	if (max)
		asm volatile("repne scasb"
			     : "+D"(end), "+c"(left), "=@cce"(found)
			     : "a"(0)
			     : "memory");
	return (size_t)(end - s) - found;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (uint8_t)*a - (uint8_t)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	while (n && *a && *a == *b) {
		a++;
		b++;
		n--;
	}
	return n ? (uint8_t)*a - (uint8_t)*b : 0;
}
