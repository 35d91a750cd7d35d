/* Receipts and refusals verify against pinned keys, and against nothing else. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/verify.h"

struct signer {
    struct sign_public public_key;
    struct sign_secret secret;
};

static struct signer make_signer(void)
{
    struct signer signer;
    cr_assert_eq(sign_init(), STATUS_OK);
    sign_generate(&signer.public_key, &signer.secret);
    return signer;
}

static struct pins *pin(const struct signer *signer)
{
    struct pins *pins = pins_create();
    cr_assert_eq(pins_add(pins, &signer->public_key), STATUS_OK);
    return pins;
}

static size_t make_receipt(const struct signer *signer, uint8_t bytes[RECEIPT_MAX_BYTES])
{
    struct receipt receipt;
    struct hash leaves[5];
    memset(&receipt, 0, sizeof receipt);
    for (uint8_t i = 0; i < 5; i++) {
        struct leaf leaf = {.kind = 1, .unit = UINT64_C(450223101201000), .algorithm = 1};
        leaf.id.bytes[0] = i;
        leaves[i] = leaf_hash(&leaf);
        if (i == 3)
            receipt.leaf = leaf;
    }
    receipt.index = 3;
    merkle_path(leaves, 5, 3, &receipt.path);
    receipt.header = (struct batch_header){
        .number = 9, .time_us = 1, .leaf_count = 5, .root = merkle_root(leaves, 5)};
    receipt.algorithm = SIGN_ED25519;
    receipt.key = sign_key_id(&signer->public_key);
    receipt.signature = batch_header_sign(&receipt.header, &signer->secret);
    return receipt_encode(&receipt, bytes);
}

Test(verify, a_receipt_by_a_pinned_key_verifies)
{
    struct signer signer = make_signer();
    struct pins *pins = pin(&signer);
    uint8_t bytes[RECEIPT_MAX_BYTES];
    struct receipt receipt;
    size_t size = make_receipt(&signer, bytes);
    cr_assert_eq(verify_receipt(pins, bytes, size, &receipt), STATUS_OK);
    cr_assert_eq(receipt.header.number, 9);
    pins_destroy(&pins);
}

Test(verify, a_foreign_key_is_not_trusted_whatever_it_says_of_itself)
{
    struct signer signer = make_signer(), foreign = make_signer();
    struct pins *pins = pin(&signer);
    uint8_t bytes[RECEIPT_MAX_BYTES];
    struct receipt receipt;
    size_t size = make_receipt(&foreign, bytes);
    cr_assert_eq(verify_receipt(pins, bytes, size, &receipt), STATUS_NOT_FOUND);
    receipt.key = sign_key_id(&signer.public_key);
    size = receipt_encode(&receipt, bytes);
    cr_assert_eq(verify_receipt(pins, bytes, size, &receipt), STATUS_E_SIGNATURE);
    /* A receipt that brings its key along is no receipt: nothing may follow it. */
    size = make_receipt(&foreign, bytes);
    memcpy(bytes + size, foreign.public_key.bytes, SIGN_PUBLIC_BYTES);
    cr_assert_eq(verify_receipt(pins, bytes, size + SIGN_PUBLIC_BYTES, &receipt),
                 STATUS_E_MALFORMED);
    pins_destroy(&pins);
}

Test(verify, a_flipped_bit_at_any_position_fails)
{
    struct signer signer = make_signer();
    struct pins *pins = pin(&signer);
    uint8_t bytes[RECEIPT_MAX_BYTES];
    struct receipt receipt;
    size_t size = make_receipt(&signer, bytes);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_assert_neq(verify_receipt(pins, bytes, size, &receipt), STATUS_OK, "bit %zu", bit);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t length = 0; length < size; length++)
        cr_assert_neq(verify_receipt(pins, bytes, length, &receipt), STATUS_OK);
    pins_destroy(&pins);
}

Test(verify, a_refusal_is_bound_to_its_error)
{
    struct signer signer = make_signer(), foreign = make_signer();
    struct pins *pins = pin(&signer);
    struct refusal refusal = {.kind = 1, .unit = 5, .code = STATUS_E_PERIOD}, read;
    uint8_t bytes[REFUSAL_BYTES];
    const uint8_t error[] = "error", other[] = "other";
    refusal.error_sha256 = hash_bytes(error, sizeof error);
    refusal_seal(&refusal, &signer.secret, bytes);
    cr_assert_eq(verify_refusal(pins, bytes, sizeof bytes, error, sizeof error, &read), STATUS_OK);
    cr_assert_eq(verify_refusal(pins, bytes, sizeof bytes, other, sizeof other, &read),
                 STATUS_MISMATCH);
    refusal_seal(&refusal, &foreign.secret, bytes);
    cr_assert_eq(verify_refusal(pins, bytes, sizeof bytes, error, sizeof error, &read),
                 STATUS_NOT_FOUND);
    pins_destroy(&pins);
}

Test(verify, a_record_is_the_one_receipted_or_not)
{
    uint8_t payload[256], id[16] = {3}, key[KEY_ID_BYTES] = {1}, signature[64] = {2};
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Report report = ZHIBAO__REPORT__INIT;
    Zhibao__Record record = ZHIBAO__RECORD__INIT;
    head.id = (ProtobufCBinaryData){sizeof id, id};
    head.unit = 77;
    report.head = &head;
    report.period = 2025;
    record.kind = ZHIBAO__RECORD_KIND__RECORD_REPORT;
    record.payload = (ProtobufCBinaryData){zhibao__report__pack(&report, payload), payload};
    record.key = (ProtobufCBinaryData){sizeof key, key};
    record.algorithm = ZHIBAO__ALGORITHM__ALGORITHM_ED25519;
    record.signature = (ProtobufCBinaryData){sizeof signature, signature};
    struct receipt receipt;
    memset(&receipt, 0, sizeof receipt);
    receipt.leaf = (struct leaf){.kind = 1, .unit = 77, .algorithm = 1};
    memcpy(receipt.leaf.id.bytes, id, sizeof id);
    memcpy(receipt.leaf.key.bytes, key, sizeof key);
    receipt.leaf.payload_sha256 = hash_bytes(payload, record.payload.len);
    receipt.leaf.signature_sha256 = hash_bytes(signature, sizeof signature);
    cr_assert_eq(verify_record(&receipt, &record), STATUS_OK);
    payload[record.payload.len - 1] ^= 1;
    cr_assert_neq(verify_record(&receipt, &record), STATUS_OK);
    payload[record.payload.len - 1] ^= 1;
    signature[5] ^= 1;
    cr_assert_eq(verify_record(&receipt, &record), STATUS_MISMATCH);
    signature[5] ^= 1;
    record.kind = ZHIBAO__RECORD_KIND__RECORD_LOCK;
    cr_assert_eq(verify_record(&receipt, &record), STATUS_MISMATCH);
    record.payload.len = 1;
    cr_assert_eq(verify_record(&receipt, &record), STATUS_E_MALFORMED);
}

Test(pins, the_file_holds_keys_and_their_right_ids)
{
    char path[] = "/tmp/zhibao-pins-XXXXXX";
    struct signer signer = make_signer(), other = make_signer();
    struct pins *pins = pin(&signer), *again = NULL;
    close(mkstemp(path));
    cr_assert_eq(pins_add(pins, &other.public_key), STATUS_OK);
    cr_assert_eq(pins_add(pins, &other.public_key), STATUS_OK, "twice is once");
    cr_assert_eq(pins_write(pins, path), STATUS_OK);
    cr_assert_eq(pins_read(path, &again), STATUS_OK);
    cr_assert_eq(pins_count(again), 2);
    struct key_id id = sign_key_id(&other.public_key);
    cr_assert_eq(memcmp(pins_find(again, &id)->bytes, other.public_key.bytes, SIGN_PUBLIC_BYTES),
                 0);
    pins_destroy(&again);
    static const char wrong_id[] =
        "key = 00112233445566778899aabbccddeeff ed25519 "
        "0000000000000000000000000000000000000000000000000000000000000000\n";
    const char *const damaged[] = {wrong_id, "key = nonsense\n", "nonsense\n", "# nothing\n", ""};
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        FILE *file = fopen(path, "w");
        fputs(damaged[i], file);
        fclose(file);
        cr_assert_eq(pins_read(path, &again), STATUS_INVALID, "%zu", i);
    }
    unlink(path);
    cr_assert_eq(pins_read(path, &again), STATUS_NOT_FOUND);
    pins_destroy(&pins);
}
