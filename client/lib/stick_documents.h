/* The contents of documents on a memory stick: what waits to be uploaded travels with the records
 * that name it. Used by client/lib/stick*.c only. */
#ifndef ZHIBAO_LIB_STICK_DOCUMENTS_H
#define ZHIBAO_LIB_STICK_DOCUMENTS_H

#include "lib/stick_file.h"

/* What documents of one file name, each content once; malloc'ed. */
struct stick_documents {
    struct stick_document {
        struct hash sha256;
        uint64_t size;
        bool there; /* importing: its content was in the file */
    } * items;
    size_t count, room;
    size_t bytes; /* that their contents take in the file */
};

void stick_documents_clear(struct stick_documents *documents);

/* The content that a DOCUMENT record names. STATUS_INVALID when it names none that may be. */
MUST_CHECK enum status stick_document_read(const Zhibao__Record *record, struct arena *arena,
                                           struct stick_document *out_document);

/* How many bytes more the file takes with it; 0 when it is there already. */
size_t stick_document_room(const struct stick_documents *documents,
                           const struct stick_document *document);
MUST_CHECK enum status stick_document_add(struct stick_documents *documents,
                                          const struct stick_document *document);

/* Behind the records: every content, from the home's copies. STATUS_NOT_FOUND with the cause set
 * when a copy is gone, STATUS_IO. */
MUST_CHECK enum status stick_documents_put(struct zhibao *zhibao,
                                           const struct stick_documents *documents,
                                           struct stick_content *content);

/* Takes what is behind the records into the home's copies: every content that is named, no other,
 * each with its hash. STATUS_E_STICK_DAMAGED, STATUS_IO, with the cause set. */
MUST_CHECK enum status stick_documents_take(struct zhibao *zhibao, struct reader *items,
                                            struct stick_documents *documents);

#endif
