/* libzhibao: what a program needs to take part in Zhibao as one unit.
 *
 * A home is a directory (mode 0700) that holds one unit's keys, the server keys it trusts ("pins")
 * and its outbox, a SQLite database. `struct zhibao` is an open home: it holds the home's lock, so
 * one handle exists at a time in all processes, and belongs to one thread from open to close (a
 * handle never survives fork). Everything that changes the state of the world is a signed record
 * that goes through the outbox: zhibao_put makes it durable (fsync) before anything is sent,
 * zhibao_drain sends what waits until each record has its answer. A record leaves the waiting box
 * only with a receipt that verifies against the pins and covers exactly it, or for the refused box
 * with a signed refusal; nothing is ever deleted.
 *
 * Functions return STATUS_OK or what went wrong; zhibao_cause then says it for a person, in Chinese
 * and English. Codes from 100 up are the server's (PROTOCOL.md section 9). Out-parameters are
 * untouched on failure. Unless "take" is in a name, pointers given are borrowed for the call. */
#ifndef ZHIBAO_LIB_ZHIBAO_H
#define ZHIBAO_LIB_ZHIBAO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/unit_id.h"
#include "lib/pins.h"
#include "proof/receipt.h"
#include "query.pb-c.h"
#include "wire/codec.h"

enum {
    ZHIBAO_TEXT_BYTES = 256, /* names, endpoints: with their NUL */
    ZHIBAO_CAUSE_BYTES = 512,
    ZHIBAO_TIMEOUT_DEFAULT_MS = 30000,
    ZHIBAO_IN_FLIGHT_MAX = 64,
    ZHIBAO_ARENA_MAX = 64 * 1024 * 1024, /* a good ceiling for an answer's arena */
};

struct zhibao;

struct zhibao_options {
    const char *home;     /* directory */
    const char *server;   /* endpoint to use instead of the enrolled one; NULL: that one */
    uint32_t timeout_ms;  /* for the lock, each request and each drain; 0: the default */
    bool patient;         /* false: give up early when nobody listens at the endpoint */
    bool must_exist;      /* false: the directory is made when missing, as for an enrolment */
    bool without_network; /* never connect: requests and drains give STATUS_UNREACHABLE at once */
};

struct zhibao_identity {
    uint64_t unit;
    char name_zh[ZHIBAO_TEXT_BYTES];
    char role[32];
    char endpoint[ZHIBAO_TEXT_BYTES];
    char enrol_endpoint[ZHIBAO_TEXT_BYTES]; /* of the code; "": of a home made before it was kept */
    struct key_id key;                      /* of the signing key */
    struct sign_public sign_public;
    bool pending; /* the server said at enrolment that an administrator has to approve first */
};

/* Why the last call failed. `error` is the server's own answer, if it gave one; it and its texts
 * live until the next call on the handle. */
struct zhibao_cause {
    enum status status;
    char zh[ZHIBAO_CAUSE_BYTES], en[ZHIBAO_CAUSE_BYTES];
    const Zhibao__Error *error;
};

/* Opens the home and takes its lock. STATUS_NOT_FOUND when it must exist and does not.
 * STATUS_TIMEOUT when another process holds it for too long, STATUS_IO, STATUS_INVALID for damaged
 * files. On failure `out_cause` (may be NULL) explains. */
MUST_CHECK enum status zhibao_open(const struct zhibao_options *options, struct zhibao **out_zhibao,
                                   struct zhibao_cause *out_cause);
void zhibao_close(struct zhibao **zhibao);

/* NULL before enrolment. Lives as long as the handle. */
const struct zhibao_identity *zhibao_identity(const struct zhibao *zhibao);
const struct pins *zhibao_pins(const struct zhibao *zhibao);
const struct zhibao_cause *zhibao_cause(const struct zhibao *zhibao);

/* Reads a home's identity or pins without the lock; STATUS_NOT_FOUND before enrolment. */
MUST_CHECK enum status zhibao_identity_read(const char *home, struct zhibao_identity *out_identity);
MUST_CHECK enum status zhibao_pins_read(const char *home, struct pins **out_pins);

/* Enrols with a one-time code: makes and stores keys, sends the enrolment, stores identity and
 * pins. The same code again sends the very same record, so a crash or a lost answer costs nothing.
 * STATUS_CONFLICT when the home belongs to another unit, or its key is good. */
MUST_CHECK enum status zhibao_enrol(struct zhibao *zhibao, const char *code_text);

/* The same with all there is to say. In a home that is enrolled with another code and whose key is
 * revoked, or with `again`, new keys take the place of the old: those are kept in keys/retired-ID,
 * pins stay, and what waits in the outbox is signed anew under its own ids. STATUS_CONFLICT when
 * the key is good and `again` is not set. */
struct zhibao_enrolment {
    const char *code;
    const char *holder; /* whose home it is; "" (at a renewal with office "": as before) */
    const char *office; /* "filler", "reviewer", "principal" or "": what its key signs as */
    bool again;
};
struct zhibao_enrolled {
    bool renewed;
    size_t resigned; /* records that were signed anew */
};
MUST_CHECK enum status zhibao_enrol_as(struct zhibao *zhibao, const struct zhibao_enrolment *wish,
                                       struct zhibao_enrolled *out_enrolled);

/* New keys in place of the home's, signed for with the old one, which the server takes for
 * `overlap_hours` more (at most KEY_OVERLAP_HOURS_MAX). Stores both and puts the record that says
 * so into the outbox; the drain that brings its receipt puts the new keys in force, and what still
 * waits is signed anew. One that is under way is carried on with, whatever its overlap. */
MUST_CHECK enum status zhibao_key_rotate(struct zhibao *zhibao, uint32_t overlap_hours);

/* Puts every key file of the home under a passphrase (proof/passphrase.h), or takes it away; each
 * file at once or not at all, so that a kill leaves a home that opens. *out_count: files changed,
 * on failure too. */
MUST_CHECK enum status zhibao_keys_lock(struct zhibao *zhibao, bool lock, size_t *out_count);

/* Asks and waits for the answer that belongs to `kind`, decoded into `arena`. Asked again over a
 * new connection when the line breaks. Returns the server's code when it answers ERROR. */
MUST_CHECK enum status zhibao_request(struct zhibao *zhibao, Zhibao__Kind kind,
                                      const ProtobufCMessage *body, struct arena *arena,
                                      ProtobufCMessage **out_answer);

/* The form a unit fills in, as the server describes it; kept in the home for work without a
 * network. Asks the server when there is no copy or it is older than `max_age_s` (0: always), and
 * falls back to the copy when the server cannot be reached. `plan` may be "" (the unit's own).
 * STATUS_NOT_FOUND: neither a copy nor such a form. *out_fetched_us: when the copy was made. */
MUST_CHECK enum status zhibao_form(struct zhibao *zhibao, const char *plan, const char *form,
                                   uint32_t max_age_s, struct arena *arena,
                                   Zhibao__FormSheet **out_sheet, int64_t *out_fetched_us);

/* The same from the copy in the home alone, however old: nobody is asked. STATUS_NOT_FOUND. */
MUST_CHECK enum status zhibao_form_kept(struct zhibao *zhibao, const char *form,
                                        struct arena *arena, Zhibao__FormSheet **out_sheet);

/* Codes of the forms this unit fills in, at most `room`, in `arena`; likewise kept. */
MUST_CHECK enum status zhibao_form_names(struct zhibao *zhibao, uint32_t max_age_s,
                                         struct arena *arena, const char **out_names, size_t room,
                                         size_t *out_count);

/* Small values that the home remembers, such as an inbox cursor. "" when never set. */
MUST_CHECK enum status zhibao_note_get(struct zhibao *zhibao, const char *name, struct arena *arena,
                                       const char **out_text);
MUST_CHECK enum status zhibao_note_set(struct zhibao *zhibao, const char *name, const char *text);

/* --- the outbox --- */

enum zhibao_state { ZHIBAO_WAITING = 1, ZHIBAO_REFUSED = 2, ZHIBAO_RECEIPTED = 3 };

/* A record to be signed and sent. `payload` is a message whose head is `head`; put fills the head
 * with a fresh id, the unit and the time. Records of one `stream` are sent one after the other, in
 * order ("": no order). The rest is for lists. */
struct zhibao_draft {
    uint8_t kind;  /* enum RecordKind */
    uint64_t unit; /* the author, when this home enters it for another; 0: this home's unit */
    ProtobufCMessage *payload;
    Zhibao__Head *head;
    const char *stream;
    const char *form; /* "" when there is none */
    uint32_t period;
    uint32_t revision;
    const struct record_id *id;       /* NULL: a fresh one */
    const struct sign_secret *signer; /* NULL: the home's key */
};

struct zhibao_item {
    int64_t sequence; /* order of putting */
    uint8_t kind;
    uint64_t unit;
    struct record_id id;
    struct hash payload_sha256;
    enum zhibao_state state;
    const char *form;
    uint32_t period, revision;
    int64_t created_us, tried_us, settled_us; /* 0: not yet */
    uint32_t attempts;
    const uint8_t *record; /* the signed Record, serialised */
    size_t record_size;
    const uint8_t *receipt; /* NULL, size 0 when there is none; likewise below */
    size_t receipt_size;
    const uint8_t *refusal;
    size_t refusal_size;
    const uint8_t *error; /* a serialised Error: the refusal's, or the last trouble while waiting */
    size_t error_size;
    const char *stream;   /* records of one stream go one after the other; "": no order */
    int64_t discarded_us; /* when a refused record was put aside; 0: not */
    bool superseded;      /* a refused report, and a later one of its form and period was stored */
};

/* Called once for each item; its memory is valid during the call, in which the handle must not be
 * used. Anything but STATUS_OK ends the listing and is returned from it. */
typedef enum status zhibao_visit(const struct zhibao_item *item, void *context);

/* The home's own signature over something that is no record, under a domain of its own; the id of
 * the key it made it with. Only of an enrolled home. */
void zhibao_sign(const struct zhibao *zhibao, const char *domain, const void *bytes, size_t size,
                 struct key_id *out_key, struct signature *out_signature);

/* Signs and stores: when it returns STATUS_OK the record survives a power cut. STATUS_LIMIT when
 * the payload or the outbox is too large, STATUS_NOT_FOUND before enrolment. */
MUST_CHECK enum status zhibao_put(struct zhibao *zhibao, const struct zhibao_draft *draft,
                                  struct record_id *out_id);

/* What a drain did. `left` still wait; `unverified` of them were answered with a receipt or refusal
 * that does not verify. */
struct zhibao_drained {
    size_t sent, receipted, refused, unverified, left;
};

/* Sends what waits until every record has its answer or the timeout passes. `settled` (may be NULL)
 * is told of each record that left the waiting box, after that is durable. STATUS_OK when nothing
 * is left; otherwise why: STATUS_UNREACHABLE, STATUS_TIMEOUT, STATUS_MISMATCH for an answer that
 * does not verify, or the server's unsigned error. */
MUST_CHECK enum status zhibao_drain(struct zhibao *zhibao, zhibao_visit *settled, void *context,
                                    struct zhibao_drained *out_drained);

MUST_CHECK enum status zhibao_list(struct zhibao *zhibao, enum zhibao_state state,
                                   zhibao_visit *visit, void *context);

/* Items whose id begins with the given hex digits, in any state. */
MUST_CHECK enum status zhibao_find(struct zhibao *zhibao, const char *id_prefix,
                                   zhibao_visit *visit, void *context);

/* Puts a refused record aside, once it was read: it counts no more, and stays with its refusal. It
 * is of this home only and tells nobody. STATUS_NOT_FOUND when the record is not refused. */
MUST_CHECK enum status zhibao_discard(struct zhibao *zhibao, int64_t sequence);

/* Refused ones that were put aside are not counted. */
MUST_CHECK enum status zhibao_count(struct zhibao *zhibao, enum zhibao_state state,
                                    size_t *out_count);

/* The newest report of a unit (0: this home's own) that this home made, of a form and period that
 * was not refused. STATUS_NOT_FOUND: none. */
MUST_CHECK enum status zhibao_newest_report(struct zhibao *zhibao, uint64_t unit, const char *form,
                                            uint32_t period, zhibao_visit *visit, void *context);

/* --- documents --- */

/* Told after each chunk of a long transfer, up or down, how many bytes of how many are there. */
typedef void zhibao_progress(uint64_t done, uint64_t total, void *context);
void zhibao_on_progress(struct zhibao *zhibao, zhibao_progress *progress, void *context);

/* Copies a file's content into the home, for a Document record that is put next and names it. The
 * drain sends the content before the record, and removes the copy when nothing waits for it.
 * STATUS_NOT_FOUND, STATUS_IO, STATUS_E_DOCUMENT_SIZE, STATUS_E_DOCUMENT_TYPE. */
struct zhibao_content {
    struct hash sha256;
    uint64_t size;
    const char *media_type; /* a constant */
};
MUST_CHECK enum status zhibao_content_take(struct zhibao *zhibao, const char *path,
                                           struct zhibao_content *out_content);

/* Fetches a document's content into a file. It is there only when it is whole and has the hash that
 * its author signed; an interrupted download leaves PATH.ID.part and goes on from it.
 * STATUS_MISMATCH for other content. */
struct zhibao_source {
    uint64_t unit; /* the author */
    struct record_id id;
    uint64_t size;
    struct hash sha256;
};
MUST_CHECK enum status zhibao_document_fetch(struct zhibao *zhibao,
                                             const struct zhibao_source *source, const char *path);

/* "report", "review" ...; NULL for an unknown kind, and 0 for an unknown name. */
const char *record_kind_name(uint8_t kind);
uint8_t record_kind_parse(const char *name);

#endif
