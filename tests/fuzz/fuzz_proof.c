/* Receipts, refusals, enrolment codes and the files of a memory stick: what comes from outside and
 * is believed once its signature holds. What is read encodes to the bytes that were read. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "proof/enrol_code.h"
#include "proof/receipt.h"
#include "proof/stick.h"

static void receipt_try(const uint8_t *bytes, size_t size)
{
    uint8_t again[RECEIPT_MAX_BYTES];
    struct receipt receipt;
    struct refusal refusal;
    struct sign_public key = {.bytes = {1}};
    if (receipt_decode(bytes, size, &receipt) == STATUS_OK) {
        size_t length = receipt_encode(&receipt, again);
        HOLDS(length == size && memcmp(again, bytes, size) == 0);
        HOLDS(receipt_verify(&receipt, &key) != STATUS_OK);
    }
    if (refusal_decode(bytes, size, &refusal) == STATUS_OK)
        HOLDS(size == REFUSAL_BYTES && refusal_verify(&refusal, &key) != STATUS_OK);
}

static void code_try(const uint8_t *bytes, size_t size)
{
    struct enrol_code code, again;
    char *text = malloc(size + 1), *written = NULL;
    HOLDS(text != NULL);
    memcpy(text, bytes, size);
    text[size] = '\0';
    if (enrol_code_parse(text, &code) == STATUS_OK) {
        written = enrol_code_text(&code);
        HOLDS(written != NULL && enrol_code_parse(written, &again) == STATUS_OK &&
              code.unit == again.unit && strcmp(code.endpoint, again.endpoint) == 0);
    }
    free(written);
    free(text);
}

static void stick_try(const uint8_t *bytes, size_t size)
{
    static const uint8_t public_half[STICK_ENCRYPT_BYTES] = {9},
                         secret_half[STICK_ENCRYPT_BYTES] = {7};
    struct stick_head head;
    struct sign_public author = {.bytes = {2}};
    uint8_t *content = NULL;
    if (stick_head_read(bytes, size, &head) != STATUS_OK)
        return;
    HOLDS(head.size <= STICK_CONTENT_MAX && head.size <= size);
    HOLDS(stick_verify(bytes, size, &author) != STATUS_OK);
    if (stick_open(bytes, size, public_half, secret_half, &content) == STATUS_OK)
        free(content);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    receipt_try(bytes, size);
    code_try(bytes, size);
    stick_try(bytes, size);
    return 0;
}
