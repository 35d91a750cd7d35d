#include "proof/sm2.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <sodium.h>
#include <string.h>

static const char IDENTITY[] = "1234567812345678";

enum { DER_MAX = 80, COORDINATE = 32 };

/* x, and whether y is odd, of d times the base point. */
static bool point_of(const EC_GROUP *group, const BIGNUM *d, BN_CTX *context,
                     uint8_t out_point[SM2_POINT_BYTES])
{
    EC_POINT *point = EC_POINT_new(group);
    bool good = point != NULL && EC_POINT_mul(group, point, d, NULL, NULL, context) == 1 &&
                EC_POINT_point2oct(group, point, POINT_CONVERSION_COMPRESSED, out_point,
                                   SM2_POINT_BYTES, context) == SM2_POINT_BYTES;
    EC_POINT_free(point);
    return good;
}

enum status sm2_pair(const uint8_t d[32], uint8_t out_public[32], uint8_t out_secret[64])
{
    uint8_t point[SM2_POINT_BYTES];
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_sm2);
    BN_CTX *context = BN_CTX_secure_new();
    BIGNUM *scalar = BN_secure_new();
    BIGNUM *largest = group == NULL ? NULL : BN_dup(EC_GROUP_get0_order(group));
    enum status status = STATUS_INVALID;
    if (context == NULL || scalar == NULL || largest == NULL || BN_sub_word(largest, 2) != 1 ||
        BN_bin2bn(d, COORDINATE, scalar) == NULL)
        status = STATUS_IO;
    else if (!BN_is_zero(scalar) && BN_cmp(scalar, largest) <= 0 &&
             point_of(group, scalar, context, point) &&
             (point[0] == 2 || BN_sub(scalar, EC_GROUP_get0_order(group), scalar) == 1) &&
             BN_bn2binpad(scalar, out_secret, COORDINATE) == COORDINATE) {
        memcpy(out_public, point + 1, COORDINATE);
        memcpy(out_secret + COORDINATE, out_public, COORDINATE);
        status = STATUS_OK;
    }
    BN_clear_free(scalar);
    BN_free(largest);
    BN_CTX_free(context);
    EC_GROUP_free(group);
    return status;
}

enum status sm2_generate(uint8_t out_public[32], uint8_t out_secret[64])
{
    uint8_t d[COORDINATE];
    enum status status = STATUS_INVALID;
    for (int tries = 0; tries < 64 && status == STATUS_INVALID; tries++) {
        randombytes_buf(d, sizeof d);
        status = sm2_pair(d, out_public, out_secret);
    }
    sodium_memzero(d, sizeof d);
    return status == STATUS_OK ? STATUS_OK : STATUS_IO;
}

/* `d` NULL: the public key alone. NULL when it is none. */
static EVP_PKEY *key_make(const uint8_t point[SM2_POINT_BYTES], const uint8_t *d)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = NULL;
    BIGNUM *scalar = d == NULL ? NULL : BN_bin2bn(d, COORDINATE, BN_secure_new());
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
    bool good =
        builder != NULL && context != NULL && (d == NULL || scalar != NULL) &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "SM2", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point,
                                         SM2_POINT_BYTES) == 1 &&
        (d == NULL || OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1) &&
        (parameters = OSSL_PARAM_BLD_to_param(builder)) != NULL &&
        EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &key, d == NULL ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR,
                          parameters) == 1;
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(context);
    BN_clear_free(scalar);
    return good ? key : NULL;
}

static void identity_set(OSSL_PARAM out[2])
{
    out[0] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_DIST_ID, (void *)(uintptr_t)IDENTITY,
                                               sizeof IDENTITY - 1);
    out[1] = OSSL_PARAM_construct_end();
}

/* r and s from ASN.1, and back. */
static bool plain_of(const uint8_t *der, size_t size, uint8_t out[64])
{
    const uint8_t *cursor = der;
    ECDSA_SIG *parts = d2i_ECDSA_SIG(NULL, &cursor, (long)size);
    bool good = parts != NULL &&
                BN_bn2binpad(ECDSA_SIG_get0_r(parts), out, COORDINATE) == COORDINATE &&
                BN_bn2binpad(ECDSA_SIG_get0_s(parts), out + COORDINATE, COORDINATE) == COORDINATE;
    ECDSA_SIG_free(parts);
    return good;
}

static int der_of(const uint8_t plain[64], uint8_t out[DER_MAX])
{
    uint8_t *cursor = out;
    ECDSA_SIG *parts = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(plain, COORDINATE, NULL);
    BIGNUM *s = BN_bin2bn(plain + COORDINATE, COORDINATE, NULL);
    int size = 0;
    if (parts != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(parts, r, s) == 1) {
        size = i2d_ECDSA_SIG(parts, &cursor);
    } else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(parts);
    return size;
}

enum status sm2_sign(const uint8_t secret[64], const uint8_t *message, size_t size,
                     uint8_t out_signature[64])
{
    uint8_t point[SM2_POINT_BYTES] = {2}, der[DER_MAX];
    OSSL_PARAM identity[2];
    size_t length = sizeof der;
    memcpy(point + 1, secret + COORDINATE, COORDINATE);
    identity_set(identity);
    EVP_PKEY *key = key_make(point, secret);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = key != NULL && context != NULL &&
                EVP_DigestSignInit_ex(context, NULL, "SM3", NULL, NULL, key, identity) == 1 &&
                EVP_DigestSign(context, der, &length, message, size) == 1 &&
                plain_of(der, length, out_signature);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return good ? STATUS_OK : STATUS_IO;
}

enum status sm2_verify_point(const uint8_t point[SM2_POINT_BYTES], const uint8_t *message,
                             size_t size, const uint8_t signature[64])
{
    uint8_t der[DER_MAX];
    OSSL_PARAM identity[2];
    int length = der_of(signature, der);
    identity_set(identity);
    EVP_PKEY *key = key_make(point, NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = length > 0 && key != NULL && context != NULL &&
                EVP_DigestVerifyInit_ex(context, NULL, "SM3", NULL, NULL, key, identity) == 1 &&
                EVP_DigestVerify(context, der, (size_t)length, message, size) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return good ? STATUS_OK : STATUS_E_SIGNATURE;
}

enum status sm2_verify(const uint8_t public_x[32], const uint8_t *message, size_t size,
                       const uint8_t signature[64])
{
    uint8_t point[SM2_POINT_BYTES] = {2};
    memcpy(point + 1, public_x, COORDINATE);
    return sm2_verify_point(point, message, size, signature);
}
