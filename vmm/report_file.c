/* SPDX-License-Identifier: MIT */
/*
 * report_file.c: writing the report. The JSON here is what is left to say without an explainer:
 * docs/report.schema.json describes it too.
 */
#include "report_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"

bool report_file_open(struct report_file *file, const char *path, struct error *err)
{
	const char *ending = path ? strrchr(path, '.') : NULL;
	struct stat info;

	*file = (struct report_file){.fd = -1};
	if (!path)
		return true;
	file->path = path;
	file->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	file->created = file->fd >= 0;
	if (!file->created)
		file->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (file->fd < 0)
		return error_errno(err, STATUS_INPUT, "--report %.200s", path);
	file->json = ending && !strcmp(ending, ".json");
	file->regular = fstat(file->fd, &info) == 0 && S_ISREG(info.st_mode);
	return true;
}

void report_file_close(struct report_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

void report_file_give_up(struct report_file *file)
{
	if (file->created)
		unlink(file->path);
	report_file_close(file);
}

bool report_file_write(const struct report_file *file, const char *text)
{
	size_t n = strlen(text);

	if (file->regular && (lseek(file->fd, 0, SEEK_SET) < 0 || ftruncate(file->fd, 0) < 0))
		return false;
	while (n) {
		ssize_t written = write(file->fd, text, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		text += written;
		n -= (size_t)written;
	}
	return true;
}

/* text as a JSON string. What is not printable ASCII does not come here but for newlines. */
static void print_json_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

/* The common beginning; what follows it is up to the caller, as is the closing brace. */
static void print_json_start(FILE *out, int status)
{
	fprintf(out, "{\n  \"vmm\": \"%s\",\n  \"status\": %d,\n", VMM_VERSION, status);
}

static bool write_and_free(const struct report_file *file, char *text)
{
	bool written = text && report_file_write(file, text);

	free(text);
	return written;
}

bool report_file_write_dump(
	const struct report_file *file, const char *dump, const char *reason, int status)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	if (!out)
		return false;
	if (file->json) {
		print_json_start(out, status);
		fprintf(out, "  \"verdict\": {\"id\": \"unexplained\", \"cause\": ");
		print_json_string(out, reason);
		fprintf(out, ", \"repair\": \"\", \"certainty\": \"none\"},\n  \"dump\": ");
		print_json_string(out, dump ? dump : "");
		fprintf(out, "\n}\n");
	} else {
		fprintf(out, "%s\n%s", reason, dump ? dump : "");
	}
	fclose(out);
	return write_and_free(file, text);
}

bool report_file_write_ending(const struct report_file *file, int status)
{
	char *text = NULL;
	size_t n;
	FILE *out;

	if (file->fd < 0)
		return true;
	out = open_memstream(&text, &n);
	if (!out)
		return false;
	if (file->json) {
		print_json_start(out, status);
		fprintf(out, "  \"verdict\": null,\n  \"death\": \"none\"\n}\n");
	} else {
		fprintf(out, "No guest died; vmm's exit status is %d.\n", status);
	}
	fclose(out);
	return write_and_free(file, text);
}
