/* SPDX-License-Identifier: MIT */
/*
 * test_console.c: nothing of the guest's output is lost or out of order, and --expect finds whole
 * lines only. The ring of input bytes is tested here too.
 */
#define _GNU_SOURCE
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "console.h"
#include "input.h"

static struct console console;
static struct error err;
static int output[2];

static void setup(const char *expect)
{
	ck_assert_int_eq(pipe2(output, O_CLOEXEC), 0);
	ck_assert_int_eq(fcntl(output[0], F_SETFL, O_NONBLOCK), 0);
	ck_assert_msg(console_init(&console, output[1], expect, &err), "%s", err.text);
}

static void put(const char *text)
{
	console_write(&console, text, strlen(text));
}

static void expect_output(const char *text)
{
	char got[256] = "";
	ssize_t n = read(output[0], got, sizeof(got) - 1);

	if (n < 0)
		ck_assert_int_eq(errno, EAGAIN);
	ck_assert_str_eq(got, text);
}

START_TEST(lines_are_written_whole)
{
	setup(NULL);
	put("one");
	expect_output("");
	put(" line\n");
	expect_output("one line\n");
	put("two\nthree\nfou");
	expect_output("two\nthree\n");
	console_flush(&console);
	expect_output("fou");
	put("r\n");
	expect_output("r\n");
	ck_assert_uint_eq(console.total, 24);
}
END_TEST

START_TEST(line_longer_than_the_buffer)
{
	static char got[3 * CONSOLE_BUFFER];
	size_t n;

	setup(NULL);
	for (unsigned i = 0; i < 2 * CONSOLE_BUFFER; i++)
		put(i % 2 ? "b" : "a");
	put("\n");
	n = read(output[0], got, sizeof(got));
	ck_assert_uint_eq(n, 2 * CONSOLE_BUFFER + 1);
	for (unsigned i = 0; i < 2 * CONSOLE_BUFFER; i++)
		ck_assert_int_eq(got[i], i % 2 ? 'b' : 'a');
}
END_TEST

START_TEST(suppressed_output_is_counted)
{
	ck_assert(console_init(&console, -1, "hello", &err));
	put("hello\n");
	ck_assert_uint_eq(console.total, 6);
	ck_assert(console.matched);
}
END_TEST

START_TEST(empty_writes)
{
	setup("x");
	console_write(&console, NULL, 0);
	console_flush(&console);
	console_finish(&console);
	expect_output("");
}
END_TEST

START_TEST(bad_regular_expression)
{
	ck_assert(!console_init(&console, 1, "a(b", &err));
	ck_assert_int_eq(err.status, 64);
	ck_assert_ptr_nonnull(strstr(err.text, "--expect a(b: "));
}
END_TEST

START_TEST(match_is_per_line)
{
	setup("^login: ok$");
	put("login:");
	put(" ok");
	ck_assert(!console.matched);
	put("\n");
	ck_assert(console.matched);
}
END_TEST

START_TEST(match_does_not_span_lines)
{
	setup("one.*two");
	put("one\ntwo\n");
	ck_assert(!console.matched);
	put("a one b two c\n");
	ck_assert(console.matched);
}
END_TEST

START_TEST(prefix_of_a_line_is_no_line)
{
	setup("^ok$");
	put("ok");
	console_flush(&console);
	put("ay\n");
	ck_assert(!console.matched);
}
END_TEST

START_TEST(carriage_return_is_not_part_of_the_line)
{
	setup("^done$");
	put("done\r\n");
	ck_assert(console.matched);
}
END_TEST

START_TEST(unfinished_line_matches_at_the_end)
{
	setup("^# $");
	put("boot\n# ");
	ck_assert(!console.matched);
	console_finish(&console);
	ck_assert(console.matched);
	expect_output("boot\n# ");
}
END_TEST

START_TEST(nul_bytes_do_not_end_a_line)
{
	setup("end$");
	console_write(&console, "start\0 the end\n", 15);
	ck_assert(console.matched);
}
END_TEST

START_TEST(long_lines_are_cut_for_matching_only)
{
	setup("needle");
	for (unsigned i = 0; i < CONSOLE_LINE; i++)
		put("-");
	put("needle\n");
	ck_assert(!console.matched);
	put("needle\n");
	ck_assert(console.matched);
	ck_assert_uint_eq(console.total, CONSOLE_LINE + 14);
}
END_TEST

START_TEST(reader_gone)
{
	signal(SIGPIPE, SIG_IGN);
	setup("late");
	close(output[0]);
	put("nobody reads this\n");
	ck_assert(console.closed);
	ck_assert_int_eq(console.error, EPIPE);
	put("late\n");
	ck_assert(console.matched);
}
END_TEST

START_TEST(disk_full)
{
	int fd = open("/dev/full", O_WRONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert(console_init(&console, fd, NULL, &err));
	put("text\n");
	ck_assert(!console.closed);
	ck_assert_int_eq(console.error, ENOSPC);
}
END_TEST

static bool stop_at_last(void *ctx, double seconds)
{
	double *waited = ctx;

	ck_assert(seconds >= *waited);
	*waited = seconds;
	return seconds >= 0.1;
}

/* Asked again and again; then what was not taken is counted, and all that follows. The descriptor
 * itself stays as it was: others write to it too. */
START_TEST(reader_that_does_not_come)
{
	static char block[100000];
	double waited = 0;

	setup(NULL);
	memset(block, '\n', sizeof(block));
	console_set_stop(&console, stop_at_last, &waited);
	console_write(&console, block, sizeof(block));
	ck_assert(waited >= 0.1);
	ck_assert_uint_eq(console.lost, sizeof(block) - 65536);
	put("more\n");
	ck_assert_uint_eq(console.lost, sizeof(block) - 65536 + 5);
	ck_assert_int_eq(console.error, 0);
	ck_assert_int_eq(fcntl(output[1], F_GETFL) & O_NONBLOCK, 0);
	console_deinit(&console);
}
END_TEST

static void on_alarm(int signal)
{
}

#define BLOCK  9973 /* bytes a write, a prime: no boundary coincides with the pipe's */
#define BLOCKS 100

/* Reads all that comes and checks it, slowly enough for the pipe to be full most of the time. */
static int slow_reader(void)
{
	unsigned char bytes[1000];
	size_t at = 0;
	ssize_t n;

	while ((n = read(output[0], bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < n; i++, at++)
			if (bytes[i] != (at % BLOCK % 100 ? at % 251 : '\n'))
				return 1;
	return at == (size_t)BLOCK * BLOCKS ? 0 : 2;
}

static void write_blocks(void)
{
	static unsigned char block[BLOCK];

	for (size_t b = 0; b < BLOCKS; b++) {
		for (size_t i = 0; i < BLOCK; i++)
			block[i] = i % 100 ? (b * BLOCK + i) % 251 : '\n';
		console_write(&console, block, BLOCK);
	}
	console_flush(&console);
}

/* Partial writes, signals in the middle and, with O_NONBLOCK, a full pipe. */
static void survive(int flags)
{
	struct sigaction action = {.sa_handler = on_alarm};
	struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
	int status;
	pid_t child;

	setup(NULL);
	ck_assert_int_eq(fcntl(output[0], F_SETFL, 0), 0);
	ck_assert_int_eq(fcntl(output[1], F_SETFL, flags), 0);
	child = fork();
	if (child == 0) {
		close(output[1]);
		_exit(slow_reader());
	}
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	write_blocks();
	setitimer(ITIMER_REAL, &never, NULL);
	close(output[1]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}

START_TEST(interrupted_writes_lose_nothing)
{
	survive(0);
}
END_TEST

START_TEST(nonblocking_stdout_loses_nothing)
{
	survive(O_NONBLOCK);
}
END_TEST

static struct input input;

static void count_call(void *ctx)
{
	++*(unsigned *)ctx;
}

START_TEST(input_keeps_the_order)
{
	uint8_t byte;

	ck_assert(!input_take(&input, &byte));
	ck_assert_uint_eq(input_put(&input, (const uint8_t *)"ab", 2), 2);
	ck_assert(input_peek(&input, &byte) && byte == 'a');
	ck_assert(input_take(&input, &byte) && byte == 'a');
	ck_assert(input_take(&input, &byte) && byte == 'b');
	ck_assert(!input_peek(&input, &byte));
}
END_TEST

START_TEST(input_takes_what_fits)
{
	static uint8_t many[INPUT_SIZE + 10];
	uint8_t byte;

	for (unsigned round = 0; round < 3; round++) {
		ck_assert_uint_eq(input_put(&input, many, sizeof(many)), INPUT_SIZE);
		ck_assert_uint_eq(input_space(&input), 0);
		ck_assert_uint_eq(input_put(&input, many, 1), 0);
		for (unsigned i = 0; i < INPUT_SIZE; i++)
			ck_assert(input_take(&input, &byte));
		ck_assert(!input_ready(&input));
	}
}
END_TEST

START_TEST(input_is_wanted_once)
{
	unsigned calls = 0;
	uint8_t byte;

	input.wanted = count_call;
	input.ctx = &calls;
	ck_assert(!input_ready(&input));
	ck_assert_uint_eq(calls, 0);
	input_peek(&input, &byte);
	input_take(&input, &byte);
	ck_assert_uint_eq(calls, 1);
}
END_TEST

START_TEST(input_tells_when_it_is_half_empty)
{
	static uint8_t many[INPUT_SIZE];
	unsigned calls = 0;
	uint8_t byte;

	input.drained = count_call;
	input.ctx = &calls;
	input_put(&input, many, sizeof(many));
	for (unsigned i = 0; i < INPUT_SIZE / 2 - 1; i++)
		input_take(&input, &byte);
	ck_assert_uint_eq(calls, 0);
	input_take(&input, &byte);
	ck_assert_uint_eq(calls, 1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		lines_are_written_whole,
		line_longer_than_the_buffer,
		suppressed_output_is_counted,
		empty_writes,
		bad_regular_expression,
		match_is_per_line,
		match_does_not_span_lines,
		prefix_of_a_line_is_no_line,
		carriage_return_is_not_part_of_the_line,
		unfinished_line_matches_at_the_end,
		nul_bytes_do_not_end_a_line,
		long_lines_are_cut_for_matching_only,
		reader_gone,
		reader_that_does_not_come,
		disk_full,
		interrupted_writes_lose_nothing,
		nonblocking_stdout_loses_nothing,
		input_keeps_the_order,
		input_takes_what_fits,
		input_is_wanted_once,
		input_tells_when_it_is_half_empty,
	};

	return RUN_SUITE("console", tests);
}
