/* SPDX-License-Identifier: MIT */
/*
 * test_explain.c: whatever the explainer does, the raw dump is not lost. The explainers here crash,
 * hang, lie and work.
 */
#define _GNU_SOURCE /* memfd_create() */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "explain.h"
#include "sample_evidence.h"
#include "suite.h"

/* Where the reports of a test go. */
static char txt_path[] = "/tmp/vmm-test-explain-XXXXXX.txt",
	    json_path[] = "/tmp/vmm-test-explain-XXXXXX.json";

static struct autopsy *give_evidence(const struct evidence *evidence)
{
	return (struct autopsy *)evidence;
}

static struct autopsy *crash(const struct evidence *evidence)
{
	signal(SIGSEGV, SIG_DFL); /* not the sanitizer's */
	raise(SIGSEGV);
	return NULL;
}

static struct autopsy *hang(const struct evidence *evidence)
{
	for (;;)
		pause();
	return NULL;
}

static struct autopsy *leave(const struct evidence *evidence)
{
	_exit(3);
}

/* Ends with status 7 when the dump stands in the report file by now. */
static struct autopsy *look(const struct evidence *evidence)
{
	static char dump[65536];
	ssize_t n = pread(open(txt_path, O_RDONLY), dump, sizeof(dump) - 1, 0);

	_exit(n > 0 && strstr(dump, "\nregisters vCPU 0, long mode") ? 7 : 8);
}

static struct autopsy *give_up(const struct evidence *evidence)
{
	return NULL;
}

static bool wants_nothing(const struct autopsy *autopsy, uint64_t *gpa, uint64_t *size)
{
	return false;
}

static bool wants_writer(const struct autopsy *autopsy, uint64_t *gpa, uint64_t *size)
{
	*gpa = 0x1234;
	*size = 8;
	return ((const struct evidence *)autopsy)->write_count == 0;
}

static const char *id(const struct autopsy *autopsy)
{
	return ((const struct evidence *)autopsy)->write_count ? "sharp" : "blunt";
}

static char *text(const struct autopsy *autopsy, bool colour)
{
	return strdup(colour ? "cause: coloured\n\nmore\n" : "cause: plain\n\nmore\n");
}

static char *json(const struct autopsy *autopsy)
{
	return strdup(((const struct evidence *)autopsy)->write_count ? "{\"w\":1}\n" : "{}\n");
}

static char *crash_late(const struct autopsy *autopsy)
{
	crash(NULL);
	return NULL;
}

static char *endless(const struct autopsy *autopsy, bool colour)
{
	char *bytes = malloc(100 << 20);

	memset(bytes, 'x', 100 << 20);
	bytes[(100 << 20) - 1] = '\0';
	return bytes;
}

#define API(name, ...)                                                      \
	static const struct autopsy_api name##_api = {__VA_ARGS__};         \
	static const struct autopsy_api *name##_load(char *error, size_t n) \
	{                                                                   \
		return &name##_api;                                         \
	}

API(good, give_evidence, NULL, wants_nothing, id, text, json)
API(asking, give_evidence, NULL, wants_writer, id, text, json)
API(crashing, crash, NULL, wants_nothing, id, text, json)
API(crashing_late, give_evidence, NULL, wants_nothing, id, text, crash_late)
API(hanging, hang, NULL, wants_nothing, id, text, json)
API(leaving, leave, NULL, wants_nothing, id, text, json)
API(looking, look, NULL, wants_nothing, id, text, json)
API(failing, give_up, NULL, wants_nothing, id, text, json)
API(huge, give_evidence, NULL, wants_nothing, id, endless, json)

static const struct autopsy_api *missing_load(char *error, size_t n)
{
	snprintf(error, n, "libautopsy.so is on holiday");
	return NULL;
}

/* One death, its report file, and what was said on stderr. */
struct scene {
	struct sample_death sample;
	bool quiet;
	struct explainer explainer;
	struct explain_writer writer;
	char said[65536], filed[65536];
	unsigned second_runs;
	bool explained;
};

static void read_all(int fd, char *buf, size_t size)
{
	ssize_t n = pread(fd, buf, size - 1, 0);

	ck_assert_int_ge(n, 0);
	buf[n] = '\0';
}

static void play(struct scene *scene, const char *path)
{
	int said = memfd_create("stderr", 0), saved = dup(2), filed;
	struct report_file file;
	struct explain_output output = {
		.words = stderr, .quiet = scene->quiet, .status = 80, .file = &file};
	struct error err;

	ck_assert(report_file_open(&file, path, &err));
	fflush(stderr);
	dup2(said, 2);
	scene->explained =
		explain_death(&scene->sample.evidence, &output, &scene->writer, &scene->explainer);
	fflush(stderr);
	dup2(saved, 2);
	report_file_close(&file);
	read_all(said, scene->said, sizeof(scene->said));
	filed = path ? open(path, O_RDONLY) : -1;
	if (filed >= 0)
		read_all(filed, scene->filed, sizeof(scene->filed));
	close(filed);
	close(saved);
	close(said);
}

static struct scene *new_scene(const struct autopsy_api *(*load)(char *, size_t))
{
	struct scene *scene = calloc(1, sizeof(*scene));

	sample_init(&scene->sample);
	scene->explainer = (struct explainer){.milliseconds = 60000, .load = load};
	return scene;
}

static void make_paths(void)
{
	close(mkstemps(txt_path, 4));
	close(mkstemps(json_path, 5));
}

static void remove_paths(void)
{
	unlink(txt_path);
	unlink(json_path);
}

static void expect(const char *text_, const char *part)
{
	ck_assert_msg(strstr(text_, part) != NULL, "missing: %s in:\n%.3000s", part, text_);
}

START_TEST(a_report_is_said_and_filed)
{
	struct scene *scene = new_scene(good_load);

	make_paths();
	play(scene, NULL);
	ck_assert(scene->explained);
	ck_assert_str_eq(scene->said, "vmm: cause: plain\nvmm:\nvmm: more\n");
	scene->explainer.colour = true;
	play(scene, txt_path);
	ck_assert_str_eq(scene->said, "vmm: cause: coloured\nvmm:\nvmm: more\n");
	ck_assert_str_eq(scene->filed, "cause: plain\n\nmore\n");
	scene->quiet = true;
	play(scene, json_path);
	ck_assert_str_eq(scene->said, "vmm: cause: coloured\n");
	ck_assert_str_eq(scene->filed, "{}\n");
	remove_paths();
	free(scene);
}
END_TEST

static const struct {
	const struct autopsy_api *(*load)(char *, size_t);
	const char *said;
	unsigned milliseconds;
} failures[] = {
	{crashing_load,
		"vmm: no explanation: the explainer crashed (Segmentation fault): a bug in vmm; "
		"what was seen:\n",
		60000},
	{crashing_late_load, "vmm: no explanation: the explainer crashed (Segmentation fault)",
		60000},
	{hanging_load, "vmm: no explanation: the explainer took too long and was stopped;", 50},
	{leaving_load, "vmm: no explanation: the explainer stopped before its end (status 3)",
		60000},
	{failing_load, "vmm: no explanation: the explainer has no memory;", 60000},
	{missing_load, "vmm: no explanation: libautopsy.so is on holiday;", 60000},
	{huge_load, "vmm: no explanation: the explainer ", 60000},
};

START_TEST(the_dump_survives)
{
	struct scene *scene = new_scene(failures[_i].load);

	make_paths();
	scene->explainer.milliseconds = failures[_i].milliseconds;
	play(scene, json_path);
	ck_assert(!scene->explained);
	expect(scene->said, failures[_i].said);
	expect(scene->said, "\nvmm:           rip ffffffff80000123 ");
	expect(scene->filed, "{\n  \"vmm\": \"");
	expect(scene->filed,
		"\"status\": 80,\n  \"verdict\": {\"id\": \"unexplained\", \"cause\": \"");
	expect(scene->filed, "\\u000a          rip ffffffff80000123 ");
	expect(scene->filed, "initrd\\\\x1b[31m");
	remove_paths();
	free(scene);
}
END_TEST

START_TEST(the_dump_is_in_the_file_while_the_explainer_works)
{
	struct scene *scene = new_scene(looking_load);

	make_paths();
	play(scene, txt_path);
	expect(scene->filed, "(status 7)");
	expect(scene->filed, "\nregisters vCPU 0, long mode");
	remove_paths();
	free(scene);
}
END_TEST

static bool find_writer(void *ctx, uint64_t gpa, uint64_t size)
{
	struct scene *scene = ctx;
	static const struct write_record record;

	ck_assert_uint_eq(gpa, 0x1234);
	ck_assert_uint_eq(size, 8);
	scene->sample.evidence.writes = &record;
	scene->sample.evidence.write_count = 1;
	return scene->second_runs++ == 0;
}

static bool find_no_writer(void *ctx, uint64_t gpa, uint64_t size)
{
	((struct scene *)ctx)->second_runs++;
	return false;
}

START_TEST(a_second_run_sharpens)
{
	struct scene *scene = new_scene(asking_load);

	make_paths();
	scene->writer = (struct explain_writer){find_writer, scene};
	play(scene, json_path);
	ck_assert(scene->explained);
	ck_assert_uint_eq(scene->second_runs, 1);
	ck_assert_str_eq(scene->filed, "{\"w\":1}\n");
	remove_paths();
	free(scene);
}
END_TEST

START_TEST(a_second_run_that_fails_leaves_the_first_report)
{
	struct scene *scene = new_scene(asking_load);

	make_paths();
	scene->writer = (struct explain_writer){find_no_writer, scene};
	play(scene, json_path);
	ck_assert(scene->explained);
	ck_assert_uint_eq(scene->second_runs, 1);
	ck_assert_str_eq(scene->filed, "{}\n");
	scene->writer.find = NULL;
	play(scene, json_path);
	ck_assert_str_eq(scene->filed, "{}\n");
	remove_paths();
	free(scene);
}
END_TEST

START_TEST(report_files_that_cannot_be)
{
	struct report_file file;
	struct error err;

	ck_assert(!report_file_open(&file, "/nowhere/at/all.txt", &err));
	ck_assert_int_eq(err.status, 66);
	ck_assert_str_eq(err.text, "--report /nowhere/at/all.txt: No such file or directory");
	ck_assert(report_file_open(&file, NULL, &err));
	ck_assert_int_eq(file.fd, -1);
	ck_assert(report_file_open(&file, "/dev/full", &err));
	ck_assert(!report_file_write(&file, "x"));
	report_file_close(&file);
}
END_TEST

START_TEST(an_ending_is_written_too)
{
	struct report_file file;
	struct error err;
	char got[200];
	int fd;

	make_paths();
	ck_assert(report_file_open(&file, json_path, &err));
	ck_assert(
		report_file_write(&file, "something long that must go away, all of it, to the end, "
					 "whatever comes after it, however short it is"));
	ck_assert(report_file_write_ending(&file, 7));
	report_file_close(&file);
	fd = open(json_path, O_RDONLY);
	read_all(fd, got, sizeof(got));
	close(fd);
	expect(got, "\"status\": 7,\n  \"verdict\": null,\n  \"death\": \"none\"\n}\n");
	ck_assert_ptr_null(strstr(got, "something"));
	remove_paths();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("explain");
	TCase *tcase = tcase_create("explain");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, a_report_is_said_and_filed);
	tcase_add_loop_test(tcase, the_dump_survives, 0, sizeof(failures) / sizeof(failures[0]));
	tcase_add_test(tcase, the_dump_is_in_the_file_while_the_explainer_works);
	tcase_add_test(tcase, a_second_run_sharpens);
	tcase_add_test(tcase, a_second_run_that_fails_leaves_the_first_report);
	tcase_add_test(tcase, report_files_that_cannot_be);
	tcase_add_test(tcase, an_ending_is_written_too);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
