/* SPDX-License-Identifier: MIT */
/*
 * test_report.c: the two renderings of an explained death: what a person must find in the first
 * lines, and JSON that keeps to its schema whatever the guest's strings hold. Expected values are
 * worked out by hand from sample_evidence.h.
 */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "autopsy/autopsy.h"
#include "autopsy/json_value.h"
#include "autopsy/listing.h"
#include "autopsy/report_json.h"
#include "autopsy/report_text.h"
#include "autopsy/source_text.h"
#include "sample_evidence.h"
#include "suite.h"

/* What the schema of the reports asks for: the keywords that docs/report.schema.json uses. */

static bool type_is(const json_t *value, const char *type)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return !strcmp(type, "object");
	case JSON_ARRAY:
		return !strcmp(type, "array");
	case JSON_STRING:
		return !strcmp(type, "string");
	case JSON_INTEGER:
		return !strcmp(type, "integer") || !strcmp(type, "number");
	case JSON_REAL:
		return !strcmp(type, "number");
	case JSON_NULL:
		return !strcmp(type, "null");
	default:
		return !strcmp(type, "boolean");
	}
}

static bool type_fits(const json_t *schema, const json_t *value)
{
	const json_t *type = json_object_get(schema, "type");
	bool fits = false;

	if (!type)
		return true;
	if (json_is_string(type))
		return type_is(value, json_string_value(type));
	for (size_t i = 0; i < json_array_size(type); i++)
		fits |= type_is(value, json_string_value(json_array_get(type, i)));
	return fits;
}

/* The only pattern there is: hexadecimal numbers. */
static bool is_hex(const char *text)
{
	return !strncmp(text, "0x", 2) && text[2] &&
	       !text[2 + strspn(text + 2, "0123456789abcdef")];
}

static bool fits_schema(const json_t *root, const json_t *schema, const json_t *value);

static bool object_fits(const json_t *root, const json_t *schema, json_t *object)
{
	const json_t *properties = json_object_get(schema, "properties");
	const json_t *required = json_object_get(schema, "required");
	const char *key;
	json_t *value;

	for (size_t i = 0; i < json_array_size(required); i++) {
		key = json_string_value(json_array_get(required, i));
		if (!json_object_get(object, key)) {
			fprintf(stderr, "%s is missing\n", key);
			return false;
		}
	}
	json_object_foreach(object, key, value)
	{
		const json_t *property = json_object_get(properties, key);

		if (!property || !fits_schema(root, property, value)) {
			fprintf(stderr, "in %s\n", key);
			return false;
		}
	}
	return true;
}

static bool one_of(const json_t *root, const json_t *schemas, const json_t *value)
{
	for (size_t i = 0; i < json_array_size(schemas); i++)
		if (fits_schema(root, json_array_get(schemas, i), value))
			return true;
	return !schemas;
}

static bool in_enum(const json_t *values, const json_t *value)
{
	for (size_t i = 0; i < json_array_size(values); i++)
		if (json_equal(json_array_get(values, i), value))
			return true;
	return !values;
}

static bool fits_schema(const json_t *root, const json_t *schema, const json_t *value)
{
	const json_t *reference = json_object_get(schema, "$ref");
	const json_t *items = json_object_get(schema, "items");

	if (reference) {
		const char *name = strrchr(json_string_value(reference), '/') + 1;
		const json_t *definition = json_object_get(json_object_get(root, "$defs"), name);

		return definition && fits_schema(root, definition, value);
	}
	if (!type_fits(schema, value) || !in_enum(json_object_get(schema, "enum"), value) ||
		!one_of(root, json_object_get(schema, "anyOf"), value))
		return false;
	if (json_object_get(schema, "pattern") && !is_hex(json_string_value(value)))
		return false;
	for (size_t i = 0; items && i < json_array_size(value); i++)
		if (!fits_schema(root, items, json_array_get(value, i)))
			return false;
	return !json_is_object(value) || !json_object_get(schema, "properties") ||
	       object_fits(root, schema, (json_t *)value);
}

static json_t *load_schema(void)
{
	json_error_t error;
	json_t *schema = json_load_file("docs/report.schema.json", 0, &error);

	ck_assert_msg(schema != NULL, "%s", error.text);
	return schema;
}

/* The sample's death, explained. */
struct explained {
	struct sample_death death;
	struct autopsy *autopsy;
};

static void explain(struct explained *explained)
{
	explained->autopsy = autopsy_api.explain(&explained->death.evidence);
	ck_assert_ptr_nonnull(explained->autopsy);
}

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *report = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	ck_assert_msg(report != NULL, "%s in %.2000s", error.text, text);
	return report;
}

static const char *string_at(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	ck_assert_msg(json_is_string(value), "%s is no string", key);
	return json_string_value(value);
}

START_TEST(json_tells_what_happened)
{
	struct explained explained;
	const json_t *first, *registers, *part;
	json_t *report;
	char *text;

	sample_init(&explained.death);
	explain(&explained);
	text = autopsy_api.json(explained.autopsy);
	report = parse(text);
	ck_assert_str_eq(string_at(report, "death"), "shutdown");
	ck_assert_int_eq(json_integer_value(json_object_get(report, "status")), 80);
	ck_assert_str_eq(string_at(json_object_get(report, "verdict"), "id"),
		autopsy_api.id(explained.autopsy));
	first = json_object_get(report, "first");
	ck_assert_int_eq(json_integer_value(json_object_get(first, "vector")), 14);
	ck_assert_str_eq(string_at(first, "mnemonic"), "#PF");
	ck_assert_str_eq(string_at(first, "error"), "0x2");
	ck_assert_str_eq(string_at(first, "cr2"), "0xffffffff80003008");
	ck_assert_str_eq(string_at(first, "rip"), "0xffffffff80000123");
	ck_assert_str_eq(string_at(first, "known"), "observed");
	ck_assert(json_is_null(json_object_get(first, "symbol")));
	part = json_array_get(json_object_get(json_object_get(first, "walk"), "steps"), 3);
	ck_assert_str_eq(string_at(part, "gpa"), "0x4018");
	ck_assert(json_is_true(json_object_get(part, "guilty")));
	registers = json_object_get(report, "registers");
	ck_assert_str_eq(string_at(registers, "r15"), "0xfeedfacecafebeef");
	ck_assert_str_eq(string_at(json_object_get(registers, "gdtr"), "limit"), "0x37");
	part = json_array_get(json_object_get(report, "chain"), 0);
	ck_assert_str_eq(string_at(part, "outcome"), "failed");
	part = json_array_get(json_object_get(report, "memory"), 2);
	ck_assert_str_eq(string_at(part, "name"), "initrd\033[31m");
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(part, "overlaps"), 0)),
		"boot GDT");
	ck_assert_ptr_nonnull(strstr(string_at(report, "log"), "\nkernel: up\nlast \033line"));
	json_decref(report);
	free(text);
	autopsy_api.drop(explained.autopsy);
}
END_TEST

static void expect_schema(struct explained *explained, const json_t *schema)
{
	char *text;
	json_t *report;

	explain(explained);
	text = autopsy_api.json(explained->autopsy);
	report = parse(text);
	ck_assert(fits_schema(schema, schema, report));
	json_decref(report);
	free(text);
	autopsy_api.drop(explained->autopsy);
}

START_TEST(json_keeps_to_its_schema)
{
	static struct write_record write;
	struct explained explained;
	struct evidence *evidence = &explained.death.evidence;
	json_t *schema = load_schema();

	for (enum death death = DEATH_SHUTDOWN; death <= DEATH_TIMEOUT; death++) {
		sample_init(&explained.death);
		evidence->death = death;
		evidence->stuck = death == DEATH_STUCK ? STUCK_HLT_IF0 : STUCK_NONE;
		expect_schema(&explained, schema);
	}
	sample_init(&explained.death);
	write.rip = explained.death.cpus[0].rip;
	write.cpu = explained.death.cpus[0];
	evidence->writes = &write;
	evidence->write_count = 1;
	evidence->trail[0].rip = write.rip;
	evidence->trail_count = 1;
	evidence->samples[0] = (struct sample){write.rip, 3};
	evidence->sample_count = 1;
	evidence->internal_ndata = 3;
	evidence->kvm = NULL;
	evidence->image = "caf\xc3\xa9 \xff.elf";
	evidence->seconds = 0.0 / 0.0;
	expect_schema(&explained, schema);
	sample_init(&explained.death);
	evidence->origin = STATE_LOST;
	expect_schema(&explained, schema);
	json_decref(schema);
}
END_TEST

/* A table that is cleared once more after it was lost: what the first clearing did is told. */
START_TEST(writes_that_changed_something)
{
	static struct write_record writes[10];
	struct explained explained;
	struct evidence *evidence = &explained.death.evidence;
	char *text;

	sample_init(&explained.death);
	for (unsigned i = 0; i < 10; i++)
		writes[i] = (struct write_record){.gpa = 0x5000 + i,
			.size = 1,
			.rip = explained.death.cpus[0].rip,
			.cpu = explained.death.cpus[0]};
	writes[0].old_value = 0x20;
	evidence->writes = writes;
	evidence->write_count = 10;
	explain(&explained);
	text = autopsy_api.text(explained.autopsy, false);
	ck_assert_ptr_nonnull(strstr(text, "0x5000 (1): 0x20 -> 0x0"));
	ck_assert_ptr_nonnull(strstr(text, "9 more changed nothing"));
	ck_assert_ptr_null(strstr(text, "0x0 -> 0x0"));
	free(text);
	autopsy_api.drop(explained.autopsy);
}
END_TEST

/* A validator that takes everything would not be one. */
START_TEST(the_schema_refuses)
{
	static const char *const wrong[] = {
		"{\"vmm\": \"1\", \"status\": 80}",
		"{\"vmm\": 1, \"verdict\": null, \"status\": 80}",
		"{\"vmm\": \"1\", \"verdict\": null, \"status\": 80, \"more\": 1}",
		"{\"vmm\": \"1\", \"verdict\": {\"id\": \"x\"}, \"status\": 80}",
		"{\"vmm\": \"1\", \"verdict\": null, \"status\": 80, \"death\": \"boredom\"}",
		"{\"vmm\": \"1\", \"verdict\": null, \"status\": 80, \"registers\": {}}",
		"{\"vmm\": \"1\", \"verdict\": null, \"status\": 80, \"steps\": [1]}",
	};
	json_t *schema = load_schema(), *report;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		report = parse(wrong[i]);
		ck_assert_msg(!fits_schema(schema, schema, report), "%s", wrong[i]);
		json_decref(report);
	}
	report = parse("{\"vmm\": \"1\", \"verdict\": null, \"status\": 0, \"death\": \"none\"}");
	ck_assert(fits_schema(schema, schema, report));
	json_decref(report);
	json_decref(schema);
}
END_TEST

START_TEST(json_strings_are_utf8)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *expected; /* as in the file */
	} cases[] = {
		{"a\"\\\n\033", 5, "\"a\\\"\\\\\\n\\u001B\""},
		{"caf\xc3\xa9", 5, "\"caf\xc3\xa9\""},
		{"x\xff", 2, "\"x\xef\xbf\xbd\""},
		{"x\0y", 3, "\"x\xef\xbf\xbdy\""},
		{"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* a surrogate */
		{"\xc0\x80", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},                 /* too long */
		{"", 0, "\"\""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *value = json_hostile(cases[i].bytes, cases[i].n);
		char *text = json_dumps(value, JSON_ENCODE_ANY);

		ck_assert_str_eq(text, cases[i].expected);
		free(text);
		json_decref(value);
	}
}
END_TEST

/* The answer stands before the first empty line, and is not longer than a person reads. */
START_TEST(text_begins_with_the_answer)
{
	struct explained explained;
	char *text, *end;
	unsigned lines = 0;

	sample_init(&explained.death);
	explain(&explained);
	text = autopsy_api.text(explained.autopsy, false);
	end = strstr(text, "\n\n");
	ck_assert_ptr_nonnull(end);
	for (const char *c = text; c <= end; c++)
		lines += *c == '\n';
	ck_assert_uint_le(lines, 14);
	ck_assert_msg(!strncmp(text, "cause     ", 10), "%.300s", text);
	ck_assert_ptr_nonnull(strstr(text, "first     #PF page fault (vector 14), CR2 "
					   "0xffffffff80003008, error code 0x2 ("));
	ck_assert_ptr_nonnull(strstr(text, "at 0xffffffff80000123: mov %eax, (%rdi)\n"));
	ck_assert_ptr_null(strchr(text, '\033'));
	free(text);
	autopsy_api.drop(explained.autopsy);
}
END_TEST

static const char *const lines_expected[] = {
	"death     a triple fault\n",
	"chain     #PF page fault (vector 14), CR2 0xffffffff80003008, error code 0x2 (",
	"#DF double fault (vector 8), error code 0x0\n",
	"=> the CPU shuts down (triple fault) [inferred: ends as the guest did]\n",
	"walk      fault at 0xffffffff80003008: write, 4-level paging, CR3 0x1000\n",
	"          PTE      3 at 0x4018       0000000000000000  -  <== stops here\n",
	"          => ffffffff80000123  89 07                     mov %eax, (%rdi)\n",
	"             ffffffff80000125  f4                        hlt\n",
	"             ffffffff80000126  eb fd                     jmp 0xffffffff80000125\n",
	"calls     #"
	"0  0xffffffff80000123, rsp 0xffffffff80001ff0\n",
	"registers vCPU 0, long mode, 64-bit code, CPL 0, 4-level paging, runnable\n",
	"also      vCPU 1 waits for SIPI at 0xfff0\n",
	"log       ",
	"          kernel: up\n          last \\x1bline\n",
	"exits     vCPU 0  KVM_EXIT_IO  write to port 0x3f8 (COM1 data), 1 byte: 0x41  x 3\n",
	"boot GDT  OVERWRITTEN: 3 bytes, 0xc010-0xc012",
};

START_TEST(text_shows_the_evidence)
{
	struct explained explained;
	char *text;

	sample_init(&explained.death);
	explain(&explained);
	text = autopsy_api.text(explained.autopsy, false);
	for (size_t i = 0; i < sizeof(lines_expected) / sizeof(lines_expected[0]); i++)
		ck_assert_msg(strstr(text, lines_expected[i]) != NULL, "missing: %s in:\n%.3000s",
			lines_expected[i], text);
	free(text);
	autopsy_api.drop(explained.autopsy);
}
END_TEST

static void strip_colour(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (*from == '\033')
			from = strchr(from, 'm');
		else
			*to++ = *from;
	*to = '\0';
}

START_TEST(colour_changes_nothing_else)
{
	struct explained explained;
	char *plain, *coloured;

	sample_init(&explained.death);
	explain(&explained);
	plain = autopsy_api.text(explained.autopsy, false);
	coloured = autopsy_api.text(explained.autopsy, true);
	ck_assert_ptr_nonnull(strstr(coloured, "\033[1;31m"));
	strip_colour(coloured);
	ck_assert_str_eq(plain, coloured);
	free(plain);
	free(coloured);
	autopsy_api.drop(explained.autopsy);
}
END_TEST

START_TEST(lost_registers_are_not_explained)
{
	struct explained explained;
	char *text;

	sample_init(&explained.death);
	explained.death.evidence.origin = STATE_LOST;
	explained.death.cpus[0] = explained.death.cpus[1];
	explained.death.cpus[0].gpr[GPR_RDX] = 0x663;
	explain(&explained);
	text = autopsy_api.text(explained.autopsy, false);
	ck_assert_ptr_nonnull(strstr(text, "state     lost: "));
	ck_assert_ptr_nonnull(strstr(text, "are those of the reset CPU, not those of the crash"));
	ck_assert_ptr_null(strstr(text, "\ncalls "));
	ck_assert_ptr_null(strstr(text, "\nfirst "));
	free(text);
	autopsy_api.drop(explained.autopsy);
}
END_TEST

static void write_file(const char *path, const char *bytes)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(bytes, file);
	fclose(file);
}

static void set_time(const char *path, time_t seconds)
{
	const struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};

	ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

START_TEST(source_lines_come_from_sources_only)
{
	char folder[] = "/tmp/vmm-test-source-XXXXXX", path[64], buf[16];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/a.c", folder);
	write_file(path, "one\n\t  two  \r\n\nthe fourth line is long");
	ck_assert(source_text_read(path, 1, NULL, buf, sizeof(buf)));
	ck_assert_str_eq(buf, "one");
	ck_assert(source_text_read(path, 2, NULL, buf, sizeof(buf)));
	ck_assert_str_eq(buf, "two");
	ck_assert(source_text_read(path, 4, NULL, buf, sizeof(buf)));
	ck_assert_str_eq(buf, "the fourth l...");
	ck_assert(!source_text_read(path, 5, NULL, buf, sizeof(buf)));
	ck_assert(!source_text_read(path, 0, NULL, buf, sizeof(buf)));
	ck_assert(source_text_read(path, 1, path, buf, sizeof(buf)));
	set_time(path, 1000);
	ck_assert(source_text_read(path, 1, "/proc/self/exe", buf, sizeof(buf)));
	set_time(path, 4000000000);
	ck_assert(!source_text_read(path, 1, "/proc/self/exe", buf, sizeof(buf)));
	ck_assert(source_text_read(path, 1, "/nowhere", buf, sizeof(buf)));
	unlink(path);
	ck_assert(!source_text_read(path, 1, NULL, buf, sizeof(buf)));
	ck_assert_int_eq(mkfifo(path, 0600), 0); /* nobody writes: must not wait */
	ck_assert(!source_text_read(path, 1, NULL, buf, sizeof(buf)));
	unlink(path);
	snprintf(path, sizeof(path), "%s/secret", folder);
	write_file(path, "one\n");
	ck_assert(!source_text_read(path, 1, NULL, buf, sizeof(buf)));
	ck_assert(!source_text_read("/etc/passwd", 1, NULL, buf, sizeof(buf)));
	unlink(path);
	rmdir(folder);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {json_tells_what_happened, json_keeps_to_its_schema,
		writes_that_changed_something, the_schema_refuses, json_strings_are_utf8,
		text_begins_with_the_answer, text_shows_the_evidence, colour_changes_nothing_else,
		lost_registers_are_not_explained, source_lines_come_from_sources_only};

	return RUN_SUITE("report", tests);
}
