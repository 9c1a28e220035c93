/* SPDX-License-Identifier: MIT */
/*
 * test_cli.c: vmm as a process given what it cannot use: exactly one line that names the thing, and
 * the documented status. Nothing here gets as far as running a guest.
 */
#include "vmm_process.h"

#include <sys/stat.h>

#include "suite.h"
#include "tiny_guest.h"

GUEST64(off, IRQCHIP_NONE, TURN_OFF);

START_TEST(usage)
{
	static const struct {
		const char *words[6];
		const char *message;
	} lines[] = {
		{{NULL}, "no image"},
		{{"--nonsense", "IMAGE"}, "--nonsense"},
		{{"-Z", "IMAGE"}, "-Z"},
		{{"-m", "0", "IMAGE"}, "--memory 0: "},
		{{"-m", "1", "IMAGE"}, "--memory 1: "},
		{{"-m", "99T", "IMAGE"}, "--memory 99T: "},
		{{"-m", "-1G", "IMAGE"}, "--memory -1G: "},
		{{"-m", "18446744073709551615G", "IMAGE"}, "--memory 18446744073709551615G: "},
		{{"-m", "", "IMAGE"}, "--memory "},
		{{"-m"}, "-m: expected a value"},
		{{"-c", "0", "IMAGE"}, "--cpus 0: "},
		{{"-c", "4096", "IMAGE"}, "--cpus 4096: "},
		{{"-c", "1x", "IMAGE"}, "--cpus 1x: "},
		{{"-t", "never", "IMAGE"}, "--timeout never: "},
		{{"-t", "-1", "IMAGE"}, "--timeout -1: "},
		{{"-t", "nan", "IMAGE"}, "--timeout nan: "},
		{{"--mode", "vax", "IMAGE"}, "--mode vax: "},
		{{"--load", "here", "IMAGE"}, "--load here: "},
		{{"--trace", "dreams", "IMAGE"}, "--trace"},
		{{"--report", "r.pdf", "IMAGE"}, "--report r.pdf: "},
		{{"-v", "-q", "IMAGE"}, "--verbose and --quiet exclude each other"},
		{{"--map", "-t", "1", "IMAGE"}, "--map and --timeout exclude each other"},
		{{"--host", "IMAGE"}, "--host takes no image"},
	};

	expect_one_line(run_vmm(lines[_i].words), 64, lines[_i].message);
}
END_TEST

START_TEST(expression_is_none)
{
	expect_one_line(VMM("--expect", "(", GUEST_FILE(off)), 64, "--expect (: ");
}
END_TEST

START_TEST(no_such_file)
{
	expect_one_line(VMM("/nowhere/kernel"), 66, "/nowhere/kernel: No such file");
	expect_one_line(VMM("/"), 66, "/: is a directory");
	expect_one_line(
		VMM("-i", "/nowhere/initrd", GUEST_FILE(off)), 66, "/nowhere/initrd: No such file");
	expect_one_line(VMM("-i", "/", GUEST_FILE(off)), 66, "/: is a directory");
	expect_one_line(VMM("-i", write_file("empty", "", 0), GUEST_FILE(off)), 66,
		"the initial RAM disk is empty");
}
END_TEST

START_TEST(no_symbols)
{
	const char *text = write_file("text", "hello", 5);

	expect_one_line(
		VMM("-s", "/nowhere/k.elf", GUEST_FILE(off)), 66, "/nowhere/k.elf: No such file");
	expect_one_line(VMM("-s", "/", GUEST_FILE(off)), 66, "/: is a directory");
	expect_one_line(VMM("-s", text, GUEST_FILE(off)), 65, "text: not an ELF file");
}
END_TEST

START_TEST(fifo_does_not_hang)
{
	const char *path = scratch_file("fifo");

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	expect_one_line(VMM(path), 66, "is not a regular file");
}
END_TEST

START_TEST(not_readable)
{
	const char *path = write_file("secret", "x", 1);
	const struct run *run;

	ck_assert_int_eq(chmod(path, 0), 0);
	if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
		return; /* root reads everything */
	run = VMM(path);
	if (run->status == 127) { /* not executed */
		printf("skip: not_readable: vmm lies in a folder that is closed to other users\n");
		return;
	}
	expect_one_line(run, 66, "secret: Permission denied");
}
END_TEST

START_TEST(no_image_in_it)
{
	/* ELF64, little-endian, ET_EXEC, x86-64; no program headers. */
	static const uint8_t elf[64] = {
		0x7f, 'E', 'L', 'F', 2, 1, 1, [16] = 2, [18] = 62, [20] = 1, [52] = 64};
	static const uint8_t odd[64] = {0x7f, 'E', 'L', 'F', 7, 1, 1, [16] = 2};

	expect_one_line(VMM(write_file("empty", "", 0)), 65, "empty: the file is empty");
	expect_one_line(VMM(write_file("text", "hello", 5)), 65, "text: neither ELF");
	expect_one_line(VMM(write_file("header", elf, sizeof(elf))), 65, "header: no PT_LOAD");
	expect_one_line(VMM(write_file("short", elf, 20)), 65,
		"short: the file ends within the ELF header (0x14 bytes of 0x40): truncated?");
	expect_one_line(VMM(write_file("odd", odd, sizeof(odd))), 65,
		"odd: ELF class 7, data 1, version 1, expected 1 or 2, 1 and 1");
	expect_one_line(
		VMM("--mode", "long64", write_file("header", elf, sizeof(elf))), 65, "header: ");
}
END_TEST

START_TEST(sparse_4_gib)
{
	const char *path = write_file("sparse", "", 0);

	ck_assert_int_eq(truncate(path, 1ll << 32), 0);
	expect_one_line(VMM(path), 65, "sparse: neither ELF");
	expect_one_line(VMM("--mode", "long64", path), 65, "outside RAM (128 MiB)");
	expect_one_line(VMM("-i", path, GUEST_FILE(off)), 65, "--initrd: 4294967296 bytes do not");
}
END_TEST

START_TEST(over_the_boot_structures)
{
	const char *image = write_file("text", "hello", 5);

	expect_one_line(VMM("--mode", "long64", "--load", "0x7ff7000", image), 65, "boot GDT");
	expect_one_line(VMM("--mode", "long64", "--load", "0x7fffffc", image), 65, "outside RAM");
	expect_one_line(VMM("--mode", "real", "--load", "0xfe000", "--entry", "0xfe000", image), 65,
		"boot trap stubs");
}
END_TEST

START_TEST(command_line_too_long)
{
	static char word[5000];

	memset(word, 'x', sizeof(word) - 1);
	expect_one_line(VMM(GUEST_FILE(off), "--", word), 64, "expected at most 4095");
}
END_TEST

START_TEST(report_that_cannot_be_written)
{
	expect_one_line(VMM("--report", "/nowhere/r.txt", GUEST_FILE(off)), 66,
		"--report /nowhere/r.txt: No such file");
	expect_one_line(VMM("--report", "/proc/r.json", GUEST_FILE(off)), 66, "--report /proc/r");
}
END_TEST

START_TEST(trace_that_cannot_be_written)
{
	expect_one_line(VMM("--trace", "exits@/nowhere/trace", GUEST_FILE(off)), 66,
		"--trace: /nowhere/trace: No such file");
}
END_TEST

/* No output may be the file of an input or of another output, whatever name it goes by. */
START_TEST(outputs_over_other_files)
{
	static const char content[] = "not to be lost";
	const char *image = GUEST_FILE(off), *data = write_file("data.txt", content, 14);
	const char *hard = scratch_file("hard.txt"), *soft = scratch_file("soft.txt");
	char trace[200], got[32] = "";
	int fd;

	ck_assert_int_eq(link(image, hard), 0);
	ck_assert_int_eq(symlink("data.txt", soft), 0);
	expect_one_line(
		VMM("--core", image, image), 64, "--core would overwrite the file of the image");
	expect_one_line(
		VMM("--report", hard, image), 64, "--report would overwrite the file of the image");
	expect_one_line(VMM("--report", soft, "-i", data, image), 64,
		"--report would overwrite the file of --initrd");
	expect_one_line(VMM("--core", soft, "-s", data, image), 64,
		"--core would overwrite the file of --symbols");
	expect_one_line(VMM("--core", soft, "--report", data, image), 64,
		"--report would overwrite the file of --core");
	snprintf(trace, sizeof(trace), "io@%s/./data.txt", scratch());
	expect_one_line(VMM("--trace", trace, "--core", data, image), 64,
		"--trace would overwrite the file of --core");
	fd = open(data, O_RDONLY);
	ck_assert_int_eq(read(fd, got, sizeof(got)), 14);
	ck_assert_mem_eq(got, content, 14);
	close(fd);
}
END_TEST

/* The same for files that are not there yet, and for the symbols that go with an image. */
START_TEST(outputs_over_files_to_be)
{
	const char *image = GUEST_FILE(off), *elf = write_file("off.elf", "x", 1);
	char path[200], other[200];

	ck_assert_int_eq(symlink("new.txt", scratch_file("to-new.txt")), 0);
	snprintf(path, sizeof(path), "%s/../%s/to-new.txt", scratch(), scratch() + 5);
	snprintf(other, sizeof(other), "%s/new.txt", scratch());
	expect_one_line(VMM("--core", other, "--report", path, image), 64,
		"--report would overwrite the file of --core");
	ck_assert_int_ne(access(other, F_OK), 0);
	expect_one_line(VMM("--core", elf, image), 64,
		"--core would overwrite the file of the image's symbol file");
	expect_one_line(VMM("--core", "/nowhere/a.txt", "--report", "/nowhere/b.txt", image), 66,
		"No such file");
}
END_TEST

/* A command line that cannot be used costs no report of an earlier run, and leaves no new one. */
START_TEST(usage_error_keeps_the_report)
{
	const char *image = GUEST_FILE(off), *old = write_file("old.txt", "old", 3);
	const char *fresh = scratch_file("fresh.txt");
	struct stat info;

	if (!kvm_is_here("usage_error_keeps_the_report"))
		return;
	expect_one_line(VMM("--report", old, "--watch", "no_such_symbol", image), 64, "--watch");
	ck_assert(!stat(old, &info) && info.st_size == 3);
	expect_one_line(VMM("--report", fresh, "--watch", "0x1000:0", image), 64, "--watch");
	ck_assert_int_ne(access(fresh, F_OK), 0);
	ck_assert_int_eq(VMM("--report", old, image)->status, 0);
	ck_assert(!stat(old, &info) && info.st_size > 3);
}
END_TEST

/* --help, --version and --map write to stdout, and say so when they cannot. */
START_TEST(stdout_is_full)
{
	static const char *const options[] = {"--help", "--version", "--map", "--host"};
	char command[5000];
	FILE *shell;
	char line[200] = "";
	int status;

	if (_i == 3 && !kvm_is_here("stdout_is_full"))
		return;
	snprintf(command, sizeof(command), "%s %s %s 2>&1 >/dev/full", built_file("vmm"),
		options[_i], _i == 2 ? GUEST_FILE(off) : "");
	shell = popen(command, "r");
	ck_assert_uint_gt(fread(line, 1, sizeof(line) - 1, shell), 0);
	status = pclose(shell);
	ck_assert_str_eq(line, "vmm: stdout: No space left on device\n");
	ck_assert_int_eq(WEXITSTATUS(status), 69);
}
END_TEST

START_TEST(help_and_version)
{
	struct run *run = VMM("--help");

	ck_assert_int_eq(run->status, 0);
	ck_assert_str_eq(run->err, "");
	ck_assert_ptr_nonnull(strstr(run->out, "--memory"));
	run = VMM("--version");
	ck_assert_int_eq(run->status, 0);
	ck_assert_int_eq(strncmp(run->out, "vmm ", 4), 0);
}
END_TEST

START_TEST(map)
{
	struct run *run = VMM("--map", "-m", "16M", GUEST_FILE(off));

	ck_assert_msg(run->status == 0, "%s", run->err);
	ck_assert_ptr_nonnull(strstr(run->out, "mode    long64\n"));
	ck_assert_ptr_nonnull(strstr(run->out, "entry   0000000000100040\n"));
	ck_assert_ptr_nonnull(
		strstr(run->out, "0000000000ff7000-0000000000ff7037         56  vmm: boot GDT\n"));
	ck_assert_ptr_nonnull(strstr(run->out, "0000000000100000-"));
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{usage, 23},
		{expression_is_none},
		{no_such_file},
		{no_symbols},
		{fifo_does_not_hang},
		{not_readable},
		{no_image_in_it},
		{sparse_4_gib},
		{over_the_boot_structures},
		{command_line_too_long},
		{report_that_cannot_be_written},
		{trace_that_cannot_be_written},
		{outputs_over_other_files},
		{outputs_over_files_to_be},
		{usage_error_keeps_the_report},
		{stdout_is_full, 4},
		{help_and_version},
		{map},
	};
	int status;

	chmod(scratch(), 0755);
	status = RUN_LOOPED_SUITE("cli", tests, 60);
	remove_scratch();
	return status;
}
