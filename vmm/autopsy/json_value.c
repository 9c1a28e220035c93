/* SPDX-License-Identifier: MIT */
/*
 * json_value.c: numbers and strings for the JSON report.
 */
#include "json_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

json_t *json_hex(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	return json_string(text);
}

/* Every byte that is not ASCII, when the whole is not UTF-8. */
static json_t *replace_bytes(const char *bytes, size_t n)
{
	struct text text;
	json_t *value;
	char *whole;

	text_init(&text, false);
	for (size_t i = 0; i < n; i++)
		if (bytes[i] > 0)
			text_add(&text, "%c", bytes[i]);
		else
			text_add(&text, "%s", REPLACEMENT);
	whole = text_take(&text);
	value = json_string(whole ? whole : "");
	free(whole);
	return value;
}

json_t *json_hostile(const char *bytes, size_t n)
{
	json_t *value = memchr(bytes, 0, n) ? NULL : json_stringn(bytes, n);

	return value ? value : replace_bytes(bytes, n);
}

json_t *json_text(const char *text)
{
	return text ? json_hostile(text, strlen(text)) : json_null();
}

void json_put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value ? value : json_null());
}

void json_put_hex(json_t *object, const char *key, uint64_t value)
{
	json_put(object, key, json_hex(value));
}

void json_put_text(json_t *object, const char *key, const char *text)
{
	json_put(object, key, json_text(text));
}

void json_put_number(json_t *object, const char *key, int64_t value)
{
	json_put(object, key, json_integer(value));
}

void json_put_bool(json_t *object, const char *key, bool value)
{
	json_put(object, key, json_boolean(value));
}
