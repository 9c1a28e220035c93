/* SPDX-License-Identifier: MIT */
/*
 * host_table.c: the results of the catalogue's rows, kept where forked tests and the suite's main
 * program both see them.
 */
#include "host_table.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

struct row_result *host_table_create(int rows)
{
	void *memory = mmap(NULL, (size_t)rows * sizeof(struct row_result), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

const char *host_table_kind(void)
{
	static const struct {
		const char *module, *kind;
	} kinds[] = {{"/sys/module/kvm_pvm", "pvm"}, {"/sys/module/kvm_amd", "svm"},
		{"/sys/module/kvm_intel", "vmx"}};

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (access(kinds[i].module, F_OK) == 0)
			return kinds[i].kind;
	return "kvm";
}

bool host_table_write(const char *path, const struct expectation *rows,
	const struct row_result *results, int count)
{
	static const char *const ends[] = {[ROW_FAILED] = "failed",
		[ROW_AS_EXPECTED] = "ok",
		[ROW_NOT_FOUND] = "not-found",
		[ROW_SKIPPED] = "skipped"};
	FILE *file = fopen(path, "w");

	if (!file)
		return false;
	for (int i = 0; i < count; i++)
		fprintf(file, "%s %d %s %s\n", rows[i].name, results[i].status,
			ends[results[i].end], results[i].text[0] ? results[i].text : "-");
	return fclose(file) == 0;
}
