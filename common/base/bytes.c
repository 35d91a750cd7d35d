#include "base/bytes.h"

#include <sodium.h>
#include <stdlib.h>
#include <time.h>

char *hex_encode(const void *bytes, size_t size, char *out)
{
    return sodium_bin2hex(out, 2 * size + 1, bytes, size);
}

enum status hex_decode(const char *text, uint8_t *out_bytes, size_t size)
{
    size_t length = 0;
    const char *end = NULL;
    size_t digits = 0;
    while (digits <= 2 * size && text[digits] != '\0')
        digits++;
    if (digits != 2 * size)
        return STATUS_INVALID;
    if (sodium_hex2bin(out_bytes, size, text, digits, NULL, &length, &end) != 0 || length != size ||
        *end != '\0')
        return STATUS_INVALID;
    return STATUS_OK;
}

char *base64url_encode(const void *bytes, size_t size)
{
    size_t room = sodium_base64_encoded_len(size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = malloc(room);
    if (text == NULL)
        return NULL;
    return sodium_bin2base64(text, room, bytes, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

enum status base64url_decode(const char *text, uint8_t *out_bytes, size_t capacity,
                             size_t *out_size)
{
    size_t length = 0;
    while (text[length] != '\0')
        length++;
    if (length / 4 * 3 > capacity + 2)
        return STATUS_LIMIT;
    size_t size = 0;
    const char *end = NULL;
    if (sodium_base642bin(out_bytes, capacity, text, length, NULL, &size, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        *end != '\0')
        return STATUS_INVALID;
    *out_size = size;
    return STATUS_OK;
}

void random_bytes(void *out_bytes, size_t size)
{
    randombytes_buf(out_bytes, size);
}

int64_t clock_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
