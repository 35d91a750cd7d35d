/* SM2 with SM3: the example of GB/T 32918.5, and pairs of our own. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/bytes.h"
#include "proof/algorithms.h"
#include "proof/sm2.h"

static void hex(const char *text, uint8_t *out, size_t size)
{
    cr_assert_eq(hex_decode(text, out, size), STATUS_OK);
}

/* GB/T 32918.5-2017, A.2: the recommended curve, "message digest", the default identity. */
Test(sm2, verifies_the_standards_example)
{
    static const char message[] = "message digest";
    uint8_t point[SM2_POINT_BYTES] = {3}, signature[64], d[32], x[32], secret[64];
    hex("09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020", point + 1, 32);
    hex("f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa",
        signature, 64);
    cr_assert_eq(sm2_verify_point(point, (const uint8_t *)message, 14, signature), STATUS_OK);
    for (size_t at = 0; at < sizeof signature; at++) {
        signature[at] ^= 1;
        cr_assert_eq(sm2_verify_point(point, (const uint8_t *)message, 14, signature),
                     STATUS_E_SIGNATURE, "byte %zu", at);
        signature[at] ^= 1;
    }
    cr_assert_eq(sm2_verify_point(point, (const uint8_t *)message, 13, signature),
                 STATUS_E_SIGNATURE);
    /* its private key: y is odd, so that the pair used is the negative one, with the same x */
    hex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8", d, 32);
    cr_assert_eq(sm2_pair(d, x, secret), STATUS_OK);
    cr_assert_arr_eq(x, point + 1, 32);
    cr_assert_neq(memcmp(secret, d, 32), 0);
    cr_assert_eq(sm2_sign(secret, (const uint8_t *)message, 14, signature), STATUS_OK);
    cr_assert_eq(sm2_verify(x, (const uint8_t *)message, 14, signature), STATUS_OK);
    cr_assert_eq(sm2_verify_point(point, (const uint8_t *)message, 14, signature),
                 STATUS_E_SIGNATURE);
}

Test(sm2, signs_and_verifies_as_an_algorithm_of_the_table)
{
    struct sign_public key, other;
    struct sign_secret secret, unused;
    cr_assert_eq(sign_init(), STATUS_OK);
    for (int i = 0; i < 8; i++) {
        struct sign_public again;
        cr_assert_eq(sign_generate_with(SIGN_SM2, &key, &secret), STATUS_OK);
        cr_assert_eq(sign_generate_with(SIGN_SM2, &other, &unused), STATUS_OK);
        sign_public_of(&secret, &again);
        cr_assert_arr_eq(again.bytes, key.bytes, sizeof key.bytes);
        struct signature signature = sign_bytes(&secret, "zhibao/batch/v1", "header", 6);
        cr_assert_eq(sign_verify(&key, "zhibao/batch/v1", "header", 6, signature.bytes, 64),
                     STATUS_OK);
        cr_assert_eq(sign_verify(&key, "zhibao/refusal/v1", "header", 6, signature.bytes, 64),
                     STATUS_E_SIGNATURE);
        cr_assert_eq(sign_verify(&other, "zhibao/batch/v1", "header", 6, signature.bytes, 64),
                     STATUS_E_SIGNATURE);
        other = key;
        other.algorithm = SIGN_ED25519;
        struct key_id one = sign_key_id(&key), two = sign_key_id(&other);
        cr_assert_neq(memcmp(&one, &two, sizeof one), 0, "the algorithm is part of the key id");
        cr_assert_eq(sign_verify(&other, "zhibao/batch/v1", "header", 6, signature.bytes, 64),
                     STATUS_E_SIGNATURE);
    }
    key.algorithm = 3;
    cr_assert_eq(sign_verify(&key, "zhibao/batch/v1", "header", 6, unused.bytes, 64),
                 STATUS_E_ALGORITHM);
}
