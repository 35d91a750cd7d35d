#include "server/trust/server_keys.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "proof/algorithms.h"
#include "proof/passphrase.h"
#include "server/files.h"

enum {
    KEY_PATH_BYTES = 640,
    KEY_TEXT_BYTES = 2 * SIGN_SECRET_BYTES + 18, /* with an algorithm's name */
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

/* Reads `size` bytes of hex and a line break, with an algorithm's name and a blank before it unless
 * that is Ed25519. STATUS_NOT_FOUND when the file is absent. */
static enum status key_read(const char *path, uint8_t *out_secret, size_t size,
                            uint8_t *out_algorithm)
{
    char text[KEY_FILE_BYTES + 1];
    size_t length = 0;
    enum status status = text_read(path, text, &length);
    if (status != STATUS_OK)
        return status;
    if (length > 0 && text[length - 1] == '\n')
        text[--length] = '\0';
    char *blank = strchr(text, ' '), *hex = text;
    *out_algorithm = SIGN_ED25519;
    if (strlen(text) == length && blank != NULL) {
        *blank = '\0';
        hex = blank + 1;
        length = strlen(hex);
        *out_algorithm = sign_algorithm_parse(text);
    }
    if (*out_algorithm == 0 || strlen(hex) != length ||
        hex_decode(hex, out_secret, size) != STATUS_OK)
        status = damaged(path);
    sodium_memzero(text, sizeof text);
    return status;
}

/* STATUS_CONFLICT when another process has just made it. */
static enum status key_write(const char *path, const uint8_t *secret, size_t size,
                             uint8_t algorithm)
{
    char text[KEY_TEXT_BYTES + 1], hex[2 * SIGN_SECRET_BYTES + 1];
    const char *name = algorithm == SIGN_ED25519 ? "" : sign_algorithm_name(algorithm);
    int length = snprintf(text, sizeof text, "%s%s%s\n", name, name[0] == '\0' ? "" : " ",
                          hex_encode(secret, size, hex));
    enum status status = file_create(path, text, (size_t)length);
    sodium_memzero(hex, sizeof hex);
    sodium_memzero(text, sizeof text);
    if (status == STATUS_OK)
        log_info("made a new key path=%s", path);
    return status;
}

static enum status transport_load(const char *directory, struct server_keys *keys)
{
    char path[KEY_PATH_BYTES];
    uint8_t curve = 0; /* there is one kind */
    snprintf(path, sizeof path, "%s/transport.key", directory);
    enum status status =
        key_read(path, keys->transport_secret, sizeof keys->transport_secret, &curve);
    if (status == STATUS_NOT_FOUND) {
        crypto_box_keypair(keys->transport_public, keys->transport_secret);
        status =
            key_write(path, keys->transport_secret, sizeof keys->transport_secret, SIGN_ED25519);
        if (status == STATUS_CONFLICT)
            status = key_read(path, keys->transport_secret, sizeof keys->transport_secret, &curve);
    }
    if (status == STATUS_OK &&
        crypto_scalarmult_base(keys->transport_public, keys->transport_secret) != 0)
        status = damaged(path);
    return status;
}

/* The file holds the secret and its public key; that they belong together shows a damaged one. */
static bool sign_pair_valid(const struct sign_secret *secret)
{
    struct sign_public public_again;
    struct sign_secret again;
    bool valid = sign_pair(secret->algorithm, secret->bytes, &public_again, &again) == STATUS_OK &&
                 sodium_memcmp(again.bytes, secret->bytes, sizeof again.bytes) == 0;
    sodium_memzero(&again, sizeof again);
    return valid;
}

/* Receipts of one history are signed with one key: the algorithm is chosen once. */
static enum status algorithm_check(const char *path, uint8_t found, uint8_t wanted)
{
    if (wanted == 0 || found == wanted)
        return STATUS_OK;
    log_error("could not use the signing key: it is for %s and sign_algorithm asks for %s; the "
              "algorithm is chosen before the first start path=%s",
              sign_algorithm_name(found), sign_algorithm_name(wanted), path);
    return STATUS_INVALID;
}

static enum status sign_load(const char *directory, uint8_t algorithm, struct server_keys *keys)
{
    char path[KEY_PATH_BYTES];
    struct sign_secret *secret = &keys->sign_secret;
    snprintf(path, sizeof path, "%s/sign.key", directory);
    enum status status = key_read(path, secret->bytes, sizeof secret->bytes, &secret->algorithm);
    if (status == STATUS_NOT_FOUND) {
        status = sign_generate_with(algorithm == 0 ? SIGN_ED25519 : algorithm, &keys->sign_public,
                                    secret);
        if (status == STATUS_OK)
            status = key_write(path, secret->bytes, sizeof secret->bytes, secret->algorithm);
        if (status == STATUS_CONFLICT)
            status = key_read(path, secret->bytes, sizeof secret->bytes, &secret->algorithm);
    }
    if (status == STATUS_OK)
        status = algorithm_check(path, secret->algorithm, algorithm);
    if (status == STATUS_OK && !sign_pair_valid(secret))
        status = damaged(path);
    if (status == STATUS_OK) {
        sign_public_of(secret, &keys->sign_public);
        keys->sign_id = sign_key_id(&keys->sign_public);
    }
    return status;
}

enum status server_keys_load(const char *directory, uint8_t algorithm, struct server_keys *out_keys)
{
    struct server_keys keys = {0};
    if (strlen(directory) + sizeof "/transport.key" > KEY_PATH_BYTES)
        return STATUS_LIMIT;
    enum status status = directory_ensure(directory);
    if (status == STATUS_OK)
        status = transport_load(directory, &keys);
    if (status == STATUS_OK)
        status = sign_load(directory, algorithm, &keys);
    if (status == STATUS_OK)
        *out_keys = keys;
    server_keys_wipe(&keys);
    return status;
}

bool server_keys_of_seeds(const uint8_t transport_secret[32], const uint8_t sign_seed[32],
                          const struct key_id *wanted, struct server_keys *out_keys)
{
    memcpy(out_keys->transport_secret, transport_secret, sizeof out_keys->transport_secret);
    crypto_scalarmult_base(out_keys->transport_public, out_keys->transport_secret);
    for (uint8_t algorithm = SIGN_ED25519; sign_algorithm_name(algorithm) != NULL; algorithm++) {
        if (sign_pair(algorithm, sign_seed, &out_keys->sign_public, &out_keys->sign_secret) !=
            STATUS_OK)
            continue;
        out_keys->sign_id = sign_key_id(&out_keys->sign_public);
        if (memcmp(&out_keys->sign_id, wanted, sizeof *wanted) == 0)
            return true;
    }
    return false;
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
        status = key_write(transport, keys->transport_secret, sizeof keys->transport_secret,
                           SIGN_ED25519);
    return status == STATUS_OK
               ? key_write(sign, keys->sign_secret.bytes, sizeof keys->sign_secret.bytes,
                           keys->sign_secret.algorithm)
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
