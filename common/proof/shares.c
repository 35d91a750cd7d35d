#include "proof/shares.h"

#include <assert.h>
#include <ctype.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cursor.h"

static const char PREFIX[] = "ZBS1-";

enum { VERSION = 1, CHECK_BYTES = 4, SHARE_BYTES = 1 + 8 + 3 + KEY_ID_BYTES + 64 + CHECK_BYTES };

/* The same steps whatever the factors: no table, no branch that a secret decides. */
static uint8_t times(uint8_t left, uint8_t right)
{
    uint8_t product = 0;
    for (int bit = 0; bit < 8; bit++) {
        product ^= (uint8_t)(left & -(right & 1));
        uint8_t carry = (uint8_t)(left >> 7);
        left = (uint8_t)((left << 1) ^ (0x1b & -carry));
        right >>= 1;
    }
    return product;
}

/* a^254, which is 1/a for every a but 0. */
static uint8_t inverse(uint8_t a)
{
    uint8_t power = 1, result = 1;
    power = a;
    for (int i = 0; i < 7; i++) {
        power = times(power, power);
        result = times(result, power);
    }
    return result;
}

enum status shares_split(const uint8_t secret[SHARE_SECRET_BYTES], const struct key_id *key,
                         unsigned least, unsigned count, struct share *out_shares)
{
    uint8_t polynomial[SHARE_COUNT_MAX][SHARE_SECRET_BYTES];
    uint8_t ceremony[sizeof out_shares->ceremony];
    if (least < 2 || least > count || count > SHARE_COUNT_MAX)
        return STATUS_E_RANGE;
    randombytes_buf(ceremony, sizeof ceremony);
    memcpy(polynomial[0], secret, SHARE_SECRET_BYTES);
    randombytes_buf(polynomial[1], (least - 1) * sizeof polynomial[1]);
    for (unsigned i = 0; i < count; i++) {
        struct share *share = &out_shares[i];
        memcpy(share->ceremony, ceremony, sizeof ceremony);
        share->least = (uint8_t)least;
        share->count = (uint8_t)count;
        share->x = (uint8_t)(i + 1);
        share->key = *key;
        memset(share->y, 0, sizeof share->y);
        for (unsigned power = least; power-- > 0;) /* Horner's scheme */
            for (size_t at = 0; at < SHARE_SECRET_BYTES; at++)
                share->y[at] = times(share->y[at], share->x) ^ polynomial[power][at];
    }
    sodium_memzero(polynomial, sizeof polynomial);
    return STATUS_OK;
}

static bool same_ceremony(const struct share *left, const struct share *right)
{
    return memcmp(left->ceremony, right->ceremony, sizeof left->ceremony) == 0 &&
           left->least == right->least && left->count == right->count &&
           memcmp(&left->key, &right->key, sizeof left->key) == 0;
}

enum status shares_join(const struct share *shares, size_t count,
                        uint8_t out_secret[SHARE_SECRET_BYTES])
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (!same_ceremony(&shares[i], &shares[k]) || shares[i].x == shares[k].x)
                return STATUS_CONFLICT;
    if (count == 0 || count < shares[0].least)
        return STATUS_NOT_FOUND;
    memset(out_secret, 0, SHARE_SECRET_BYTES);
    for (size_t i = 0; i < shares[0].least; i++) { /* Lagrange's polynomial at 0 */
        uint8_t weight = 1;
        for (size_t k = 0; k < shares[0].least; k++)
            if (k != i)
                weight = times(weight, times(shares[k].x, inverse(shares[k].x ^ shares[i].x)));
        for (size_t at = 0; at < SHARE_SECRET_BYTES; at++)
            out_secret[at] ^= times(shares[i].y[at], weight);
    }
    return STATUS_OK;
}

void share_text(const struct share *share, char out[SHARE_TEXT_BYTES])
{
    uint8_t bytes[SHARE_BYTES];
    struct writer writer = {.bytes = bytes, .size = sizeof bytes};
    write_number(&writer, VERSION, 1);
    write_bytes(&writer, share->ceremony, sizeof share->ceremony);
    write_number(&writer, share->least, 1);
    write_number(&writer, share->count, 1);
    write_number(&writer, share->x, 1);
    write_bytes(&writer, share->key.bytes, sizeof share->key.bytes);
    write_bytes(&writer, share->y, sizeof share->y);
    struct hash check = hash_bytes(bytes, writer.used);
    write_bytes(&writer, check.bytes, CHECK_BYTES);
    assert(!writer.bad && writer.used == sizeof bytes);
    memcpy(out, PREFIX, sizeof PREFIX - 1);
    sodium_bin2base64(out + sizeof PREFIX - 1, SHARE_TEXT_BYTES - (sizeof PREFIX - 1), bytes,
                      sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

enum status share_parse(const char *text, struct share *out_share)
{
    uint8_t bytes[SHARE_BYTES], check[CHECK_BYTES];
    size_t size = 0;
    struct share share = {.x = 0};
    while (isspace((unsigned char)*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    if (length < sizeof PREFIX || strncmp(text, PREFIX, sizeof PREFIX - 1) != 0 ||
        sodium_base642bin(bytes, sizeof bytes, text + sizeof PREFIX - 1,
                          length - (sizeof PREFIX - 1), NULL, &size, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        size != sizeof bytes)
        return STATUS_INVALID;
    struct reader reader = {.bytes = bytes, .size = size};
    uint64_t version = read_number(&reader, 1);
    read_bytes(&reader, share.ceremony, sizeof share.ceremony);
    share.least = (uint8_t)read_number(&reader, 1);
    share.count = (uint8_t)read_number(&reader, 1);
    share.x = (uint8_t)read_number(&reader, 1);
    read_bytes(&reader, share.key.bytes, sizeof share.key.bytes);
    read_bytes(&reader, share.y, sizeof share.y);
    struct hash expected = hash_bytes(bytes, reader.used);
    read_bytes(&reader, check, sizeof check);
    sodium_memzero(bytes, sizeof bytes);
    if (version != VERSION || memcmp(check, expected.bytes, sizeof check) != 0 || share.least < 2 ||
        share.least > share.count || share.count > SHARE_COUNT_MAX || share.x == 0 ||
        share.x > share.count)
        return STATUS_INVALID;
    *out_share = share;
    return STATUS_OK;
}
