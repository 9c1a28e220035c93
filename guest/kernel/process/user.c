/* SPDX-License-Identifier: MIT */
/*
 * user.c: copies between the kernel and the memory of programs. A page that is missing comes by the
 * page fault; where none may be, the copying instruction gives up (memory_try_copy).
 */
#include "user.h"

#include "arch.h"
#include "copy.h"
#include "errno.h"
#include "string.h"

/* A string is fetched in pieces of this size, so that short ones cost little. */
#define STRING_PIECE 64

static bool in_user_half(uintptr_t address, size_t n)
{
	return n <= USER_LIMIT && address <= USER_LIMIT - n;
}

int user_read(void *to, uintptr_t from, size_t n)
{
	size_t done;
	bool ok;

	if (!in_user_half(from, n))
		return -EFAULT;
	if (copy_pages_pay(n)) {
		done = copy_pages((uintptr_t)to, from, n);
		if (done == n)
			return 0;
		to = (uint8_t *)to + done;
		from += done;
		n -= done;
	}
	user_access_begin();
	ok = memory_try_copy(to, (const void *)from, n);
	user_access_end();
	return ok ? 0 : -EFAULT;
}

int user_write(uintptr_t to, const void *from, size_t n)
{
	size_t done;
	bool ok;

	if (!in_user_half(to, n))
		return -EFAULT;
	if (copy_pages_pay(n)) {
		done = copy_pages(to, (uintptr_t)from, n);
		if (done == n)
			return 0;
		from = (const uint8_t *)from + done;
		to += done;
		n -= done;
	}
	user_access_begin();
	ok = memory_try_copy((void *)to, from, n);
	user_access_end();
	return ok ? 0 : -EFAULT;
}

int user_zero(uintptr_t to, size_t n)
{
	size_t done;
	bool ok;

	if (!in_user_half(to, n))
		return -EFAULT;
	if (copy_pages_pay(n)) {
		done = copy_pages(to, COPY_ZEROS, n);
		if (done == n)
			return 0;
		to += done;
		n -= done;
	}
	user_access_begin();
	ok = memory_try_zero((void *)to, n);
	user_access_end();
	return ok ? 0 : -EFAULT;
}

int64_t user_string(char *to, uintptr_t from, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t n = STRING_PIECE - (from + done) % STRING_PIECE, length;

		if (n > size - done)
			n = size - done;
		if (user_read(to + done, from + done, n))
			return -EFAULT;
		length = strnlen(to + done, n);
		if (length < n)
			return (int64_t)(done + length);
		done += n;
	}
	return -ENAMETOOLONG;
}
