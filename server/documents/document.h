/* DOCUMENT records and the reviews of documents, as record_type.c wants them. */
#ifndef ZHIBAO_SERVER_DOCUMENTS_DOCUMENT_H
#define ZHIBAO_SERVER_DOCUMENTS_DOCUMENT_H

#include "server/ingest/apply.h"

void validate_document(struct task *task, struct registry *registry);
enum status apply_document(struct apply *apply, struct task *task);

/* A Review whose subject is a document: by its receiver, never by its author. */
enum status apply_document_review(struct apply *apply, struct task *task);

#endif
