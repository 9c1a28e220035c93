/* SPDX-License-Identifier: MIT */
/*
 * log.h: the kernel's own words. Every message goes to a ring that outlives the kernel (struct
 * vmm_log_ring); those that matter enough go to the console too.
 */
#ifndef KERNEL_LOG_H
#define KERNEL_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_PANIC, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_LEVELS };

/* Messages above this level stay in the ring only. Default LOG_INFO. */
void log_set_level(enum log_level level);

/* Whether a message of this level gets to the console. */
bool log_shows(enum log_level level);

/* A level's name or digit; -1 when text is neither. */
int log_parse_level(const char *text);

/* Appends to the ring, then to the console. A line may be made of several messages. Callable from
 * anywhere; needs about 300 bytes of stack. */
void log_text(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_text_args(enum log_level level, const char *format, va_list args);

/* How much was ever written, and n bytes at most of it from there on, as far as the ring still has
 * them: bytes. */
uint64_t log_end(void);
size_t log_read(uint64_t from, char *to, size_t n);
size_t log_capacity(void);

/* Physical address of the struct vmm_log_ring. */
uint64_t log_ring_address(void);

#define log_error(...) log_text(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_text(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_text(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_text(LOG_DEBUG, __VA_ARGS__)

#endif
