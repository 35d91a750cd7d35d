#include "web/bundle.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/pins.h"
#include "web/json_message.h"

enum { SCRYPT_N = 1 << 15, SCRYPT_R = 8, SCRYPT_P = 1, SEED_BYTES = 32 };

enum status bundle_derive(const char *passphrase, const uint8_t salt[ACCOUNT_SALT_BYTES],
                          uint8_t out_key[BUNDLE_KEY_BYTES],
                          uint8_t out_secret[ACCOUNT_SECRET_BYTES])
{
    uint8_t both[BUNDLE_KEY_BYTES + ACCOUNT_SECRET_BYTES];
    if (crypto_pwhash_scryptsalsa208sha256_ll((const uint8_t *)passphrase, strlen(passphrase), salt,
                                              ACCOUNT_SALT_BYTES, SCRYPT_N, SCRYPT_R, SCRYPT_P,
                                              both, sizeof both) != 0)
        return STATUS_NO_MEMORY;
    memcpy(out_key, both, BUNDLE_KEY_BYTES);
    memcpy(out_secret, both + BUNDLE_KEY_BYTES, ACCOUNT_SECRET_BYTES);
    sodium_memzero(both, sizeof both);
    return STATUS_OK;
}

static json_t *bundle_json(const struct home *home)
{
    char unit[24];
    const struct home_keys *keys = home_keys(home);
    const struct pins *pins = home_pins(home);
    json_t *list = json_array();
    snprintf(unit, sizeof unit, "%llu", (unsigned long long)home_identity(home)->unit);
    for (size_t i = 0; i < pins_count(pins); i++)
        json_array_append_new(list, json_base64(pins_at(pins, i)->bytes, SIGN_PUBLIC_BYTES));
    return json_pack("{s:i, s:s, s:o, s:o, s:o}", "v", 1, "unit", unit, "sign",
                     json_base64(keys->sign_secret.bytes, SEED_BYTES), "encrypt",
                     json_base64(keys->encrypt_secret, sizeof keys->encrypt_secret), "pins", list);
}

enum status bundle_seal(const struct home *home, const uint8_t key[BUNDLE_KEY_BYTES],
                        struct account *account)
{
    json_t *json = bundle_json(home);
    char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
    json_decref(json);
    if (text == NULL)
        return STATUS_NO_MEMORY;
    enum status status = STATUS_OK;
    size_t size = strlen(text);
    account->bundle_size = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + size;
    if (account->bundle_size > sizeof account->bundle) {
        status = STATUS_LIMIT;
    } else {
        randombytes_buf(account->bundle, crypto_secretbox_NONCEBYTES);
        crypto_secretbox_easy(account->bundle + crypto_secretbox_NONCEBYTES, (const uint8_t *)text,
                              size, account->bundle, key);
    }
    sodium_memzero(text, size);
    free(text);
    return status;
}
