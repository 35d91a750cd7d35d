#include "web/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

enum { SHA1_BYTES = 20, PASSWORDS = 1000000, DIGITS = 6 };

enum status totp_password(const uint8_t secret[TOTP_SECRET_BYTES], uint64_t step,
                          uint32_t *out_password)
{
    uint8_t counter[8], hash[SHA1_BYTES];
    unsigned size = sizeof hash;
    for (int i = 7; i >= 0; i--, step >>= 8)
        counter[i] = (uint8_t)step;
    if (HMAC(EVP_sha1(), secret, TOTP_SECRET_BYTES, counter, sizeof counter, hash, &size) == NULL)
        return STATUS_IO;
    const uint8_t *at = hash + (hash[SHA1_BYTES - 1] & 15);
    uint32_t cut = (uint32_t)(at[0] & 127) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
                   (uint32_t)at[3];
    *out_password = cut % PASSWORDS;
    return STATUS_OK;
}

static bool read_digits(const char *code, uint32_t *out_value)
{
    uint32_t value = 0;
    if (strlen(code) != DIGITS)
        return false;
    for (const char *at = code; *at != '\0'; at++) {
        if (*at < '0' || *at > '9')
            return false;
        value = value * 10 + (uint32_t)(*at - '0');
    }
    *out_value = value;
    return true;
}

bool totp_is_good(const uint8_t secret[TOTP_SECRET_BYTES], const char *code, int64_t now_s,
                  uint64_t last_step, uint64_t *out_step)
{
    uint32_t said = 0, password = 0;
    uint64_t now = (uint64_t)now_s / TOTP_STEP_S;
    if (!read_digits(code, &said))
        return false;
    for (uint64_t step = now - 1; step <= now + 1; step++)
        if (step > last_step && totp_password(secret, step, &password) == STATUS_OK &&
            password == said) {
            *out_step = step;
            return true;
        }
    return false;
}

void base32_encode(const uint8_t *bytes, size_t size, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint32_t held = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < size; i++) {
        held = held << 8 | bytes[i];
        for (bits += 8; bits >= 5; bits -= 5)
            *out++ = digits[held >> (bits - 5) & 31];
    }
    if (bits > 0)
        *out++ = digits[held << (5 - bits) & 31];
    *out = '\0';
}
