#include "server/audit/keys.h"

#include <string.h>

enum { HOUR_S = 3600 };

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

static enum status brought(struct audit *audit, const struct audit_place *place,
                           const Zhibao__KeyChange *change)
{
    struct audited_key key = {.unit = change->subject,
                              .sign_public.algorithm = (uint8_t)change->algorithm};
    enum status status = lookup_reserve(&audit->keys, 1);
    if (status != STATUS_OK)
        return status;
    if (!take(&change->sign_public, key.sign_public.bytes, sizeof key.sign_public.bytes)) {
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

/* The new key is the unit's; the old one holds for as long as it said. */
static enum status rotated(struct audit *audit, const struct audit_place *place,
                           const Zhibao__KeyChange *change, struct audited_key *old,
                           int64_t received_us)
{
    if (old->ends_us != 0)
        audit_find(audit, place, "同一密钥换下了两次", "a key is replaced twice");
    old->ends_us = received_us + (int64_t)change->overlap_hours * HOUR_S * 1000000;
    return brought(audit, place, change); /* may move `old` */
}

enum status audit_key_change(struct audit *audit, const struct audit_place *place,
                             const Zhibao__KeyChange *change, int64_t received_us)
{
    struct key_id id;
    if (change->action == ZHIBAO__KEY_ACTION__KEY_ENROL)
        return brought(audit, place, change);
    struct audited_key *key =
        take(&change->key, id.bytes, sizeof id.bytes) ? audit_key(audit, &id) : NULL;
    if (key == NULL || key->unit != change->subject)
        audit_find(audit, place, "所改的密钥没有登记过",
                   "it changes a key that was never enrolled");
    else if (change->action == ZHIBAO__KEY_ACTION__KEY_ROTATE)
        return rotated(audit, place, change, key, received_us);
    else if (change->action != ZHIBAO__KEY_ACTION__KEY_APPROVE)
        key->revoked = true;
    return STATUS_OK;
}
