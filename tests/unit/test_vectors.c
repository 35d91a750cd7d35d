/* The bytes that PROTOCOL.md fixes, against tests/vectors/v1.txt: `name = hex` lines that other
 * languages' clients check too. They never change within protocol version 1. To write the file
 * of a new version, run with ZHIBAO_WRITE_VECTORS=FILE. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "proof/algorithms.h"
#include "proof/enrol_code.h"
#include "proof/key_proof.h"
#include "proof/receipt.h"

enum { LINES_MAX = 32, LINE_BYTES = 8192 };

struct lines {
    size_t count;
    char text[LINES_MAX][LINE_BYTES];
};

static void line_add(struct lines *lines, const char *name, const void *bytes, size_t size)
{
    char hex[LINE_BYTES / 2];
    cr_assert_lt(lines->count, LINES_MAX);
    snprintf(lines->text[lines->count++], LINE_BYTES, "%s = %s", name,
             hex_encode(bytes, size, hex));
}

static struct leaf leaf_make(uint8_t salt)
{
    struct leaf leaf = {.kind = 1,
                        .unit = 450223101201000,
                        .received_us = 1767225600000000,
                        .algorithm = SIGN_ED25519};
    memset(leaf.id.bytes, salt, sizeof leaf.id.bytes);
    memset(leaf.key.bytes, 0x22, sizeof leaf.key.bytes);
    leaf.payload_sha256 = hash_bytes("payload", 7);
    leaf.signature_sha256 = hash_bytes("signature", 9);
    return leaf;
}

static void receipt_lines(struct lines *lines, const struct sign_public *key,
                          const struct sign_secret *secret)
{
    struct hash leaves[3];
    struct receipt receipt = {.index = 1, .algorithm = SIGN_ED25519};
    for (uint8_t i = 0; i < 3; i++) {
        struct leaf leaf = leaf_make((uint8_t)(0x11 + i));
        leaves[i] = leaf_hash(&leaf);
    }
    receipt.leaf = leaf_make(0x12);
    merkle_path(leaves, 3, 1, &receipt.path);
    memset(receipt.header.chain, 0x33, sizeof receipt.header.chain);
    receipt.header.number = 7;
    receipt.header.time_us = 1767225600000001;
    receipt.header.leaf_count = 3;
    receipt.header.root = merkle_root(leaves, 3);
    receipt.header.previous = hash_bytes("previous", 8);
    receipt.key = sign_key_id(key);
    receipt.signature = batch_header_sign(&receipt.header, secret);
    uint8_t leaf[LEAF_BYTES];
    uint8_t header[BATCH_HEADER_BYTES];
    uint8_t bytes[RECEIPT_MAX_BYTES];
    leaf_encode(&receipt.leaf, leaf);
    batch_header_encode(&receipt.header, header);
    line_add(lines, "leaf", leaf, sizeof leaf);
    line_add(lines, "leaf_hash", leaves[1].bytes, HASH_BYTES);
    line_add(lines, "tree_root", receipt.header.root.bytes, HASH_BYTES);
    line_add(lines, "batch_header", header, sizeof header);
    line_add(lines, "batch_signature", receipt.signature.bytes, sizeof receipt.signature.bytes);
    line_add(lines, "receipt", bytes, receipt_encode(&receipt, bytes));
}

static void key_proof_line(struct lines *lines, const struct sign_public *key,
                           const struct sign_secret *secret)
{
    struct key_proof proof = {.sign = *key};
    memset(proof.old.bytes, 0x77, sizeof proof.old.bytes);
    memset(proof.transport, 0x78, sizeof proof.transport);
    memset(proof.encrypt, 0x79, sizeof proof.encrypt);
    struct signature signature = key_proof_sign(&proof, secret);
    cr_assert_eq(key_proof_verify(&proof, signature.bytes, sizeof signature.bytes), STATUS_OK);
    line_add(lines, "key_proof", signature.bytes, sizeof signature.bytes);
    proof.transport[31] ^= 1;
    cr_assert_eq(key_proof_verify(&proof, signature.bytes, sizeof signature.bytes),
                 STATUS_E_SIGNATURE);
}

static void refusal_line(struct lines *lines, const struct sign_secret *secret)
{
    struct refusal refusal = {
        .kind = 1, .unit = 450223101201000, .time_us = 1767225600000002, .code = STATUS_E_PERIOD};
    uint8_t bytes[REFUSAL_BYTES];
    memset(refusal.id.bytes, 0x44, sizeof refusal.id.bytes);
    refusal.payload_sha256 = hash_bytes("payload", 7);
    refusal.error_sha256 = hash_bytes("error", 5);
    refusal_seal(&refusal, secret, bytes);
    line_add(lines, "refusal", bytes, sizeof bytes);
}

/* SM2 signatures differ each time: one that was made once has to verify for ever. */
static void sm2_lines(struct lines *lines)
{
    struct sign_public key;
    struct sign_secret secret;
    uint8_t d[32], header[BATCH_HEADER_BYTES], signature[SIGN_SIGNATURE_BYTES];
    char line[LINE_BYTES];
    memset(d, 1, sizeof d);
    cr_assert_eq(sign_pair(SIGN_SM2, d, &key, &secret), STATUS_OK);
    struct key_id id = sign_key_id(&key);
    for (size_t i = 0; i < lines->count; i++)
        if (sscanf(lines->text[i], "batch_header = %8000s", line) == 1)
            cr_assert_eq(hex_decode(line, header, sizeof header), STATUS_OK);
    cr_assert_eq(hex_decode("4b72e45ce2d1e5a553fd4fd906f7455cac0ddd6e2c268bfabab65af53283d721"
                            "76221572e291423ddc1e8507daf7e32e76c22cb809335a9114c056288f66691d",
                            signature, sizeof signature),
                 STATUS_OK);
    cr_assert_eq(
        sign_verify(&key, "zhibao/batch/v1", header, sizeof header, signature, sizeof signature),
        STATUS_OK);
    line_add(lines, "sm2_public", key.bytes, sizeof key.bytes);
    line_add(lines, "sm2_key_id", id.bytes, sizeof id.bytes);
    line_add(lines, "sm2_batch_signature", signature, sizeof signature);
}

static void code_line(struct lines *lines, const struct sign_public *key)
{
    struct enrol_code code = {
        .sign_public = *key, .unit = 450223101201000, .endpoint = "tcp://127.0.0.1:7501"};
    memset(code.transport_public, 0x55, sizeof code.transport_public);
    memset(code.id, 0x66, sizeof code.id);
    memset(code.secret, 0x77, sizeof code.secret);
    char *text = enrol_code_text(&code);
    cr_assert_not_null(text);
    line_add(lines, "enrol_code_text", text, strlen(text)); /* hex of the ASCII text */
    free(text);
}

static void lines_make(struct lines *lines)
{
    struct sign_public key = {.algorithm = SIGN_ED25519};
    struct sign_secret secret = {.algorithm = SIGN_ED25519};
    uint8_t seed[32];
    memset(seed, 1, sizeof seed);
    cr_assert_eq(sign_init(), STATUS_OK);
    crypto_sign_seed_keypair(key.bytes, secret.bytes, seed);
    struct key_id id = sign_key_id(&key);
    struct signature signature = sign_bytes(&secret, record_domain(1), "payload", 7);
    line_add(lines, "server_public", key.bytes, sizeof key.bytes);
    line_add(lines, "key_id", id.bytes, sizeof id.bytes);
    line_add(lines, "report_signature", signature.bytes, sizeof signature.bytes);
    receipt_lines(lines, &key, &secret);
    refusal_line(lines, &secret);
    code_line(lines, &key);
    key_proof_line(lines, &key, &secret);
    sm2_lines(lines);
}

Test(vectors, are_those_of_the_protocol)
{
    static struct lines lines;
    lines_make(&lines);
    const char *write = getenv("ZHIBAO_WRITE_VECTORS");
    if (write != NULL) {
        FILE *file = fopen(write, "w");
        for (size_t i = 0; i < lines.count; i++)
            fprintf(file, "%s\n", lines.text[i]);
        fclose(file);
    }
    FILE *file = fopen(ZHIBAO_SOURCE_DIR "/tests/vectors/v1.txt", "r");
    cr_assert_not_null(file);
    static char line[LINE_BYTES];
    for (size_t i = 0; i < lines.count; i++) {
        cr_assert_not_null(fgets(line, sizeof line, file), "line %zu is missing", i + 1);
        line[strcspn(line, "\n")] = '\0';
        cr_assert_str_eq(lines.text[i], line);
    }
    cr_assert_null(fgets(line, sizeof line, file), "more lines than expected");
    fclose(file);
}
