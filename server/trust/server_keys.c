#include "server/trust/server_keys.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "proof/passphrase.h"
#include "server/files.h"

enum {
    KEY_PATH_BYTES = 640,
    KEY_TEXT_BYTES = 2 * SIGN_SECRET_BYTES + 2,
    KEY_FILE_BYTES = KEY_TEXT_BYTES + KEY_LOCK_EXTRA,
};

static enum status damaged(const char *path)
{
    log_error("could not read a key: the file is damaged; restore it from a backup, a new key "
              "would not fit the receipts and codes issued before path=%s",
              path);
    return STATUS_INVALID;
}

/* Opens a file that is under a passphrase; what is wrong is logged. */
static enum status text_unlock(const char *path, char *text, size_t *length)
{
    uint8_t locked[KEY_FILE_BYTES];
    const char *passphrase = NULL;
    struct key_lock *lock = NULL;
    memcpy(locked, text, *length);
    enum status status = passphrase_get(&passphrase, &lock);
    if (status == STATUS_OK)
        status = key_lock_open(lock, passphrase, locked, *length, (uint8_t *)text, length);
    if (status == STATUS_OK)
        text[*length] = '\0';
    else if (status == STATUS_E_PASSPHRASE_NEEDED)
        log_error("could not read a key: it is encrypted, and there is no passphrase of 8 bytes or "
                  "more; give it with the systemd credential zhibao-passphrase, "
                  "ZHIBAO_PASSPHRASE_FILE or ZHIBAO_PASSPHRASE_FD path=%s",
                  path);
    else
        log_error("could not read a key: %s path=%s", status_en(status), path);
    return status;
}

/* The text of a key file. STATUS_NOT_FOUND when it is absent. */
static enum status text_read(const char *path, char text[KEY_FILE_BYTES + 1], size_t *out_length)
{
    enum status status = file_load(path, text, KEY_FILE_BYTES, out_length);
    if (status == STATUS_LIMIT)
        return damaged(path);
    if (status == STATUS_OK && key_lock_is((const uint8_t *)text, *out_length))
        status = text_unlock(path, text, out_length);
    return status;
}

/* Reads `size` bytes of hex and a line break. STATUS_NOT_FOUND when the file is absent. */
static enum status key_read(const char *path, uint8_t *out_secret, size_t size)
{
    char text[KEY_FILE_BYTES + 1];
    size_t length = 0;
    enum status status = text_read(path, text, &length);
    if (status != STATUS_OK)
        return status;
    if (length > 0 && text[length - 1] == '\n')
        text[--length] = '\0';
    if (strlen(text) != length || hex_decode(text, out_secret, size) != STATUS_OK)
        status = damaged(path);
    sodium_memzero(text, sizeof text);
    return status;
}

/* STATUS_CONFLICT when another process has just made it. */
static enum status key_write(const char *path, const uint8_t *secret, size_t size)
{
    char text[KEY_TEXT_BYTES + 1];
    hex_encode(secret, size, text);
    text[2 * size] = '\n';
    enum status status = file_create(path, text, 2 * size + 1);
    sodium_memzero(text, sizeof text);
    if (status == STATUS_OK)
        log_info("made a new key path=%s", path);
    return status;
}

static enum status transport_load(const char *directory, struct server_keys *keys)
{
    char path[KEY_PATH_BYTES];
    snprintf(path, sizeof path, "%s/transport.key", directory);
    enum status status = key_read(path, keys->transport_secret, sizeof keys->transport_secret);
    if (status == STATUS_NOT_FOUND) {
        crypto_box_keypair(keys->transport_public, keys->transport_secret);
        status = key_write(path, keys->transport_secret, sizeof keys->transport_secret);
        if (status == STATUS_CONFLICT)
            status = key_read(path, keys->transport_secret, sizeof keys->transport_secret);
    }
    if (status == STATUS_OK &&
        crypto_scalarmult_base(keys->transport_public, keys->transport_secret) != 0)
        status = damaged(path);
    return status;
}

/* The file holds seed and public key; that they belong together shows a damaged one. */
static bool sign_pair_valid(const struct sign_secret *secret)
{
    uint8_t public_again[SIGN_PUBLIC_BYTES];
    uint8_t secret_again[SIGN_SECRET_BYTES];
    crypto_sign_seed_keypair(public_again, secret_again, secret->bytes);
    bool valid = sodium_memcmp(secret_again, secret->bytes, sizeof secret_again) == 0;
    sodium_memzero(secret_again, sizeof secret_again);
    return valid;
}

static enum status sign_load(const char *directory, struct server_keys *keys)
{
    char path[KEY_PATH_BYTES];
    snprintf(path, sizeof path, "%s/sign.key", directory);
    keys->sign_secret.algorithm = SIGN_ED25519;
    enum status status = key_read(path, keys->sign_secret.bytes, sizeof keys->sign_secret.bytes);
    if (status == STATUS_NOT_FOUND) {
        sign_generate(&keys->sign_public, &keys->sign_secret);
        status = key_write(path, keys->sign_secret.bytes, sizeof keys->sign_secret.bytes);
        if (status == STATUS_CONFLICT)
            status = key_read(path, keys->sign_secret.bytes, sizeof keys->sign_secret.bytes);
    }
    if (status == STATUS_OK && !sign_pair_valid(&keys->sign_secret))
        status = damaged(path);
    if (status == STATUS_OK) {
        sign_public_of(&keys->sign_secret, &keys->sign_public);
        keys->sign_id = sign_key_id(&keys->sign_public);
    }
    return status;
}

enum status server_keys_load(const char *directory, struct server_keys *out_keys)
{
    struct server_keys keys = {0};
    if (strlen(directory) + sizeof "/transport.key" > KEY_PATH_BYTES)
        return STATUS_LIMIT;
    enum status status = directory_ensure(directory);
    if (status == STATUS_OK)
        status = transport_load(directory, &keys);
    if (status == STATUS_OK)
        status = sign_load(directory, &keys);
    if (status == STATUS_OK)
        *out_keys = keys;
    server_keys_wipe(&keys);
    return status;
}

void server_keys_of_seeds(const uint8_t transport_secret[32], const uint8_t sign_seed[32],
                          struct server_keys *out_keys)
{
    memcpy(out_keys->transport_secret, transport_secret, sizeof out_keys->transport_secret);
    crypto_scalarmult_base(out_keys->transport_public, out_keys->transport_secret);
    out_keys->sign_public.algorithm = out_keys->sign_secret.algorithm = SIGN_ED25519;
    crypto_sign_seed_keypair(out_keys->sign_public.bytes, out_keys->sign_secret.bytes, sign_seed);
    out_keys->sign_id = sign_key_id(&out_keys->sign_public);
}

enum status server_keys_store(const char *directory, const struct server_keys *keys)
{
    char transport[KEY_PATH_BYTES], sign[KEY_PATH_BYTES];
    snprintf(transport, sizeof transport, "%.600s/transport.key", directory);
    snprintf(sign, sizeof sign, "%.600s/sign.key", directory);
    enum status status = directory_ensure(directory);
    if (status == STATUS_OK && access(sign, F_OK) == 0)
        status = STATUS_CONFLICT;
    if (status == STATUS_OK)
        status = key_write(transport, keys->transport_secret, sizeof keys->transport_secret);
    return status == STATUS_OK
               ? key_write(sign, keys->sign_secret.bytes, sizeof keys->sign_secret.bytes)
               : status;
}

/* One file, unless it is so already. */
static enum status relock(const char *path, bool lock)
{
    char text[KEY_FILE_BYTES + 1];
    uint8_t sealed[KEY_FILE_BYTES];
    const char *passphrase = NULL;
    struct key_lock *derived = NULL;
    size_t length = 0;
    enum status status = file_load(path, text, KEY_FILE_BYTES, &length);
    if (status != STATUS_OK)
        return status == STATUS_LIMIT ? damaged(path) : status;
    if (key_lock_is((const uint8_t *)text, length) == lock)
        return STATUS_OK;
    if (!lock) {
        status = text_unlock(path, text, &length);
        if (status == STATUS_OK)
            status = file_replace(path, text, length);
    } else {
        status = length > KEY_TEXT_BYTES ? damaged(path) : passphrase_choose(&passphrase, &derived);
        if (status == STATUS_OK && !derived->ready)
            status = key_lock_make(derived, passphrase);
        if (status == STATUS_OK) {
            key_lock_seal(derived, (const uint8_t *)text, length, sealed);
            status = file_replace(path, sealed, length + KEY_LOCK_EXTRA);
        }
    }
    sodium_memzero(text, sizeof text);
    return status;
}

enum status server_keys_lock(const char *directory, bool lock)
{
    static const char *const names[] = {"transport.key", "sign.key"};
    char path[KEY_PATH_BYTES];
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof names / sizeof *names && status == STATUS_OK; i++) {
        snprintf(path, sizeof path, "%.600s/%s", directory, names[i]);
        status = relock(path, lock);
    }
    return status;
}

void server_keys_wipe(struct server_keys *keys)
{
    sodium_memzero(keys->transport_secret, sizeof keys->transport_secret);
    sodium_memzero(keys->sign_secret.bytes, sizeof keys->sign_secret.bytes);
}
