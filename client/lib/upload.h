/* Sending the contents of waiting documents: before a DOCUMENT record goes, its chunks do. Which of
 * them the server has is asked first, so that an interrupted upload goes on where it was. The
 * handle's thread, inside a drain. */
#ifndef ZHIBAO_LIB_UPLOAD_H
#define ZHIBAO_LIB_UPLOAD_H

#include "lib/handle.h"

struct upload_subject {
    int64_t sequence; /* of the record in the outbox */
    uint64_t unit, size;
    struct hash sha256;
};

/* The documents that wait, in order, malloc'ed; each is held back from the drain until
 * outbox_unhold. STATUS_DATABASE, STATUS_NO_MEMORY. */
MUST_CHECK enum status uploads_hold(struct zhibao *zhibao, struct upload_subject **out_subjects,
                                    size_t *out_count);

/* Sends what the server lacks. STATUS_OK when all of it is there; the server's code;
 * STATUS_NOT_FOUND when the copy is gone and the server does not have it all; or why nobody was
 * reached. The cause is set. */
MUST_CHECK enum status upload_send(struct zhibao *zhibao, const struct upload_subject *subject);

/* Whether the record may go: its content is there, or the server has said for good that it will not
 * take it, and says so again with its signature. */
bool upload_settled(enum status status);

/* Removes the copies that nothing waits for any more. */
void uploads_tidy(struct zhibao *zhibao);

#endif
