#include "server/audit/keys.h"

#include <string.h>

struct audited_key *audit_key(struct audit *audit, const struct key_id *id)
{
    return lookup_find(&audit->keys, id);
}

static bool take(const ProtobufCBinaryData *from, void *to, size_t size)
{
    if (from->len != size)
        return false;
    memcpy(to, from->data, size);
    return true;
}

static struct hash text_hash(const char *text)
{
    return hash_bytes(text, strlen(text));
}

static enum status enrolled(struct audit *audit, const struct audit_place *place,
                            const Zhibao__KeyChange *change)
{
    struct audited_key key = {.unit = change->subject,
                              .sign_public.algorithm = (uint8_t)change->algorithm,
                              .holder = text_hash(change->holder),
                              .office = text_hash(change->office)};
    enum status status = lookup_reserve(&audit->keys, 1);
    if (status != STATUS_OK)
        return status;
    if (!take(&change->sign_public, key.sign_public.bytes, sizeof key.sign_public.bytes) ||
        !take(&change->transport_public, key.transport_public, sizeof key.transport_public) ||
        !take(&change->encrypt_public, key.encrypt_public, sizeof key.encrypt_public)) {
        audit_find(audit, place, "登记记录中的公钥长度不对",
                   "an enrolment's keys have a wrong size");
        return STATUS_OK;
    }
    key.id = sign_key_id(&key.sign_public);
    if (audit_key(audit, &key.id) != NULL) {
        audit_find(audit, place, "同一密钥登记了两次", "a key is enrolled twice");
        return STATUS_OK;
    }
    struct audited_key *row = lookup_put(&audit->keys, &key.id);
    *row = key;
    return STATUS_OK;
}

enum status audit_key_change(struct audit *audit, const struct audit_place *place,
                             const Zhibao__KeyChange *change)
{
    struct key_id id;
    if (change->action == ZHIBAO__KEY_ACTION__KEY_ENROL)
        return enrolled(audit, place, change);
    struct audited_key *key =
        take(&change->key, id.bytes, sizeof id.bytes) ? audit_key(audit, &id) : NULL;
    if (key == NULL || key->unit != change->subject)
        audit_find(audit, place, "所改的密钥没有登记过",
                   "it changes a key that was never enrolled");
    else if (change->action == ZHIBAO__KEY_ACTION__KEY_APPROVE)
        key->approved = true;
    else
        key->revoked = true;
    return STATUS_OK;
}

/* Enrolment makes a key active or pending as the server is configured; what comes later is said by
 * records. */
static bool status_fits(const struct audited_key *key, const char *status)
{
    if (key->revoked)
        return strcmp(status, "revoked") == 0;
    if (key->approved)
        return strcmp(status, "active") == 0;
    return strcmp(status, "active") == 0 || strcmp(status, "pending") == 0;
}

static bool same(const PGresult *rows, int row, int column, const void *bytes, size_t size)
{
    size_t found = 0;
    const uint8_t *stored = db_bytes(rows, row, column, &found);
    return found == size && memcmp(stored, bytes, size) == 0;
}

static void compare_row(struct audit *audit, const PGresult *rows, int row)
{
    struct audit_place place = {.table = "unit_key", .unit = (uint64_t)db_int(rows, row, 1)};
    struct key_id id;
    size_t size = 0;
    const uint8_t *stored = db_bytes(rows, row, 0, &size);
    memset(&id, 0, sizeof id);
    if (size == sizeof id.bytes)
        memcpy(id.bytes, stored, sizeof id.bytes);
    place.id = id.bytes;
    struct audited_key *key = audit_key(audit, &id);
    if (key == NULL) {
        audit_find(audit, &place, "没有登记记录的密钥", "a key that no record enrolled");
        return;
    }
    struct hash holder = text_hash(db_text(rows, row, 7));
    struct hash office = text_hash(db_text(rows, row, 8));
    key->compared = true;
    if (key->unit != place.unit || key->sign_public.algorithm != db_int(rows, row, 2) ||
        !same(rows, row, 3, key->sign_public.bytes, sizeof key->sign_public.bytes) ||
        !same(rows, row, 4, key->transport_public, sizeof key->transport_public) ||
        !same(rows, row, 5, key->encrypt_public, sizeof key->encrypt_public) ||
        memcmp(&holder, &key->holder, sizeof holder) != 0 ||
        memcmp(&office, &key->office, sizeof office) != 0)
        audit_find(audit, &place, "与登记记录不符", "is not what its enrolment says");
    if (!status_fits(key, db_text(rows, row, 6)))
        audit_find(audit, &place, "状态与批准、吊销记录不符",
                   "its status is not what approvals and revocations say");
}

enum status audit_keys_compare(struct audit *audit)
{
    PGresult *rows = NULL;
    enum status status =
        db_run(audit->db,
               "select key_id, unit, algorithm, sign_public, transport_public, encrypt_public,"
               " status, holder, office from zhibao.unit_key order by unit, key_id",
               NULL, &rows);
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < PQntuples(rows); row++)
        compare_row(audit, rows, row);
    PQclear(rows);
    for (size_t i = 0; i < audit->keys.count; i++) {
        const struct audited_key *key = lookup_row(&audit->keys, i);
        struct audit_place place = {.table = "unit_key", .unit = key->unit, .id = key->id.bytes};
        if (!key->compared)
            audit_find(audit, &place, "登记过的密钥不见了", "an enrolled key is missing");
    }
    return STATUS_OK;
}
