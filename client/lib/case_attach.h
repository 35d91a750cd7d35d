/* Attachments of cases: taken from files, sealed piece by piece into the outbox, and fetched and
 * checked again by who reads them (proto/CASES.md section 4.1). The handle's thread. */
#ifndef ZHIBAO_LIB_CASE_ATTACH_H
#define ZHIBAO_LIB_CASE_ATTACH_H

#include "case/case_attachment.h"
#include "lib/case_read.h"

/* Files of one record: `list` is what the report or step names, `bytes` what is in them. */
struct case_attached {
    Zhibao__CaseAttachment *list[CASE_ATTACHMENTS_MAX];
    uint8_t *bytes[CASE_ATTACHMENTS_MAX];
    size_t count;
};

/* Reads and checks files; nothing of them is written anywhere. STATUS_LIMIT for too many or too
 * large, STATUS_INVALID for a type that is not taken, STATUS_MISMATCH for a content of another type
 * than the name says; explained by zhibao_cause. `list` lives in the arena; free in any case. */
MUST_CHECK enum status zhibao_case_attach_load(struct zhibao *zhibao, struct arena *arena,
                                               const char *const *paths, size_t count,
                                               struct case_attached *out_attached);
void zhibao_case_attach_free(struct case_attached *attached);

/* The record that names the pieces, and its content key. `signer` is the reporter's; NULL: the
 * home's, of who handles the case. */
struct case_attach_to {
    uint64_t district;
    struct record_id case_id, record;
    const struct case_secret *key;
    const struct case_code_keys *signer;
};

/* Puts all pieces into the outbox, sealed, behind what waits of the same case. */
MUST_CHECK enum status zhibao_case_attach_put(struct zhibao *zhibao,
                                              const struct case_attached *attached,
                                              const struct case_attach_to *to);

/* One attachment that an entry of the reading names, whole and checked, malloc'ed (caller frees).
 * STATUS_NOT_FOUND when pieces are missing or do not open, STATUS_MISMATCH when it is not what was
 * named or not of the type that it says. */
MUST_CHECK enum status zhibao_case_attachment(struct zhibao *zhibao,
                                              const struct case_reading *reading,
                                              const struct case_entry *entry,
                                              const Zhibao__CaseAttachment *attachment,
                                              uint8_t **out_bytes, size_t *out_size);

/* What an entry names: of the report's content or of a step. */
size_t case_entry_attachments(const struct case_entry *entry,
                              Zhibao__CaseAttachment ***out_attachments);

#endif
