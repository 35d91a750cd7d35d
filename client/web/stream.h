/* A long answer on its way to a reader of the HTTP API: the aggregator is asked for the next page
 * only when the reader has taken the one before, so that memory holds one page whatever is
 * exported.
 *
 * Made in an HTTP thread for one exchange; from stream_answer on it belongs to the response. */
#ifndef ZHIBAO_WEB_STREAM_H
#define ZHIBAO_WEB_STREAM_H

#include "export/course.h"
#include "web/exchange.h"
#include "web/rate.h"

struct stream;

/* NULL without memory. `key` is the token's, for the limit of long answers, which the stream gives
 * back when it ends; `watch` the name under which its progress is noted, "" for none. */
struct stream *stream_create(struct gateway *gateway, struct MHD_Connection *connection,
                             uint64_t unit, const struct pool_peer *peer,
                             const uint8_t key[RATE_KEY_BYTES], const struct course_wish *wish,
                             enum export_format format, const char *watch);
void stream_destroy(struct stream **stream);

/* The next question before anything was answered; false when there is none left. `*out_body` lives
 * until the next call, NULL: without memory. */
bool stream_ask(struct stream *stream, Zhibao__Kind *out_kind, uint8_t **out_body,
                size_t *out_size);

/* Takes an answer of that kind. STATUS_E_INTERNAL for one of another kind. */
MUST_CHECK enum status stream_take(struct stream *stream, Zhibao__Kind kind, const uint8_t *bytes,
                                   size_t size);

/* Whether rows have begun, so that nothing is left that could be refused. */
bool stream_has_rows(const struct stream *stream);

/* Bytes that are there to be read. */
size_t stream_size(const struct stream *stream);

/* A response that reads the stream, which it takes over; NULL without memory. */
struct MHD_Response *stream_response(struct stream **stream);

#endif
