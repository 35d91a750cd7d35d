/* The one-time enrolment code, as text a person can paste (PROTOCOL.md section 7).
 *
 * "ZB1-" and base64url of: version 1 (1 byte), the server's CURVE public key (32), its signing
 * public key (32, Ed25519), unit (8), code id (8), secret (16), length (1) and text of the
 * enrolment endpoint ("tcp://host:port"), and the first 4 bytes of SHA-256 of all before.
 * Pure; any thread. */
#ifndef ZHIBAO_PROOF_ENROL_CODE_H
#define ZHIBAO_PROOF_ENROL_CODE_H

#include "proof/sign.h"

enum {
    ENROL_CODE_ID_BYTES = 8,
    ENROL_SECRET_BYTES = 16,
    ENROL_ENDPOINT_BYTES = 200, /* longest endpoint with its NUL */
    TRANSPORT_KEY_BYTES = 32,
};

struct enrol_code {
    uint8_t transport_public[TRANSPORT_KEY_BYTES];
    struct sign_public sign_public;
    uint64_t unit;
    uint8_t id[ENROL_CODE_ID_BYTES];
    uint8_t secret[ENROL_SECRET_BYTES];
    char endpoint[ENROL_ENDPOINT_BYTES];
};

/* The text, malloc'ed (caller frees); NULL without memory. */
char *enrol_code_text(const struct enrol_code *code);

/* Blanks and line breaks inside the text are ignored. STATUS_E_ENROL_CODE when it is damaged. */
MUST_CHECK enum status enrol_code_parse(const char *text, struct enrol_code *out_code);

#endif
