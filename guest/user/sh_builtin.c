/* SPDX-License-Identifier: MIT */
/*
 * sh_builtin.c: the commands that the small shell has itself: what changes it, and the few that one
 * wants on an otherwise empty RAM disk.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sh.h"

static int complain(const char *command, const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", command, what, strerror(errno));
	return 1;
}

static int run_cd(int argc, char **argv, int last)
{
	const char *to = argc > 1 ? argv[1] : getenv("HOME");

	return chdir(to ? to : "/") ? complain("cd", to ? to : "/") : 0;
}

static int run_exit(int argc, char **argv, int last)
{
	fflush(NULL);
	_exit(argc > 1 ? atoi(argv[1]) : last);
}

static int run_wait(int argc, char **argv, int last)
{
	while (wait(NULL) > 0)
		;
	return 0;
}

static int run_true(int argc, char **argv, int last)
{
	return 0;
}

static int run_false(int argc, char **argv, int last)
{
	return 1;
}

static int run_echo(int argc, char **argv, int last)
{
	for (int i = 1; i < argc; i++)
		printf("%s%s", i > 1 ? " " : "", argv[i]);
	putchar('\n');
	return 0;
}

static int copy_out(const char *name)
{
	int fd = strcmp(name, "-") == 0 ? 0 : open(name, O_RDONLY);
	char piece[4096];
	ssize_t n;

	if (fd < 0)
		return complain("cat", name);
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		fwrite(piece, 1, (size_t)n, stdout);
	if (fd)
		close(fd);
	return n < 0 ? complain("cat", name) : 0;
}

static int run_cat(int argc, char **argv, int last)
{
	int status = argc > 1 ? 0 : copy_out("-");

	for (int i = 1; i < argc; i++)
		status |= copy_out(argv[i]);
	return status;
}

/* Lines and bytes of the standard input. */
static int run_wc(int argc, char **argv, int last)
{
	unsigned long lines = 0, bytes = 0;
	int c;

	for (; (c = getchar()) != EOF; bytes++)
		lines += c == '\n';
	printf("%lu %lu\n", lines, bytes);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int run_ls(int argc, char **argv, int last)
{
	const char *where = argc > 1 ? argv[1] : ".";
	DIR *dir = opendir(where);
	char *names[1024];
	size_t n = 0;

	if (!dir)
		return complain("ls", where);
	for (struct dirent *entry; n < 1024 && (entry = readdir(dir));)
		if (entry->d_name[0] != '.')
			names[n++] = strdup(entry->d_name);
	closedir(dir);
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++)
		puts(names[i]);
	return 0;
}

static int run_mkdir(int argc, char **argv, int last)
{
	return argc == 2 && mkdir(argv[1], 0777) == 0 ? 0 : complain("mkdir", argv[argc - 1]);
}

static int run_rm(int argc, char **argv, int last)
{
	return argc == 2 && remove(argv[1]) == 0 ? 0 : complain("rm", argv[argc - 1]);
}

static int run_pwd(int argc, char **argv, int last)
{
	char path[4096];

	return getcwd(path, sizeof(path)) ? (puts(path), 0) : complain("pwd", ".");
}

static int run_uname(int argc, char **argv, int last)
{
	struct utsname name;

	if (uname(&name))
		return complain("uname", "-a");
	printf("%s %s %s\n", name.sysname, name.nodename, name.machine);
	return 0;
}

static int run_kill(int argc, char **argv, int last)
{
	if (argc != 3 || argv[1][0] != '-' || kill(atoi(argv[2]), atoi(argv[1] + 1)))
		return complain("kill", argv[argc - 1]);
	return 0;
}

static int run_sleep(int argc, char **argv, int last)
{
	return argc == 2 && usleep((useconds_t)(atof(argv[1]) * 1e6)) == 0 ? 0 : 1;
}

static const struct builtin builtins[] = {
	{"cat", run_cat, false},
	{"cd", run_cd, true},
	{"echo", run_echo, false},
	{"exit", run_exit, true},
	{"false", run_false, true},
	{"kill", run_kill, false},
	{"ls", run_ls, false},
	{"mkdir", run_mkdir, false},
	{"pwd", run_pwd, false},
	{"rm", run_rm, false},
	{"sleep", run_sleep, false},
	{"true", run_true, true},
	{"uname", run_uname, false},
	{"wait", run_wait, true},
	{"wc", run_wc, false},
};

const struct builtin *builtin_find(const char *name)
{
	for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
		if (strcmp(builtins[i].name, name) == 0)
			return &builtins[i];
	return NULL;
}
