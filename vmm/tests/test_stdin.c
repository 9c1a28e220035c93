/* SPDX-License-Identifier: MIT */
/*
 * test_stdin.c: stdin that is no terminal: pipes, files, nothing at all.
 */
#define _GNU_SOURCE
#include "suite.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stdin_reader.h"
#include "terminal.h"

static struct input input;
static unsigned notified, quit;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void count_call(void *ctx)
{
	__atomic_add_fetch((unsigned *)ctx, 1, __ATOMIC_SEQ_CST);
}

static void on_notify(void *ctx)
{
	count_call(&notified);
}

static void on_quit(void *ctx)
{
	count_call(&quit);
}

static const struct stdin_hooks hooks = {on_notify, on_quit, on_quit, NULL};

/* Waits until the condition holds; Check's own limit ends a test in which it never does. */
#define AWAIT(condition)     \
	while (!(condition)) \
	poll(NULL, 0, 1)

static struct stdin_reader reader;
static int feed[2];

static void start_reader(int fd)
{
	struct error err;

	ck_assert_msg(stdin_reader_start(&reader, fd, &input, &lock, &hooks, &err), "%s", err.text);
}

static void start_on_pipe(void)
{
	ck_assert_int_eq(pipe2(feed, O_CLOEXEC), 0);
	start_reader(feed[0]);
}

static bool take(uint8_t *byte)
{
	bool got;

	pthread_mutex_lock(&lock);
	got = input_take(&input, byte);
	pthread_mutex_unlock(&lock);
	return got;
}

static bool is_full(void)
{
	bool is;

	pthread_mutex_lock(&lock);
	is = input_space(&input) == 0;
	pthread_mutex_unlock(&lock);
	return is;
}

static bool closed(void)
{
	bool is;

	pthread_mutex_lock(&lock);
	is = input.closed;
	pthread_mutex_unlock(&lock);
	return is;
}

START_TEST(pipe_is_untouched_until_the_guest_looks)
{
	char left[10] = "";

	start_on_pipe();
	ck_assert_int_eq(write(feed[1], "for later", 9), 9);
	poll(NULL, 0, 20);
	stdin_reader_stop(&reader);
	ck_assert_int_eq(read(feed[0], left, sizeof(left)), 9);
	ck_assert_str_eq(left, "for later");
}
END_TEST

START_TEST(first_look_finds_what_is_there)
{
	uint8_t byte;

	start_on_pipe();
	ck_assert_int_eq(write(feed[1], "\001x", 2), 2);
	ck_assert(take(&byte) && byte == 1); /* no commands in a pipe */
	ck_assert(take(&byte) && byte == 'x');
	ck_assert(!take(&byte));
	ck_assert_uint_eq(quit, 0);
	stdin_reader_stop(&reader);
}
END_TEST

START_TEST(later_input_is_announced)
{
	uint8_t byte;

	start_on_pipe();
	ck_assert(!take(&byte));
	ck_assert_int_eq(write(feed[1], "k", 1), 1);
	AWAIT(__atomic_load_n(&notified, __ATOMIC_SEQ_CST));
	ck_assert(take(&byte) && byte == 'k');
	stdin_reader_stop(&reader);
}
END_TEST

#define MANY 200000

START_TEST(much_input_arrives_whole_and_ends)
{
	uint8_t byte;

	start_on_pipe();
	if (fork() == 0) {
		for (unsigned i = 0; i < MANY; i++) {
			byte = i % 251;
			if (write(feed[1], &byte, 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	close(feed[1]);
	for (unsigned i = 0; i < MANY; i++) {
		while (!take(&byte)) {
			ck_assert(!closed());
			poll(NULL, 0, 1);
		}
		ck_assert_uint_eq(byte, i % 251);
	}
	AWAIT(closed());
	ck_assert(!take(&byte));
	stdin_reader_stop(&reader);
}
END_TEST

START_TEST(full_ring_leaves_the_rest_in_the_pipe)
{
	static uint8_t many[3 * INPUT_SIZE];
	uint8_t byte;
	ssize_t left;

	start_on_pipe();
	ck_assert_int_eq(write(feed[1], many, sizeof(many)), sizeof(many));
	pthread_mutex_lock(&lock);
	input_peek(&input, &byte);
	pthread_mutex_unlock(&lock);
	AWAIT(is_full());
	poll(NULL, 0, 20);
	stdin_reader_stop(&reader);
	left = read(feed[0], many, sizeof(many));
	ck_assert_int_eq(left, 2 * INPUT_SIZE);
}
END_TEST

START_TEST(dev_null_ends_at_once)
{
	uint8_t byte;

	start_reader(open("/dev/null", O_RDONLY));
	ck_assert(!closed());
	ck_assert(!take(&byte));
	ck_assert(closed());
	stdin_reader_stop(&reader);
}
END_TEST

START_TEST(closed_stdin_ends_at_once)
{
	uint8_t byte;

	close(STDIN_FILENO);
	start_reader(STDIN_FILENO);
	ck_assert(!take(&byte));
	ck_assert(closed());
	stdin_reader_stop(&reader);
}
END_TEST

START_TEST(hung_up_pipe_after_the_first_look)
{
	uint8_t byte;

	start_on_pipe();
	ck_assert(!take(&byte));
	close(feed[1]);
	AWAIT(closed());
	ck_assert_uint_ge(notified, 1);
	stdin_reader_stop(&reader);
}
END_TEST

START_TEST(stop_while_waiting)
{
	uint8_t byte;

	start_on_pipe();
	ck_assert(!take(&byte));
	stdin_reader_stop(&reader);
	ck_assert_int_eq(write(feed[1], "k", 1), 1);
	ck_assert(!take(&byte));
}
END_TEST

START_TEST(standard_files_are_filled)
{
	close(0);
	close(2);
	terminal_fill_standard_files();
	ck_assert_int_ge(fcntl(0, F_GETFD), 0);
	ck_assert_int_ge(fcntl(2, F_GETFD), 0);
	ck_assert_int_eq(fcntl(0, F_GETFL) & O_ACCMODE, O_RDONLY);
	ck_assert_int_eq(fcntl(2, F_GETFL) & O_ACCMODE, O_WRONLY);
}
END_TEST

START_TEST(death_by_pipe_even_when_ignored)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		signal(SIGPIPE, SIG_IGN);
		terminal_die_of_pipe();
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGPIPE);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		pipe_is_untouched_until_the_guest_looks,
		first_look_finds_what_is_there,
		later_input_is_announced,
		much_input_arrives_whole_and_ends,
		full_ring_leaves_the_rest_in_the_pipe,
		dev_null_ends_at_once,
		closed_stdin_ends_at_once,
		hung_up_pipe_after_the_first_look,
		stop_while_waiting,
		standard_files_are_filled,
		death_by_pipe_even_when_ignored,
	};

	return RUN_SUITE("stdin", tests);
}
