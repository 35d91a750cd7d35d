/* Reviews as commands make them: of a record, by its id's first digits. */
#ifndef ZHIBAO_CLI_REVIEW_H
#define ZHIBAO_CLI_REVIEW_H

#include "cli/command.h"

/* A report or total with the payload that is judged; the rest is for lists. */
struct review_subject {
    Zhibao__RecordKind kind;
    Zhibao__RecordRef *record;
    const char *form;
    uint32_t period, revision;
};

/* Signs one review of exactly that payload and puts it into the outbox. */
MUST_CHECK enum status review_put(struct context *context, const struct review_subject *subject,
                                  Zhibao__Verdict verdict, const char *reason);

#endif
