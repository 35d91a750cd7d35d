#include "server/loop/problem_message.h"

#include <stdlib.h>

enum { MORE_MAX = 50 };

struct error_message {
    Zhibao__Error error;
    Zhibao__Problem first;
    Zhibao__Problem more[MORE_MAX];
    Zhibao__Problem *more_pointers[MORE_MAX];
};

/* protobuf-c's fields are not const though packing only reads them */
static char *text(const char *constant)
{
    return (char *)(uintptr_t)constant;
}

static void problem_fill(Zhibao__Problem *out, enum status code, const struct problem *from)
{
    zhibao__problem__init(out);
    out->code = (uint32_t)code;
    out->name = text(status_name(code));
    out->zh = text(from != NULL ? from->zh : status_zh(code));
    out->en = text(from != NULL ? from->en : status_en(code));
    if (from != NULL) {
        out->field = text(from->field);
        out->cell = from->cell;
    }
}

struct error_message *error_message_create(enum status status, const struct problems *problems)
{
    struct error_message *message = calloc(1, sizeof *message);
    if (message == NULL)
        return NULL;
    size_t count = problems == NULL ? 0 : problems->count;
    const struct problem *first = NULL;
    if (count > 0 && problems->items[0].code == status)
        first = &problems->items[0];
    zhibao__error__init(&message->error);
    problem_fill(&message->first, status, first);
    message->error.problem = &message->first;
    message->error.retry = status_retry(status);
    message->error.more = message->more_pointers;
    for (size_t i = first == NULL ? 0 : 1; i < count && message->error.n_more < MORE_MAX; i++) {
        size_t slot = message->error.n_more++;
        problem_fill(&message->more[slot], problems->items[i].code, &problems->items[i]);
        message->more_pointers[slot] = &message->more[slot];
    }
    return message;
}

Zhibao__Error *error_message_get(struct error_message *message)
{
    return &message->error;
}

void error_message_destroy(struct error_message **message)
{
    free(*message);
    *message = NULL;
}
