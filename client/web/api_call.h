/* What the read-only API asks for, whoever asks: with a token (api_v1.c) or in a session
 * (api_export.c). In the exchange's arena; the exchange's HTTP thread. */
#ifndef ZHIBAO_WEB_API_CALL_H
#define ZHIBAO_WEB_API_CALL_H

#include "export/course.h"
#include "web/exchange.h"
#include "web/progress.h"
#include "web/stream.h"
#include "web/tokens.h"

/* A request on its way; in the exchange's arena. */
struct call {
    uint8_t hash[TOKEN_HASH_BYTES];
    struct token token;
    struct account account;
    struct course_wish wish;
    enum export_format format;
    struct stream *stream;
    char watch[PROGRESS_NAME_BYTES]; /* how far it is can be asked under this name; "": cannot */
};

/* An argument of the query, "" when it is not given. */
const char *call_argument(const struct exchange *exchange, const char *name);

/* Answers that an argument is wrong; false. */
bool call_refuse(struct exchange *exchange, const char *name, const char *zh, const char *en);

/* A whole number within limits, `preset` when it is not given; false after answering. */
bool call_number(struct exchange *exchange, const char *name, uint64_t least, uint64_t most,
                 uint64_t preset, uint64_t *out_number);
bool call_text(struct exchange *exchange, const char *name, char out[COURSE_TEXT_BYTES]);

/* What is asked for, as far as the token lets it. False after answering. */
bool call_wish(struct exchange *exchange, struct call *call);

/* The data as a file in the wanted format, and their structure; both answer. */
void call_data(struct exchange *exchange, struct call *call);
void call_structure(struct exchange *exchange, struct call *call);

#endif
