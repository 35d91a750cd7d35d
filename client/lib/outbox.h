/* The durable outbox: one SQLite database (WAL, synchronous=FULL) with every record this home ever
 * signed, in one of three boxes:
 *
 *   waiting ──receipt──▶ receipted ◀──receipt── refused ◀──refusal── waiting
 *
 * A receipt outranks a refusal, whichever comes first; nothing leaves `receipted`, and nothing is
 * ever deleted. Callers verify receipts and refusals before they hand them in (settle.c). When a
 * put or a settlement outside a batch returns STATUS_OK it survives a power cut. Owned by one
 * thread; the home's lock keeps other processes away. */
#ifndef ZHIBAO_LIB_OUTBOX_H
#define ZHIBAO_LIB_OUTBOX_H

#include "lib/zhibao.h"

enum {
    OUTBOX_WAITING_MAX = 1000000,
    OUTBOX_STREAM_MAX = 200,
    OUTBOX_NOTE_MAX = 256 * 1024,
};

struct outbox;

/* Opens or creates. STATUS_DATABASE when the file is no outbox, damaged, locked or of a newer
 * version. */
MUST_CHECK enum status outbox_open(const char *path, struct outbox **out_outbox);
void outbox_close(struct outbox **outbox);

/* SQLite's own words for the last failure; never NULL. */
const char *outbox_trouble(const struct outbox *outbox);

/* Between begin and commit everything becomes durable together, at the commit. */
MUST_CHECK enum status outbox_begin(struct outbox *outbox);
MUST_CHECK enum status outbox_commit(struct outbox *outbox);
void outbox_rollback(struct outbox *outbox); /* nothing when none is open */

/* Stores a record as waiting (item's kind, unit, id, hash, labels, record, created_us). The same
 * kind, unit and id again with the same bytes is STATUS_OK and changes nothing, with others
 * STATUS_CONFLICT. STATUS_LIMIT when too many wait. */
MUST_CHECK enum status outbox_put(struct outbox *outbox, const struct zhibao_item *item,
                                  const char *stream);

/* Settlements, by sequence. STATUS_NOT_FOUND when there is no such record. A refusal for a record
 * that has its receipt is kept beside it and changes nothing else. */
MUST_CHECK enum status outbox_receipted(struct outbox *outbox, int64_t sequence,
                                        const uint8_t *receipt, size_t size);
MUST_CHECK enum status outbox_refused(struct outbox *outbox, int64_t sequence,
                                      const uint8_t *refusal, size_t refusal_size,
                                      const uint8_t *error, size_t error_size);

/* Puts a refused record aside: it stays, with its refusal. STATUS_NOT_FOUND when it is not refused.
 */
MUST_CHECK enum status outbox_discard(struct outbox *outbox, int64_t sequence);

/* Notes that a waiting record was sent, and what trouble it met. */
MUST_CHECK enum status outbox_tried(struct outbox *outbox, int64_t sequence);
MUST_CHECK enum status outbox_troubled(struct outbox *outbox, int64_t sequence,
                                       const uint8_t *error, size_t error_size);

/* Visits the first waiting record after `sequence` that is not held at `now_ms` and has no earlier
 * waiting record in its stream; STATUS_NOT_FOUND at the end. */
MUST_CHECK enum status outbox_next(struct outbox *outbox, int64_t sequence, int64_t now_ms,
                                   zhibao_visit *visit, void *context);

/* Keeps a waiting record back until a CLOCK_MONOTONIC time (INT64_MAX: until released). Held
 * records are forgotten with the handle. */
MUST_CHECK enum status outbox_hold(struct outbox *outbox, int64_t sequence, int64_t until_ms);
MUST_CHECK enum status outbox_release(struct outbox *outbox);
MUST_CHECK enum status outbox_unhold(struct outbox *outbox, int64_t sequence);

/* The earliest time at which a held record may go; INT64_MAX when there is none. */
MUST_CHECK enum status outbox_held_until(struct outbox *outbox, int64_t *out_until_ms);

/* Puts another version of the same payload in a record's place, signed with another key, and keeps
 * the one before. Inside a batch. STATUS_NOT_FOUND. */
MUST_CHECK enum status outbox_replace(struct outbox *outbox, int64_t sequence,
                                      const uint8_t *record, size_t size);

/* Visits the versions that were replaced, the last one first. */
typedef enum status outbox_version(const uint8_t *record, size_t size, void *context);
MUST_CHECK enum status outbox_former(struct outbox *outbox, int64_t sequence, outbox_version *visit,
                                     void *context);

/* The first waiting record after `sequence`; STATUS_NOT_FOUND at the end. */
MUST_CHECK enum status outbox_waiting_after(struct outbox *outbox, int64_t sequence,
                                            zhibao_visit *visit, void *context);

/* Listings, in order of putting. */
MUST_CHECK enum status outbox_item(struct outbox *outbox, int64_t sequence, zhibao_visit *visit,
                                   void *context);
MUST_CHECK enum status outbox_list(struct outbox *outbox, enum zhibao_state state,
                                   zhibao_visit *visit, void *context);
MUST_CHECK enum status outbox_waiting(struct outbox *outbox, uint8_t kind, zhibao_visit *visit,
                                      void *context); /* only this kind */
MUST_CHECK enum status outbox_find(struct outbox *outbox, const char *id_prefix,
                                   zhibao_visit *visit, void *context);
/* The record of this author, kind and id; STATUS_NOT_FOUND. */
MUST_CHECK enum status outbox_by_id(struct outbox *outbox, uint8_t kind, uint64_t unit,
                                    const struct record_id *id, zhibao_visit *visit, void *context);

/* The author's own newest report of a form and period that was not refused; STATUS_NOT_FOUND. */
MUST_CHECK enum status outbox_newest_report(struct outbox *outbox, uint64_t unit, const char *form,
                                            uint32_t period, zhibao_visit *visit, void *context);
MUST_CHECK enum status outbox_count(struct outbox *outbox, enum zhibao_state state,
                                    size_t *out_count);

/* Small named values. STATUS_NOT_FOUND; *out_bytes is malloc'ed and ends in an uncounted NUL. */
MUST_CHECK enum status outbox_note_get(struct outbox *outbox, const char *name, uint8_t **out_bytes,
                                       size_t *out_size, int64_t *out_set_us);
MUST_CHECK enum status outbox_note_set(struct outbox *outbox, const char *name,
                                       const uint8_t *bytes, size_t size);

#endif
