/* Shares of the server's keys: any that suffice give the secret, and nothing else passes for one.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "proof/shares.h"

static const struct key_id KEY = {{0x22}};

static void split(unsigned least, unsigned count, uint8_t secret[SHARE_SECRET_BYTES],
                  struct share *out)
{
    cr_assert_eq(sign_init(), STATUS_OK);
    random_bytes(secret, SHARE_SECRET_BYTES);
    cr_assert_eq(shares_split(secret, &KEY, least, count, out), STATUS_OK);
}

Test(shares, any_three_of_five_join)
{
    uint8_t secret[SHARE_SECRET_BYTES], joined[SHARE_SECRET_BYTES];
    struct share all[5];
    split(3, 5, secret, all);
    for (unsigned mask = 0; mask < 32; mask++) {
        struct share some[5];
        size_t count = 0;
        for (unsigned i = 5; i-- > 0;) /* in another order than they were made */
            if (mask >> i & 1)
                some[count++] = all[i];
        cr_assert_eq(shares_join(some, count, joined), count < 3 ? STATUS_NOT_FOUND : STATUS_OK);
        if (count >= 3)
            cr_assert_arr_eq(joined, secret, sizeof joined, "shares %x", mask);
    }
}

/* f(x) = secret + 0x53 x over GF(2^8): 0x53 * 0xca = 1, 0x53 * 2 = 0xa6 (FIPS 197's field). */
Test(shares, the_field_is_that_of_the_protocol)
{
    struct share two[2] = {
        {.least = 2, .count = 2, .x = 2   },
        {.least = 2, .count = 2, .x = 0xca}
    };
    uint8_t joined[SHARE_SECRET_BYTES];
    memset(two[0].y, 0x42 ^ 0xa6, sizeof two[0].y);
    memset(two[1].y, 0x42 ^ 0x01, sizeof two[1].y);
    cr_assert_eq(shares_join(two, 2, joined), STATUS_OK);
    for (size_t i = 0; i < sizeof joined; i++)
        cr_assert_eq(joined[i], 0x42);
}

/* Two of three say nothing: with any third value the result is another one, all 256 alike. */
Test(shares, fewer_tell_nothing)
{
    uint8_t secret[SHARE_SECRET_BYTES], joined[SHARE_SECRET_BYTES];
    struct share all[3];
    bool seen[256] = {false};
    split(3, 3, secret, all);
    for (unsigned value = 0; value < 256; value++) {
        all[2].y[0] = (uint8_t)value;
        cr_assert_eq(shares_join(all, 3, joined), STATUS_OK);
        cr_assert_not(seen[joined[0]]);
        seen[joined[0]] = true;
    }
}

Test(shares, what_does_not_belong_together_is_refused)
{
    uint8_t secret[SHARE_SECRET_BYTES], joined[SHARE_SECRET_BYTES];
    struct share all[3], other[3];
    split(2, 3, secret, all);
    cr_assert_eq(shares_split(secret, &KEY, 2, 3, other), STATUS_OK);
    struct share mixed[2] = {all[0], other[1]}, twice[2] = {all[0], all[0]};
    cr_assert_eq(shares_join(mixed, 2, joined), STATUS_CONFLICT);
    cr_assert_eq(shares_join(twice, 2, joined), STATUS_CONFLICT);
    cr_assert_eq(shares_join(all, 0, joined), STATUS_NOT_FOUND);
    cr_assert_eq(shares_split(secret, &KEY, 1, 3, other), STATUS_E_RANGE);
    cr_assert_eq(shares_split(secret, &KEY, 4, 3, other), STATUS_E_RANGE);
    cr_assert_eq(shares_split(secret, &KEY, 2, SHARE_COUNT_MAX + 1, other), STATUS_E_RANGE);
}

Test(shares, the_text_shows_every_altered_letter)
{
    uint8_t secret[SHARE_SECRET_BYTES];
    char text[SHARE_TEXT_BYTES], padded[SHARE_TEXT_BYTES + 4];
    struct share all[2], read;
    split(2, 2, secret, all);
    share_text(&all[1], text);
    snprintf(padded, sizeof padded, " %s\r\n", text);
    cr_assert_eq(share_parse(padded, &read), STATUS_OK);
    cr_assert_eq(read.x, 2);
    cr_assert_arr_eq(read.y, all[1].y, sizeof read.y);
    for (size_t i = 0; text[i] != '\0'; i++) {
        char before = text[i];
        text[i] = before == 'A' ? 'B' : 'A';
        cr_assert_eq(share_parse(text, &read), STATUS_INVALID, "letter %zu", i);
        text[i] = '\0';
        cr_assert_eq(share_parse(text, &read), STATUS_INVALID, "cut to %zu", i);
        text[i] = before;
    }
}
