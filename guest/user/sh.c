/* SPDX-License-Identifier: MIT */
/*
 * sh.c: a small shell for a RAM disk without busybox: lists with ; & && ||, pipelines, subshells in
 * parentheses, < > >> 2>, quotes, $NAME $? $$ $1, NAME=VALUE, and the commands in sh_builtin.c. No
 * patterns, no loops, no splitting of what a variable holds.
 *
 *	sh [-c COMMANDS | SCRIPT] [ARGUMENT...]
 */
#include "sh.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 256

/* Statuses as every shell has them. */
#define STATUS_SYNTAX    2
#define STATUS_NOT_RUN   126
#define STATUS_NOT_FOUND 127
#define STATUS_SIGNAL    128

static int run_list(struct shell *shell, struct input *input, bool active);

static int syntax_error(const struct input *input)
{
	fprintf(stderr, "sh: syntax error near '%.20s'\n", input->at);
	return -1;
}

struct command {
	char *words[WORDS_MAX + 1];
	int count;
	int fds[3];            /* what replaces 0, 1 and 2; -1: nothing does */
	struct input subshell; /* of one in parentheses: its commands */
	bool is_subshell, failed;
};

static void open_for(
	struct shell *shell, struct command *command, struct input *input, int fd, int flags)
{
	char *name = sh_take_word(shell, input);
	int file = name ? open(name, flags, 0666) : -1;

	if (file < 0) {
		fprintf(stderr, "sh: %s: %s\n", name ? name : "redirection", strerror(errno));
		command->failed = true;
	} else {
		if (command->fds[fd] >= 0)
			close(command->fds[fd]);
		command->fds[fd] = file;
	}
	free(name);
}

static bool take_redirection(struct shell *shell, struct command *command, struct input *input)
{
	const int create = O_WRONLY | O_CREAT | O_TRUNC;

	if (sh_take(input, "2>&1"))
		command->fds[2] = dup(command->fds[1] >= 0 ? command->fds[1] : 1);
	else if (sh_take(input, "2>"))
		open_for(shell, command, input, 2, create);
	else if (sh_take(input, ">>"))
		open_for(shell, command, input, 1, O_WRONLY | O_CREAT | O_APPEND);
	else if (sh_take(input, ">"))
		open_for(shell, command, input, 1, create);
	else if (sh_take(input, "<"))
		open_for(shell, command, input, 0, O_RDONLY);
	else
		return false;
	return true;
}

/* 0, or -1 after telling. An inactive list is only read over: nothing of it may be opened. */
static int read_command(
	struct shell *shell, struct input *input, struct command *command, bool active)
{
	*command = (struct command){.fds = {-1, -1, -1}};
	if (sh_take(input, "(")) {
		command->is_subshell = true;
		command->subshell = *input;
		if (run_list(shell, input, false) < 0 || !sh_take(input, ")"))
			return syntax_error(input);
	}
	for (;;) {
		char *word;

		if (active ? take_redirection(shell, command, input)
			   : sh_take(input, "2>&1") || sh_take(input, "2>") ||
					sh_take(input, ">>") || sh_take(input, ">") ||
					sh_take(input, "<"))
			continue;
		word = sh_take_word(shell, input);
		if (!word)
			break;
		if (command->count == WORDS_MAX || command->is_subshell) {
			free(word);
			return syntax_error(input);
		}
		command->words[command->count++] = word;
	}
	return command->count || command->is_subshell ? 0 : syntax_error(input);
}

static void release(struct command *command)
{
	for (int i = 0; i < command->count; i++)
		free(command->words[i]);
	for (int fd = 0; fd < 3; fd++)
		if (command->fds[fd] >= 0)
			close(command->fds[fd]);
}

/* In the place of this process. */
static void become(struct shell *shell, struct command *command)
{
	const struct builtin *builtin;

	for (int fd = 0; fd < 3; fd++)
		if (command->fds[fd] >= 0)
			dup2(command->fds[fd], fd);
	if (command->failed)
		_exit(1);
	if (command->is_subshell) {
		run_list(shell, &command->subshell, true);
		fflush(NULL);
		_exit(shell->status);
	}
	builtin = builtin_find(command->words[0]);
	if (builtin) {
		int status = builtin->run(command->count, command->words, shell->status);

		fflush(NULL);
		_exit(status);
	}
	execvp(command->words[0], command->words);
	fprintf(stderr, "sh: %s: %s\n", command->words[0], strerror(errno));
	_exit(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUN);
}

static int status_of(int wait_status)
{
	return WIFSIGNALED(wait_status) ? STATUS_SIGNAL + WTERMSIG(wait_status)
	                                : WEXITSTATUS(wait_status);
}

/* NAME=VALUE */
static bool assign(const struct command *command)
{
	char *equals = command->count == 1 ? strchr(command->words[0], '=') : NULL;

	if (!equals || equals == command->words[0] || isdigit((unsigned char)*command->words[0]))
		return false;
	for (const char *c = command->words[0]; c < equals; c++)
		if (!isalnum((unsigned char)*c) && *c != '_')
			return false;
	*equals = '\0';
	setenv(command->words[0], equals + 1, 1);
	return true;
}

/* Whether the command was done without a process of its own: what changes the shell itself. */
static bool run_here(struct shell *shell, struct command *command)
{
	const struct builtin *builtin;

	if (command->is_subshell || command->failed)
		return false;
	if (assign(command)) {
		shell->status = 0;
		return true;
	}
	builtin = builtin_find(command->words[0]);
	if (!builtin || !builtin->here)
		return false;
	shell->status = builtin->run(command->count, command->words, shell->status);
	return true;
}

static pid_t start(struct shell *shell, struct command *command)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		signal(SIGINT, SIG_DFL);
		become(shell, command);
	}
	if (pid < 0)
		perror("sh: fork");
	return pid;
}

/* Commands with pipes in between. The last one's status counts. 0, or -1 for a syntax error. */
static int run_pipeline(struct shell *shell, struct input *input, bool active)
{
	int from = -1, started = 0, status;
	pid_t last = -1, pid;

	for (bool more = true; more;) {
		struct command command;
		int ends[2] = {-1, -1};

		if (read_command(shell, input, &command, active) < 0)
			return -1;
		sh_skip_blanks(input);
		more = input->at[0] == '|' && input->at[1] != '|';
		input->at += more;
		if (active && more && pipe(ends) < 0)
			perror("sh: pipe");
		if (command.fds[0] < 0)
			command.fds[0] = from;
		if (command.fds[1] < 0)
			command.fds[1] = ends[1];
		from = ends[0];
		if (from >= 0)
			fcntl(from, F_SETFD, FD_CLOEXEC);
		if (active && (more || started || !run_here(shell, &command))) {
			last = start(shell, &command);
			started++;
		}
		release(&command);
	}
	for (; started; started--) {
		pid = wait(&status);
		if (pid == last)
			shell->status = status_of(status);
	}
	return 0;
}

/* Pipelines with && and || in between. */
static int run_chain(struct shell *shell, struct input *input, bool active)
{
	bool skip = false;

	for (;;) {
		if (run_pipeline(shell, input, active && !skip) < 0)
			return -1;
		if (sh_take(input, "&&"))
			skip = shell->status != 0;
		else if (sh_take(input, "||"))
			skip = shell->status == 0;
		else
			return 0;
		while (*input->at == '\n')
			input->at++;
	}
}

/* One chain, in the background where & follows. */
static int run_item(struct shell *shell, struct input *input, bool active)
{
	struct input start = *input;
	int error = run_chain(shell, input, false);
	pid_t pid;

	if (error || !active)
		return error;
	if (input->at[0] != '&')
		return *input = start, run_chain(shell, input, true);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		run_chain(shell, &start, true);
		fflush(NULL);
		_exit(shell->status);
	}
	shell->status = pid < 0;
	return 0;
}

/* Up to the end or a closing parenthesis: 0, or -1 for a syntax error. */
static int run_list(struct shell *shell, struct input *input, bool active)
{
	for (;;) {
		sh_skip_blanks(input);
		while (*input->at == '\n' || *input->at == ';' || *input->at == '&') {
			input->at++;
			sh_skip_blanks(input);
		}
		if (!*input->at || *input->at == ')')
			return 0;
		if (run_item(shell, input, active) < 0) {
			shell->status = STATUS_SYNTAX;
			return -1;
		}
	}
}

/* Line by line, with a prompt. */
static void run_interactive(struct shell *shell)
{
	char line[4096];

	signal(SIGINT, SIG_IGN);
	while (fputs("$ ", stdout), fflush(stdout), fgets(line, sizeof(line), stdin)) {
		struct input input = {line};

		run_list(shell, &input, true);
	}
}

int main(int argc, char **argv)
{
	bool given = argc > 2 && strcmp(argv[1], "-c") == 0;
	struct shell shell = {0, getpid(), argv, argc};
	struct input input;
	int script = 0;

	if (given) {
		shell.numbered += 3;
		shell.numbered_count -= 3;
		input.at = argv[2];
	} else if (argc > 1) {
		script = open(argv[1], O_RDONLY | O_CLOEXEC);
		if (script < 0) {
			perror(argv[1]);
			return STATUS_NOT_FOUND;
		}
		shell.numbered++;
		shell.numbered_count--;
	}
	if (!given && argc == 1 && isatty(0)) {
		run_interactive(&shell);
		return shell.status;
	}
	if (!given)
		input.at = sh_read_all(script);
	run_list(&shell, &input, true);
	fflush(NULL);
	return shell.status;
}
