#include "lib/pins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "lib/files.h"
#include "proof/algorithms.h"

enum { PINS_FILE_MAX = 64 * 1024, PIN_LINE_BYTES = 160 };

struct pins {
    size_t count;
    struct sign_public keys[PINS_MAX];
};

struct pins *pins_create(void)
{
    return calloc(1, sizeof(struct pins));
}

void pins_destroy(struct pins **pins)
{
    if (pins == NULL)
        return;
    free(*pins);
    *pins = NULL;
}

enum status pins_add(struct pins *pins, const struct sign_public *key)
{
    if (sign_algorithm_name(key->algorithm) == NULL)
        return STATUS_E_ALGORITHM;
    struct key_id id = sign_key_id(key);
    if (pins_find(pins, &id) != NULL)
        return STATUS_OK;
    if (pins->count == PINS_MAX)
        return STATUS_LIMIT;
    pins->keys[pins->count++] = *key;
    return STATUS_OK;
}

const struct sign_public *pins_find(const struct pins *pins, const struct key_id *id)
{
    for (size_t i = 0; i < pins->count; i++) {
        struct key_id found = sign_key_id(&pins->keys[i]);
        if (memcmp(found.bytes, id->bytes, sizeof found.bytes) == 0)
            return &pins->keys[i];
    }
    return NULL;
}

size_t pins_count(const struct pins *pins)
{
    return pins->count;
}

const struct sign_public *pins_at(const struct pins *pins, size_t index)
{
    return &pins->keys[index];
}

/* One line's value: "<key id> ed25519 <public key>". */
static enum status add_line(struct pins *pins, const char *value)
{
    char id_text[2 * KEY_ID_BYTES + 1], algorithm[16], public_text[2 * SIGN_PUBLIC_BYTES + 1];
    char rest = '\0';
    struct key_id id = {{0}};
    struct sign_public key = {.algorithm = 0};
    if (sscanf(value, "%32s %15s %64s %c", id_text, algorithm, public_text, &rest) != 3 ||
        (key.algorithm = sign_algorithm_parse(algorithm)) == 0 ||
        hex_decode(id_text, id.bytes, sizeof id.bytes) != STATUS_OK ||
        hex_decode(public_text, key.bytes, sizeof key.bytes) != STATUS_OK)
        return STATUS_INVALID;
    struct key_id actual = sign_key_id(&key);
    if (memcmp(actual.bytes, id.bytes, sizeof id.bytes) != 0)
        return STATUS_INVALID;
    return pins_add(pins, &key);
}

enum status pins_read(const char *path, struct pins **out_pins)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct pins *pins = NULL;
    enum status status = file_read(path, PINS_FILE_MAX, &bytes, &size);
    if (status != STATUS_OK)
        return status;
    pins = pins_create();
    if (pins == NULL) {
        status = STATUS_NO_MEMORY;
        goto cleanup;
    }
    char *cursor = (char *)bytes, *name = NULL, *value = NULL;
    while (status == STATUS_OK && setting_next(&cursor, &name, &value))
        status = strcmp(name, "key") == 0 ? add_line(pins, value) : STATUS_INVALID;
    if (status == STATUS_OK && pins->count == 0)
        status = STATUS_INVALID;
    if (status == STATUS_OK) {
        *out_pins = pins;
        pins = NULL;
    }

cleanup:
    pins_destroy(&pins);
    free(bytes);
    return status;
}

enum status pins_write(const struct pins *pins, const char *path)
{
    static const char head[] =
        "# Signing keys of the aggregator, from the enrolment code. Receipts "
        "verify against these only.\n";
    char text[sizeof head + PINS_MAX * PIN_LINE_BYTES];
    size_t used = sizeof head - 1;
    memcpy(text, head, used);
    for (size_t i = 0; i < pins->count; i++) {
        char id_text[2 * KEY_ID_BYTES + 1], public_text[2 * SIGN_PUBLIC_BYTES + 1];
        struct key_id id = sign_key_id(&pins->keys[i]);
        used += (size_t)snprintf(text + used, sizeof text - used, "key = %s %s %s\n",
                                 hex_encode(id.bytes, sizeof id.bytes, id_text),
                                 sign_algorithm_name(pins->keys[i].algorithm),
                                 hex_encode(pins->keys[i].bytes, SIGN_PUBLIC_BYTES, public_text));
    }
    return file_write(path, text, used, 0600);
}
