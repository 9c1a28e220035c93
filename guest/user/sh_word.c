/* SPDX-License-Identifier: MIT */
/*
 * sh_word.c: reads the small shell's words: quotes, variables, where a word ends.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

void sh_skip_blanks(struct input *input)
{
	while (*input->at == ' ' || *input->at == '\t')
		input->at++;
	if (*input->at == '#')
		input->at += strcspn(input->at, "\n");
}

bool sh_take(struct input *input, const char *operator)
{
	size_t n = strlen(operator);

	sh_skip_blanks(input);
	if (strncmp(input->at, operator, n) != 0)
		return false;
	input->at += n;
	return true;
}

struct text {
	char *bytes;
	size_t n, size;
};

static void put(struct text *text, const char *from, size_t n)
{
	if (text->n + n + 1 > text->size) {
		text->size = 2 * (text->n + n + 1);
		text->bytes = realloc(text->bytes, text->size);
		if (!text->bytes)
			_exit(1);
	}
	memcpy(text->bytes + text->n, from, n);
	text->n += n;
	text->bytes[text->n] = '\0';
}

/* What stands behind a dollar sign. */
static void put_variable(const struct shell *shell, struct input *input, struct text *out)
{
	char name[64], number[16];
	const char *value = NULL;
	bool braces = *input->at == '{';
	size_t n = 0;

	input->at += braces;
	if (*input->at == '?' || *input->at == '$') {
		snprintf(number, sizeof(number), "%d",
			*input->at == '?' ? shell->status : (int)shell->pid);
		value = number;
		input->at++;
	} else if (isdigit((unsigned char)*input->at)) {
		int i = *input->at++ - '0';

		value = i < shell->numbered_count ? shell->numbered[i] : "";
	} else {
		while ((isalnum((unsigned char)*input->at) || *input->at == '_') &&
			n < sizeof(name) - 1)
			name[n++] = *input->at++;
		name[n] = '\0';
		value = n ? getenv(name) : "$";
	}
	if (braces && *input->at == '}')
		input->at++;
	if (value)
		put(out, value, strlen(value));
}

static bool ends_word(char c)
{
	return !c || strchr(" \t\n;&|<>()", c);
}

char *sh_take_word(const struct shell *shell, struct input *input)
{
	struct text out = {0};
	char quote = 0;

	sh_skip_blanks(input);
	if (ends_word(*input->at))
		return NULL;
	put(&out, "", 0);
	for (; *input->at && (quote || !ends_word(*input->at));) {
		char c = *input->at++;

		if (c == quote)
			quote = 0;
		else if (!quote && (c == '\'' || c == '"'))
			quote = c;
		else if (c == '$' && quote != '\'')
			put_variable(shell, input, &out);
		else if (c == '\\' && quote != '\'' && *input->at)
			put(&out, input->at++, 1);
		else
			put(&out, &c, 1);
	}
	return out.bytes;
}

char *sh_read_all(int fd)
{
	struct text out = {0};
	char piece[512];
	ssize_t n;

	put(&out, "", 0);
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		put(&out, piece, (size_t)n);
	return out.bytes;
}
