/* SPDX-License-Identifier: MIT */
/*
 * test_guests.c: runs every test image in a virtual machine of its own. Crash guests must die as
 * catalogue.cfg says, and the catalogue must agree with oracle.txt, which is QEMU's word. Healthy
 * guests must end with status 0, no failed assertion (guest_test.h) and no report.
 */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "guest_run.h"
#include "host_table.h"

/* Filled in before the tests fork, then only read. */
static struct build build;
static struct expectation crashes[CATALOGUE_MAX], healthy[CATALOGUE_MAX];
static struct oracle_line oracle[CATALOGUE_MAX];
static int crash_count, healthy_count, oracle_count;

/* Of the crash guests: shared with the forked tests. */
static struct row_result *results;

static void skip(const char *name, const char *why)
{
	printf("skip: %s: %s\n", name, why);
	fflush(stdout);
}

static const struct oracle_line *oracle_of(const char *name)
{
	for (int i = 0; i < oracle_count; i++) {
		if (strcmp(oracle[i].name, name) == 0)
			return &oracle[i];
	}
	return NULL;
}

/* Whether a chain like "irq:32,13,13=>8,13,shutdown" has the vector. */
static bool chain_has(const char *chain, const char *vector)
{
	size_t length = strlen(vector);

	for (const char *at = chain; (at = strstr(at, vector)); at++) {
		bool starts = at == chain || strchr(",:>", at[-1]);

		if (starts && strchr(",=", at[length]))
			return true;
	}
	return false;
}

/* Whether "symbol" or "symbol+0x5" lies in the function. */
static bool lies_in(const char *place, const char *function)
{
	size_t length = strlen(function);

	return strncmp(place, function, length) == 0 && strchr("+", place[length]);
}

START_TEST(catalogue_agrees_with_oracle)
{
	const struct expectation *expected = &crashes[_i];
	const struct oracle_line *seen = oracle_of(expected->name);
	char elf[PATH_MAX + 80];
	uint64_t cr2, seen_cr2;

	ck_assert_msg(seen != NULL, "%s: not in oracle.txt", expected->name);
	/* Not a death there: TCG forgives it, or QEMU refuses the image. */
	if (strstr(expected->needs, "tcg") || strcmp(seen->chain, "runs") == 0 ||
		strcmp(seen->chain, "refused") == 0)
		return;
	if (strcmp(expected->vector, "-") != 0)
		ck_assert_msg(chain_has(seen->chain, expected->vector),
			"%s: vector %s is not in QEMU's %s", expected->name, expected->vector,
			seen->chain);
	if (strcmp(expected->symbol, "-") != 0 && strcmp(seen->last_rip, "-") != 0 &&
		!strstr(seen->chain, "runs"))
		ck_assert_msg(lies_in(seen->first_rip, expected->symbol) ||
				      lies_in(seen->last_rip, expected->symbol),
			"%s: QEMU saw %s and %s, not %s", expected->name, seen->first_rip,
			seen->last_rip, expected->symbol);
	if (strcmp(expected->cr2, "-") == 0)
		return;
	snprintf(elf, sizeof(elf), "%s/guest/tests/crash/%s.elf", build.root, expected->name);
	ck_assert_msg(expectation_address(expected->cr2, elf, &cr2), "%s: what is %s?",
		expected->name, expected->cr2);
	ck_assert_msg(expectation_address(seen->first_cr2, elf, &seen_cr2) && seen_cr2 == cr2,
		"%s: CR2 is %s in QEMU, %s expected", expected->name, seen->first_cr2,
		expected->cr2);
}
END_TEST

static json_t *load_report(const struct guest_run *run, const struct expectation *expected)
{
	json_error_t error;
	json_t *report = json_load_file(run->report, 0, &error);

	ck_assert_msg(report != NULL, "%s: no JSON report: %s", expected->name, error.text);
	return report;
}

/* report.first: the first event that was not handled as it should have been. */
static void check_first(
	json_t *first, const struct guest_run *run, const struct expectation *expected)
{
	const char *symbol = json_string_value(json_object_get(first, "symbol"));
	const char *cr2 = json_string_value(json_object_get(first, "cr2"));
	uint64_t address;

	if (strcmp(expected->vector, "-") != 0)
		ck_assert_msg(json_integer_value(json_object_get(first, "vector")) ==
				      atoi(expected->vector),
			"%s: first vector %lld, expected %s", expected->name,
			json_integer_value(json_object_get(first, "vector")), expected->vector);
	if (strcmp(expected->symbol, "-") != 0)
		ck_assert_msg(symbol && strcmp(symbol, expected->symbol) == 0,
			"%s: in %s, expected %s", expected->name, symbol ? symbol : "no function",
			expected->symbol);
	if (strcmp(expected->cr2, "-") == 0)
		return;
	ck_assert(expectation_address(expected->cr2, run->elf, &address));
	ck_assert_msg(cr2 && strtoull(cr2, NULL, 16) == address, "%s: CR2 %s, expected %s",
		expected->name, cr2 ? cr2 : "missing", expected->cr2);
}

static void check_verdict(
	const struct guest_run *run, const struct expectation *expected, struct row_result *result)
{
	json_t *report = load_report(run, expected), *first = json_object_get(report, "first");
	const char *wanted = expected->verdict, *id = "none";
	char why[3 * FIELD_MAX];

	json_unpack(report, "{s:{s:s}}", "verdict", "id", &id);
	snprintf(result->text, sizeof(result->text), "%s", id);
	if (*wanted == '?') {
		result->end = ROW_NOT_FOUND;
		ck_assert_msg(!expectation_allows_word(wanted + 1, id),
			"%s: the verdict is found now: remove the ? in catalogue.cfg",
			expected->name);
		snprintf(why, sizeof(why), "verdict %.60s, %s is not found yet", id, wanted + 1);
		skip(expected->name, why);
	} else {
		ck_assert_msg(expectation_allows_word(wanted, id), "%s: verdict %s, expected %s",
			expected->name, id, wanted);
		if (json_is_object(first))
			check_first(first, run, expected);
	}
	json_decref(report);
}

/* After a good end the report says so: its verdict is null. */
static void check_no_verdict(const struct guest_run *run, const struct expectation *expected)
{
	json_t *report = load_report(run, expected);

	ck_assert_msg(json_is_null(json_object_get(report, "verdict")), "%s: got a verdict",
		expected->name);
	json_decref(report);
}

/* CATALOGUE_STEP=N runs each Nth row only, where all would take too long. */
static bool in_subset(int row)
{
	const char *step = getenv("CATALOGUE_STEP");
	int n = step ? atoi(step) : 1;

	return n <= 1 || row % n == 0;
}

static void skip_row(const struct expectation *expected, struct row_result *result, const char *why)
{
	if (in_subset((int)(result - results)))
		skip(expected->name, why);
	result->end = ROW_SKIPPED;
	snprintf(result->text, sizeof(result->text), "%s", why);
}

START_TEST(crash_guest_dies_as_told)
{
	const struct expectation *expected = &crashes[_i];
	const char *lacks = in_subset(_i) ? host_lacks(expected) : "not in the subset of this run";
	struct row_result *result = &results[_i];
	static struct guest_run run;

	if (lacks) {
		skip_row(expected, result, lacks);
		return;
	}
	guest_run(&run, &build, "crash", expected);
	result->status = run.status;
	if (run.status == 77 && strcmp(expected->needs, "cpu") == 0) {
		skip_row(expected, result, "the CPU has not the feature that the guest is about");
		return;
	}
	ck_assert_msg(expectation_allows(expected->status, run.status),
		"%s: status %d, expected %s; vmm said:\n%s", expected->name, run.status,
		expected->status, run.complaints);
	if (run.status == 0)
		check_no_verdict(&run, expected);
	else if (strcmp(expected->verdict, "-") != 0)
		check_verdict(&run, expected, result);
	if (result->end == ROW_FAILED)
		result->end = ROW_AS_EXPECTED;
}
END_TEST

START_TEST(healthy_guest_gets_no_verdict)
{
	const struct expectation *expected = &healthy[_i];
	const char *lacks = host_lacks(expected), *last;
	char *why;
	static struct guest_run run;

	if (lacks) {
		skip(expected->name, lacks);
		return;
	}
	guest_run(&run, &build, "healthy", expected);
	ck_assert_msg(!strstr(run.console, "test: fail "), "%s:\n%s", expected->name, run.console);
	ck_assert_msg(run.status == 0, "%s: status %d; guest and vmm said:\n%s%s", expected->name,
		run.status, run.console, run.complaints);
	check_no_verdict(&run, expected);
	why = strstr(run.console, "test: skip ");
	if (why) {
		why[strcspn(why, "\n")] = 0;
		skip(expected->name, why + 11);
		return;
	}
	last = strstr(run.console, "test: done ");
	ck_assert_msg(
		last && strstr(last, " checks, 0 failed\n") && strtol(last + 11, NULL, 10) > 0,
		"%s: no result:\n%s", expected->name, run.console);
}
END_TEST

/* Everything that vmm says about a crash guest with the symbols of another one. */
static void run_with_symbols(const char *name, const char *symbols, char *said, size_t size)
{
	char command[3 * PATH_MAX];
	FILE *vmm;

	snprintf(command, sizeof(command),
		"cd %s && ./vmm -t 5 -s guest/tests/crash/%s.elf guest/tests/crash/%s.elf 2>&1",
		build.root, symbols, name);
	vmm = popen(command, "r");
	ck_assert(vmm != NULL);
	said[fread(said, 1, size - 1, vmm)] = 0;
	pclose(vmm);
}

/* Both have code at 2 MiB, and not the same: nothing was overwritten. */
START_TEST(symbols_of_another_build)
{
	static const struct expectation any;
	static char said[1 << 16];

	if (host_lacks(&any)) {
		skip("symbols_of_another_build", host_lacks(&any));
		return;
	}
	run_with_symbols("idt_zero_gate_pf", "heap_not_mapped", said, sizeof(said));
	ck_assert_msg(
		strstr(said, "heap_not_mapped.elf: its code is not that of ") != NULL, "%s", said);
	ck_assert_msg(strstr(said, "null-pointer") && strstr(said, "The symbols are of another"),
		"%s", said);
	ck_assert_msg(!strstr(said, "code-overwritten"), "%s", said);
	run_with_symbols("idt_zero_gate_pf", "idt_zero_gate_pf", said, sizeof(said));
	ck_assert_msg(strstr(said, "null-pointer") && !strstr(said, "its code is not that of"),
		"%s", said);
}
END_TEST

static void add_loop(Suite *suite, const char *name, const TTest *test, int count)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, test, 0, count);
	suite_add_tcase(suite, tcase);
}

static bool read_tables(void)
{
	char path[PATH_MAX];

	if (!build_find(&build))
		return false;
	build_path(&build, path, "crash/catalogue.cfg");
	crash_count = catalogue_read(path, crashes);
	build_path(&build, path, "crash/oracle.txt");
	oracle_count = catalogue_read_oracle(path, oracle);
	build_path(&build, path, "healthy/healthy.cfg");
	healthy_count = catalogue_read_healthy(path, healthy);
	return crash_count > 0 && oracle_count > 0 && healthy_count > 0;
}

static void print_catalogue(void)
{
	int explained = 0, runnable = 0;
	char name[64], path[PATH_MAX];

	for (int i = 0; i < crash_count; i++) {
		runnable += results[i].end != ROW_SKIPPED;
		explained += results[i].end == ROW_AS_EXPECTED;
	}
	printf("note: catalogue: %d of %d crash guests ended and were explained as expected; %d of "
	       "all %d need another host\n",
		explained, runnable, crash_count - runnable, crash_count);
	snprintf(name, sizeof(name), "runs/catalogue.%s", host_table_kind());
	build_path(&build, path, name);
	if (!host_table_write(path, crashes, results, crash_count))
		fprintf(stderr, "test_guests: %s cannot be written\n", path);
}

int main(void)
{
	Suite *suite = suite_create("guests");
	SRunner *runner;
	int failed;

	if (!read_tables()) {
		fprintf(stderr, "test_guests: the tables beside the images cannot be read\n");
		return EXIT_FAILURE;
	}
	add_loop(suite, "oracle", catalogue_agrees_with_oracle, crash_count);
	add_loop(suite, "crash", crash_guest_dies_as_told, crash_count);
	add_loop(suite, "symbols", symbols_of_another_build, 1);
	add_loop(suite, "healthy", healthy_guest_gets_no_verdict, healthy_count);
	results = host_table_create(crash_count);
	if (!results)
		return EXIT_FAILURE;
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	print_catalogue();
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
