/* An outbox on a memory stick: what waits travels, sealed and signed, to a carrier whose outbox
 * sends it, and what became of it travels back the same way (PROTOCOL.md section 13).
 *
 * Everything is all or nothing and harmless when repeated: nothing leaves the author's waiting box
 * before a receipt that verifies has come back, and importing the same file twice changes nothing.
 * The author's signature on each record stays; the carrier adds none. The handle's thread. */
#ifndef ZHIBAO_LIB_STICK_H
#define ZHIBAO_LIB_STICK_H

#include "lib/zhibao.h"

enum { STICK_FILE_MAX = 80 * 1024 * 1024, CARD_FILE_MAX = 64 * 1024 };

/* Writes this home's card: what others need to seal a stick to it. */
MUST_CHECK enum status zhibao_card_save(struct zhibao *zhibao, const char *path);

struct stick_exported {
    size_t count, files; /* records written, into so many files */
    uint64_t carrier;    /* for whom */
};

/* Writes what waits, documents with their contents, to `path` for a carrier: the one on the card at
 * `card_path`; or, without it, `carrier` (0: the first there is) as the server says, or said when
 * last asked. What one file cannot hold goes on in `path`.2, `path`.3 and so on, each a file of its
 * own. STATUS_NOT_FOUND when nothing waits, no carrier is known or the copy of a document is gone;
 * STATUS_E_STICK_KEY for a card that does not verify; STATUS_LIMIT for a record that no file can
 * hold. */
MUST_CHECK enum status zhibao_stick_export(struct zhibao *zhibao, const char *path,
                                           const char *card_path, uint64_t carrier,
                                           struct stick_exported *out_exported);

struct stick_imported {
    uint64_t from;
    size_t total, fresh; /* in the file; not here before */
};

/* Takes a stick's records into this outbox, to be sent by the next drain. Codes 245-249,
 * STATUS_E_FORBIDDEN when this unit may not carry for the author, STATUS_E_ID_CONFLICT; then
 * nothing was changed. */
MUST_CHECK enum status zhibao_stick_import(struct zhibao *zhibao, const char *path,
                                           struct stick_imported *out_imported);

/* Writes every receipt and refusal of `unit`'s records that this outbox has. STATUS_NOT_FOUND when
 * no stick of that unit was ever imported here. */
MUST_CHECK enum status zhibao_receipts_export(struct zhibao *zhibao, uint64_t unit,
                                              const char *path, size_t *out_count);

/* Settles this outbox's records with what a carrier brought back; each receipt and refusal is
 * verified against the pins. `settled` (may be NULL) is told of each record that was settled now.
 */
MUST_CHECK enum status zhibao_receipts_import(struct zhibao *zhibao, const char *path,
                                              zhibao_visit *settled, void *context,
                                              struct stick_imported *out_imported);

#endif
