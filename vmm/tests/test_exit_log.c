/* SPDX-License-Identifier: MIT */
/*
 * test_exit_log.c: the ring of the last exits: order, wrapping, repeats, and the names of exits.
 */
#include "exit_log.h"

#include "exit.h"
#include "suite.h"

static struct exit_record record(uint64_t where)
{
	return (struct exit_record){.reason = 2, .where = where, .size = 1, .count = 1};
}

static void add(struct exit_log *log, uint64_t where)
{
	struct exit_record one = record(where);

	exit_log_add(log, &one);
}

START_TEST(empty)
{
	struct exit_log log = {0};
	struct exit_record out[EXIT_RING];

	ck_assert_uint_eq(exit_log_copy(&log, out), 0);
}
END_TEST

START_TEST(oldest_first_after_n)
{
	struct exit_log log = {0};
	struct exit_record out[EXIT_RING];
	unsigned n = (unsigned)_i, kept = n < 32 ? n : 32;

	for (unsigned i = 0; i < n; i++)
		add(&log, i);
	ck_assert_uint_eq(exit_log_copy(&log, out), kept);
	for (unsigned i = 0; i < kept; i++)
		ck_assert_uint_eq(out[i].where, n - kept + i);
	ck_assert_uint_eq(log.total, n);
}
END_TEST

START_TEST(repeats_are_counted)
{
	struct exit_log log = {0};
	struct exit_record out[EXIT_RING], string = record(7);

	string.count = 10;
	add(&log, 7);
	add(&log, 7);
	exit_log_add(&log, &string);
	add(&log, 8);
	add(&log, 7);
	ck_assert_uint_eq(exit_log_copy(&log, out), 3);
	ck_assert_uint_eq(out[0].where, 7);
	ck_assert_uint_eq(out[0].count, 12);
	ck_assert_uint_eq(out[1].where, 8);
	ck_assert_uint_eq(out[2].count, 1);
	ck_assert_uint_eq(log.total, 14);
}
END_TEST

static void write_port(struct exit_log *log, uint16_t port, uint8_t value)
{
	struct exit_record one = {
		.reason = 2, .where = port, .value = value, .size = 1, .count = 1, .write = true};

	exit_log_add(log, &one);
}

/* A text does not push the exits before it out of the ring; other ports keep every value. */
START_TEST(text_takes_one_record)
{
	struct exit_log log = {0};
	struct exit_record out[EXIT_RING];

	write_port(&log, 0x21, 0x20);
	write_port(&log, 0x21, 0x04);
	for (unsigned i = 0; i < 100; i++)
		write_port(&log, 0xe9, (uint8_t)('0' + i % 10));
	ck_assert_uint_eq(exit_log_copy(&log, out), 3);
	ck_assert_uint_eq(out[0].value, 0x20);
	ck_assert_uint_eq(out[1].value, 0x04);
	ck_assert_uint_eq(out[2].count, 100);
	ck_assert_uint_eq(out[2].value, '9');
}
END_TEST

/* A record that differs in one field only is another exit. */
START_TEST(every_field_counts)
{
	struct exit_log log = {0};
	struct exit_record out[EXIT_RING], other = record(1);

	add(&log, 1);
	switch (_i) {
	case 0:
		other.reason = 6;
		break;
	case 1:
		other.vcpu = 1;
		break;
	case 2:
		other.value = 1;
		break;
	case 3:
		other.size = 2;
		break;
	default:
		other.write = true;
	}
	exit_log_add(&log, &other);
	ck_assert_uint_eq(exit_log_copy(&log, out), 2);
}
END_TEST

START_TEST(endless_repeats_do_not_wrap)
{
	struct exit_log log = {0};
	struct exit_record out[EXIT_RING], many = record(1);

	many.count = 0xffffffff;
	exit_log_add(&log, &many);
	add(&log, 1);
	ck_assert_uint_eq(exit_log_copy(&log, out), 1);
	ck_assert_uint_eq(out[0].count, 0xffffffff);
	ck_assert_uint_eq(log.total, 0x100000000);
}
END_TEST

/* Numbers of include/uapi/linux/kvm.h, names as api.rst has them. */
START_TEST(names)
{
	ck_assert_str_eq(exit_name(2), "IO");
	ck_assert_str_eq(exit_name(5), "HLT");
	ck_assert_str_eq(exit_name(6), "MMIO");
	ck_assert_str_eq(exit_name(8), "SHUTDOWN");
	ck_assert_str_eq(exit_name(9), "FAIL_ENTRY");
	ck_assert_str_eq(exit_name(17), "INTERNAL_ERROR");
	ck_assert_str_eq(exit_name(13), "unknown"); /* S390_SIEIC */
	ck_assert_str_eq(exit_name(1000000), "unknown");
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{empty},
		{oldest_first_after_n, 100},
		{repeats_are_counted},
		{text_takes_one_record},
		{every_field_counts, 5},
		{endless_repeats_do_not_wrap},
		{names},
	};

	return RUN_LOOPED_SUITE("exit_log", tests, 30);
}
