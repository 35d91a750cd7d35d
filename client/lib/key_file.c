#include "lib/key_file.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "lib/secret_file.h"

enum { KEY_FILE_MAX = 4096 };

static enum status read_key(const char *directory, const char *name, uint8_t *public_half,
                            size_t public_size, uint8_t *secret_half, size_t secret_size)
{
    char path[PATH_BYTES];
    uint8_t *bytes = NULL;
    size_t size = 0;
    bool has_public = false, has_secret = false;
    enum status status = path_join(directory, name, path);
    if (status == STATUS_OK)
        status = secret_file_read(path, KEY_FILE_MAX, &bytes, &size);
    if (status != STATUS_OK)
        return status;
    char *cursor = (char *)bytes, *field = NULL, *value = NULL;
    while (status == STATUS_OK && setting_next(&cursor, &field, &value)) {
        if (strcmp(field, "public") == 0) {
            status = hex_decode(value, public_half, public_size);
            has_public = true;
        } else if (strcmp(field, "secret") == 0) {
            status = hex_decode(value, secret_half, secret_size);
            has_secret = true;
        } else {
            status = STATUS_INVALID;
        }
    }
    sodium_memzero(bytes, size);
    free(bytes);
    return status == STATUS_OK && !(has_public && has_secret) ? STATUS_INVALID : status;
}

/* Whether a Curve25519 secret gives this public half. */
static bool curve_pair(const uint8_t *public_half, const uint8_t *secret_half)
{
    uint8_t derived[crypto_scalarmult_BYTES];
    return crypto_scalarmult_base(derived, secret_half) == 0 &&
           memcmp(derived, public_half, sizeof derived) == 0;
}

enum status key_files_read(const char *directory, struct home_keys *out_keys)
{
    struct home_keys keys;
    memset(&keys, 0, sizeof keys);
    enum status status =
        read_key(directory, "transport.key", keys.transport_public, sizeof keys.transport_public,
                 keys.transport_secret, sizeof keys.transport_secret);
    if (status == STATUS_OK)
        status =
            read_key(directory, "encryption.key", keys.encrypt_public, sizeof keys.encrypt_public,
                     keys.encrypt_secret, sizeof keys.encrypt_secret);
    if (status == STATUS_OK)
        status = read_key(directory, "signing.key", keys.sign_public.bytes,
                          sizeof keys.sign_public.bytes, keys.sign_secret.bytes,
                          sizeof keys.sign_secret.bytes);
    keys.sign_public.algorithm = keys.sign_secret.algorithm = SIGN_ED25519;
    if (status == STATUS_OK) {
        struct sign_public derived;
        sign_public_of(&keys.sign_secret, &derived);
        if (memcmp(derived.bytes, keys.sign_public.bytes, sizeof derived.bytes) != 0 ||
            !curve_pair(keys.transport_public, keys.transport_secret) ||
            !curve_pair(keys.encrypt_public, keys.encrypt_secret))
            status = STATUS_INVALID;
    }
    if (status == STATUS_OK)
        *out_keys = keys;
    sodium_memzero(&keys, sizeof keys);
    return status;
}

static enum status write_key(const char *directory, const char *name, const uint8_t *public_half,
                             size_t public_size, const uint8_t *secret_half, size_t secret_size,
                             bool locked)
{
    char path[PATH_BYTES], public_text[2 * SIGN_SECRET_BYTES + 1],
        secret_text[2 * SIGN_SECRET_BYTES + 1], text[512];
    enum status status = path_join(directory, name, path);
    if (status != STATUS_OK)
        return status;
    int length = snprintf(text, sizeof text,
                          "# Secret. Whoever holds it can act as this unit.\n"
                          "public = %s\nsecret = %s\n",
                          hex_encode(public_half, public_size, public_text),
                          hex_encode(secret_half, secret_size, secret_text));
    status = secret_file_write(path, text, (size_t)length, locked);
    sodium_memzero(text, sizeof text);
    sodium_memzero(secret_text, sizeof secret_text);
    return status;
}

enum status key_files_write(const char *directory, const struct home_keys *keys, bool locked)
{
    enum status status = directory_make(directory, 0700);
    if (status == STATUS_OK)
        status = write_key(directory, "transport.key", keys->transport_public,
                           sizeof keys->transport_public, keys->transport_secret,
                           sizeof keys->transport_secret, locked);
    if (status == STATUS_OK)
        status = write_key(directory, "encryption.key", keys->encrypt_public,
                           sizeof keys->encrypt_public, keys->encrypt_secret,
                           sizeof keys->encrypt_secret, locked);
    if (status == STATUS_OK)
        status = write_key(directory, "signing.key", keys->sign_public.bytes,
                           sizeof keys->sign_public.bytes, keys->sign_secret.bytes,
                           sizeof keys->sign_secret.bytes, locked);
    return status;
}
