/* Reading and writing stick files around their content. Used by client/lib/stick*.c only. */
#ifndef ZHIBAO_LIB_STICK_FILE_H
#define ZHIBAO_LIB_STICK_FILE_H

#include "base/cursor.h"
#include "lib/card.h"
#include "lib/stick.h"
#include "proof/stick.h"

enum { STICK_ARENA_BYTES = 8 * 1024 * 1024, STICK_RECORDS_MAX = 100000, NOTE_NAME_BYTES = 48 };

/* Content being written: grows up to STICK_CONTENT_MAX, `writer.bad` past it. */
struct stick_content {
    struct writer writer;
    size_t count; /* of items; goes to `count_at` when sealed */
    size_t count_at;
};

/* Content being gathered from the outbox for, or by, one unit. */
struct outgoing {
    struct stick_content content;
    uint64_t unit;
};

/* The content begins with the author's card and the number of items, counted later. */
MUST_CHECK enum status stick_content_begin(struct stick_content *content, const struct card *own);
void stick_content_end(struct stick_content *content);

/* Room for `more` bytes; false past the limit or without memory. */
bool stick_content_room(struct stick_content *content, size_t more);

/* A piece of bytes with its length of `width` bytes before it. */
void stick_put(struct stick_content *content, const void *bytes, size_t size, size_t width);
const uint8_t *stick_take(struct reader *reader, size_t width, size_t *out_size);

/* Seals the content to a card, signs and writes the file (0600, atomically). */
MUST_CHECK enum status stick_write(struct zhibao *zhibao, struct stick_content *content,
                                   uint8_t what, const struct card *to, const char *path);

/* A file that was opened and whose author's card and signature are good. */
struct stick_read {
    struct stick_head head;
    struct card author;
    uint8_t *content; /* malloc'ed: the caller frees */
    struct reader items;
    size_t count;
};

/* Codes 245-249 with the cause set; STATUS_NOT_FOUND, STATUS_IO for the file itself. */
MUST_CHECK enum status stick_read(struct zhibao *zhibao, const char *path, uint8_t what,
                                  struct arena *arena, struct stick_read *out_read);

/* Begins a call: forgets the last cause, makes an arena (the caller destroys it) and finds this
 * home's card. STATUS_NOT_FOUND before enrolment. */
MUST_CHECK enum status stick_begin(struct zhibao *zhibao, struct arena **out_arena,
                                   struct card *out_own);

/* The name of the note that keeps the card of a unit whose stick was imported. Returns name. */
char *stick_card_note(uint64_t unit, char name[NOTE_NAME_BYTES]);

/* Sets the cause: the stick is damaged although its signature is good. */
enum status stick_damaged(struct zhibao *zhibao);

/* The mailbox of a unit's district, whose name its reports of cases carry. */
uint64_t stick_mailbox(uint64_t unit);

/* Whether a record is a unit's: this home's own, or one that came on its stick. */
bool stick_of_unit(const struct zhibao_item *item, uint64_t unit, bool own);

#endif
