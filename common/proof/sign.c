#include "proof/sign.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "proof/algorithms.h"
#include "proof/sm2.h"

_Static_assert(SIGN_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519 public key size");
_Static_assert(SIGN_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "Ed25519 secret key size");
_Static_assert(SIGN_SIGNATURE_BYTES == crypto_sign_BYTES, "Ed25519 signature size");
_Static_assert(HASH_BYTES == crypto_hash_sha256_BYTES, "SHA-256 size");

enum { SIGN_STACK_BYTES = 8 * 1024 };

enum status sign_init(void)
{
    return sodium_init() < 0 ? STATUS_IO : STATUS_OK;
}

static enum status ed25519_pair(const uint8_t seed[32], uint8_t out_public[32],
                                uint8_t out_secret[64])
{
    return crypto_sign_seed_keypair(out_public, out_secret, seed) == 0 ? STATUS_OK : STATUS_IO;
}

static enum status ed25519_generate(uint8_t out_public[32], uint8_t out_secret[64])
{
    return crypto_sign_keypair(out_public, out_secret) == 0 ? STATUS_OK : STATUS_IO;
}

static enum status ed25519_sign(const uint8_t secret[64], const uint8_t *message, size_t size,
                                uint8_t out_signature[64])
{
    return crypto_sign_detached(out_signature, NULL, message, size, secret) == 0 ? STATUS_OK
                                                                                 : STATUS_IO;
}

static enum status ed25519_verify(const uint8_t public_key[32], const uint8_t *message, size_t size,
                                  const uint8_t signature[64])
{
    return crypto_sign_verify_detached(signature, message, size, public_key) == 0
               ? STATUS_OK
               : STATUS_E_SIGNATURE;
}

/* Secret keys end in the public one, in all of them. */
static const struct algorithm {
    uint8_t number;
    const char *name;
    enum status (*pair)(const uint8_t seed[32], uint8_t out_public[32], uint8_t out_secret[64]);
    enum status (*generate)(uint8_t out_public[32], uint8_t out_secret[64]);
    enum status (*sign)(const uint8_t secret[64], const uint8_t *message, size_t size,
                        uint8_t out_signature[64]);
    enum status (*verify)(const uint8_t public_key[32], const uint8_t *message, size_t size,
                          const uint8_t signature[64]);
} algorithms[] = {
    {SIGN_ED25519, "ed25519", ed25519_pair, ed25519_generate, ed25519_sign, ed25519_verify},
    {SIGN_SM2,     "sm2",     sm2_pair,     sm2_generate,     sm2_sign,     sm2_verify    },
};

static const struct algorithm *algorithm_of(uint8_t number)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if (algorithms[i].number == number)
            return &algorithms[i];
    return NULL;
}

const char *sign_algorithm_name(uint8_t algorithm)
{
    const struct algorithm *known = algorithm_of(algorithm);
    return known == NULL ? NULL : known->name;
}

uint8_t sign_algorithm_parse(const char *name)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if (strcmp(algorithms[i].name, name) == 0)
            return algorithms[i].number;
    return 0;
}

enum status sign_generate_with(uint8_t algorithm, struct sign_public *out_public,
                               struct sign_secret *out_secret)
{
    const struct algorithm *known = algorithm_of(algorithm);
    if (known == NULL)
        return STATUS_E_ALGORITHM;
    out_public->algorithm = out_secret->algorithm = algorithm;
    return known->generate(out_public->bytes, out_secret->bytes);
}

enum status sign_pair(uint8_t algorithm, const uint8_t seed[32], struct sign_public *out_public,
                      struct sign_secret *out_secret)
{
    const struct algorithm *known = algorithm_of(algorithm);
    if (known == NULL)
        return STATUS_E_ALGORITHM;
    out_public->algorithm = out_secret->algorithm = algorithm;
    return known->pair(seed, out_public->bytes, out_secret->bytes);
}

void sign_generate(struct sign_public *out_public, struct sign_secret *out_secret)
{
    out_public->algorithm = SIGN_ED25519;
    out_secret->algorithm = SIGN_ED25519;
    crypto_sign_keypair(out_public->bytes, out_secret->bytes);
}

void sign_public_of(const struct sign_secret *secret, struct sign_public *out_public)
{
    out_public->algorithm = secret->algorithm;
    memcpy(out_public->bytes, secret->bytes + SIGN_SECRET_BYTES - SIGN_PUBLIC_BYTES,
           SIGN_PUBLIC_BYTES);
}

struct key_id sign_key_id(const struct sign_public *key)
{
    static const char tag[] = "zhibao/keyid/v1"; /* its NUL is the separator */
    crypto_hash_sha256_state state;
    uint8_t digest[HASH_BYTES];
    struct key_id id;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)tag, sizeof tag);
    crypto_hash_sha256_update(&state, &key->algorithm, 1);
    crypto_hash_sha256_update(&state, key->bytes, sizeof key->bytes);
    crypto_hash_sha256_final(&state, digest);
    memcpy(id.bytes, digest, sizeof id.bytes);
    return id;
}

/* domain || 0x00 || bytes, in `stack` when it fits, else malloc'ed into *out_heap. */
static const uint8_t *joined(const char *domain, const void *bytes, size_t size,
                             uint8_t stack[SIGN_STACK_BYTES], uint8_t **out_heap, size_t *out_size)
{
    size_t prefix = strlen(domain) + 1;
    uint8_t *buffer = stack;
    *out_heap = NULL;
    *out_size = prefix + size;
    if (prefix + size > SIGN_STACK_BYTES) {
        *out_heap = malloc(prefix + size);
        if (*out_heap == NULL)
            return NULL;
        buffer = *out_heap;
    }
    memcpy(buffer, domain, prefix);
    if (size > 0)
        memcpy(buffer + prefix, bytes, size);
    return buffer;
}

struct signature sign_bytes(const struct sign_secret *secret, const char *domain, const void *bytes,
                            size_t size)
{
    struct signature signature;
    uint8_t stack[SIGN_STACK_BYTES];
    uint8_t *heap = NULL;
    size_t length = 0;
    const uint8_t *message = joined(domain, bytes, size, stack, &heap, &length);
    const struct algorithm *known = algorithm_of(secret->algorithm);
    if (message == NULL || known == NULL ||
        known->sign(secret->bytes, message, length, signature.bytes) != STATUS_OK)
        abort(); /* a megabyte for a signature is not to be had: nothing can go on */
    free(heap);
    return signature;
}

enum status sign_verify(const struct sign_public *key, const char *domain, const void *bytes,
                        size_t size, const uint8_t *signature, size_t signature_size)
{
    const struct algorithm *known = algorithm_of(key->algorithm);
    if (known == NULL)
        return STATUS_E_ALGORITHM;
    if (signature_size != SIGN_SIGNATURE_BYTES)
        return STATUS_E_SIGNATURE;
    uint8_t stack[SIGN_STACK_BYTES];
    uint8_t *heap = NULL;
    size_t length = 0;
    const uint8_t *message = joined(domain, bytes, size, stack, &heap, &length);
    if (message == NULL)
        return STATUS_NO_MEMORY;
    enum status status = known->verify(key->bytes, message, length, signature);
    free(heap);
    return status;
}

struct hash hash_bytes(const void *bytes, size_t size)
{
    struct hash hash;
    crypto_hash_sha256(hash.bytes, bytes, size);
    return hash;
}

struct hash hash_two(const void *first, size_t first_size, const void *second, size_t second_size)
{
    struct hash hash;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, first, first_size);
    if (second_size > 0)
        crypto_hash_sha256_update(&state, second, second_size);
    crypto_hash_sha256_final(&state, hash.bytes);
    return hash;
}
