/* Hex, base64url and random bytes. Thin, checked wrappers over libsodium. Any thread. */
#ifndef ZHIBAO_BASE_BYTES_H
#define ZHIBAO_BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Lower-case hex; `out` holds 2 * size + 1. Returns out. */
char *hex_encode(const void *bytes, size_t size, char *out);

/* Exactly 2 * size hex digits, either case; STATUS_INVALID otherwise. */
MUST_CHECK enum status hex_decode(const char *text, uint8_t *out_bytes, size_t size);

/* Base64url without padding, malloc'ed (caller frees); NULL without memory. */
char *base64url_encode(const void *bytes, size_t size);

/* Decodes into at most `capacity` bytes; STATUS_INVALID or STATUS_LIMIT. */
MUST_CHECK enum status base64url_decode(const char *text, uint8_t *out_bytes, size_t capacity,
                                        size_t *out_size);

void random_bytes(void *out_bytes, size_t size);

/* CLOCK_REALTIME in microseconds since 1970, and CLOCK_MONOTONIC in milliseconds. */
int64_t clock_now_us(void);
int64_t clock_monotonic_ms(void);

#endif
