#include "proof/root.h"

#include <string.h>

const char root_magic[] = "ZBW1";

void root_encode(const struct signed_root *root, uint8_t out_bytes[ROOT_BYTES])
{
    uint8_t *at = out_bytes + BATCH_HEADER_BYTES;
    batch_header_encode(&root->header, out_bytes);
    *at++ = root->algorithm;
    memcpy(at, root->key.bytes, KEY_ID_BYTES);
    memcpy(at + KEY_ID_BYTES, root->signature.bytes, SIGN_SIGNATURE_BYTES);
}

enum status root_decode(const uint8_t *bytes, size_t size, struct signed_root *out_root)
{
    if (size != ROOT_BYTES ||
        batch_header_decode(bytes, BATCH_HEADER_BYTES, &out_root->header) != STATUS_OK)
        return STATUS_E_MALFORMED;
    const uint8_t *at = bytes + BATCH_HEADER_BYTES;
    out_root->algorithm = *at++;
    memcpy(out_root->key.bytes, at, KEY_ID_BYTES);
    memcpy(out_root->signature.bytes, at + KEY_ID_BYTES, SIGN_SIGNATURE_BYTES);
    return STATUS_OK;
}

enum status root_verify(const struct signed_root *root, const struct sign_public *key)
{
    struct key_id id = sign_key_id(key);
    if (memcmp(&id, &root->key, sizeof id) != 0)
        return STATUS_MISMATCH;
    if (root->algorithm != key->algorithm)
        return STATUS_E_ALGORITHM;
    return batch_header_verify(&root->header, key, root->signature.bytes,
                               sizeof root->signature.bytes);
}

bool root_follows(const struct signed_root *root, const struct signed_root *next)
{
    struct hash hash = batch_header_hash(&root->header);
    return next->header.number == root->header.number + 1 &&
           memcmp(next->header.chain, root->header.chain, sizeof next->header.chain) == 0 &&
           memcmp(&next->header.previous, &hash, sizeof hash) == 0;
}

enum status root_file(const uint8_t *bytes, size_t size, const uint8_t **out_first,
                      size_t *out_count)
{
    if (size < ROOT_MAGIC_BYTES || memcmp(bytes, root_magic, ROOT_MAGIC_BYTES) != 0 ||
        (size - ROOT_MAGIC_BYTES) % ROOT_BYTES != 0)
        return STATUS_E_MALFORMED;
    *out_first = bytes + ROOT_MAGIC_BYTES;
    *out_count = (size - ROOT_MAGIC_BYTES) / ROOT_BYTES;
    return STATUS_OK;
}
