#include "case/case_register.h"

#include <sodium.h>
#include <string.h>

enum { CHECKS = 11 };

enum status case_identity_read(const char *text, char out_number[CASE_IDENTITY_BYTES])
{
    static const char checks[CHECKS + 1] = "10X98765432";
    char number[CASE_IDENTITY_BYTES] = "";
    size_t count = 0;
    unsigned sum = 0;
    for (; *text != '\0'; text++) {
        char letter = *text == 'x' ? 'X' : *text;
        if (letter == ' ' || letter == '-')
            continue;
        bool last = count == CASE_IDENTITY_DIGITS - 1;
        bool good = (letter >= '0' && letter <= '9') || (last && letter == 'X');
        if (!good || count == CASE_IDENTITY_DIGITS)
            return STATUS_INVALID;
        number[count++] = letter;
    }
    if (count != CASE_IDENTITY_DIGITS)
        return STATUS_INVALID;
    for (size_t i = 0; i < CASE_IDENTITY_DIGITS - 1; i++) /* weights are powers of 2, modulo 11 */
        sum += (unsigned)(number[i] - '0') * (1U << (CASE_IDENTITY_DIGITS - 1 - i)) % CHECKS;
    if (checks[sum % CHECKS] != number[CASE_IDENTITY_DIGITS - 1])
        return STATUS_INVALID;
    memcpy(out_number, number, sizeof number);
    sodium_memzero(number, sizeof number);
    return STATUS_OK;
}

struct hash case_identity_hash(const struct case_secret *key,
                               const char number[CASE_IDENTITY_BYTES])
{
    static const char name[] = "zhibao/registeridentity/v1";
    crypto_auth_hmacsha256_state state;
    struct hash hash;
    crypto_auth_hmacsha256_init(&state, key->bytes, sizeof key->bytes);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)name, sizeof name);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)number, CASE_IDENTITY_DIGITS);
    crypto_auth_hmacsha256_final(&state, hash.bytes);
    sodium_memzero(&state, sizeof state);
    return hash;
}

struct hash case_register_key_id(const struct case_secret *key)
{
    static const char name[] = "zhibao/registerkeyid/v1";
    uint8_t input[sizeof name + CASE_KEY_BYTES];
    memcpy(input, name, sizeof name);
    memcpy(input + sizeof name, key->bytes, CASE_KEY_BYTES);
    struct hash hash = hash_bytes(input, sizeof input);
    sodium_memzero(input, sizeof input);
    return hash;
}
