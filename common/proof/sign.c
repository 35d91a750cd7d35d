#include "proof/sign.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

_Static_assert(SIGN_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519 public key size");
_Static_assert(SIGN_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "Ed25519 secret key size");
_Static_assert(SIGN_SIGNATURE_BYTES == crypto_sign_BYTES, "Ed25519 signature size");
_Static_assert(HASH_BYTES == crypto_hash_sha256_BYTES, "SHA-256 size");

enum { SIGN_STACK_BYTES = 8 * 1024 };

enum status sign_init(void)
{
    return sodium_init() < 0 ? STATUS_IO : STATUS_OK;
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
    crypto_sign_ed25519_sk_to_pk(out_public->bytes, secret->bytes);
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
    if (message == NULL)
        abort(); /* a megabyte for a signature is not to be had: nothing can go on */
    crypto_sign_detached(signature.bytes, NULL, message, length, secret->bytes);
    free(heap);
    return signature;
}

enum status sign_verify(const struct sign_public *key, const char *domain, const void *bytes,
                        size_t size, const uint8_t *signature, size_t signature_size)
{
    if (key->algorithm != SIGN_ED25519)
        return STATUS_E_ALGORITHM;
    if (signature_size != SIGN_SIGNATURE_BYTES)
        return STATUS_E_SIGNATURE;
    uint8_t stack[SIGN_STACK_BYTES];
    uint8_t *heap = NULL;
    size_t length = 0;
    const uint8_t *message = joined(domain, bytes, size, stack, &heap, &length);
    if (message == NULL)
        return STATUS_NO_MEMORY;
    int bad = crypto_sign_verify_detached(signature, message, length, key->bytes);
    free(heap);
    return bad ? STATUS_E_SIGNATURE : STATUS_OK;
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
