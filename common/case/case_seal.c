#include "case/case_seal.h"

#include <sodium.h>
#include <string.h>

_Static_assert(CASE_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "content key");
_Static_assert(CASE_KEY_BYTES == crypto_box_PUBLICKEYBYTES, "encryption key");
_Static_assert(CASE_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce");
_Static_assert(CASE_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag");
_Static_assert(CASE_WRAP_BYTES == CASE_KEY_BYTES + crypto_box_SEALBYTES, "wrap");
_Static_assert(CASE_REPLY_BYTES == CASE_REPLY_PLAIN + crypto_box_SEALBYTES, "reply");

static const size_t sizes[] = {2048, 8192, 32768, CASE_PLAIN_MAX + 1};
enum { SIZES = sizeof sizes / sizeof *sizes, PAD_BYTE = 0x80, PIECES_MAX = 8 };

struct piece {
    const void *bytes;
    size_t size;
};

/* SHA-256(name || 0x00 || pieces). */
static struct hash named_hash(const char *name, const struct piece *pieces, size_t count)
{
    struct hash hash;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)name, strlen(name) + 1);
    for (size_t i = 0; i < count; i++)
        crypto_hash_sha256_update(&state, pieces[i].bytes, pieces[i].size);
    crypto_hash_sha256_final(&state, hash.bytes);
    sodium_memzero(&state, sizeof state);
    return hash;
}

void case_key_generate(struct case_public *out_public, struct case_secret *out_secret)
{
    crypto_box_keypair(out_public->bytes, out_secret->bytes);
}

struct case_public case_public_of(const struct case_secret *secret)
{
    struct case_public key = {{0}};
    (void)crypto_scalarmult_base(key.bytes, secret->bytes);
    return key;
}

struct key_id case_key_id(uint8_t sealing, const struct case_public *key)
{
    struct key_id id;
    const struct piece pieces[] = {
        {&sealing,   1                },
        {key->bytes, sizeof key->bytes}
    };
    struct hash hash = named_hash("zhibao/casekey/v1", pieces, 2);
    memcpy(id.bytes, hash.bytes, sizeof id.bytes);
    return id;
}

size_t case_sealed_size(size_t plain_size)
{
    for (size_t i = 0; i < SIZES; i++)
        if (plain_size < sizes[i])
            return sizes[i] + CASE_TAG_BYTES;
    return 0;
}

bool case_sealed_size_good(size_t size)
{
    for (size_t i = 0; i < SIZES; i++)
        if (size == sizes[i] + CASE_TAG_BYTES)
            return true;
    return false;
}

static struct hash commitment_of(const struct case_secret *key)
{
    const struct piece piece = {key->bytes, sizeof key->bytes};
    return named_hash("zhibao/casecommit/v1", &piece, 1);
}

/* The additional data: what the part belongs to. */
enum { CONTEXT_BYTES = 22 + 8 + RECORD_ID_BYTES + RECORD_ID_BYTES + 1 + HASH_BYTES };

static void context_write(const struct case_context *context, const struct hash *commitment,
                          uint8_t out[CONTEXT_BYTES])
{
    static const char name[22] = "zhibao/casecontext/v1";
    uint8_t *at = out;
    memcpy(at, name, sizeof name);
    at += sizeof name;
    for (int shift = 56; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(context->district >> shift);
    memcpy(at, context->case_id.bytes, RECORD_ID_BYTES);
    at += RECORD_ID_BYTES;
    memcpy(at, context->record.bytes, RECORD_ID_BYTES);
    at += RECORD_ID_BYTES;
    *at++ = (uint8_t)context->part;
    memcpy(at, commitment->bytes, HASH_BYTES);
}

/* ISO/IEC 7816-4: `room` bytes in all, at least one more than `size`. */
static void pad(uint8_t *bytes, size_t size, size_t room)
{
    bytes[size] = PAD_BYTE;
    memset(bytes + size + 1, 0, room - size - 1);
}

static bool unpad(const uint8_t *bytes, size_t room, size_t *out_size)
{
    size_t size = room;
    while (size > 0 && bytes[size - 1] == 0)
        size--;
    if (size == 0 || bytes[size - 1] != PAD_BYTE)
        return false;
    *out_size = size - 1;
    return true;
}

static enum status seal(const struct case_context *context, const struct case_secret *key,
                        const void *plain, size_t plain_size, uint8_t *out_ciphertext,
                        struct case_sealed *out_sealed)
{
    uint8_t data[CONTEXT_BYTES];
    struct case_sealed sealed = {.ciphertext = out_ciphertext,
                                 .size = case_sealed_size(plain_size)};
    if (sealed.size == 0)
        return STATUS_LIMIT;
    size_t room = sealed.size - CASE_TAG_BYTES;
    randombytes_buf(sealed.nonce, sizeof sealed.nonce);
    sealed.commitment = commitment_of(key);
    context_write(context, &sealed.commitment, data);
    if (plain_size > 0)
        memcpy(out_ciphertext, plain, plain_size);
    pad(out_ciphertext, plain_size, room);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out_ciphertext, NULL, out_ciphertext, room, data,
                                               sizeof data, NULL, sealed.nonce, key->bytes);
    *out_sealed = sealed;
    return STATUS_OK;
}

enum status case_seal(const struct case_context *context, const void *plain, size_t plain_size,
                      uint8_t *out_ciphertext, struct case_secret *out_key,
                      struct case_sealed *out_sealed)
{
    crypto_aead_xchacha20poly1305_ietf_keygen(out_key->bytes);
    return seal(context, out_key, plain, plain_size, out_ciphertext, out_sealed);
}

static struct case_secret piece_key(const struct case_context *context,
                                    const struct case_secret *record_key)
{
    struct case_secret key;
    const struct piece pieces[] = {
        {record_key->bytes,     sizeof record_key->bytes    },
        {context->record.bytes, sizeof context->record.bytes}
    };
    struct hash hash = named_hash("zhibao/casepiecekey/v1", pieces, 2);
    memcpy(key.bytes, hash.bytes, sizeof key.bytes);
    sodium_memzero(&hash, sizeof hash);
    return key;
}

enum status case_piece_seal(const struct case_context *context,
                            const struct case_secret *record_key, const void *plain,
                            size_t plain_size, uint8_t *out_ciphertext,
                            struct case_sealed *out_sealed)
{
    struct case_secret key = piece_key(context, record_key);
    enum status status = seal(context, &key, plain, plain_size, out_ciphertext, out_sealed);
    sodium_memzero(&key, sizeof key);
    return status;
}

enum status case_piece_open(const struct case_context *context,
                            const struct case_secret *record_key, const struct case_sealed *sealed,
                            uint8_t *out_plain, size_t *out_size)
{
    struct case_secret key = piece_key(context, record_key);
    struct case_sealed whole = *sealed;
    whole.commitment = commitment_of(&key);
    enum status status = case_open(context, &key, &whole, out_plain, out_size);
    sodium_memzero(&key, sizeof key);
    return status;
}

enum status case_open(const struct case_context *context, const struct case_secret *key,
                      const struct case_sealed *sealed, uint8_t *out_plain, size_t *out_size)
{
    uint8_t data[CONTEXT_BYTES];
    struct hash commitment = commitment_of(key);
    if (!case_sealed_size_good(sealed->size) ||
        sodium_memcmp(commitment.bytes, sealed->commitment.bytes, HASH_BYTES) != 0)
        return STATUS_MISMATCH;
    context_write(context, &commitment, data);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out_plain, NULL, NULL, sealed->ciphertext,
                                                   sealed->size, data, sizeof data, sealed->nonce,
                                                   key->bytes) != 0 ||
        !unpad(out_plain, sealed->size - CASE_TAG_BYTES, out_size))
        return STATUS_MISMATCH;
    return STATUS_OK;
}

enum status case_wrap(const struct case_secret *key, const struct case_public *recipient,
                      uint8_t out_wrapped[CASE_WRAP_BYTES])
{
    return crypto_box_seal(out_wrapped, key->bytes, sizeof key->bytes, recipient->bytes) == 0
               ? STATUS_OK
               : STATUS_INVALID;
}

enum status case_unwrap(const uint8_t wrapped[CASE_WRAP_BYTES], const struct case_secret *recipient,
                        struct case_secret *out_key)
{
    struct case_public own = case_public_of(recipient);
    struct case_secret key;
    if (crypto_box_seal_open(key.bytes, wrapped, CASE_WRAP_BYTES, own.bytes, recipient->bytes) != 0)
        return STATUS_MISMATCH;
    *out_key = key;
    sodium_memzero(&key, sizeof key);
    return STATUS_OK;
}

enum status case_reply_seal(const struct case_public *reporter, const void *plain,
                            size_t plain_size, uint8_t out_sealed[CASE_REPLY_BYTES])
{
    uint8_t padded[CASE_REPLY_PLAIN];
    if (plain_size >= CASE_REPLY_PLAIN)
        return STATUS_LIMIT;
    if (plain_size > 0)
        memcpy(padded, plain, plain_size);
    pad(padded, plain_size, sizeof padded);
    int failed = crypto_box_seal(out_sealed, padded, sizeof padded, reporter->bytes);
    sodium_memzero(padded, sizeof padded);
    return failed ? STATUS_INVALID : STATUS_OK;
}

enum status case_reply_open(const struct case_secret *reporter,
                            const uint8_t sealed[CASE_REPLY_BYTES],
                            uint8_t out_plain[CASE_REPLY_PLAIN], size_t *out_size)
{
    struct case_public own = case_public_of(reporter);
    if (crypto_box_seal_open(out_plain, sealed, CASE_REPLY_BYTES, own.bytes, reporter->bytes) !=
            0 ||
        !unpad(out_plain, CASE_REPLY_PLAIN, out_size))
        return STATUS_MISMATCH;
    return STATUS_OK;
}

void case_code_keys(const struct case_code *code, struct case_code_keys *out_keys)
{
    const struct piece piece = {code->bytes, sizeof code->bytes};
    struct hash seed = named_hash("zhibao/casesign/v1", &piece, 1);
    crypto_sign_seed_keypair(out_keys->sign_public.bytes, out_keys->sign_secret.bytes, seed.bytes);
    out_keys->sign_public.algorithm = out_keys->sign_secret.algorithm = SIGN_ED25519;
    struct hash reply = named_hash("zhibao/casereply/v1", &piece, 1);
    memcpy(out_keys->reply_secret.bytes, reply.bytes, sizeof reply.bytes);
    out_keys->reply_public = case_public_of(&out_keys->reply_secret);
    struct hash lookup = named_hash("zhibao/caselookup/v1", &piece, 1);
    memcpy(out_keys->lookup, lookup.bytes, sizeof out_keys->lookup);
    sodium_memzero(&seed, sizeof seed);
    sodium_memzero(&reply, sizeof reply);
    sodium_memzero(&lookup, sizeof lookup);
}
