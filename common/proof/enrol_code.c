#include "proof/enrol_code.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cursor.h"
#include "proof/algorithms.h"

static const char PREFIX[] = "ZB1-";

enum {
    CODE_VERSION = 1,
    CODE_VERSION_ALGORITHM = 2, /* says which algorithm the signing key is of */
    CHECK_BYTES = 4,
    CODE_BYTES_MAX = 2 + 32 + 32 + 8 + 8 + 16 + 1 + ENROL_ENDPOINT_BYTES + CHECK_BYTES,
    CODE_TEXT_MAX = 1024,
};

char *enrol_code_text(const struct enrol_code *code)
{
    uint8_t bytes[CODE_BYTES_MAX];
    struct writer writer = {.bytes = bytes, .size = sizeof bytes};
    size_t length = strlen(code->endpoint);
    bool first = code->sign_public.algorithm == SIGN_ED25519;
    write_number(&writer, first ? CODE_VERSION : CODE_VERSION_ALGORITHM, 1);
    if (!first)
        write_number(&writer, code->sign_public.algorithm, 1);
    write_bytes(&writer, code->transport_public, sizeof code->transport_public);
    write_bytes(&writer, code->sign_public.bytes, sizeof code->sign_public.bytes);
    write_number(&writer, code->unit, 8);
    write_bytes(&writer, code->id, sizeof code->id);
    write_bytes(&writer, code->secret, sizeof code->secret);
    write_number(&writer, length, 1);
    write_bytes(&writer, code->endpoint, length);
    struct hash check = hash_bytes(bytes, writer.used);
    write_bytes(&writer, check.bytes, CHECK_BYTES);
    char *encoded = base64url_encode(bytes, writer.used);
    char *text = encoded == NULL ? NULL : malloc(sizeof PREFIX + strlen(encoded));
    if (text != NULL) {
        memcpy(text, PREFIX, sizeof PREFIX - 1);
        memcpy(text + sizeof PREFIX - 1, encoded, strlen(encoded) + 1);
    }
    free(encoded);
    return text;
}

/* Copies `text` without white space; false when it does not fit. */
static bool strip_blanks(const char *text, char out[CODE_TEXT_MAX])
{
    size_t used = 0;
    for (; *text != '\0'; text++) {
        if (isspace((unsigned char)*text))
            continue;
        if (used + 1 >= CODE_TEXT_MAX)
            return false;
        out[used++] = *text;
    }
    out[used] = '\0';
    return true;
}

enum status enrol_code_parse(const char *text, struct enrol_code *out_code)
{
    char stripped[CODE_TEXT_MAX];
    uint8_t bytes[CODE_BYTES_MAX];
    size_t size = 0;
    struct enrol_code code;
    memset(&code, 0, sizeof code);
    if (!strip_blanks(text, stripped) || strncmp(stripped, PREFIX, sizeof PREFIX - 1) != 0 ||
        base64url_decode(stripped + sizeof PREFIX - 1, bytes, sizeof bytes, &size) != STATUS_OK)
        return STATUS_E_ENROL_CODE;
    struct reader reader = {.bytes = bytes, .size = size};
    uint64_t version = read_number(&reader, 1);
    code.sign_public.algorithm = version == CODE_VERSION_ALGORITHM
                                     ? (uint8_t)read_number(&reader, 1)
                                     : (uint8_t)SIGN_ED25519;
    read_bytes(&reader, code.transport_public, sizeof code.transport_public);
    read_bytes(&reader, code.sign_public.bytes, sizeof code.sign_public.bytes);
    code.unit = read_number(&reader, 8);
    read_bytes(&reader, code.id, sizeof code.id);
    read_bytes(&reader, code.secret, sizeof code.secret);
    size_t length = (size_t)read_number(&reader, 1);
    if (length >= sizeof code.endpoint)
        return STATUS_E_ENROL_CODE;
    read_bytes(&reader, code.endpoint, length);
    size_t covered = reader.used;
    uint8_t check[CHECK_BYTES];
    read_bytes(&reader, check, sizeof check);
    struct hash expected = hash_bytes(bytes, covered);
    if (reader.bad || reader.used != size ||
        (version != CODE_VERSION && version != CODE_VERSION_ALGORITHM) ||
        sign_algorithm_name(code.sign_public.algorithm) == NULL ||
        memcmp(check, expected.bytes, sizeof check) != 0)
        return STATUS_E_ENROL_CODE;
    *out_code = code;
    return STATUS_OK;
}
