/* The fixed layouts of PROTOCOL.md section 5; their bytes are pinned by test_vectors.c. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "proof/enrol_code.h"
#include "proof/receipt.h"

/* Server key from seed 01 01 ... 01, as in PROTOCOL.md's vectors. */
static void server_key(struct sign_public *public, struct sign_secret *secret)
{
    uint8_t seed[32];
    memset(seed, 1, sizeof seed);
    cr_assert_eq(sign_init(), STATUS_OK);
    public->algorithm = secret->algorithm = SIGN_ED25519;
    crypto_sign_seed_keypair(public->bytes, secret->bytes, seed);
}

static struct leaf sample_leaf(uint8_t salt)
{
    struct leaf leaf = {
        .kind = 1, .unit = 450223101201000, .received_us = 1767225600000000, .algorithm = 1};
    memset(leaf.id.bytes, salt, sizeof leaf.id.bytes);
    memset(leaf.key.bytes, 0x22, sizeof leaf.key.bytes);
    leaf.payload_sha256 = hash_bytes("payload", 7);
    leaf.signature_sha256 = hash_bytes("signature", 9);
    return leaf;
}

static struct receipt sample_receipt(const struct sign_public *public,
                                     const struct sign_secret *secret)
{
    struct hash leaves[3];
    struct receipt receipt = {0};
    for (uint8_t i = 0; i < 3; i++) {
        struct leaf leaf = sample_leaf((uint8_t)(0x11 + i));
        leaves[i] = leaf_hash(&leaf);
    }
    receipt.leaf = sample_leaf(0x12);
    receipt.index = 1;
    merkle_path(leaves, 3, 1, &receipt.path);
    memset(receipt.header.chain, 0x33, sizeof receipt.header.chain);
    receipt.header.number = 7;
    receipt.header.time_us = 1767225600000001;
    receipt.header.leaf_count = 3;
    receipt.header.root = merkle_root(leaves, 3);
    receipt.header.previous = hash_bytes("previous", 8);
    receipt.algorithm = SIGN_ED25519;
    receipt.key = sign_key_id(public);
    receipt.signature = batch_header_sign(&receipt.header, secret);
    return receipt;
}

Test(receipt, round_trip)
{
    struct sign_public public;
    struct sign_secret secret;
    server_key(&public, &secret);
    struct receipt receipt = sample_receipt(&public, &secret);
    uint8_t bytes[RECEIPT_MAX_BYTES];
    size_t size = receipt_encode(&receipt, bytes);
    struct receipt again;
    cr_assert_eq(receipt_decode(bytes, size, &again), STATUS_OK);
    uint8_t twice[RECEIPT_MAX_BYTES];
    cr_assert_eq(receipt_encode(&again, twice), size);
    cr_assert_eq(memcmp(bytes, twice, size), 0);
    cr_assert_eq(receipt_verify(&again, &public), STATUS_OK);
}

Test(receipt, every_flipped_bit_is_found)
{
    struct sign_public public;
    struct sign_secret secret;
    server_key(&public, &secret);
    struct receipt receipt = sample_receipt(&public, &secret);
    uint8_t bytes[RECEIPT_MAX_BYTES];
    size_t size = receipt_encode(&receipt, bytes);
    for (size_t bit = 0; bit < size * 8; bit++) {
        struct receipt damaged;
        bytes[bit / 8] ^= (uint8_t)(1 << (bit % 8));
        cr_assert(receipt_decode(bytes, size, &damaged) != STATUS_OK ||
                      receipt_verify(&damaged, &public) != STATUS_OK,
                  "bit %zu", bit);
        bytes[bit / 8] ^= (uint8_t)(1 << (bit % 8));
    }
    struct receipt cut;
    for (size_t length = 0; length < size; length++)
        cr_assert_eq(receipt_decode(bytes, length, &cut), STATUS_E_MALFORMED);
    cr_assert_eq(receipt_decode(bytes, size + 1, &cut), STATUS_E_MALFORMED);
}

Test(receipt, another_key_does_not_vouch)
{
    struct sign_public public, other;
    struct sign_secret secret, other_secret;
    server_key(&public, &secret);
    sign_generate(&other, &other_secret);
    struct receipt receipt = sample_receipt(&other, &other_secret);
    cr_assert_eq(receipt_verify(&receipt, &public), STATUS_MISMATCH);
    receipt.key = sign_key_id(&public); /* claims the pinned key */
    cr_assert_eq(receipt_verify(&receipt, &public), STATUS_E_SIGNATURE);
}

Test(refusal, round_trip_and_every_flipped_bit)
{
    struct sign_public public;
    struct sign_secret secret;
    server_key(&public, &secret);
    struct refusal refusal = {
        .kind = 1, .unit = 450223101201000, .time_us = 5, .code = STATUS_E_PERIOD};
    memset(refusal.id.bytes, 0x44, sizeof refusal.id.bytes);
    refusal.payload_sha256 = hash_bytes("payload", 7);
    refusal.error_sha256 = hash_bytes("error", 5);
    uint8_t bytes[REFUSAL_BYTES];
    refusal_seal(&refusal, &secret, bytes);
    struct refusal again;
    cr_assert_eq(refusal_decode(bytes, sizeof bytes, &again), STATUS_OK);
    cr_assert_eq(refusal_verify(&again, &public), STATUS_OK);
    cr_assert_eq(again.code, STATUS_E_PERIOD);
    for (size_t bit = 0; bit < sizeof bytes * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << (bit % 8));
        cr_assert(refusal_decode(bytes, sizeof bytes, &again) != STATUS_OK ||
                  refusal_verify(&again, &public) != STATUS_OK);
        bytes[bit / 8] ^= (uint8_t)(1 << (bit % 8));
    }
}

static bool same_code(const struct enrol_code *left, const struct enrol_code *right)
{
    return memcmp(left->transport_public, right->transport_public, TRANSPORT_KEY_BYTES) == 0 &&
           memcmp(left->sign_public.bytes, right->sign_public.bytes, SIGN_PUBLIC_BYTES) == 0 &&
           left->sign_public.algorithm == right->sign_public.algorithm &&
           left->unit == right->unit && memcmp(left->id, right->id, ENROL_CODE_ID_BYTES) == 0 &&
           memcmp(left->secret, right->secret, ENROL_SECRET_BYTES) == 0 &&
           strcmp(left->endpoint, right->endpoint) == 0;
}

Test(enrol_code, round_trip_blanks_and_damage)
{
    struct enrol_code code = {.unit = 450223101201000, .endpoint = "tcp://127.0.0.1:7001"};
    struct enrol_code again;
    code.sign_public.algorithm = SIGN_ED25519;
    random_bytes(code.transport_public, sizeof code.transport_public);
    random_bytes(code.sign_public.bytes, sizeof code.sign_public.bytes);
    random_bytes(code.id, sizeof code.id);
    random_bytes(code.secret, sizeof code.secret);
    char *text = enrol_code_text(&code);
    cr_assert_eq(enrol_code_parse(text, &again), STATUS_OK);
    cr_assert(same_code(&code, &again));
    char spaced[1024];
    snprintf(spaced, sizeof spaced, " %.20s\n %s\r\n", text, text + 20);
    cr_assert_eq(enrol_code_parse(spaced, &again), STATUS_OK);
    for (size_t i = 4; text[i] != '\0'; i++) {
        char kept = text[i];
        text[i] = kept == 'A' ? 'B' : 'A';
        cr_assert_eq(enrol_code_parse(text, &again), STATUS_E_ENROL_CODE, "at %zu", i);
        text[i] = kept;
    }
    cr_assert_eq(enrol_code_parse("", &again), STATUS_E_ENROL_CODE);
    cr_assert_eq(enrol_code_parse("ZB1-", &again), STATUS_E_ENROL_CODE);
    free(text);
}
