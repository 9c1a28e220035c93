/* SPDX-License-Identifier: MIT */
/*
 * json_value.h: values as the JSON report writes them. Numbers that may need 64 bits are strings
 * "0x1f", since many readers have no such integers. Nothing here fails: without memory a value is
 * missing. Internal to the report.
 */
#ifndef AUTOPSY_JSON_VALUE_H
#define AUTOPSY_JSON_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "0x1f". */
json_t *json_hex(uint64_t value);

/* n bytes that may be anything: what is not UTF-8, and zero, becomes U+FFFD. */
json_t *json_hostile(const char *bytes, size_t n);

/* A string that may hold anything; null when it is NULL. */
json_t *json_text(const char *text);

/* object[key] = value, which is taken over; null when it is NULL. */
void json_put(json_t *object, const char *key, json_t *value);
void json_put_hex(json_t *object, const char *key, uint64_t value);
void json_put_text(json_t *object, const char *key, const char *text);
void json_put_number(json_t *object, const char *key, int64_t value);
void json_put_bool(json_t *object, const char *key, bool value);

#endif
