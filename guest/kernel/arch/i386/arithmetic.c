/* SPDX-License-Identifier: MIT */
/*
 * arithmetic.c: on 64-bit numbers, what the compiler calls for by these names (GCC Internals,
 * "Routines for integer arithmetic").
 */
#include <stddef.h>
#include <stdint.h>

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *rest);
uint64_t __udivdi3(uint64_t n, uint64_t d);
uint64_t __umoddi3(uint64_t n, uint64_t d);
int __ctzdi2(uint64_t value);
int64_t __divdi3(int64_t n, int64_t d);
int64_t __moddi3(int64_t n, int64_t d);

int __ctzdi2(uint64_t value)
{
	uint32_t low = (uint32_t)value;

	return low ? __builtin_ctz(low) : 32 + __builtin_ctz((uint32_t)(value >> 32));
}

/* high:low / d, which must fit in 32 bits: high is below d. */
static uint32_t divide(uint32_t high, uint32_t low, uint32_t d, uint32_t *rest)
{
	uint32_t quotient;

	asm("divl %4" : "=a"(quotient), "=d"(*rest) : "a"(low), "d"(high), "rm"(d) : "cc");
	return quotient;
}

/* d below 2^32: two steps of long division. */
static uint64_t divide_by_word(uint64_t n, uint32_t d, uint64_t *rest)
{
	uint32_t high = (uint32_t)(n >> 32), left, quotient = high / d;
	uint32_t low = divide(high % d, (uint32_t)n, d, &left);

	*rest = left;
	return (uint64_t)quotient << 32 | low;
}

/* d from 2^32 on: dividing by its upper 32 significant bits, all other bits being dropped, gives at
 * most one too many. Knuth, The Art of Computer Programming, vol. 2, 4.3.1, theorem B. */
static uint64_t divide_by_long(uint64_t n, uint64_t d, uint64_t *rest)
{
	unsigned shift = (unsigned)__builtin_clz((uint32_t)(d >> 32));
	uint32_t top = (uint32_t)(d << shift >> 32), ignored;
	uint64_t half = n >> 1; /* its upper half is below `top`, whose highest bit is set */
	uint64_t quotient =
		divide((uint32_t)(half >> 32), (uint32_t)half, top, &ignored) >> (31 - shift);

	if (quotient)
		quotient--;
	*rest = n - quotient * d;
	while (*rest >= d) {
		*rest -= d;
		quotient++;
	}
	return quotient;
}

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *rest)
{
	uint64_t left, quotient;

	quotient = d >> 32 ? divide_by_long(n, d, &left) : divide_by_word(n, (uint32_t)d, &left);
	if (rest)
		*rest = left;
	return quotient;
}

uint64_t __udivdi3(uint64_t n, uint64_t d)
{
	return __udivmoddi4(n, d, NULL);
}

uint64_t __umoddi3(uint64_t n, uint64_t d)
{
	uint64_t rest;

	__udivmoddi4(n, d, &rest);
	return rest;
}

static uint64_t magnitude(int64_t value)
{
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

int64_t __divdi3(int64_t n, int64_t d)
{
	uint64_t quotient = __udivdi3(magnitude(n), magnitude(d));

	return (int64_t)((n ^ d) < 0 ? -quotient : quotient);
}

int64_t __moddi3(int64_t n, int64_t d)
{
	uint64_t rest = __umoddi3(magnitude(n), magnitude(d));

	return (int64_t)(n < 0 ? -rest : rest);
}
