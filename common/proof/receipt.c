#include "proof/receipt.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/cursor.h"

static const char RECEIPT_MAGIC[4] = {'Z', 'B', 'R', '1'};
static const char REFUSAL_MAGIC[4] = {'Z', 'B', 'X', '1'};
static const char BATCH_DOMAIN[] = "zhibao/batch/v1";
static const char REFUSAL_DOMAIN[] = "zhibao/refusal/v1";

enum { LAYOUT_VERSION = 1 };

static void leaf_write(struct writer *writer, const struct leaf *leaf)
{
    write_number(writer, LAYOUT_VERSION, 1);
    write_number(writer, leaf->kind, 1);
    write_number(writer, leaf->unit, 8);
    write_bytes(writer, leaf->id.bytes, sizeof leaf->id.bytes);
    write_number(writer, (uint64_t)leaf->received_us, 8);
    write_number(writer, leaf->algorithm, 1);
    write_bytes(writer, leaf->key.bytes, sizeof leaf->key.bytes);
    write_bytes(writer, leaf->payload_sha256.bytes, HASH_BYTES);
    write_bytes(writer, leaf->signature_sha256.bytes, HASH_BYTES);
}

static void leaf_read(struct reader *reader, struct leaf *leaf)
{
    if (read_number(reader, 1) != LAYOUT_VERSION)
        reader->bad = true;
    leaf->kind = (uint8_t)read_number(reader, 1);
    leaf->unit = read_number(reader, 8);
    read_bytes(reader, leaf->id.bytes, sizeof leaf->id.bytes);
    leaf->received_us = (int64_t)read_number(reader, 8);
    leaf->algorithm = (uint8_t)read_number(reader, 1);
    read_bytes(reader, leaf->key.bytes, sizeof leaf->key.bytes);
    read_bytes(reader, leaf->payload_sha256.bytes, HASH_BYTES);
    read_bytes(reader, leaf->signature_sha256.bytes, HASH_BYTES);
}

static void header_write(struct writer *writer, const struct batch_header *header)
{
    write_number(writer, LAYOUT_VERSION, 1);
    write_bytes(writer, header->chain, sizeof header->chain);
    write_number(writer, header->number, 8);
    write_number(writer, (uint64_t)header->time_us, 8);
    write_number(writer, header->leaf_count, 4);
    write_bytes(writer, header->root.bytes, HASH_BYTES);
    write_bytes(writer, header->previous.bytes, HASH_BYTES);
}

static void header_read(struct reader *reader, struct batch_header *header)
{
    if (read_number(reader, 1) != LAYOUT_VERSION)
        reader->bad = true;
    read_bytes(reader, header->chain, sizeof header->chain);
    header->number = read_number(reader, 8);
    header->time_us = (int64_t)read_number(reader, 8);
    header->leaf_count = (uint32_t)read_number(reader, 4);
    read_bytes(reader, header->root.bytes, HASH_BYTES);
    read_bytes(reader, header->previous.bytes, HASH_BYTES);
}

void leaf_encode(const struct leaf *leaf, uint8_t out_bytes[LEAF_BYTES])
{
    struct writer writer = {.bytes = out_bytes, .size = LEAF_BYTES};
    leaf_write(&writer, leaf);
    assert(!writer.bad && writer.used == LEAF_BYTES);
}

struct hash leaf_hash(const struct leaf *leaf)
{
    uint8_t bytes[LEAF_BYTES];
    leaf_encode(leaf, bytes);
    return merkle_leaf(bytes, sizeof bytes);
}

void batch_header_encode(const struct batch_header *header, uint8_t out_bytes[BATCH_HEADER_BYTES])
{
    struct writer writer = {.bytes = out_bytes, .size = BATCH_HEADER_BYTES};
    header_write(&writer, header);
    assert(!writer.bad && writer.used == BATCH_HEADER_BYTES);
}

enum status batch_header_decode(const uint8_t *bytes, size_t size, struct batch_header *out_header)
{
    struct reader reader = {.bytes = bytes, .size = size};
    header_read(&reader, out_header);
    return reader.bad || reader.used != size ? STATUS_E_MALFORMED : STATUS_OK;
}

struct hash batch_header_hash(const struct batch_header *header)
{
    uint8_t bytes[BATCH_HEADER_BYTES];
    batch_header_encode(header, bytes);
    return hash_bytes(bytes, sizeof bytes);
}

struct signature batch_header_sign(const struct batch_header *header,
                                   const struct sign_secret *secret)
{
    uint8_t bytes[BATCH_HEADER_BYTES];
    batch_header_encode(header, bytes);
    return sign_bytes(secret, BATCH_DOMAIN, bytes, sizeof bytes);
}

enum status batch_header_verify(const struct batch_header *header, const struct sign_public *key,
                                const uint8_t *signature, size_t signature_size)
{
    uint8_t bytes[BATCH_HEADER_BYTES];
    batch_header_encode(header, bytes);
    return sign_verify(key, BATCH_DOMAIN, bytes, sizeof bytes, signature, signature_size);
}

size_t receipt_encode(const struct receipt *receipt, uint8_t out_bytes[RECEIPT_MAX_BYTES])
{
    struct writer writer = {.bytes = out_bytes, .size = RECEIPT_MAX_BYTES};
    write_bytes(&writer, RECEIPT_MAGIC, sizeof RECEIPT_MAGIC);
    leaf_write(&writer, &receipt->leaf);
    write_number(&writer, receipt->index, 4);
    write_number(&writer, receipt->path.length, 1);
    for (size_t i = 0; i < receipt->path.length; i++)
        write_bytes(&writer, receipt->path.nodes[i].bytes, HASH_BYTES);
    header_write(&writer, &receipt->header);
    write_number(&writer, receipt->algorithm, 1);
    write_bytes(&writer, receipt->key.bytes, sizeof receipt->key.bytes);
    write_bytes(&writer, receipt->signature.bytes, sizeof receipt->signature.bytes);
    assert(!writer.bad); /* MERKLE_PATH_MAX nodes fit in RECEIPT_MAX_BYTES */
    return writer.used;
}

enum status receipt_decode(const uint8_t *bytes, size_t size, struct receipt *out_receipt)
{
    struct reader reader = {.bytes = bytes, .size = size};
    struct receipt receipt;
    char magic[sizeof RECEIPT_MAGIC];
    memset(&receipt, 0, sizeof receipt);
    read_bytes(&reader, magic, sizeof magic);
    leaf_read(&reader, &receipt.leaf);
    receipt.index = (uint32_t)read_number(&reader, 4);
    receipt.path.length = (uint8_t)read_number(&reader, 1);
    if (receipt.path.length > MERKLE_PATH_MAX)
        return STATUS_E_MALFORMED;
    for (size_t i = 0; i < receipt.path.length; i++)
        read_bytes(&reader, receipt.path.nodes[i].bytes, HASH_BYTES);
    header_read(&reader, &receipt.header);
    receipt.algorithm = (uint8_t)read_number(&reader, 1);
    read_bytes(&reader, receipt.key.bytes, sizeof receipt.key.bytes);
    read_bytes(&reader, receipt.signature.bytes, sizeof receipt.signature.bytes);
    if (reader.bad || reader.used != size || memcmp(magic, RECEIPT_MAGIC, sizeof magic) != 0)
        return STATUS_E_MALFORMED;
    *out_receipt = receipt;
    return STATUS_OK;
}

static bool key_matches(const struct sign_public *key, uint8_t algorithm, const struct key_id *id)
{
    struct key_id expected = sign_key_id(key);
    return key->algorithm == algorithm && memcmp(expected.bytes, id->bytes, KEY_ID_BYTES) == 0;
}

enum status receipt_verify(const struct receipt *receipt, const struct sign_public *key)
{
    if (!key_matches(key, receipt->algorithm, &receipt->key))
        return STATUS_MISMATCH;
    struct hash leaf = leaf_hash(&receipt->leaf);
    struct hash root;
    enum status status =
        merkle_climb(&leaf, receipt->index, receipt->header.leaf_count, &receipt->path, &root);
    if (status != STATUS_OK || memcmp(root.bytes, receipt->header.root.bytes, HASH_BYTES) != 0)
        return STATUS_MISMATCH;
    return batch_header_verify(&receipt->header, key, receipt->signature.bytes,
                               sizeof receipt->signature.bytes);
}

bool receipt_covers(const struct receipt *receipt, uint8_t kind, uint64_t unit,
                    const struct record_id *id, const struct hash *payload_sha256)
{
    return receipt->leaf.kind == kind && receipt->leaf.unit == unit &&
           memcmp(receipt->leaf.id.bytes, id->bytes, sizeof id->bytes) == 0 &&
           memcmp(receipt->leaf.payload_sha256.bytes, payload_sha256->bytes, HASH_BYTES) == 0;
}

/* Everything before the signature. */
static void refusal_write(struct writer *writer, const struct refusal *refusal)
{
    write_bytes(writer, REFUSAL_MAGIC, sizeof REFUSAL_MAGIC);
    write_number(writer, LAYOUT_VERSION, 1);
    write_number(writer, refusal->kind, 1);
    write_number(writer, refusal->unit, 8);
    write_bytes(writer, refusal->id.bytes, sizeof refusal->id.bytes);
    write_bytes(writer, refusal->payload_sha256.bytes, HASH_BYTES);
    write_number(writer, (uint64_t)refusal->time_us, 8);
    write_number(writer, refusal->code, 2);
    write_bytes(writer, refusal->error_sha256.bytes, HASH_BYTES);
    write_number(writer, refusal->algorithm, 1);
    write_bytes(writer, refusal->key.bytes, sizeof refusal->key.bytes);
}

void refusal_seal(struct refusal *refusal, const struct sign_secret *secret,
                  uint8_t out_bytes[REFUSAL_BYTES])
{
    struct sign_public key;
    sign_public_of(secret, &key);
    refusal->algorithm = key.algorithm;
    refusal->key = sign_key_id(&key);
    struct writer writer = {.bytes = out_bytes, .size = REFUSAL_BYTES};
    refusal_write(&writer, refusal);
    refusal->signature = sign_bytes(secret, REFUSAL_DOMAIN, out_bytes, writer.used);
    write_bytes(&writer, refusal->signature.bytes, sizeof refusal->signature.bytes);
    assert(!writer.bad && writer.used == REFUSAL_BYTES);
}

enum status refusal_decode(const uint8_t *bytes, size_t size, struct refusal *out_refusal)
{
    struct reader reader = {.bytes = bytes, .size = size};
    struct refusal refusal;
    char magic[sizeof REFUSAL_MAGIC];
    memset(&refusal, 0, sizeof refusal);
    read_bytes(&reader, magic, sizeof magic);
    uint64_t version = read_number(&reader, 1);
    refusal.kind = (uint8_t)read_number(&reader, 1);
    refusal.unit = read_number(&reader, 8);
    read_bytes(&reader, refusal.id.bytes, sizeof refusal.id.bytes);
    read_bytes(&reader, refusal.payload_sha256.bytes, HASH_BYTES);
    refusal.time_us = (int64_t)read_number(&reader, 8);
    refusal.code = (uint16_t)read_number(&reader, 2);
    read_bytes(&reader, refusal.error_sha256.bytes, HASH_BYTES);
    refusal.algorithm = (uint8_t)read_number(&reader, 1);
    read_bytes(&reader, refusal.key.bytes, sizeof refusal.key.bytes);
    read_bytes(&reader, refusal.signature.bytes, sizeof refusal.signature.bytes);
    if (reader.bad || reader.used != size || version != LAYOUT_VERSION ||
        memcmp(magic, REFUSAL_MAGIC, sizeof magic) != 0)
        return STATUS_E_MALFORMED;
    *out_refusal = refusal;
    return STATUS_OK;
}

enum status refusal_verify(const struct refusal *refusal, const struct sign_public *key)
{
    if (!key_matches(key, refusal->algorithm, &refusal->key))
        return STATUS_MISMATCH;
    uint8_t bytes[REFUSAL_BYTES];
    struct writer writer = {.bytes = bytes, .size = sizeof bytes};
    refusal_write(&writer, refusal);
    return sign_verify(key, REFUSAL_DOMAIN, bytes, writer.used, refusal->signature.bytes,
                       sizeof refusal->signature.bytes);
}

const char *record_domain(uint8_t kind)
{
    static const char *const domains[] = {
        NULL,
        "zhibao/report/v1",
        "zhibao/review/v1",
        "zhibao/confirmation/v1",
        "zhibao/lock/v1",
        "zhibao/keychange/v1",
        "zhibao/plan/v1",
        NULL, /* 7 was never used */
        "zhibao/notice/v1",
        [11] = "zhibao/task/v1",
        [12] = "zhibao/document/v1",
        [13] = "zhibao/placechange/v1",
        [9] = "zhibao/calendar/v1",
        [10] = "zhibao/extension/v1",
        [14] = "zhibao/contact/v1",
        [16] = "zhibao/taskescalation/v1",
        [20] = "zhibao/comment/v1",
        [15] = "zhibao/carriergrant/v1",
        [30] = "zhibao/casereport/v1",
        [31] = "zhibao/casedirectory/v1",
        [32] = "zhibao/caseevent/v1",
        [33] = "zhibao/caseread/v1",
        [46] = "zhibao/casepiece/v1",
        [47] = "zhibao/casekeyend/v1",
    };
    return kind < sizeof domains / sizeof *domains ? domains[kind] : NULL;
}
