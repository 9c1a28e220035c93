/* SPDX-License-Identifier: MIT */
/*
 * check.c: runs the start-up checks in order.
 */
#include "check.h"

#include "boot.h"
#include "log.h"

static const struct {
	const char *name;
	bool (*run)(bool thorough);
} checks[] = {
	{"frames", check_frames},
	{"paging", check_paging},
	{"heap", check_heap},
	{"layout", check_layout},
	{"fault", check_fault},
	{"timer", check_timer},
};

static unsigned failures;

unsigned check_failures(void)
{
	return failures;
}

bool check_equal(const char *file, int line, const char *what, uint64_t got, uint64_t expected)
{
	if (got == expected)
		return true;
	log_error("check: %s:%d: %s is 0x%llx, expected 0x%llx\n", file, line, what,
		(unsigned long long)got, (unsigned long long)expected);
	return false;
}

void check_run(void)
{
	bool thorough = boot_option_is("checks", "all");
	size_t length;
	const char *wanted = boot_option("checks", &length);

	if (boot_option_is("checks", "none"))
		return;
	if (wanted && !thorough && !boot_option_is("checks", "quick"))
		log_warn("checks=%.*s: not known\n", (int)length, wanted);
	for (unsigned i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		bool ok = checks[i].run(thorough);

		failures += !ok;
		log_text(ok ? LOG_INFO : LOG_ERROR, "check: %s %s\n", checks[i].name,
			ok ? "ok" : "FAILED");
	}
}
